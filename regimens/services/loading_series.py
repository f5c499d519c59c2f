"""The loading doses of a course booked in one go: all of them, or none."""

from datetime import date, datetime, time

from django.db import transaction

from patients import audit
from patients.refusals import NotAllowed, require
from regimens.course_values import values_of
from regimens.loading_places import day_after, doses_left
from regimens.models import Appointment, Course
from regimens.services.appointments import (
    AS_BOOKED,
    Because,
    State,
    With,
    bookable,
    booked_with,
    close,
    must_be_free,
    name_nurse,
    write,
)
from regimens.services.locking import lock_clinic, lock_patient

DOSE = Appointment.Subject.DOSE


class PlacesRefused(NotAllowed):
    """One or more of the places cannot be had; nothing was booked. errors: {which, from 0: (field, message)}."""

    def __init__(self, errors: dict[int, tuple[str, str]]):
        super().__init__("Nothing was booked: not every place can be had.")
        self.errors = errors


@transaction.atomic
def book_loading(
    *, course: Course, places: list[tuple[date, time]], nurse: With = AS_BOOKED, now: datetime, booked_by
) -> list[Appointment]:
    """Book a place for each of the next loading doses, in the order given and with one person; all or none.

    What was booked for the course before gives way: the same place is kept, another is moved, and one that is left
    over is freed. No dose may stand nearer to the one before it than its regimen allows (D-14).
    """
    require(booked_by, "regimens.book_appointment", course)
    clinic, lock = lock_clinic(course.clinic), lock_patient(course.patient)
    course = bookable(lock, clinic, course)
    today = clinic.day_of(now)
    values = values_of([course])[course.pk]
    if not 0 < len(places) <= doses_left(values, today):
        raise NotAllowed("The loading doses have changed. Look at the days again.")
    booked = Appointment.objects.booked().filter(course=course, subject=DOSE, on__gte=today)
    before = list(booked.select_related("nurse").order_by("on", "at"))
    due_days = [
        day_after(values, [on for on, _at in places[:number]], today) for number in range(len(places))
    ]
    _all_can_be_had(clinic, places, due_days, now, besides=[each.pk for each in before])
    # The first dose serves the date on the course, though it may be past and given today.
    due_days[0] = course.next_due_on
    wanted = list(zip(due_days, places, strict=True))
    kept = [each for each in before if (each.due_on, (each.on, each.at)) in wanted]
    new = [each for each in wanted if each not in [(row.due_on, (row.on, row.at)) for row in kept]]
    giving_way = [each for each in before if each not in kept]
    for number, appointment in enumerate(giving_way):
        if number < len(new):
            close(appointment, State.MOVED, booked_by)
        else:
            close(appointment, State.CANCELLED, booked_by, because=Because.REPLANNED)
            audit.record(
                booked_by,
                "cancelled appointment",
                patient=lock.patient,
                appointment=appointment.pk,
                because=Because.REPLANNED,
            )
    for appointment in kept:
        name_nurse(lock, appointment, booked_with(clinic, nurse, appointment), booked_by)
    written = []
    for number, (due_on, (on, at)) in enumerate(new):
        instead_of = giving_way[number] if number < len(giving_way) else None
        person = booked_with(clinic, nurse, instead_of)
        try:
            written.append(
                write(
                    lock, clinic, course, DOSE, due_on, on, at,
                    nurse=person, booked_by=booked_by, instead_of=instead_of,
                )
            )  # fmt: skip
        except NotAllowed as refusal:
            raise PlacesRefused({places.index((on, at)): ("at", str(refusal))}) from refusal
    return sorted([*kept, *written], key=lambda each: each.on)


def _all_can_be_had(clinic, places, due_days: list[date], now: datetime, besides: list[int]) -> None:
    errors = {}
    for number, ((on, at), due_on) in enumerate(zip(places, due_days, strict=True)):
        if on < due_on:
            errors[number] = (
                "on",
                f"After the dose before it, {due_on:%d-%b-%Y} is the first day it may be given.",
            )
            continue
        try:
            must_be_free(clinic, on, at, now, besides=besides)
        except NotAllowed as refusal:
            errors[number] = (refusal.field, str(refusal))
    if errors:
        raise PlacesRefused(errors)
