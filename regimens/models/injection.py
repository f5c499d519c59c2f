"""What was really given, and what was not."""

import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now, Upper
from django.utils.translation import gettext_lazy as _

from patients.append_only import VOIDING, AppendOnly
from patients.models import Patient
from patients.models.voiding import StandingQuerySet, void_reason, voided_at, voided_by, voided_together
from regimens.models.course import Course
from regimens.models.plan import Plan


class Site(models.TextChoices):
    """Where the needle went. The first four are offered (R-04); the others ask for a reason (R-05, D-19)."""

    DELTOID_L = "DELTOID_L", _("Left deltoid")
    DELTOID_R = "DELTOID_R", _("Right deltoid")
    VASTUS_LATERALIS_L = "VASTUS_LATERALIS_L", _("Left thigh (vastus lateralis)")
    VASTUS_LATERALIS_R = "VASTUS_LATERALIS_R", _("Right thigh (vastus lateralis)")
    GLUTEAL = "GLUTEAL", _("Buttock (upper outer quadrant)")
    OTHER = "OTHER", _("Other, with a reason")


class InjectionQuerySet(StandingQuerySet):
    """Doses, by what they mean for the schedule."""

    def counting(self):
        """Standing full doses that move the schedule."""
        return self.standing().filter(counts=True)


class Injection(models.Model):
    """A dose that was given. The row is never edited or deleted; it may be voided once.

    `counts` may change only together with the key of the decision that says so.
    """

    append_only = AppendOnly(once=VOIDING, with_key=(("counts", "counts_decision_id"),))

    class Source(models.TextChoices):
        CLINIC = "clinic", _("Given here")
        ELSEWHERE = "elsewhere", _("Given elsewhere")
        IMPORTED = "imported", _("Imported history")

    class Authority(models.TextChoices):
        PLAN = "plan", _("The signed plan")
        DIRECTION = "direction", _("A patient-specific direction")
        PRESCRIPTION = "prescription", _("My own prescription")

    class Reaction(models.TextChoices):
        NONE = "none", _("None")
        LOCAL = "local", _("Local: pain, redness or swelling")
        GENERAL = "general", _("General: rash, dizziness, breathlessness")
        ANAPHYLAXIS = "anaphylaxis", _("Anaphylaxis")

    # A replay of the same form finds this row instead of writing a second one.
    request_token = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    request_digest = models.CharField(max_length=64, blank=True, editable=False)

    patient = models.ForeignKey(Patient, models.PROTECT, related_name="injections")
    course = models.ForeignKey(Course, models.PROTECT, null=True, related_name="injections")
    plan = models.ForeignKey(Plan, models.PROTECT, null=True, related_name="injections")
    source = models.CharField(max_length=10, choices=Source, default=Source.CLINIC)
    source_name = models.CharField(max_length=120, blank=True, help_text="Where, if not here.")
    given_on = models.DateField()
    given_at = models.TimeField(null=True, blank=True)
    given_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    given_by_name = models.CharField(max_length=120, blank=True)
    # On whose word it was given, beside the signed plan that the rules ask for.
    authority = models.CharField(
        max_length=12, choices=Authority, default=Authority.PLAN, db_default=Authority.PLAN
    )
    authority_note = models.CharField(max_length=200, blank=True, default="", db_default="")
    # Bleeding, anticoagulants, allergy, pregnancy and symptoms were asked about before the needle (D-31).
    questions_asked = models.BooleanField(default=False, db_default=False)
    room = models.CharField(max_length=30, blank=True, default="", db_default="")
    product = models.CharField(max_length=24)
    micrograms = models.PositiveIntegerField()
    route = models.CharField(max_length=8)
    site = models.CharField(max_length=20, choices=Site, blank=True)
    site_reason = models.CharField(max_length=200, blank=True)
    needle_gauge = models.PositiveSmallIntegerField(null=True, blank=True)
    needle_length_mm = models.PositiveSmallIntegerField(null=True, blank=True)
    lot = models.CharField(max_length=40, blank=True)
    expires_on = models.DateField(null=True, blank=True)
    brand = models.CharField(max_length=60, blank=True)
    partial = models.BooleanField(default=False)
    reaction = models.CharField(max_length=12, choices=Reaction, default=Reaction.NONE)
    haematoma = models.BooleanField(null=True, help_text="Empty: not looked at.")
    observed_minutes = models.PositiveSmallIntegerField(null=True, blank=True)
    note = models.CharField(max_length=500, blank=True)

    counts = models.BooleanField(default=True)
    counts_decision = models.ForeignKey(
        "regimens.Decision", models.PROTECT, null=True, editable=False, related_name="+"
    )
    # It was entered as already given, and these rules had been broken.
    already_given = models.BooleanField(default=False)
    incident_codes = models.JSONField(default=list)
    finding_codes = models.JSONField(default=list)
    authorisation = models.OneToOneField(
        "regimens.Authorisation", models.PROTECT, null=True, related_name="used_by"
    )
    # The due date and window as they were known when the dose was recorded; empty for doses from elsewhere.
    number = models.PositiveIntegerField(null=True)
    due_on = models.DateField(null=True)
    window_opens_on = models.DateField(null=True)
    window_closes_on = models.DateField(null=True)

    recorded_at = models.DateTimeField(db_default=Now())
    recorded_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    voided_at = voided_at()
    voided_by = voided_by()
    void_reason = void_reason()

    objects = InjectionQuerySet.as_manager()

    class Meta:
        ordering = ["-given_on", "-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["patient", "given_on"],
                condition=Q(voided_at=None, counts=True),
                name="one_counting_dose_per_patient_and_day",
                violation_error_message=_("A dose has been recorded for this patient on this day."),
            ),
            models.CheckConstraint(
                condition=Q(partial=False) | Q(counts=False), name="a_partial_dose_never_counts"
            ),
            models.CheckConstraint(
                condition=~Q(source="clinic") | Q(given_by__isnull=False),
                name="a_dose_given_here_says_by_whom",
            ),
            models.CheckConstraint(
                condition=~Q(authority="direction") | ~Q(authority_note=""),
                name="a_direction_says_whose_it_is",
            ),
            models.CheckConstraint(condition=Q(micrograms__gt=0), name="a_dose_has_an_amount"),
            voided_together("injection"),
        ]
        indexes = [
            models.Index(
                fields=["patient", "given_on"], condition=Q(voided_at=None), name="injection_standing"
            ),
            models.Index(fields=["course", "given_on"], name="injection_of_course"),
            # What a clinic gave in a month, in its window or not, without reading the rows themselves.
            models.Index(
                fields=["given_on", "course", "window_opens_on", "window_closes_on"],
                condition=Q(voided_at=None, counts=True, source="clinic"),
                name="injection_given_here_by_day",
            ),
            models.Index(fields=["recorded_by", "-recorded_at"], name="injection_newest_of_nurse"),
            # Who had a vial of a lot, and how many were used, however the letters were typed.
            models.Index(
                Upper("lot"),
                "product",
                condition=Q(voided_at=None, source="clinic"),
                name="injection_from_lot",
            ),
        ]


class NotGiven(models.Model):
    """A dose that was planned and not given, and why. Append-only: a mistake is voided."""

    append_only = AppendOnly(once=VOIDING)

    class Reason(models.TextChoices):
        DID_NOT_ATTEND = "dna", _("Did not attend")
        DECLINED = "refused", _("Declined today")
        UNWELL = "unwell", _("Unwell")
        HELD = "held", _("Held for a physician")
        NO_STOCK = "no_stock", _("No stock")
        CLINIC_CLOSED = "closed", _("Clinic closed")

    patient = models.ForeignKey(Patient, models.PROTECT, related_name="doses_not_given")
    course = models.ForeignKey(Course, models.PROTECT, related_name="doses_not_given")
    on = models.DateField()
    reason = models.CharField(max_length=10, choices=Reason)
    note = models.CharField(max_length=200, blank=True)
    due_on = models.DateField(null=True)
    # Unless a place is booked or the dose is given, the patient is phoned from this day on.
    call_on = models.DateField(null=True)
    # What a physician was asked because of it: a held dose, a wish to stop.
    request = models.ForeignKey("regimens.Request", models.PROTECT, null=True, related_name="+")
    recorded_at = models.DateTimeField(db_default=Now())
    recorded_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    voided_at = voided_at()
    voided_by = voided_by()
    void_reason = void_reason()

    objects = StandingQuerySet.as_manager()

    class Meta:
        ordering = ["-on", "-id"]
        verbose_name_plural = "doses not given"
        constraints = [
            models.UniqueConstraint(
                fields=["course", "on"], condition=Q(voided_at=None), name="one_reason_per_course_and_day"
            ),
            voided_together("dose_not_given"),
        ]
        indexes = [
            models.Index(fields=["course", "on"], condition=Q(voided_at=None), name="not_given_standing")
        ]
