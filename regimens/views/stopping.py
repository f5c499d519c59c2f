"""The page on which somebody asks to end a treatment: the protocol answers every reason, and few of them end it."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from patients.acting import act
from patients.gate import patient_page
from patients.models import Patient
from regimens import what_follows
from regimens.explained import cited
from regimens.forms.courses import WITH_A_PAGE, StopForm
from regimens.models import Course, Request
from regimens.protocol import labs
from regimens.protocol.codes import CODES, Finding
from regimens.protocol.requests import Role, StopReason
from regimens.protocol.sources import cite
from regimens.services import stopping
from regimens.services.plans import role_of
from regimens.shown import Shown
from regimens.views.decisions import booked_places, place_choices
from regimens.views.showing import (
    decided,
    done,
    looking,
    no_course,
    open_course,
    show,
    today_of,
    typed,
    way_back,
)

READ_OR_ACT = require_http_methods(["GET", "HEAD", "POST"])
MAY_STOP = "regimens.change_course"


@patient_page("regimens.ask_to_stop")
@READ_OR_ACT
def stop_course(request: HttpRequest, patient: Patient) -> HttpResponse:
    """Ask to end a treatment; a reason that never is one is answered with its rule, and the attempt is kept (D-16)."""
    today, course = today_of(patient), open_course(patient)
    booked = booked_places(patient)
    may_stop = request.user.has_perm(MAY_STOP, patient)
    look = looking(patient, today, what="The end of this treatment", rules=("D-16", "C-10"))
    beside = look()
    form = StopForm(
        typed(request),
        today=today,
        booked=place_choices(booked) if may_stop else [],
        initial={"shown": beside.digest},
        back=way_back(request, patient),
    )
    if course is None:
        return no_course(request, patient, today, form=form)
    findings: tuple[Finding, ...] = ()
    if form.is_bound and form.is_valid():
        reason = StopReason(form.cleaned_data["reason"])
        if reason in WITH_A_PAGE and (may_stop or reason is StopReason.DIED):
            return redirect(_page_of_its_own(request, patient, reason))
        findings = stopping.answer_to(patient, reason, today, request.user)
        if _asked(request, form, course, reason, findings, look, beside):
            return done(request, patient)
        if open_course(patient) is None:  # somebody was quicker
            return no_course(request, patient, today, form=form)
    context = {
        "course": course,
        "answered": [(found, cited(CODES[found.code].rules)) for found in findings],
        "never": stopping.never_a_reason(findings),
        "may_stop": may_stop,
        "is_nurse": role_of(request.user, patient) is not Role.PHYSICIAN,
        "rules": cite("D-16", "C-10"),
        "wishes": Request.objects.unanswered().filter(
            patient__in=patient.record_keys, kind=Request.Kind.STOP
        ),
        "recheck_on": labs.extra_check(today).due_on,
        "ahead": what_follows.now(course, today),
        "booked": booked,
        "beside": beside,
    }
    return show(request, patient, today, "regimens/stop.html", form=form, **context)


def _asked(
    request, form: StopForm, course: Course, reason: StopReason, findings, look, beside: Shown
) -> bool:
    """Do what this reason leads to: nothing but a record, a question to a physician, or the end."""
    patient, today, words = course.patient, today_of(course.patient), form.cleaned_data["conversation"]
    codes = {found.code: found for found in findings}
    if never := stopping.never_a_reason(findings):
        by = {"asked_by": request.user, "words": words, "seen": beside.to_json()}
        if act(form, stopping.record_refused_reason, course=course, reason=reason, on=today, **by):
            form.add_error("reason", f"{codes[never].message} ({never})")
        return False
    if "B-ROLE" in codes:
        form.add_error("reason", f"{codes['B-ROLE'].message} (B-ROLE)")
        return False
    if reason is StopReason.PATIENT_REQUEST:
        wish = {"patient": patient, "text": words, "on": today, "raised_by": request.user}
        if act(form, stopping.wish_to_stop, **wish) is None:
            return False
        messages.success(
            request,
            "The wish is recorded. The plan goes on until a physician has talked with the patient (H-STOP-REFUSAL).",
        )
        return True
    who = {"about": patient, "look": look, "course": course, "decided_by": request.user}
    said, fields = "This treatment has ended.", ("reason", "on", "conversation", "keep")
    return decided(request, form, stopping.stop_and_settle, said, *fields, **who)


def _page_of_its_own(request: HttpRequest, patient: Patient, reason: StopReason) -> str:
    """Give the page of a death or a move, which leads back to where the person came from."""
    address = reverse(WITH_A_PAGE[reason], args=[patient.pk])
    asked = request.META.get("QUERY_STRING", "")
    return f"{address}?{asked}" if asked else address
