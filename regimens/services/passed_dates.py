"""What a physician answers to a date that passed: settled once, or put off to a day on which it comes back."""

from datetime import date

from django.db import IntegrityError, transaction

from patients import audit
from patients.models import Patient
from patients.refusals import NotAllowed, Stale, require
from regimens.models import Course, Decision
from regimens.outcomes import NOT_REACHED, PASSED
from regimens.services.decisions import SETTLED_BEFORE, must_be_allowed
from regimens.services.locking import lock_patient
from regimens.services.put_off import DATE_OF, TODAY, must_be_near


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
    """Answer one passed date of a course; who was not reached comes back on the day `until_on`.

    What must be decided the same day cannot be put off.
    """
    require(decided_by, "regimens.decide", course)
    lock = lock_patient(course.patient)
    course.refresh_from_db()
    if getattr(course, DATE_OF[code]) != passed_on:
        raise Stale("This date has moved since the page was opened. Look at the list again.")
    if code in TODAY and until_on:
        raise NotAllowed("This is decided today; it cannot be put off.", field="until_on")
    if until_on and outcome != NOT_REACHED:
        raise NotAllowed("A day belongs to “not reached” only.", field="until_on")
    if until_on:
        must_be_near(until_on, on)
    elif outcome == NOT_REACHED and code not in TODAY:
        raise NotAllowed("Say when somebody tries again.", field="until_on")
    since, _until = lock.patient.clinic.moments_of(passed_on)
    must_be_allowed(PASSED[code], outcome, lock.patient, since=since, reason=reason)
    decision = _write(
        course.patient,
        course=course,
        passed_on=passed_on,
        code=code,
        outcome=outcome,
        reason=reason.strip(),
        decided_on=on,
        decided_by=decided_by,
        until_on=until_on,
        seen=seen or {},
    )
    audit.record(
        decided_by,
        "decided passed date",
        patient=course.patient,
        course=course.pk,
        code=code,
        outcome=outcome,
    )
    return decision


def _write(patient: Patient, *, course: Course, code: str, passed_on: date, **columns) -> Decision:
    """Insert a decision unless one settled it for good; what was put off may be settled before its day."""
    about = {"course": course, "code": code, "passed_on": passed_on}
    if Decision.objects.filter(until_on=None, **about).exists():
        raise Stale(SETTLED_BEFORE)
    try:
        with transaction.atomic():
            return Decision.objects.create(patient=patient, **about, **columns)
    except IntegrityError as error:
        raise Stale(SETTLED_BEFORE) from error
