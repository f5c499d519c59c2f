"""Booked slots. Moving one never moves the clinical date it serves."""

from datetime import date, datetime, time, timedelta

from django.db import IntegrityError, transaction
from django.db.models.functions import Now

from patients import audit
from patients.models import Clinic
from patients.refusals import NotAllowed, require
from regimens.models import Appointment, Course
from regimens.services.locking import lock_patient, must_be_active

PLACE_TAKEN = "Somebody has just taken this place. Choose another time."


def slot_times(clinic: Clinic) -> list[time]:
    """Give the times of a day at which a slot begins."""
    minutes = 60 // clinic.slots_per_hour or 1
    start = datetime.combine(date.min, clinic.opens_at)
    end = datetime.combine(date.min, clinic.closes_at)
    count = int((end - start) / timedelta(minutes=minutes))
    return [(start + timedelta(minutes=minutes * n)).time() for n in range(count)]


def free_times(clinic: Clinic, on: date) -> list[time]:
    """Give the times of a day that are still free; none on a closed day. One query beside the clinic's days."""
    if not clinic.days.is_open(on):
        return []
    taken = set(
        Appointment.objects.filter(clinic=clinic, on=on, state=Appointment.State.BOOKED).values_list(
            "at", flat=True
        )
    )
    return [at for at in slot_times(clinic) if at not in taken]


@transaction.atomic
def book(*, course: Course, subject: str, on: date, at: time, now: datetime, booked_by) -> Appointment:
    """Book a place for the next dose or lab check; a place already booked for it is moved."""
    require(booked_by, "regimens.book_appointment", course)
    lock = lock_patient(course.patient)
    must_be_active(lock.patient)
    course.refresh_from_db()
    clinic = lock.patient.clinic
    if not course.is_open:
        raise NotAllowed("This course has ended.")
    if on < clinic.day_of(now):
        raise NotAllowed("This day has passed.", field="on")
    if not clinic.days.is_open(on):
        raise NotAllowed("The clinic is closed on this day.", field="on")
    if at not in slot_times(clinic):
        raise NotAllowed("This is not one of the clinic's times.", field="at")
    due_on = (
        course.next_due_on
        if subject == Appointment.Subject.DOSE
        else course.missed_lab_due_on or course.lab_due_on
    )
    earlier = Appointment.objects.filter(course=course, subject=subject, due_on=due_on)
    earlier.filter(state=Appointment.State.BOOKED).update(
        state=Appointment.State.MOVED, closed_at=Now(), closed_by=booked_by
    )
    try:
        with transaction.atomic():
            appointment = Appointment.objects.create(
                clinic=clinic,
                patient=lock.patient,
                course=course,
                subject=subject,
                due_on=due_on,
                round=earlier.count() + 1,
                on=on,
                at=at,
                booked_by=booked_by,
            )
    except IntegrityError as error:
        raise NotAllowed(PLACE_TAKEN, field="at") from error
    audit.record(booked_by, "booked appointment", patient=lock.patient, appointment=appointment.pk)
    return appointment


@transaction.atomic
def cancel(*, appointment: Appointment, cancelled_by) -> None:
    """Free a booked place. The clinical date stands."""
    require(cancelled_by, "regimens.book_appointment", appointment)
    lock_patient(appointment.patient)
    cancelled = Appointment.objects.filter(pk=appointment.pk, state=Appointment.State.BOOKED).update(
        state=Appointment.State.CANCELLED, closed_at=Now(), closed_by=cancelled_by
    )
    if not cancelled:
        raise NotAllowed("This appointment is not booked any more.")
    audit.record(
        cancelled_by, "cancelled appointment", patient=appointment.patient, appointment=appointment.pk
    )
