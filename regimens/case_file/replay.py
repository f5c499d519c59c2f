"""Replays one schedule case: what became known of a course, event by event, as plan, history and answers."""

import re
from collections.abc import Collection, Mapping
from dataclasses import replace
from datetime import date

from regimens.protocol import catalogue, schedule
from regimens.protocol.clinic_days import ClinicDays
from regimens.protocol.doses import dose_codes
from regimens.protocol.entries import Loading
from regimens.protocol.interval_changes import interval_change
from regimens.protocol.intervals import Interval
from regimens.protocol.schedule import CoursePlan, Dose, FormerInterval, History, Outcome, Review

WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
REGIMEN_KEYS = {
    "STD_3X_WEEK_2W": "hydroxocobalamin-standard-1",
    "NEURO_ALT_DAYS": "hydroxocobalamin-neuro-1",
    "DAILY_X10": "hydroxocobalamin-daily-1",
    "MAINTENANCE": "hydroxocobalamin-maintenance-1",
}
ONLY_A_PHYSICIAN = frozenset(
    ("review", "interval_change", "switch_to_oral", "switch_to_im", "paused", "lab_waived")
)
REFUSED_STOPS = {
    "levels_normal": "B-STOP-LEVELS",
    "symptoms_improved": "B-STOP-SYMPTOMS",
    "patient_request": "H-STOP-REFUSAL",
}
CHECK_NAME = re.compile(r"[1-9][0-9]*m")


class Replay:
    """A course as it became known, event by event, up to a day; the day is the last that may be known."""

    def __init__(self, given: Mapping) -> None:
        self.as_of = read_day(given["as_of"])
        self.start_date = read_day(given["start_date"])
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
        kind, on = event["type"], read_day(event["date"])
        handler = getattr(self, f"_{kind}", None)
        if handler is None:
            raise ValueError(f"A case file knows no event {kind!r}.")
        if kind != "attempt" and (
            on > self.as_of or read_day(event.get("entered", event["date"])) > self.as_of
        ):
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
            self.history = replace(self.history, paused_on=on, paused_until=read_day(event["until"]))

    def _resumed(self, on: date, event: Mapping) -> None:
        if self.history.is_paused(on):
            self.history = replace(self.history, paused_until=on)

    def _transferred_in(self, on: date, event: Mapping) -> None:
        self.joined_on = on
        ended_on = None if self.plan.loading.kind is Loading.NEURO_ALT_DAYS else on
        self.history = replace(self.history, inactive_since=None, loading_ended_on=ended_on)
        if event.get("last_dose"):
            self._add(Dose(read_day(event["last_dose"]), external=True))
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
        first, last = (_weekday(name) for name in weekdays.split("-"))
        open_on = frozenset((first + step) % 7 for step in range((last - first) % 7 + 1))
    else:
        names = weekdays.split(",") if isinstance(weekdays, str) else weekdays
        open_on = frozenset(_weekday(name) for name in names)
    return ClinicDays(open_on, frozenset(read_day(closure) for closure in closures))


def _weekday(name: str) -> int:
    """Give the number of a day named as “Mon” or “Monday”, Monday being 0."""
    known = {word: number for number, day in enumerate(WEEKDAYS) for word in (day, day[:3])}
    if name.strip() not in known:
        raise ValueError(f"{name.strip()!r} is not a day of the week")
    return known[name.strip()]


def _interval(given: Mapping) -> Interval:
    ((unit, count),) = given.items()
    return Interval(count, unit)


def read_day(text: str) -> date:
    return date.fromisoformat(text)
