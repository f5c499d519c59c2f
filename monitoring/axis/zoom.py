"""Which stretch of a story is drawn and which lanes of it, as the address asks: years and words, never a name."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from urllib.parse import urlencode

from monitoring.axis.span import A_DAY, Span
from regimens.models import Course
from regimens.protocol.intervals import months

ALL = "all"
A_YEAR, A_MONTH = months(12), months(1)
LONGEST_MONTH = 31
BEFORE_THE_LAST_DOSE = timedelta(days=30)
HERE = "#along"


@dataclass(frozen=True, slots=True)
class Choice:
    """One choice on the page: its words, its address, and whether it holds now."""

    key: str
    words: str
    address: str
    holds: bool


@dataclass(frozen=True)
class Asked:
    """What the address asks for, with everything senseless left out."""

    years: str
    hidden: frozenset[str]

    def address(self, **other: str) -> str:
        """Give the address of this page with these things asked instead."""
        asked = {"years": self.years, "hide": ".".join(sorted(self.hidden)), **other}
        return f"?{urlencode({name: value for name, value in asked.items() if value})}"

    def without_or_with(self, key: str) -> str:
        """Give the address that hides a lane that is shown, or shows one that is hidden."""
        return self.address(hide=".".join(sorted(self.hidden ^ {key}))) + HERE


def read(asked: Mapping[str, str], keys: Iterable[str], earliest: date | None, today: date) -> Asked:
    """Read the query of an address; `keys` are those of the lanes there are, `earliest` the first day on record."""
    years = asked.get("years", "")
    if years != ALL and years not in map(str, years_of(earliest, today)):
        years = ""
    return Asked(years, frozenset(asked.get("hide", "").split(".")).intersection(keys))


def years_of(earliest: date | None, today: date) -> range:
    """Give the years before this one of which there is anything, newest first."""
    return range(today.year - 1, (earliest or today).year - 1, -1)


def stretch(asked: Asked, course: Course | None, earliest: date | None, today: date) -> tuple[date, date]:
    """Give the first and last day to draw."""
    if asked.years == ALL:
        first, last = stretch(Asked("", frozenset()), course, earliest, today)
        return min(earliest or first, first), last
    if asked.years:
        return date(int(asked.years), 1, 1), date(int(asked.years), 12, 31)
    if course is None or course.is_open:
        return _last_and_next_year(course, earliest, today)
    return _around_the_end(course, today)


def _last_and_next_year(course: Course | None, earliest: date | None, today: date) -> tuple[date, date]:
    """A year each way; less before today where the story is shorter, more where the last dose is longer ago."""
    first = max(_a_year_before(today), min(earliest or today, today))
    known = [on for on in (course.last_given_on, course.next_due_on) if on] if _is_injected(course) else []
    if known and min(known) < first:
        first = min(known) - BEFORE_THE_LAST_DOSE
    return first, A_YEAR.after(today) if course else A_MONTH.after(today)


def _is_injected(course: Course | None) -> bool:
    return course is not None and course.phase != Course.Phase.ORAL


def _around_the_end(course: Course, today: date) -> tuple[date, date]:
    """The last year of a treatment, and what followed: up to today where that is not long ago, and a check still owed."""
    last = min(today, A_YEAR.after(course.ended_on))
    return _a_year_before(course.ended_on), max(last, course.lab_due_on or last) + A_DAY


def _a_year_before(day: date) -> date:
    """Return the same day a year before; the last of February for a leap day."""
    year, leap = day.year - 1, (day.month, day.day) == (2, 29)
    return date(year, day.month, 28 if leap else day.day)


def choices(asked: Asked, course: Course | None, earliest: date | None, today: date) -> list[Choice]:
    """Give the stretches there are to choose from: the ordinary one, each year before this, the whole life."""
    ordinary = "Last and next year" if course is None or course.is_open else "The last year"
    years = ((str(year), str(year)) for year in years_of(earliest, today))
    return [
        Choice(key, words, asked.address(years=key) + HERE, holds=key == asked.years)
        for key, words in (("", ordinary), *years, (ALL, "Whole life"))
    ]


def lanes(asked: Asked, titles: Mapping[str, str]) -> Iterator[Choice]:
    """Yield a choice for each lane and plot: its address hides what is shown, and shows what is hidden."""
    for key, title in titles.items():
        yield Choice(key, title, asked.without_or_with(key), holds=key not in asked.hidden)


def closer(asked: Asked, cell: Span, earliest: date | None, today: date) -> str:
    """Give the address of the year that a cell is, or the part of one; empty for a month, and for more than a year."""
    year = cell.first.year
    if cell.days <= LONGEST_MONTH or year != cell.last.year or year not in years_of(earliest, today):
        return ""
    return asked.address(years=str(year)) + HERE
