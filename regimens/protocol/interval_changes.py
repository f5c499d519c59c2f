"""Changing the maintenance interval: what is offered, what needs a reason, who may (rules.md D-24)."""

from dataclasses import dataclass
from fractions import Fraction

from . import catalogue
from .entries import Group
from .history import CoursePlan
from .intervals import Interval, months

LONGEST = months(catalogue.LONGEST_INTERVAL.value)
LONGEST_NEURO = next(row.interval for row in catalogue.GROUP_INTERVALS if row.group is Group.NEURO)


@dataclass(frozen=True, slots=True)
class IntervalVerdict:
    """The answer to a wish for another interval; not accepted means that nothing changes."""

    accepted: bool
    exceeds_cap: bool
    is_too_long: bool
    codes: tuple[str, ...]


def exceeds_cap(base: Interval, new: Interval) -> bool:
    """Say whether an interval is shorter than two thirds of the base, by nominal lengths."""
    return new.nominal_days < Fraction(base.nominal_days) * catalogue.FREQUENCY_CAP.value


def preset(base: Interval) -> Interval | None:
    """Return the interval offered when a base is not enough, None when the catalogue has none."""
    return next((row.shorter for row in catalogue.PRESETS if row.base == base), None)


def longest_allowed(plan: CoursePlan) -> Interval:
    """Return the longest maintenance: two months after neurological involvement, else three (R-15, R-16)."""
    longest = LONGEST_NEURO if plan.is_neuro else LONGEST
    return max(longest, plan.base_interval, key=lambda interval: interval.nominal_days)


def interval_change(
    plan: CoursePlan, new: Interval, *, by_physician: bool, with_reason: bool
) -> IntervalVerdict:
    """Answer a change of interval: by a physician, over the cap with a reason, never too long."""
    over = exceeds_cap(plan.base_interval, new)
    too_long = new.nominal_days > longest_allowed(plan).nominal_days
    codes = () if by_physician else ("B-ROLE",)
    if over:
        codes += ("W-EXCEEDS-50PCT",)
    accepted = by_physician and (with_reason or not over) and not too_long
    return IntervalVerdict(accepted, over, too_long, codes)
