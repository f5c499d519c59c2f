"""Which vial to take: those of the clinic's stock, the first to expire first, and before them the one of today."""

from dataclasses import dataclass
from datetime import date

from django.db.models import Exists, OuterRef

from patients.models import Clinic
from patients.templatetags.wording import day
from regimens.models import Lot, StockMovement
from regimens.stock import SHOWN_AFTER_EXPIRY, Level, levels
from regimens.words import PRODUCTS

TODAYS = "today"


@dataclass(frozen=True)
class Vial:
    """What is read from a vial: lot, expiry, brand; and the room in which it is used."""

    lot: str = ""
    expires_on: date | None = None
    brand: str = ""
    room: str = ""


@dataclass(frozen=True)
class VialOnOffer:
    """One vial that may be taken, or that is there and refused (`refused` says why).

    key: what the form sends. left: vials of its lot by the books; None where the lot is not in the books.
    """

    key: str
    vial: Vial
    left: int | None = None
    refused: str = ""
    is_todays: bool = False
    # A vial of it should stand in the cupboard, or somebody used one today: it is worth showing.
    is_there: bool = True


def on_offer(clinic: Clinic, product: str, today: date, todays: Vial) -> tuple[VialOnOffer, ...]:
    """Give the vials of a product that a clinic has, today's first; none where it keeps no stock. One query."""
    if product not in PRODUCTS:
        return ()
    lots = Lot.objects.standing().filter(_entered(), clinic=clinic, product=product)
    known = [_of_lot(level, today, todays) for level in levels(clinic, today, lots=lots)]
    if not any(each.left > 0 for each in known):
        return ()
    if todays.lot and not any(each.is_todays for each in known):
        expired = todays.expires_on is not None and todays.expires_on < today
        refused = _expired(todays.expires_on) if expired else ""
        known.insert(0, VialOnOffer(TODAYS, todays, refused=refused, is_todays=True))
    return tuple(sorted(known, key=lambda each: not each.is_todays))


def known_lot(clinic_id: int, lot: str, product: str) -> Lot | None:
    """Give the lot a vial belongs to, however its letters were typed, if the clinic has it in its books; one query."""
    return Lot.objects.standing().spelt(lot).filter(clinic=clinic_id, product=product).first()


def _entered() -> Exists:
    return Exists(StockMovement.objects.standing().filter(lot=OuterRef("pk")))


def _of_lot(level: Level, today: date, todays: Vial) -> VialOnOffer:
    lot = level.lot
    refused = _expired(lot.expires_on) if lot.expires_on < today else ""
    if lot.recalled_at:
        refused = f"Recalled: {lot.recall_reason}"
    is_todays = lot.lot.upper() == todays.lot.upper() and lot.expires_on == todays.expires_on
    is_in_the_cupboard = level.left > 0 and lot.expires_on >= today - SHOWN_AFTER_EXPIRY
    return VialOnOffer(
        key=str(lot.pk),
        vial=Vial(lot.lot, lot.expires_on, lot.brand, todays.room),
        left=level.left,
        refused=refused,
        is_todays=is_todays,
        is_there=is_todays or is_in_the_cupboard,
    )


def _expired(on: date) -> str:
    return f"Expired on {day(on)}"
