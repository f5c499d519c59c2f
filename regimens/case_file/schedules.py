"""Answers one schedule case of a case file: replays what became known and asks the protocol about the day."""

import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import replace
from datetime import date
from itertools import islice

from regimens.protocol import catalogue, labs, reviews, schedule
from regimens.protocol.clinic_days import ClinicDays
from regimens.protocol.doses import dose_codes
from regimens.protocol.entries import Loading
from regimens.protocol.interval_changes import interval_change
from regimens.protocol.intervals import Interval
from regimens.protocol.schedule import CoursePlan, Dose, FormerInterval, History, Outcome, Phase, Review
from regimens.protocol.standing import Standing, slots_until_review, standing, status_on

WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
REGIMEN_KEYS = {
    "STD_3X_WEEK_2W": "hydroxocobalamin-standard-1",
    "NEURO_ALT_DAYS": "hydroxocobalamin-neuro-1",
    "DAILY_X10": "hydroxocobalamin-daily-1",
    "MAINTENANCE": "hydroxocobalamin-maintenance-1",
}
ONLY_A_PHYSICIAN = frozenset(
    ("review", "interval_change", "switch_to_oral", "switch_to_im", "paused", "lab_waived")
)
ASKS_A_PHYSICIAN = frozenset(("B-ROLE", "B-EARLY-DOSE"))
REFUSED_STOPS = {
    "levels_normal": "B-STOP-LEVELS",
    "symptoms_improved": "B-STOP-SYMPTOMS",
    "patient_request": "H-STOP-REFUSAL",
}
CHECK_NAME = re.compile(r"[1-9][0-9]*m")
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


class Replay:
    """A course as it became known, event by event, up to a day; the day is the last that may be known."""

    def __init__(self, given: Mapping) -> None:
        self.as_of = _day(given["as_of"])
        self.start_date = _day(given["start_date"])
        self.clinic = clinic_days(given.get("clinic_days", "Mon-Fri"), given.get("closures", ()))
        interval = _interval(given["interval"])
        regimen = catalogue.regimen(REGIMEN_KEYS[given["regimen"]])
        self.plan = CoursePlan(
            regimen, interval, interval, self.start_date, given.get("neuro_history", False)
        )
        self.history = History()
        self.blocks: set[str] = set()
        self.warnings: list[str] = []
        self.panels: list[date] = []
        self.waived: set[str] = set()
        self.extra_from: list[date] = []
        self.joined_on: date | None = None
        self.oral_start: date | None = None
        self.exceeds_cap: bool | None = None
        self.asks_a_physician = False
        self.if_authorised: History | None = None

    def learn(self, event: Mapping) -> None:
        """Take in one event. Raises ValueError for a type that the format does not know."""
        kind, on = event["type"], _day(event["date"])
        handler = getattr(self, f"_{kind}", None)
        if handler is None:
            raise ValueError(f"A case file knows no event {kind!r}.")
        if kind != "attempt" and (on > self.as_of or _day(event.get("entered", event["date"])) > self.as_of):
            if kind in ("given", "partial") and on > self.as_of:
                self.blocks.add("B-FUTURE-DATE")
        elif kind in ONLY_A_PHYSICIAN and event.get("role") == "nurse" and kind != "interval_change":
            self.blocks.add("B-ROLE")
        else:
            handler(on, event)

    def _given(self, on: date, event: Mapping) -> None:
        if not event.get("voided") and not self._is_of_an_earlier_episode(on):
            self._add(
                Dose(on, partial=event["type"] == "partial", external=event.get("source") == "external")
            )

    _partial = _given

    def _missed(self, on: date, event: Mapping) -> None:
        """Not given: the schedule does not move (D-21, D-25)."""

    _dna = _refused = _held = _missed

    def _attempt(self, on: date, event: Mapping) -> None:
        codes = dose_codes(self.plan, self.history, self.clinic, given_on=on, today=self.as_of)
        self.blocks |= {code for code in codes if code.startswith("B-")}
        self.warnings += [code for code in codes if not code.startswith("B-")]
        today = [dose for dose in self.history.doses if dose.on == on]
        self.asks_a_physician |= bool(today) and all(dose.partial for dose in today)
        self.if_authorised = self.history.plus(on)

    def _review(self, on: date, event: Mapping) -> None:
        review = Review(on, Outcome(event["outcome"]))
        self.history = replace(self.history, reviews=(*self.history.reviews, review))

    def _lab_panel(self, on: date, event: Mapping) -> None:
        self.panels.append(on)

    def _lab_waived(self, on: date, event: Mapping) -> None:
        self.waived |= {
            value for value in event.values() if isinstance(value, str) and CHECK_NAME.fullmatch(value)
        }

    def _symptom_return(self, on: date, event: Mapping) -> None:
        self.history = replace(self.history, symptoms_returned_on=on)

    def _interval_change(self, on: date, event: Mapping) -> None:
        new = _interval(event["new"])
        verdict = interval_change(
            self.plan,
            new,
            by_physician=event.get("role", "physician") == "physician",
            with_reason=bool(event.get("with_reason")),
        )
        self.exceeds_cap = verdict.exceeds_cap
        if event.get("reason") == "symptoms_returned":
            self._symptom_return(on, event)
        self.blocks |= {code for code in verdict.codes if code.startswith("B-")}
        self.warnings += [code for code in verdict.codes if code.startswith("W-")]
        self.asks_a_physician |= verdict.exceeds_cap and not verdict.accepted
        if verdict.accepted and new != self.plan.interval:
            former = (*self.history.former_intervals, FormerInterval(self.plan.interval, on))
            self.history = replace(self.history, former_intervals=former)
            self.plan = replace(self.plan, interval=new)

    def _switch_to_oral(self, on: date, event: Mapping) -> None:
        if self.plan.is_neuro:
            self.blocks.add("B-ORAL-NEURO")
            return
        self.history = replace(self.history, oral_decided_on=on)
        self.oral_start = schedule.oral_starts_on(self.plan, self.history, self.clinic)
        if self.oral_start:
            self.extra_from.append(self.oral_start)

    def _oral_confirmed(self, on: date, event: Mapping) -> None:
        self.history = replace(self.history, oral_confirmed_on=on)

    def _switch_to_im(self, on: date, event: Mapping) -> None:
        self.oral_start = None
        self.extra_from.append(on)
        back = replace(self.history, oral_decided_on=None, oral_confirmed_on=None)
        if self.plan.loading.kind is Loading.NONE:
            self.history = replace(back, due_at_once_on=on)
        else:  # deficient again: doses of the earlier episode are no part of this loading
            self.history = replace(back, doses=tuple(dose for dose in back.doses if dose.on >= on))
            self.plan = replace(self.plan, starts_on=on)

    def _paused(self, on: date, event: Mapping) -> None:
        if event.get("until"):  # a pause needs an end (D-20)
            self.history = replace(self.history, paused_on=on, paused_until=_day(event["until"]))

    def _resumed(self, on: date, event: Mapping) -> None:
        if self.history.is_paused(on):
            self.history = replace(self.history, paused_until=on)

    def _transferred_in(self, on: date, event: Mapping) -> None:
        self.joined_on = on
        ended_on = None if self.plan.loading.kind is Loading.NEURO_ALT_DAYS else on
        self.history = replace(self.history, inactive_since=None, loading_ended_on=ended_on)
        if event.get("last_dose"):
            self._add(Dose(_day(event["last_dose"]), external=True))
        elif not self.history.given:
            self.history = replace(self.history, due_at_once_on=on, last_dose_unknown=True)

    def _transferred_out(self, on: date, event: Mapping) -> None:
        if event.get("handover_confirmed"):
            self._deceased(on, event)

    def _deceased(self, on: date, event: Mapping) -> None:
        self.history = replace(self.history, inactive_since=on)

    def _stop_request(self, on: date, event: Mapping) -> None:
        reason = event.get("reason")
        if reason in REFUSED_STOPS:
            self.blocks.add(REFUSED_STOPS[reason])
        elif event.get("role") == "nurse" and reason != "died":
            self.blocks.add("B-ROLE")
        else:
            self._deceased(on, event)
            if reason == "reversible_cause_resolved":
                self.extra_from.append(on)
                self.warnings.append("W-STOP-REVERSIBLE")

    def _is_of_an_earlier_episode(self, on: date) -> bool:
        """Say whether a dose lies so long before a loading course that it is no part of it (D-21)."""
        gap = (self.plan.starts_on - on).days
        return self.plan.loading.kind is not Loading.NONE and gap > catalogue.LOADING_RESTART_GAP.value

    def _add(self, dose: Dose) -> None:
        self.history = replace(self.history, doses=(*self.history.doses, dose))


def clinic_days(weekdays: str | Collection[str], closures: Collection[str] = ()) -> ClinicDays:
    """Read opening days such as "Mon-Fri" or ["Mon", "Thu"], and closed dates. Raises ValueError for others."""
    if isinstance(weekdays, str) and "-" in weekdays:
        first, last = (WEEKDAYS.index(name.strip()[:3]) for name in weekdays.split("-"))
        open_on = frozenset((first + step) % 7 for step in range((last - first) % 7 + 1))
    else:
        names = weekdays.split(",") if isinstance(weekdays, str) else weekdays
        open_on = frozenset(WEEKDAYS.index(name.strip()[:3]) for name in names)
    return ClinicDays(open_on, frozenset(_day(closure) for closure in closures))


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
    plan, history = replay.plan, replay.history
    if schedule.is_loading(plan, history) and plan.loading.doses is None:
        return
    for dose in schedule.forecast(plan, history, replay.clinic, replay.as_of):
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
        on = _day(event["date"])
        day_is_over |= on == last_on and event["type"] == "given" and not event.get("voided")
        if on < last_on or (on == last_on and not day_is_over):
            before.learn(event)
    due = schedule.next_dose(before.plan, before.history, before.clinic)
    return str(status_on(due, last_on)) if due else None


def _appointments(replay: Replay, answers: Mapping, asked: Collection[str]) -> dict:
    """Return the next open day for each clinical date asked about, if it is one of this course's."""
    known = {answers["next_due"], answers["first_maintenance_projected"], *answers["projection"]}
    return {
        day: replay.clinic.next_open(max(_day(day), replay.as_of)).isoformat()
        for day in asked
        if day in known
    }


def _interval(given: Mapping) -> Interval:
    ((unit, count),) = given.items()
    return Interval(count, unit)


def _day(text: str) -> date:
    return date.fromisoformat(text)


def _iso_day(day: date | None) -> str | None:
    return day.isoformat() if day else None


def _iso(days: Collection[date] | Iterator[date]) -> list[str]:
    return [day.isoformat() for day in days]
