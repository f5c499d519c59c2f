"""What a patient reports on a date."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from patients.append_only import VOIDING, AppendOnly
from patients.models.patient import Patient
from patients.models.voiding import StandingQuerySet, void_reason, voided_at, voided_by, voided_together


class Change(models.TextChoices):
    """How a symptom stands since the last report."""

    NONE = "none", _("None")
    BETTER = "better", _("Better")
    SAME = "same", _("Same")
    WORSE = "worse", _("Worse")
    NEW = "new", _("New")
    NOT_ASKED = "", _("Not asked")


def _answer():
    return models.CharField(max_length=6, choices=Change, blank=True, default=Change.NOT_ASKED)


NEUROLOGICAL = ("paraesthesia", "gait", "cognition")
SYMPTOMS = (*NEUROLOGICAL, "mood", "fatigue", "sore_tongue")


class SymptomReport(models.Model):
    """A symptom review. Append-only: a mistake is voided."""

    append_only = AppendOnly(once=VOIDING)

    patient = models.ForeignKey(Patient, models.PROTECT, related_name="symptom_reports")
    reported_on = models.DateField()
    paraesthesia = _answer()
    gait = _answer()
    cognition = _answer()
    mood = _answer()
    fatigue = _answer()
    sore_tongue = _answer()
    note = models.CharField(max_length=500, blank=True)
    # Paraesthesia, gait or cognition back, new or worse (rule R-26): a physician must look.
    neurological_return = models.BooleanField(default=False)
    # Of the form it was written on: a second tap writes nothing more.
    request_token = models.UUIDField(null=True, unique=True, editable=False)
    recorded_at = models.DateTimeField(db_default=Now())
    recorded_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    voided_at = voided_at()
    voided_by = voided_by()
    void_reason = void_reason()

    objects = StandingQuerySet.as_manager()

    class Meta:
        ordering = ["-reported_on", "-id"]
        constraints = [voided_together("symptom_report")]
        indexes = [
            models.Index(
                fields=["patient", "reported_on"],
                condition=Q(neurological_return=True, voided_at=None),
                name="symptom_return_standing",
            )
        ]
