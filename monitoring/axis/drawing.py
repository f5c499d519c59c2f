"""Lanes and their frame as coordinates for a template: paths, bars, cells to hit, the lines of months and of today."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from monitoring.axis import told
from monitoring.axis.kinds import Bar, Kind, Mark, Strip
from monitoring.axis.span import Span, months_of
from patients.calendar_words import MONTHS

# In units of the drawing, which are CSS pixels where it is not stretched.
WIDTH, LANE, HEAD = 880, 44, 48
NARROWEST = 24  # what a finger or a pointer must be able to hit (WCAG 2.5.8)
A_LETTER = 6.2  # about as wide as one of the small letters
A_MARK = 12  # as wide as a mark, with a little air
A_YEAR_NAME, A_WORD, A_GAP = (
    34,
    76,
    24,
)  # as wide as “2026”, as “first dose” beside “today”, as half of “today”


@dataclass(frozen=True, slots=True)
class Cell:
    """A part of the line in which there is something: the row it leads to, where it is hit, and what it says."""

    row: str
    x: str
    label: str


@dataclass(frozen=True, slots=True)
class Drawn:
    """All marks of one kind in a lane: one path, empty where each is counted only."""

    kind: Kind
    count: int
    path: str


@dataclass(frozen=True, slots=True)
class DrawnBar:
    """Something that lasts. `words` are empty where they do not fit, and end at `words_x`."""

    look: str
    x: str
    width: str
    words: str
    words_x: str


@dataclass(frozen=True, slots=True)
class LaneView:
    """One lane, drawn. `windows` is one path of many small bars."""

    key: str
    title: str
    drawn: tuple[Drawn, ...]
    windows: str
    bars: tuple[DrawnBar, ...]
    # How many ordinary marks there are where they are not drawn one by one.
    counts: tuple[tuple[str, int], ...]
    cells: tuple[Cell, ...]


@dataclass(frozen=True, slots=True)
class Label:
    """Where a word stands, and which of its ends is there: start, middle, end."""

    x: str
    anchor: str


@dataclass(frozen=True, slots=True)
class Head:
    """What stands over all lanes: the names of months and years, and the lines that run down from them."""

    minor: str
    major: str
    names: tuple[tuple[str, str], ...]
    years: tuple[tuple[str, str], ...]
    # Where the line of today stands and its word, both empty where today is not on the line.
    today: str
    today_word: Label | None
    first_dose: str
    first_dose_word: Label | None
    cells: tuple[Cell, ...]


def at(fraction: float) -> str:
    """Write a fraction of the line as a coordinate, to a tenth of a pixel."""
    return f"{fraction * WIDTH:.1f}".removesuffix(".0")


def hit(cell: Span, span: Span, row: str, label: str) -> Cell:
    """Give a cell as something to hit: it begins with its first day, and all are as wide as the shortest."""
    return Cell(row, at(span.start(cell.first)), label)


def lane(strip: Strip, span: Span, places: Sequence[tuple[Span, str]], *, may_hit: bool) -> LaneView:
    """Draw a lane. `places` are the cells of the line, each with the row it leads to, if each of them `may_hit` it."""
    by_cell = [(cell, row, told.held(strip.marks, cell)) for cell, row in places]
    crowds = [(cell, crowd) for cell, _row, here in by_cell if (crowd := _crowd(cell, here, span))]
    counted = {id(mark) for _cell, crowd in crowds for mark in crowd}
    kinds: dict[Kind, list[Mark]] = {}
    for mark in strip.marks:
        kinds.setdefault(mark.kind, []).append(mark)
    return LaneView(
        key=strip.lane.key,
        title=strip.title,
        drawn=tuple(
            Drawn(kind, len(those), _path(kind, _drawn(those, counted), span, small=not may_hit))
            for kind, those in kinds.items()
        ),
        windows=_windows((bar for bar in strip.bars if bar.look == "window"), span),
        bars=tuple(_bars((bar for bar in strip.bars if bar.look != "window"), span)),
        counts=tuple((at(sum(span.bar(cell.first, cell.last)) / 2), len(crowd)) for cell, crowd in crowds),
        cells=tuple(
            hit(cell, span, row, told.label(here)) for cell, row, here in by_cell if here and may_hit
        ),
    )


def _drawn(marks: Iterable[Mark], counted: set[int]) -> Iterable[Mark]:
    return (mark for mark in marks if id(mark) not in counted)


def _crowd(cell: Span, here: Sequence[Mark], span: Span) -> list[Mark]:
    """Give the ordinary marks of a cell that would be drawn over each other; none where there is room."""
    ordinary = [mark for mark in here if mark.kind.ordinary]
    room = cell.days / span.days * WIDTH
    return ordinary if len(ordinary) * A_MARK > room else []


def _path(kind: Kind, marks: Iterable[Mark], span: Span, *, small: bool) -> str:
    """Draw marks of one kind as one path; where they would hide each other, in the small shape if their kind has one."""
    xs = [span.middle(mark.on) * WIDTH for mark in marks]
    path = []
    for x, before, after in zip(xs, [-WIDTH, *xs], [*xs[1:], 2 * WIDTH], strict=False):
        crowded = small or min(x - before, after - x) < A_MARK
        shape = kind.small if kind.small and crowded else kind.shape
        path.append(f"M{at(x / WIDTH)} {LANE // 2 + kind.start}{shape}")
    return "".join(path)


def _windows(bars: Iterable[Bar], span: Span) -> str:
    """Draw windows as one path of boxes, cut at the edges of the line."""
    boxes = (span.bar(bar.first, bar.last) for bar in bars)
    return "".join(
        f"M{at(box[0])} 14h{at(box[1] - box[0])}v16H{at(box[0])}z" for box in boxes if box is not None
    )


def _bars(bars: Iterable[Bar], span: Span) -> Iterable[DrawnBar]:
    for bar in bars:
        box = span.bar(bar.first, bar.last)
        if box is None:
            continue
        begins, width = box[0], (box[1] - box[0]) * WIDTH
        fits = len(bar.text) * A_LETTER + 24 <= width
        yield DrawnBar(
            bar.look, at(begins), at(box[1] - begins), bar.text if fits else "", at(box[1] - 12 / WIDTH)
        )


def head(
    span: Span, cells: Sequence[Span], today: date, first_dose: date | None, links: Iterable[Cell]
) -> Head:
    """Draw the frame: names of months while a cell is one, else of years."""
    by_month = told.is_month(cells[0])
    has_begun = first_dose is not None and span.holds(first_dose)
    januaries = list(months_of(span, 12))
    years = januaries if januaries and januaries[0] == span.first else [span.first, *januaries]
    long = len(cells) <= 14
    names = [
        (
            at(span.middle(_midst(cell))),
            MONTHS[cell.first.month - 1] if long else MONTHS[cell.first.month - 1][:3],
        )
        for cell in cells
    ]
    lines = {cell.first for cell in cells} - {span.first}
    return Head(
        minor=_lines(sorted(lines - set(januaries)), span),
        major=_lines([january for january in januaries if january in lines], span),
        names=tuple(names) if by_month else (),
        years=tuple(_years(years, span, every=1 if by_month else _step(len(years)))),
        today=at(span.middle(today)) if span.holds(today) else "",
        today_word=_word(span.middle(today) * WIDTH, A_GAP) if span.holds(today) else None,
        first_dose=at(span.middle(first_dose)) if has_begun else "",
        first_dose_word=_beside(first_dose, today, span) if has_begun else None,
        cells=tuple(links),
    )


def _midst(cell: Span) -> date:
    return date.fromordinal((cell.first.toordinal() + cell.last.toordinal()) // 2)


def _lines(days: Iterable[date], span: Span) -> str:
    return "".join(f"M{at(span.start(day))} 0v9" for day in days)


def _step(years: int) -> int:
    """Return how many years apart their names must stand so as not to touch."""
    return next(step for step in (1, 2, 5, 10, 20, 50, 100, 1000) if WIDTH / years * step >= A_YEAR_NAME)


def _years(years: Sequence[date], span: Span, every: int) -> Iterable[tuple[str, str]]:
    """Yield where the name of each year begins; one that has no room before the next gives way."""
    named = [first for first in years if first.year % every == 0 or first == years[0]]
    begins = [span.start(first) for first in named]
    for first, x, following in zip(named, begins, [*begins[1:], 1.0], strict=True):
        if (following - x) * WIDTH >= A_YEAR_NAME:
            yield at(x), f"{first.year}"


def _word(x: float, half: float) -> Label:
    """Place a word over a line, held inside the edges; `half` is half its width."""
    if x < half:
        return Label("0", "start")
    return Label(f"{WIDTH}", "end") if x > WIDTH - half else Label(f"{x:.1f}", "middle")


def _beside(day: date, today: date, span: Span) -> Label:
    """Place the word over the line of the first dose, out of the way of the word over today's."""
    x, now = span.middle(day) * WIDTH, span.middle(today) * WIDTH
    if abs(x - now) >= A_WORD:
        return _word(x, A_WORD / 2)
    word = min(max(now, A_GAP), WIDTH - A_GAP)  # where the middle of “today” is held
    left, right = min(x, word - A_GAP), max(x, word + A_GAP)
    goes_left = left >= A_WORD and (x <= now or right > WIDTH - A_WORD)
    return Label(f"{left:.1f}", "end") if goes_left else Label(f"{right:.1f}", "start")
