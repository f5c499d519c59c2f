"""One invented patient's life: what was asked, measured, planned, given and missed, each with the dates of its time.

Every due date and window comes from the protocol, with the history as it stood on that day, so that a life of the
demo holds what the services would have written.
"""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from random import Random
from uuid import UUID

from django.db import models

from config.demo.blood import LABS, Levels, results
from config.demo.clinics import Staff
from config.demo.people import Reach
from patients.models import (
    Analyte,
    AuditEntry,
    ClinicalFact,
    EmailConsent,
    NameKey,
    Patient,
    SymptomReport,
)
from patients.models.symptoms import Change
from regimens.course_values import NEURO_REVIEW
from regimens.facts import facts_from
from regimens.models import Course, Decision, Injection, NotGiven, Plan, Request
from regimens.protocol import checks, labs, reviews, schedule
from regimens.protocol.entries import Loading, Route
from regimens.protocol.facts import Facts, Measured, age_on
from regimens.protocol.intervals import Interval
from regimens.protocol.recommend import recommend
from regimens.protocol.requests import Request as Asked
from regimens.protocol.requests import Role, Site
from regimens.services.in_bulk import Row
from regimens.services.plans import asked_to_json, terms_of

ADULT = 18
AS_RECOMMENDED = Asked()
SITES = ("DELTOID_L", "DELTOID_R", "VASTUS_LATERALIS_L", "VASTUS_LATERALIS_R")
ORDINARY = {
    "neuro": "none",
    "neuro_at_presentation": False,
    "deficiency": "confirmed",
    "severe": False,
    "pancytopenia": False,
    "allergies": [],
    "anticoagulant": False,
    "renal": False,
    "dialysis": False,
    "pregnant": False,
    "bariatric": "none",
    "ileal_resection": "none",
    "crohns_ileal": False,
    "leber": False,
    "folic_acid": "none",
    "cause": "pernicious_anaemia",
}


class Life:
    """Collects the rows of one patient. A verb adds what happened on a day; days come in order."""

    def __init__(
        self, patient: Patient, reach: Reach, *, staff: Staff, rng: Random, today: date, now: datetime
    ):
        self.patient, self.reach, self.staff, self.rng = patient, reach, staff, rng
        self.today, self.now, self.clinic = today, now, patient.clinic
        self.days = self.clinic.days
        self.rows: list[models.Model | Row] = []
        self.answers: dict[str, object] = {}
        self.measured: dict[str, Measured] = {}
        self._facts: Facts | None = None
        self.levels = Levels.before_treatment(rng)
        self.lab = LABS[len(self.clinic.name) % len(LABS)]
        self.course: Course | None = None
        self.plan: Plan | None = None
        self.terms: schedule.CoursePlan | None = None
        self.history = schedule.History()
        self.settled: list[tuple[Injection, Decision]] = []
        # Whether blood is drawn when a check is due, and the days on which it will be.
        self.drawn, self.watched_until = True, today
        self._draws: Iterator[date] | None = None
        self._next_draw = today

    # -- clocks and chance ------------------------------------------------------------------------------------

    def moment(self, day: date) -> datetime:
        """Give a moment of the clinic's working hours on a day, never one that is still to come."""
        minutes = self.rng.randrange(9 * 60)
        return min(
            datetime.combine(day, time(8, 40), self.clinic.zone) + timedelta(minutes=minutes), self.now
        )

    def within(self, low: int, high: int) -> int:
        """Give a whole number between two, both included."""
        return self.rng.randint(low, high)

    def ago(self, days: int) -> date:
        """Give the day so long ago."""
        return self.today - timedelta(days=days)

    # -- what is known ----------------------------------------------------------------------------------------

    def registers(self, on: date) -> None:
        """The desk writes down who it is, how to reach them, and what they allow."""
        patient, reach, by = self.patient, self.reach, self.staff.reception
        patient.registered_by, patient.registered_at = by, self.moment(on)
        patient.email_confirmed_at = self.moment(on) if reach.confirmed else None
        patient.email_consented = bool(reach.consent)
        self.rows.append(patient)
        keys = sorted(patient.name_keys())
        self.rows += [Row(NameKey, patient=patient, clinic=self.clinic, key=key) for key in keys]
        if reach.consent is not None:
            said = {"given": reach.consent, "how": "At the desk", "recorded_at": self.moment(on)}
            self.rows.append(Row(EmailConsent, patient=patient, recorded_by=by, **said))
        self.notes(by, "registered", on)

    def notes(self, actor, act: str, on: date, **detail) -> None:
        """Write a line of audit."""
        entry = {"at": self.moment(on), "clinic": self.clinic, "act": act, "detail": detail}
        self.rows.append(Row(AuditEntry, actor=actor, patient=self.patient, **entry))

    def answers_questions(self, on: date, **answers: object) -> None:
        """A nurse asks; what equals the answer that holds is not written again."""
        by = self.staff.nurse
        for topic, answer in answers.items():
            if topic not in self.answers or self.answers[topic] != answer:
                self.answers[topic], self._facts = answer, None
                said = {"topic": topic, "answer": answer, "observed_on": on, "recorded_at": self.moment(on)}
                self.rows.append(Row(ClinicalFact, patient=self.patient, recorded_by=by, **said))

    def bleeds(self, on: date, levels: dict[Analyte, float]) -> None:
        """A sample is taken and its results are entered the day after."""
        entered = self.moment(min(on + timedelta(days=1), self.today))
        rows, measured = results(self.patient, self.lab, levels, on, entered, self.staff.nurse)
        self.rows += rows
        self.measured |= measured
        self._facts = None

    def reports(self, on: date, *, comes_back: bool = False) -> SymptomReport:
        """The patient says how it is."""
        better = (Change.NONE, Change.BETTER, Change.SAME)
        report = SymptomReport(
            patient=self.patient,
            reported_on=on,
            paraesthesia=Change.NEW if comes_back else self.rng.choice(better),
            gait=Change.NONE,
            cognition=self.rng.choice(better),
            fatigue=self.rng.choice((*better, Change.WORSE)),
            neurological_return=comes_back,
            recorded_at=self.moment(on),
            recorded_by=self.staff.nurse,
        )
        self.rows.append(report)
        return report

    def facts(self) -> Facts:
        """Give what the rules know now."""
        if self._facts is None:
            self._facts = facts_from(self.patient, self.answers, self.measured)
        return self._facts

    # -- what was decided -------------------------------------------------------------------------------------

    def arrives(self, on: date, **answers: object) -> None:
        """Somebody comes for the first time: registered, bled and asked within the days before."""
        if age_on(self.patient.born_on, on) < ADULT:
            self.patient.born_on = self.patient.born_on.replace(year=self.patient.born_on.year - 20)
        self.registers(on - timedelta(days=6))
        extra = {Analyte.EGFR: self.levels.egfr, Analyte.FOLATE: self.rng.uniform(8, 30)}
        self.bleeds(on - timedelta(days=5), self.levels.panel() | extra)
        self.answers_questions(on - timedelta(days=3), **(ORDINARY | answers))

    def is_proposed(
        self, on: date, asked: Asked = AS_RECOMMENDED, *, signed: bool = True, **course: object
    ) -> Plan | None:
        """The protocol is asked and the plan written; None where it proposes nothing."""
        facts, asked = self.facts(), replace(asked, clinic_days=self.days)
        advice = recommend(facts, asked, on)
        if advice.proposal and signed and advice.proposal.maintenance.choice_required:
            asked = replace(asked, interval=self.rng.choice(advice.proposal.maintenance.choices))
            advice = recommend(facts, asked, on)
        if advice.proposal is None:
            return None
        by = self.staff.physician if signed else self.staff.nurse
        if self.course is None:
            self.course = Course(
                **{"history_from_on": on, **course},
                patient=self.patient,
                clinic=self.clinic,
                opened_on=on,
                opened_by=by,
                next_due_on=on,
            )
            self.rows.append(self.course)
        self.plan = Plan(
            course=self.course,
            version=self.plan.version + 1 if self.plan else 1,
            starts_on=on,
            counts_from_on=self.course.history_from_on,
            asked_for=asked_to_json(asked),
            proposed_by=by,
            proposed_at=self.moment(on),
            **terms_of(facts, advice, on),
        )
        self.rows.append(self.plan)
        if signed:
            self._signs(self.plan, on, advice.blocks)
        self._counts_by(self.plan)
        return self.plan

    def _signs(self, plan: Plan, on: date, holds: Iterable) -> None:
        plan.signed_by, plan.signed_at, plan.signed_on = self.staff.physician, self.moment(on), on
        plan.acknowledged = sorted(found["code"] for found in plan.recommendation["findings"])
        plan.signature_note = "Seen, and treated with this in mind." if holds else ""
        self.notes(self.staff.physician, "signed plan", on, version=plan.version)

    def changes_interval(self, on: date, interval: Interval, reason: str) -> None:
        """A physician signs another interval, which counts from the last dose."""
        before = self.plan
        before.superseded_at = self.moment(on)
        kept = (
            "regimen_key",
            "protocol_version",
            "product",
            "route",
            "micrograms",
            "starts_on",
            "counts_from_on",
        )
        also = ("neurological", "base_interval_iso", "recommendation")
        self.plan = Plan(
            course=self.course,
            version=before.version + 1,
            **{name: getattr(before, name) for name in (*kept, *also)},
            interval_iso=interval.iso,
            interval_decided_on=on,
            reason=reason,
            asked_for={"interval": interval.iso, "action": "interval_change"},
            facts=self.facts().to_json(),
            proposed_by=self.staff.physician,
            proposed_at=before.superseded_at,
        )
        self.rows.append(self.plan)
        self._signs(self.plan, on, ())
        former = schedule.FormerInterval(before.interval, on)
        self.history = replace(self.history, former_intervals=(*self.history.former_intervals, former))
        self._counts_by(self.plan)

    def _counts_by(self, plan: Plan) -> None:
        if plan.route != Route.ORAL:
            self.terms = schedule.CoursePlan(
                plan.regimen, plan.interval, plan.base_interval, plan.starts_on, plan.neurological
            )

    def is_reviewed(self, due_on: date, on: date, outcome: reviews.Outcome) -> None:
        """A physician looks at the nerves."""
        said = {"code": NEURO_REVIEW, "outcome": outcome, "decided_on": on, "decided_at": self.moment(on)}
        by = self.staff.physician
        self.rows.append(
            Row(Decision, patient=self.patient, course=self.course, passed_on=due_on, decided_by=by, **said)
        )
        self.history = replace(self.history, reviews=(*self.history.reviews, reviews.Review(on, outcome)))

    def asks_physician(self, kind: str, on: date, **details: object) -> Request:
        """Somebody asks for a decision, and it waits."""
        request = Request(
            patient=self.patient,
            clinic=self.clinic,
            course=self.course,
            kind=kind,
            raised_on=on,
            raised_at=self.moment(on),
            raised_by=self.staff.nurse,
            **details,
        )
        self.rows.append(request)
        return request

    # -- what was given ---------------------------------------------------------------------------------------

    def next_due(self) -> schedule.DueDose:
        """Give the dose that follows what was given so far."""
        return schedule.next_dose(self.terms, self.history, self.days)

    def is_injected(self, on: date, **details: object) -> dict:
        """A nurse gives a dose and records it; gives the fields of the row, for what else is to be said of it."""
        # A second dose of a day is measured against the plan of that morning.
        before = (
            self.history if self.history.last_needle_on != on else self.history.up_to(on - timedelta(days=1))
        )
        due, number = schedule.next_dose(self.terms, before, self.days), len(self.history.doses)
        site = SITES[number % len(SITES)]
        row = {
            "patient": self.patient,
            "course": self.course,
            "plan": self.plan,
            "request_token": UUID(int=self.rng.getrandbits(128), version=4),
            "given_on": on,
            "given_by": self.staff.nurse,
            "product": self.plan.product,
            "micrograms": 1000,
            "route": Route.IM,
            "site": site,
            "needle_gauge": 25,
            "needle_length_mm": 25,
            "lot": f"H{on:%y%m}",
            "expires_on": date(on.year + 2, on.month, 1),
            "brand": "",
            "observed_minutes": 15 if number == 0 else None,
            "questions_asked": not details.get("already_given", False),
            "partial": False,
            "reaction": Injection.Reaction.NONE,
            "note": "",
            "counts": True,
            "already_given": False,
            "incident_codes": [],
            "finding_codes": self._finding_codes(on, due, site, details),
            "authorisation": None,
            "number": due.number,
            "due_on": due.due_on,
            "window_opens_on": due.opens_on,
            "window_closes_on": due.closes_on,
            "recorded_at": self.moment(on),
            "recorded_by": self.staff.nurse,
            **details,
        }
        self.rows.append(Row(Injection, **row))
        dose = schedule.Dose(on, row["counts"], row["partial"])
        self.history = replace(self.history, doses=(*self.history.doses, dose))
        return row

    def _finding_codes(self, on: date, due: schedule.DueDose, site: str, details: dict) -> list[str]:
        """Give what the dose screen showed, with what was known on that day."""
        so_far = self.history.doses
        full = [dose.on for dose in so_far if not dose.partial]
        loading = due.phase is schedule.Phase.LOADING
        found = checks.check(
            checks.ProposedInjection(given_on=on, site=Site(site), expires_on=details.get("expires_on")),
            self.facts(),
            checks.PlannedDose(
                due_on=schedule.due_as_of(due, self.days, on),
                loading=self.terms.loading.kind if loading else Loading.NONE,
                opens_on=None if loading else due.opens_on,
            ),
            checks.DosesSoFar(
                last_full_on=full[-1] if full else None,
                last_on=so_far[-1].on if so_far else None,
                last_site=Site(SITES[(len(so_far) - 1) % len(SITES)]) if so_far else None,
                full_that_day=full.count(on),
            ),
            Role.NURSE,
            on,
        )
        return [each.code for each in found]

    def is_not_injected(self, on: date, reason: str, note: str = "") -> None:
        """A planned dose was not given, and why."""
        said = {"on": on, "reason": reason, "note": note, "due_on": self.next_due().due_on}
        by = {"recorded_at": self.moment(on), "recorded_by": self.staff.nurse}
        self.rows.append(Row(NotGiven, patient=self.patient, course=self.course, **said, **by))

    def is_loaded(self, on: date, *, until: date, doses: int | None = None) -> None:
        """Loading doses are given on their days from a day on, so many, or as many as come by a day."""
        for given, day in enumerate(schedule.loading_slots(self.terms, self.history, self.days, on)):
            if day > until or given == doses:
                return
            self.is_injected(day)

    def is_maintained(self, days: Iterable[date]) -> None:
        """Maintenance doses are given about these days: not before their window, on an open day where there is one."""
        for day in days:
            due = self.next_due()
            on = max(day, due.opens_on)
            if not self.days.is_open(on):
                on = max(self.days.previous_open(on), due.opens_on)
            if on > self.today or on <= self.history.last_needle_on:
                return
            if on > due.closes_on and self.rng.random() < 0.7:
                self.is_not_injected(min(due.due_on, on - timedelta(days=1)), NotGiven.Reason.DID_NOT_ATTEND)
            self.is_watched(until=on)
            self.is_injected(on)

    # -- what was watched -------------------------------------------------------------------------------------

    def is_watched(self, *, until: date) -> None:
        """Samples are taken up to a day: a panel for most checks, in its window, one now and then late or never."""
        if not self.drawn:
            return
        if self._draws is None:
            self._draws = self._days_of_panels()
            self._next_draw = next(self._draws)
        while self._next_draw <= until:
            on, self._next_draw = self._next_draw, next(self._draws)
            self.levels.treated(self.rng)
            yearly = {Analyte.EGFR: self.levels.egfr} if on.year % 2 else {}
            self.bleeds(on, self.levels.panel() | yearly)
            if self.rng.random() < 0.35:
                self.reports(on)

    def _days_of_panels(self) -> Iterator[date]:
        """Yield the days on which a panel is drawn, counted from the first dose."""
        last = self.history.first_given_on
        for check in labs.lab_checks(last, steady=True):
            on = check.due_on + timedelta(days=int(self.rng.triangular(-10, 12, 0)))
            if self.rng.random() < 0.05:
                on = check.closes_on + timedelta(days=self.within(3, 40))
            if on > last and self.rng.random() < 0.95:
                last = on
                yield on
