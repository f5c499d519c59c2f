"""What one level means by itself: bands of B12 and platelets, kidneys, severe deficiency, low potassium."""

from enum import StrEnum

from . import catalogue
from .entries import Figure
from .sources import cite
from .units import Analyte, Converted

# fmt: off
B12_DEFICIENT_PG_ML = Figure(180, "pg/mL", "a lower B12 before treatment is deficient", cite("D-18"))
B12_DEFICIENT_PMOL_L = Figure(133, "pmol/L", "a lower B12 before treatment is deficient", cite("D-18"))
B12_UNLIKELY_PG_ML = Figure(350, "pg/mL", "a higher B12: deficiency unlikely", cite("D-18"))
B12_UNLIKELY_PMOL_L = Figure(258, "pmol/L", "a higher B12: deficiency unlikely", cite("D-18"))
ACTIVE_B12_DEFICIENT = Figure(25, "pmol/L", "a lower active B12 before treatment is deficient", cite("D-18"))
ACTIVE_B12_UNLIKELY = Figure(70, "pmol/L", "a higher active B12: deficiency unlikely", cite("D-18"))
# fmt: on
FIGURES: dict[str, Figure] = {name: entry for name, entry in globals().items() if isinstance(entry, Figure)}


def _stated_in(*figures: Figure) -> dict[str, int]:
    return {figure.unit: figure.value for figure in figures}


B12_SEVERE = _stated_in(catalogue.SEVERE_B12_PG_ML, catalogue.SEVERE_B12_PMOL_L)
B12_HIGH = _stated_in(catalogue.B12_HIGH_PG_ML, B12_UNLIKELY_PMOL_L)
DEFICIENT_UNDER = {
    Analyte.B12: _stated_in(B12_DEFICIENT_PG_ML, B12_DEFICIENT_PMOL_L),
    Analyte.ACTIVE_B12: _stated_in(ACTIVE_B12_DEFICIENT),
}
UNLIKELY_OVER = {
    Analyte.B12: _stated_in(B12_UNLIKELY_PG_ML, B12_UNLIKELY_PMOL_L),
    Analyte.ACTIVE_B12: _stated_in(ACTIVE_B12_UNLIKELY),
}


class Band(StrEnum):
    """How likely a deficiency is, by a level taken before treatment."""

    DEFICIENT = "DEFICIENT"
    INDETERMINATE = "INDETERMINATE"
    UNLIKELY = "UNLIKELY"


class Platelets(StrEnum):
    """The bands of D-03; the count under 25 and the count of 25 to 50 share their precautions."""

    UNDER_10 = "under 10"
    FROM_10 = "10 to under 25"
    FROM_25 = "25 to 50"
    OVER_50 = "over 50, under 150"
    NORMAL = "150 or more"


class Kidneys(StrEnum):
    """Kidney function as far as cyanocobalamin is concerned (D-06)."""

    GOOD = "good"
    BORDERLINE = "eGFR from 50 to under 60"  # a physician may pass the refusal
    POOR = "poor"
    UNKNOWN = "unknown"


def band(level: Converted) -> Band:
    """Return the diagnostic band of a serum or active B12, compared in the unit reported (D-18).

    A comparator that leaves the true value on either side of a limit gives INDETERMINATE.
    """
    if level.under(DEFICIENT_UNDER[level.analyte]):
        return Band.DEFICIENT
    if level.over(UNLIKELY_OVER[level.analyte]):
        return Band.UNLIKELY
    return Band.INDETERMINATE


def platelets(count: Converted) -> Platelets:
    """Return the band of a platelet count; a comparator that leaves doubt gives the lower band."""
    if count.under(catalogue.PLATELETS_STOP.value):
        return Platelets.UNDER_10
    if count.under(catalogue.PLATELETS_HOLD.value):
        return Platelets.FROM_10
    if not count.over(catalogue.PLATELETS_CAUTION.value):
        return Platelets.FROM_25
    if not count.at_least(catalogue.PLATELETS_NORMAL.value):
        return Platelets.OVER_50
    return Platelets.NORMAL


def valid_for_days(count: Platelets) -> int:
    """Return how many days a count of this band may be relied on (D-03)."""
    low, middle, normal = catalogue.PLATELET_VALIDITY
    return {Platelets.OVER_50: middle, Platelets.NORMAL: normal}.get(count, low).days


def kidneys(egfr: Converted | None, *, flagged: bool) -> Kidneys:
    """Return kidney function; `flagged` is a clinician's flag, which needs no number (D-06).

    A comparator that leaves doubt (">45") counts as poor.
    """
    if egfr is None:
        return Kidneys.POOR if flagged else Kidneys.UNKNOWN
    if egfr.at_least(catalogue.EGFR_RENAL_UNDER.value):
        return Kidneys.POOR if flagged else Kidneys.GOOD
    if egfr.at_least(catalogue.EGFR_NEVER_UNDER.value):
        return Kidneys.BORDERLINE
    return Kidneys.POOR


def is_severe_b12(level: Converted) -> bool:
    """Tell whether a serum B12 is severely low, in the unit reported (D-17).

    One reported only as below a number is severe when that number itself is under the limit: "<50" pg/mL is,
    "<100" is deficient and no more (case-format.md, Values).
    """
    return level.under(B12_SEVERE) and not level.is_number(B12_SEVERE)


def is_severe_anaemia(hb: Converted) -> bool:
    """Tell whether haemoglobin is under 80 g/L (D-07, D-17)."""
    return hb.under(catalogue.SEVERE_HB.value)


def is_low_potassium(potassium: Converted) -> bool:
    """Tell whether potassium is under 3.5 mmol/L (D-07)."""
    return potassium.under(catalogue.POTASSIUM_LOW.value)


def is_high_b12(level: Converted) -> bool:
    """Tell whether a serum B12 is over 350 pg/mL (258 pmol/L), as expected on injections."""
    return level.over(B12_HIGH)
