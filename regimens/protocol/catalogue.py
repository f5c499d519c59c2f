"""The regimens and every clinical number, as tables beside their rules; the protocol page shows these values.

A used entry is never edited: it is retired and succeeded, because signed plans pin its key.
"""

from datetime import date
from fractions import Fraction

from .entries import (
    Figure,
    Group,
    GroupInterval,
    LabTiming,
    Loading,
    LoadingPhase,
    PlateletValidity,
    Preset,
    Product,
    Regimen,
    Route,
    Window,
)
from .intervals import Interval, days, months
from .sources import Rule, cite

PROTOCOL_VERSION = "2026.1"


def _rules(ids: str) -> tuple[Rule, ...]:
    return cite(*ids.split())


# fmt: off
LOADINGS = {phase.kind: phase for phase in (
    #            kind                    doses apart most in 7 review gap  rules
    LoadingPhase(Loading.STD_3X_WEEK_2W, 6,    2,    3,        7, _rules("R-12 D-14 D-21")),
    LoadingPhase(Loading.NEURO_ALT_DAYS, None, 2,    None,     4, _rules("R-10 R-11 D-01 D-14 D-21")),
    LoadingPhase(Loading.DAILY_X10,      10,   1,    None,     3, _rules("R-13 D-14 D-21")),
    LoadingPhase(Loading.NONE,           0,    1,    None,     7, _rules("D-05 D-20")),
)}

TWO_OR_THREE = (months(2), months(3))
ONE_TO_THREE = (months(1), *TWO_OR_THREE)
FIRST_EDITION = date(2026, 1, 1)
INJECTED = (Product.HYDROXOCOBALAMIN, Route.IM, (1000,))

REGIMENS = (
    Regimen("hydroxocobalamin-standard-1", "Three times a week for two weeks, then maintenance for life",
            *INJECTED, LOADINGS[Loading.STD_3X_WEEK_2W], ONE_TO_THREE,
            _rules("R-01 R-02 R-12 R-15 R-17"), FIRST_EDITION),
    Regimen("hydroxocobalamin-neuro-1", "Alternate days until no further improvement, then every two months",
            *INJECTED, LOADINGS[Loading.NEURO_ALT_DAYS], ONE_TO_THREE[:2],
            _rules("R-01 R-02 R-10 R-16"), FIRST_EDITION),
    Regimen("hydroxocobalamin-daily-1", "Daily for ten days, then maintenance for life",
            *INJECTED, LOADINGS[Loading.DAILY_X10], ONE_TO_THREE,
            _rules("R-01 R-02 R-13 R-15"), FIRST_EDITION),
    Regimen("hydroxocobalamin-maintenance-1", "Maintenance for life without loading",
            *INJECTED, LOADINGS[Loading.NONE], ONE_TO_THREE,
            _rules("R-01 R-02 R-15 D-05 D-20"), FIRST_EDITION),
    Regimen("cyanocobalamin-oral-1", "Tablets every day without end",
            Product.CYANOCOBALAMIN_ORAL, Route.ORAL, (1000, 2000), LOADINGS[Loading.NONE], (days(1),),
            _rules("R-44 C-07 D-27"), FIRST_EDITION),
)

GROUP_INTERVALS = (  # the shortest of the groups that apply is the protocol's interval
    GroupInterval(Group.ILEAL,     months(1), _rules("R-19 C-04 D-04")),
    GroupInterval(Group.NEURO,     months(2), _rules("R-16 D-04")),
    GroupInterval(Group.BARIATRIC, months(3), _rules("R-18 C-06 D-04")),
)
DEFAULT_INTERVAL = months(2)  # the protocol's when no group applies, and a draft's until signed (D-02)

WINDOWS = (  # rules.md section 4; the first row whose length is not exceeded
    #      up to days    early late
    Window(27,           3,    3,  _rules("D-22 D-23")),
    Window(45,           7,    7,  _rules("D-22 D-23")),
    Window(float("inf"), 14,   14, _rules("D-22 D-23")),
)

LAB_TIMINGS = (
    LabTiming("3m",  months(3),  14, _rules("R-24a D-26")),
    LabTiming("6m",  months(6),  14, _rules("R-24a D-26")),
    LabTiming("12m", months(12), 28, _rules("R-24a D-26")),
)
YEARLY = LabTiming("yearly", months(12), 28, _rules("R-25 D-26"))
UNTIL_STEADY = LabTiming("every 3 months until steady", months(3), 14, _rules("D-28"))
EXTRA_PANEL = LabTiming("extra", months(3), 14, _rules("D-16 D-27"))
PREGNANCY_REVIEW = LabTiming("pregnancy_review", months(1), 14, _rules("D-09"))

PRESETS = (
    Preset(months(3), months(2), _rules("R-27 D-24")),
    Preset(months(2), days(42),  _rules("R-27 D-24")),
    Preset(months(1), days(21),  _rules("R-27 D-24")),
)

PLATELET_VALIDITY = (
    PlateletValidity(50,   7,   _rules("D-03")),
    PlateletValidity(149,  90,  _rules("D-03")),
    PlateletValidity(None, 365, _rules("D-03")),
)

LOADING_RESTART_GAP = Figure(14, "days", "a longer gap: a physician may start again", _rules("D-21"))
LOADING_STRETCHED = Figure(13, "days", "standard loading ends by this day, the first being 0", _rules("D-14"))
REVIEW_FIRST = Figure(21, "days", "first neurological review after the first dose", _rules("D-01"))
REVIEW_AGAIN = Figure(14, "days", "next neurological review after the last", _rules("D-01"))
ASK_PHYSICIAN = Figure(29, "days", "this late, a physician is asked", _rules("D-23"))
ASK_PHYSICIAN_NEURO = Figure(15, "days", "the same with a neurological history", _rules("D-23"))
NEW_EPISODE = Figure(12, "months", "since the last dose: propose a new episode", _rules("D-23"))
PRIOR_TREATMENT = Figure(12, "months", "treated longer before arriving: yearly checks", _rules("D-26"))
LONGEST_INTERVAL = Figure(3, "months", "the longest maintenance", _rules("R-15 R-17 R-18"))
FREQUENCY_CAP = Figure(Fraction(2, 3), "of the base", "a shorter interval needs a reason",
    _rules("R-27 C-01 D-24"))

AGE_FROM = Figure(16, "years", "younger on the start date: no automatic plan", _rules("D-10 C-14"))
ILEUM_OVER = Figure(20, "cm", "a longer resection is treated monthly", _rules("R-19 D-04"))
EGFR_RENAL_UNDER = Figure(60, "mL/min/1.73 m2", "poor kidneys: cyanocobalamin is refused", _rules("R-20 D-06"))
EGFR_NEVER_UNDER = Figure(50, "mL/min/1.73 m2", "nobody may pass the refusal", _rules("D-06"))
SEVERE_B12_PG_ML = Figure(100, "pg/mL", "a lower B12 is severe deficiency", _rules("D-17"))
SEVERE_B12_PMOL_L = Figure(74, "pmol/L", "a lower B12 is severe deficiency", _rules("D-17"))
SEVERE_HB = Figure(80, "g/L", "lower is severe; potassium is watched", _rules("D-07 D-17"))
POTASSIUM_LOW = Figure(3.5, "mmol/L", "lower before the first dose: hold", _rules("D-07"))
PLATELETS_STOP = Figure(10, "10^9/L", "fewer: no injection into a muscle", _rules("R-36 D-03"))
PLATELETS_HOLD = Figure(25, "10^9/L", "fewer: hold for a physician", _rules("D-03"))
PLATELETS_CAUTION = Figure(50, "10^9/L", "this many or fewer: fine needle, pressure", _rules("R-35 D-03"))
PLATELETS_NORMAL = Figure(150, "10^9/L", "fewer: look for a haematoma afterwards", _rules("R-37 D-03"))
HCY_TARGET = Figure(10, "umol/L", "the protocol's target is below", _rules("R-24b C-03"))
HCY_URGENT = Figure(100, "umol/L", "higher: urgent review", _rules("C-03"))
B12_AFTER_DOSE = Figure(14, "days", "a B12 drawn so soon after a dose cannot be read", _rules("D-26"))
B12_HIGH_PG_ML = Figure(350, "pg/mL", "a higher B12 is expected on injections", _rules("C-02 D-30"))
SITE_ROTATION = Figure(7, "days", "the same site sooner than this: warn", _rules("D-19"))
FIRST_DOSE_WATCH = Figure(15, "minutes", "the patient is observed after the first dose ever", _rules("D-11"))
PRESSURE = Figure(10, "minutes", "at low platelets: press so long at most, then look", _rules("R-35 R-37"))
POTASSIUM_AGAIN = Figure(48, "hours", "severe anaemia: potassium is measured again by then", _rules("D-07 H-14"))
# fmt: on

FIGURES: dict[str, Figure] = {name: entry for name, entry in globals().items() if isinstance(entry, Figure)}

_BY_KEY = {entry.key: entry for entry in REGIMENS}


def regimen(key: str) -> Regimen:
    """Return the regimen of this key, retired or not. Raises KeyError when there never was one."""
    return _BY_KEY[key]


def window_for(interval: Interval) -> Window:
    """Return the due window of an interval by its nominal length (rules.md section 4)."""
    return next(window for window in WINDOWS if interval.nominal_days <= window.up_to_days)
