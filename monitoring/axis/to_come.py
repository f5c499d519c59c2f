"""The dates of a course as marks and windows: doses to come for a year, and blood tests done, missed and to come."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from itertools import takewhile

from monitoring.axis import kinds
from monitoring.axis.kinds import Bar, Mark
from monitoring.patient_page import Dates
from patients.templatetags.wording import day
from regimens import words
from regimens.course_values import CourseValues
from regimens.models.course import EndReason
from regimens.protocol.labs import LabCheck, LabOutlook, extra_check
from regimens.protocol.schedule import DueDose


@dataclass(frozen=True, slots=True)
class Drawn:
    """One lab check, where it stands on a day, and the day of the panel that satisfied it, if one did."""

    check: LabCheck
    kind: kinds.Kind
    drawn_on: date | None = None


def doses(year: Iterable[DueDose], today: date) -> tuple[list[Mark], list[Bar]]:
    """Give the doses to come and their windows; the first may be past, and stands where it was due."""
    marks, bars = [], []
    for dose in year:
        kind = kinds.OVERDUE if dose.closes_on < today else kinds.DUE
        marks.append(Mark(dose.due_on, kind, f"dose {dose.number} due{_window(dose)}"))
        if dose.opens_on != dose.closes_on:
            bars.append(Bar(dose.opens_on, dose.closes_on, "window"))
    return marks, bars


def review(dates: Dates | None, today: date) -> list[Mark]:
    """Give the neurological review that is due, if one is."""
    due_on = dates.standing.review_due_on if dates else None
    if due_on is None:
        return []
    kind = kinds.REVIEW_LATE if due_on < today else kinds.REVIEW_DUE
    return [Mark(due_on, kind, "neurological review due")]


def checks(values: CourseValues, today: date, until: date) -> Iterator[Drawn]:
    """Yield the lab checks of a course that are due by a day; after its end only the recheck of a resolved cause (D-16)."""
    ended_on = values.course.ended_on
    resolved = values.course.end_reason == EndReason.REVERSIBLE_CAUSE_RESOLVED
    recheck = extra_check(ended_on) if resolved else None
    for check in takewhile(lambda check: check.due_on <= until, values.lab_checks()):
        if ended_on and check.closes_on >= ended_on and check != recheck:
            continue
        drawn_on = min((panel for panel in values.panels if check.opens_on <= panel <= today), default=None)
        if drawn_on:
            yield Drawn(check, kinds.DONE_LATE if drawn_on > check.closes_on else kinds.DONE, drawn_on)
        elif check.name in values.waived:
            yield Drawn(check, kinds.LET_GO)
        else:
            yield Drawn(check, kinds.MISSED if check.closes_on < today else kinds.CHECK_DUE)


def owed(outlook: LabOutlook) -> Iterator[Drawn]:
    """Yield the checks that were missed and the next one: the dates that everybody may see."""
    for check in outlook.overdue:
        yield Drawn(check, kinds.MISSED)
    yield Drawn(outlook.next, kinds.CHECK_DUE)


def labs(
    drawn: Iterable[Drawn], samples: Iterable[date] = (), awaited: Iterable[date] = ()
) -> tuple[list[Mark], list[Bar]]:
    """Give the lab checks with their windows, each where it was done, else where it is due.

    Also the days of other results, and of blood whose results are not back.
    """
    marks, bars, done = [], [], set()
    for each in drawn:
        name = words.check(each.check.name)
        bars.append(Bar(each.check.opens_on, each.check.closes_on, "window"))
        if each.drawn_on:
            done.add(each.drawn_on)
            marks.append(Mark(each.drawn_on, each.kind, f"check {name} {each.kind.word}{_due(each.check)}"))
        else:
            said = "due" if each.kind is kinds.CHECK_DUE else each.kind.word
            marks.append(Mark(each.check.due_on, each.kind, f"check {name} {said}{_window(each.check)}"))
    marks += [Mark(on, kinds.SAMPLE, "results") for on in samples if on not in done]
    marks += [Mark(on, kinds.TAKEN, "blood taken, result not back") for on in awaited]
    return sorted(marks, key=lambda mark: mark.on), bars


def _window(due: DueDose | LabCheck) -> str:
    if due.opens_on == due.closes_on:
        return ""
    return f", window {day(due.opens_on)} to {day(due.closes_on)}"


def _due(check: LabCheck) -> str:
    return f", was due {day(check.due_on)}"
