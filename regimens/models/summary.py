"""What the figures of a clinic ask of a treatment and its dates do not say: an index beside the outlook."""

from django.db import models
from django.db.models import Q

from patients.models import Clinic, Result
from regimens.models.course import Course


class CourseSummary(models.Model):
    """One row a course, written by regimens.services.outlook alone; none of it depends on today."""

    course = models.OneToOneField(Course, models.PROTECT, primary_key=True, related_name="summary")
    clinic = models.ForeignKey(Clinic, models.PROTECT, related_name="+", db_index=False)
    # The maintenance interval of the plan in force; empty on tablets.
    interval_iso = models.CharField(max_length=8, blank=True)
    # Facts as they stand: an answer of Topic.CAUSE, and what sets an interval of its own.
    cause = models.CharField(max_length=24, blank=True)
    ileal = models.BooleanField(default=False)
    crohns = models.BooleanField(default=False)
    bariatric = models.BooleanField(default=False)
    # The latest loading: its first dose, its end, and the day a gap in it became too long (D-21), perhaps to come.
    loading_began_on = models.DateField(null=True)
    loading_completed_on = models.DateField(null=True)
    loading_gap_on = models.DateField(null=True)
    # The newest homocysteine taken on treatment; whether it is at target is empty where a comparator leaves it open.
    hcy_result = models.ForeignKey(Result, models.PROTECT, null=True, related_name="+")
    hcy_at_target = models.BooleanField(null=True)
    last_panel_on = models.DateField(null=True)

    class Meta:
        verbose_name_plural = "course summaries"
        constraints = [
            models.CheckConstraint(
                condition=Q(loading_began_on__isnull=False)
                | Q(loading_began_on=None, loading_completed_on=None, loading_gap_on=None),
                name="a_loading_ends_after_it_began",
            ),
            models.CheckConstraint(
                condition=Q(hcy_result__isnull=False) | Q(hcy_at_target=None),
                name="a_target_is_met_by_a_result",
            ),
        ]
        indexes = [
            models.Index(
                fields=["clinic", "loading_began_on", "loading_completed_on", "loading_gap_on"],
                condition=Q(loading_began_on__isnull=False),
                name="course_summary_by_loading",
            ),
        ]
