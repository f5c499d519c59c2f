"""The vials of a clinic: lots, and what came, went and was counted. What injections used is counted from them."""

from django.conf import settings
from django.db import models
from django.db.models import Q, Value
from django.db.models.functions import Now, Upper
from django.utils.translation import gettext_lazy as _

from patients.append_only import VOIDING, AppendOnly
from patients.models import Clinic
from patients.models.voiding import StandingQuerySet, void_reason, voided_at, voided_by, voided_together


class LotQuerySet(models.QuerySet):
    """Lots, by what stands on a vial."""

    def standing(self):
        """Leave out those that were entered by mistake."""
        return self.filter(withdrawn_at=None)

    def spelt(self, lot: str):
        """Only the lot of this number, whether its letters are capitals or not."""
        return self.annotate(lot_upper=Upper("lot")).filter(lot_upper=Upper(Value(lot.strip())))


class Lot(models.Model):
    """One lot of one product in one clinic. It is never deleted; a recall is said once and stands.

    A lot whose every entry was voided was entered by mistake: it is withdrawn, and may be entered afresh.
    """

    append_only = AppendOnly(once=("recalled_at", "recalled_by_id", "recall_reason", "withdrawn_at"))

    clinic = models.ForeignKey(Clinic, models.PROTECT, related_name="lots")
    product = models.CharField(max_length=24)
    lot = models.CharField(max_length=40, help_text=_("As it stands on the vial."))
    brand = models.CharField(max_length=60, blank=True)
    expires_on = models.DateField()
    added_at = models.DateTimeField(db_default=Now())
    added_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    recalled_at = models.DateTimeField(null=True, editable=False)
    recalled_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    recall_reason = models.CharField(max_length=200, blank=True, default="", db_default="")

    withdrawn_at = models.DateTimeField(null=True, editable=False)

    objects = LotQuerySet.as_manager()

    class Meta:
        ordering = ["expires_on", "id"]
        constraints = [
            models.UniqueConstraint(
                "clinic",
                "product",
                Upper("lot"),
                condition=Q(withdrawn_at=None),
                name="a_lot_stands_once_in_a_clinic",
            ),
            models.CheckConstraint(condition=~Q(lot=""), name="a_lot_has_a_number"),
            models.CheckConstraint(
                condition=Q(recalled_at=None, recalled_by=None, recall_reason="")
                | Q(recalled_at__isnull=False, recalled_by__isnull=False) & ~Q(recall_reason=""),
                name="a_recall_says_who_when_and_why",
            ),
        ]
        indexes = [models.Index(fields=["clinic", "expires_on", "id"], name="lot_of_clinic_by_expiry")]


class StockMovement(models.Model):
    """Vials that came, were thrown away, or were found to differ when somebody counted. A mistake is voided."""

    append_only = AppendOnly(once=VOIDING)

    class Kind(models.TextChoices):
        RECEIVED = "received", _("Received")
        DISCARDED = "discarded", _("Discarded or returned")
        COUNTED = "counted", _("Counted: the difference")

    lot = models.ForeignKey(Lot, models.PROTECT, related_name="movements")
    kind = models.CharField(max_length=10, choices=Kind)
    vials = models.IntegerField(help_text=_("More, or with a minus fewer."))
    on = models.DateField()
    note = models.CharField(max_length=200, blank=True)
    # Of the form it was entered on: a second tap enters nothing more.
    request_token = models.UUIDField(null=True, unique=True, editable=False)
    recorded_at = models.DateTimeField(db_default=Now())
    recorded_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    voided_at = voided_at()
    voided_by = voided_by()
    void_reason = void_reason()

    objects = StandingQuerySet.as_manager()

    class Meta:
        ordering = ["-on", "-id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(kind="received", vials__gt=0)
                | Q(kind="discarded", vials__lt=0)
                | Q(kind="counted") & ~Q(vials=0),
                name="a_movement_of_stock_moves_something_the_right_way",
            ),
            voided_together("stock_movement"),
        ]
