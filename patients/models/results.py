"""One measured value as the laboratory reported it."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from patients.append_only import VOIDING, AppendOnly
from patients.models.patient import Patient
from patients.models.voiding import StandingQuerySet, void_reason, voided_at, voided_by, voided_together


class Analyte(models.TextChoices):
    """What was measured; the words of regimens.protocol.units."""

    B12 = "B12", _("Serum B12")
    ACTIVE_B12 = "ACTIVE_B12", _("Active B12")
    HCY = "HCY", _("Homocysteine")
    FOLATE = "FOLATE", _("Folate")
    PLT = "PLT", _("Platelets")
    HB = "HB", _("Haemoglobin")
    MCV = "MCV", _("MCV")
    K = "K", _("Potassium")
    EGFR = "EGFR", _("eGFR")


class ResultQuerySet(StandingQuerySet):
    """Results, by whether somebody has signed them off."""

    def unreviewed(self):
        """Standing, and waiting for a physician."""
        return self.standing().filter(reviewed_at=None)


class Result(models.Model):
    """A value, its unit and its comparator, unconverted. Append-only: a mistake is voided."""

    append_only = AppendOnly(once=(*VOIDING, "reviewed_at"))

    patient = models.ForeignKey(Patient, models.PROTECT, related_name="results")
    analyte = models.CharField(max_length=12, choices=Analyte)
    value = models.DecimalField(max_digits=12, decimal_places=4)
    unit = models.CharField(max_length=20)
    comparator = models.CharField(max_length=1, blank=True, choices=[("<", "<"), (">", ">")])
    collected_on = models.DateField()
    lab = models.CharField(max_length=80, blank=True)
    # The laboratory's own range, in the unit reported.
    range_low = models.DecimalField(max_digits=12, decimal_places=4, null=True, blank=True)
    range_high = models.DecimalField(max_digits=12, decimal_places=4, null=True, blank=True)
    # A value outside the soft limits was looked at again and is right.
    confirmed = models.BooleanField(default=False)
    # Set in the transaction of the decision that signs it off, so that what waits for a physician is one index.
    reviewed_at = models.DateTimeField(null=True, editable=False)
    recorded_at = models.DateTimeField(db_default=Now())
    recorded_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    voided_at = voided_at()
    voided_by = voided_by()
    void_reason = void_reason()

    objects = ResultQuerySet.as_manager()

    class Meta:
        ordering = ["-collected_on", "-id"]
        constraints = [
            voided_together("result"),
            models.CheckConstraint(
                condition=Q(analyte__in=Analyte.values), name="a_result_is_of_a_known_analyte"
            ),
            models.CheckConstraint(condition=~Q(unit=""), name="a_result_has_a_unit"),
            models.CheckConstraint(
                condition=Q(comparator__in=["", "<", ">"]), name="a_result_comparator_is_known"
            ),
            models.UniqueConstraint(
                fields=["patient", "analyte", "collected_on", "value", "unit", "comparator"],
                condition=Q(voided_at=None),
                name="a_result_is_entered_once",
                violation_error_message=_("This result has been entered already."),
            ),
        ]
        indexes = [
            # Folate under the laboratory's own range: B12 comes first (H-06).
            models.Index(
                fields=["patient"],
                condition=Q(voided_at=None, analyte="FOLATE", value__lt=F("range_low")),
                name="result_folate_low",
            ),
            models.Index(
                fields=["patient", "analyte", "-collected_on"],
                condition=Q(voided_at=None),
                name="result_newest_standing",
            ),
            # What a physician must look at is found by its value, in whatever unit it came.
            models.Index(
                fields=["analyte", "unit", "value"], condition=Q(voided_at=None), name="result_by_value"
            ),
            models.Index(
                fields=["collected_on", "patient"],
                condition=Q(voided_at=None, reviewed_at=None),
                name="result_unreviewed",
            ),
            models.Index(
                fields=["collected_on", "patient"],
                condition=Q(voided_at=None, reviewed_at__isnull=False),
                name="result_reviewed",
            ),
        ]
