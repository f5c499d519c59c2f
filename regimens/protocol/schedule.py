"""From a plan and what was given: the next dose, and every dose after it, for life (rules.md 3 and 4)."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from itertools import chain, count

from . import catalogue
from .clinic_days import ClinicDays
from .history import CoursePlan, Dose, FormerInterval, History, is_loading, loading_doses, loading_ended_on
from .intervals import Interval, months
from .loading import next_slot, slots
from .reviews import Outcome, Review

__all__ = [
    "CoursePlan",
    "Dose",
    "DueDose",
    "FormerInterval",
    "History",
    "Outcome",
    "Phase",
    "Review",
    "due_as_of",
    "earliest_on",
    "first_maintenance_on",
    "forecast",
    "is_loading",
    "loading_doses",
    "loading_ended_on",
    "loading_slots",
    "next_dose",
    "oral_starts_on",
]

NEW_EPISODE = months(catalogue.NEW_EPISODE.value)


class Phase(StrEnum):
    """Where a course stands; tablets have no injection dates."""

    LOADING = "LOADING"
    MAINTENANCE = "MAINTENANCE"
    ORAL = "ORAL"


@dataclass(frozen=True, slots=True)
class DueDose:
    """A dose to come: its clinical due date, which may be past, and the borders that follow from it."""

    number: int
    phase: Phase
    due_on: date
    counts_from: date | None
    interval: Interval
    is_neuro: bool

    @property
    def opens_on(self) -> date:
        """The first day it may be given without a physician (D-22)."""
        if self.phase is Phase.LOADING:
            return self.due_on
        return self.due_on - timedelta(days=catalogue.window_for(self.interval).early)

    @property
    def closes_on(self) -> date:
        """The last day it is in time; the day after it is overdue."""
        if self.phase is Phase.LOADING:
            return self.due_on
        return self.due_on + timedelta(days=catalogue.window_for(self.interval).late)

    @property
    def physician_from(self) -> date:
        """The first day on which lateness is a physician's task (D-23)."""
        late = catalogue.ASK_PHYSICIAN_NEURO if self.is_neuro else catalogue.ASK_PHYSICIAN
        return self.due_on + timedelta(days=late.value)

    @property
    def lapses_on(self) -> date | None:
        """The first day on which a whole interval has been missed (D-23); loading does not lapse."""
        if self.phase is Phase.LOADING:
            return None
        from_due = self.interval.after(self.due_on)
        return max(from_due, self.interval.after(self.counts_from, 2)) if self.counts_from else from_due

    @property
    def twelve_months_on(self) -> date | None:
        """The day a year without a dose is full: a new episode may be proposed (D-23)."""
        return NEW_EPISODE.after(self.counts_from) if self.counts_from else None


def next_dose(plan: CoursePlan, history: History, clinic: ClinicDays) -> DueDose | None:
    """Return the dose that follows the history, None when treatment has ended or tablets have taken over.

    The answer never depends on today: the date may lie in the past, and stays there. A pause moves it to the
    end of the pause; whether the course is paused is a question for a day (`History.is_paused`).
    """
    if history.inactive_since or history.oral_confirmed_on:
        return None
    if is_loading(plan, history):
        return _due(plan, history, Phase.LOADING, _slot(plan, history, clinic))
    return _due(plan, history, Phase.MAINTENANCE, _maintenance_day(plan, history))


def due_as_of(due: DueDose, clinic: ClinicDays, today: date) -> date:
    """Return the day to show today: a loading dose in the past is due today, or the next open day (D-21)."""
    if due.phase is Phase.LOADING:
        return clinic.next_open(max(due.due_on, today))
    return due.due_on


def forecast(plan: CoursePlan, history: History, clinic: ClinicDays, from_day: date) -> Iterator[DueDose]:
    """Yield every dose to come if each is given on its day from `from_day` on. Lifelong: it never ends.

    A maintenance date that is already past comes first, as it stands; those after it count from `from_day`,
    the day it can be given at the earliest. All maintenance dates count from one anchor (D-08).
    """
    first = next_dose(plan, history, clinic)
    if first is None:
        return iter(())
    if first.phase is Phase.MAINTENANCE:
        return chain((first,), _maintenance(plan, first, from_day))
    return _loading_then_maintenance(plan, history, clinic, from_day, first.number)


def first_maintenance_on(
    plan: CoursePlan, history: History, clinic: ClinicDays, from_day: date
) -> date | None:
    """Return the last loading dose, given or projected, plus the interval (D-29); None if not yet known."""
    if not is_loading(plan, history):
        last_on = max(loading_doses(plan, history), default=None)
    elif plan.loading.doses is None or next_dose(plan, history, clinic) is None:
        return None
    else:
        *_, last_on = loading_slots(plan, history, clinic, from_day)
    return plan.interval.after(last_on) if last_on else None


def loading_slots(plan: CoursePlan, history: History, clinic: ClinicDays, from_day: date) -> Iterator[date]:
    """Yield the loading doses still to give if each is given on its day from `from_day` on."""
    not_before = earliest_on(plan, history, from_day)
    return slots(plan.loading, history.given, history.last_needle_on, clinic, not_before)


def earliest_on(plan: CoursePlan, history: History, from_day: date = date.min) -> date:
    """Return the first day a loading dose may have: after the start, after a pause, from `from_day` on."""
    start = from_day if history.given else max(from_day, plan.starts_on)
    return max(start, history.paused_until or date.min)


def oral_starts_on(plan: CoursePlan, history: History, clinic: ClinicDays) -> date | None:
    """Return the day tablets start: when the injection was due, and not before it was decided (D-27)."""
    decided_on = history.oral_decided_on
    if decided_on is None:
        return None
    due = next_dose(plan, history.up_to(decided_on), clinic)
    return max(due_as_of(due, clinic, decided_on), decided_on) if due else None


def _due(plan: CoursePlan, history: History, phase: Phase, due_on: date) -> DueDose:
    number = len(history.given) + 1
    return DueDose(number, phase, due_on, history.counts_from, plan.interval, plan.is_neuro)


def _slot(plan: CoursePlan, history: History, clinic: ClinicDays) -> date:
    earliest = earliest_on(plan, history)
    return next_slot(plan.loading, history.given, history.last_needle_on, clinic, earliest)


def _maintenance_day(plan: CoursePlan, history: History) -> date:
    """Return the last dose plus the interval, or the decision or the end of a pause if that came later."""
    if history.counts_from is None:
        due_on = history.due_at_once_on or plan.starts_on
    else:
        due_on = max(plan.interval.after(history.counts_from), history.interval_decided_on or date.min)
    return max(due_on, history.paused_until or date.min)


def _maintenance(plan: CoursePlan, first: DueDose, from_day: date) -> Iterator[DueDose]:
    """Yield the doses after a first maintenance dose, from the last dose given unless the first was moved."""
    interval, is_neuro, number = plan.interval, plan.is_neuro, first.number
    before = anchor = max(first.due_on, from_day)
    skipped = 0
    if first.counts_from and anchor == interval.after(first.counts_from):
        anchor, skipped = first.counts_from, 1
    for times in count(1):
        due_on = interval.after(anchor, times + skipped)
        yield DueDose(number + times, Phase.MAINTENANCE, due_on, before, interval, is_neuro)
        before = due_on


def _loading_then_maintenance(
    plan: CoursePlan, history: History, clinic: ClinicDays, from_day: date, number: int
) -> Iterator[DueDose]:
    before = history.last_given_on
    for day in loading_slots(plan, history, clinic, from_day):
        yield DueDose(number, Phase.LOADING, day, before, plan.interval, plan.is_neuro)
        before, number = day, number + 1
    first = DueDose(
        number, Phase.MAINTENANCE, plan.interval.after(before), before, plan.interval, plan.is_neuro
    )
    yield first
    yield from _maintenance(plan, first, from_day)
