"""What a physician answers to a date that passed,: settled once, or put off."""

from datetime import date

from django.db import IntegrityError, transaction
from django.db.models import Q

from patients import audit
from patients.refusals import NotAllowed, Stale, require
from regimens.models import Course, Decision, Request
from regimens.protocol.codes import CODES
from regimens.services import courses
from regimens.services.decisions import SETTLED_BEFORE, settle_request
from regimens.services.locking import lock_patient

# The date of a course that each code is about; the decision names it, so that the next one asks again.
DATE_OF = {
    "A-OVERDUE-PHYSICIAN": "physician_from_on",
    "A-LAPSED": "lapses_on",
    "A-LAPSED-12M": "twelve_months_on",
    "A-NEURO-GAP": "last_given_on",
    "A-LOAD-GAP-GT7": "last_given_on",
    "A-LOAD-GAP-GT14": "last_given_on",
}


@transaction.atomic
def decide_passed_date(
    *,
    course: Course,
    code: str,
    passed_on: date,
    outcome: str,
    on: date,
    decided_by,
    reason: str = "",
    until_on: date | None = None,
    seen: dict | None = None,
) -> Decision:
    """Answer one passed date of a course; with `until_on` it is put off and comes back on that day.

    What must be decided the same day cannot be put off.
    """
    require(decided_by, "regimens.decide", course)
    lock_patient(course.patient)
    course.refresh_from_db()
    if getattr(course, DATE_OF[code]) != passed_on:
        raise Stale("This date has moved since the page was opened. Look at the list again.")
    if CODES[code].same_day and until_on:
        raise NotAllowed("This is decided today; it cannot be put off.", field="until_on")
    subject = {"course": course, "passed_on": passed_on}
    decision = _write(course.patient, subject, code, outcome, reason, on, decided_by, until_on, seen)
    audit.record(
        decided_by,
        "decided passed date",
        patient=course.patient,
        course=course.pk,
        code=code,
        outcome=outcome,
    )
    return decision


@transaction.atomic
def stop_and_settle(*, course: Course, reason: str, on: date, decided_by, conversation: str = "") -> None:
    """End a course, and answer with the same act the wishes to stop that waited for it."""
    courses.stop(course=course, reason=reason, on=on, decided_by=decided_by, conversation=conversation)
    wishes = Request.objects.unanswered().filter(kind=Request.Kind.STOP)
    for request in wishes.filter(patient__in=course.patient.record_keys):
        settle_request(
            request=request, outcome="stopped", on=on, decided_by=decided_by, reason=conversation.strip()
        )


@transaction.atomic
def record_reported_death(*, patient, on: date, recorded_by, decided_on: date) -> None:
    """Record a death, and answer the report of it where a physician records it."""
    courses.record_death(patient=patient, on=on, recorded_by=recorded_by)
    if not recorded_by.has_perm("regimens.decide", patient):
        return
    reports = Request.objects.unanswered().filter(kind=Request.Kind.DEATH)
    for request in reports.filter(patient__in=patient.record_keys):
        settle_request(request=request, outcome="death recorded", on=decided_on, decided_by=recorded_by)


@transaction.atomic
def transfer_and_settle(*, patient, on: date, decided_by) -> None:
    """Record a transfer, and answer with the same act the reports that the patient has moved."""
    courses.transfer_out(patient=patient, on=on, decided_by=decided_by)
    for request in Request.objects.unanswered().filter(
        patient__in=patient.record_keys, kind=Request.Kind.TRANSFER
    ):
        settle_request(request=request, outcome="transfer recorded", on=on, decided_by=decided_by)


def _write(patient, subject: dict, code, outcome, reason, on, decided_by, until_on, seen) -> Decision:
    """Insert a decision unless one stands: settled for good, or put off to a day still to come."""
    if until_on and until_on <= on:
        raise NotAllowed("Put it off to a later day.", field="until_on")
    standing = Decision.objects.filter(Q(until_on=None) | Q(until_on__gt=on), code=code, **subject)
    if standing.exists():
        raise Stale(SETTLED_BEFORE)
    try:
        with transaction.atomic():
            return Decision.objects.create(
                patient=patient,
                **subject,
                code=code,
                outcome=outcome,
                reason=reason.strip(),
                decided_on=on,
                decided_by=decided_by,
                until_on=until_on,
                seen=seen or {},
            )
    except IntegrityError as error:
        raise Stale(SETTLED_BEFORE) from error
