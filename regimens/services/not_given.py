"""A dose that was planned and not given."""

from datetime import date, datetime

from django.db import transaction
from django.db.models.functions import Now

from patients import audit
from patients.refusals import NotAllowed, require
from regimens.models import Appointment, Course, Injection, NotGiven, Request
from regimens.services.clinical import void
from regimens.services.locking import lock_patient, must_be_active
from regimens.services.outlook import refresh_outlook
from regimens.services.requests import raise_request


@transaction.atomic
def record_not_given(
    *, course: Course, on: date, reason: str, now: datetime, recorded_by, note: str = ""
) -> NotGiven:
    """Write why a planned dose was not given. The due date stands; a held dose asks a physician (D-21, D-25)."""
    require(recorded_by, "regimens.record_not_given", course)
    lock = lock_patient(course.patient)
    must_be_active(lock.patient)
    course.refresh_from_db()
    if not course.is_open:
        raise NotAllowed("This course has ended.")
    if on > lock.patient.clinic.day_of(now):
        raise NotAllowed("This day has not come yet.", field="on", code="B-FUTURE-DATE")
    if Injection.objects.counting().filter(patient__in=lock.patient.record_keys, given_on=on).exists():
        raise NotAllowed("A dose was given on this day.", field="on")
    if NotGiven.objects.standing().filter(course=course, on=on).exists():
        raise NotAllowed("This has been recorded for this day already.", field="on")
    row = NotGiven.objects.create(
        patient=lock.patient,
        course=course,
        on=on,
        reason=reason,
        note=note,
        due_on=course.next_due_on,
        recorded_by=recorded_by,
    )
    missed = reason == NotGiven.Reason.DID_NOT_ATTEND
    Appointment.objects.filter(course=course, subject="dose", on=on, state=Appointment.State.BOOKED).update(
        state=Appointment.State.NO_SHOW if missed else Appointment.State.CANCELLED,
        cancelled_because="" if missed else Appointment.Because.NOT_GIVEN,
        closed_at=Now(),
        closed_by=recorded_by,
    )
    if reason == NotGiven.Reason.HELD:
        raise_request(lock, kind=Request.Kind.HOLD, text=note, raised_on=on, raised_by=recorded_by)
    refresh_outlook(lock)
    audit.record(recorded_by, "recorded dose not given", patient=lock.patient, row=row.pk, reason=reason)
    return row


@transaction.atomic
def void_not_given(*, row: NotGiven, voided_by, reason: str) -> None:
    """Mark the record of a dose not given as wrong. It stays visible."""
    require(voided_by, "regimens.record_not_given", row.patient)
    lock = lock_patient(row.patient, merged=True)
    void(row, voided_by=voided_by, reason=reason)
    refresh_outlook(lock)
    audit.record(voided_by, "voided dose not given", patient=row.patient, row=row.pk)


def suggested_day(course: Course, today: date) -> date:
    """Give the first open day on which the next dose can be booked; the clinical date itself never moves."""
    return course.clinic.days.next_open(max(course.next_due_on or today, today))


NEXT_STEP = {
    NotGiven.Reason.DID_NOT_ATTEND: "Book another time; the date it was due stands.",
    NotGiven.Reason.DECLINED: (
        "Book another time. If the patient wants to stop, record that wish: a physician will speak with them."
    ),
    NotGiven.Reason.UNWELL: "Book another time as soon as the patient is well.",
    NotGiven.Reason.HELD: "A physician has been asked; it is on their list.",
    NotGiven.Reason.NO_STOCK: "Book the next day on which the clinic has stock.",
    NotGiven.Reason.CLINIC_CLOSED: "Book the next open day.",
}
