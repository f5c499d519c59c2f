"""What the axis draws, in words: the label of a cell, and the rows of the table that says the same without a picture."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from itertools import groupby

from monitoring.axis.kinds import Kind, Lane, Mark, Strip
from monitoring.axis.measured import Series
from monitoring.axis.span import Span
from patients.calendar_words import MONTHS
from patients.templatetags.wording import day

FEW = 3  # so many things are named one by one; more are counted


@dataclass(slots=True)
class Row:
    """One cell of the line in words, lane by lane: (title, text). `address` looks at its year more closely."""

    key: str
    title: str
    address: str = ""
    lines: list[tuple[str, str]] = field(default_factory=list)


def cell_title(cell: Span) -> str:
    """Name a cell: March 2026, January to March 2026, 2026, 2009 to 2018."""
    first, last = cell.first, cell.last
    begins, ends = MONTHS[first.month - 1], MONTHS[last.month - 1]
    if is_month(cell):
        return f"{begins} {first.year}"
    if (first.month, last.month) != (1, 12):
        return f"{begins} to {ends} {last.year}"
    return f"{first.year}" if first.year == last.year else f"{first.year} to {last.year}"


def table(cells: Sequence[Span], strips: Iterable[Strip], series: Iterable[Series]) -> list[Row]:
    """Write everything that is drawn, in a row for each cell, also one in which there is nothing."""
    found = [Row(f"in{cell.first:%Y%m}", cell_title(cell)) for cell in cells]
    for strip in strips:
        for cell, row in zip(cells, found, strict=True):
            if here := held(strip.marks, cell):
                row.lines.append((strip.title, line(strip.lane, here, cell)))
    for each in series:
        for cell, row in zip(cells, found, strict=True):
            if text := values(each, cell):
                row.lines.append((each.title, text))
    return found


def held(marks: Iterable[Mark], cell: Span) -> list[Mark]:
    """Give the marks that lie in a cell."""
    return [mark for mark in marks if cell.holds(mark.on)]


def counted(marks: Iterable[Mark]) -> str:
    """Count marks by kind: 12 in time, 1 late."""
    kinds = Counter(mark.kind for mark in marks)
    return ", ".join(f"{count} {kind.word}" for kind, count in kinds.items())


def label(marks: Sequence[Mark]) -> str:
    """Name the marks of a cell one by one, or count many."""
    if len(marks) > FEW:
        return f"{counted(marks)}, {day(marks[0].on)} to {day(marks[-1].on)}"
    return in_full(marks)


def line(lane: Lane, marks: Sequence[Mark], cell: Span) -> str:
    """Write the marks of a cell for the table: a month in full, of a longer time the days of each kind.

    Many ordinary ones are counted, as they are drawn: the pages of single years name each.
    """
    if is_month(cell) or lane.in_full:
        return in_full(marks)
    kinds: dict[Kind, list[date]] = {}
    for mark in marks:
        kinds.setdefault(mark.kind, []).append(mark.on)
    return "; ".join(_several(kind, days, cell) for kind, days in kinds.items())


def _several(kind: Kind, days: Sequence[date], cell: Span) -> str:
    many = f"{len(days)} {kind.word}"
    if kind.ordinary and len(days) > FEW:
        return many
    return f"{many}: {days_in(cell, ((on, '') for on in days))}"


def days_in(cell: Span, days: Iterable[tuple[date, str]]) -> str:
    """Write days of a cell and what belongs to each; where it is longer than a year, each year before its days."""
    years = groupby(days, key=lambda each: each[0].year)
    said = {year: ", ".join(f"{day(on)[:6]}{what}" for on, what in those) for year, those in years}
    if cell.first.year == cell.last.year:
        return "".join(said.values())
    return "; ".join(f"{year}: {those}" for year, those in said.items())


def in_full(marks: Iterable[Mark]) -> str:
    """Write each mark with its day."""
    return "; ".join(f"{day(mark.on)} {mark.text}" for mark in marks)


def values(series: Series, cell: Span) -> str:
    """Write the values of a cell: a month in full, of a longer time each number with its day."""
    points = [point for point in series.points if cell.holds(point.on)]
    refused = [f"{day(on)} not drawn: {why}" for on, why in series.refused if cell.holds(on)]
    if is_month(cell):
        return "; ".join([*(f"{day(point.on)} {point.text}" for point in points), *refused])
    soon = " (soon after an injection)"
    numbers = [(point.on, f" {point.number}{soon if point.after_a_dose else ''}") for point in points]
    return "; ".join([*([days_in(cell, numbers)] if numbers else []), *refused])


def is_month(cell: Span) -> bool:
    """Say whether a cell is one month, the shortest there is."""
    return (cell.first.year, cell.first.month) == (cell.last.year, cell.last.month)
