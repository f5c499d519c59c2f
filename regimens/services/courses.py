"""What a physician decides about a whole course: pause, stop, oral treatment, transfer, death."""

from collections.abc import Iterable
from datetime import date

from django.db import transaction
from django.db.models import F
from django.db.models.functions import Now

from patients import audit
from patients.models import Patient
from patients.refusals import NotAllowed, require
from regimens.facts import facts_of
from regimens.models import Appointment, Course, Decision, Request
from regimens.models.course import EndReason
from regimens.protocol.recommend import recommend
from regimens.protocol.requests import Action, Role, StopReason
from regimens.protocol.requests import Request as Asked
from regimens.services.locking import PatientLock, lock_patient, must_be_active
from regimens.services.outlook import refresh_outlook
from regimens.services.requests import raise_request

SHORTEST_CONVERSATION = 10  # letters; less is not an account of a conversation


@transaction.atomic
def pause(*, course: Course, on: date, until: date, reason: str, decided_by) -> None:
    """Pause injections until a day (the first day after the pause). A pause needs an end and a reason (D-20)."""
    require(decided_by, "regimens.change_course", course)
    lock = lock_patient(course.patient)
    must_be_active(lock.patient)
    if until <= on:
        raise NotAllowed("A pause ends on a later day.", field="until")
    if not reason.strip():
        raise NotAllowed("Say why the injections are paused.", field="reason")
    _change(course, "This course has ended.", paused_on=on, paused_until=until, pause_reason=reason.strip())
    refresh_outlook(lock)
    audit.record(decided_by, "paused", patient=lock.patient, course=course.pk, until=str(until))


@transaction.atomic
def resume(*, course: Course, on: date, decided_by) -> None:
    """End a pause early: injections go on from this day."""
    require(decided_by, "regimens.change_course", course)
    lock = lock_patient(course.patient)
    course.refresh_from_db()
    if not (course.paused_until and course.paused_until > on):
        raise NotAllowed("This course is not paused.")
    if course.paused_on < on:
        _change(course, "This course has ended.", paused_until=on)
    else:
        _change(course, "This course has ended.", paused_on=None, paused_until=None, pause_reason="")
    refresh_outlook(lock)
    audit.record(decided_by, "resumed", patient=lock.patient, course=course.pk)


@transaction.atomic
def confirm_oral(*, course: Course, on: date, decided_by, seen: dict | None = None) -> None:
    """Record the first oral dose: only now does the injection leave the list (D-27). What was seen is kept."""
    require(decided_by, "regimens.change_course", course)
    lock = lock_patient(course.patient)
    must_be_active(lock.patient)
    course.refresh_from_db()
    if course.oral_decided_on is None:
        raise NotAllowed("Oral treatment has not been decided for this patient.")
    if on < course.oral_decided_on:
        raise NotAllowed("The first oral dose cannot be before the decision.", field="on")
    if course.oral_confirmed_on:
        raise NotAllowed("The first oral dose has been recorded already.")
    _change(course, "This course has ended.", oral_confirmed_on=on)
    Decision.objects.get_or_create(
        course=course,
        passed_on=course.oral_decided_on,
        code="ORAL-CONFIRMED",
        until_on=None,
        defaults={
            "patient": lock.patient,
            "outcome": "first tablet taken",
            "seen": seen or {},
            "decided_on": on,
            "decided_by": decided_by,
        },
    )
    refresh_outlook(lock)
    audit.record(decided_by, "confirmed oral treatment", patient=lock.patient, course=course.pk)


@transaction.atomic
def stop(
    *,
    course: Course,
    reason: str,
    on: date,
    decided_by,
    conversation: str = "",
    keep: Iterable[int] = (),
    seen: dict | None = None,
) -> None:
    """End a course for one of the reasons the protocol knows (D-16); “level normal” and “feels better” are refused.

    A patient's own wish needs the conversation in words (informed refusal, H-STOP-REFUSAL). keep: the keys of booked
    places that are not cancelled. The decision keeps what the page showed.
    """
    require(decided_by, "regimens.change_course", course)
    lock = lock_patient(course.patient)
    asked = Asked(action=Action.STOP_REQUEST, role=Role.PHYSICIAN, stop_reason=StopReason(reason))
    verdict = recommend(facts_of(lock.patient, on), asked, on)
    if verdict.blocks:
        raise NotAllowed(
            verdict.blocks[0].message, field="reason", code=verdict.blocks[0].code, findings=verdict.blocks
        )
    if reason == EndReason.INFORMED_REFUSAL and len(conversation.strip()) < SHORTEST_CONVERSATION:
        raise NotAllowed(
            "Write what was said: why the patient refuses, and what they were told of the risk.",
            field="conversation",
        )
    _end(lock, course, reason=reason, on=on, ended_by=decided_by, keep=keep)
    Decision.objects.create(
        patient=lock.patient,
        course=course,
        passed_on=on,
        code="STOP",
        outcome=reason,
        reason=conversation.strip(),
        seen=seen or {},
        decided_on=on,
        decided_by=decided_by,
    )
    audit.record(decided_by, "ended course", patient=lock.patient, course=course.pk, reason=reason)


@transaction.atomic
def record_death(*, patient: Patient, on: date, recorded_by) -> None:
    """Record that a patient died: nothing is due and nothing is sent from this moment (D-20)."""
    require(recorded_by, "regimens.record_death", patient)
    lock = lock_patient(patient)
    if lock.patient.status == Patient.Status.DECEASED:
        raise NotAllowed("This patient's death has been recorded already.")
    Patient.objects.filter(pk=patient.pk).update(
        status=Patient.Status.DECEASED, status_on=on, handover_confirmed_on=None
    )
    lock = lock_patient(patient)
    course = Course.objects.open().filter(patient=patient).first()
    if course:
        _end(lock, course, reason=EndReason.DIED, on=on, ended_by=recorded_by)
    audit.record(recorded_by, "recorded death", patient=patient)


@transaction.atomic
def reverse_death(*, patient: Patient, decided_by) -> None:
    """Undo a death recorded by mistake: the patient is active and the course goes on as it was."""
    require(decided_by, "regimens.change_course", patient)
    lock = lock_patient(patient)
    if lock.patient.status != Patient.Status.DECEASED:
        raise NotAllowed("This patient is not recorded as deceased.")
    Patient.objects.filter(pk=patient.pk).update(status=Patient.Status.ACTIVE, status_on=None)
    Course.objects.filter(patient=patient, end_reason=EndReason.DIED).update(
        ended_on=None, end_reason="", ended_by=None, next_due_on=F("ended_on")
    )
    refresh_outlook(lock_patient(patient))
    audit.record(decided_by, "reversed death", patient=patient)


@transaction.atomic
def transfer_out(*, patient: Patient, on: date, decided_by) -> None:
    """Record that a patient moves to another clinic. Reminders go on until the handover is confirmed (D-20)."""
    require(decided_by, "regimens.change_course", patient)
    lock = lock_patient(patient)
    must_be_active(lock.patient)
    Patient.objects.filter(pk=patient.pk).update(status=Patient.Status.TRANSFERRED, status_on=on)
    refresh_outlook(lock_patient(patient))
    audit.record(decided_by, "transferred out", patient=patient)


@transaction.atomic
def confirm_handover(*, patient: Patient, on: date, decided_by) -> None:
    """Record that the other clinic has taken over; the course here ends."""
    require(decided_by, "regimens.change_course", patient)
    lock = lock_patient(patient)
    if lock.patient.status != Patient.Status.TRANSFERRED or lock.patient.handover_confirmed_on:
        raise NotAllowed("There is no handover to confirm for this patient.")
    if on < lock.patient.status_on:
        raise NotAllowed("The handover cannot be confirmed before the transfer.", field="on")
    Patient.objects.filter(pk=patient.pk).update(handover_confirmed_on=on)
    course = Course.objects.open().filter(patient=patient).first()
    if course:
        _end(lock_patient(patient), course, reason=EndReason.MOVED_AWAY, on=on, ended_by=decided_by)
    audit.record(decided_by, "confirmed handover", patient=patient)


@transaction.atomic
def ask_to_stop(*, patient: Patient, reason: str, text: str, on: date, raised_by) -> Request:
    """Record a patient's wish to stop. The plan goes on until a physician has spoken with them (H-STOP-REFUSAL)."""
    require(raised_by, "regimens.ask_physician", patient)
    lock = lock_patient(patient)
    must_be_active(lock.patient)
    if (
        Request.objects.unanswered()
        .filter(patient__in=lock.patient.record_keys, kind=Request.Kind.STOP)
        .exists()
    ):
        raise NotAllowed("A physician has been told of this wish already.")
    request = raise_request(
        lock,
        kind=Request.Kind.STOP,
        codes=["H-STOP-REFUSAL"],
        text=text or reason,
        raised_on=on,
        raised_by=raised_by,
    )
    audit.record(raised_by, "recorded a wish to stop", patient=patient, request=request.pk)
    return request


def _change(course: Course, refusal: str, **columns) -> None:
    """Set columns of an open course; the test that it is open is inside the UPDATE."""
    if not Course.objects.open().filter(pk=course.pk).update(**columns):
        raise NotAllowed(refusal)


def _end(
    lock: PatientLock, course: Course, *, reason: str, on: date, ended_by, keep: Iterable[int] = ()
) -> None:
    """End an open course, free its booked places but those to keep, and refresh its outlook."""
    _change(course, "This course has ended already.", ended_on=on, end_reason=reason, ended_by=ended_by)
    booked = Appointment.objects.filter(course=course, state=Appointment.State.BOOKED)
    booked.exclude(pk__in=list(keep)).update(
        state=Appointment.State.CANCELLED,
        cancelled_because=Appointment.Because.ENDED,
        closed_at=Now(),
        closed_by=ended_by,
    )
    refresh_outlook(lock)
