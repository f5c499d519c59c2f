"""A dose that was planned and not given: why, and what comes next."""

from contextlib import suppress
from datetime import date, datetime, timedelta

from django.db import IntegrityError, transaction
from django.db.models.functions import Now

from patients import audit
from patients.refusals import NotAllowed, require
from regimens.models import Appointment, Course, Injection, NotGiven, Request
from regimens.protocol import catalogue
from regimens.protocol.intervals import months
from regimens.services.clinical import void
from regimens.services.decisions import withdraw_request
from regimens.services.locking import PatientLock, lock_patient, must_be_active
from regimens.services.outlook import refresh_outlook
from regimens.services.requests import raise_request, waiting_or_raised

# Nobody is phoned about a dose before its window can open.
BEFORE_A_DOSE = timedelta(days=max(window.early for window in catalogue.WINDOWS))
FURTHEST_CALL = months(3)


@transaction.atomic
def record_not_given(
    *,
    course: Course,
    on: date,
    reason: str,
    now: datetime,
    recorded_by,
    note: str = "",
    call_on: date | None = None,
    wishes_to_stop: bool = False,
) -> NotGiven:
    """Write why a planned dose was not given. The due date stands (D-25).

    A held dose asks a physician, and so does a wish to stop (D-16). The patient is on the phone list from `call_on`
    (without one, from the next open day) until a place is booked or the dose is given.
    """
    require(recorded_by, "regimens.record_not_given", course)
    lock = lock_patient(course.patient)
    must_be_active(lock.patient)
    course.refresh_from_db()
    today = lock.patient.clinic.day_of(now)
    _may_be_recorded(lock, course, on, today)
    row = NotGiven.objects.create(
        patient=lock.patient,
        course=course,
        on=on,
        reason=reason,
        note=note,
        due_on=course.next_due_on,
        call_on=_call_on(course, call_on, today),
        request=_request(lock, reason, wishes_to_stop, note=note, on=on, by=recorded_by),
        recorded_by=recorded_by,
    )
    missed = reason == NotGiven.Reason.DID_NOT_ATTEND
    Appointment.objects.filter(course=course, subject="dose", on=on, state=Appointment.State.BOOKED).update(
        state=Appointment.State.NO_SHOW if missed else Appointment.State.CANCELLED,
        cancelled_because="" if missed else Appointment.Because.NOT_GIVEN,
        closed_at=Now(),
        closed_by=recorded_by,
    )
    refresh_outlook(lock)
    audit.record(recorded_by, "recorded dose not given", patient=lock.patient, row=row.pk, reason=reason)
    return row


def _may_be_recorded(lock: PatientLock, course: Course, on: date, today: date) -> None:
    """Refuse a day to come, a day with a dose, and a second reason for one day."""
    if not course.is_open:
        raise NotAllowed("This course has ended.")
    if on > today:
        raise NotAllowed("This day has not come yet.", field="on", code="B-FUTURE-DATE")
    if Injection.objects.counting().filter(patient__in=lock.patient.record_keys, given_on=on).exists():
        raise NotAllowed("A dose was given on this day.", field="on")
    if NotGiven.objects.standing().filter(course=course, on=on).exists():
        raise NotAllowed("This has been recorded for this day already.", field="on")


def _call_on(course: Course, asked_on: date | None, today: date) -> date | None:
    """Give the day of the next call: the one asked for, else the next open day; none long before the dose is due."""
    call_on = asked_on or course.clinic.days.next_open(today + timedelta(days=1))
    if call_on < today:
        raise NotAllowed("This day has passed.", field="call_on")
    if call_on > FURTHEST_CALL.after(today):
        raise NotAllowed("Call again within three months.", field="call_on")
    if course.next_due_on <= call_on + BEFORE_A_DOSE:
        return call_on
    if asked_on:
        raise NotAllowed(
            f"The next dose is due {course.next_due_on:%d %B %Y}: a call comes later, in its window.",
            field="call_on",
        )
    return None


def _request(
    lock: PatientLock, reason: str, wishes_to_stop: bool, *, note: str, on: date, by
) -> Request | None:
    """Ask a physician where the rules say so: about a held dose, and about a wish to stop (H-STOP-REFUSAL).

    None where there is nothing to ask, or where the same wish waits for a physician already.
    """
    if reason == NotGiven.Reason.HELD:
        return raise_request(lock, kind=Request.Kind.HOLD, text=note, raised_on=on, raised_by=by)
    if not wishes_to_stop:
        return None
    if reason != NotGiven.Reason.DECLINED:
        raise NotAllowed("Only who declines a dose can wish to stop.", field="reason")
    request, opened = waiting_or_raised(
        lock,
        kind=Request.Kind.STOP,
        codes=["H-STOP-REFUSAL"],
        text=note or "Declined a dose, and wishes to stop.",
        raised_on=on,
        raised_by=by,
    )
    return request if opened else None


@transaction.atomic
def void_not_given(*, row: NotGiven, voided_by, reason: str, now: datetime) -> None:
    """Mark the record of a dose not given as wrong. It stays visible; what a physician was asked is taken back."""
    require(voided_by, "regimens.record_not_given", row.patient)
    lock = lock_patient(row.patient, merged=True)
    void(row, voided_by=voided_by, reason=reason)
    if row.request:
        on = lock.patient.clinic.day_of(now)
        withdraw_request(lock, row.request, on=on, withdrawn_by=voided_by, reason=reason)
    if row.reason == NotGiven.Reason.DID_NOT_ATTEND:
        _expect_again(row)
    refresh_outlook(lock)
    audit.record(voided_by, "voided dose not given", patient=row.patient, row=row.pk)


def _expect_again(row: NotGiven) -> None:
    """Book the missed place again, unless somebody else has it by now or the date was booked anew."""
    missed = Appointment.objects.filter(
        course=row.course_id,
        subject=Appointment.Subject.DOSE,
        on=row.on,
        state=Appointment.State.NO_SHOW,
    )
    with suppress(IntegrityError), transaction.atomic():
        missed.update(state=Appointment.State.BOOKED, closed_at=None, closed_by=None)


def suggested_day(course: Course, today: date) -> date:
    """Give the first open day on which the next dose can be booked; the clinical date itself never moves."""
    return course.clinic.days.next_open(max(course.next_due_on or today, today))


NEXT_STEP = {
    NotGiven.Reason.DID_NOT_ATTEND: "Phone the patient, or book another time. The date it was due stands.",
    NotGiven.Reason.DECLINED: "Book another time, or phone to ask again. The date it was due stands.",
    NotGiven.Reason.UNWELL: "Book another time as soon as the patient is well.",
    NotGiven.Reason.HELD: "A physician has been asked; it is on their list. Phone the patient with the answer.",
    NotGiven.Reason.NO_STOCK: "Book the next day on which the clinic has stock.",
    NotGiven.Reason.CLINIC_CLOSED: "Book the next open day.",
}
