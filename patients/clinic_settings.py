"""The act of setting how a clinic writes to patients and books them; it moves no clinical date."""

from django.core.exceptions import ValidationError
from django.db import transaction

from patients import audit
from patients.models import Clinic
from patients.refusals import NotAllowed, require

SETTINGS = (
    "opens_at",
    "closes_at",
    "slots_per_hour",
    "address",
    "phone",
    "email",
    "letter_sender",
    "sends_injection_reminders",
    "sends_lab_reminders",
    "letters_from",
    "letters_until",
)


@transaction.atomic
def change_settings(*, clinic: Clinic, changed_by, **settings) -> list[str]:
    """Set what is named in SETTINGS; give the names of what really changed. Opening days are set elsewhere."""
    require(changed_by, "patients.manage_clinic", clinic)
    clinic = Clinic.objects.select_for_update().get(pk=clinic.pk)
    changed = [name for name in SETTINGS if name in settings and settings[name] != getattr(clinic, name)]
    for name in changed:
        setattr(clinic, name, settings[name])
    if not changed:
        return []
    try:
        clinic.full_clean(exclude=["name", "slug"])
    except ValidationError as error:
        field, complaints = next(iter(error.message_dict.items()))
        raise NotAllowed(complaints[0], field=field) from error
    clinic.save(update_fields=changed)
    audit.record(changed_by, "changed clinic settings", clinic=clinic, fields=sorted(changed))
    return changed
