"""What the page of one patient shows: the plan, the dates to come, what waits, and which acts are open to whom."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from itertools import islice, takewhile

from django.db.models import F

from patients import links
from patients.models import Patient
from regimens.course_values import CourseValues, values_of
from regimens.models import Appointment, Authorisation, Course, Plan, Request
from regimens.protocol import schedule, standing
from regimens.protocol.codes import CODES, Code
from regimens.protocol.entries import Route
from regimens.protocol.intervals import months
from regimens.protocol.labs import LabOutlook
from regimens.services.decisions import standing_authorisations

A_YEAR = months(12)
MOST_DOSES = 40


@dataclass(frozen=True)
class Dates:
    """What comes next for an open course, as a day sees it."""

    standing: standing.Standing
    labs: LabOutlook
    suggested_on: date | None
    alerts: tuple[Code, ...]
    year: tuple[schedule.DueDose, ...]
    until_review: bool


@dataclass(frozen=True)
class PatientPage:
    """One patient on one day. `dates` is None without an open course."""

    patient: Patient
    keys: tuple[int, ...]
    course: Course | None = None
    values: CourseValues | None = None
    signed: Plan | None = None
    proposed: Plan | None = None
    dates: Dates | None = None
    booked: list[Appointment] = field(default_factory=list)
    requests: list[Request] = field(default_factory=list)
    authorisations: list[Authorisation] = field(default_factory=list)
    # The records that were merged into this one.
    merged: list[Patient] = field(default_factory=list)

    @property
    def is_open(self) -> bool:
        """There is a course that has not ended."""
        return self.course is not None and self.course.is_open

    @property
    def plan(self) -> Plan | None:
        """The plan that holds: the signed one, else the proposal."""
        return self.signed or self.proposed


def read(patient: Patient, today: date, *, clinical: bool) -> PatientPage:
    """Read one patient's page; a fixed number of queries. Without `clinical`, only dates and bookings."""
    keys = patient.record_keys
    courses = Course.objects.filter(patient__in=keys).select_related("clinic")
    course = courses.order_by(F("ended_on").asc(nulls_first=True), "-pk").first()
    booked = (
        Appointment.objects.booked().filter(patient__in=keys).select_related("nurse").order_by("on", "at")
    )
    page = {"patient": patient, "keys": keys, "course": course, "booked": list(booked)}
    if len(keys) > 1:
        page["merged"] = list(Patient.objects.filter(pk__in=keys).exclude(pk=patient.pk).order_by("pk"))
    if course:
        page["values"] = values_of([course])[course.pk]
    if course and course.is_open:
        page["dates"] = dates(page["values"], today)
    if clinical:
        page |= _decided(patient, course, keys, today)
    return PatientPage(**page)


def dates(values: CourseValues, today: date) -> Dates:
    """Give what comes next for an open course; no query."""
    now = standing.standing(values.plan, values.history, values.clinic_days, today)
    due = now.due
    doses = schedule.forecast(values.plan, values.history, values.clinic_days, today)
    # An open-ended loading is shown as far as its review: what comes after is not decided yet.
    open_ended = now.phase is schedule.Phase.LOADING and values.plan.loading.doses is None
    reviewed_on = max(now.review_due_on or today, today)
    until = reviewed_on if open_ended else A_YEAR.after(today)
    return Dates(
        standing=now,
        labs=values.labs(today),
        suggested_on=values.clinic_days.next_open(max(due.due_on, today)) if due else None,
        alerts=tuple(CODES[code] for code in now.alerts),
        year=tuple(islice(takewhile(lambda dose: dose.due_on <= until, doses), MOST_DOSES)),
        until_review=open_ended,
    )


def _decided(patient: Patient, course: Course | None, keys: tuple[int, ...], today: date) -> dict:
    """Read plans, open requests and authorisations: for clinical roles only."""
    plans = Plan.objects.current().filter(course=course).select_related("signed_by", "proposed_by")
    current = list(plans) if course else []
    waiting = Request.objects.unanswered().filter(patient__in=keys).select_related("raised_by")
    return {
        "signed": next((plan for plan in current if plan.is_signed), None),
        "proposed": next((plan for plan in current if not plan.is_signed), None),
        "requests": list(waiting.order_by("-same_day", "raised_at", "id")),
        "authorisations": standing_authorisations(patient, today),
    }


@dataclass(frozen=True)
class Act:
    """One act on a patient: its address, its words, who may, and when it makes sense."""

    name: str
    words: str
    permission: str
    makes_sense: Callable[[PatientPage], bool]


def _always(_page: PatientPage) -> bool:
    return True


def _treated(page: PatientPage) -> bool:
    return page.patient.is_active


def _planned(page: PatientPage) -> bool:
    return page.patient.is_active and page.is_open


def _injected(page: PatientPage) -> bool:
    return _planned(page) and page.course.oral_confirmed_on is None


def _to_sign(page: PatientPage) -> bool:
    return _planned(page) and page.proposed is not None


def _beside_a_signed(page: PatientPage) -> bool:
    return _to_sign(page) and page.signed is not None


def _signed(page: PatientPage) -> bool:
    return _planned(page) and page.signed is not None and page.signed.route != Route.ORAL


def _reviewed(page: PatientPage) -> bool:
    return _planned(page) and page.course.review_due_on is not None


def _paused(page: PatientPage) -> bool:
    return _planned(page) and page.dates.standing.status is standing.Status.INACTIVE


def _to_pause(page: PatientPage) -> bool:
    return _injected(page) and not _paused(page)


def _oral_waits(page: PatientPage) -> bool:
    return _injected(page) and page.course.oral_decided_on is not None


def _leaving(page: PatientPage) -> bool:
    return page.patient.status == Patient.Status.TRANSFERRED and not page.patient.handover_confirmed_on


def _staying(page: PatientPage) -> bool:
    return page.patient.status == Patient.Status.ACTIVE and page.patient.merged_into_id is None


def _living(page: PatientPage) -> bool:
    return page.patient.status != Patient.Status.DECEASED


# fmt: off
FIRST_ACTS = (
    Act("record_injection", "Log an injection",   "regimens.record_injection", _injected),
    Act("sign_plan",        "Sign the plan",      "regimens.sign_plan",        _to_sign),
    Act("book_appointment", "Book a place",       "regimens.book_appointment", _planned),
    Act("record_not_given", "Dose not given",     "regimens.record_not_given", _injected),
    Act("record_results",   "Enter results",      "patients.record_clinical",  _always),
    Act("record_symptoms",  "Record symptoms",    "patients.record_clinical",  _always),
    Act("ask_physician",    "Ask a physician",    "regimens.ask_physician",    _living),
)
MORE_ACTS = (
    Act("record_given",     "Record a dose already given", "regimens.record_injection", _always),
    Act("appointment_card", "Print or email a card",       "regimens.book_appointment", _living),
    Act("transfer_summary", "Print a summary",             "patients.see_clinical",     _always),
    Act("patient_facts",    "Clinical facts",              "patients.see_clinical",     _always),
    Act("edit_patient",     "Names and contact",           "patients.register_patient", _always),
    Act("propose_merge",    "Another record of this person", "regimens.propose_merge",   _always),
    Act("record_call",      "Phone the patient",           "monitoring.phone_patients", _treated),
    Act("ask_call",         "Put on the phone list",       "monitoring.phone_patients", _treated),
    Act("propose_plan",     "Propose a plan",              "regimens.propose_plan",     _treated),
    Act("withdraw_proposal", "Take the proposal back",     "regimens.propose_plan",     _beside_a_signed),
    Act("change_interval",  "Change the interval",         "regimens.sign_plan",        _signed),
    Act("record_review",    "Neurological review",         "regimens.decide",           _reviewed),
    Act("pause_course",     "Pause injections",            "regimens.change_course",    _to_pause),
    Act("resume_course",    "Resume injections",           "regimens.change_course",    _paused),
    Act("confirm_oral",     "First tablet taken",          "regimens.change_course",    _oral_waits),
    Act("stop_course",      "Stop treatment",              "regimens.ask_to_stop",      _planned),
    Act("transfer_out",     "Transfer to another clinic",  "regimens.change_course",    _staying),
    Act("confirm_handover", "Confirm the handover",        "regimens.change_course",    _leaving),
    Act("record_death",     "Record a death",              "regimens.record_death",     _living),
    Act("reverse_death",    "Death recorded by mistake",   "regimens.change_course",    lambda page: not _living(page)),
)
# fmt: on


def acts(page: PatientPage, viewer, table: tuple[Act, ...]) -> list[tuple[str, str]]:
    """Give (words, address) of the acts that make sense now, for this person, and have a page."""
    named = {act.name: act for act in table if act.makes_sense(page)}
    permissions = {name: act.permission for name, act in named.items()}
    open_to = links.allowed(viewer, page.patient, permissions, page.patient.pk)
    return [(named[name].words, address) for name, address in open_to.items()]
