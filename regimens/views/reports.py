"""The pages on which a physician answers for what nobody asked about: potassium not measured, folic acid before B12."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from patients.gate import patient_page
from patients.models import ClinicalFact, Patient
from patients.models.facts import Topic
from regimens import outcomes, to_decide
from regimens.explained import cited
from regimens.forms.decisions import OutcomeForm
from regimens.models import Decision, FollowUp
from regimens.protocol.codes import CODES
from regimens.services import reports
from regimens.views.decisions import answer, answers_to
from regimens.views.showing import decided, done, looking, person_of, show, today_of, typed, way_back

READ_OR_ACT = require_http_methods(["GET", "HEAD", "POST"])


@patient_page("regimens.decide")
@READ_OR_ACT
def settle_potassium(request: HttpRequest, patient: Patient, follow_up_pk: int) -> HttpResponse:
    """Answer for potassium that nobody measured after the first dose in severe anaemia (D-07)."""
    today = today_of(patient)
    follow_up = get_object_or_404(
        FollowUp.objects.select_related("injection"),
        pk=follow_up_pk,
        patient=patient,
        kind=FollowUp.Kind.POTASSIUM,
    )
    named, subject = (
        to_decide.potassium_after(),
        {"injection": follow_up.injection, "code": reports.POTASSIUM},
    )
    look = looking(
        person_of(patient),
        today,
        what=named.what,
        since=follow_up.due_at,
        codes=named.codes,
        rules=named.all_rules,
        answers=lambda: answers_to(**subject),
    )
    beside = look()
    form = OutcomeForm(
        typed(request),
        outcomes=outcomes.POTASSIUM_AFTER,
        initial={"shown": beside.digest},
        back=way_back(request, patient),
    )
    who = {"about": patient, "look": look, "follow_up": follow_up, "on": today, "decided_by": request.user}
    said = "Potassium is answered for."
    if decided(request, form, reports.settle_potassium, said, "outcome", "reason", **who):
        return done(request, patient)
    context = {
        "heading": named.what,
        "since": follow_up.due_at,
        "code": CODES[reports.POTASSIUM],
        "rules": cited(named.all_rules),
        "answer": answer(**subject),
        "acts": (("record_results", "Enter the result"),),
        "beside": beside,
    }
    return show(request, patient, today, "regimens/request_unasked.html", form=form, **context)


@patient_page("regimens.decide")
@READ_OR_ACT
def settle_folic_acid(request: HttpRequest, patient: Patient, fact_pk: int) -> HttpResponse:
    """Answer for somebody who takes folic acid although B12 is not treated yet (D-13)."""
    today, now = today_of(patient), timezone.now()
    facts = ClinicalFact.objects.select_related("patient")
    fact = get_object_or_404(
        facts, pk=fact_pk, patient__in=patient.record_keys, topic=Topic.FOLIC_ACID, answer="current"
    )
    named = to_decide.on_folic_acid()
    answered = Decision.objects.filter(request__in=reports.asked_since(fact), until_on=None)
    look = looking(
        patient,
        today,
        what=named.what,
        since=fact.observed_on,
        codes=named.codes,
        rules=named.all_rules,
        answers=lambda: tuple(answered.order_by("pk").values_list("pk", flat=True)),
    )
    beside = look()
    form = OutcomeForm(
        typed(request),
        outcomes=outcomes.offered(outcomes.ON_FOLIC_ACID, patient, now),
        initial={"shown": beside.digest},
        back=way_back(request, patient),
    )
    who = {"about": patient, "look": look, "patient": patient, "fact": fact, "on": today, "now": now}
    said = "Folic acid is answered for."
    service, by = reports.settle_folic_acid, {"decided_by": request.user}
    if decided(request, form, service, said, "outcome", "reason", **who, **by):
        return done(request, patient)
    context = {
        "heading": named.what,
        "since": fact.observed_on,
        "code": CODES[reports.FOLIC_ACID],
        "rules": cited(named.all_rules),
        "answer": answered.select_related("decided_by").first(),
        "acts": (("propose_plan", "Propose a plan"), ("patient_facts", "Correct the facts")),
        "beside": beside,
    }
    return show(request, patient, today, "regimens/request_unasked.html", form=form, **context)
