"""The blood checks of a treatment, one a row: an index over what the protocol says, for lists and figures."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from patients.models import Clinic
from regimens.models.course import Course


class LabCheck(models.Model):
    """One check: when it was due, and the first panel drawn for it. Written by regimens.services.outlook alone.

    Whether it is missed or still open is a comparison with a day, made when reading.
    """

    class Kind(models.TextChoices):
        """Which check of the protocol it is."""

        THREE = "3m", _("At 3 months")
        SIX = "6m", _("At 6 months")
        TWELVE = "12m", _("At 12 months")
        YEARLY = "yearly", _("Yearly")
        REPEATED = "repeated", _("Every three months until stable")
        EXTRA = "extra", _("After a change of treatment")

    course = models.ForeignKey(Course, models.PROTECT, related_name="lab_checks")
    clinic = models.ForeignKey(Clinic, models.PROTECT, related_name="+", db_index=False)
    kind = models.CharField(max_length=8, choices=Kind)
    name = models.CharField(max_length=24)
    due_on = models.DateField()
    opens_on = models.DateField()
    closes_on = models.DateField()
    drawn_on = models.DateField(null=True)
    waived_on = models.DateField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["course", "name", "due_on"], name="one_row_per_check"),
            models.CheckConstraint(
                condition=Q(drawn_on=None) | Q(drawn_on__gte=models.F("opens_on")),
                name="a_check_is_not_drawn_before_its_window",
            ),
        ]
        indexes = [
            # All that the counts of the dashboard ask, so that they are read from the index alone.
            models.Index(
                fields=["clinic", "due_on", "kind", "opens_on", "closes_on", "drawn_on", "waived_on"],
                name="lab_check_counted",
            ),
        ]
