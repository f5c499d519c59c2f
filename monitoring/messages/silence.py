"""For which reasons a patient gets no letter whatever it is about; the one list that queue and deliverer read."""

from datetime import date

from django.db.models import Case, CharField, Q, Value, When

from monitoring.leases import Cause
from monitoring.message_rules import Subject
from patients.models import Patient


def silencing(day: date) -> dict[Cause, Q]:
    """Give the conditions on a message under which it must be silent on a clinic's day; the weightiest first."""
    return {
        Cause.DECEASED: Q(patient__status=Patient.Status.DECEASED),
        # A transfer silences nobody before the other clinic has taken over (D-20).
        Cause.TRANSFERRED: Q(patient__handover_confirmed_on__isnull=False),
        Cause.MERGED: Q(patient__merged_into__isnull=False),
        Cause.PAUSED: Q(course__paused_until__gt=day),
        Cause.SWITCHED_OFF: Q(subject=Subject.DOSE, clinic__sends_injection_reminders=False)
        | Q(subject=Subject.LAB, clinic__sends_lab_reminders=False),
        Cause.NO_ADDRESS: Q(patient__email=""),
        Cause.NO_CONSENT: Q(patient__email_consented=False),
        Cause.ADDRESS_REFUSED: Q(patient__email_refused_at__isnull=False),
    }


def first_cause(conditions: dict[Cause, Q]) -> Case:
    """Give the first cause that holds; empty when the letter may go out."""
    whens = [When(condition, then=Value(cause.value)) for cause, condition in conditions.items()]
    return Case(*whens, default=Value(""), output_field=CharField())
