"""The signature under a proposal: what is signed, what it would change, and why it may not be signed any more."""

from collections.abc import Callable
from datetime import date

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from patients.acting import REFUSED, act
from patients.models import Patient
from regimens import what_follows
from regimens.axis import axis
from regimens.explained import every, explained
from regimens.facts import digest, facts_of
from regimens.forms.plans import SignatureForm
from regimens.known_facts import changed_names, changes_between, known_facts, last_asked
from regimens.models import Course, Plan
from regimens.protocol.facts import Facts
from regimens.protocol.intervals import Interval
from regimens.services import plans
from regimens.services.as_shown import act_as_shown
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
from regimens.what_changes import Change, Foresee, changes_to, fingerprint_of

ANOTHER_PLAN = "Another plan has been proposed since the page was opened. This is it: look again."


def sign_plan(request: HttpRequest, patient: Patient, foresee: Foresee) -> HttpResponse:
    """Show a proposal as it was recommended and what it would change; sign it, as long as all that was shown stands."""
    today, course = today_of(patient), open_course(patient)
    plan = waiting_proposal(course)
    if plan is None:
        return _nothing_to_sign(request, patient, today, course)
    if request.POST.get("act") == "again":
        return _propose_again(request, patient, plan, today, foresee)
    facts, changes = facts_of(patient, today), _changes(plan, course, today, foresee)
    form = _form(request, patient, plan, facts, changes, typed(request))
    if form.is_bound and form.is_valid():
        if _sign(request, plan, form, today, foresee):
            messages.success(request, "The plan is signed.")
            return done(request, patient)
        return _look_again(request, patient, today, form, foresee)
    return _signature(request, patient, today, facts, plan, changes, form)


def _look_again(request, patient, today, form: SignatureForm, foresee: Foresee) -> HttpResponse:
    """Show how it stands after a signature that was refused: the same proposal, or what somebody made of it."""
    course = open_course(patient)
    plan = waiting_proposal(course)
    if plan is None:
        return _nothing_to_sign(request, patient, today, course)
    facts, changes = facts_of(patient, today), _changes(plan, course, today, foresee)
    form.initial |= _shown(plan, facts, changes)
    form.may_sign = not any(_in_the_way(plan, facts))
    return _signature(request, patient, today, facts, plan, changes, form)


def _form(
    request, patient, plan: Plan, facts: Facts, changes: list[Change], data, **initial
) -> SignatureForm:
    return SignatureForm(
        data,
        initial=_shown(plan, facts, changes) | initial,
        proposal=plan.recommendation["proposal"],
        choices=() if plan.interval_chosen else plans.choices_of(plan),
        to_confirm=plans.confirmations(plan),
        asks_for_a_reason=plans.asks_for_a_reason(plan) and not plan.reason,
        may_sign=not any(_in_the_way(plan, facts)),
        back=way_back(request, patient),
    )


def _shown(plan: Plan, facts: Facts, changes: list[Change]) -> dict:
    """Give the hidden fields: what stands on the page, so that nothing else is signed."""
    return {"plan": plan.pk, "facts_digest": digest(facts), "shown": fingerprint_of(changes)}


def _changes(plan: Plan, course: Course, today: date, foresee: Foresee) -> list[Change]:
    """Give what signing would change, for each interval that may be chosen."""
    if plan.interval_chosen:
        ways: list[tuple[str, str, Interval | None]] = [("After signing", "", None)]
    else:
        ways = [(every(each).capitalize(), each.iso, each) for each in plans.choices_of(plan)]
    options = [
        (label, key, what_follows.values_if_signed(plan, course, today, interval))
        for label, key, interval in ways
    ]
    return changes_to(what_follows.values_now(course), options, today, foresee)


def _looks(plan: Plan, today: date, foresee: Foresee) -> Callable[[Course], str]:
    """Give how to look at it again under the lock."""
    return lambda course: fingerprint_of(_changes(plan, course, today, foresee))


def _sign(
    request: HttpRequest, plan: Plan, form: SignatureForm, today: date, foresee: Foresee
) -> Plan | None:
    """Sign the plan the page showed; another one that took its place is shown first."""
    if form.cleaned_data["plan"] != plan.pk:
        form.add_error(None, ANOTHER_PLAN)
        return None
    seen = {found["code"] for found in plan.recommendation["findings"]}
    asked = {code.code for code in plans.confirmations(plan)}
    return act(
        form,
        act_as_shown,
        course=plan.course,
        shown=form.cleaned_data["shown"],
        looks=_looks(plan, today, foresee),
        doing=_signing,
        plan=plan,
        facts_digest=form.cleaned_data["facts_digest"],
        interval=form.chosen(),
        acknowledged=tuple((seen - asked) | set(form.cleaned_data.get("confirmed", ()))),
        note=form.cleaned_data["note"],
        now=timezone.now(),
        signed_by=request.user,
    )


def _signing(*, course: Course, **signature) -> Plan:
    """Sign; the plan knows its course."""
    return plans.sign_plan(**signature)


def _propose_again(request, patient, plan: Plan, today: date, foresee: Foresee) -> HttpResponse:
    """Ask the protocol the same with today's facts; what was typed stays in the fields, and nothing is signed."""
    facts = facts_of(patient, today)
    changes = _changes(plan, plan.course, today, foresee)
    form = _form(request, patient, plan, facts, changes, typed(request))
    form.full_clean()
    form.errors.clear()
    again = act(
        form,
        plans.propose_plan,
        patient=patient,
        asked=plans.asked_from_json(plan.asked_for, clinic_days=patient.clinic.days),
        starts_on=plan.starts_on,
        reason=plan.reason,
        tests_b12=plan.tests_b12,
        now=timezone.now(),
        proposed_by=request.user,
    )
    if again is None:
        return _signature(request, patient, today, facts, plan, changes, form)
    messages.success(request, "Proposed again with today's facts. Nothing is signed yet: look, then sign.")
    again.course = open_course(patient)
    changes = _changes(again, again.course, today, foresee)
    said = {name: request.POST.get(name, "") for name in ("interval", "note")}
    form = _form(request, patient, again, facts, changes, None, **said)
    return _signature(request, patient, today, facts, again, changes, form)


def _in_the_way(plan: Plan, facts: Facts) -> tuple[tuple[str, ...], list[str]]:
    """Give the facts that have changed since the proposal, and the questions that are still open."""
    changed = facts.changed_since(Facts.from_json(plan.facts))
    return changed, [each for each in plan.recommendation["answer_before_signing"] if each != "interval"]


def _signature(
    request, patient, today, facts: Facts, plan: Plan, changes: list[Change], form: SignatureForm
) -> HttpResponse:
    """Show the proposal: no signature is offered where a fact has changed or a question is open."""
    changed, questions = _in_the_way(plan, facts)
    signed = signed_plan(plan.course)
    rows = [("Now", changes[0].before, True)] if signed else []
    rows += [(change.label, change.after, False) for change in changes]
    context = {
        "plan": plan,
        "said": explained(plan.recommendation),
        "facts": known_facts(patient, facts, today, visit=last_asked(patient)),
        "changed": changes_between(Facts.from_json(plan.facts), facts) if changed else (),
        "open_questions": changed_names(tuple(questions)),
        "changes": changes,
        "axis": axis(rows, [place.booking for place in changes[0].places], today),
        "signed": signed,
    }
    return show(request, patient, today, "regimens/plan_sign.html", form=form, **context)


def _nothing_to_sign(request, patient, today, course: Course | None) -> HttpResponse:
    """Say what stands instead: somebody signed, or nothing was proposed. A signature that came too late is told so."""
    signed, late = signed_plan(course), request.method == "POST"
    status = REFUSED if late else 200
    context = {"signed": signed, "late": late, "said": explained(signed.recommendation) if signed else None}
    return show(request, patient, today, "regimens/plan_signed.html", status=status, **context)
