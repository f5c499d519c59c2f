"""The columns with which a wrong record is marked, never erased."""

from django.conf import settings
from django.db import models
from django.db.models import Q


class StandingQuerySet(models.QuerySet):
    """Rows that may be voided."""

    def standing(self):
        """Leave out what was voided."""
        return self.filter(voided_at=None)


def voided_at():
    """The moment the record was voided; empty while it stands."""
    return models.DateTimeField(null=True, blank=True, editable=False)


def voided_by():
    """Who voided it."""
    return models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, editable=False, related_name="+"
    )


def void_reason():
    """Why, in the words of who voided it."""
    return models.CharField(max_length=200, blank=True, default="", editable=False)


def voided_together(table: str) -> models.CheckConstraint:
    """Give the constraint that a void says when, who and why, or nothing."""
    return models.CheckConstraint(
        condition=Q(voided_at=None, voided_by=None, void_reason="")
        | Q(voided_at__isnull=False, voided_by__isnull=False) & ~Q(void_reason=""),
        name=f"a_voided_{table}_says_who_and_why",
    )
