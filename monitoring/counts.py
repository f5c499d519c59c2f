"""How many stand in each part of the worklist: all of it from one statement, so that nobody moves between two counts."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date

from django.db.models import Case, Count, F, IntegerField, QuerySet, Value, When

from monitoring import sections
from monitoring.sections import Section
from monitoring.statements import written_once
from patients.models import Clinic
from regimens.models import Course

OPEN, PART, NOW, TEST, BOOKED = "open", "part", "now", "test", "booked"
NOWHERE = -1
RUNNING = (sections.OVERDUE, sections.DUE, sections.WEEK, sections.LATER)


@dataclass(frozen=True)
class Counts:
    """How many stand where. booked: {key of the nurse, or None for nobody in particular: places booked today}."""

    open: int
    parts: tuple[tuple[Section, int], ...]
    booked_with: dict[int | None, int]
    tests_overdue: int
    tests_due: int

    @property
    def adds_up(self) -> bool:
        """Tell whether every open course stands in a part."""
        return sum(number for _section, number in self.parts) == self.open

    @property
    def booked(self) -> int:
        """How many places of today are booked and neither kept nor missed yet."""
        return sum(self.booked_with.values())

    def of(self, section: Section) -> int | None:
        """Give the number of a part; None for one that is not counted."""
        return self.booked if section is sections.BOOKED else dict(self.parts).get(section)


def count(clinic: Clinic, today: date) -> Counts:
    """Count the parts of a clinic's worklist; one query, however many patients there are."""
    numbers: dict[tuple[str, int | None], int] = defaultdict(int)
    for what, key, number in _counted(clinic=clinic.pk, today=today):
        if what == NOW:  # two numbers that are counted in one walk
            numbers[PART, sections.WHOLE.index(sections.OVERDUE)] += key
            numbers[PART, sections.WHOLE.index(sections.DUE)] += number
        else:
            numbers[what, key] += number
    missed, closed, due = (numbers[TEST, place] for place in range(len(sections.LABS)))
    return Counts(
        open=numbers[OPEN, 0],
        parts=tuple((section, numbers[PART, place]) for place, section in enumerate(sections.WHOLE)),
        booked_with={key: number for (what, key), number in numbers.items() if what == BOOKED},
        tests_overdue=missed + closed,
        tests_due=due,
    )


@written_once
def _counted(*, clinic: int, today: date) -> QuerySet:
    """Rows of (what is counted, key, number); the numbers of one key belong together. NOW: overdue, due.

    Most courses run and were never paused: they are counted along one stretch of the index for each part. The few
    that were paused are looked at one by one.
    """
    place = {section: number for number, section in enumerate(sections.WHOLE)}
    courses = Course.objects.open().filter(clinic=clinic).order_by()
    injected = courses.filter(phase__in=(Course.Phase.LOADING, Course.Phase.MAINTENANCE))
    standing = Case(
        When(paused_until__gt=today, then=Value(place[sections.PAUSED])),
        *(When(section.standing(today), then=Value(place[section])) for section in RUNNING),
        default=Value(NOWHERE),
        output_field=IntegerField(),
    )
    rows = [
        *(
            _numbers(PART, injected.filter(section.standing(today), paused_until=None), Value(place[section]))
            for section in (sections.WEEK, sections.LATER)
        ),
        injected.filter(paused_until=None, window_opens_on__lte=today)
        .annotate(what=Value(NOW))
        .values("what")
        .annotate(
            key=Count("window_opens_on", filter=sections.OVERDUE.standing(today)),
            number=Count("window_opens_on", filter=sections.DUE.standing(today)),
        )
        .values_list("what", "key", "number"),
        _numbers(PART, injected.filter(paused_until__isnull=False), standing),
        _numbers(PART, courses.filter(phase=Course.Phase.ORAL), Value(place[sections.ORAL])),
        *(
            _numbers(TEST, section.rows(clinic, today).order_by(), Value(number))
            for number, section in enumerate(sections.LABS)
        ),
        # Not grouped by the database: SQLite would walk every booking there ever was along the index of the nurse.
        sections.BOOKED.rows(clinic, today)
        .order_by()
        .annotate(what=Value(BOOKED), key=F("nurse_id"), number=Value(1))
        .values_list("what", "key", "number"),
    ]
    return _numbers(OPEN, courses, Value(0)).union(*rows, all=True)


def _numbers(what: str, rows: QuerySet, key) -> QuerySet:
    counted = rows.annotate(what=Value(what), key=key).values("what", "key").annotate(number=Count("*"))
    return counted.values_list("what", "key", "number")
