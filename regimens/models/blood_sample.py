"""Blood that was taken for a treatment's checks: whose results are not back yet is a thing to watch."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from patients.append_only import VOIDING, AppendOnly
from patients.models import Patient
from patients.models.voiding import StandingQuerySet, void_reason, voided_at, voided_by, voided_together
from regimens.models.course import Course


class BloodSampleQuerySet(StandingQuerySet):
    """Samples, by whether a result can still be expected."""

    def expected(self):
        """Neither voided nor lost."""
        return self.standing().filter(lost_at=None)


class BloodSample(models.Model):
    """A panel was drawn on a day. It satisfies no check; its results do, by the day it was drawn (D-26).

    Append-only. One that was lost on its way says so once; a record made by mistake is voided.
    """

    append_only = AppendOnly(once=(*VOIDING, "lost_at", "lost_by_id", "lost_reason"))

    patient = models.ForeignKey(Patient, models.PROTECT, related_name="blood_samples")
    course = models.ForeignKey(Course, models.PROTECT, related_name="blood_samples")
    taken_on = models.DateField()
    # Somebody else than who recorded it, in words: a ward, a colleague.
    taken_by_name = models.CharField(max_length=120, blank=True)
    # The check that was open on that day, as it was known then; empty outside the checks.
    check_name = models.CharField(max_length=24, blank=True)
    check_due_on = models.DateField(null=True)
    tests = models.JSONField(help_text="The tests of the panel, in the words of Analyte.")
    lab = models.CharField(max_length=80, blank=True)
    note = models.CharField(max_length=200, blank=True)
    recorded_at = models.DateTimeField(db_default=Now())
    recorded_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    lost_at = models.DateTimeField(null=True, editable=False)
    lost_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, editable=False, related_name="+"
    )
    lost_reason = models.CharField(max_length=200, blank=True, default="", editable=False)
    voided_at = voided_at()
    voided_by = voided_by()
    void_reason = void_reason()

    objects = BloodSampleQuerySet.as_manager()

    class Meta:
        ordering = ["-taken_on", "-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["course", "taken_on"],
                condition=Q(voided_at=None, lost_at=None),
                name="one_blood_sample_per_course_and_day",
                violation_error_message=_("Blood taken on this day is on record already."),
            ),
            models.CheckConstraint(
                condition=Q(check_name="", check_due_on=None)
                | ~Q(check_name="") & Q(check_due_on__isnull=False),
                name="a_blood_sample_for_a_check_names_its_date",
            ),
            models.CheckConstraint(
                condition=Q(lost_at=None, lost_by=None, lost_reason="")
                | Q(lost_at__isnull=False, lost_by__isnull=False) & ~Q(lost_reason=""),
                name="a_lost_blood_sample_says_who_and_why",
            ),
            voided_together("blood_sample"),
        ]
