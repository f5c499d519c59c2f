"""For which reasons a patient gets no letter whatever it is about; the one list that queue and deliverer read."""

from datetime import date

from django.db.models import Case, CharField, Exists, OuterRef, Q, Value, When

from monitoring.leases import Cause
from monitoring.message_rules import Subject
from patients.models import Clinic, Patient
from regimens.models import Course


def silencing(day: date) -> dict[Cause, Q]:
    """Give the conditions on a message under which it must be silent on a clinic's day; the weightiest first.

    Each looks up one row by its key: no statistics of a table that has just grown can turn it into a slow plan.
    """
    return {
        Cause.DECEASED: _its(Patient, status=Patient.Status.DECEASED),
        # A transfer silences nobody before the other clinic has taken over (D-20).
        Cause.TRANSFERRED: _its(Patient, handover_confirmed_on__isnull=False),
        Cause.MERGED: _its(Patient, merged_into__isnull=False),
        Cause.PAUSED: _its(Course, paused_until__gt=day),
        Cause.SWITCHED_OFF: Q(subject=Subject.DOSE) & _its(Clinic, sends_injection_reminders=False)
        | Q(subject=Subject.LAB) & _its(Clinic, sends_lab_reminders=False),
        Cause.NO_ADDRESS: _its(Patient, email=""),
        Cause.NO_CONSENT: _its(Patient, email_consented=False),
        # A verified address (D-32): a typing error would tell a stranger when to be where (H-11).
        Cause.UNCONFIRMED: _its(Patient, email_confirmed_at=None),
        Cause.ADDRESS_REFUSED: _its(Patient, email_refused_at__isnull=False),
    }


def first_cause(conditions: dict[Cause, Q]) -> Case:
    """Give the first cause that holds; empty when the letter may go out."""
    whens = [When(condition, then=Value(cause.value)) for cause, condition in conditions.items()]
    return Case(*whens, default=Value(""), output_field=CharField())


def _its(model, **columns) -> Q:
    """The patient, course or clinic of the message is like this."""
    return Q(Exists(model.objects.filter(pk=OuterRef(model._meta.model_name), **columns)))
