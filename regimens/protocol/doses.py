"""What doses say for themselves, recorded or about to be given: the same day, early, close together, gaps."""

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from itertools import pairwise

from . import catalogue
from .clinic_days import ClinicDays
from .entries import Loading
from .history import CoursePlan, History, is_loading, loading_doses
from .loading import next_slot
from .schedule import next_dose


def dose_codes(
    plan: CoursePlan, history: History, clinic: ClinicDays, *, given_on: date, today: date
) -> tuple[str, ...]:
    """Return the codes that a full dose given on a day would raise, all of them (D-20, D-22, D-25).

    A second dose on one day is refused as such, and a dose of an inactive course as such: neither is called
    early as well.
    """
    codes = ["B-FUTURE-DATE"] if given_on > today else []
    if history.inactive_since or history.is_paused(given_on):
        codes.append("B-INACTIVE")
    if any(dose.on == given_on for dose in history.doses):
        codes.append("B-SAME-DAY-DOSE")
    elif "B-INACTIVE" not in codes:
        codes += _early_codes(plan, history.up_to(given_on), clinic, given_on)
    return tuple(codes)


def early_loading_doses(plan: CoursePlan, history: History, clinic: ClinicDays) -> tuple[date, ...]:
    """Return the loading doses given sooner after the last injection than their spacing, and off the plan."""
    needles = sorted({dose.on for dose in history.doses})
    early = []
    for number, day in enumerate(loading_doses(plan, history)):
        position = bisect_left(needles, day)
        last_on = needles[position - 1] if position else None
        if _is_early(plan, history.given[:number], last_on, clinic, day):
            early.append(day)
    return tuple(early)


def has_close_doses(plan: CoursePlan, history: History, clinic: ClinicDays) -> bool:
    """Say whether two standing full doses are closer than the regimen allows: perhaps one, twice recorded."""
    full = sorted(dose.on for dose in history.doses if not dose.partial)
    last_loading = max(loading_doses(plan, history), default=date.min)
    if is_loading(plan, history):
        last_loading = date.max
    early = early_loading_doses(plan, history, clinic)
    for earlier, later in pairwise(full):
        if later == earlier:
            return True
        if later > last_loading and _is_before_its_window(plan, history, earlier, later):
            return True
        if later in early and (later - earlier).days < plan.loading.days_apart:
            return True
    return False


def longest_gap(history: History, on: date) -> int:
    """Return the most days between two counted doses, or since the last; 0 before the first (D-21)."""
    return max(((later - earlier).days for earlier, later in pairwise((*history.given, on))), default=0)


def gap_codes(plan: CoursePlan, history: History, on: date) -> Iterator[str]:
    """Yield what a gap in loading raises; it ends with loading. GT14 stands in the place of GT7."""
    gap = longest_gap(history, on)
    if plan.loading.kind is Loading.NEURO_ALT_DAYS and gap > plan.loading.review_gap_days:
        yield "A-NEURO-GAP"
    if gap > catalogue.LOADING_RESTART_GAP.value:
        yield "A-LOAD-GAP-GT14"
    elif plan.loading.kind is not Loading.NEURO_ALT_DAYS and gap > plan.loading.review_gap_days:
        yield "A-LOAD-GAP-GT7"


def _early_codes(plan: CoursePlan, before: History, clinic: ClinicDays, given_on: date) -> Iterator[str]:
    if is_loading(plan, before):
        if _is_early(plan, before.given, before.last_needle_on, clinic, given_on):
            yield "W-EARLY-LOAD"
    elif (due := next_dose(plan, before, clinic)) and given_on < due.opens_on:
        yield "B-EARLY-DOSE"


def _is_early(
    plan: CoursePlan, given: Sequence[date], last_on: date | None, clinic: ClinicDays, day: date
) -> bool:
    if last_on is None or (day - last_on).days >= plan.loading.days_apart:
        return False  # in time, or the first
    return day != next_slot(plan.loading, given, last_on, clinic, date.min)


def _is_before_its_window(plan: CoursePlan, history: History, earlier: date, later: date) -> bool:
    at_once_on = history.due_at_once_on
    if at_once_on and earlier < at_once_on <= later:
        return False
    interval = min(history.intervals_on(later, plan.interval), key=lambda each: each.nominal_days)
    return later < interval.after(earlier) - timedelta(days=catalogue.window_for(interval).early)


def days_since_dose(given: Sequence[date], on: date) -> int | None:
    """Return the days from the last injection before a day to that day, None when there was none.

    `given` are the days of all injections that stand, oldest first. An injection of the day itself comes after
    what a patient reports on it, for symptoms are asked about before the needle (D-31).
    """
    before = bisect_left(given, on)
    return (on - given[before - 1]).days if before else None
