"""A booked slot. Moving it never moves the clinical due date."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from patients.models import Clinic, Patient
from regimens.models.course import Course


class Appointment(models.Model):
    """One place at one time for one dose or lab check."""

    class Subject(models.TextChoices):
        DOSE = "dose", _("Injection")
        LAB = "lab", _("Blood test")

    class State(models.TextChoices):
        BOOKED = "booked", _("Booked")
        KEPT = "kept", _("Kept")
        MOVED = "moved", _("Moved")
        CANCELLED = "cancelled", _("Cancelled")
        NO_SHOW = "no_show", _("Did not attend")

    clinic = models.ForeignKey(Clinic, models.PROTECT, related_name="appointments")
    patient = models.ForeignKey(Patient, models.PROTECT, related_name="appointments")
    course = models.ForeignKey(Course, models.PROTECT, related_name="appointments")
    subject = models.CharField(max_length=4, choices=Subject)
    # The clinical date this booking serves, and how many bookings that date has had.
    due_on = models.DateField()
    round = models.PositiveSmallIntegerField(default=1)
    on = models.DateField()
    at = models.TimeField()
    # Which of the places of this time it takes; the constraint below makes the last one unique.
    place = models.PositiveSmallIntegerField(default=1)
    state = models.CharField(max_length=10, choices=State, default=State.BOOKED)
    booked_at = models.DateTimeField(db_default=Now())
    booked_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    closed_at = models.DateTimeField(null=True)
    closed_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")

    class Meta:
        ordering = ["on", "at"]
        constraints = [
            models.UniqueConstraint(
                fields=["clinic", "on", "at", "place"],
                condition=Q(state="booked"),
                name="a_place_is_booked_once",
                violation_error_message=_("Somebody has just taken this place."),
            ),
            models.UniqueConstraint(
                fields=["course", "subject", "due_on"],
                condition=Q(state="booked"),
                name="one_booking_per_course_and_due_date",
            ),
            models.UniqueConstraint(
                fields=["course", "subject", "due_on", "round"], name="bookings_are_numbered"
            ),
        ]
        indexes = [
            models.Index(
                fields=["clinic", "on", "at"], condition=Q(state="booked"), name="appointment_of_the_day"
            )
        ]
