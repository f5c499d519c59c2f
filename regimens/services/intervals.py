"""Changing how often maintenance is given. A nurse reports and wishes, a physician changes (D-24)."""

from datetime import date, datetime

from django.db import transaction
from django.db.models.functions import Now

from patients import audit
from patients.models import Patient
from patients.refusals import NotAllowed, require
from regimens.explained import every
from regimens.models import Course, Plan, Request
from regimens.protocol.interval_changes import exceeds_cap
from regimens.protocol.intervals import Interval
from regimens.protocol.recommendation import Recommendation
from regimens.protocol.requests import Action, Role
from regimens.protocol.requests import Request as Asked
from regimens.services import plans
from regimens.services.locking import lock_patient, must_be_active
from regimens.services.outlook import refresh_outlook
from regimens.services.requests import waiting_or_raised


@transaction.atomic
def change_interval(*, course: Course, interval: Interval, reason: str, now: datetime, decided_by) -> Plan:
    """Change how often maintenance is given, from the last dose; over the cap it needs a reason (D-24)."""
    require(decided_by, "regimens.sign_plan", course)
    lock = lock_patient(course.patient)
    must_be_active(lock.patient)
    today = lock.patient.clinic.day_of(now)
    now = Plan.objects.signed().filter(course=course).first()
    if now is None or not now.interval_iso:
        raise NotAllowed("There is no signed plan with an interval to change.")
    facts, advice = plans.advise(
        lock.patient,
        Asked(action=Action.INTERVAL_CHANGE, role=Role.PHYSICIAN, interval=interval),
        today,
        today,
    )
    if advice.blocks:
        raise NotAllowed(plans.why_not(advice), code=plans.first_code(advice), findings=advice.blocks)
    if interval == now.interval:
        raise NotAllowed("This is the present interval.", field="interval")
    if interval.nominal_days > max(choice.nominal_days for choice in plans.choices_of(now)):
        raise NotAllowed("This is longer than the protocol allows for this patient.", field="interval")
    if exceeds_cap(now.base_interval, interval) and not reason.strip():
        raise NotAllowed(
            "More than 50 percent more frequent: give the reason.", field="reason", code="W-EXCEEDS-50PCT"
        )
    proposal = Plan.objects.proposed().filter(course=course).first()
    if proposal:
        raise NotAllowed("A proposed plan waits for a signature. Sign or replace it first.")
    Plan.objects.filter(pk=now.pk).update(superseded_at=Now())
    plan = Plan.objects.create(
        course=course,
        version=plans.next_version(course),
        **plans.kept_terms(now),
        interval_iso=interval.iso,
        base_interval_iso=now.base_interval_iso,
        interval_decided_on=today,
        reason=reason.strip(),
        asked_for={"interval": interval.iso, "action": "interval_change"},
        facts=facts.to_json(),
        recommendation=advice.to_json(),
        proposed_by=decided_by,
        signed_by=decided_by,
        signed_at=Now(),
        signed_on=today,
        signature_note=reason.strip(),
    )
    refresh_outlook(lock)
    audit.record(decided_by, "changed interval", patient=lock.patient, plan=plan.pk, interval=interval.iso)
    return plan


@transaction.atomic
def wish_for_interval(
    *,
    patient: Patient,
    interval: Interval | None,
    symptoms_returned: bool,
    text: str,
    on: date,
    asked_by,
) -> tuple[Recommendation, Request, bool]:
    """Put a wish for another interval before a physician: the plan stays as it is, whoever wishes (B-ROLE).

    Gives what the protocol says to it, the request that waits now, and whether it was opened by this.
    """
    require(asked_by, "regimens.propose_plan", patient)
    lock = lock_patient(patient)
    must_be_active(lock.patient)
    asked = Asked(
        action=Action.INTERVAL_CHANGE, role=Role.NURSE, interval=interval, symptoms_returned=symptoms_returned
    )
    _facts, advice = plans.advise(lock.patient, asked, on, on)
    kind = Request.Kind.SYMPTOMS if symptoms_returned else Request.Kind.INTERVAL
    wish = f"Wish: {every(interval)}. {text}" if interval else text
    request, is_new = waiting_or_raised(
        lock,
        kind=kind,
        codes=[advice.creates_task] if advice.creates_task else [],
        text=wish.strip()[:500],
        raised_on=on,
        raised_by=asked_by,
    )
    if is_new:
        audit.record(asked_by, "asked a physician", patient=lock.patient, request=request.pk, kind=kind)
    return advice, request, is_new
