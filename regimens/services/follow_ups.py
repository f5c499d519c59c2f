"""What is to be done after the needle: raised with the dose, done once, and a serious reaction acted upon."""

from datetime import datetime

from django.db import transaction
from django.db.models.functions import Now

from patients import audit
from patients.refusals import NotAllowed, Stale, require
from regimens.course_values import patient_keys
from regimens.models import FollowUp, Injection, Request
from regimens.protocol.aftercare import WATCH, Aftercare, Care, after_dose
from regimens.services.locking import PatientLock, lock_patient
from regimens.services.reactions import note_reaction
from regimens.services.requests import raise_request

Kind, Outcome = FollowUp.Kind, FollowUp.Outcome
# How each kind can end. What was not done stays visible: a physician hears of potassium that nobody measured.
OUTCOMES: dict[str, tuple[str, ...]] = {
    Kind.OBSERVATION: (Outcome.WELL, Outcome.LOCAL, Outcome.GENERAL, Outcome.ANAPHYLAXIS, Outcome.LEFT),
    Kind.HAEMATOMA: (Outcome.NO_HAEMATOMA, Outcome.HAEMATOMA, Outcome.LEFT),
    Kind.ADVICE: (Outcome.ADVISED, Outcome.LEFT),
    Kind.POTASSIUM: (Outcome.NOT_DONE,),
}
NEEDS_A_NOTE = {Outcome.LEFT, Outcome.NOT_DONE}


def care_after(injection: Injection) -> tuple[Aftercare, ...]:
    """Give what the protocol asks for after this dose, whether done or not; two queries."""
    earlier = (
        Injection.objects.standing()
        .filter(patient__in=patient_keys(injection.patient), given_on__lte=injection.given_on)
        .exclude(pk=injection.pk)
    )
    brands = set(earlier.values_list("brand", flat=True))
    known = {brand.casefold() for brand in brands if brand}
    return after_dose(
        injection.finding_codes,
        first_ever=not brands,
        new_brand=bool(injection.brand and known) and injection.brand.casefold() not in known,
    )


def raise_follow_ups(lock: PatientLock, injection: Injection, now: datetime) -> None:
    """Write what is still to be done after a dose given here today; a late entry of another day raises nothing."""
    today = lock.patient.clinic.day_of(now)
    if injection.source != Injection.Source.CLINIC or injection.given_on != today:
        return
    done = {
        Care.OBSERVATION: (injection.observed_minutes or 0) * 60 >= WATCH.total_seconds(),
        Care.HAEMATOMA: injection.haematoma is not None,
    }
    FollowUp.objects.bulk_create(
        FollowUp(
            clinic=lock.patient.clinic,
            patient=lock.patient,
            injection=injection,
            kind=each.care.value,
            due_at=now + each.after,
        )
        for each in care_after(injection)
        if not done.get(each.care)
    )


@transaction.atomic
def settle_follow_up(*, follow_up: FollowUp, outcome: str, note: str = "", now: datetime, done_by) -> None:
    """Say how it went, once.

    A general reaction becomes an allergy and asks a physician; so does potassium that could not be measured.
    """
    require(done_by, "patients.record_clinical", follow_up.patient)
    lock = lock_patient(follow_up.patient)
    if outcome not in OUTCOMES[follow_up.kind]:
        raise NotAllowed("Choose how it went.", field="outcome")
    if outcome in NEEDS_A_NOTE and not note.strip():
        raise NotAllowed("Say why, and what was arranged.", field="note")
    done = FollowUp.objects.filter(pk=follow_up.pk, done_at=None).update(
        done_at=Now(), done_by=done_by, outcome=outcome, note=note.strip()
    )
    if not done:
        raise Stale("Somebody has done this already. Open the patient's page to see.")
    today = lock.patient.clinic.day_of(now)
    note_reaction(lock, follow_up.injection, outcome, on=today, now=now, noted_by=done_by)
    if outcome == Outcome.NOT_DONE:
        raise_request(
            lock,
            kind=Request.Kind.HOLD,
            codes=["W-K-MONITOR"],
            text=note.strip(),
            same_day=True,
            raised_on=today,
            raised_by=done_by,
        )
    audit.record(
        done_by,
        "followed up",
        patient=lock.patient,
        follow_up=follow_up.pk,
        kind=follow_up.kind,
        outcome=outcome,
    )
