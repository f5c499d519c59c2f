"""What is still to be done for a patient after the needle: a row of its own, so that nobody forgets it."""

from django.conf import settings
from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from patients.append_only import AppendOnly
from patients.models import Clinic, Patient, Result
from regimens.models.injection import Injection
from regimens.protocol.units import Analyte


class FollowUpQuerySet(models.QuerySet):
    """Follow-ups, by whether they wait."""

    def waiting(self):
        """Nobody has done it, the injection it follows still stands, and no potassium has been measured since."""
        since = Q(collected_on__gt=OuterRef("injection__given_on")) | Q(
            collected_on=OuterRef("injection__given_on"), recorded_at__gt=OuterRef("raised_at")
        )
        potassium = Result.objects.standing().filter(since, patient=OuterRef("patient"), analyte=Analyte.K)
        return self.filter(
            ~Q(kind=FollowUp.Kind.POTASSIUM) | ~Exists(potassium), done_at=None, injection__voided_at=None
        )


class FollowUp(models.Model):
    """One thing to do after one injection. It is done once, by somebody, with an outcome."""

    append_only = AppendOnly(once=("done_at", "done_by_id", "outcome", "note"))

    class Kind(models.TextChoices):
        OBSERVATION = "observation", _("Observe the patient")
        HAEMATOMA = "haematoma", _("Look at the site for a haematoma")
        ADVICE = "advice", _("Give the advice")
        POTASSIUM = "potassium", _("Measure potassium")

    class Outcome(models.TextChoices):
        WELL = "well", _("Well: no reaction")
        LOCAL = "local", _("Local reaction: pain, redness or swelling")
        GENERAL = "general", _("General reaction: rash, dizziness, breathlessness")
        ANAPHYLAXIS = "anaphylaxis", _("Anaphylaxis")
        NO_HAEMATOMA = "no_haematoma", _("No haematoma")
        HAEMATOMA = "haematoma", _("Haematoma")
        ADVISED = "advised", _("The advice was given")
        LEFT = "left", _("Not done: the patient has left")
        NOT_DONE = "not_done", _("Not done; a physician is asked")

    clinic = models.ForeignKey(Clinic, models.PROTECT, related_name="+")
    patient = models.ForeignKey(Patient, models.PROTECT, related_name="follow_ups")
    injection = models.ForeignKey(Injection, models.PROTECT, related_name="follow_ups")
    kind = models.CharField(max_length=12, choices=Kind)
    due_at = models.DateTimeField(
        help_text=_("When the observation ends; until when the rest is to be done.")
    )
    raised_at = models.DateTimeField(db_default=Now())
    done_at = models.DateTimeField(null=True)
    done_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    outcome = models.CharField(max_length=12, choices=Outcome, blank=True, default="", db_default="")
    note = models.CharField(max_length=500, blank=True, default="", db_default="")

    objects = FollowUpQuerySet.as_manager()

    class Meta:
        ordering = ["due_at", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["injection", "kind"], name="one_follow_up_of_a_kind_per_injection"
            ),
            models.CheckConstraint(
                condition=Q(done_at=None, done_by=None, outcome="")
                | Q(done_at__isnull=False, done_by__isnull=False) & ~Q(outcome=""),
                name="a_follow_up_done_says_by_whom_and_how_it_went",
            ),
        ]
        indexes = [
            models.Index(
                fields=["clinic", "due_at", "id"], condition=Q(done_at=None), name="follow_up_waiting"
            ),
            models.Index(fields=["patient"], condition=Q(done_at=None), name="follow_up_of_patient"),
        ]
