"""The pages of a proposal: what the protocol says before anything is saved, and a proposal taken back."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from patients.acting import act
from patients.gate import patient_page
from patients.models import Patient
from regimens import what_follows
from regimens.explained import explained
from regimens.facts import digest, facts_of
from regimens.forms.proposals import ProposalForm, WithdrawForm, nothing_asked
from regimens.known_facts import known_facts, last_asked
from regimens.models import Course, Plan
from regimens.protocol.facts import Facts
from regimens.protocol.recommendation import Status
from regimens.services import plans
from regimens.views.showing import (
    done,
    open_course,
    show,
    signed_plan,
    today_of,
    typed,
    waiting_proposal,
    way_back,
)

LOOK_FIRST = "This is what the protocol says now. Look at it, then propose it."


@patient_page("regimens.propose_plan")
@require_http_methods(["GET", "HEAD", "POST"])
def propose_plan(request: HttpRequest, patient: Patient) -> HttpResponse:
    """Show what the protocol says to today's facts and a request; propose what was shown."""
    today, course = today_of(patient), open_course(patient)
    facts, signed = facts_of(patient, today), signed_plan(course)
    loaded = bool(signed) and course.phase != Course.Phase.LOADING and request.GET.get("load") != "again"
    form = ProposalForm(
        request.POST or nothing_asked(today, loaded=loaded, tests_b12=signed.tests_b12 if signed else True),
        patient=patient,
        role=plans.role_of(request.user, patient),
        today=today,
        clinic_days=patient.clinic.days,
        back=patient.get_absolute_url(),
    )
    if form.is_valid() and request.POST.get("act") == "propose" and _propose(request, patient, facts, form):
        messages.success(request, "The plan is proposed. It waits for a physician's signature.")
        if request.user.has_perm("regimens.sign_plan", patient):
            return redirect("sign_plan", patient.pk)
        return redirect(patient)
    return _recommendation(request, patient, today, facts, form, loaded=loaded and request.method == "GET")


def _propose(request: HttpRequest, patient: Patient, facts: Facts, form: ProposalForm) -> Plan | None:
    """Propose what was shown; anything else is shown first."""
    if form.cleaned_data["shown"] != form.fingerprint(digest(facts)):
        form.add_error(None, LOOK_FIRST)
        return None
    return act(
        form,
        plans.propose_plan,
        patient=patient,
        asked=form.asked(),
        starts_on=form.cleaned_data["starts_on"],
        reason=form.cleaned_data["reason"],
        tests_b12=form.cleaned_data.get("tests_b12", True),
        now=timezone.now(),
        proposed_by=request.user,
        **form.on_course(),
    )


def _recommendation(
    request, patient, today, facts: Facts, form: ProposalForm, *, loaded: bool
) -> HttpResponse:
    """Show facts and form, and the answer wherever the form can be read."""
    context = {
        "loaded": loaded,
        "facts": known_facts(patient, facts, today, visit=last_asked(patient)),
    }
    if form.can_be_read:
        starts_on = form.cleaned_data["starts_on"]
        advice = plans.advise(patient, form.asked(), starts_on, today)[1]
        form.offer_to_pass(advice.findings)
        context |= {
            "said": explained(advice.to_json()),
            "shown": form.fingerprint(digest(facts)),
            "replaces": Plan.objects.current().filter(course__patient=patient, course__ended_on=None).last(),
        }
        if advice.proposal is not None and advice.status is not Status.BLOCKED:
            context["ahead"] = what_follows.if_proposed(
                patient, facts, advice, starts_on=starts_on, today=today, **form.on_course()
            )
    return show(request, patient, today, "regimens/recommendation.html", form=form, **context)


@patient_page("regimens.propose_plan")
@require_http_methods(["GET", "HEAD", "POST"])
def withdraw_proposal(request: HttpRequest, patient: Patient) -> HttpResponse:
    """Take back a proposal that stands beside a signed plan."""
    today, plan = today_of(patient), waiting_proposal(open_course(patient))
    form = WithdrawForm(
        typed(request), initial={"plan": plan.pk if plan else None}, back=way_back(request, patient)
    )
    if form.is_bound and form.is_valid():
        shown = Plan(pk=form.cleaned_data["plan"], course=plan.course) if plan else None
        if shown is None or shown != plan:
            form.add_error(None, "This proposal is not waiting any more.")
        elif act(form, plans.withdraw_proposal, plan=plan, decided_by=request.user):
            messages.success(request, "The proposal is taken back. The signed plan stands.")
            return done(request, patient)
    return show(request, patient, today, "regimens/plan_withdraw.html", form=form, plan=plan)
