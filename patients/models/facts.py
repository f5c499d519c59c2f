"""What the rules need to know of a patient, one dated answer a row."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from patients.append_only import AppendOnly
from patients.models.patient import Patient


class Topic(models.TextChoices):
    """What may be asked. patients.clinical_facts says which answers each topic takes."""

    DEFICIENCY = "deficiency", _("B12 deficiency")
    NEURO = "neuro", _("Neurological involvement")
    NEURO_AT_PRESENTATION = "neuro_at_presentation", _("Neurological involvement when first seen")
    SEVERE = "severe", _("Severe deficiency in a physician's judgement")
    PANCYTOPENIA = "pancytopenia", _("Pancytopenia")
    PREGNANT = "pregnant", _("Pregnant")
    BARIATRIC = "bariatric", _("Bariatric surgery")
    ILEAL_RESECTION = "ileal_resection", _("Ileal resection")
    CROHNS_ILEAL = "crohns_ileal", _("Crohn's disease with ileal involvement")
    RENAL = "renal", _("Renal dysfunction in a physician's judgement")
    DIALYSIS = "dialysis", _("Dialysis")
    ANTICOAGULANT = "anticoagulant", _("Anticoagulant")
    LEBER = "leber", _("Leber's hereditary optic neuropathy")
    FOLIC_ACID = "folic_acid", _("Folic acid")
    ALLERGIES = "allergies", _("Allergies that matter here")
    CAUSE = "cause", _("Cause of the deficiency")
    PRIOR_TREATMENT = "prior_treatment", _("Treated with B12 before")


class ClinicalFactQuerySet(models.QuerySet):
    """Answers in the order in which they hold."""

    def newest_first(self):
        """The answer that holds comes first within its topic."""
        return self.order_by("topic", "-observed_on", "-id")


class ClinicalFact(models.Model):
    """One answer to one question on one day; null says “not known”, which is an answer too. The newest holds."""

    append_only = AppendOnly()

    patient = models.ForeignKey(Patient, models.PROTECT, related_name="clinical_facts")
    topic = models.CharField(max_length=24, choices=Topic)
    answer = models.JSONField(null=True)
    observed_on = models.DateField()
    note = models.CharField(max_length=200, blank=True)
    recorded_at = models.DateTimeField(db_default=Now())
    recorded_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")

    objects = ClinicalFactQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(topic__in=Topic.values), name="a_fact_is_about_a_known_topic")
        ]
        indexes = [
            models.Index(fields=["patient", "topic", "-observed_on", "-id"], name="fact_newest"),
            # Who takes folic acid, or is severely anaemic in a physician's judgement: few, and found by their answer.
            models.Index(
                fields=["topic", "answer", "patient"],
                condition=Q(topic__in=["folic_acid", "severe"]),
                name="fact_by_answer",
            ),
        ]
