"""What was planned for one course and what has happened in it, as far as the schedule must know."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property

from .catalogue import Regimen
from .entries import Loading, LoadingPhase
from .intervals import Interval
from .reviews import Review, plateau_on


@dataclass(frozen=True, slots=True)
class CoursePlan:
    """What a physician signed: the regimen, the present maintenance interval and the first day.

    `base_interval` is the protocol's own, which caps how frequent doses may become (D-24). `neuro_history` is
    neurological involvement now or when first seen (R-16).
    """

    regimen: Regimen
    interval: Interval
    base_interval: Interval
    starts_on: date
    neuro_history: bool = False

    @property
    def loading(self) -> LoadingPhase:
        """The loading course of the regimen; one of kind NONE has no doses."""
        return self.regimen.loading

    @property
    def is_neuro(self) -> bool:
        """Say whether nerves are or were involved."""
        return self.neuro_history or self.loading.kind is Loading.NEURO_ALT_DAYS


@dataclass(frozen=True, slots=True)
class Dose:
    """An injection that stands (was not voided). A partial one never counts, but keeps its day and spacing."""

    on: date
    counts: bool = True
    partial: bool = False
    external: bool = False
    entered_on: date | None = None

    @property
    def is_counted(self) -> bool:
        """Say whether the schedule counts this dose (D-25)."""
        return self.counts and not self.partial


@dataclass(frozen=True, slots=True)
class FormerInterval:
    """An interval that was in force before a physician decided on another, on the day `until`."""

    interval: Interval
    until: date


@dataclass(frozen=True)
class History:
    """What happened in one course, in any order; every date is the clinic's own.

    Doses missed, refused or held are no part of it: they move no date (D-21, D-25).
    `former_intervals` are in order of decision. `loading_ended_on` is a decision other than a review, such as
    arriving from another clinic after loading (D-20). `due_at_once_on` is a day from which a dose is due
    whatever came before: an arrival with no known last dose (`last_dose_unknown`), a return from tablets
    (D-27). `paused_until` is the first day after the pause.
    """

    doses: tuple[Dose, ...] = ()
    reviews: tuple[Review, ...] = ()
    former_intervals: tuple[FormerInterval, ...] = ()
    loading_ended_on: date | None = None
    due_at_once_on: date | None = None
    last_dose_unknown: bool = False
    paused_on: date | None = None
    paused_until: date | None = None
    oral_decided_on: date | None = None
    oral_confirmed_on: date | None = None
    symptoms_returned_on: date | None = None
    inactive_since: date | None = None

    @cached_property
    def given(self) -> tuple[date, ...]:
        """The days of counted doses, oldest first; a second dose on one day does not count."""
        return tuple(sorted({dose.on for dose in self.doses if dose.is_counted}))

    @property
    def first_given_on(self) -> date | None:
        """The day of the first counted dose."""
        return self.given[0] if self.given else None

    @property
    def last_given_on(self) -> date | None:
        """The day of the latest counted dose, in whatever order doses were entered (D-25)."""
        return self.given[-1] if self.given else None

    @property
    def counts_from(self) -> date | None:
        """The dose the next one is counted from: the last, unless something later made one due at once."""
        last_on = self.last_given_on
        return None if last_on and self.due_at_once_on and last_on < self.due_at_once_on else last_on

    @cached_property
    def last_needle_on(self) -> date | None:
        """The day of the latest injection of any kind: spacing is kept from this one too."""
        return max((dose.on for dose in self.doses), default=None)

    @property
    def interval_decided_on(self) -> date | None:
        """The day the present interval was decided, None when it is the first."""
        return self.former_intervals[-1].until if self.former_intervals else None

    def is_paused(self, on: date) -> bool:
        """Say whether injections are paused on a day; on the day the pause ends they are not."""
        return self.paused_until is not None and (self.paused_on or date.min) <= on < self.paused_until

    def up_to(self, day: date) -> "History":
        """Return what was there at the end of a day, of doses and reviews; decisions stay."""
        doses = tuple(dose for dose in self.doses if dose.on <= day)
        reviews = tuple(review for review in self.reviews if review.on <= day)
        return replace(self, doses=doses, reviews=reviews)

    def plus(self, day: date) -> "History":
        """Return this history with one more full dose."""
        return replace(self, doses=(*self.doses, Dose(day)))

    def intervals_on(self, day: date, present: Interval) -> Iterator[Interval]:
        """Yield the interval in force on a day; on the day of a change, both."""
        since = date.min
        for former in self.former_intervals:
            if since <= day <= former.until:
                yield former.interval
            since = former.until
        if since <= day:
            yield present


def loading_ended_on(plan: CoursePlan, history: History) -> date | None:
    """Return the day loading was ended: by a decision, or by no further improvement in neuro loading."""
    if plan.loading.doses is None and history.loading_ended_on is None:
        return plateau_on(history.first_given_on, history.reviews)
    return history.loading_ended_on


def is_loading(plan: CoursePlan, history: History) -> bool:
    """Say whether the next dose is a loading dose. Neuro loading never ends by itself (D-01)."""
    if loading_ended_on(plan, history):
        return False
    return plan.loading.doses is None or len(history.given) < plan.loading.doses


def loading_doses(plan: CoursePlan, history: History) -> tuple[date, ...]:
    """Return the days of the counted doses that belong to loading."""
    ended_on = loading_ended_on(plan, history)
    return tuple(day for day in history.given[: plan.loading.doses] if ended_on is None or day <= ended_on)
