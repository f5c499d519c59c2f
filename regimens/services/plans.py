"""Proposing a plan and signing it. Only a physician signs."""

from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal

from django.db import transaction
from django.db.models.functions import Now

from patients import audit
from patients.models import Patient
from patients.refusals import NotAllowed, Stale, require
from regimens.course_values import current_plan
from regimens.facts import digest, facts_of
from regimens.models import Course, Injection, Plan
from regimens.protocol import catalogue, maintenance
from regimens.protocol.codes import Code, Kind, to_confirm
from regimens.protocol.entries import Loading, Route
from regimens.protocol.facts import Facts
from regimens.protocol.intervals import Interval
from regimens.protocol.recommend import recommend
from regimens.protocol.recommendation import Recommendation, Status
from regimens.protocol.requests import AskedRoute, Form, Role
from regimens.protocol.requests import Request as Asked
from regimens.protocol.situation import Situation, situation
from regimens.services.locking import PatientLock, lock_patient, must_be_active
from regimens.services.outlook import refresh_outlook


def role_of(actor, patient: Patient) -> Role:
    """Give the role in which the protocol answers this person."""
    return Role.PHYSICIAN if actor.has_perm("regimens.sign_plan", patient) else Role.NURSE


def advise(patient: Patient, asked: Asked, starts_on: date, today: date) -> tuple[Facts, Recommendation]:
    """Give today's facts and what the protocol says for them; nothing is written."""
    facts = facts_of(patient, today)
    return facts, recommend(facts, asked, starts_on)


@transaction.atomic
def propose_plan(
    *,
    patient: Patient,
    asked: Asked,
    starts_on: date,
    now: datetime,
    proposed_by,
    reason: str = "",
    treated_since_on: date | None = None,
    last_dose_unknown: bool = False,
    tests_b12: bool = True,
) -> Plan:
    """Write what the protocol recommends as a proposal, opening the course if there is none.

    An unsigned plan drives a provisional outlook, so that a referral too has a next date. Refuses where the
    protocol proposes nothing (blocked, or a hold that must be settled first).
    """
    require(proposed_by, "regimens.propose_plan", patient)
    lock = lock_patient(patient)
    must_be_active(lock.patient)
    today = lock.patient.clinic.day_of(now)
    asked = replace(asked, role=role_of(proposed_by, patient))
    facts, advice = advise(lock.patient, asked, starts_on, today)
    if advice.proposal is None or advice.status is Status.BLOCKED:
        raise NotAllowed(why_not(advice), code=first_code(advice), findings=advice.blocks)
    course = course_for(lock.patient, starts_on, today, proposed_by)
    course.treated_since_on = treated_since_on or course.treated_since_on
    course.last_dose_unknown = last_dose_unknown or course.last_dose_unknown
    course.save()
    plan = _write_proposal(
        course,
        facts,
        advice,
        asked_for=asked_to_json(asked),
        starts_on=starts_on,
        reason=reason,
        proposed_by=proposed_by,
        tests_b12=tests_b12,
    )
    refresh_outlook(lock)
    audit.record(proposed_by, "proposed plan", patient=lock.patient, plan=plan.pk)
    return plan


@transaction.atomic
def sign_plan(
    *,
    plan: Plan,
    facts_digest: str,
    now: datetime,
    signed_by,
    interval: Interval | None = None,
    acknowledged: tuple[str, ...] = (),
    note: str = "",
) -> Plan:
    """Sign a proposal as it was shown.

    facts_digest: the fingerprint of the facts the page showed; a fact changed since refuses the signature.
    interval: the choice where the protocol leaves one to the physician (D-02). note: a reason, where one is needed.
    acknowledged: the codes that were seen; among them those that a rule asks to be confirmed.
    Gives the plan now in force, which is a new version where a choice was made.
    """
    require(signed_by, "regimens.sign_plan", plan.course)
    lock = lock_patient(plan.course.patient)
    must_be_active(lock.patient)
    plan.refresh_from_db()
    today = lock.patient.clinic.day_of(now)
    _must_be_as_shown(plan, lock, facts_digest, today)
    _must_be_answered(plan, note)
    _must_be_confirmed(plan, acknowledged)
    plan = _with_choice(plan, interval, note)
    before = Plan.objects.signed().filter(course=plan.course).first()
    Plan.objects.filter(pk=before.pk if before else None).update(superseded_at=Now())
    of_plan, of_course = on_signing(plan, plan.course, before, today)
    Plan.objects.filter(pk=plan.pk).update(
        signed_by=signed_by,
        signed_at=Now(),
        signed_on=today,
        signature_note=note.strip(),
        acknowledged=sorted(acknowledged),
        **of_plan,
    )
    Course.objects.filter(pk=plan.course_id).update(**of_course)
    refresh_outlook(lock)
    audit.record(signed_by, "signed plan", patient=lock.patient, plan=plan.pk, version=plan.version)
    plan.refresh_from_db()
    return plan


@transaction.atomic
def withdraw_proposal(*, plan: Plan, decided_by) -> None:
    """Take back a proposal that stands beside a signed plan; the only plan of a course is replaced, not withdrawn."""
    require(decided_by, "regimens.propose_plan", plan.course)
    lock = lock_patient(plan.course.patient)
    if not Plan.objects.signed().filter(course=plan.course).exists():
        raise NotAllowed(
            "Without this plan the patient would have no next date. Propose another one instead."
        )
    if not Plan.objects.proposed().filter(pk=plan.pk).update(superseded_at=Now()):
        raise Stale("This proposal is not waiting any more.")
    refresh_outlook(lock)
    audit.record(decided_by, "withdrew proposal", patient=lock.patient, plan=plan.pk)


def course_for(patient: Patient, starts_on: date, today: date, opened_by=None) -> Course:
    """Give the patient's open course, or a new one that is not saved yet; the preview of a proposal asks it too."""
    return Course.objects.open().filter(patient=patient).first() or Course(
        patient=patient,
        clinic=patient.clinic,
        opened_on=today,
        opened_by=opened_by,
        history_from_on=_history_from(patient, starts_on, today),
        next_due_on=starts_on,
    )


def asked_to_json(asked: Asked) -> dict:
    """Give what was asked for as plain values, so that the same request can be made again."""
    return {
        "action": asked.action.value,
        "product": asked.form.product,
        "route": asked.form.route.value if asked.form.route else None,
        "micrograms": str(asked.form.micrograms) if asked.form.micrograms is not None else None,
        "loading": asked.loading.value if asked.loading else None,
        "loaded_elsewhere": asked.loaded_elsewhere,
        "interval": asked.interval.iso if asked.interval else None,
        "overrides": sorted(asked.overrides),
    }


def asked_from_json(plain: dict, **more) -> Asked:
    """Read what `asked_to_json` wrote, to ask the same again; `more` takes the place of what was asked."""
    micrograms = plain.get("micrograms")
    asked = Asked(
        form=Form(
            product=plain.get("product"),
            route=AskedRoute(plain["route"]) if plain.get("route") else None,
            micrograms=Decimal(micrograms) if micrograms else None,
        ),
        loading=Loading(plain["loading"]) if plain.get("loading") else None,
        loaded_elsewhere=bool(plain.get("loaded_elsewhere")),
        interval=Interval.from_iso(plain["interval"]) if plain.get("interval") else None,
        overrides=frozenset(plain.get("overrides", ())),
    )
    return replace(asked, **more)


def _history_from(patient: Patient, starts_on: date, today: date) -> date:
    """Give the first day that belongs to a new course: doses recorded without any course belong to it too."""
    orphans = Injection.objects.standing().filter(patient__in=patient.record_keys, course=None)
    first = orphans.order_by("given_on").values_list("given_on", flat=True).first()
    return min(day for day in (starts_on, today, first) if day)


def _write_proposal(
    course: Course, facts: Facts, advice: Recommendation, *, starts_on: date, **columns
) -> Plan:
    """Insert the next version, in the place of a proposal that was not signed."""
    plans = list(course.plans.all())
    Plan.objects.proposed().filter(course=course).update(superseded_at=Now())
    return Plan.objects.create(
        course=course,
        version=next_version(course),
        starts_on=starts_on,
        counts_from_on=counts_from(course, plans, advice.proposal.loading, starts_on),
        **terms_of(facts, advice, starts_on),
        **columns,
    )


def terms_of(facts: Facts, advice: Recommendation, starts_on: date) -> dict:
    """Give the columns of a plan that follow from the facts and the answer; the import and the demo write them too."""
    proposal, patient = advice.proposal, situation(facts, starts_on)
    in_use = proposal.maintenance.in_use
    return {
        "regimen_key": proposal.regimen.key,
        "protocol_version": catalogue.PROTOCOL_VERSION,
        "product": proposal.product,
        "route": proposal.route,
        "micrograms": proposal.micrograms,
        "interval_iso": in_use.iso if in_use else "",
        "base_interval_iso": _base(patient, in_use).iso if in_use else "",
        "interval_chosen": not proposal.maintenance.choice_required,
        "neurological": patient.nerves_ever_involved,
        "facts": facts.to_json(),
        "recommendation": advice.to_json(),
    }


def _base(patient: Situation, in_use: Interval) -> Interval:
    """Give the interval the 50 percent cap counts from: the one chosen where there is a choice, else the protocol's."""
    return in_use if in_use in maintenance.choices(patient) else maintenance.protocol_interval(patient)


def counts_from(course: Course, plans: list[Plan], loading: Loading, starts_on: date) -> date:
    """Give the day from which loading doses count: a second loading does not count the doses of the first."""
    if loading is Loading.NONE or not plans:
        return course.history_from_on
    if course.phase == Course.Phase.LOADING:
        return current_plan(plans).counts_from_on
    return starts_on


def _must_be_as_shown(plan: Plan, lock: PatientLock, facts_digest: str, today: date) -> None:
    if plan.superseded_at or plan.signed_at:
        raise Stale("This plan is not waiting for a signature any more. Open the patient's page again.")
    now = digest(facts_of(lock.patient, today))
    if now != facts_digest or now != digest(Facts.from_json(plan.facts)):
        raise Stale("A fact about this patient has changed since this was proposed. Propose the plan again.")


def asks_for_a_reason(plan: Plan) -> bool:
    """Tell whether the protocol asks whoever signs for a reason: a hold, or more than the cap (D-24)."""
    advice = plan.recommendation
    holds = any(found["code"][0] == Kind.HOLD for found in advice["findings"])
    return holds or advice["needs_a_reason"] or advice["status"] == Status.HOLD


def _must_be_answered(plan: Plan, note: str) -> None:
    """Refuse a signature over an open question, or without the reason that the rules ask for."""
    advice = plan.recommendation
    # The interval is answered by the signature itself; see _with_choice.
    open_questions = [topic for topic in advice["answer_before_signing"] if topic != "interval"]
    if open_questions:
        raise NotAllowed(f"This must be answered before signing: {', '.join(open_questions)}.")
    if asks_for_a_reason(plan) and not (note.strip() or plan.reason):
        raise NotAllowed("Write the reason: the protocol asks for one here.", field="note")


def _must_be_confirmed(plan: Plan, acknowledged: tuple[str, ...]) -> None:
    """Refuse a signature under which something stands that a rule asks a physician to confirm (D-04, D-11, C-04, C-05)."""
    missing = [code for code in confirmations(plan) if code.code not in acknowledged]
    if missing:
        raise NotAllowed(
            f"Confirm before signing: {' '.join(code.confirm for code in missing)}",
            field="confirmed",
            code=missing[0].code,
        )


def confirmations(plan: Plan) -> tuple[Code, ...]:
    """Give what whoever signs this plan confirms, by the warnings it was proposed with."""
    return to_confirm(found["code"] for found in plan.recommendation["findings"])


def _with_choice(plan: Plan, interval: Interval | None, note: str) -> Plan:
    """Give the plan with the physician's choice, as a new version where one was open."""
    if plan.interval_chosen:
        if interval is not None and interval != plan.interval:
            raise NotAllowed(
                "This plan's interval is settled. Propose another plan to change it.", field="interval"
            )
        return plan
    allowed = choices_of(plan)
    if interval not in allowed:
        raise NotAllowed("Choose how often maintenance is given.", field="interval", code="W-MAINT-CHOOSE")
    Plan.objects.filter(pk=plan.pk).update(superseded_at=Now())
    return Plan.objects.create(
        course=plan.course,
        version=next_version(plan.course),
        **kept_terms(plan),
        interval_iso=interval.iso,
        base_interval_iso=interval.iso,
        reason=plan.reason,
        asked_for={**plan.asked_for, "interval": interval.iso},
        facts=plan.facts,
        recommendation=plan.recommendation,
        proposed_by=plan.proposed_by,
    )


def on_signing(plan: Plan, course: Course, before: Plan | None, today: date) -> tuple[dict, dict]:
    """Give what a signature sets on the plan and on its course, beside who and when; the preview asks it too.

    On the course: tablets, injections again after tablets, a new loading.
    """
    of_plan = {"interval_decided_on": plan.interval_decided_on}
    of_course = {"oral_decided_on": course.oral_decided_on}
    if before and before.interval_iso and before.interval_iso != plan.interval_iso:
        of_plan["interval_decided_on"] = today
    if plan.route == Route.ORAL:
        of_course["oral_decided_on"] = course.oral_decided_on or today
    elif before and before.route == Route.ORAL:
        of_course = {"oral_decided_on": None, "oral_confirmed_on": None, "injections_resumed_on": today}
    loads = plan.regimen.loading.kind is not Loading.NONE
    if before and loads and plan.counts_from_on > before.counts_from_on:
        of_course["loading_ended_on"] = None
    return of_plan, of_course


def choices_of(plan: Plan) -> tuple[Interval, ...]:
    """Give the intervals the protocol leaves to the physician, as they were shown; else the base alone."""
    maintenance = (plan.recommendation.get("proposal") or {}).get("maintenance") or {}
    return tuple(Interval.from_iso(text) for text in maintenance.get("choices", ())) or (plan.base_interval,)


def kept_terms(plan: Plan) -> dict:
    """Give the columns that a next version keeps."""
    names = (
        "regimen_key",
        "protocol_version",
        "product",
        "route",
        "micrograms",
        "starts_on",
        "counts_from_on",
        "neurological",
        "tests_b12",
    )
    return {name: getattr(plan, name) for name in names}


def next_version(course: Course) -> int:
    """Give the number of a course's next version."""
    newest = course.plans.order_by("-version").values_list("version", flat=True).first()
    return (newest or 0) + 1


def why_not(advice: Recommendation) -> str:
    """Say in words why nothing can be proposed."""
    return (
        " ".join(found.message for found in advice.blocks) or "The protocol proposes nothing for these facts."
    )


def first_code(advice: Recommendation) -> str:
    """Give the first code that stands against it, empty where there is none."""
    return advice.blocks[0].code if advice.blocks else ""
