"""How many vials of each lot a clinic has left, for how long they last, and who had one of a lot."""

from collections import Counter
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import takewhile

from django.db.models import Count, F, OuterRef, QuerySet, Subquery, Sum, Value
from django.db.models.functions import Coalesce, Upper

from patients.models import Clinic
from regimens.models import Course, Injection, Lot, StockMovement
from regimens.protocol.catalogue import regimen
from regimens.protocol.entries import Loading, Route
from regimens.protocol.intervals import Interval

SHOWN_AFTER_EXPIRY = timedelta(days=90)
EXPIRES_SOON = timedelta(days=42)
WEEK = timedelta(days=7)
WEEKS = 12
# Days between two loading doses, as near as a forecast of vials needs them.
SPACING = {Loading.STD_3X_WEEK_2W: 7 / 3, Loading.NEURO_ALT_DAYS: 2, Loading.DAILY_X10: 1}


@dataclass(frozen=True)
class Level:
    """One lot: what came in all, what injections used, what is left; `badges` are (word, tone)."""

    lot: Lot
    moved: int
    used: int
    badges: tuple[tuple[str, str], ...]

    @property
    def left(self) -> int:
        """Vials that should stand in the cupboard. Below nought somebody forgot to enter a delivery."""
        return self.moved - self.used


@dataclass(frozen=True)
class Week:
    """One week to come: the vials that will be needed, and what is then left of what does not expire before."""

    begins_on: date
    needed: int
    left: int


def used_from(lot: str, product: str, clinic_id: int) -> QuerySet:
    """Give the standing injections given in a clinic from a lot, however its letters were typed."""
    return (
        Injection.objects.standing()
        .annotate(lot_upper=Upper("lot"))
        .filter(
            lot_upper=Upper(Value(lot)),
            product=product,
            source=Injection.Source.CLINIC,
            patient__clinic=clinic_id,
        )
    )


def levels(clinic: Clinic, today: date, *, lots: QuerySet | None = None) -> list[Level]:
    """Give the lots that matter now, the first to expire first. One query; lots are few."""
    if lots is None:
        lots = Lot.objects.standing().filter(clinic=clinic, expires_on__gte=today - SHOWN_AFTER_EXPIRY)
    moved = StockMovement.objects.standing().filter(lot=OuterRef("pk")).order_by().values("lot")
    used = (
        Injection.objects.standing()
        .annotate(lot_upper=Upper("lot"))
        .filter(
            lot_upper=Upper(OuterRef("lot")),
            product=OuterRef("product"),
            source=Injection.Source.CLINIC,
            patient__clinic=OuterRef("clinic"),
        )
        .order_by()
        .values("lot_upper")
    )
    rows = lots.annotate(
        moved=Coalesce(Subquery(moved.annotate(sum=Sum("vials")).values("sum")), 0),
        used=Coalesce(Subquery(used.annotate(number=Count("pk")).values("number")), 0),
    ).order_by("expires_on", "pk")
    return [Level(row, row.moved, row.used, _badges(row, today)) for row in rows]


def _badges(row: Lot, today: date) -> tuple[tuple[str, str], ...]:
    left = row.moved - row.used
    found = []
    if row.recalled_at:
        found.append(("Recalled: do not use", "block"))
    if row.expires_on < today and left > 0:
        found.append(("Expired: discard", "block"))
    elif left > 0 and row.expires_on <= today + EXPIRES_SOON:
        found.append(("Expires soon", "warning"))
    if left < 0:
        found.append(("More used than received", "hold"))
    return tuple(found)


def needed(clinic: Clinic, today: date) -> Counter[int]:
    """Count the vials needed in each of the next twelve weeks, 0 being this one; who is overdue needs one now.

    A forecast of numbers: plans are taken as they stand, loading that is open-ended goes on. One query, that
    groups the courses by due date, plan and dose; its rows are bounded by the days of the forecast.
    """
    until = today + WEEK * WEEKS
    courses = (
        Course.objects.open()
        .filter(clinic=clinic, next_due_on__lt=until, oral_confirmed_on=None)
        .filter(plans__superseded_at=None, plans__signed_at__isnull=False)
        .exclude(plans__route=Route.ORAL)
        .exclude(paused_until__gte=until)
        .values("next_due_on", "paused_until", "phase", "next_number")
        .annotate(key=F("plans__regimen_key"), interval=F("plans__interval_iso"), number=Count("pk"))
        .order_by()
    )
    found: Counter[int] = Counter()
    for row in courses:
        first = max(row["next_due_on"], today, row["paused_until"] or today)
        for on in takewhile(lambda day: day < until, _doses(row, first)):
            found[(on - today).days // WEEK.days] += row["number"]
    return found


def _doses(row: dict, first: date):
    """Yield the days of the doses of one group: what is left of its loading, then maintenance."""
    on, loading = first, regimen(row["key"]).loading
    if row["phase"] == Course.Phase.LOADING:
        spacing, left = SPACING[loading.kind], None
        if loading.doses is not None:
            left = max(loading.doses - row["next_number"] + 1, 1)
        given = 0
        while left is None or given < left:
            on = first + timedelta(days=round(given * spacing))
            yield on
            given += 1
        on = Interval.from_iso(row["interval"]).after(on)
    interval, anchor, times = Interval.from_iso(row["interval"]), on, 0
    while True:
        yield interval.after(anchor, times) if times else anchor
        times += 1


def weeks(clinic: Clinic, today: date, stock: list[Level]) -> list[Week]:
    """Give the next twelve weeks; a vial serves until it expires, the first to expire is used first."""
    need = needed(clinic, today)
    usable = [
        [each.lot.expires_on, each.left] for each in stock if each.left > 0 and not each.lot.recalled_at
    ]
    found = []
    short = 0
    for number in range(WEEKS):
        begins_on = today + WEEK * number
        wanted = need[number]
        for vials in usable:
            if vials[0] >= begins_on:
                taken = min(vials[1], wanted)
                vials[1] -= taken
                wanted -= taken
        short += wanted
        left = sum(vials[1] for vials in usable if vials[0] >= begins_on + WEEK)
        found.append(Week(begins_on, need[number], left - short))
    return found
