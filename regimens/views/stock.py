"""The vials of the clinic: what is left, for how long, and who had one of a lot."""

from datetime import date

from django.contrib import messages
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone

from patients import paging
from patients.acting import act, status_of
from patients.gate import clinic_page
from patients.templatetags.wording import born, day, family_first
from regimens import stock as vials
from regimens.forms.stock import CountForm, DeliveryForm, DiscardForm, RecallForm, VoidMovementForm
from regimens.models import Lot, StockMovement
from regimens.services import stock as services

WHO = paging.Order(("given_on", "pk"), (date.fromisoformat, paging.row_number), newest_first=True)


@clinic_page("regimens.keep_stock")
def stock(request):
    """Show every lot with what is left, the next twelve weeks, and a form for a delivery."""
    now = timezone.now()
    clinic, today = request.clinic, request.clinic.day_of(now)
    form = DeliveryForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        if lot := act(form, services.receive, clinic=clinic, now=now, recorded_by=request.user, **data):
            messages.success(request, f"{data['vials']} vials of lot {lot.lot} are in the stock.")
            return redirect("stock")
    levels = vials.levels(clinic, today)
    context = {"form": form, "levels": levels, "weeks": vials.weeks(clinic, today, levels), "now": now}
    return render(request, "regimens/stock.html", context, status=status_of(form))


@clinic_page("regimens.keep_stock")
def stock_lot(request, lot_pk):
    """Show one lot, what happened to it and who had it; count it, discard from it, recall it."""
    now = timezone.now()
    lot = get_object_or_404(
        Lot.objects.select_related("clinic", "recalled_by"), pk=lot_pk, clinic=request.clinic
    )
    sent = request.POST if request.method == "POST" else None
    forms = {
        name: kind(sent if sent and name in sent else None)
        for name, kind in (("count", CountForm), ("discard", DiscardForm), ("recall", RecallForm))
    }
    pressed = next((form for form in forms.values() if form.is_bound), None)
    if pressed is not None and pressed.is_valid() and _done(request, lot, forms, pressed, now):
        return redirect("stock_lot", lot.pk)
    (level,) = vials.levels(request.clinic, request.clinic.day_of(now), lots=Lot.objects.filter(pk=lot.pk))
    context = {
        **{f"{name}_form": form for name, form in forms.items()},
        "form": pressed or forms["count"],
        "level": level,
        "lot": lot,
        "movements": lot.movements.select_related("recorded_by", "voided_by"),
        "page": _who_had_it(lot, request),
    }
    return render(request, "regimens/stock_lot.html", context, status=status_of(context["form"]))


def _done(request, lot, forms, pressed, now) -> bool:
    """Carry out what was pressed; tell so."""
    if pressed is forms["recall"]:
        done = act(
            pressed, services.recall, lot=lot, reason=pressed.cleaned_data["reason"], recalled_by=request.user
        )
        said = "The lot is recalled. Below stands everybody who had it."
    else:
        service = services.count if pressed is forms["count"] else services.discard
        done = act(pressed, service, lot=lot, now=now, recorded_by=request.user, **pressed.cleaned_data)
        said = "It is in the books."
    if done:
        messages.success(request, said)
    return bool(done)


def _who_had_it(lot, request):
    """Give a page of the patients who had a vial of the lot, the last first."""
    rows = vials.used_from(lot.lot, lot.product, lot.clinic_id).values(
        "pk",
        "given_on",
        "patient_id",
        "patient__family_name",
        "patient__given_names",
        "patient__born_on",
        "patient__record_number",
        "patient__phone",
    )
    page = paging.page_of(rows, WHO, request.GET, {})
    today = lot.clinic.day_of(timezone.now())
    shown = [
        {
            "patient_id": row["patient_id"],
            "name": family_first(row["patient__family_name"], row["patient__given_names"]),
            "born": born(row["patient__born_on"], today),
            "record_number": row["patient__record_number"],
            "phone": row["patient__phone"],
            "given": day(row["given_on"]),
        }
        for row in page.rows
    ]
    return paging.Page(shown, page.earlier_url, page.later_url)


@clinic_page("regimens.keep_stock")
def void_movement(request, movement_pk):
    """Mark an entry of the stock as wrong."""
    row = get_object_or_404(
        StockMovement.objects.select_related("lot__clinic"), pk=movement_pk, lot__clinic=request.clinic
    )
    form = VoidMovementForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        reason = form.cleaned_data["reason"]
        if act(form, services.void_movement, movement=row, voided_by=request.user, reason=reason):
            messages.success(request, "The entry was voided.")
            return redirect("stock_lot", row.lot_id)
    return render(
        request, "regimens/stock_void.html", {"form": form, "movement": row}, status=status_of(form)
    )
