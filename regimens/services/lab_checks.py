"""What a physician answers to blood tests: a check let go with a reason, a result signed off as it was seen."""

from datetime import date

from django.db import IntegrityError, transaction

from patients import audit
from patients.models import Patient, Result
from patients.refusals import NotAllowed, Stale, require
from regimens.course_values import LAB_WAIVED
from regimens.models import Course, Decision
from regimens.services.decisions import SETTLED_BEFORE
from regimens.services.locking import lock_patient
from regimens.services.outlook import refresh_outlook

RESULT_REVIEW = "RESULT-REVIEW"


@transaction.atomic
def waive_lab_check(
    *, course: Course, name: str, due_on: date, on: date, reason: str, decided_by
) -> Decision:
    """Let one lab check go, with a reason; it leaves the list."""
    require(decided_by, "regimens.decide", course)
    lock = lock_patient(course.patient, merged=True)
    if not reason.strip():
        raise NotAllowed("Say why this check is not needed.", field="reason")
    course.refresh_from_db()
    open_checks = {(course.missed_lab_name, course.missed_lab_due_on), (course.lab_name, course.lab_due_on)}
    if not name or (name, due_on) not in open_checks:
        raise Stale("This check is not open any more. Look at the patient's page again.")
    decision = _write(
        lock.patient,
        course=course,
        passed_on=due_on,
        code=LAB_WAIVED,
        outcome=name,
        reason=reason.strip(),
        decided_on=on,
        decided_by=decided_by,
    )
    refresh_outlook(lock)
    audit.record(decided_by, "waived lab check", patient=lock.patient, course=course.pk, check=name)
    return decision


@transaction.atomic
def review_result(*, result: Result, outcome: str, on: date, decided_by, reason: str = "") -> Decision:
    """Sign off a result as it was seen. It changes no schedule (D-30)."""
    require(decided_by, "regimens.decide", result.patient)
    lock_patient(result.patient, merged=True)
    result.refresh_from_db()
    if result.voided_at:
        raise Stale("This result has been voided since the page was opened.")
    seen = {"analyte": result.analyte, "value": str(result.value), "unit": result.unit}
    seen["comparator"] = result.comparator
    decision = _write(
        result.patient,
        result=result,
        code=RESULT_REVIEW,
        outcome=outcome,
        reason=reason.strip(),
        decided_on=on,
        decided_by=decided_by,
        seen=seen,
    )
    audit.record(decided_by, "reviewed result", patient=result.patient, result=result.pk, outcome=outcome)
    return decision


def _write(patient: Patient, **columns) -> Decision:
    """Insert a decision; the constraint says that the first one wins."""
    try:
        with transaction.atomic():
            return Decision.objects.create(patient=patient, **columns)
    except IntegrityError as error:
        raise Stale(SETTLED_BEFORE) from error
