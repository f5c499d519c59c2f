"""The safety badges of a row: what matters before a needle, each with a word, from the protocol's own findings."""

from collections.abc import Iterable, Iterator
from datetime import date
from typing import NamedTuple

from patients.models import Patient
from regimens.models import Course, Plan, Request
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


def of_course(
    course: Course, plans: Iterable[Plan], asked: Iterable[Request], today: date
) -> Iterator[Badge]:
    """Yield what was decided, or waits to be."""
    if course.neurological:
        yield Badge("Nerves involved", "alert")
    current = [plan for plan in plans if plan.superseded_at is None]
    if course.is_open and not any(plan.is_signed for plan in current):
        yield Badge("Plan not signed", "hold")
    elif any(not plan.is_signed for plan in current):
        yield Badge("New plan to sign", "alert")
    for kind in dict.fromkeys(request.kind for request in asked):
        held = kind == Request.Kind.HOLD
        yield Badge(
            "Held for a physician" if held else f"Physician asked: {Request.Kind(kind).label.lower()}",
            "hold" if held else "alert",
        )
    if course.paused_until and course.paused_until > today:
        yield Badge("Paused", "hold")
    if course.patient.status == Patient.Status.TRANSFERRED:
        yield Badge("Moving away, not yet handed over", "warning")


def _count(patient: Situation, bleeding: list[Finding]) -> Iterator[Badge]:
    kinds = [found.kind for found in bleeding if found.code in ABOUT_THE_COUNT]
    if kinds:
        count = patient.levels["platelets"]
        shown = f"{count.comparator or ''}{count.value.normalize():f}"
        yield Badge(f"Platelets {shown}", TONES[max(kinds, key=QUIETEST_FIRST.index)])


def _badge(found: Finding, word: str = "") -> Badge:
    return Badge(WORDS.get(found.code, word), TONES[found.kind])
