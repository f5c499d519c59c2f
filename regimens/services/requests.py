"""Somebody asks a physician."""

from datetime import date

from django.db import transaction

from patients import audit
from patients.models import Patient
from patients.refusals import NotAllowed, require
from regimens.models import Course, Request
from regimens.services.locking import PatientLock, lock_patient


def raise_request(lock: PatientLock, *, kind: str, raised_on: date, raised_by, **details) -> Request:
    """Open a request inside another act. Details: codes, text, same_day, injection, symptom_report, double."""
    course = Course.objects.open().filter(patient=lock.patient).first()
    return Request.objects.create(
        patient=lock.patient,
        clinic=lock.patient.clinic,
        course=course,
        kind=kind,
        raised_on=raised_on,
        raised_by=raised_by,
        **details,
    )


def waiting_or_raised(
    lock: PatientLock, *, kind: str, raised_on: date, raised_by, **details
) -> tuple[Request, bool]:
    """Give the request of this kind that waits already, or open one inside another act; True where it was opened."""
    waiting = Request.objects.unanswered().filter(patient__in=lock.patient.record_keys, kind=kind).first()
    if waiting:
        return waiting, False
    return raise_request(lock, kind=kind, raised_on=raised_on, raised_by=raised_by, **details), True


@transaction.atomic
def ask_physician(
    *,
    patient: Patient,
    kind: str,
    raised_on: date,
    raised_by,
    text: str = "",
    codes: tuple[str, ...] = (),
    same_day=False,
) -> Request:
    """Ask a physician from any screen: a hold, a wish to stop, a wish for another interval, a reported death."""
    require(raised_by, "regimens.ask_physician", patient)
    lock = lock_patient(patient)
    waiting = Request.objects.unanswered().filter(
        patient__in=lock.patient.record_keys, kind=kind, codes=list(codes)
    )
    if waiting.exists():
        raise NotAllowed("A physician has been asked this already; it is on their list.")
    request = raise_request(
        lock,
        kind=kind,
        codes=list(codes),
        text=text,
        same_day=same_day,
        raised_on=raised_on,
        raised_by=raised_by,
    )
    audit.record(raised_by, "asked a physician", patient=patient, request=request.pk, kind=kind)
    return request
