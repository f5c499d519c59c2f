"""A booked slot. Moving it never moves the clinical due date."""

from django.conf import settings
from django.db import models
from django.db.models import OuterRef, Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from patients.models import Clinic, Patient
from regimens.models.course import Course


class AppointmentQuerySet(models.QuerySet):
    """Bookings, by what a page of the book asks."""

    def booked(self):
        """Neither kept nor moved, cancelled or missed."""
        return self.filter(state=Appointment.State.BOOKED)

    def serving(self):
        """Booked for the next dose of the course outside (OuterRef): for its date or later, or from its window on."""
        return self.booked().filter(
            Q(due_on__gte=OuterRef("next_due_on")) | Q(on__gte=OuterRef("window_opens_on")),
            course=OuterRef("pk"),
            subject=Appointment.Subject.DOSE,
        )


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

    class Because(models.TextChoices):
        """Why a place was freed; a closed list, so that nothing clinical stands in a diary."""

        PATIENT = "patient", _("The patient cannot come")
        CLINIC = "clinic", _("The clinic cannot keep it")
        MISTAKE = "mistake", _("Booked by mistake")
        GIVEN = "given", _("The dose was given on another day")
        ELSEWHERE = "elsewhere", _("The dose was given elsewhere")
        NOT_GIVEN = "not_given", _("The dose was not given")
        REPLANNED = "replanned", _("The loading doses were booked anew")
        ENDED = "ended", _("Treatment ended")
        UNKNOWN = "unknown", _("Not recorded")

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
    # With whom, where it was asked for; empty: nobody in particular.
    nurse = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+"
    )
    state = models.CharField(max_length=10, choices=State, default=State.BOOKED)
    booked_at = models.DateTimeField(db_default=Now())
    booked_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    closed_at = models.DateTimeField(null=True)
    closed_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    cancelled_because = models.CharField(max_length=10, choices=Because, blank=True)
    # The booking that this one took the place of: who moved it, from where and to where is read along this chain.
    moved_from = models.OneToOneField("self", models.PROTECT, null=True, blank=True, related_name="moved_to")

    objects = AppointmentQuerySet.as_manager()

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
            models.CheckConstraint(
                condition=Q(state="cancelled") & ~Q(cancelled_because="")
                | ~Q(state="cancelled") & Q(cancelled_because=""),
                name="a_cancelled_appointment_says_why",
            ),
        ]
        indexes = [
            models.Index(
                fields=["clinic", "on", "at"], condition=Q(state="booked"), name="appointment_of_the_day"
            )
        ]
