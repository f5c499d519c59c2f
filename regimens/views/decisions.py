"""The pages on which requests, reports and incidents are settled: once each, on what was shown."""

from datetime import date

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_http_methods

from patients.gate import patient_page
from patients.models import Patient, SymptomReport
from patients.templatetags.wording import day
from regimens import outcomes, to_decide, what_follows
from regimens.explained import cited
from regimens.forms.acts import ActForm
from regimens.forms.decisions import HoldForm, IncidentForm, OutcomeForm, WishForm
from regimens.models import Appointment, Decision, Injection, Request
from regimens.protocol.codes import CODES
from regimens.protocol.sources import cite
from regimens.services import decisions, reports, stopping
from regimens.views.holds import may_pass, stands_today
from regimens.views.showing import (
    decided,
    done,
    looking,
    open_course,
    person_of,
    show,
    today_of,
    typed,
    way_back,
)

READ_OR_ACT = require_http_methods(["GET", "HEAD", "POST"])
Kind = Request.Kind
# Acts of their own that answer a request of each kind: name of the address, what its link says.
ACTS = {
    Kind.HOLD: (("propose_plan", "Propose another plan"),),
    Kind.STOP: (("stop_course", "End it for another reason"),),
    Kind.SYMPTOMS: (("change_interval", "Change the interval"), ("propose_plan", "Propose another plan")),
    Kind.INTERVAL: (("change_interval", "Change the interval"),),
    Kind.DEATH: (("record_death", "Record the death"),),
    Kind.TRANSFER: (("transfer_out", "Transfer to another clinic"),),
    Kind.ADVERSE: (("patient_facts", "Record an allergy"), ("stop_course", "End this treatment")),
    Kind.FOLATE: (("propose_plan", "Propose a plan"),),
}


@patient_page("regimens.decide")
@READ_OR_ACT
def settle_request(request: HttpRequest, patient: Patient, request_pk: int) -> HttpResponse:
    """Answer a request once; who comes second sees what was decided."""
    today = today_of(patient)
    asked = get_object_or_404(
        Request.objects.select_related("raised_by", "injection", "symptom_report"),
        pk=request_pk,
        patient=patient,
    )
    person = person_of(patient)
    named = to_decide.request(asked.kind, asked.text, asked.codes)
    look = looking(
        person,
        today,
        what=named.what,
        since=asked.raised_at,
        codes=named.codes,
        rules=named.all_rules,
        answers=lambda: answers_to(request=asked),
    )
    beside, booked = look(), booked_places(person)
    form = _form_for(request, asked, person, today, beside.digest, booked)
    if _settled(request, form, asked, person, today, look):
        return done(request, patient)
    context = {
        "asked": asked,
        "answer": answer(request=asked),
        "put_off": standing_put_off(today, request=asked),
        "codes": [(CODES[code], cited(CODES[code].rules)) for code in named.codes],
        "rules": cited(named.rules),
        "acts": ACTS.get(Kind(asked.kind), ()),
        "beside": beside,
        "offered_later": _not_yet(asked, person),
        **(_what_ends(person, today, booked) if asked.kind == Kind.STOP else {}),
    }
    return show(request, patient, today, "regimens/request_settle.html", form=form, **context)


def _form_for(request, asked: Request, patient: Patient, today: date, shown: str, booked) -> ActForm:
    """Give the form of a kind of request, with the outcomes that may be chosen now."""
    allowed = outcomes.offered(outcomes.REQUESTS[asked.kind], patient, asked.raised_at)
    back = way_back(request, patient)
    claimed = next((each.value for each in allowed if each.done and asked.kind in CLAIMING), None)
    given = {"initial": {"shown": shown, "outcome": claimed}, "back": back}
    if asked.kind == Kind.HOLD:
        findings = stands_today(patient, today, request.user)
        standing = {found.code for found in findings if found.stops}
        codes = may_pass(findings, asked)
        if standing & set(asked.codes):
            allowed = tuple(each for each in allowed if each.value != "go on")
        if codes:
            allowed = (*allowed, outcomes.Outcome(outcomes.LET_PASS, "One dose may pass", words=True))
        given["initial"]["codes"] = [code.code for code in codes if code.code in asked.codes]
        labels = [(code.code, f"{code.message} ({code.code})") for code in codes]
        return HoldForm(typed(request), outcomes=allowed, codes=labels, **given)
    if asked.kind == Kind.STOP:
        return WishForm(typed(request), outcomes=allowed, booked=place_choices(booked), **given)
    return OutcomeForm(typed(request), outcomes=allowed, **given)


# In these an outcome is offered because somebody has just done what it says.
CLAIMING = (Kind.SYMPTOMS, Kind.INTERVAL, Kind.ADVERSE)


def _settled(request, form: ActForm, asked: Request, patient: Patient, today: date, look) -> bool:
    """Settle with the service that the chosen outcome asks for."""
    who = {"about": patient, "look": look, "request": asked, "on": today, "decided_by": request.user}
    chosen = form.data.get("outcome") if form.is_bound else ""
    if asked.kind == Kind.HOLD and chosen == outcomes.LET_PASS:
        said = "One dose may pass. The nurse finds it at the dose screen."
        fields = ("codes", "reason")
        return decided(request, form, decisions.authorise_dose, said, *fields, patient=patient, **who)
    if asked.kind == Kind.STOP and chosen == outcomes.REFUSAL:
        said = "The informed refusal is recorded, and treatment has ended."
        return decided(request, form, stopping.settle_by_refusal, said, "reason", "keep", **who)
    said = "The request is settled."
    return decided(request, form, decisions.settle_request, said, "outcome", "reason", **who)


def _not_yet(asked: Request, patient: Patient) -> list[str]:
    """Give the outcomes that say what has not been done yet: they are offered once it has."""
    return [
        each.label
        for each in outcomes.REQUESTS[asked.kind]
        if asked.kind in ACTS and outcomes.not_done_yet(each, patient, asked.raised_at)
    ]


def _what_ends(patient: Patient, today: date, booked: list[Appointment]) -> dict:
    course = open_course(patient)
    return {"ahead": what_follows.now(course, today) if course else None, "booked": booked}


def booked_places(patient: Patient) -> list[Appointment]:
    """Give the places that the end of treatment would free."""
    booked = Appointment.objects.filter(
        patient__in=patient.record_keys, course__ended_on=None, state=Appointment.State.BOOKED
    )
    return list(booked.order_by("on", "at"))


def place_choices(booked: list[Appointment]) -> list[tuple[int, str]]:
    """Give each place as a choice."""
    return [
        (place.pk, f"{place.get_subject_display()} on {day(place.on)} at {place.at:%H:%M}")
        for place in booked
    ]


def answer(**subject) -> Decision | None:
    """Give what was decided for good, and by whom, where somebody was quicker."""
    return Decision.objects.filter(until_on=None, **subject).select_related("decided_by").first()


def standing_put_off(today: date, **subject) -> Decision | None:
    """Give until when it is put off, and by whom."""
    later = Decision.objects.filter(until_on__gt=today, **subject)
    return later.select_related("decided_by").first()


def answers_to(**subject) -> tuple[int, ...]:
    """Give the keys of all answers so far, so that what was shown differs once there is another."""
    return tuple(Decision.objects.filter(**subject).order_by("pk").values_list("pk", flat=True))


@patient_page("regimens.decide")
@READ_OR_ACT
def settle_report(request: HttpRequest, patient: Patient, report_pk: int) -> HttpResponse:
    """Answer a report of symptoms that came back, of which nobody asked a physician (R-26, D-24)."""
    today = today_of(patient)
    report = get_object_or_404(
        SymptomReport.objects.select_related("recorded_by"), pk=report_pk, patient=patient
    )
    person, named = person_of(patient), to_decide.symptoms()
    look = looking(
        person,
        today,
        what=named.what,
        since=report.reported_on,
        codes=named.codes,
        rules=named.all_rules,
        answers=lambda: answers_to(symptom_report=report),
    )
    beside = look()
    allowed = outcomes.offered(outcomes.SYMPTOMS, person, report.recorded_at)
    form = OutcomeForm(
        typed(request),
        outcomes=allowed,
        initial={"shown": beside.digest},
        back=way_back(request, patient),
    )
    who = {"about": patient, "look": look, "report": report, "on": today, "decided_by": request.user}
    said = "The report is answered."
    if decided(request, form, reports.settle_report, said, "outcome", "reason", **who):
        return done(request, patient)
    code = CODES["A-SYMPTOM-RETURN"]
    context = {
        "report": report,
        "answer": answer(symptom_report=report),
        "codes": [(code, cited(code.rules))],
        "acts": ACTS[Kind.SYMPTOMS],
        "beside": beside,
    }
    return show(request, patient, today, "regimens/request_report.html", form=form, **context)


@patient_page("regimens.decide")
@READ_OR_ACT
def decide_incident(request: HttpRequest, patient: Patient, injection_pk: int) -> HttpResponse:
    """Decide whether a dose given outside the rules counts (D-25)."""
    today = today_of(patient)
    injection = get_object_or_404(
        Injection.objects.select_related("given_by", "recorded_by", "counts_decision__decided_by"),
        pk=injection_pk,
        patient=patient,
    )
    codes = [CODES[code] for code in injection.incident_codes if code in CODES]
    person = person_of(patient)
    look = looking(
        person,
        today,
        what=f"Given outside the rules on {day(injection.given_on)}",
        since=injection.given_on,
        codes=tuple(code.code for code in codes),
        rules=("D-25",),
        answers=lambda: answers_to(injection=injection),
    )
    beside = look()
    form = IncidentForm(
        typed(request),
        may_count=not injection.partial and not decisions.another_counts(injection, person),
        initial={"shown": beside.digest},
        back=way_back(request, patient),
    )
    who = {"about": patient, "look": look, "injection": injection, "on": today, "decided_by": request.user}
    said = "The incident is settled."
    if decided(request, form, decisions.decide_incident, said, "counts", "reason", **who):
        return done(request, patient)
    course = open_course(person)
    context = {
        "if_it_counts": course and what_follows.if_counted(course, injection.given_on, True, today),
        "if_not": course and what_follows.if_counted(course, injection.given_on, False, today),
        "injection": injection,
        "answer": answer(injection=injection, code="INCIDENT"),
        "codes": [(code, cited(code.rules)) for code in codes],
        "rules": cite("D-25"),
        "beside": beside,
    }
    return show(request, patient, today, "regimens/incident.html", form=form, **context)
