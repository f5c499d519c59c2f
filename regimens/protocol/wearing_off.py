"""Symptoms beside the days since the last injection: do they come late in the interval (R-26, D-24)?

It shows; it decides nothing. Half of the interval parts early from late: arithmetic, not a clinical limit.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from .doses import days_since_dose
from .history import CoursePlan, History, is_loading, loading_ended_on
from .intervals import Interval


class Part(StrEnum):
    """Where in the time between two injections a report falls."""

    EARLY = "early"  # the first half of the interval
    LATE = "late"  # the second half, the day it is due included
    OVERDUE = "overdue"  # the next dose was due already
    LOADING = "loading"
    BEFORE = "before"  # no dose had been given


@dataclass(frozen=True, slots=True)
class Tagged:
    """A day with the days since the last counted dose, and the interval that ran then (None in loading)."""

    on: date
    part: Part
    days_since: int | None = None
    interval: Interval | None = None
    interval_days: int | None = None


@dataclass(frozen=True, slots=True)
class WearingOff:
    """How many reports of something new or worse fell into each part, those in loading left out."""

    early: int
    late: int
    overdue: int

    @property
    def total(self) -> int:
        """All that fell between two maintenance doses."""
        return self.early + self.late + self.overdue

    @property
    def comes_late(self) -> bool:
        """More came in the second half or after it than in the first."""
        return self.late + self.overdue > self.early


def tagged(plan: CoursePlan, history: History, on: date, given: Sequence[date]) -> Tagged:
    """Return where a day stands between two injections.

    `given` are the days of all injections that stand, oldest first, also of those that the plan's spacing does not
    judge. One of the day itself comes after the report (`days_since_dose`).
    """
    days_since = days_since_dose(given, on)
    if days_since is None:
        return Tagged(on, Part.BEFORE)
    if _in_loading(plan, history, on):
        return Tagged(on, Part.LOADING, days_since)
    interval = next(history.intervals_on(on, plan.interval), plan.interval)
    last_on = on - timedelta(days=days_since)
    length = (interval.after(last_on) - last_on).days
    if days_since > length:
        return Tagged(on, Part.OVERDUE, days_since, interval, length)
    return Tagged(on, Part.LATE if days_since * 2 > length else Part.EARLY, days_since, interval, length)


def wearing_off(reports: Iterable[Tagged]) -> WearingOff:
    """Count reports of something new or worse by where they fell."""
    parts = [report.part for report in reports]
    return WearingOff(parts.count(Part.EARLY), parts.count(Part.LATE), parts.count(Part.OVERDUE))


def _in_loading(plan: CoursePlan, history: History, on: date) -> bool:
    if on < plan.starts_on:
        return False
    ended_on = loading_ended_on(plan, history)
    return on < ended_on if ended_on else is_loading(plan, history.up_to(on - timedelta(days=1)))
