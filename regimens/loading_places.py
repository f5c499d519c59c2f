"""A place for each loading dose that is still to come: on its day, at the same time of day where that is free."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from itertools import islice

from regimens.course_values import CourseValues
from regimens.models import Appointment, Course
from regimens.protocol import schedule, standing
from regimens.protocol.loading import next_slot
from regimens.slots import ONE_DAY, FreePlaces, nearest

MOST = 12
DAYS_TO_CHOOSE = 6
FURTHEST = timedelta(days=120)

# A day and a time as somebody typed them; None where nothing (or nothing readable) was.
Wanted = tuple[date | None, time | None]


@dataclass(frozen=True)
class Row:
    """One loading dose: its number and day, the place proposed or chosen, and what may be chosen instead."""

    number: int
    due_on: date
    on: date
    at: time | None
    days: tuple[date, ...]
    times: tuple[time, ...]
    is_booked: bool

    @property
    def is_taken(self) -> bool:
        """The time that was chosen is not free on this day."""
        return self.at is not None and self.at not in self.times


def booked_ahead(course: Course, today: date) -> list[Appointment]:
    """Give the places booked for the doses of a course from today on, the first first."""
    rows = Appointment.objects.booked().filter(course=course, subject=Appointment.Subject.DOSE, on__gte=today)
    return list(rows.order_by("on", "at"))


def doses_left(values: CourseValues, today: date) -> int:
    """Count the loading doses to book: all that remain, or where the number is open those up to the next review."""
    due = values.next_dose()
    if due is None or due.phase is not schedule.Phase.LOADING:
        return 0
    days = standing.slots_until_review(values.plan, values.history, values.clinic_days, today)
    return sum(1 for _ in islice(days, MOST)) or 1


def day_after(values: CourseValues, chosen: Sequence[date], today: date) -> date:
    """Give the day of the next loading dose if the chosen ones are given on theirs (rules.md D-14)."""
    given = [*values.history.given, *chosen]
    last_on = max(filter(None, (values.history.last_needle_on, *chosen)), default=None)
    not_before = schedule.earliest_on(values.plan, values.history, today)
    return next_slot(values.plan.loading, given, last_on, values.clinic_days, not_before)


def rows(
    values: CourseValues,
    now: datetime,
    *,
    wanted: Sequence[Wanted] = (),
    at: time | None = None,
    as_typed: bool = False,
) -> list[Row]:
    """Propose a place for each dose that is left, around what somebody wants; `at` is the time of day preferred.

    `as_typed` keeps a day and time as they were chosen, though they may be impossible: the service says what is
    wrong with them. Three queries.
    """
    course, clinic = values.course, values.course.clinic
    today = clinic.day_of(now)
    booked = booked_ahead(course, today)
    places = FreePlaces(clinic, today, today + FURTHEST, now, besides=[each.pk for each in booked])
    times_booked = {each.on: each.at for each in booked}
    at = at or next(iter(times_booked.values()), None)
    first_number = values.number_of(values.next_dose())
    found: list[Row] = []
    for number in range(doses_left(values, today)):
        due_on = day_after(values, [row.on for row in found], today)
        day, time_wanted = wanted[number] if number < len(wanted) else (None, None)
        day = day if day and today <= day <= today + FURTHEST else None
        if not as_typed:
            day = _with_room(places, max(day or due_on, due_on))
        day = day or due_on
        free = places.on(day)
        if not (as_typed and time_wanted):
            preferred = time_wanted or times_booked.get(day) or at
            time_wanted = preferred if preferred in free else nearest(free, preferred)
        at = at or time_wanted
        found.append(
            Row(
                number=first_number + number,
                due_on=due_on,
                on=day,
                at=time_wanted,
                days=_days_to_choose(values, due_on, day),
                times=tuple(free),
                is_booked=times_booked.get(day) == time_wanted and time_wanted is not None,
            )
        )
    return found


def _with_room(places: FreePlaces, day: date) -> date:
    """Give this day, or the first open one after it on which something is free."""
    last = places.today + FURTHEST
    while not places.on(day) and day < last:
        day += ONE_DAY
    return day


def _days_to_choose(values: CourseValues, due_on: date, chosen: date) -> tuple[date, ...]:
    days, day = [], due_on
    while len(days) < DAYS_TO_CHOOSE:
        day = values.clinic_days.next_open(day)
        days.append(day)
        day += ONE_DAY
    return tuple(sorted({*days, chosen}))
