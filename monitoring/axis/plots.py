"""Plots of values as coordinates for a template: the laboratory's range, the target, points by how they may be read."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from monitoring.axis import told
from monitoring.axis.drawing import WIDTH, Cell, at, hit
from monitoring.axis.measured import Point, Series, runs_of_limits, written
from monitoring.axis.scale import Edge
from monitoring.axis.span import Span
from regimens.protocol.units import Comparator

PLOT, TOP, BOTTOM = 84, 20, 66  # in units of the drawing: its height, and where its scale ends
BESIDE = 8  # how far a range reaches beyond the first and the last value that came with it
A_LINE = 11  # as high as a number
NUMBER = 38  # as wide as a number: where the next value stands nearer, its number is left to the words

# By how a value may be read: the path of its mark around a middle of 0,0.
SHAPES = {
    "full": "h0",  # a dot, by the width of the pen
    "hollow": "m-4 0a4 4 0 1 0 8 0a4 4 0 1 0-8 0z",
    "below": "m-5-4h10l-5 8z",  # a value reported as lower than the number
    "above": "m-5 4h10l-5-8z",
    "over": "m0-6l-4 6h8zm0 6v6",  # beyond the top of the scale
    "under": "m0 6l-4-6h8zm0-6v-6",
}
WORDS = {
    "hollow": "within 14 days after an injection",
    "below": "lower than the number (<)",
    "above": "higher than the number (>)",
    "over": "beyond the scale",
    "under": "beyond the scale",
}


@dataclass(frozen=True, slots=True)
class Box:
    """A part of a range, as a rectangle."""

    x: str
    width: str
    y: str
    height: str


@dataclass(frozen=True, slots=True)
class Number:
    """A number written beside what it belongs to."""

    x: str
    y: str
    text: str


@dataclass(frozen=True, slots=True)
class PlotView:
    """One plot, drawn. `newest` is its last value, `points` one path for each way to read a value."""

    key: str
    title: str
    unit: str
    newest: str
    newest_on: date | None
    range_words: str
    target_words: str
    ranges: tuple[Box, ...]
    ends: tuple[Number, ...]
    target: str
    line: str
    points: tuple[tuple[str, str], ...]
    numbers: tuple[Number, ...]
    cells: tuple[Cell, ...]


def plot(series: Series, span: Span, cells: Iterable[tuple[Span, str]]) -> PlotView:
    """Draw the values of one analyte. `cells` are those of the line, each with the row it leads to."""
    newest = series.points[-1] if series.points else None
    return PlotView(
        key=series.analyte.value.lower(),
        title=series.title,
        unit=series.unit,
        newest=newest.number if newest else "",
        newest_on=newest.on if newest else None,
        range_words=series.limits.words if series.limits else "",
        target_words=f"{series.target}" if series.target else "",
        ranges=tuple(_ranges(series, span)),
        ends=tuple(_ends(series)),
        target=_y(series, series.target) if series.target else "",
        line=_line(series, span),
        points=tuple(_points(series, span)),
        numbers=tuple(_numbers(series, span)),
        cells=tuple(_cells(series, span, cells)),
    )


def _height(series: Series, value: Decimal) -> float:
    return BOTTOM - series.scale.at(value) * (BOTTOM - TOP)


def _y(series: Series, value: Decimal) -> str:
    return f"{_height(series, value):.1f}"


def _ranges(series: Series, span: Span) -> Iterable[Box]:
    """Draw each range behind the values that came with it.

    The first reaches the left edge and the last the right one; two meet half-way between their values. Beside a
    value without a range it ends.
    """
    runs = runs_of_limits(series.points)
    for number, (first, last) in enumerate(runs):
        before, after = runs[number - 1][1] if number else None, (runs[number + 1 :] or [(None,)])[0][0]
        left = _border(series, span, first, before, -1)
        right = _border(series, span, last, after, +1)
        high = first.limits.high if first.limits.high is not None else series.scale.high
        low = first.limits.low if first.limits.low is not None else series.scale.low
        top, bottom = _height(series, high), _height(series, low)
        yield Box(f"{left:.1f}", f"{right - left:.1f}", f"{top:.1f}", f"{bottom - top:.1f}")


def _border(series: Series, span: Span, point: Point, other: Point | None, side: int) -> float:
    """Return where a range ends on one side of the last value that came with it; `other` is the next that has one."""
    x = span.middle(point.on) * WIDTH
    position = series.points.index(point) + side
    if not 0 <= position < len(series.points):
        return 0 if side < 0 else WIDTH
    if other is series.points[position]:
        return (x + span.middle(other.on) * WIDTH) / 2
    return x + side * min(BESIDE, abs(span.middle(series.points[position].on) * WIDTH - x) / 2)


def _ends(series: Series) -> Iterable[Number]:
    """Write the ends of the newest range at the right edge, if they are on the scale; the upper alone where they touch."""
    limits = series.limits
    heights = [
        (_height(series, end) + 4, end)
        for end in ((limits.high, limits.low) if limits else ())
        if end is not None and series.scale.over(end) is None
    ]
    for y, end in heights:
        if y == heights[0][0] or y - heights[0][0] >= A_LINE:
            yield Number(f"{WIDTH - 3}", f"{y:.0f}", written(end))


def _line(series: Series, span: Span) -> str:
    """Join the values that are numbers; one that is only “below” or “above” interrupts the line."""
    path, pen_down = [], False
    for point in series.points:
        if point.comparator:
            pen_down = False
            continue
        path.append(f"{'L' if pen_down else 'M'}{at(span.middle(point.on))} {_y(series, point.value)}")
        pen_down = True
    return "".join(path)


def look(series: Series, point: Point) -> str:
    """Say how a value may be read: beyond the scale, only below or above, soon after a dose, or as it stands."""
    edge = series.scale.over(point.value)
    if edge:
        return "over" if edge is Edge.TOP else "under"
    if point.comparator:
        return "below" if point.comparator is Comparator.BELOW else "above"
    return "hollow" if point.after_a_dose else "full"


def _points(series: Series, span: Span) -> Iterable[tuple[str, str]]:
    paths: dict[str, list[str]] = {}
    for point in series.points:
        how = look(series, point)
        spot = f"M{at(span.middle(point.on))} {_y(series, point.value)}"
        paths.setdefault(how, []).append(spot + SHAPES[how])
    return ((how, "".join(spots)) for how, spots in paths.items())


def _numbers(series: Series, span: Span) -> Iterable[Number]:
    """Write the newest number, then from right to left each that has room; always what is beyond the scale."""
    free = WIDTH + NUMBER
    for point in reversed(series.points):
        x, y = span.middle(point.on) * WIDTH, _height(series, point.value)
        if free - x < NUMBER and series.scale.over(point.value) is None:
            continue
        free = x
        held = min(max(x, NUMBER / 2), WIDTH - NUMBER / 2)
        yield Number(f"{held:.1f}", f"{y - 9:.0f}", point.number)


def _cells(series: Series, span: Span, cells: Iterable[tuple[Span, str]]) -> Iterable[Cell]:
    for cell, row in cells:
        if text := told.values(series, cell):
            yield hit(cell, span, row, text)
