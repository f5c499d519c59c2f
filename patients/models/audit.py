"""Who did what to whom, and when. Written once, in the transaction of the act."""

from django.conf import settings
from django.db import models
from django.db.models.functions import Now

from patients.append_only import AppendOnly
from patients.models.clinic import Clinic
from patients.models.patient import Patient


class AuditEntry(models.Model):
    """One act or one look. Never edited, never deleted."""

    append_only = AppendOnly()

    at = models.DateTimeField(db_default=Now())
    actor = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    clinic = models.ForeignKey(Clinic, models.PROTECT, null=True, related_name="+")
    patient = models.ForeignKey(Patient, models.PROTECT, null=True, related_name="audit_entries")
    act = models.CharField(max_length=60)
    detail = models.JSONField(default=dict)

    class Meta:
        ordering = ["-at", "-id"]
        verbose_name_plural = "audit entries"
        indexes = [
            models.Index(fields=["patient", "-at"], name="audit_of_a_patient"),
            models.Index(fields=["clinic", "-at", "-id"], name="audit_of_a_clinic"),
        ]
