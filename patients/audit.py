"""Writes the audit trail: one line for each act and each look, in the transaction of the act."""

from patients.models import AuditEntry


def record(actor, act: str, *, patient=None, clinic=None, **detail) -> None:
    """Write who did what. The detail holds keys and codes, never free text about the patient."""
    clinic_id = clinic.pk if clinic else patient.clinic_id if patient else None
    AuditEntry.objects.create(
        actor=actor if actor is not None and actor.pk else None,
        act=act,
        patient=patient,
        clinic_id=clinic_id,
        detail=detail,
    )


def opened(actor, patient, page: str) -> None:
    """Write that somebody looked at a patient."""
    record(actor, "opened", patient=patient, page=page)
