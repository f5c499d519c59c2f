"""The pages of a physician's answers: reviews, requests, incidents, passed dates, leave for a dose."""

from datetime import date, timedelta

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from patients.acting import REFUSED
from patients.gate import patient_page
from patients.models import Patient
from regimens import what_follows
from regimens.explained import cited
from regimens.forms.decisions import (
    OUTCOMES,
    PASSED,
    IncidentForm,
    LeaveForm,
    OutcomeForm,
    PutOffForm,
    ReviewForm,
)
from regimens.models import Authorisation, Decision, Injection, Plan, Request
from regimens.protocol.codes import CODES, Code, Finding
from regimens.protocol.entries import Route
from regimens.protocol.reviews import AGAIN_AFTER
from regimens.protocol.sources import cite
from regimens.services import decisions, passed_dates
from regimens.services.as_shown import act_as_shown, fingerprint
from regimens.services.injections import Given, look
from regimens.views.showing import acted, done, no_course, open_course, show, today_of, typed, way_back

READ_OR_ACT = require_http_methods(["GET", "HEAD", "POST"])
# Acts of their own that answer a request of each kind: name of the address, what its link says.
ACTS = {
    Request.Kind.HOLD: (("authorise_dose", "Let one dose pass"), ("propose_plan", "Propose another plan")),
    Request.Kind.STOP: (("stop_course", "End this treatment"),),
    Request.Kind.SYMPTOMS: (
        ("change_interval", "Change the interval"),
        ("propose_plan", "Propose another plan"),
    ),
    Request.Kind.INTERVAL: (("change_interval", "Change the interval"),),
    Request.Kind.DEATH: (("record_death", "Record the death"),),
    Request.Kind.TRANSFER: (("transfer_out", "Transfer to another clinic"),),
    Request.Kind.ADVERSE: (("patient_facts", "Record an allergy"), ("stop_course", "End this treatment")),
}


@patient_page("regimens.decide")
@READ_OR_ACT
def record_review(request: HttpRequest, patient: Patient) -> HttpResponse:
    """Record a neurological review; only “no further improvement” ends loading (D-01)."""
    today, course = today_of(patient), open_course(patient)
    past = _reviews(patient)
    if course is None or course.review_due_on is None:
        status = REFUSED if request.method == "POST" else 200
        return show(
            request, patient, today, "regimens/review_none.html", status=status, course=course, past=past
        )
    form = ReviewForm(typed(request), today=today, back=way_back(request, patient), shown=fingerprint(course))
    act = {"course": course, "doing": decisions.record_neuro_review, "decided_by": request.user}
    fields = ("shown", "outcome", "on", "reason")
    if acted(request, form, act_as_shown, "The review is recorded.", *fields, now=timezone.now(), **act):
        return done(request, patient)
    context = {
        "course": course,
        "past": past,
        "ahead": what_follows.now(course, today),
        "after": what_follows.if_changed(course, today, loading_ended_on=today),
        "again_on": max(course.review_due_on, today) + AGAIN_AFTER,
        "is_overdue": course.review_due_on < today,
        "rules": cite("R-10", "D-01"),
    }
    return show(request, patient, today, "regimens/review.html", form=form, **context)


def _reviews(patient: Patient) -> list[Decision]:
    """Give the reviews so far, newest first: who else has looked."""
    rows = Decision.objects.filter(patient__in=patient.record_keys, code=decisions.NEURO_REVIEW)
    return list(rows.select_related("decided_by")[:5])


@patient_page("regimens.decide")
@READ_OR_ACT
def authorise_dose(request: HttpRequest, patient: Patient) -> HttpResponse:
    """Let one dose pass named codes, with a reason, for two weeks and while the facts stand."""
    today = today_of(patient)
    asked = _request_of(request, patient)
    findings = _dose_of_today(request, patient, today)
    offered = _may_pass(findings, asked)
    form = LeaveForm(
        typed(request),
        codes=[(code.code, f"{code.message} ({code.code})") for code in offered],
        initial={"codes": [code.code for code in offered if asked and code.code in asked.codes]},
        back=way_back(request, patient),
    )
    who = {"patient": patient, "request": asked, "on": today, "decided_by": request.user}
    said = "One dose may pass. The nurse finds it at the dose screen."
    if acted(request, form, decisions.authorise_dose, said, "codes", "reason", **who):
        return done(request, patient)
    context = {
        "asked": asked,
        "answer": _answer(request=asked) if asked else None,
        "offered": offered,
        "closed": [found for found in findings if found.stops and CODES[found.code] not in offered],
        "expires_on": today + timedelta(days=decisions.AUTHORISATION_DAYS),
        "standing": _standing(patient, today),
    }
    return show(request, patient, today, "regimens/authorise.html", form=form, **context)


def _request_of(request: HttpRequest, patient: Patient) -> Request | None:
    """Give the request the leave answers, named in the address; somebody else's is not there."""
    number = request.GET.get("request", "")
    if not number:
        return None
    if not (number.isascii() and number.isdigit() and len(number) < 19):
        raise Http404
    return get_object_or_404(
        Request.objects.select_related("raised_by"), pk=int(number), patient__in=patient.record_keys
    )


def _dose_of_today(request: HttpRequest, patient: Patient, today: date) -> tuple[Finding, ...]:
    """Ask the dose screen about the plan's own dose, given today."""
    plan = Plan.objects.signed().filter(course__patient=patient, course__ended_on=None).first()
    if plan is None or plan.route == Route.ORAL:
        return ()
    given = Given(given_on=today, product=plan.product, micrograms=plan.micrograms, route=plan.route)
    return look(patient=patient, given=given, actor=request.user, today=today).findings


def _may_pass(findings: tuple[Finding, ...], asked: Request | None) -> list[Code]:
    """Give the codes that stop a dose today, or that the request names, and that a physician may let pass."""
    names = [found.code for found in findings if found.stops and found.may_be_passed]
    names += [code for code in (asked.codes if asked else ()) if code in CODES]
    return [CODES[code] for code in dict.fromkeys(names) if decisions.may_be_authorised(code)]


def _standing(patient: Patient, today: date) -> list[Authorisation]:
    """Give the leave that stands already: perhaps somebody else gave it."""
    return decisions.standing_authorisations(patient, today)


def _answer(**subject) -> Decision | None:
    """Give what was decided, and by whom, where somebody was quicker."""
    return Decision.objects.filter(**subject).select_related("decided_by").first()


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
    form = OutcomeForm(
        typed(request), outcomes=OUTCOMES[Request.Kind(asked.kind)], back=way_back(request, patient)
    )
    who = {"request": asked, "on": today, "decided_by": request.user}
    said = "The request is settled."
    if acted(request, form, decisions.settle_request, said, "outcome", "reason", **who):
        return done(request, patient)
    codes = [CODES[code] for code in asked.codes if code in CODES]
    context = {
        "asked": asked,
        "answer": _answer(request=asked),
        "codes": [(code, cited(code.rules)) for code in codes],
        "acts": ACTS.get(Request.Kind(asked.kind), ()),
        "now": timezone.now(),
    }
    return show(request, patient, today, "regimens/request_settle.html", form=form, **context)


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
    form = IncidentForm(typed(request), may_count=not injection.partial, back=way_back(request, patient))
    who = {"injection": injection, "on": today, "decided_by": request.user}
    said = "The incident is settled."
    if acted(request, form, decisions.decide_incident, said, "counts", "reason", **who):
        return done(request, patient)
    codes = [CODES[code] for code in injection.incident_codes if code in CODES]
    course = open_course(patient)
    context = {
        "if_it_counts": course and what_follows.if_counted(course, injection.given_on, True, today),
        "if_not": course and what_follows.if_counted(course, injection.given_on, False, today),
        "injection": injection,
        "answer": _answer(injection=injection, code="INCIDENT"),
        "codes": [(code, cited(code.rules)) for code in codes],
        "rules": cite("D-25"),
    }
    return show(request, patient, today, "regimens/incident.html", form=form, **context)


@patient_page("regimens.decide")
@READ_OR_ACT
def decide_passed_date(request: HttpRequest, patient: Patient, code: str) -> HttpResponse:
    """Answer a date that passed: a dose long overdue, a lapse, a gap in loading."""
    if code not in PASSED:
        raise Http404
    today, course = today_of(patient), open_course(patient)
    if course is None:
        return no_course(request, patient, today)
    passed_on = getattr(course, passed_dates.DATE_OF[code])
    form = PutOffForm(
        typed(request),
        outcomes=PASSED[code],
        may_wait=not CODES[code].same_day,
        initial={"passed_on": passed_on},
        back=way_back(request, patient),
    )
    seen = {"next_due_on": str(course.next_due_on), "last_given_on": str(course.last_given_on)}
    who = {"course": course, "code": code, "seen": seen, "on": today, "decided_by": request.user}
    fields = ("passed_on", "outcome", "reason", "until_on")
    if acted(request, form, passed_dates.decide_passed_date, "Settled.", *fields, **who):
        return done(request, patient)
    context = {
        "course": course,
        "code": CODES[code],
        "passed_on": passed_on,
        "has_passed": passed_on is not None and passed_on <= today,
        "answer": _answer(course=course, code=code, passed_on=passed_on),
        "rules": cited(CODES[code].rules),
    }
    return show(request, patient, today, "regimens/request_passed.html", form=form, **context)
