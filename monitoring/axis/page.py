"""The story of one patient along one axis: lanes of marks, plots of values, and the same in words, for a template."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from monitoring.axis import drawing, plots, told, zoom
from monitoring.axis.drawing import HEAD, LANE, NARROWEST, WIDTH, Cell, Head, LaneView
from monitoring.axis.happened import first_day
from monitoring.axis.kinds import COUNTING, LANES, Strip
from monitoring.axis.plots import PLOT, PlotView
from monitoring.axis.span import Span, cut
from monitoring.axis.story import Story
from monitoring.axis.zoom import Asked, Choice
from monitoring.patient_page import PatientPage
from patients.models import Clinic

YEARS_AT_HAND = 4


@dataclass(frozen=True)
class AxisPage:
    """Everything the template draws. `nothing` names what is shown and has nothing on this stretch."""

    asked: Asked
    span: Span
    by_month: bool
    # As wide as the shortest cell: all that can be hit are.
    cell_width: str
    head: Head
    lanes: tuple[LaneView, ...]
    plots: tuple[PlotView, ...]
    rows: tuple[told.Row, ...]
    nothing: tuple[str, ...]
    stretches: tuple[Choice, ...]
    kinds: tuple[Choice, ...]

    width, lane_height, lane_middle, plot_height, head_height = WIDTH, LANE, LANE // 2, PLOT, HEAD

    @property
    def needles(self) -> list[str]:
        """The paths of the injections that count: under each plot they are drawn once more, as ticks."""
        given = (drawn.kind for lane in self.lanes for drawn in lane.drawn if drawn.kind in COUNTING)
        return [kind.key for kind in given]

    @property
    def near(self) -> tuple[Choice, ...]:
        """The stretches that stand on the page: the ordinary one, the last years, and the whole life."""
        first, *years, life = self.stretches
        return (first, *years[:YEARS_AT_HAND], life)

    @property
    def far(self) -> tuple[Choice, ...]:
        """The years before those, folded away."""
        return self.stretches[1 + YEARS_AT_HAND : -1]

    @property
    def is_far(self) -> bool:
        """One of the years that are folded away is the one on show."""
        return any(choice.holds for choice in self.far)

    @property
    def hidden(self) -> list[str]:
        """What somebody chose not to see."""
        return [choice.words for choice in self.kinds if not choice.holds]

    @property
    def everything(self) -> str:
        """The address that hides nothing."""
        return self.asked.address(hide="") + zoom.HERE

    @property
    def ways(self) -> list[tuple[str, str, str]]:
        """How the values that cannot simply be read are drawn: look, shape and words of each that is there."""
        seen = {how for plot in self.plots for how, _path in plot.points}
        return [(how, plots.SHAPES[how], words) for how, words in plots.WORDS.items() if how in seen]


def read(
    page: PatientPage, clinic: Clinic, today: date, asked: Mapping[str, str], *, clinical: bool
) -> AxisPage:
    """Read what one patient's page draws; as many queries for a life as for a day."""
    story, earliest = Story(page, clinic, today, clinical=clinical), first_day(page.keys)
    wanted = zoom.read(asked, story.titles, earliest, today)
    span, cells = cut(*zoom.stretch(wanted, page.course, earliest, today), narrowest=NARROWEST / WIDTH)
    strips, series = story.strips(span, wanted.hidden), story.series(span, wanted.hidden)
    table = told.table(cells, strips, series)
    for cell, row in zip(cells, table, strict=True):
        row.address = zoom.closer(wanted, cell, earliest, today)
    places = [(cell, row.key) for cell, row in zip(cells, table, strict=True)]
    # Months are hit lane by lane; in a longer story a year is hit once, at the top.
    by_month = told.is_month(cells[0])
    return AxisPage(
        asked=wanted,
        span=span,
        by_month=by_month,
        cell_width=drawing.at(min(cell.days for cell in cells) / span.days),
        head=drawing.head(
            span, cells, today, story.first_dose_on, () if by_month else _cells(strips, span, cells, table)
        ),
        lanes=tuple(
            drawing.lane(strip, span, places, may_hit=by_month) for strip in strips if not _is_empty(strip)
        ),
        plots=tuple(plots.plot(each, span, places if by_month else ()) for each in series if each.told),
        rows=tuple(row for row in table if row.lines),
        nothing=tuple(
            [strip.title for strip in strips if _is_empty(strip)]
            + [each.title for each in series if not each.told]
        ),
        stretches=tuple(zoom.choices(wanted, page.course, earliest, today)),
        kinds=tuple(zoom.lanes(wanted, story.titles)),
    )


def _is_empty(strip: Strip) -> bool:
    return not strip.marks and not strip.bars


def _cells(
    strips: Sequence[Strip], span: Span, cells: Iterable[Span], table: Iterable[told.Row]
) -> Iterable[Cell]:
    """Yield the years or longer cells in which there is something; of injections it says how many of each kind."""
    injections = [strip for strip in strips if strip.lane is LANES[0]]
    for cell, row in zip(cells, table, strict=True):
        if row.lines:
            said = told.counted(mark for strip in injections for mark in told.held(strip.marks, cell))
            yield drawing.hit(cell, span, row.key, f"{row.title}: {said}" if said else row.title)
