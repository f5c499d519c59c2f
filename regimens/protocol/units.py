"""Analytes, the units each is accepted in, exact conversion, and what numbers are plausible.

There is no default unit. A value is kept as it was reported, converted exactly, compared unrounded and shown
with one decimal, rounded half up (D-18, section 5 of the rules). All arithmetic is on Decimal.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from enum import StrEnum

from .sources import REFERENCES, Source


class Analyte(StrEnum):
    """What the clinic enters results for."""

    B12 = "B12"
    ACTIVE_B12 = "ACTIVE_B12"
    HCY = "HCY"
    FOLATE = "FOLATE"
    PLT = "PLT"
    HB = "HB"
    MCV = "MCV"
    K = "K"
    EGFR = "EGFR"


class Comparator(StrEnum):
    """A value reported only as below or above a number."""

    BELOW = "<"
    ABOVE = ">"


@dataclass(frozen=True, slots=True)
class Unit:
    """An accepted unit: `factor` leads to the canonical one, `like` and `scale` to that of stated limits."""

    name: str
    factor: Decimal
    like: str
    scale: Decimal


@dataclass(frozen=True, slots=True)
class Limits:
    """Inclusive limits in the canonical unit."""

    low: Decimal
    high: Decimal

    def hold(self, value: Decimal) -> bool:
        """Tell whether the value lies inside."""
        return self.low <= value <= self.high


@dataclass(frozen=True, slots=True)
class Measure:
    """What is known of an analyte: its name for people, units, hard and soft limits, and their sources."""

    title: str
    canonical: str
    units: tuple[Unit, ...]
    hard: Limits
    soft: Limits
    sources: tuple[Source, ...]


def _unit(name: str, factor: str = "1", like: str = "", scale: str = "1") -> Unit:
    return Unit(name, Decimal(factor), like or name, Decimal(scale))


def _measure(
    title: str, canonical: str, hard: tuple[str, str], soft: tuple[str, str], seen: str, *units: Unit
) -> Measure:
    return Measure(
        title,
        canonical,
        units,
        Limits(*map(Decimal, hard)),
        Limits(*map(Decimal, soft)),
        tuple(REFERENCES[code] for code in seen.split()),
    )


EGFR_UNIT = "mL/min/1.73 m2"

# fmt: off
ANALYTES: dict[Analyte, Measure] = {
    # title, canonical unit, hard limits, soft limits, where they were seen, then the accepted units
    Analyte.B12: _measure("Serum B12", "pmol/L", ("7.38", "36900"), ("73.8", "1476"), "S33 S32 K05",
        # 10 to 50 000 and 100 to 2000 pg/mL
        _unit("pg/mL", "0.738"), _unit("ng/L", "0.738", "pg/mL"), _unit("ng/mL", "738", "pg/mL", "1000"),
        _unit("pmol/L")),
    Analyte.ACTIVE_B12: _measure("Active B12", "pmol/L", ("1", "500"), ("10", "200"), "S34 K05",
        _unit("pmol/L")),
    Analyte.HCY: _measure("Homocysteine", "umol/L", ("0.5", "500"), ("4", "50"), "S32 K04 K05",
        _unit("umol/L"), _unit("mg/L", "7.397")),
    Analyte.FOLATE: _measure("Folate", "nmol/L", ("0.5", "200"), ("3", "100"), "S33 K04 K05",
        _unit("nmol/L"), _unit("ng/mL", "2.266"), _unit("ug/L", "2.266")),
    Analyte.PLT: _measure("Platelets", "10^9/L", ("0", "3000"), ("20", "1000"), "K05 K10",
        _unit("10^9/L"), _unit("K/uL"), _unit("10^3/uL"), _unit("/uL", "0.001")),
    Analyte.HB: _measure("Haemoglobin", "g/L", ("20", "250"), ("60", "200"), "K05",
        _unit("g/L"), _unit("g/dL", "10")),
    Analyte.MCV: _measure("Mean cell volume", "fL", ("40", "160"), ("70", "130"), "S33 K05",
        _unit("fL")),
    Analyte.K: _measure("Potassium", "mmol/L", ("1", "10"), ("2.5", "6.5"), "K05",
        _unit("mmol/L"), _unit("mEq/L")),
    Analyte.EGFR: _measure("Estimated GFR", EGFR_UNIT, ("1", "200"), ("10", "130"), "K05",
        _unit(EGFR_UNIT)),
}
# fmt: on

Limit = Decimal | int | float | Mapping[str, int]  # one number, or one for each unit it is stated in

_SPELLINGS = str.maketrans(
    {
        "\N{MICRO SIGN}": "u",
        "\N{GREEK SMALL LETTER MU}": "u",
        "\N{SUPERSCRIPT TWO}": "2",
        "\N{SUPERSCRIPT NINE}": "^9",
        "\N{MULTIPLICATION SIGN}": "x",
        " ": None,
    }
)


class Refused(ValueError):
    """A value that cannot be taken as entered; `suggest_unit` would make it plausible, or is None."""

    def __init__(self, reason: str, suggest_unit: str | None):
        super().__init__(reason)
        self.suggest_unit = suggest_unit


class UnitMissing(Refused):
    """The unit was not given, or is not one this analyte is accepted in."""


class Implausible(Refused):
    """The number lies outside the hard limits for its unit."""


@dataclass(frozen=True, slots=True)
class Converted:
    """A plausible value: canonical, unrounded, and as reported for comparing with stated limits."""

    analyte: Analyte
    value: Decimal
    unit: str
    comparator: Comparator | None
    reported: Decimal
    reported_unit: Unit
    needs_confirming: bool

    @property
    def shown(self) -> Decimal:
        """Return the canonical value with one decimal."""
        return shown(self.value)

    @property
    def against_limits(self) -> tuple[Decimal, str]:
        """Return the reported value in the unit its limits are stated in (B12: pg/mL or pmol/L)."""
        return self.reported * self.reported_unit.scale, self.reported_unit.like

    def under(self, limit: Limit) -> bool:
        """Tell whether the true value surely lies under a limit; "<50" is under 50, ">" is never under."""
        value, bound = self._beside(limit)
        return value < bound if self.comparator is None else self._is_below and value <= bound

    def over(self, limit: Limit) -> bool:
        """Tell whether the true value surely lies over a limit; ">50" is over 50, "<" is never over."""
        value, bound = self._beside(limit)
        return value > bound if self.comparator is None else not self._is_below and value >= bound

    def at_least(self, limit: Limit) -> bool:
        """Tell whether the true value is surely the limit or more."""
        value, bound = self._beside(limit)
        return value >= bound and not self._is_below

    def is_number(self, limit: Limit) -> bool:
        """Tell whether the number reported is the limit itself, whatever comparator stands before it."""
        value, bound = self._beside(limit)
        return value == bound

    @property
    def _is_below(self) -> bool:
        return self.comparator is Comparator.BELOW

    def _beside(self, limit: Limit) -> tuple[Decimal, Decimal]:
        """Put the value beside a limit: in the unit reported where the limit is stated in several units."""
        if not isinstance(limit, Mapping):
            return self.value, Decimal(limit)
        value, unit = self.against_limits
        return value, Decimal(limit[unit])

    def within(self, unit: str) -> Decimal:
        """Return the value in another accepted unit, unrounded; exact where both are mass or both molar."""
        target = _accepted_unit(self.analyte, unit)
        if target.like == self.reported_unit.like:
            return self.reported * self.reported_unit.scale / target.scale
        return self.value / target.factor


def shown(value: Decimal) -> Decimal:
    """Round half up to one decimal, as people read it; never compare with the result."""
    return value.quantize(Decimal("0.1"), ROUND_HALF_UP)


def accepted(analyte: Analyte) -> tuple[str, ...]:
    """Return the names of the units an analyte is accepted in, in the order they are offered."""
    return tuple(unit.name for unit in ANALYTES[analyte].units)


def suggestion(analyte: Analyte, value: Decimal) -> str | None:
    """Return the first accepted unit in which the number is inside the soft limits, or None."""
    measure = ANALYTES[analyte]
    return next((unit.name for unit in measure.units if measure.soft.hold(value * unit.factor)), None)


def convert(
    analyte: Analyte, value: Decimal, unit: str | None, comparator: Comparator | None = None
) -> Converted:
    """Convert a reported value to its canonical unit (D-18).

    Raises UnitMissing when the unit is absent or not accepted, Implausible when the number lies outside the
    hard limits; both carry the unit to suggest. A float raises TypeError: no laboratory prints one.
    """
    value = _exact(value)
    measure = ANALYTES[analyte]
    known = _find_unit(analyte, unit)
    if known is None:
        why = f"unit {unit} is not accepted" if unit else "the unit is missing"
        raise UnitMissing(f"{measure.title}: {why}.", suggestion(analyte, value))
    canonical = value * known.factor
    if not measure.hard.hold(canonical):
        why = f"{measure.title} {value} {known.name} is not possible."
        raise Implausible(why, suggestion(analyte, value))
    return Converted(
        analyte=analyte,
        value=canonical,
        unit=measure.canonical,
        comparator=Comparator(comparator) if comparator else None,
        reported=value,
        reported_unit=known,
        needs_confirming=not measure.soft.hold(canonical),
    )


def _exact(value: Decimal) -> Decimal:
    if isinstance(value, (float, bool)):
        raise TypeError("A laboratory value is a Decimal, never a float.")
    value = Decimal(value)
    if not value.is_finite():
        raise ValueError("A laboratory value is a number.")
    return value


def _find_unit(analyte: Analyte, name: str | None) -> Unit | None:
    return _BY_SPELLING.get((analyte, _spelled(name or "")))


def _spelled(name: str) -> str:
    """Return a unit without what laboratories write differently; capitals count, G/L is not g/L."""
    return name.translate(_SPELLINGS).replace("x10^", "10^")


_BY_SPELLING = {
    (analyte, _spelled(unit.name)): unit for analyte, measure in ANALYTES.items() for unit in measure.units
}


def _accepted_unit(analyte: Analyte, name: str) -> Unit:
    unit = _find_unit(analyte, name)
    if unit is None:
        raise ValueError(f"{name} is not a unit of {analyte}.")
    return unit
