"""Before and after on one time axis: where each mark of the picture stands, in hundredths of its width.

The table beside the picture says the same; templates/regimens/_axis.html draws it without a script or a style.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from patients.calendar_words import MONTHS
from regimens.models import Appointment
from regimens.protocol.intervals import months
from regimens.what_follows import Ahead

ROW = 58  # pixels: a label above a line of marks
TOP = 26  # pixels for the names of the months
SHORT = 3  # letters of a month
NARROWEST = 0.6  # of a window, so that one of a single day is seen


@dataclass(frozen=True, slots=True)
class Mark:
    """One thing on one day. `kind` is dose, lab, review or place; width is that of its window, from `from_x` on."""

    kind: str
    x: str
    from_x: str = ""
    width: str = ""


@dataclass(frozen=True, slots=True)
class Row:
    """One way to go on."""

    label: str
    top: int
    marks: tuple[Mark, ...]
    is_now: bool

    @property
    def line(self) -> int:
        """Where its marks stand."""
        return self.top + ROW - 22


@dataclass(frozen=True, slots=True)
class Axis:
    """A year from a day on, as a picture of rows."""

    months: tuple[tuple[str, str], ...]
    rows: tuple[Row, ...]
    bottom: int


def axis(rows: Iterable[tuple[str, Ahead, bool]], booked: Iterable[Appointment], today: date) -> Axis:
    """Give the picture of some ways to go on (label, what lies ahead, is it as things stand) over one year."""
    last = months(12).after(today)
    scale = _Scale(today, (last - today).days)
    drawn = []
    for number, (label, ahead, is_now) in enumerate(rows):
        marks = (*_marks(ahead, scale), *_places(booked, scale))
        drawn.append(Row(label, TOP + number * ROW, marks, is_now))
    return Axis(tuple(_months(today, last, scale)), tuple(drawn), TOP + len(drawn) * ROW)


@dataclass(frozen=True, slots=True)
class _Scale:
    start: date
    days: int

    def share(self, day: date) -> float:
        """A day as hundredths of the width, two of them left free on either side; what is past stands at the start."""
        return 2 + 96 * min(max((day - self.start).days / self.days, 0), 1)

    def x(self, day: date) -> str:
        return f"{self.share(day):.2f}%"


def _marks(ahead: Ahead, scale: _Scale) -> Iterable[Mark]:
    for dose in ahead.in_a_year:
        start, end = scale.share(dose.opens_on), scale.share(dose.closes_on)
        yield Mark("dose", scale.x(dose.due_on), f"{start:.2f}%", f"{max(end - start, NARROWEST):.2f}%")
    for check in ahead.checks:
        if check.due_on <= scale.start + timedelta(days=scale.days):
            yield Mark("lab", scale.x(check.due_on))
    if ahead.review_on:
        yield Mark("review", scale.x(ahead.review_on))


def _places(booked: Iterable[Appointment], scale: _Scale) -> Iterable[Mark]:
    for place in booked:
        if place.on <= scale.start + timedelta(days=scale.days):
            yield Mark("place", scale.x(place.on))


def _months(today: date, last: date, scale: _Scale) -> Iterable[tuple[str, str]]:
    first = today.replace(day=1)
    for number in range(1, 13):
        day = months(number).after(first)
        if day <= last:
            yield scale.x(day), MONTHS[day.month - 1][:SHORT]
