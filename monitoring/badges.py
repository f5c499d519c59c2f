"""The safety badges of a row: what matters before a needle, each with a word, from the protocol's own findings."""

from collections.abc import Iterable, Iterator
from datetime import date
from typing import NamedTuple

from monitoring.worklist_columns import Found
from patients.models import Patient
from regimens.at_a_glance import Glance
from regimens.models import Request
from regimens.protocol import patient_rules
from regimens.protocol.codes import Finding, Kind
from regimens.protocol.facts import Facts
from regimens.protocol.situation import Situation, situation


class Badge(NamedTuple):
    """A word and the tone it is said in (a class of the style sheet)."""

    word: str
    tone: str


TONES = {Kind.BLOCK: "block", Kind.HOLD: "hold", Kind.WARNING: "warning", Kind.ALERT: "alert"}
QUIETEST_FIRST = (Kind.ALERT, Kind.WARNING, Kind.HOLD, Kind.BLOCK)

# These speak about the number itself, which is one badge in the tone of the loudest of them.
ABOUT_THE_COUNT = {"B-PLT-LT10", "H-PLT-10-24", "W-PLT-25-50", "W-PLT-51-149"}
WORDS = {
    "W-COBALT": "Allergy: cobalt",
    "B-PLT-STALE": "Platelet count too old",
    "W-PLT-STALE": "Platelet count old",
    "W-PLT-UNKNOWN": "No platelet count",
    "W-PLT-NEURO-URGENT": "Physician decides today",
    "W-ANTICOAG": "Anticoagulant",
    "H-BLEED-COMBINED": "Anticoagulant and low platelets",
    "W-RENAL-HCY": "Poor kidneys",
    "B-LAB-IMPLAUSIBLE": "A result is not possible",
}

# What a row asks the protocol about a patient.
RULES = (patient_rules.allergy, patient_rules.bleeding, patient_rules.kidneys, patient_rules.implausible)

NERVES = Badge("Nerves involved", "alert")
NOT_SIGNED = Badge("Plan not signed", "hold")
TO_SIGN = Badge("New plan to sign", "alert")
PAUSED = Badge("Paused", "hold")
LEAVING = Badge("Moving away, not yet handed over", "warning")
ASKED = {
    kind.value: Badge("Held for a physician", "hold")
    if kind == Request.Kind.HOLD
    else Badge(f"Physician asked: {str(kind.label).lower()}", "alert")
    for kind in Request.Kind
}


def of_facts(facts: Facts, today: date, *, first_dose: bool) -> Iterator[Badge]:
    """Yield what is known of a patient that matters; before a first dose, allergies nobody asked about stop it."""
    patient = situation(facts, today)
    if facts.allergies is None:
        yield Badge("Allergies not known", "block" if first_dose else "warning")
    for found in patient_rules.allergy(patient):
        yield _badge(found, f"Allergy: {found.detail}")
    bleeding = list(patient_rules.bleeding(patient))
    yield from _count(patient, bleeding)
    for found in bleeding:
        if found.code not in ABOUT_THE_COUNT:
            yield _badge(found)
    for rule in (patient_rules.kidneys, patient_rules.implausible):
        yield from map(_badge, rule(patient))


def findings(facts: Facts, today: date) -> list[Finding]:
    """Give the same as the protocol says it, in full sentences."""
    return patient_rules.raised(RULES, situation(facts, today))


def of_course(course: Found, glance: Glance, asked: Iterable[str], today: date) -> Iterator[Badge]:
    """Yield what was decided, or waits to be; `asked`: the kinds of the requests that nobody has answered."""
    if course.neurological:
        yield NERVES
    if course.is_open and not glance.is_signed:
        yield NOT_SIGNED
    elif glance.is_to_sign:
        yield TO_SIGN
    for kind in dict.fromkeys(asked):
        yield ASKED[kind]
    if course.paused_until and course.paused_until > today:
        yield PAUSED
    if course.status == Patient.Status.TRANSFERRED:
        yield LEAVING


def _count(patient: Situation, bleeding: list[Finding]) -> Iterator[Badge]:
    kinds = [found.kind for found in bleeding if found.code in ABOUT_THE_COUNT]
    if kinds:
        count = patient.levels["platelets"]
        shown = f"{count.comparator or ''}{count.value.normalize():f}"
        yield Badge(f"Platelets {shown}", TONES[max(kinds, key=QUIETEST_FIRST.index)])


def _badge(found: Finding, word: str = "") -> Badge:
    return Badge(WORDS.get(found.code, word), TONES[found.kind])
