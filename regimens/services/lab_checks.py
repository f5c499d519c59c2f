"""What a physician answers to blood tests: a check let go with a reason, a result signed off as it was seen."""

import hashlib
import json
from datetime import date

from django.db import IntegrityError, transaction
from django.db.models import QuerySet
from django.db.models.functions import Now

from patients import audit
from patients.models import Patient, Result
from patients.refusals import NotAllowed, Stale, require
from regimens import readings
from regimens.course_values import LAB_WAIVED
from regimens.models import Course, Decision
from regimens.services.decisions import SETTLED_BEFORE
from regimens.services.locking import PatientLock, lock_patient
from regimens.services.outlook import refresh_outlook

RESULT_REVIEW = "RESULT-REVIEW"
CHANGED = "What this page showed has changed since it was opened. This is how it stands now: look again."


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
def review_result(
    *, result: Result, shown: str, outcome: str, on: date, decided_by, reason: str = ""
) -> Decision:
    """Sign off one result as it was shown; refuses where that has changed. It changes no schedule (D-30)."""
    require(decided_by, "regimens.decide", result.patient)
    lock = lock_patient(result.patient, merged=True)
    result.refresh_from_db()
    if result.voided_at:
        raise Stale("This result has been voided since the page was opened.")
    waiting = Result.objects.unreviewed().filter(pk=result.pk)
    return _sign_off(lock, waiting, shown, outcome, reason, on, decided_by)[0]


@transaction.atomic
def review_panel(
    *, patient: Patient, taken_on: date, shown: str, outcome: str, on: date, decided_by, reason: str = ""
) -> list[Decision]:
    """Sign off every waiting result of one day's blood as it was shown: one decision each, all or none."""
    require(decided_by, "regimens.decide", patient)
    lock = lock_patient(patient, merged=True)
    return _sign_off(lock, waiting_of(lock.patient, taken_on), shown, outcome, reason, on, decided_by)


def waiting_of(patient: Patient, taken_on: date) -> QuerySet:
    """Give the results of one day's blood that nobody has signed off, of all records of the person."""
    return Result.objects.unreviewed().filter(patient__in=patient.record_keys, collected_on=taken_on)


def as_shown(results: QuerySet) -> tuple[list[readings.Shown], str]:
    """Give results as a page shows them, and the fingerprint of that; it changes with anything shown."""
    rows = readings.shown(results.order_by("analyte", "pk").values(*readings.COLUMNS))
    seen = [[each.row["pk"], each.seen] for each in rows]
    return rows, hashlib.sha256(json.dumps(seen, sort_keys=True).encode()).hexdigest()


def _sign_off(
    lock: PatientLock, waiting: QuerySet, shown: str, outcome: str, reason: str, on: date, decided_by
) -> list[Decision]:
    rows, fingerprint = as_shown(waiting)
    if not rows:
        raise Stale(SETTLED_BEFORE)
    if fingerprint != shown:
        raise Stale(CHANGED)
    decisions = [
        _write(
            lock.patient,
            result_id=each.row["pk"],
            code=RESULT_REVIEW,
            outcome=outcome,
            reason=reason.strip(),
            decided_on=on,
            decided_by=decided_by,
            seen=each.seen,
        )
        for each in rows
    ]
    keys = [each.row["pk"] for each in rows]
    Result.objects.filter(pk__in=keys).update(reviewed_at=Now())
    audit.record(decided_by, "reviewed results", patient=lock.patient, results=keys, outcome=outcome)
    return decisions


def _write(patient: Patient, **columns) -> Decision:
    """Insert a decision; the constraint says that the first one wins."""
    try:
        with transaction.atomic():
            return Decision.objects.create(patient=patient, **columns)
    except IntegrityError as error:
        raise Stale(SETTLED_BEFORE) from error
