"""The clinic's book by week and month: load against capacity, who is booked on a day, and who is not booked yet.

Every query is a range of days of one clinic along an index, and gives at most a row for each hour or day of it.
"""

from collections import Counter, defaultdict
from dataclasses import dataclass
from datetime import date, timedelta

from django.db.models import Count, Exists, QuerySet
from django.db.models.functions import ExtractHour

from patients.models import Clinic, User
from patients.paging import Order, row_number
from regimens import slots
from regimens.models import Appointment, Course

ONE_DAY = timedelta(days=1)
WEEK = timedelta(days=7)
# No window of the protocol stays open longer than this after its due date.
LONGEST_LATE = timedelta(days=31)
INJECTED = (Course.Phase.LOADING, Course.Phase.MAINTENANCE)
UNBOOKED_ORDER = Order(("next_due_on", "id"), (date.fromisoformat, row_number))
UNBOOKED_COLUMNS = (
    "id",
    "patient_id",
    "next_due_on",
    "window_opens_on",
    "window_closes_on",
    "patient__family_name",
    "patient__given_names",
    "patient__born_on",
    "patient__phone",
)


@dataclass(frozen=True, slots=True)
class Hour:
    """One hour of a day: how many of its places are booked. Nothing can be booked in it where there are none."""

    hour: int
    booked: int
    places: int

    @property
    def word(self) -> str:
        """What the numbers mean: full, over, or nothing to say."""
        return _word(self.booked, self.places)


@dataclass(frozen=True, slots=True)
class Day:
    """One day of the book. `closed` says why nobody is seen: the words of a closure, or that the weekday is not open."""

    on: date
    closed: str
    hours: tuple[Hour, ...]
    not_booked: int

    @property
    def booked(self) -> int:
        """How many places are booked."""
        return sum(hour.booked for hour in self.hours)

    @property
    def places(self) -> int:
        """How many places there are."""
        return sum(hour.places for hour in self.hours)

    @property
    def word(self) -> str:
        """Full, over, or nothing to say."""
        return _word(self.booked, self.places)


def days(clinic: Clinic, first: date, last: date, today: date) -> list[Day]:
    """Read the book of some days. Three queries beside the clinic's days, however many patients there are."""
    booked = _booked(clinic, first, last)
    waiting = not_booked_by_day(clinic, first, last, today)
    words = dict(clinic.closures.filter(day__range=(first, last)).values_list("day", "reason"))
    places = slots.capacity(clinic)
    found = []
    for number in range((last - first).days + 1):
        on = first + ONE_DAY * number
        is_open = clinic.days.is_open(on)
        closed = "" if is_open else words.get(on, "Not an opening day")
        found.append(Day(on, closed, _hours(booked[on], places if is_open else Counter()), waiting[on]))
    return found


def hours_of(week: list[Day], clinic: Clinic) -> list[int]:
    """Give every hour that has places or bookings on one of these days, the clinic's own first to last."""
    return sorted({hour.hour for day in week for hour in day.hours} | set(slots.capacity(clinic)))


def not_booked(clinic: Clinic, first: date, last: date, today: date) -> QuerySet:
    """Give the courses whose next injection is expected on a day of this range, and for which nothing is booked.

    A dose is expected on its due date, or the next open day; one whose date is past but not its window, on the next
    open day from today. Who is overdue is not forecast: they stand on Today, for ever.
    """
    open_days = clinic.days
    start = open_days.previous_open(first - ONE_DAY) + ONE_DAY
    soonest = open_days.next_open(today)
    if first <= soonest <= last:
        start = min(start, today - LONGEST_LATE)
    courses = Course.objects.open() if last >= soonest else Course.objects.none()
    return (
        courses.filter(clinic=clinic, phase__in=INJECTED, window_closes_on__gte=today)
        .filter(next_due_on__range=(start, open_days.previous_open(last)))
        .filter(~Exists(Appointment.objects.serving()))
    )


def not_booked_by_day(clinic: Clinic, first: date, last: date, today: date) -> Counter[date]:
    """Count them by the day they are expected on. One query, at most a row for each due date."""
    due = not_booked(clinic, first, last, today).values("next_due_on").annotate(number=Count("pk")).order_by()
    found: Counter[date] = Counter()
    for on, number in due.values_list("next_due_on", "number"):
        found[clinic.days.next_open(max(on, today))] += number
    return found


@dataclass(frozen=True, slots=True)
class WithWhom:
    """How many places of a day are booked with one person; `key` is None for nobody in particular."""

    key: int | None
    name: str
    booked: int


def with_whom(clinic: Clinic, first: date, last: date) -> dict[date, list[WithWhom]]:
    """Count the booked places of each day by the person they are booked with, as far as with somebody; two queries."""
    rows = Appointment.objects.booked().filter(clinic=clinic, on__range=(first, last), nurse__isnull=False)
    counted = rows.values("on", "nurse").annotate(number=Count("pk")).order_by()
    numbers = list(counted.values_list("on", "nurse", "number"))
    people = User.objects.in_bulk({key for _on, key, _number in numbers})
    found: defaultdict[date, list[WithWhom]] = defaultdict(list)
    for on, key, number in numbers:
        found[on].append(WithWhom(key, people[key].shown_name(), number))
    return {on: sorted(each, key=lambda who: (who.name, who.key)) for on, each in found.items()}


def of_day(clinic: Clinic, on: date) -> list[Appointment]:
    """Give the bookings of a day by time, with their patients; those that were moved or cancelled are not there."""
    rows = Appointment.objects.filter(clinic=clinic, on=on).exclude(
        state__in=(Appointment.State.MOVED, Appointment.State.CANCELLED)
    )
    return list(rows.select_related("patient", "nurse").order_by("at", "pk"))


def monday_of(day: date) -> date:
    """Give the Monday of a day's week."""
    return day - ONE_DAY * day.weekday()


def month_of(day: date) -> tuple[date, date]:
    """Give the first and the last day of a day's month."""
    first = day.replace(day=1)
    return first, (first + timedelta(days=31)).replace(day=1) - ONE_DAY


def _booked(clinic: Clinic, first: date, last: date) -> defaultdict[date, Counter[int]]:
    rows = Appointment.objects.filter(clinic=clinic, on__range=(first, last), state=Appointment.State.BOOKED)
    by_hour = (
        rows.annotate(hour=ExtractHour("at")).values("on", "hour").annotate(number=Count("pk")).order_by()
    )
    found: defaultdict[date, Counter[int]] = defaultdict(Counter)
    for on, hour, number in by_hour.values_list("on", "hour", "number"):
        found[on][hour] = number
    return found


def _hours(booked: Counter[int], places: Counter[int]) -> tuple[Hour, ...]:
    return tuple(Hour(hour, booked[hour], places[hour]) for hour in sorted(set(booked) | set(places)))


def _word(booked: int, places: int) -> str:
    if booked > places:
        return "over"
    return "full" if booked and booked == places else ""
