"""A stretch of days drawn as a line: where each day stands on it, its months, and the cells it is cut into.

Pure: days in, fractions of the line out. A day is as wide as any other and its mark stands in its middle, so that a
line of one day has a middle too and no mark ever stands on an edge.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import chain, count

A_DAY = timedelta(days=1)
# In months, how long a cell may be; after the last, each is twice the one before.
LENGTHS = (1, 3, 12, 24, 60, 120)


@dataclass(frozen=True, slots=True)
class Span:
    """Days from a first to a last one, both included. Raises ValueError where the last comes before the first."""

    first: date
    last: date

    def __post_init__(self) -> None:
        if self.last < self.first:
            raise ValueError(f"A span ends no earlier than it begins: {self.first} to {self.last}.")

    @property
    def days(self) -> int:
        """How many days it is long."""
        return (self.last - self.first).days + 1

    def holds(self, day: date) -> bool:
        """Say whether a day lies on the line."""
        return self.first <= day <= self.last

    def middle(self, day: date) -> float:
        """Return where the middle of a day stands, as a fraction of the line; outside it for another day."""
        return ((day - self.first).days + 0.5) / self.days

    def start(self, day: date) -> float:
        """Return where a day begins, as a fraction of the line."""
        return (day - self.first).days / self.days

    def bar(self, first: date, last: date) -> tuple[float, float] | None:
        """Return where days from one to another begin and end, cut at the edges; None where none is on the line."""
        first, last = max(first, self.first), min(last, self.last)
        if last < first:
            return None
        return self.start(first), ((last - self.first).days + 1) / self.days


def months_of(span: Span, length: int = 1) -> Iterator[date]:
    """Yield each first day of a month on the line whose number fits the length: 3 gives January, April, July, October."""
    month = _month(span.first)
    if span.first.day > 1:
        month += 1
    month += -month % length
    while (day := _first_of(month)) and day <= span.last:
        yield day
        month += length


def cut(first: date, last: date, narrowest: float) -> tuple[Span, tuple[Span, ...]]:
    """Return the line that holds these days in whole cells, and its cells: whole months or years.

    `narrowest` is the fraction of the line that a cell must have at least, so that each can be hit. A cell is a month,
    a quarter, a year, two, five, ten years: the shortest that is wide enough. Cells of years begin with January.
    """
    for length in chain(LENGTHS, (LENGTHS[-1] * 2**times for times in count(1))):
        cells = tuple(_cells(first, last, length))
        span = Span(cells[0].first, cells[-1].last)
        if len(cells) == 1 or min(cell.days for cell in cells) >= narrowest * span.days:
            return span, cells
    raise AssertionError("there is always a length that is wide enough")


def _cells(first: date, last: date, length: int) -> Iterator[Span]:
    """Yield cells of so many months; quarters begin with a quarter, years with a year, longer ones with the first year."""
    month = _month(first) - (_month(first) % min(length, 12))
    while (day := _first_of(month)) and day <= last:
        month += length
        following = _first_of(month)
        yield Span(day, following - A_DAY if following else date.max)


def _month(day: date) -> int:
    """Number the months, so that they can be counted."""
    return day.year * 12 + day.month - 1


def _first_of(month: int) -> date | None:
    """Return the first day of a numbered month; None after the last month that a calendar knows."""
    year, number = divmod(month, 12)
    return date(year, number + 1, 1) if year <= date.max.year else None
