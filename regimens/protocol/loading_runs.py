"""How one loading went: when it began, when it was complete, and when it stood still for too long (rules.md D-21)."""

from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise

from .entries import Loading
from .history import CoursePlan, History, loading_doses, loading_ended_on


@dataclass(frozen=True, slots=True)
class LoadingRun:
    """One loading. `gap_on` is the day a gap became longer than its regimen allows; while loading goes on it may be
    to come, and moves with every dose."""

    began_on: date | None = None
    completed_on: date | None = None
    gap_on: date | None = None


def loading_run(plan: CoursePlan, history: History) -> LoadingRun:
    """Return how loading went under a plan that has one, as the doses say."""
    given = loading_doses(plan, history)
    if plan.loading.kind is Loading.NONE or not given:
        return LoadingRun()
    completed_on = _completed_on(plan, history, given)
    allowed = timedelta(days=plan.loading.review_gap_days + 1)
    gaps = [earlier + allowed for earlier, later in pairwise(given) if later >= earlier + allowed]
    if completed_on is None or given[-1] + allowed <= completed_on:
        gaps.append(given[-1] + allowed)
    return LoadingRun(given[0], completed_on, min(gaps, default=None))


def _completed_on(plan: CoursePlan, history: History, given: tuple[date, ...]) -> date | None:
    """Return the day of the last dose; open-ended loading is complete when a physician has ended it (D-01)."""
    if plan.loading.doses is None:
        return loading_ended_on(plan, history)
    return given[-1] if len(given) >= plan.loading.doses else None
