"""Turns a patient's rows into the protocol's Facts; nothing else does."""

import hashlib
import json
from datetime import date
from decimal import Decimal

from patients.models import Analyte, ClinicalFact, Patient, Result
from patients.models.facts import Topic
from regimens.protocol.facts import (
    Allergy,
    Answer,
    BariatricProcedure,
    Deficiency,
    Facts,
    FolicAcid,
    Measured,
    Neuro,
    PatientState,
)
from regimens.protocol.units import Comparator

MEASUREMENTS = {
    Analyte.B12: "b12",
    Analyte.HB: "hb",
    Analyte.K: "potassium",
    Analyte.EGFR: "egfr",
    Analyte.PLT: "platelets",
}
PLAIN_QUESTIONS = {
    Topic.PREGNANT: "pregnant",
    Topic.NEURO_AT_PRESENTATION: "neuro_at_presentation",
    Topic.PANCYTOPENIA: "pancytopenia",
    Topic.SEVERE: "severe_flag",
    Topic.CROHNS_ILEAL: "crohns_ileal",
    Topic.RENAL: "renal_flag",
    Topic.DIALYSIS: "dialysis",
    Topic.ANTICOAGULANT: "anticoagulant",
    Topic.LEBER: "leber",
}
BARIATRIC = {
    "restrictive": BariatricProcedure.OTHER,
    "bypass": BariatricProcedure.OTHER,
    "malabsorptive": BariatricProcedure.MALABSORPTIVE,
    "unknown": BariatricProcedure.UNKNOWN,
}


def facts_of(patient: Patient, on: date) -> Facts:
    """Give what the rules need to know of a patient as of a day; three queries."""
    return facts_from(patient, answers_of(patient, on), _measured(patient, on))


def facts_from(patient: Patient, answers: dict[str, object], measured: dict[str, Measured]) -> Facts:
    """Give the same from answers and values that are at hand already; no query."""
    return Facts(
        born_on=patient.born_on,
        patient_state=_state(patient),
        deficiency=Deficiency(answers.get(Topic.DEFICIENCY) or Deficiency.UNKNOWN),
        neuro=Neuro(answers.get(Topic.NEURO) or Neuro.UNKNOWN),
        folic_acid=FolicAcid(answers.get(Topic.FOLIC_ACID) or FolicAcid.UNKNOWN),
        allergies=_allergies(answers.get(Topic.ALLERGIES)),
        **{name: _yes_or_no(answers.get(topic)) for topic, name in PLAIN_QUESTIONS.items()},
        **_bariatric(answers.get(Topic.BARIATRIC)),
        **_resection(answers.get(Topic.ILEAL_RESECTION)),
        **measured,
    )


def digest(facts: Facts) -> str:
    """Give a fingerprint that changes when any fact does; what a page was opened with is compared by it."""
    return hashlib.sha256(json.dumps(facts.to_json(), sort_keys=True).encode()).hexdigest()


def answers_of(patient: Patient, on: date) -> dict[str, object]:
    """Give {topic: answer} that hold on a day; the newest answer holds."""
    rows = ClinicalFact.objects.filter(patient__in=patient.record_keys, observed_on__lte=on).newest_first()
    answers: dict[str, object] = {}
    for topic, answer in rows.values_list("topic", "answer"):
        answers.setdefault(topic, answer)
    return answers


def _measured(patient: Patient, on: date) -> dict[str, Measured]:
    rows = (
        Result.objects.standing()
        .filter(patient__in=patient.record_keys, analyte__in=MEASUREMENTS, collected_on__lte=on)
        .order_by("analyte", "-collected_on", "-id")
        .values_list("analyte", "value", "unit", "collected_on", "comparator")
    )
    newest: dict[str, Measured] = {}
    for analyte, value, unit, collected_on, comparator in rows:
        newest.setdefault(MEASUREMENTS[analyte], measured(value, unit, collected_on, comparator))
    return newest


def measured(value: Decimal, unit: str, collected_on: date, comparator: str) -> Measured:
    """Give one result as the rules read it, without the noughts its column adds."""
    return Measured(value.normalize() + 0, unit, collected_on, Comparator(comparator) if comparator else None)


def _state(patient: Patient) -> PatientState:
    if patient.status == Patient.Status.DECEASED:
        return PatientState.DECEASED
    # One who moves away stays under treatment here until the handover is confirmed (D-20).
    return PatientState.ACTIVE if patient.is_active else PatientState.TRANSFERRED_OUT


def _yes_or_no(answer: object) -> Answer:
    if answer is None:
        return Answer.UNKNOWN
    return Answer.YES if answer else Answer.NO


def _allergies(answer: object) -> frozenset[Allergy] | None:
    return None if answer is None else frozenset(Allergy(name) for name in answer)


def _bariatric(answer: object) -> dict:
    if answer in (None, "none"):
        return {"bariatric": Answer.UNKNOWN if answer is None else Answer.NO}
    return {"bariatric": Answer.YES, "bariatric_procedure": BARIATRIC[answer]}


def _resection(answer: object) -> dict:
    if answer in (None, "none"):
        return {"ileal_resection": Answer.UNKNOWN if answer is None else Answer.NO}
    length = None if answer == "unknown" else Decimal(str(answer))
    return {"ileal_resection": Answer.YES, "ileal_resection_cm": length}
