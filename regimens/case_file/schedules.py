"""Answers one schedule case of a case file: replays what became known and asks the protocol about the day."""

from collections.abc import Collection, Iterator, Mapping
from datetime import date
from itertools import islice

from regimens.protocol import labs, reviews, schedule
from regimens.protocol.entries import Loading
from regimens.protocol.schedule import History, Phase
from regimens.protocol.standing import Standing, slots_until_review, standing, status_on

from .replay import Replay, read_day

ASKS_A_PHYSICIAN = frozenset(("B-ROLE", "B-EARLY-DOSE"))
NEVER_ALONE = {"auto_transition": False, "auto_restart": False, "auto_reload": False}


def answer(given: Mapping, expected: Collection[str] | Mapping = ()) -> dict:
    """Return what the protocol says to the input of a schedule case, for every key a case may expect.

    `expected` matters for `suggested_appointment` alone: its clinical dates are the question.
    """
    replay = Replay(given)
    for event in given.get("events", ()):
        replay.learn(event)
    now = standing(replay.plan, replay.history, replay.clinic, replay.as_of)
    answers = {
        **NEVER_ALONE,
        **_dose_answers(replay, now),
        **_lab_answers(replay),
        **_review_answers(replay, now),
    }
    answers |= _what_if_answers(replay, now) | _notices(replay, now)
    answers["previous_dose_was"] = _previous_dose_was(given, replay)
    asked = expected.get("suggested_appointment", {}) if isinstance(expected, Mapping) else {}
    answers["suggested_appointment"] = _appointments(replay, answers, asked)
    return answers


def _dose_answers(replay: Replay, now: Standing) -> dict:
    plan, history, clinic, as_of = replay.plan, replay.history, replay.clinic, replay.as_of
    active = now.next_due_on is not None
    loading = active and now.phase is Phase.LOADING
    first = schedule.first_maintenance_on(plan, history, clinic, as_of) if active else None
    return {
        "series": _iso(slots_until_review(plan, history, clinic, as_of)) if loading else [],
        "next_due": _iso_day(now.next_due_on),
        "status": str(now.status),
        "phase": str(now.phase),
        "doses_given": now.doses_given,
        "doses_remaining": now.doses_remaining,
        "first_maintenance_projected": _iso_day(first),
        "projection": _iso(islice(_maintenance_dates(replay), 3)) if active else [],
    }


def _maintenance_dates(replay: Replay) -> Iterator[date]:
    """Yield the maintenance dates from one anchor (D-08): a dose that is late today moves none of them."""
    plan, history = replay.plan, replay.history
    is_loading = schedule.is_loading(plan, history)
    if is_loading and plan.loading.doses is None:
        return
    from_day = replay.as_of if is_loading else date.min
    for dose in schedule.forecast(plan, history, replay.clinic, from_day):
        if dose.phase is Phase.MAINTENANCE:
            yield dose.due_on


def _lab_answers(replay: Replay) -> dict:
    first_given_on = replay.history.first_given_on
    is_maintenance_case = replay.plan.loading.kind is Loading.NONE
    anchor_on = replay.start_date if is_maintenance_case else first_given_on or replay.plan.starts_on
    outlook = labs.lab_outlook(
        anchor_on,
        replay.as_of,
        panels=replay.panels,
        waived=replay.waived,
        joined_on=replay.joined_on,
        extra_from=replay.extra_from,
    )
    return {
        "labs": {name: day.isoformat() for name, day in labs.first_year(anchor_on).items()},
        "labs_next": None if replay.history.inactive_since else outlook.next.due_on.isoformat(),
        "labs_done": [check.name for check in outlook.done if check.name != labs.EXTRA],
        "labs_extra": labs.extra_check(replay.extra_from[-1]).due_on.isoformat()
        if replay.extra_from
        else None,
    }


def _review_answers(replay: Replay, now: Standing) -> dict:
    first_on, due = replay.history.first_given_on, ()
    if first_on and replay.plan.loading.kind is Loading.NEURO_ALT_DAYS:
        due = reviews.sequence(first_on, replay.history.reviews, replay.as_of)
    return {"review_due": _iso_day(now.review_due_on), "review_due_sequence": _iso(due)}


def _what_if_answers(replay: Replay, now: Standing) -> dict:
    today = replay.history.plus(replay.as_of) if now.next_due_on else None
    return {
        "if_given_today_next_due": _next_due(replay, today),
        "if_authorised_next_due": _next_due(replay, replay.if_authorised),
    }


def _next_due(replay: Replay, history: History | None) -> str | None:
    return (
        _iso_day(standing(replay.plan, history, replay.clinic, replay.as_of).next_due_on) if history else None
    )


def _notices(replay: Replay, now: Standing) -> dict:
    alerts = [*now.alerts, *replay.warnings]
    waits_for_tablets = replay.oral_start and not replay.history.oral_confirmed_on
    asks = replay.asks_a_physician or not ASKS_A_PHYSICIAN.isdisjoint(replay.blocks)
    return {
        "blocks": sorted(replay.blocks),
        "alerts": alerts,
        "warnings": alerts,
        "physician_required": now.physician_required or asks,
        "action": now.action,
        "labs_before_dose": now.labs_before_dose,
        "exceeds_cap": replay.exceeds_cap,
        "oral_start": _iso_day(replay.oral_start),
        "im_reminders_stop_when": "first oral dose confirmed" if waits_for_tablets else None,
    }


def _previous_dose_was(given: Mapping, replay: Replay) -> str | None:
    """Return the status on the day of the last dose, from what was known before it."""
    last_on = replay.history.last_given_on
    if last_on is None:
        return None
    before = Replay({**given, "as_of": last_on.isoformat()})
    day_is_over = False
    for event in given["events"]:
        on = read_day(event["date"])
        day_is_over |= on == last_on and event["type"] == "given" and not event.get("voided")
        if on < last_on or (on == last_on and not day_is_over):
            before.learn(event)
    due = schedule.next_dose(before.plan, before.history, before.clinic)
    return str(status_on(due, last_on)) if due else None


def _appointments(replay: Replay, answers: Mapping, asked: Collection[str]) -> dict:
    """Return the next open day for each clinical date asked about, if it is one of this course's."""
    known = {answers["next_due"], answers["first_maintenance_projected"], *answers["projection"]}
    return {
        day: replay.clinic.next_open(max(read_day(day), replay.as_of)).isoformat()
        for day in asked
        if day in known
    }


def _iso_day(day: date | None) -> str | None:
    return day.isoformat() if day else None


def _iso(days: Collection[date] | Iterator[date]) -> list[str]:
    return [day.isoformat() for day in days]
