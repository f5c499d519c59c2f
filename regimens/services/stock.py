"""Vials come, go, are counted and recalled. Injections are not entered here: they are counted where they are recorded."""

from datetime import date, datetime
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import Exists, OuterRef
from django.db.models.functions import Now

from patients import audit
from patients.models import Clinic
from patients.refusals import NotAllowed, Stale, require
from regimens.models import Lot, StockMovement
from regimens.services.clinical import SENT_BEFORE, void
from regimens.services.locking import lock_clinic
from regimens.stock import levels

Kind = StockMovement.Kind
MOST = 100_000


@transaction.atomic
def receive(
    *,
    clinic: Clinic,
    product: str,
    lot: str,
    expires_on: date,
    vials: int,
    brand: str = "",
    note: str = "",
    token: UUID | None = None,
    now: datetime,
    recorded_by,
) -> Lot:
    """Enter a delivery. A lot that is known gets more vials; it cannot expire on two days.

    token: of the form it was entered on; sent again, it enters nothing more.
    """
    require(recorded_by, "regimens.keep_stock", clinic)
    lock_clinic(clinic)
    if before := _sent_before(token):
        if before.lot.clinic_id != clinic.pk:
            raise NotAllowed(SENT_BEFORE)
        return before.lot
    today = clinic.day_of(now)
    if not 0 < vials <= MOST:
        raise NotAllowed("Enter how many vials came.", field="vials")
    if expires_on < today:
        raise NotAllowed("These vials have expired. Send them back.", field="expires_on")
    row = _lot(clinic, product, lot.strip(), expires_on, brand.strip(), recorded_by)
    if row.recalled_at:
        raise NotAllowed("This lot was recalled. Send it back.", field="lot")
    if row.expires_on != expires_on:
        known = f"{row.expires_on:%d %B %Y}"
        raise NotAllowed(
            f"This lot is on record as expiring on {known}. Look at the vial again; "
            "if the record is wrong, void its entries first.",
            field="expires_on",
        )
    StockMovement.objects.create(
        lot=row,
        kind=Kind.RECEIVED,
        vials=vials,
        on=today,
        note=note.strip(),
        request_token=token,
        recorded_by=recorded_by,
    )
    audit.record(recorded_by, "received vials", clinic=clinic, lot=row.pk, vials=vials)
    return row


def _still_stands(lot: Lot) -> None:
    if not Lot.objects.standing().filter(pk=lot.pk).exists():
        raise NotAllowed("Every entry of this lot was voided. Enter the delivery afresh.")


def _sent_before(token: UUID | None) -> StockMovement | None:
    """Give the entry that this very form has made already."""
    entries = StockMovement.objects.select_related("lot").filter(request_token=token)
    return entries.first() if token else None


def _lot(clinic: Clinic, product: str, lot: str, expires_on: date, brand: str, added_by) -> Lot:
    """Give the lot, made where it is new; of two people who enter it at once both get the same."""
    same = Lot.objects.standing().spelt(lot).filter(clinic=clinic, product=product)
    if known := same.first():
        return known
    try:
        with transaction.atomic():
            return Lot.objects.create(
                clinic=clinic, product=product, lot=lot, expires_on=expires_on, brand=brand, added_by=added_by
            )
    except IntegrityError:
        return same.get()


@transaction.atomic
def discard(
    *, lot: Lot, vials: int, note: str, token: UUID | None = None, now: datetime, recorded_by
) -> None:
    """Enter vials that were thrown away, broken or sent back; the reason is asked. The same form counts once."""
    require(recorded_by, "regimens.keep_stock", lot.clinic)
    lock_clinic(lot.clinic)
    if before := _sent_before(token):
        if before.lot_id != lot.pk:
            raise NotAllowed(SENT_BEFORE)
        return
    _still_stands(lot)
    if not 0 < vials <= MOST:
        raise NotAllowed("Enter how many vials.", field="vials")
    if not note.strip():
        raise NotAllowed("Say why: expired, broken, sent back.", field="note")
    _move(lot, Kind.DISCARDED, -vials, note, now, recorded_by, token)


@transaction.atomic
def count(*, lot: Lot, vials: int, note: str = "", now: datetime, recorded_by) -> None:
    """Enter what stands in the cupboard; the difference to the books is written. The book is locked meanwhile."""
    require(recorded_by, "regimens.keep_stock", lot.clinic)
    if not 0 <= vials <= MOST:
        raise NotAllowed("Enter how many vials there are.", field="vials")
    lock_clinic(lot.clinic)
    _still_stands(lot)
    (level,) = levels(lot.clinic, lot.clinic.day_of(now), lots=Lot.objects.filter(pk=lot.pk))
    if difference := vials - level.left:
        _move(lot, Kind.COUNTED, difference, note, now, recorded_by)


def _move(lot: Lot, kind: str, vials: int, note: str, now: datetime, recorded_by, token=None) -> None:
    StockMovement.objects.create(
        lot=lot,
        kind=kind,
        vials=vials,
        on=lot.clinic.day_of(now),
        note=note.strip(),
        request_token=token,
        recorded_by=recorded_by,
    )
    audit.record(recorded_by, f"{kind} vials", clinic=lot.clinic, lot=lot.pk, vials=vials)


@transaction.atomic
def void_movement(*, movement: StockMovement, voided_by, reason: str) -> None:
    """Mark an entry as wrong. It stays visible; a lot of which no entry stands was a mistake, and is withdrawn."""
    require(voided_by, "regimens.keep_stock", movement.lot.clinic)
    lock_clinic(movement.lot.clinic)
    void(movement, voided_by=voided_by, reason=reason)
    entries = StockMovement.objects.standing().filter(lot=OuterRef("pk"))
    empty = Lot.objects.standing().filter(~Exists(entries), pk=movement.lot_id, recalled_at=None)
    empty.update(withdrawn_at=Now())
    audit.record(voided_by, "voided stock entry", clinic=movement.lot.clinic, movement=movement.pk)


@transaction.atomic
def recall(*, lot: Lot, reason: str, recalled_by) -> None:
    """Take a lot out of use for good: from now on the dose screen refuses its vials."""
    require(recalled_by, "regimens.keep_stock", lot.clinic)
    if not reason.strip():
        raise NotAllowed("Say who recalled it and why.", field="reason")
    lock_clinic(lot.clinic)
    _still_stands(lot)
    done = Lot.objects.filter(pk=lot.pk, recalled_at=None).update(
        recalled_at=Now(), recalled_by=recalled_by, recall_reason=reason.strip()
    )
    if not done:
        raise Stale("This lot has been recalled already.")
    audit.record(recalled_by, "recalled a lot", clinic=lot.clinic, lot=lot.pk)
