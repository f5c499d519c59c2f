"""What has changed since the last visit, as a nurse hears it before the needle: one act, then the rules are asked again."""

import json
from dataclasses import dataclass, field
from datetime import date, datetime
from uuid import UUID, uuid5

from django.db import transaction

from patients.models import Patient
from patients.models.facts import Topic
from patients.refusals import NotAllowed, require
from regimens.models import Request
from regimens.services.clinical import latest_answers, record_facts, record_symptoms
from regimens.services.locking import PatientLock, lock_patient
from regimens.services.requests import raise_request


@dataclass(frozen=True, kw_only=True)
class Changes:
    """The answers to the questions of every visit (D-31); None and empty say that nothing has changed.

    symptoms: {symptom: patients.models.symptoms.Change}. bleeding: what was said of it, in words.
    """

    anticoagulant: bool | None = None
    pregnant: bool | None = None
    new_allergies: tuple[str, ...] = ()
    bleeding: str = ""
    symptoms: dict[str, str] = field(default_factory=dict)

    def __bool__(self) -> bool:
        return self != Changes()


@transaction.atomic
def record_changes(
    *, patient: Patient, changes: Changes, now: datetime, recorded_by, token: UUID | None = None
) -> None:
    """Write facts, symptoms and a question to a physician about bleeding; all of it or nothing.

    token: of the form it was said on; the same said twice on it is recorded once.
    """
    require(recorded_by, "patients.record_clinical", patient)
    if not changes:
        raise NotAllowed("Say what has changed.", field="bleeding")
    lock = lock_patient(patient)
    today = lock.patient.clinic.day_of(now)
    if facts := _facts(patient, changes):
        record_facts(patient=patient, answers=facts, observed_on=today, now=now, recorded_by=recorded_by)
    if changes.symptoms:
        said = json.dumps(changes.symptoms, sort_keys=True)
        record_symptoms(
            patient=patient,
            reported_on=today,
            now=now,
            recorded_by=recorded_by,
            token=uuid5(token, said) if token else None,
            **changes.symptoms,
        )
    if changes.bleeding.strip() and not _asked(lock, changes, today):
        raise_request(
            lock,
            kind=Request.Kind.HOLD,
            text=_of_bleeding(changes),
            same_day=True,
            raised_on=today,
            raised_by=recorded_by,
        )


def _of_bleeding(changes: Changes) -> str:
    return f"Bleeding: {changes.bleeding.strip()}"[:500]


def _asked(lock: PatientLock, changes: Changes, today: date) -> bool:
    """Tell whether a physician has been asked today in the same words, and has not answered."""
    waiting = Request.objects.unanswered().filter(patient__in=lock.patient.record_keys, raised_on=today)
    return waiting.filter(kind=Request.Kind.HOLD, text=_of_bleeding(changes)).exists()


def _facts(patient: Patient, changes: Changes) -> dict[str, object]:
    answers: dict[str, object] = {}
    if changes.anticoagulant is not None:
        answers[Topic.ANTICOAGULANT] = changes.anticoagulant
    if changes.pregnant is not None:
        answers[Topic.PREGNANT] = changes.pregnant
    if changes.new_allergies:
        known = latest_answers(patient).get(Topic.ALLERGIES) or []
        answers[Topic.ALLERGIES] = sorted({*known, *changes.new_allergies})
    return answers
