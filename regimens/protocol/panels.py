"""The tests that make a lab check, and whether two panels in a row are steady (rules.md R-24a, R-25, D-28)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

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


def is_steady(panels: Sequence[Panel], neuro_symptoms: bool) -> bool | None:
    """Tell whether the last two panels are steady (D-28); None where that cannot be told.

    Steady: Hb, MCV and platelets in range, B12 not low, homocysteine not rising, no neurological symptoms since
    the earlier of the two (`neuro_symptoms`).
    """
    if len(panels) < 2:
        return None
    if neuro_symptoms:
        return False
    verdicts = [
        _in_range(panel, analyte)
        for panel in panels[-2:]
        for analyte in (Analyte.HB, Analyte.MCV, Analyte.PLT)
    ]
    verdicts += [_b12_not_low(panel) for panel in panels[-2:]]
    verdicts.append(_canonical(panels[-1], Analyte.HCY) <= _canonical(panels[-2], Analyte.HCY))
    if False in verdicts:
        return False
    return None if None in verdicts else True


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


def _b12_not_low(panel: Panel) -> bool | None:
    """A B12 the physician left out cannot be low."""
    if Analyte.B12 not in panel:
        return True
    reading = panel[Analyte.B12]
    if reading.comparator is Comparator.ABOVE and reading.low is None:
        return True if _canonical(panel, Analyte.B12) >= B12_LOW else None
    return (
        reading.low <= reading.value if reading.low is not None else _canonical(panel, Analyte.B12) >= B12_LOW
    )


def _canonical(panel: Panel, analyte: Analyte) -> Decimal:
    reading = panel[analyte]
    return convert(analyte, reading.value, reading.unit, reading.comparator).value
