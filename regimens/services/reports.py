"""What a physician answers to what was recorded without a question: symptoms that came back, folic acid, potassium."""

from datetime import date, datetime

from django.db import transaction
from django.db.models.functions import Now

from patients import audit
from patients.models import ClinicalFact, Patient, SymptomReport
from patients.refusals import Stale, require
from regimens.models import Decision, FollowUp, Request
from regimens.outcomes import ON_FOLIC_ACID, POTASSIUM_AFTER, SYMPTOMS
from regimens.services.decisions import SETTLED_BEFORE, must_be_allowed, settle, write
from regimens.services.locking import lock_patient
from regimens.services.requests import raise_request

SYMPTOM_RETURN = "A-SYMPTOM-RETURN"
POTASSIUM = "W-K-MONITOR"
FOLIC_ACID = "W-FOLATE-CURRENT"


@transaction.atomic
def settle_report(
    *, report: SymptomReport, outcome: str, on: date, decided_by, reason: str = "", seen: dict | None = None
) -> Decision:
    """Answer a report of new or worse symptoms of which nobody asked a physician, once (D-24)."""
    require(decided_by, "regimens.decide", report.patient)
    lock = lock_patient(report.patient, merged=True)
    report.refresh_from_db()
    if report.voided_at:
        raise Stale("This report has been voided since the page was opened.")
    must_be_allowed(SYMPTOMS, outcome, lock.patient, since=report.recorded_at, reason=reason)
    decision = write(
        lock.patient,
        symptom_report=report,
        code=SYMPTOM_RETURN,
        outcome=outcome,
        reason=reason.strip(),
        seen=seen or {},
        decided_on=on,
        decided_by=decided_by,
    )
    audit.record(decided_by, "answered symptoms", patient=lock.patient, report=report.pk, outcome=outcome)
    return decision


@transaction.atomic
def settle_potassium(
    *, follow_up: FollowUp, outcome: str, on: date, decided_by, reason: str = "", seen: dict | None = None
) -> Decision:
    """Answer for potassium that nobody measured after the first dose; the nurses' list is answered with it (D-07)."""
    require(decided_by, "regimens.decide", follow_up.patient)
    lock = lock_patient(follow_up.patient, merged=True)
    must_be_allowed(POTASSIUM_AFTER, outcome, lock.patient, since=None, reason=reason)
    decision = write(
        lock.patient,
        injection=follow_up.injection,
        code=POTASSIUM,
        outcome=outcome,
        reason=reason.strip(),
        seen=seen or {},
        decided_on=on,
        decided_by=decided_by,
    )
    FollowUp.objects.filter(pk=follow_up.pk, done_at=None).update(
        done_at=Now(), done_by=decided_by, outcome=FollowUp.Outcome.NOT_DONE, note=reason.strip()
    )
    audit.record(
        decided_by, "answered for potassium", patient=lock.patient, follow_up=follow_up.pk, outcome=outcome
    )
    return decision


@transaction.atomic
def settle_folic_acid(
    *,
    patient: Patient,
    fact: ClinicalFact,
    outcome: str,
    on: date,
    now: datetime,
    decided_by,
    reason: str = "",
    seen: dict | None = None,
) -> Decision:
    """Answer for somebody who takes folic acid before any B12 (D-13); the question is written down with its answer."""
    require(decided_by, "regimens.decide", patient)
    lock = lock_patient(patient)
    if asked_since(fact).exists():
        raise Stale(SETTLED_BEFORE)
    must_be_allowed(ON_FOLIC_ACID, outcome, lock.patient, since=now, reason=reason)
    asked = raise_request(
        lock,
        kind=Request.Kind.FOLATE,
        codes=[FOLIC_ACID],
        same_day=True,
        text="Takes folic acid, and B12 is not treated yet.",
        raised_on=on,
        raised_by=decided_by,
    )
    return settle(lock, asked, outcome=outcome, on=on, decided_by=decided_by, reason=reason, seen=seen)


def asked_since(fact: ClinicalFact):
    """Give the questions about folic acid that were asked since this was learnt."""
    keys = fact.patient.record_keys
    return Request.objects.filter(patient__in=keys, kind=Request.Kind.FOLATE, raised_at__gte=fact.recorded_at)
