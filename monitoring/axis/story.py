"""All of one patient's story on a stretch of days, lane by lane, as far as the reader may see it."""

from datetime import date
from functools import cached_property

from monitoring.axis import happened, measured, to_come
from monitoring.axis.kinds import LANES, Bar, Lane, Mark, Strip
from monitoring.axis.measured import PLOTTED, Series
from monitoring.axis.span import Span
from monitoring.patient_page import PatientPage
from patients.models import Clinic
from regimens.protocol.units import ANALYTES, Analyte


class Story:
    """Reads what there is on the line. Without `clinical` only dates to come, bookings, letters and calls."""

    def __init__(self, page: PatientPage, clinic: Clinic, today: date, *, clinical: bool):
        self.page, self.clinic, self.today, self.clinical = page, clinic, today, clinical
        self.keys = page.keys
        self.doses = happened.Doses(page.keys) if clinical else None
        self._read: dict[Span, list[dict]] = {}

    @cached_property
    def titles(self) -> dict[str, str]:
        """Give {key: title} of every lane and plot this reader may see, in the order they are drawn."""
        lanes = {lane.key: self._title(lane) for lane in LANES if self._title(lane)}
        plots = {plot_key(analyte): ANALYTES[analyte].title for analyte in PLOTTED} if self.clinical else {}
        return lanes | plots

    @property
    def first_dose_on(self) -> date | None:
        """The first dose that counts: the start of treatment, as far as it is on record."""
        return next(iter(self.doses.counting), None) if self.doses else None

    def strips(self, span: Span, hidden: frozenset[str]) -> list[Strip]:
        """Read every lane that is shown, also one with nothing in it."""
        shown = [lane for lane in LANES if lane.key in self.titles and lane.key not in hidden]
        return [self._strip(lane, span) for lane in shown]

    def series(self, span: Span, hidden: frozenset[str]) -> list[Series]:
        """Read every plot that is shown, also one without a value."""
        if not self.clinical:
            return []
        shown = [analyte for analyte in PLOTTED if plot_key(analyte) not in hidden]
        rows = self._results(span)
        return [measured.series(analyte, rows, self.doses.standing) for analyte in shown]

    def _title(self, lane: Lane) -> str:
        return lane.title if self.clinical or not lane.clinical else lane.dates_only

    def _strip(self, lane: Lane, span: Span) -> Strip:
        marks, bars = READERS[lane.key](self, span)
        on_line = sorted((mark for mark in marks if span.holds(mark.on)), key=lambda mark: mark.on)
        on_line_bars = (bar for bar in bars if span.bar(bar.first, bar.last))
        return Strip(lane, self._title(lane), tuple(on_line), tuple(on_line_bars))

    def _doses(self, span: Span) -> tuple[list[Mark], list[Bar]]:
        given = list(self.doses.marks(span)) if self.clinical else []
        if self.page.dates is None:
            return given, []
        marks, bars = to_come.doses(self.page.dates.year, self.today)
        return given + marks, bars

    def _missed(self, span: Span) -> tuple[list[Mark], list[Bar]]:
        return list(happened.not_given(self.keys, span)), []

    def _plan(self, span: Span) -> tuple[list[Mark], list[Bar]]:
        marks, bars = happened.plans(self.keys, self.clinic, span)
        return marks + to_come.review(self.page.dates, self.today), bars

    def _labs(self, span: Span) -> tuple[list[Mark], list[Bar]]:
        """Clinical roles see every check and sample; everybody else the dates that stand at the top of the page."""
        if self.clinical:
            values, samples = self.page.values, sorted({row["collected_on"] for row in self._results(span)})
            if values is None:
                return to_come.labs((), samples)
            return to_come.labs(to_come.checks(values, self.today, span.last), samples, values.blood_awaited)
        return to_come.labs(to_come.owed(self.page.dates.labs) if self.page.dates else ())

    def _symptoms(self, span: Span) -> tuple[list[Mark], list[Bar]]:
        return list(happened.symptoms(self.keys, span, self.doses.standing)), []

    def _letters(self, span: Span) -> tuple[list[Mark], list[Bar]]:
        return happened.letters(self.keys, self.clinic, span), []

    def _bookings(self, span: Span) -> tuple[list[Mark], list[Bar]]:
        return list(happened.bookings(self.keys, span)), []

    def _results(self, span: Span) -> list[dict]:
        """Read the results once for the lane of blood tests and for the plots."""
        if span not in self._read:
            self._read[span] = measured.rows_of(self.keys, span)
        return self._read[span]


def plot_key(analyte: Analyte) -> str:
    """Give the word of a plot in an address."""
    return analyte.value.lower()


READERS = {
    "doses": Story._doses,
    "missed": Story._missed,
    "plan": Story._plan,
    "labs": Story._labs,
    "symptoms": Story._symptoms,
    "letters": Story._letters,
    "bookings": Story._bookings,
}
