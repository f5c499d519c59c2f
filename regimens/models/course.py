"""One treatment of one patient: what was decided about it, and the outlook that follows."""

from datetime import date

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from patients.models import Clinic, Patient


class EndReason(models.TextChoices):
    """The only reasons for which a course may end (D-16)."""

    REVERSIBLE_CAUSE_RESOLVED = "reversible_cause_resolved", _("Reversible cause resolved")
    SWITCHED_TO_ORAL = "switched_to_oral", _("Switched to oral treatment elsewhere")
    ALLERGY = "allergy", _("Allergy")
    DIAGNOSIS_REVISED = "diagnosis_revised", _("Diagnosis revised")
    INFORMED_REFUSAL = "informed_refusal", _("Informed refusal by the patient")
    MOVED_AWAY = "moved_away", _("Moved away, handed over")
    DIED = "died", _("Died")


class CourseQuerySet(models.QuerySet):
    """Courses, by what a list asks. Every comparison with a day is made here, when reading."""

    def visible_to(self, user):
        """Only courses of the clinics where this person works now."""
        return self.filter(clinic__in=Clinic.objects.visible_to(user))

    def open(self):
        """Not ended."""
        return self.filter(ended_on=None)

    def running(self, day: date):
        """Open, and not paused on this day."""
        return self.open().exclude(paused_until__gt=day)

    def due_by(self, day: date):
        """The window of the next dose has opened by this day."""
        return self.running(day).filter(window_opens_on__lte=day)

    def overdue(self, day: date):
        """The window of the next dose closed before this day. No upper limit: nobody leaves this list by waiting."""
        return self.running(day).filter(window_closes_on__lt=day)


class Course(models.Model):
    """From the first proposal to a recorded end. The columns under “outlook” are an index, not a truth.

    They are written by regimens.services.outlook.refresh_outlook alone and never depend on today.
    """

    class Phase(models.TextChoices):
        LOADING = "loading", _("Loading")
        MAINTENANCE = "maintenance", _("Maintenance")
        ORAL = "oral", _("Oral")
        ENDED = "ended", _("Ended")

    patient = models.ForeignKey(Patient, models.PROTECT, related_name="courses")
    clinic = models.ForeignKey(Clinic, models.PROTECT, related_name="courses")
    opened_on = models.DateField()
    opened_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    # Doses from this day on belong to this treatment: the start, or earlier where history came with the patient.
    history_from_on = models.DateField()
    # The first day of treatment elsewhere, where it is known and no dose of it is on record (D-26).
    treated_since_on = models.DateField(null=True, blank=True)
    # Treated elsewhere, and nobody knows when the last dose was: a dose is due at once (D-20).
    last_dose_unknown = models.BooleanField(default=False)

    # What was decided. After a resolved cause an ended course still has a check to come (D-16).
    loading_ended_on = models.DateField(null=True, blank=True)
    paused_on = models.DateField(null=True, blank=True)
    paused_until = models.DateField(null=True, blank=True)
    pause_reason = models.CharField(max_length=200, blank=True)
    oral_decided_on = models.DateField(null=True, blank=True)
    oral_confirmed_on = models.DateField(null=True, blank=True)
    injections_resumed_on = models.DateField(null=True, blank=True)
    ended_on = models.DateField(null=True, blank=True)
    end_reason = models.CharField(max_length=32, choices=EndReason, blank=True)
    ended_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")

    # Outlook
    phase = models.CharField(max_length=12, choices=Phase, default=Phase.LOADING, editable=False)
    neurological = models.BooleanField(default=False, editable=False)
    next_number = models.PositiveIntegerField(default=1, editable=False)
    next_due_on = models.DateField(null=True, editable=False)
    window_opens_on = models.DateField(null=True, editable=False)
    window_closes_on = models.DateField(null=True, editable=False)
    physician_from_on = models.DateField(null=True, editable=False)
    lapses_on = models.DateField(null=True, editable=False)
    twelve_months_on = models.DateField(null=True, editable=False)
    last_given_on = models.DateField(null=True, editable=False)
    review_due_on = models.DateField(null=True, editable=False)
    missed_lab_name = models.CharField(max_length=24, blank=True, editable=False)
    missed_lab_due_on = models.DateField(null=True, editable=False)
    lab_name = models.CharField(max_length=24, blank=True, editable=False)
    lab_due_on = models.DateField(null=True, editable=False)
    lab_opens_on = models.DateField(null=True, editable=False)
    lab_closes_on = models.DateField(null=True, editable=False)
    # The oldest day on which blood was taken and whose results are not all back.
    blood_taken_on = models.DateField(null=True, editable=False)
    # The day as of which the lab columns were computed; they are rolled forward when lab_closes_on passes.
    labs_as_of_on = models.DateField(null=True, editable=False)
    # What lists show beside the dates (regimens.at_a_glance); null until it was written for the first time.
    at_a_glance = models.JSONField(null=True, editable=False)
    version = models.PositiveIntegerField(default=1, editable=False)
    changed_at = models.DateTimeField(db_default=Now(), editable=False)

    objects = CourseQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["patient"],
                condition=Q(ended_on=None),
                name="one_open_course_per_patient",
                violation_error_message=_("This patient has an open course already."),
            ),
            models.CheckConstraint(
                condition=Q(ended_on=None, end_reason="") | Q(ended_on__isnull=False) & ~Q(end_reason=""),
                name="an_ended_course_says_why",
            ),
            models.CheckConstraint(
                condition=Q(ended_on__isnull=False) | Q(next_due_on__isnull=False),
                name="an_open_course_has_a_next_date",
            ),
            models.CheckConstraint(
                condition=Q(paused_on=None, paused_until=None, pause_reason="")
                | Q(paused_on__isnull=False, paused_until__gt=F("paused_on")) & ~Q(pause_reason=""),
                name="a_pause_has_an_end_and_a_reason",
            ),
            models.CheckConstraint(
                condition=Q(oral_confirmed_on=None) | Q(oral_decided_on__isnull=False),
                name="oral_treatment_is_decided_before_it_is_confirmed",
            ),
        ]
        indexes = [
            models.Index(
                fields=["clinic", "next_due_on", "id"], condition=Q(ended_on=None), name="course_by_due_date"
            ),
            models.Index(
                fields=["clinic", "window_closes_on", "id"],
                condition=Q(ended_on=None),
                name="course_by_window_end",
            ),
            models.Index(
                fields=["clinic", "window_opens_on", "id"],
                condition=Q(ended_on=None),
                name="course_by_window_start",
            ),
            models.Index(
                fields=["clinic", "physician_from_on", "id"],
                condition=Q(ended_on=None),
                name="course_by_physician_day",
            ),
            models.Index(
                fields=["clinic", "lapses_on", "id"],
                condition=Q(ended_on=None, lapses_on__isnull=False),
                name="course_by_lapse",
            ),
            models.Index(
                fields=["clinic", "twelve_months_on", "id"],
                condition=Q(ended_on=None, twelve_months_on__isnull=False),
                name="course_by_twelve_months",
            ),
            # The columns after the key are what the counts of the worklist ask, here and with the tests that were missed.
            models.Index(
                fields=[
                    "clinic",
                    "lab_due_on",
                    "id",
                    "missed_lab_due_on",
                    "lab_opens_on",
                    "lab_closes_on",
                    "ended_on",
                ],
                condition=Q(lab_due_on__isnull=False),
                name="course_by_lab_date",
            ),
            models.Index(
                fields=["lab_closes_on"], condition=Q(lab_closes_on__isnull=False), name="course_by_lab_end"
            ),
            # Courses whose outlook was never written: what a new index over all courses is filled from.
            models.Index(fields=["id"], condition=Q(labs_as_of_on=None), name="course_without_outlook"),
            models.Index(
                fields=["clinic", "end_reason", "id"],
                condition=Q(ended_on__isnull=False),
                name="course_ended_by_reason",
            ),
            models.Index(
                fields=["clinic", "missed_lab_due_on", "id", "ended_on"],
                condition=Q(missed_lab_due_on__isnull=False),
                name="course_by_missed_lab",
            ),
            models.Index(
                fields=["clinic", "blood_taken_on", "id"],
                condition=Q(blood_taken_on__isnull=False),
                name="course_by_blood_taken",
            ),
            models.Index(
                fields=["clinic", "review_due_on", "id"],
                condition=Q(ended_on=None, review_due_on__isnull=False),
                name="course_by_review",
            ),
            models.Index(
                fields=["clinic", "paused_until", "id"],
                condition=Q(ended_on=None, paused_until__isnull=False),
                name="course_by_end_of_pause",
            ),
            models.Index(
                fields=["clinic", "next_due_on", "id"],
                condition=Q(ended_on=None, oral_decided_on__isnull=False, oral_confirmed_on=None),
                name="course_tablets_to_confirm",
            ),
            # None of them, but after an upgrade: those that still have to be written.
            models.Index(
                fields=["patient"], condition=Q(at_a_glance__isnull=True), name="course_not_at_a_glance"
            ),
            # All that the counts of the worklist ask, so that they are read from the index alone.
            models.Index(
                fields=[
                    "clinic",
                    "phase",
                    "paused_until",
                    "window_opens_on",
                    "window_closes_on",
                    "next_due_on",
                    "ended_on",
                ],
                condition=Q(ended_on=None),
                name="course_counted",
            ),
        ]

    @property
    def is_open(self) -> bool:
        """Not ended."""
        return self.ended_on is None
