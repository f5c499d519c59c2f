"""Asking for the end of a treatment: a reason that never is one is recorded, and what waited for the end is answered."""

from collections.abc import Iterable
from datetime import date

from django.db import transaction

from patients import audit
from patients.models import Patient
from patients.refusals import NotAllowed, require
from regimens.facts import facts_of
from regimens.models import Course, Decision, Request
from regimens.models.course import EndReason
from regimens.outcomes import REFUSAL
from regimens.protocol.codes import Finding, Kind
from regimens.protocol.recommend import recommend
from regimens.protocol.requests import Action, StopReason
from regimens.protocol.requests import Request as Asked
from regimens.services import courses
from regimens.services.decisions import settle
from regimens.services.locking import PatientLock, lock_patient, must_be_active
from regimens.services.plans import role_of

GOES_ON = "plan continues"


def answer_to(patient: Patient, reason: str, on: date, actor) -> tuple[Finding, ...]:
    """Give what the protocol says against ending a treatment for this reason, asked by this person (D-16)."""
    asked = Asked(action=Action.STOP_REQUEST, role=role_of(actor, patient), stop_reason=StopReason(reason))
    verdict = recommend(facts_of(patient, on), asked, on)
    return tuple(found for found in verdict.findings if found.kind in (Kind.BLOCK, Kind.HOLD))


def never_a_reason(findings: Iterable[Finding]) -> str:
    """Give the code by which the protocol refuses the reason itself, whoever gives it (R-22, R-23)."""
    return next((found.code for found in findings if found.code.startswith("B-STOP-")), "")


@transaction.atomic
def record_refused_reason(
    *, course: Course, reason: str, on: date, asked_by, words: str = "", seen: dict | None = None
) -> Decision:
    """Record that somebody asked to stop for a reason that never is one. The plan goes on; once a day and reason."""
    require(asked_by, "regimens.ask_to_stop", course)
    lock = lock_patient(course.patient)
    course.refresh_from_db()
    if not course.is_open:
        raise NotAllowed("This course has ended already.")
    code = never_a_reason(answer_to(lock.patient, reason, on, asked_by))
    if not code:
        raise NotAllowed("This is a reason that is decided, not refused.", field="reason")
    decision, is_new = Decision.objects.get_or_create(
        course=course,
        code=code,
        passed_on=on,
        until_on=None,
        defaults={
            "patient": lock.patient,
            "outcome": GOES_ON,
            "reason": words.strip(),
            "seen": seen or {},
            "decided_on": on,
            "decided_by": asked_by,
        },
    )
    if is_new:
        audit.record(asked_by, "asked to stop in vain", patient=lock.patient, course=course.pk, code=code)
    return decision


@transaction.atomic
def stop_and_settle(
    *,
    course: Course,
    reason: str,
    on: date,
    decided_by,
    conversation: str = "",
    keep: Iterable[int] = (),
    seen: dict | None = None,
) -> None:
    """End a course, and answer with the same act the wishes to stop that waited for it."""
    said = {"reason": conversation.strip(), "seen": seen}
    courses.stop(
        course=course,
        reason=reason,
        on=on,
        decided_by=decided_by,
        conversation=conversation,
        keep=keep,
        seen=seen,
    )
    lock = lock_patient(course.patient)
    for request in _waiting(lock, Request.Kind.STOP):
        settle(lock, request, outcome="stopped", on=on, decided_by=decided_by, **said)


@transaction.atomic
def settle_by_refusal(
    *, request: Request, reason: str, on: date, decided_by, keep: Iterable[int] = (), seen: dict | None = None
) -> None:
    """Answer a wish to stop: the conversation is recorded as an informed refusal, and treatment ends (H-STOP-REFUSAL)."""
    require(decided_by, "regimens.decide", request)
    lock = lock_patient(request.patient, merged=True)
    settle(lock, request, outcome=REFUSAL, on=on, decided_by=decided_by, reason=reason, seen=seen)
    course = Course.objects.open().filter(patient=lock.patient).select_related("patient", "clinic").first()
    if course is None:
        raise NotAllowed("There is no treatment under way that could end.", field="outcome")
    courses.stop(
        course=course,
        reason=EndReason.INFORMED_REFUSAL,
        on=on,
        decided_by=decided_by,
        conversation=reason,
        keep=keep,
        seen=seen,
    )


@transaction.atomic
def record_reported_death(*, patient: Patient, on: date, recorded_by, decided_on: date) -> None:
    """Record a death, and answer the report of it where a physician records it."""
    courses.record_death(patient=patient, on=on, recorded_by=recorded_by)
    if recorded_by.has_perm("regimens.decide", patient):
        lock = lock_patient(patient)
        for request in _waiting(lock, Request.Kind.DEATH):
            settle(lock, request, outcome="death recorded", on=decided_on, decided_by=recorded_by)


@transaction.atomic
def transfer_and_settle(*, patient: Patient, on: date, decided_by) -> None:
    """Record a transfer, and answer with the same act the reports that the patient has moved."""
    courses.transfer_out(patient=patient, on=on, decided_by=decided_by)
    lock = lock_patient(patient)
    for request in _waiting(lock, Request.Kind.TRANSFER):
        settle(lock, request, outcome="transfer recorded", on=on, decided_by=decided_by)


def wish_to_stop(*, patient: Patient, text: str, on: date, raised_by) -> Request:
    """Record a patient's wish; an account of it is asked for, since the physician begins from it."""
    if not text.strip():
        raise NotAllowed("Write what the patient said.", field="conversation")
    must_be_active(patient)
    return courses.ask_to_stop(
        patient=patient, reason=StopReason.PATIENT_REQUEST, text=text.strip(), on=on, raised_by=raised_by
    )


def _waiting(lock: PatientLock, kind: str) -> list[Request]:
    return list(Request.objects.unanswered().filter(patient__in=lock.patient.record_keys, kind=kind))
