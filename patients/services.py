"""Acts on what is known that move no clinical date: registering, contact, consent."""

from datetime import datetime

from django.db import IntegrityError, transaction
from django.db.models.functions import Now

from patients import audit, search
from patients.models import Clinic, EmailConsent, NameKey, Patient
from patients.refusals import NotAllowed, Stale, require

CONTACT = (
    "family_name",
    "given_names",
    "born_on",
    "sex",
    "record_number",
    "national_id_system",
    "national_id",
    "phone",
    "email",
    "language",
    "contact_note",
)


class PerhapsTheSame(NotAllowed):
    """Somebody like this is registered already; `like` are the patients to look at first."""

    def __init__(self, like: list[Patient]):
        super().__init__("Somebody like this is registered here: see above. Is it the same person?")
        self.like = like


@transaction.atomic
def register_patient(
    *, clinic, registered_by, other_than: frozenset[int] | None = None, **details
) -> Patient:
    """Add a patient to a clinic. Details: the names in CONTACT. Refuses a record number in use.

    other_than: the patients somebody has looked at and found to be other persons; anybody else who is like this one
    refuses, also one whom another desk registered a moment ago. None, for an import or the demo, compares nobody.
    """
    require(registered_by, "patients.register_patient", clinic)
    if other_than is not None:
        # One registration at a time in a clinic; it does not stand in the way of any other act.
        Clinic.objects.select_for_update(no_key=True).get(pk=clinic.pk)
        said = {name: details[name] for name in search.IDENTITY if name in details}
        like = search.perhaps_the_same(clinic, **said)
        if not other_than.issuperset(patient.pk for patient in like):
            raise PerhapsTheSame(like)
    patient = Patient(
        clinic=clinic,
        registered_by=registered_by,
        **{name: details[name] for name in CONTACT if name in details},
    )
    _save(patient)
    write_keys(patient)
    audit.record(registered_by, "registered", patient=patient)
    return patient


@transaction.atomic
def change_contact(*, patient: Patient, version: int, changed_by, **details) -> Patient:
    """Change names and contact. Refuses if somebody else changed them since `version` was shown."""
    require(changed_by, "patients.register_patient", patient)
    patient = _locked(patient)
    if patient.version != version:
        raise Stale("Somebody changed this record while you were typing. Look at it again, then save.")
    before = {name: getattr(patient, name) for name in CONTACT}
    changed = sorted(name for name in CONTACT if name in details and details[name] != before[name])
    for name in changed:
        setattr(patient, name, details[name])
    if "email" in changed:
        patient.email_confirmed_at = patient.email_refused_at = None
    if changed:
        patient.version += 1
        _save(patient)
        write_keys(patient)
        audit.record(changed_by, "changed contact", patient=patient, fields=changed)
    return patient


@transaction.atomic
def record_email_consent(*, patient: Patient, given: bool, how: str, recorded_by) -> None:
    """Write a patient's answer about being emailed; the newest answer holds."""
    if recorded_by is not None:
        require(recorded_by, "patients.register_patient", patient)
    _locked(patient)
    EmailConsent.objects.create(patient=patient, given=given, how=how, recorded_by=recorded_by)
    Patient.objects.filter(pk=patient.pk).update(email_consented=given)
    patient.email_consented = given
    audit.record(recorded_by, "consented to email" if given else "withdrew consent to email", patient=patient)


@transaction.atomic
def confirm_email(*, patient: Patient, confirmed_by) -> None:
    """Note that the patient confirmed the address on record."""
    require(confirmed_by, "patients.register_patient", patient)
    if not _locked(patient).email:
        raise NotAllowed("There is no email address to confirm.", field="email")
    Patient.objects.filter(pk=patient.pk).update(email_confirmed_at=Now(), email_refused_at=None)
    audit.record(confirmed_by, "confirmed email", patient=patient)


@transaction.atomic
def note_refused_address(*, patient_id: int, address: str, at: datetime) -> None:
    """Note that a mail server refused the address, unless the patient has another one by now. Nobody did it: no actor."""
    refused = Patient.objects.filter(pk=patient_id, email=address, email_refused_at=None)
    if refused.update(email_refused_at=at):
        audit.record(None, "mail server refused address", patient=Patient.objects.get(pk=patient_id))


def _locked(patient: Patient) -> Patient:
    """Lock the row until the transaction ends; nothing new is written on a record that was merged into another."""
    locked = Patient.objects.select_for_update().get(pk=patient.pk)
    if locked.merged_into_id:
        raise NotAllowed("This record was merged into another one. Open that one: nothing was saved here.")
    return locked


def _save(patient: Patient) -> None:
    """Write the row, turning a broken constraint into a refusal at its field."""
    try:
        with transaction.atomic():
            patient.save()
    except IntegrityError as error:
        text = str(error)
        if "record_number" in text:
            raise NotAllowed(
                "Another patient of this clinic has this record number.", field="record_number"
            ) from error
        if "national_id" in text:
            raise NotAllowed(
                "Another patient of this clinic has this national identifier.", field="national_id"
            ) from error
        raise


def write_keys(patient: Patient) -> None:
    """Bring the folded keys in line with the name, and with the names of the records merged into this one."""
    records = [patient, *Patient.objects.filter(merged_into=patient.pk)]
    wanted = set().union(*(record.name_keys() for record in records))
    patient.keys.exclude(key__in=wanted).delete()
    NameKey.objects.bulk_create(
        [NameKey(patient=patient, clinic_id=patient.clinic_id, key=key) for key in sorted(wanted)],
        ignore_conflicts=True,
    )
