"""When a physician must look at a patient in neurological loading, and what was found (rules.md D-01)."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from . import catalogue

FIRST_AFTER = timedelta(days=catalogue.REVIEW_FIRST.value)
AGAIN_AFTER = timedelta(days=catalogue.REVIEW_AGAIN.value)


class Outcome(StrEnum):
    """What a physician found; only no further improvement ends neurological loading."""

    STILL_IMPROVING = "still_improving"
    NO_FURTHER_IMPROVEMENT = "no_further_improvement"
    WORSE = "worse"


@dataclass(frozen=True, slots=True)
class Review:
    """A neurological review on a day."""

    on: date
    outcome: Outcome


def plateau_on(first_given_on: date | None, reviews: Iterable[Review]) -> date | None:
    """Return the day no further improvement was recorded; before the first dose nothing can have been."""
    if first_given_on is None:
        return None
    ends = (review.on for review in reviews if review.outcome is Outcome.NO_FURTHER_IMPROVEMENT)
    return min((on for on in ends if on >= first_given_on), default=None)


def next_review(first_given_on: date, reviews: Iterable[Review] = ()) -> date | None:
    """Return the day the next review is due, which may be past; None after no further improvement."""
    if plateau_on(first_given_on, reviews := tuple(reviews)):
        return None
    *_, due_on = _due_dates(first_given_on, reviews)
    return due_on


def sequence(first_given_on: date, reviews: Iterable[Review], on: date) -> tuple[date, ...]:
    """Return every day up to `on` that a review was due, in view of those recorded by then."""
    known = tuple(review for review in reviews if review.on <= on)
    ended_on = plateau_on(first_given_on, known)
    return tuple(due_on for due_on in _due_dates(first_given_on, known) if due_on <= (ended_on or on))


def _due_dates(first_given_on: date, reviews: Iterable[Review]) -> Iterator[date]:
    """Yield each due date: the next counts from the later of the day it was due and the day it was done."""
    due_on = first_given_on + FIRST_AFTER
    yield due_on
    for done_on in sorted({review.on for review in reviews if review.on >= first_given_on}):
        due_on = max(due_on, done_on) + AGAIN_AFTER
        yield due_on
