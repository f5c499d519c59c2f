"""The tests that make a lab check, and whether two panels in a row are steady (rules.md R-24a, R-25, D-28)."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum

from .units import Analyte, Comparator, convert

# Serum B12, complete blood count, homocysteine (R-24a); the yearly check keeps the count (D-28).
PANEL = (Analyte.B12, Analyte.HB, Analyte.MCV, Analyte.PLT, Analyte.HCY)

# Used where the laboratory gave no range of its own, in the canonical unit: [S33], [K10]; Hb has none.
USUAL_RANGES = {Analyte.MCV: (Decimal(80), Decimal(96)), Analyte.PLT: (Decimal(150), Decimal(400))}
# Below this a B12 is low where the laboratory gave no range, pmol/L (180 ng/L) [S34].
B12_LOW = Decimal(133)


@dataclass(frozen=True, slots=True)
class Reading:
    """One value of a panel as reported, with the laboratory's own range in the same unit where it gave one."""

    value: Decimal
    unit: str
    comparator: Comparator | None = None
    low: Decimal | None = None
    high: Decimal | None = None


Panel = Mapping[Analyte, Reading]


def wanted(tests_b12: bool) -> frozenset[Analyte]:
    """Return the tests a check needs; a physician may leave the B12 test out for one patient (C-02)."""
    return frozenset(PANEL) if tests_b12 else frozenset(PANEL) - {Analyte.B12}


def complete_days(panels: Mapping[date, Panel], tests_b12: bool = True) -> tuple[date, ...]:
    """Return the days on which every wanted test was drawn, oldest first."""
    return tuple(sorted(day for day, panel in panels.items() if wanted(tests_b12) <= set(panel)))


class Steadiness(StrEnum):
    """What D-28 asks of two panels in a row."""

    TWO_PANELS = "two whole panels"
    NO_SYMPTOMS = "no nerve symptoms"
    HB = "haemoglobin in range"
    MCV = "MCV in range"
    PLT = "platelets in range"
    B12 = "B12 not low"
    HCY = "homocysteine not rising"


@dataclass(frozen=True, slots=True)
class Criterion:
    """One condition of D-28, whether the last two panels meet it (None: cannot be told), and the values it read."""

    asks: Steadiness
    is_met: bool | None
    readings: tuple[Reading, ...] = ()


def criteria(panels: Sequence[Panel], neuro_symptoms: bool) -> tuple[Criterion, ...]:
    """Return every condition of a steady course with its verdict on the last two panels (D-28).

    `neuro_symptoms` are those reported since the earlier of the two.
    """
    if len(panels) < 2:
        return (Criterion(Steadiness.TWO_PANELS, None),)
    two = panels[-2:]
    hcy = [_canonical(panel, Analyte.HCY) for panel in two]
    return (
        Criterion(Steadiness.NO_SYMPTOMS, not neuro_symptoms),
        _of_both(Steadiness.HB, two, Analyte.HB, _in_range),
        _of_both(Steadiness.MCV, two, Analyte.MCV, _in_range),
        _of_both(Steadiness.PLT, two, Analyte.PLT, _in_range),
        _of_both(Steadiness.B12, two, Analyte.B12, _not_low),
        Criterion(Steadiness.HCY, hcy[1] <= hcy[0], tuple(panel[Analyte.HCY] for panel in two)),
    )


def is_steady(panels: Sequence[Panel], neuro_symptoms: bool) -> bool | None:
    """Tell whether the last two panels are steady (D-28); None where that cannot be told."""
    return judged(criteria(panels, neuro_symptoms))


def judged(asked: Sequence[Criterion]) -> bool | None:
    """Return False where one condition is not met, None where one cannot be told or none was asked, else True."""
    return _all([each.is_met for each in asked]) if asked else None


def _of_both(
    asks: Steadiness,
    panels: Sequence[Panel],
    analyte: Analyte,
    holds: Callable[[Panel, Analyte], bool | None],
) -> Criterion:
    """Return a condition that each of the two panels must meet by itself."""
    readings = tuple(panel[analyte] for panel in panels if analyte in panel)
    return Criterion(asks, _all([holds(panel, analyte) for panel in panels]), readings)


def _all(answers: Sequence[bool | None]) -> bool | None:
    if False in answers:
        return False
    return None if None in answers else True


def _in_range(panel: Panel, analyte: Analyte) -> bool | None:
    """Compare with the laboratory's range, else the usual one; None where there is neither."""
    reading = panel[analyte]
    if reading.low is not None or reading.high is not None:
        return (reading.low is None or reading.low <= reading.value) and (
            reading.high is None or reading.value <= reading.high
        )
    if analyte not in USUAL_RANGES:
        return None
    low, high = USUAL_RANGES[analyte]
    return low <= _canonical(panel, analyte) <= high


def _not_low(panel: Panel, analyte: Analyte) -> bool | None:
    """A B12 the physician left out cannot be low."""
    if analyte not in panel:
        return True
    reading = panel[analyte]
    if reading.comparator is Comparator.ABOVE and reading.low is None:
        return True if _canonical(panel, analyte) >= B12_LOW else None
    return reading.low <= reading.value if reading.low is not None else _canonical(panel, analyte) >= B12_LOW


def _canonical(panel: Panel, analyte: Analyte) -> Decimal:
    reading = panel[analyte]
    return convert(analyte, reading.value, reading.unit, reading.comparator).value
