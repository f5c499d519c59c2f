"""The pages of a plan: what the protocol proposes, the signature, another interval, a proposal taken back."""

from datetime import date

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from patients.acting import REFUSED, act
from patients.gate import patient_page
from patients.models import Patient
from regimens import what_follows
from regimens.explained import every, explained
from regimens.facts import digest, facts_of
from regimens.forms.plans import (
    INTERVALS,
    IntervalForm,
    ProposalForm,
    SignatureForm,
    WithdrawForm,
    again,
    interval_label,
    nothing_asked,
)
from regimens.known_facts import changed_names, known_facts
from regimens.models import Appointment, Course, Plan
from regimens.protocol.facts import Facts
from regimens.protocol.intervals import Interval
from regimens.protocol.recommendation import Status
from regimens.protocol.schedule import Phase
from regimens.protocol.sources import cite
from regimens.services import plans
from regimens.services.as_shown import act_as_shown, fingerprint
from regimens.views.showing import acted, done, open_course, show, today_of, typed, way_back

LOOK_FIRST = "This is what the protocol says now. Look at it, then propose it."


@patient_page("regimens.propose_plan")
@require_http_methods(["GET", "HEAD", "POST"])
def propose_plan(request: HttpRequest, patient: Patient) -> HttpResponse:
    """Show what the protocol says to today's facts and a request; propose what was shown."""
    today = today_of(patient)
    facts = facts_of(patient, today)
    form = ProposalForm(
        request.POST or nothing_asked(today),
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
    return _recommendation(request, patient, today, facts, form)


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


def _recommendation(request, patient, today, facts: Facts, form: ProposalForm) -> HttpResponse:
    """Show facts and form, and the answer wherever the form can be read."""
    context = {"facts": known_facts(patient, facts, today)}
    if form.can_be_read:
        starts_on = form.cleaned_data["starts_on"]
        advice = plans.advise(patient, form.asked(), starts_on, today)[1]
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


@patient_page("regimens.sign_plan")
@require_http_methods(["GET", "HEAD", "POST"])
def sign_plan(request: HttpRequest, patient: Patient) -> HttpResponse:
    """Show a proposal as it was recommended and what it would change; sign it, as long as the facts stand."""
    today = today_of(patient)
    facts = facts_of(patient, today)
    course = open_course(patient)
    plan = _proposal(course)
    if plan is None:
        return _nothing_to_sign(request, patient, today, course)
    form = SignatureForm(
        typed(request),
        initial={"plan": plan.pk, "facts_digest": digest(facts)},
        choices=() if plan.interval_chosen else plans.choices_of(plan),
        asks_for_a_reason=plans.asks_for_a_reason(plan) and not plan.reason,
        back=way_back(request, patient),
    )
    if form.is_bound and form.is_valid() and _sign(request, plan, form):
        messages.success(request, "The plan is signed.")
        return done(request, patient)
    return _signature(request, patient, today, facts, course, plan, form)


def _sign(request: HttpRequest, plan: Plan, form: SignatureForm) -> Plan | None:
    """Sign the plan the page showed; another one that took its place is shown first."""
    if form.cleaned_data["plan"] != plan.pk:
        form.add_error(
            None, "Another plan has been proposed since the page was opened. This is it: look again."
        )
        return None
    return act(
        form,
        plans.sign_plan,
        plan=plan,
        facts_digest=form.cleaned_data["facts_digest"],
        interval=form.chosen(),
        acknowledged=tuple(found["code"] for found in plan.recommendation["findings"]),
        note=form.cleaned_data["note"],
        now=timezone.now(),
        signed_by=request.user,
    )


def _signature(request, patient, today, facts, course, plan: Plan, form: SignatureForm) -> HttpResponse:
    """Show the proposal: no signature is offered where a fact has changed or a question is open."""
    changed = facts.changed_since(Facts.from_json(plan.facts))
    open_questions = [each for each in plan.recommendation["answer_before_signing"] if each != "interval"]
    signed = Plan.objects.signed().filter(course=course).select_related("signed_by").first()
    before, after = what_follows.now(course, today), what_follows.if_signed(plan, course, today)
    context = {
        "plan": plan,
        "said": explained(plan.recommendation),
        "facts": known_facts(patient, facts, today),
        "changed": changed_names(changed),
        "open_questions": changed_names(tuple(open_questions)),
        "again": again(plan),
        "ahead": after,
        "by_choice": _by_choice(plan, course, today),
        "signed": signed,
        "before": before,
        "moved": what_follows.compared(before, after) if signed else (),
        "booked": Appointment.objects.filter(course=course, state=Appointment.State.BOOKED),
        "may_sign": not changed and not open_questions,
    }
    return show(request, patient, today, "regimens/plan_sign.html", form=form, **context)


def _by_choice(plan: Plan, course: Course, today: date) -> list[tuple[str, date | None]]:
    """Give for each interval that may be chosen the first date of maintenance it would lead to."""
    if plan.interval_chosen:
        return []
    found = []
    for interval in plans.choices_of(plan):
        doses = what_follows.if_signed(plan, course, today, interval).doses
        first = next((dose.due_on for dose in doses if dose.phase is Phase.MAINTENANCE), None)
        found.append((every(interval), first))
    return found


def _nothing_to_sign(request, patient, today, course: Course | None) -> HttpResponse:
    """Say what stands instead: somebody signed, or nothing was proposed. A signature that came too late is told so."""
    signed = (
        Plan.objects.signed().filter(course=course).select_related("signed_by").first() if course else None
    )
    late = request.method == "POST"
    status = REFUSED if late else 200
    context = {"signed": signed, "late": late, "said": explained(signed.recommendation) if signed else None}
    return show(request, patient, today, "regimens/plan_signed.html", status=status, **context)


def _proposal(course: Course | None) -> Plan | None:
    """Give the plan that waits for a signature."""
    plan = (
        Plan.objects.proposed().filter(course=course).select_related("proposed_by").first()
        if course
        else None
    )
    if plan:
        plan.course = course
    return plan


@patient_page("regimens.propose_plan")
@require_http_methods(["GET", "HEAD", "POST"])
def withdraw_proposal(request: HttpRequest, patient: Patient) -> HttpResponse:
    """Take back a proposal that stands beside a signed plan."""
    today, plan = today_of(patient), _proposal(open_course(patient))
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


@patient_page("regimens.sign_plan")
@require_http_methods(["GET", "HEAD", "POST"])
def change_interval(request: HttpRequest, patient: Patient) -> HttpResponse:
    """Change how often maintenance is given, from the last dose (D-24)."""
    today, course = today_of(patient), open_course(patient)
    plan = Plan.objects.signed().filter(course=course).select_related("signed_by").first() if course else None
    if plan is None or not plan.interval_iso:
        return show(request, patient, today, "regimens/interval_none.html", course=course)
    offered = _offered(plan)
    form = IntervalForm(
        typed(request),
        initial={"shown": fingerprint(course)},
        choices=[(each.iso, interval_label(plan.base_interval, each)) for each in offered],
        back=way_back(request, patient),
    )
    change = {"course": course, "doing": plans.change_interval, "now": timezone.now()}
    said = "The interval is changed. The next dates have moved with it."
    fields = ("shown", "interval", "reason")
    if acted(request, form, act_as_shown, said, *fields, decided_by=request.user, **change):
        return done(request, patient)
    context = {
        "plan": plan,
        "course": course,
        "now_every": every(plan.interval),
        "ahead": what_follows.now(course, today),
        "options": [(every(each), what_follows.if_interval(course, plan, each, today)) for each in offered],
        "rules": cite("D-24", "R-26", "R-27", "C-01"),
    }
    return show(request, patient, today, "regimens/interval.html", form=form, **context)


def _offered(plan: Plan) -> list[Interval]:
    """Give the intervals of the protocol that are not the present one and not longer than it allows."""
    longest = max(choice.nominal_days for choice in plans.choices_of(plan))
    return [each for each in INTERVALS if each != plan.interval and each.nominal_days <= longest]
