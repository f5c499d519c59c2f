"""A physician at the dose screen: the leave to pass named codes and the dose that uses it, in one act."""

from datetime import datetime
from uuid import UUID

from django.db import transaction

from patients.models import Patient
from regimens.models import Injection
from regimens.services.decisions import authorise_dose
from regimens.services.injections import Given, record_injection
from regimens.services.locking import lock_patient


@transaction.atomic
def record_authorised_injection(
    *,
    patient: Patient,
    given: Given,
    token: UUID,
    codes: tuple[str, ...],
    reason: str,
    now: datetime,
    recorded_by,
    given_by=None,
) -> Injection:
    """Authorise one dose to pass the codes, with a reason, and record it; without codes only record it.

    Where the dose is refused all the same, no leave stays behind; a replay of the form authorises nothing twice.
    """
    lock = lock_patient(patient)
    if codes and not Injection.objects.filter(request_token=token).exists():
        on = lock.patient.clinic.day_of(now)
        authorise_dose(patient=lock.patient, codes=codes, reason=reason, on=on, decided_by=recorded_by)
    return record_injection(
        patient=patient, given=given, token=token, now=now, recorded_by=recorded_by, given_by=given_by
    )
