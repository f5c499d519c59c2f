"""When a letter cannot reach a patient, somebody phones; here that is written down."""

from django.db import transaction
from django.db.models.functions import Now

from monitoring.models import Message
from patients import audit
from patients.refusals import Stale, require


@transaction.atomic
def record_call(*, message: Message, note: str, called_by) -> None:
    """Note that the patient was phoned instead; the message leaves the call list. The first note stands."""
    require(called_by, "patients.register_patient", message)
    noted = Message.objects.filter(pk=message.pk, called_at=None).update(
        called_at=Now(), called_by=called_by, call_note=note.strip()[:200]
    )
    if not noted:
        raise Stale("Somebody has phoned this patient already. Look at the list again.")
    audit.record(called_by, "phoned instead of a letter", patient=message.patient, message=message.pk)
