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


@dataclass(frozen=True, slots=True)
class Step:
    """The next step of D-24 from an interval: half as frequent again is two thirds as long."""

    present: Interval
    shorter: Interval

    @property
    def exact_days(self) -> Fraction:
        """Two thirds of the present interval by nominal length, in days, not rounded."""
        return Fraction(self.present.nominal_days) * catalogue.FREQUENCY_CAP.value

    @property
    def arithmetic(self) -> str:
        """The sum in words: 3 months x 2/3 = 2 months; 2 months x 2/3 = 40.6 days, offered as 42 days."""
        share = catalogue.FREQUENCY_CAP.value
        sum_of = f"{self.present} \N{MULTIPLICATION SIGN} {share.numerator}/{share.denominator} ="
        if self.exact_days == Fraction(self.shorter.nominal_days):
            return f"{sum_of} {self.shorter}"
        return f"{sum_of} {float(self.exact_days):.1f} days, offered as {self.shorter}"


def next_step(present: Interval) -> Step | None:
    """Return the next step of D-24 from the present interval, None where the catalogue has none."""
    shorter = preset(present)
    return Step(present, shorter) if shorter else None


def percent_more_often(base: Interval, new: Interval) -> int:
    """Return by how many percent more often the new interval is than the base; negative when it is less often."""
    return round((base.nominal_days / new.nominal_days - 1) * 100)


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
