"""What is still to be done once the needle is out: observation, the site, advice, potassium."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

from .catalogue import FIRST_DOSE_WATCH, POTASSIUM_AGAIN, PRESSURE


class Care(StrEnum):
    """One kind of thing to do after a dose."""

    OBSERVATION = "observation"
    HAEMATOMA = "haematoma"
    ADVICE = "advice"
    POTASSIUM = "potassium"


@dataclass(frozen=True, slots=True)
class Aftercare:
    """One thing to do: when it is due, counted from the dose, what is done, and the rules that ask for it."""

    care: Care
    after: timedelta
    text: str
    rules: tuple[str, ...]


# Findings of the dose screen that ask for something afterwards.
LOW_PLATELETS = frozenset({"W-PLT-51-149", "W-PLT-25-50", "H-PLT-10-24", "B-PLT-LT10", "B-PLT-STALE"})
COBALT = "W-COBALT"
ANTICOAGULANT = "W-ANTICOAG"
SEVERE_ANAEMIA = "W-K-MONITOR"

WATCH = timedelta(minutes=int(FIRST_DOSE_WATCH.value))
_OBSERVE = Aftercare(
    Care.OBSERVATION,
    WATCH,
    f"Observe for {FIRST_DOSE_WATCH.value} minutes: first dose or new brand.",
    ("D-11",),
)
_LOOK = Aftercare(
    Care.HAEMATOMA,
    timedelta(minutes=int(PRESSURE.value)),
    "Press, then look at the site for a haematoma: platelets are low.",
    ("R-35", "R-37", "D-03"),
)
_WATCH_AT_HOME = Aftercare(
    Care.ADVICE, timedelta(), "Tell the patient what to watch for 72 hours: cobalt allergy.", ("D-11", "C-15")
)
_TELL_OF_BLEEDING = Aftercare(
    Care.ADVICE, timedelta(), "Tell the patient about haematoma: on an anticoagulant.", ("D-03", "C-09")
)
_BOTH = Aftercare(
    Care.ADVICE,
    timedelta(),
    "Tell the patient what to watch for 72 hours (cobalt allergy) and about haematoma (anticoagulant).",
    ("D-11", "C-15", "D-03", "C-09"),
)
_POTASSIUM = Aftercare(
    Care.POTASSIUM,
    timedelta(hours=int(POTASSIUM_AGAIN.value)),
    f"Measure potassium within {POTASSIUM_AGAIN.value} hours: severe anaemia.",
    ("D-07", "H-14"),
)


def after_dose(finding_codes: Iterable[str], *, first_ever: bool, new_brand: bool) -> tuple[Aftercare, ...]:
    """Give what is to be done after a dose, the most urgent first.

    finding_codes: what the dose screen found. first_ever: no dose was given to this person before. new_brand: the
    vial's brand is not the one of the doses before (D-11). Potassium is measured again after the first dose (D-07).
    """
    codes = frozenset(finding_codes)
    due = []
    if advice := {(True, True): _BOTH, (True, False): _WATCH_AT_HOME, (False, True): _TELL_OF_BLEEDING}.get(
        (COBALT in codes, ANTICOAGULANT in codes)
    ):
        due.append(advice)
    if codes & LOW_PLATELETS:
        due.append(_LOOK)
    if first_ever or new_brand:
        due.append(_OBSERVE)
    if first_ever and SEVERE_ANAEMIA in codes:
        due.append(_POTASSIUM)
    return tuple(due)
