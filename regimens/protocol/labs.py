"""Which blood check is due when, counted from the first dose, for life (rules.md D-26, D-28)."""

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from heapq import merge
from itertools import count

from . import catalogue
from .intervals import months

LONGEST_WINDOW = timedelta(days=catalogue.YEARLY.either_way)
EXTRA = catalogue.EXTRA_PANEL.name


class PanelStatus(StrEnum):
    """Where one check stands on a day. A panel drawn late is DONE."""

    NOT_DUE = "NOT_DUE"
    DUE = "DUE"
    DONE = "DONE"
    OVERDUE = "OVERDUE"


@dataclass(frozen=True, slots=True)
class LabCheck:
    """A set of tests with the day it is due and the days, both included, on which it is in time."""

    name: str
    due_on: date
    opens_on: date
    closes_on: date


@dataclass(frozen=True, slots=True)
class LabOutlook:
    """The checks as of a day: those done, those overdue (oldest first) and the next, open or coming."""

    done: tuple[LabCheck, ...]
    overdue: tuple[LabCheck, ...]
    next: LabCheck

    @property
    def oldest_overdue(self) -> LabCheck | None:
        """The oldest check whose window closed unsatisfied."""
        return self.overdue[0] if self.overdue else None


def first_year(anchor_on: date) -> dict[str, date]:
    """Return the checks of the first year by name (R-24a)."""
    return {timing.name: timing.after.after(anchor_on) for timing in catalogue.LAB_TIMINGS}


def extra_check(from_day: date) -> LabCheck:
    """Return the extra panel: three months after tablets start, injections return or a cause resolves."""
    return _check(EXTRA, catalogue.EXTRA_PANEL.after.after(from_day), catalogue.EXTRA_PANEL.either_way)


def lab_checks(
    anchor_on: date,
    *,
    steady: bool | None = None,
    joined_on: date | None = None,
    extra_from: Iterable[date] = (),
) -> Iterator[LabCheck]:
    """Yield every check by due date, without end.

    `steady` False repeats checks every three months after the first year (D-28); not known is yearly.
    `joined_on` is the day somebody already treated elsewhere arrived: after more than a year of treatment only
    the anniversaries from then on are owed (D-26). `extra_from` are the days that an extra panel counts from.
    """
    extras = sorted((extra_check(day) for day in extra_from), key=_due)
    prior = joined_on and joined_on > months(catalogue.PRIOR_TREATMENT.value).after(anchor_on)
    for check in merge(extras, _regular(anchor_on, steady), key=_due):
        if not prior or check.closes_on >= joined_on:
            yield check


def lab_outlook(
    anchor_on: date,
    as_of: date,
    *,
    panels: Iterable[date] = (),
    waived: Collection[str] = (),
    steady: bool | None = None,
    joined_on: date | None = None,
    extra_from: Iterable[date] = (),
) -> LabOutlook:
    """Return what is done, overdue and next on a day.

    A panel satisfies every check whose window had opened: in its window, or late. `waived` names the checks
    that a physician let go. A check whose window closed stays overdue until one or the other.
    """
    last_drawn_on = max((day for day in panels if day <= as_of), default=date.min)
    done, overdue, following = [], [], None
    for check in lab_checks(anchor_on, steady=steady, joined_on=joined_on, extra_from=extra_from):
        if following and check.due_on > as_of + LONGEST_WINDOW:
            break
        if last_drawn_on >= check.opens_on:
            done.append(check)
        elif check.name in waived:
            continue
        elif check.closes_on < as_of:
            overdue.append(check)
        else:
            following = following or check
    return LabOutlook(tuple(done), tuple(overdue), following)


@dataclass(frozen=True, slots=True)
class SettledCheck:
    """One check with the first panel that was drawn for it, in its window or late, and the day it was let go."""

    check: LabCheck
    drawn_on: date | None
    waived_on: date | None


def lab_record(
    anchor_on: date,
    as_of: date,
    *,
    panels: Iterable[date] = (),
    waived: Mapping[str, date] | None = None,
    steady: bool | None = None,
    joined_on: date | None = None,
    extra_from: Iterable[date] = (),
    ended_on: date | None = None,
) -> tuple[SettledCheck, ...]:
    """Return every check owed so far, those of the first year that are to come, and the next after them.

    `ended_on` is the day treatment ended: what was still open then is not owed, but for the recheck that a
    resolved cause asks for (`extra_from` names the same day, D-16).
    """
    drawn, waived, found = sorted(panels), waived or {}, []
    rechecks = [day for day in extra_from if day == ended_on]
    regular = lab_checks(
        anchor_on,
        steady=steady,
        joined_on=joined_on,
        extra_from=[day for day in extra_from if day != ended_on],
    )
    until = ended_on or date.max
    last_of_year = max(first_year(anchor_on).values())
    for check in regular:
        if check.opens_on > max(as_of, last_of_year) and _has_next(found, as_of):
            break
        if ended_on and check.opens_on > ended_on:
            break
        settled = _settled(check, [day for day in drawn if day <= until], waived)
        if settled.drawn_on or check.closes_on < until:
            found.append(settled)
    return (*found, *(_settled(extra_check(day), drawn, waived) for day in rechecks))


def _has_next(found: Iterable[SettledCheck], as_of: date) -> bool:
    """Tell whether a check that is open or to come, and neither drawn nor let go, is among them."""
    return any(
        each.check.closes_on >= as_of and each.drawn_on is None and each.waived_on is None for each in found
    )


def _settled(check: LabCheck, drawn: Iterable[date], waived: Mapping[str, date]) -> SettledCheck:
    first = next((day for day in drawn if day >= check.opens_on), None)
    return SettledCheck(check, first, waived.get(check.name))


def panel_status(due_on: date, either_way: int, collected_on: date | None, as_of: date) -> PanelStatus:
    """Return where one check stands: drawn in its window or later it is done, drawn earlier it is not."""
    check = _check("", due_on, either_way)
    if collected_on and check.opens_on <= collected_on <= as_of:
        return PanelStatus.DONE
    if as_of < check.opens_on:
        return PanelStatus.NOT_DUE
    return PanelStatus.DUE if as_of <= check.closes_on else PanelStatus.OVERDUE


def _regular(anchor_on: date, steady: bool | None) -> Iterator[LabCheck]:
    for timing in catalogue.LAB_TIMINGS:
        yield _check(timing.name, timing.after.after(anchor_on), timing.either_way)
    year, quarter = catalogue.YEARLY.after.count, catalogue.UNTIL_STEADY.after.count
    step = quarter if steady is False else year
    for number in count(year + step, step):
        timing = catalogue.UNTIL_STEADY if number % year else catalogue.YEARLY
        yield _check(f"{number}m", months(number).after(anchor_on), timing.either_way)


def _check(name: str, due_on: date, either_way: int) -> LabCheck:
    window = timedelta(days=either_way)
    return LabCheck(name, due_on, due_on - window, due_on + window)


def _due(check: LabCheck) -> date:
    return check.due_on
