"""What a manager sets of the clinic: opening days, closures, hours and letters."""

from dataclasses import dataclass, field

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
from regimens.calendar_preview import Change, Preview, preview
from regimens.forms.clinic import ClosureForm, OpeningForm, SettingsForm
from regimens.services import clinic_calendar


@dataclass(frozen=True)
class Asked:
    """What is asked before a change is saved: the question, the button, and what the form sent to begin with."""

    question: str
    yes: str
    fields: list[tuple[str, str]] = field(default_factory=list)
    button: str = "yes"


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
    if pressed and form.is_valid():
        answer = _save(request, clinic, form, pressed)
        if answer is not None:
            return answer
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


def _save(request, clinic, form, pressed: str):
    """Save what was pressed; what would move something is shown first, and saved only as it was shown."""
    change, now = CHANGES[pressed](form.cleaned_data), timezone.now()
    would = preview(clinic, change, now)
    asked = Asked(*ASKED[pressed], fields=_sent(request, form.prefix), button=pressed)
    if _must_look(request, would):
        return _ask(request, would, asked, day=form.cleaned_data.get("day"))
    before = to_move.to_move(clinic, clinic.day_of(now)).count()
    saved = act(
        form,
        clinic_calendar.change_as_shown,
        clinic=clinic,
        change=change,
        shown=would.shown,
        now=now,
        doing=SAVES[pressed],
        changed_by=request.user,
        **form.cleaned_data,
    )
    if saved is None:
        return None
    messages.success(request, SAID[pressed])
    return _then(request, before, clinic.day_of(now))


def _must_look(request, would: Preview) -> bool:
    """Tell whether the person has to see first what would move: never seen, or another by now."""
    shown = request.POST.get("shown")
    return shown != would.shown if shown else not would.is_empty


def _ask(request, would: Preview, asked: Asked, **about):
    """Show what would move and ask; 422 where somebody had seen something else before."""
    again = bool(request.POST.get("shown"))
    context = {"preview": would, "asked": asked, "again": again, "most": to_move.SHOWN, **about}
    return render(request, "regimens/calendar_confirm.html", context, status=422 if again else 200)


def _sent(request, prefix: str) -> list[tuple[str, str]]:
    """Give what the form sent, to be sent once more with the confirmation."""
    return [
        (name, value)
        for name, values in request.POST.lists()
        if name.startswith(f"{prefix}-")
        for value in values
    ]


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
    clinic, now = request.clinic, timezone.now()
    today = clinic.day_of(now)
    change = Change(closing=frozenset(clinic.public_holidays(year)))
    would = preview(clinic, change, now)
    if _must_look(request, would):
        return _ask(request, would, Asked(f"Close on the public holidays of {year}?", "Close on these days"))
    before = to_move.to_move(clinic, today).count()
    try:
        added = clinic_calendar.change_as_shown(
            clinic=clinic,
            change=change,
            shown=would.shown,
            now=now,
            doing=clinic_calendar.add_public_holidays,
            changed_by=request.user,
            year=year,
        )
    except NotAllowed as refusal:
        messages.error(request, str(refusal))
        return redirect("clinic_settings")
    messages.success(request, f"{added} public holidays of {year} were added.")
    return _then(request, before, today)


SAVES = {
    "save_opening": clinic_calendar.change_opening_days,
    "save_closure": clinic_calendar.add_closure,
    "save_settings": change_settings,
}
CHANGES = {
    "save_opening": lambda data: Change(open_weekdays=data["open_weekdays"]),
    "save_closure": lambda data: Change(closing=frozenset({data["day"]})),
    "save_settings": lambda data: Change(**{name: data[name] for name in HOURS}),
}
HOURS = ("opens_at", "closes_at", "slots_per_hour")
ASKED = {
    "save_opening": ("Change the opening days?", "Save the days"),
    "save_closure": ("Close this day?", "Close the day"),
    "save_settings": ("Change the hours?", "Save hours and letters"),
}
SAID = {
    "save_opening": "The opening days are saved, and loading dates were moved to open days.",
    "save_closure": "The closure is saved, and loading dates were moved to open days.",
    "save_settings": "Hours and letters are saved.",
}
