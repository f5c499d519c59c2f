"""The clinic's slots: when each begins, which are free, and which to offer for a dose or a blood test.

`offered(course, now, limit)` is what a page needs that lets somebody book with one tap; `_offers.html` shows it.
"""

from bisect import bisect_right
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from itertools import count, pairwise, takewhile
from typing import NamedTuple

from patients.models import Clinic
from regimens.models import Appointment, Course
from regimens.protocol.clinic_days import ClinicDays

MOST_IN_AN_HOUR = 60
DAYS_OFFERED = 3
# How far after a window, or after a day that is full, free places are looked for.
LOOK_AHEAD = timedelta(days=56)
ONE_DAY = timedelta(days=1)


class Span(NamedTuple):
    """A clinical date with its window: the days on which it is in time."""

    due_on: date
    opens_on: date
    closes_on: date

    def holds(self, day: date) -> bool:
        """Tell whether a day is in time."""
        return self.opens_on <= day <= self.closes_on


@dataclass(frozen=True, slots=True)
class Slot:
    """A free place: its day and time, and whether it is inside the clinical window it is offered for."""

    on: date
    at: time
    in_window: bool = True


def slot_times(clinic: Clinic) -> list[time]:
    """Give the times of a day at which a slot begins, spread evenly over each hour; the last ends by closing time."""
    in_an_hour = min(clinic.slots_per_hour, MOST_IN_AN_HOUR)
    opens, closes = _minutes(clinic.opens_at), _minutes(clinic.closes_at)
    starts = (opens + MOST_IN_AN_HOUR * number // in_an_hour for number in count())
    in_time = takewhile(lambda pair: pair[1] <= closes, pairwise(starts))
    return [time(start // 60, start % 60) for start, _end in in_time]


def capacity(clinic: Clinic) -> Counter[int]:
    """Give {hour: places} of an open day."""
    return Counter(at.hour for at in slot_times(clinic))


def free(clinic: Clinic, taken: Collection[time], after: time | None = None) -> list[time]:
    """Give the slots of an open day in which no booking begins, of hours that are not full.

    Times that were booked under other settings take the slot they fall into. With `after`, slots that have ended by
    then are left out; one that is running may still be given to somebody who is there.
    """
    starts = slot_times(clinic)
    ends = [*starts[1:], clinic.closes_at][: len(starts)]
    touched = {bisect_right(starts, at) - 1 for at in taken if at < clinic.closes_at}
    room = Counter(at.hour for at in starts)
    room.subtract(at.hour for at in taken)
    return [
        at
        for number, (at, end) in enumerate(zip(starts, ends, strict=True))
        if number not in touched and room[at.hour] > 0 and (after is None or end > after)
    ]


def taken(clinic: Clinic, first: date, last: date, *, besides: Iterable[int] = ()) -> dict[date, list[time]]:
    """Give the booked times by day, from one day to another, without the bookings `besides`; one query."""
    booked = Appointment.objects.booked().filter(clinic=clinic, on__range=(first, last))
    found: defaultdict[date, list[time]] = defaultdict(list)
    for on, at in booked.exclude(pk__in=list(besides)).values_list("on", "at"):
        found[on].append(at)
    return found


class FreePlaces:
    """What is free in a clinic's book from one day to another, as it stands now; one query beside the clinic's days.

    `open_days` stands for the clinic's own days, where they are about to change; `besides` are bookings that give
    way. What is promised to somebody (`promise`) is not free for the next.
    """

    def __init__(
        self,
        clinic: Clinic,
        first: date,
        last: date,
        now: datetime,
        *,
        open_days: ClinicDays | None = None,
        besides: Iterable[int] = (),
    ):
        local = now.astimezone(clinic.zone)
        self.clinic, self.open_days = clinic, open_days or clinic.days
        self.today, self.now = local.date(), local.time().replace(second=0, microsecond=0)
        self.booked = taken(clinic, first, last, besides=besides)

    def on(self, day: date) -> list[time]:
        """Give the free times of a day; none on a closed or past one."""
        if day < self.today or not self.open_days.is_open(day):
            return []
        return free(self.clinic, self.booked.get(day, ()), self.now if day == self.today else None)

    def promise(self, slot: Slot) -> None:
        """Take a place in thought."""
        self.booked[slot.on].append(slot.at)

    def first(self, span: Span, wanted: time, from_day: date) -> Slot | None:
        """Give the place nearest to a due date, at the time nearest to the one wanted; later ones where none is left."""
        for day in (*_inside(span, from_day), *_after(span, from_day)):
            if (at := nearest(self.on(day), wanted)) is not None:
                return Slot(day, at, span.holds(day))
        return None


def free_times(clinic: Clinic, on: date, now: datetime, *, besides: Iterable[int] = ()) -> list[time]:
    """Give the times of a day that are free now; none on a closed or past day. One query beside the clinic's days."""
    return FreePlaces(clinic, on, on, now, besides=besides).on(on)


def span_of(course: Course, subject: str) -> Span:
    """Give the due date with its window: of the next dose, or of the blood test that was missed or comes next."""
    if subject == Appointment.Subject.DOSE:
        return Span(course.next_due_on, course.window_opens_on, course.window_closes_on)
    if course.missed_lab_due_on:
        return Span(course.missed_lab_due_on, course.missed_lab_due_on, course.missed_lab_due_on)
    return Span(course.lab_due_on, course.lab_opens_on, course.lab_closes_on)


def offered(
    course: Course, now: datetime, limit: int = 6, *, subject: str = Appointment.Subject.DOSE
) -> list[Slot]:
    """Give up to `limit` free places for what is due next, those nearest to the due date first.

    They lie inside the clinical window; where it has closed or is full, they are the first ones after it and say so
    (`in_window`). A day is not offered minute by minute: its share is spread over its hours. Two or three queries.
    """
    clinic, span = course.clinic, span_of(course, subject)
    today = clinic.day_of(now)
    for days, in_window in ((_inside(span, today), True), (_after(span, today), False)):
        if days:
            places = FreePlaces(clinic, min(days), max(days), now)
            if found := [(day, times) for day in days if (times := places.on(day))]:
                return list(_some(found, limit, in_window=in_window))
    return []


def nearest(times: Collection[time], wanted: time | None) -> time | None:
    """Give the free time nearest to the one wanted; the first where none is; None where nothing is free."""
    if not times:
        return None
    return min(times, key=lambda at: abs(_minutes(at) - _minutes(wanted))) if wanted else min(times)


def _inside(span: Span, from_day: date) -> list[date]:
    """Give the days of a window from a day on, nearest to the due date first."""
    days = _days(max(span.opens_on, from_day), span.closes_on)
    return sorted(days, key=lambda day: (abs(day - span.due_on), day))


def _after(span: Span, from_day: date) -> list[date]:
    """Give the days after a window, the first ones first."""
    first = max(span.closes_on + ONE_DAY, from_day)
    return _days(first, first + LOOK_AHEAD)


def _days(first: date, last: date) -> list[date]:
    return [first + ONE_DAY * number for number in range((last - first).days + 1)]


def _some(found: list[tuple[date, list[time]]], limit: int, *, in_window: bool) -> Iterator[Slot]:
    """Yield at most `limit` places: an equal share of each of the first days, spread over the day."""
    share = -(-limit // min(DAYS_OFFERED, len(found) or 1))
    left = limit
    for day, times in found:
        number = min(share, left, len(times))
        for place in range(number):
            yield Slot(day, times[place * len(times) // number], in_window)
        left -= number


def _minutes(at: time) -> int:
    return at.hour * 60 + at.minute
