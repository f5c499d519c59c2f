"""What a manager sets of the clinic: opening days, closures, hours and letters."""

from django.contrib import messages
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST

from patients.acting import act, status_of
from patients.clinic_settings import change_settings
from patients.gate import clinic_page
from patients.models import Clinic
from patients.refusals import NotAllowed
from patients.templatetags.wording import weekday_day
from regimens import to_move
from regimens.forms.clinic import ClosureForm, OpeningForm, SettingsForm
from regimens.services import clinic_calendar


@clinic_page("patients.manage_clinic")
def clinic_settings(request):
    """Show the clinic's days, closures, hours and letters; each part is saved by its own button."""
    clinic = request.clinic
    today = clinic.day_of(timezone.now())
    sent = request.POST if request.method == "POST" else None
    pressed = next((name for name in SAVES if sent and name in sent), None)
    forms = {
        "save_opening": OpeningForm(sent if pressed == "save_opening" else None, clinic=clinic),
        "save_closure": ClosureForm(sent if pressed == "save_closure" else None, today=today),
        # Another instance: a refused form must not change what the page around it says of the clinic.
        "save_settings": SettingsForm(
            sent if pressed == "save_settings" else None, instance=type(clinic).objects.get(pk=clinic.pk)
        ),
    }
    form = forms.get(pressed, forms["save_opening"])
    if pressed == "save_closure" and form.is_valid() and "seen" not in sent:
        preview = _who_must_move(clinic, form.cleaned_data)
        if preview["total"]:
            return render(request, "regimens/closure_confirm.html", preview)
    before = to_move.to_move(clinic, today).count() if pressed else 0
    if pressed and form.is_valid() and SAVES[pressed](form, clinic, request.user) is not None:
        messages.success(request, SAID[pressed])
        return _then(request, before, today)
    context = {
        "form": form,
        "opening": forms["save_opening"],
        "closure": forms["save_closure"],
        "settings": forms["save_settings"],
        "closures": clinic.closures.filter(day__gte=today),
        "astray": to_move.to_move(clinic, today).count(),
        "years": (today.year, today.year + 1) if clinic.holidays_country else (),
    }
    return render(request, "regimens/clinic_settings.html", context, status=status_of(form))


def _who_must_move(clinic, asked):
    """Give who is booked on a day that is about to be closed, and where each could go."""
    day = asked["day"]
    booked, open_days = to_move.if_closed(clinic, day)
    is_new = clinic.days.is_open(day)
    return {
        **asked,
        "total": booked.count() if is_new else 0,
        "rows": to_move.proposals(clinic, booked, timezone.now(), open_days) if is_new else [],
    }


def _then(request, before: int, today):
    """Go back to the settings, or on to the list of those to be moved where what was saved made it longer."""
    clinic = Clinic.objects.get(pk=request.clinic.pk)
    astray = to_move.to_move(clinic, today).count()
    if astray > before and request.user.has_perm("regimens.book_appointment", clinic):
        messages.warning(request, f"{astray} appointments must be moved.")
        return redirect("appointments_to_move")
    return redirect("clinic_settings")


@clinic_page("patients.manage_clinic")
@require_POST
def remove_closure(request, pk):
    """Open the clinic on a day after all."""
    closure = get_object_or_404(request.clinic.closures.all(), pk=pk)
    day = closure.day
    try:
        clinic_calendar.remove_closure(closure=closure, changed_by=request.user)
    except NotAllowed as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, f"The clinic is open on {weekday_day(day)} again.")
    return redirect("clinic_settings")


@clinic_page("patients.manage_clinic")
@require_POST
def add_holidays(request, year):
    """Close the clinic on the public holidays of this year or the next."""
    this_year = request.clinic.day_of(timezone.now()).year
    if year not in (this_year, this_year + 1):
        messages.error(request, "Holidays are added for this year and the next.")
        return redirect("clinic_settings")
    today = request.clinic.day_of(timezone.now())
    before = to_move.to_move(request.clinic, today).count()
    added = clinic_calendar.add_public_holidays(clinic=request.clinic, year=year, changed_by=request.user)
    messages.success(request, f"{added} public holidays of {year} were added.")
    return _then(request, before, today)


def _save_opening(form, clinic, user):
    return act(form, clinic_calendar.change_opening_days, clinic=clinic, changed_by=user, **form.cleaned_data)


def _save_closure(form, clinic, user):
    return act(form, clinic_calendar.add_closure, clinic=clinic, changed_by=user, **form.cleaned_data)


def _save_settings(form, clinic, user):
    return act(form, change_settings, clinic=clinic, changed_by=user, **form.cleaned_data)


SAVES = {"save_opening": _save_opening, "save_closure": _save_closure, "save_settings": _save_settings}
SAID = {
    "save_opening": "The opening days are saved, and loading dates were moved to open days.",
    "save_closure": "The closure is saved, and loading dates were moved to open days.",
    "save_settings": "Hours and letters are saved.",
}
