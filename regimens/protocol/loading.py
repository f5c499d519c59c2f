"""Where a loading dose is placed: on open days, keeping the spacing of its regimen (rules.md D-14)."""

from collections.abc import Iterator, Sequence
from datetime import date, timedelta

from .clinic_days import ClinicDays
from .entries import Loading, LoadingPhase

SIX_DAYS = timedelta(days=6)


def wanted_day(phase: LoadingPhase, last_needle_on: date | None, not_before: date) -> date:
    """Return the day the spacing asks for, open or not."""
    if last_needle_on is None:
        return not_before
    return max(last_needle_on + timedelta(days=phase.days_apart), not_before)


def next_slot(
    phase: LoadingPhase,
    given: Sequence[date],
    last_needle_on: date | None,
    clinic: ClinicDays,
    not_before: date,
) -> date:
    """Return the open day of the next loading dose, from `not_before` on.

    `given` are the counted doses, oldest first; a partial dose shows in `last_needle_on` only: it keeps the
    distance and is not one of the three in seven days.
    """
    wanted = wanted_day(phase, last_needle_on, not_before)
    if phase.kind is Loading.NEURO_ALT_DAYS:
        before = clinic.previous_open(wanted)
        if last_needle_on is not None and before > last_needle_on and before >= not_before:
            return before
    day = clinic.next_open(wanted)
    while phase.most_in_seven_days and _given_since(given, day - SIX_DAYS) >= phase.most_in_seven_days:
        day = clinic.next_open(day + timedelta(days=1))
    return day


def slots(
    phase: LoadingPhase,
    given: Sequence[date],
    last_needle_on: date | None,
    clinic: ClinicDays,
    not_before: date,
) -> Iterator[date]:
    """Yield every loading dose to come if each is given on its day; endless where the number is open."""
    given = list(given)
    while phase.doses is None or len(given) < phase.doses:
        day = next_slot(phase, given, last_needle_on, clinic, not_before)
        yield day
        given.append(day)
        last_needle_on = day


def _given_since(given: Sequence[date], day: date) -> int:
    return sum(1 for earlier in given[-7:] if earlier >= day)
