"""The patient's row is locked before anything about the patient is read or written.

Check-then-insert without it gave two doses to 95 of 100 patients on PostgreSQL; SQLite hides the mistake.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from django.db import connection, models

from patients.models import Clinic, Patient
from patients.refusals import NotAllowed, Stale

MERGED = "This record was merged into another one. Open that one: nothing was saved here."
UNMERGED = "These two records were taken apart again while you were reading. Open the page again."


@dataclass(frozen=True)
class PatientLock:
    """Proof that one patient's row is locked in the transaction that is running now.

    It stands for the whole person: every act on a record that was merged locks the one that stays.
    """

    patient: Patient
    transaction: object

    def holds(self) -> bool:
        """Tell whether the transaction that took the lock is still running."""
        return connection.in_atomic_block and connection.atomic_blocks[0] is self.transaction


def lock_patient(patient: Patient, *, merged: bool = False) -> PatientLock:
    """Lock the patient's row until the transaction ends, and give it as it stands now.

    Nothing new is written on a record that was merged into another. An act on a row that it had before (to void it,
    to decide about it) says `merged`: then the record that stays is locked and given.
    """
    if patient.merged_into_id is None:
        lock = lock_patients([patient.pk])[0]
        if lock.patient.merged_into_id:
            raise Stale(MERGED, code="B-INACTIVE")
        return lock
    if not merged:
        raise NotAllowed(MERGED, code="B-INACTIVE")
    lock = lock_patients([patient.merged_into_id])[0]
    if patient.pk not in lock.patient.record_keys:
        raise Stale(UNMERGED)
    return lock


def lock_patients(keys: Iterable[int] | models.QuerySet) -> list[PatientLock]:
    """Lock several patients, always in the order of their keys, so that two acts never wait for each other."""
    if not connection.in_atomic_block:
        raise RuntimeError("Lock a patient inside the transaction of the act.")
    rows = (
        Patient.objects.select_for_update(of=("self",))
        .filter(pk__in=keys)
        .order_by("pk")
        .select_related("clinic")
    )
    locks = [PatientLock(patient, connection.atomic_blocks[0]) for patient in rows]
    if isinstance(keys, list) and len(locks) != len(set(keys)):
        raise NotAllowed("This patient's record is not there any more.")
    return locks


def lock_clinic(clinic: Clinic) -> Clinic:
    """Lock a clinic's book until the transaction ends, and give the clinic as it stands now.

    Booking, moving and closing a day take this lock, and always before a patient's: each then sees every place the
    others took. Rows that only point to the clinic are not held up by it.
    """
    if not connection.in_atomic_block:
        raise RuntimeError("Lock a clinic inside the transaction of the act.")
    return Clinic.objects.select_for_update(no_key=True).get(pk=clinic.pk)


def must_be_active(patient: Patient) -> None:
    """Refuse an act on a patient who died, left, or was merged into another record."""
    if not patient.is_active:
        raise NotAllowed("This patient is not under treatment here.", code="B-INACTIVE")
