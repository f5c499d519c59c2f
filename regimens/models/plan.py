"""A regimen proposed for one patient and signed by a physician."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.functional import cached_property

from patients.append_only import AppendOnly
from regimens.models.course import Course
from regimens.protocol import catalogue
from regimens.protocol.intervals import Interval


class PlanQuerySet(models.QuerySet):
    """Plans, by where they stand."""

    def current(self):
        """Not superseded: the signed plan, and a proposal beside it."""
        return self.filter(superseded_at=None)

    def signed(self):
        """In force."""
        return self.current().exclude(signed_at=None)

    def proposed(self):
        """Waiting for a physician."""
        return self.current().filter(signed_at=None)


class Plan(models.Model):
    """One version of a course's regimen. Signed once, superseded once, never edited."""

    append_only = AppendOnly(
        once=(
            "signed_by_id",
            "signed_at",
            "signed_on",
            "signature_note",
            "acknowledged",
            "interval_decided_on",
            "superseded_at",
        )
    )

    course = models.ForeignKey(Course, models.PROTECT, related_name="plans")
    version = models.PositiveIntegerField()
    regimen_key = models.CharField(max_length=60)
    protocol_version = models.CharField(max_length=20)
    product = models.CharField(max_length=24)
    route = models.CharField(max_length=8)
    micrograms = models.PositiveIntegerField()
    # ISO 8601 durations, P2M or P42D; empty on oral treatment.
    interval_iso = models.CharField(max_length=8, blank=True)
    base_interval_iso = models.CharField(
        max_length=8, blank=True, help_text="What the protocol alone would say."
    )
    # False while a choice the protocol leaves to a physician (D-02) has not been made.
    interval_chosen = models.BooleanField(default=True)
    starts_on = models.DateField()
    # Loading doses count from this day: a second loading does not count the doses of the first.
    counts_from_on = models.DateField()
    # The day from which the interval counts where it was changed under treatment (D-24).
    interval_decided_on = models.DateField(null=True, blank=True)
    neurological = models.BooleanField()
    tests_b12 = models.BooleanField(default=True)
    reason = models.CharField(max_length=500, blank=True, help_text="Why it differs from the recommendation.")
    asked_for = models.JSONField(default=dict, help_text="What the proposer asked the protocol for.")
    facts = models.JSONField()
    recommendation = models.JSONField()
    proposed_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    proposed_at = models.DateTimeField(db_default=Now())
    signed_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    signed_at = models.DateTimeField(null=True)
    signed_on = models.DateField(null=True)
    signature_note = models.CharField(max_length=500, blank=True, default="")
    acknowledged = models.JSONField(null=True, help_text="The codes whose warnings the physician saw.")
    superseded_at = models.DateTimeField(null=True)

    objects = PlanQuerySet.as_manager()

    class Meta:
        ordering = ["course", "version"]
        indexes = [
            models.Index(
                fields=["-signed_at", "-id"], condition=Q(signed_at__isnull=False), name="plan_by_signature"
            )
        ]
        constraints = [
            models.UniqueConstraint(fields=["course", "version"], name="one_plan_per_course_and_version"),
            models.UniqueConstraint(
                fields=["course"],
                condition=Q(superseded_at=None, signed_at__isnull=False),
                name="one_signed_plan_per_course",
            ),
            models.UniqueConstraint(
                fields=["course"],
                condition=Q(superseded_at=None, signed_at=None),
                name="one_proposed_plan_per_course",
            ),
            models.CheckConstraint(
                condition=Q(signed_by=None, signed_at=None, signed_on=None)
                | Q(signed_by__isnull=False, signed_at__isnull=False, signed_on__isnull=False),
                name="a_signed_plan_says_who_and_when",
            ),
            models.CheckConstraint(
                condition=Q(signed_at=None) | Q(interval_chosen=True),
                name="a_signed_plan_leaves_no_choice_open",
            ),
            models.CheckConstraint(
                condition=Q(route="ORAL", interval_iso="") | ~Q(route="ORAL") & ~Q(interval_iso=""),
                name="an_injected_plan_has_an_interval",
            ),
            models.CheckConstraint(
                condition=Q(route__in=["IM", "SC_DEEP", "ORAL"]), name="a_plan_has_a_known_route"
            ),
        ]

    @cached_property
    def regimen(self) -> catalogue.Regimen:
        """The catalogue entry this plan was made under; entries are retired, never edited."""
        return catalogue.regimen(self.regimen_key)

    @property
    def interval(self) -> Interval | None:
        """The maintenance interval; none on oral treatment."""
        return Interval.from_iso(self.interval_iso) if self.interval_iso else None

    @property
    def base_interval(self) -> Interval | None:
        """The protocol's interval for these facts, the base of the 50 percent cap (D-24)."""
        return Interval.from_iso(self.base_interval_iso) if self.base_interval_iso else self.interval

    @property
    def is_signed(self) -> bool:
        """A physician has signed it."""
        return self.signed_at is not None
