"""Where a course stands on a day: its status, what must be shown, and to whom (rules.md D-20 to D-23)."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from itertools import takewhile

from . import catalogue
from .clinic_days import ClinicDays
from .doses import early_loading_doses, gap_codes, has_close_doses
from .entries import Loading
from .history import CoursePlan, History, is_loading, loading_doses
from .loading import wanted_day
from .reviews import AGAIN_AFTER, Outcome, next_review
from .schedule import DueDose, Phase, due_as_of, earliest_on, loading_slots, next_dose


class Status(StrEnum):
    """How a day stands to the due date."""

    NOT_DUE = "NOT_DUE"
    DUE = "DUE"
    OVERDUE = "OVERDUE"
    LAPSED = "LAPSED"
    INACTIVE = "INACTIVE"


GIVE_NOW = "give_now"
LATE = (Status.OVERDUE, Status.LAPSED)
LAPSES = frozenset(("A-LAPSED", "A-LAPSED-12M"))
GAPS = frozenset(("A-LOAD-GAP-GT7", "A-LOAD-GAP-GT14", "A-NEURO-GAP"))
ASK_A_PHYSICIAN = LAPSES | GAPS | {"A-NEURO-REVIEW-OVERDUE", "A-OVERDUE-PHYSICIAN"}


@dataclass(frozen=True, slots=True)
class Standing:
    """The answer for a day. `next_due_on` is None while inactive, paused or on tablets; `due` stays known."""

    status: Status
    phase: Phase
    due: DueDose | None
    next_due_on: date | None
    review_due_on: date | None
    doses_given: int
    doses_remaining: int | None
    alerts: tuple[str, ...]
    physician_required: bool
    action: str | None
    labs_before_dose: bool


def standing(plan: CoursePlan, history: History, clinic: ClinicDays, on: date) -> Standing:
    """Return where a course stands on a day. It moves nothing by itself: no reloading, no restart."""
    due = next_dose(plan, history, clinic)
    status = _status(history, due, on)
    active = due is not None and status is not Status.INACTIVE
    alerts = tuple(_alerts(plan, history, clinic, due, on)) if active else ()
    if history.inactive_since:
        alerts = ("A-REMINDERS-CANCELLED",)
    given = len(loading_doses(plan, history))
    return Standing(
        status=status,
        phase=_phase(plan, history),
        due=due,
        next_due_on=due_as_of(due, clinic, on) if active else None,
        review_due_on=review_due_on(plan, history, clinic, on) if active else None,
        doses_given=given,
        doses_remaining=_remaining(plan, history, given),
        alerts=alerts,
        physician_required=active and _asks_a_physician(plan, history, alerts, on),
        action=GIVE_NOW if active and _is_urgent(history, status) else None,
        labs_before_dose=not LAPSES.isdisjoint(alerts),
    )


def status_on(due: DueDose, on: date) -> Status:
    """Return how a day stands to a dose: in loading it is due on its day and overdue the day after."""
    if on < due.opens_on:
        return Status.NOT_DUE
    if on <= due.closes_on:
        return Status.DUE
    return Status.LAPSED if due.lapses_on and on >= due.lapses_on else Status.OVERDUE


def review_due_on(plan: CoursePlan, history: History, clinic: ClinicDays, on: date) -> date | None:
    """Return the next neurological review; before the first dose, as if that were given on its day (D-01)."""
    if plan.loading.kind is not Loading.NEURO_ALT_DAYS or not is_loading(plan, history):
        return None
    if history.first_given_on is None:  # whatever was reviewed before the first dose was not this loading
        return next_review(next(loading_slots(plan, history, clinic, on)))
    return next_review(history.first_given_on, history.reviews)


def slots_until_review(plan: CoursePlan, history: History, clinic: ClinicDays, on: date) -> Iterator[date]:
    """Yield the loading doses to come; an open-ended one as far as its next review, or to the one after."""
    slots = loading_slots(plan, history, clinic, on)
    if plan.loading.doses is not None:
        return slots
    review_on = review_due_on(plan, history, clinic, on)
    horizon = review_on if review_on >= on else on + AGAIN_AFTER
    return takewhile(lambda day: day <= horizon, slots)


def _status(history: History, due: DueDose | None, on: date) -> Status:
    if history.inactive_since or history.is_paused(on):
        return Status.INACTIVE
    return status_on(due, on) if due else Status.NOT_DUE


def _phase(plan: CoursePlan, history: History) -> Phase:
    if history.oral_confirmed_on:
        return Phase.ORAL
    return Phase.LOADING if is_loading(plan, history) else Phase.MAINTENANCE


def _remaining(plan: CoursePlan, history: History, given: int) -> int | None:
    if not is_loading(plan, history):
        return 0
    return None if plan.loading.doses is None else plan.loading.doses - given


def _alerts(plan: CoursePlan, history: History, clinic: ClinicDays, due: DueDose, on: date) -> Iterator[str]:
    if on > due.closes_on:
        yield "A-OVERDUE"
        if on >= due.physician_from:
            yield "A-OVERDUE-PHYSICIAN"
        if status_on(due, on) is Status.LAPSED:
            yield "A-LAPSED"
    if due.twelve_months_on and on >= due.twelve_months_on:
        yield "A-LAPSED-12M"
    if has_close_doses(plan, history, clinic):
        yield "A-CLOSE-DOSES"
    if history.symptoms_returned_on:
        yield "A-SYMPTOM-RETURN"
    if due.phase is Phase.LOADING:
        yield from gap_codes(plan, history, on)
        yield from _calendar_codes(plan, history, clinic, on)
    yield from _shape_codes(plan, history, clinic, on)


def _calendar_codes(plan: CoursePlan, history: History, clinic: ClinicDays, on: date) -> Iterator[str]:
    """Yield what closed days and passed reviews do to the loading that is still to come."""
    review_on = review_due_on(plan, history, clinic, on)
    if review_on and review_on < on:
        yield "A-NEURO-REVIEW-OVERDUE"
    if not _meets_closed_days(plan, history, clinic, on):
        return
    if plan.loading.kind is Loading.NEURO_ALT_DAYS:
        yield "W-ALT-DAYS-WEEKEND"
    if plan.loading.kind is Loading.DAILY_X10:
        yield "W-DAILY10-WEEKEND"


def _meets_closed_days(plan: CoursePlan, history: History, clinic: ClinicDays, on: date) -> bool:
    """Say whether a dose still to come would fall on a closed day, until the next review where one is due."""
    last_on, earliest = history.last_needle_on, earliest_on(plan, history, on)
    for day in slots_until_review(plan, history, clinic, on):
        if not clinic.is_open(wanted_day(plan.loading, last_on, earliest)):
            return True
        last_on = day
    return False


def _shape_codes(plan: CoursePlan, history: History, clinic: ClinicDays, on: date) -> Iterator[str]:
    """Yield what is wrong with the shape of loading, until the first maintenance dose is given."""
    given = loading_doses(plan, history)
    if len(history.given) > len(given):
        return
    if early_loading_doses(plan, history, clinic):
        yield "W-EARLY-LOAD"
    if plan.loading.kind is Loading.STD_3X_WEEK_2W:
        days = (*given, *loading_slots(plan, history, clinic, on)) if is_loading(plan, history) else given
        if days and days[-1] - days[0] > timedelta(days=catalogue.LOADING_STRETCHED.value):
            yield "A-LOAD-STRETCHED"


def _asks_a_physician(plan: CoursePlan, history: History, alerts: tuple[str, ...], on: date) -> bool:
    if ASK_A_PHYSICIAN.intersection(alerts) or (history.last_dose_unknown and history.counts_from is None):
        return True
    last_review = max(history.reviews, key=lambda review: review.on, default=None)
    if last_review and last_review.outcome is Outcome.WORSE:
        return True
    return _has_unanswered_symptoms(history) or _has_partial_dose_to_settle(plan, history, on)


def _has_unanswered_symptoms(history: History) -> bool:
    returned_on = history.symptoms_returned_on
    decided_on = history.interval_decided_on
    return bool(returned_on) and not (decided_on and decided_on >= returned_on)


def _has_partial_dose_to_settle(plan: CoursePlan, history: History, on: date) -> bool:
    """Say whether a physician may want a partial dose repeated; in loading its slot comes anyway (D-25)."""
    last_on = history.last_given_on or date.min
    partial = (dose.on for dose in history.doses if dose.partial and last_on < dose.on <= on)
    return any(day == on or not is_loading(plan, history) for day in partial)


def _is_urgent(history: History, status: Status) -> bool:
    return status in LATE or (history.due_at_once_on is not None and history.counts_from is None)
