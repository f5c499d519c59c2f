"""What a change of a clinic's days or hours would move: shown before it is saved, and done only as it was shown."""

import copy
import hashlib
import json
from collections import Counter
from dataclasses import dataclass
from datetime import date, datetime, time
from itertools import islice

from patients.models import Clinic
from regimens import slots, to_move
from regimens.course_values import CourseValues, values_of
from regimens.loading_places import MOST
from regimens.models import Appointment, Course
from regimens.protocol import schedule, standing
from regimens.protocol.clinic_days import ClinicDays
from regimens.to_move import ToMove

COLUMNS = ("open_weekdays", "opens_at", "closes_at", "slots_per_hour")


@dataclass(frozen=True, kw_only=True)
class Change:
    """What somebody is about to set: None, or no day to close, leaves it as it is."""

    open_weekdays: str | None = None
    opens_at: time | None = None
    closes_at: time | None = None
    slots_per_hour: int | None = None
    closing: frozenset[date] = frozenset()

    def columns(self, clinic: Clinic) -> dict:
        """Give what of the clinic's row would be another."""
        asked = {name: getattr(self, name) for name in COLUMNS}
        return {name: value for name, value in asked.items() if value not in (None, getattr(clinic, name))}

    def applied_to(self, clinic: Clinic) -> Clinic:
        """Give the clinic as it would be; it is not saved."""
        after = copy.copy(clinic)
        for name, value in self.columns(clinic).items():
            setattr(after, name, value)
        weekdays = frozenset(int(day) for day in after.open_weekdays)
        after.__dict__["days"] = ClinicDays(weekdays, clinic.days.closures | self.closing)
        return after


@dataclass(frozen=True)
class MovedLoading:
    """A course in loading whose days become others: (day as it is, as it would be) of each dose that moves.

    opens_on: the first day on which the next dose would be in time.
    """

    course: Course
    days: tuple[tuple[date, date], ...]
    opens_on: date


@dataclass(frozen=True)
class FullHour:
    """An hour that would hold more bookings than places; nobody is moved for it, and nothing more can be booked."""

    on: date
    hour: int
    booked: int
    places: int


@dataclass(frozen=True)
class Preview:
    """What would be moved; `shown` is its fingerprint, and `rows` the first of `total` bookings with a place for each."""

    total: int
    rows: list[ToMove]
    loading: list[MovedLoading]
    full: list[FullHour]
    shown: str

    @property
    def is_empty(self) -> bool:
        """Tell whether nothing moves and nobody is to be told."""
        return not (self.total or self.loading or self.full)


def preview(clinic: Clinic, change: Change, now: datetime, *, proposing: bool = True) -> Preview:
    """See what a change would move; without `proposing` no places are looked for. The same queries however much it is."""
    today, after = clinic.day_of(now), change.applied_to(clinic)
    loading = _moved_loading(clinic, after, today)
    booked = list(
        Appointment.objects.booked()
        .filter(clinic=clinic, on__gte=today)
        .order_by("on", "at", "pk")
        .values_list("pk", "on", "at", "course_id", "subject")
    )
    before = set(to_move.to_move(clinic, today).values_list("pk", flat=True))
    astray = set(to_move.to_move(after, today).values_list("pk", flat=True)) - before
    astray |= _early(booked, loading) - before
    moving = [row for row in booked if row[0] in astray]
    full = _full_hours(clinic, after, [row for row in booked if row[0] not in astray | before])
    first = Appointment.objects.filter(pk__in=[key for key, *_row in moving[: to_move.SHOWN]])
    return Preview(
        total=len(moving),
        rows=to_move.proposals(after, first, now, after.days) if proposing else [],
        loading=loading,
        full=full,
        shown=_fingerprint(clinic, change, moving, loading, full),
    )


def _moved_loading(clinic: Clinic, after: Clinic, today: date) -> list[MovedLoading]:
    if after.days == clinic.days:
        return []
    courses = Course.objects.open().filter(clinic=clinic, phase=Course.Phase.LOADING)
    found = []
    for values in values_of(
        courses.select_related("patient", "clinic").order_by("next_due_on", "pk")
    ).values():
        days = zip(_days(values, clinic.days, today), _days(values, after.days, today), strict=False)
        moved = tuple((was, becomes) for was, becomes in days if was != becomes)
        if moved:
            due = schedule.next_dose(values.plan, values.history, after.days)
            found.append(MovedLoading(values.course, moved, due.opens_on))
    return found


def _days(values: CourseValues, open_days: ClinicDays, today: date) -> list[date]:
    """Give the days of the loading doses to come, each if those before it are given on theirs."""
    return list(islice(standing.slots_until_review(values.plan, values.history, open_days, today), MOST))


def _early(booked: list[tuple], loading: list[MovedLoading]) -> set[int]:
    """Give the booked doses that would stand before the day their loading goes on."""
    opens_on = {moved.course.pk: moved.opens_on for moved in loading}
    return {
        key
        for key, on, _at, course, subject in booked
        if subject == Appointment.Subject.DOSE and on < opens_on.get(course, on)
    }


def _full_hours(clinic: Clinic, after: Clinic, booked: list[tuple]) -> list[FullHour]:
    before, places = slots.capacity(clinic), slots.capacity(after)
    hours = Counter((on, at.hour) for _key, on, at, *_rest in booked)
    return [
        FullHour(on, hour, number, places[hour])
        for (on, hour), number in sorted(hours.items())
        if places[hour] < number <= before[hour]
    ]


def _fingerprint(clinic: Clinic, change: Change, moving, loading, full) -> str:
    """Give what changes with anything the page showed, and with what the clinic's calendar was."""
    seen = [
        clinic.pk,
        [getattr(clinic, name) for name in COLUMNS],
        sorted(clinic.days.closures),
        change.columns(clinic),
        sorted(change.closing),
        moving,
        [(moved.course.pk, moved.days) for moved in loading],
        [(hour.on, hour.hour, hour.booked, hour.places) for hour in full],
    ]
    return hashlib.sha256(json.dumps(seen, default=str).encode()).hexdigest()
