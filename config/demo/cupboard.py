"""The vials of a demo clinic: the lots its last doses came from, a new delivery, and one that is about to expire."""

from datetime import date, datetime, timedelta
from random import Random

from django.db.models import Count, Max

from patients.models import Clinic, User
from regimens.models import Injection, Lot, StockMovement
from regimens.protocol.entries import Product
from regimens.stock import needed

RECENT = timedelta(days=150)
A_WEEK, A_MONTH = timedelta(days=7), timedelta(days=30)


def fill_cupboard(clinic: Clinic, nurse: User, rng: Random, now: datetime) -> None:
    """Write the lots that were used lately, with what is left of them, and enough for some weeks to come."""
    today = clinic.day_of(now)
    used = (
        Injection.objects.standing()
        .filter(patient__clinic=clinic, source=Injection.Source.CLINIC)
        .exclude(lot="")
        .values("lot", "expires_on")
        .annotate(number=Count("pk"), last_on=Max("given_on"))
        .filter(last_on__gte=today - RECENT)
        .order_by("lot")
    )
    for row in used:
        _receive(clinic, nurse, row["lot"], row["expires_on"], row["number"] + rng.randrange(3), today)
    weeks = sum(number for week, number in needed(clinic, today).items() if week < 8)
    _receive(clinic, nurse, f"H{today:%y%m}N", today + timedelta(days=500), weeks + 5, today)
    _receive(clinic, nurse, f"G{today:%y%m}", today + A_MONTH, 6, today)
    _receive(clinic, nurse, f"E{today:%y%m}", today - A_WEEK, 3, today - A_MONTH)  # and one to be thrown away


def _receive(clinic: Clinic, nurse: User, lot: str, expires_on: date, vials: int, on: date) -> None:
    product = Product.HYDROXOCOBALAMIN.value
    row, new = Lot.objects.get_or_create(
        clinic=clinic, product=product, lot=lot, defaults={"expires_on": expires_on, "added_by": nurse}
    )
    if new:
        StockMovement.objects.create(
            lot=row, kind=StockMovement.Kind.RECEIVED, vials=vials, on=on, recorded_by=nurse
        )
