"""Today: the clinic's worklist."""

from dataclasses import replace
from urllib.parse import urlencode

from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.utils import timezone

from monitoring import row_details
from monitoring.after_needle import after_needle
from monitoring.calls import listing
from monitoring.counts import Counts
from monitoring.forms.today import TodayFilter
from monitoring.worklist import Key, Part, Wanted, Worklist, worklist
from monitoring.worklist_columns import givers
from monitoring.worklist_rows import Viewer
from patients import links
from patients.gate import clinic_page, patient_page

# Where somebody begins: the first page they may see.
BEGINNINGS = (
    ("today", "monitoring.see_worklist"),
    ("dashboard", "monitoring.see_dashboard"),
    ("decisions", "monitoring.see_decisions"),
    ("protocol", "monitoring.see_protocol"),
)


@clinic_page("patients.find_patient")
def home(request):
    """Send a person to the page they begin with."""
    for name, permission in BEGINNINGS:
        address = links.to(name)
        if address and request.user.has_perm(permission, request.clinic):
            return redirect(address)
    raise PermissionDenied


@clinic_page("monitoring.see_worklist")
def today(request):
    """Show who is booked, overdue and due, and how many stand where; or one list of them page by page."""
    now = timezone.now()
    day = request.clinic.day_of(now)
    viewer = Viewer(
        clinical=request.user.has_perm("patients.see_clinical", request.clinic),
        signs=request.user.has_perm("regimens.sign_plan", request.clinic),
    )
    may_phone = request.user.has_perm("monitoring.phone_patients", request.clinic)
    if may_phone and request.GET.get("list") == "calls":
        return redirect("calls")
    people = givers(request.clinic.pk)
    form = TodayFilter(request.GET, clinical=viewer.clinical, may_phone=may_phone, people=people)
    wanted = form.wanted(request.GET.get("after", ""), request.GET.get("before", ""))
    found = worklist(request.clinic, day, wanted, viewer)
    context = {
        "form": form,
        "wanted": wanted,
        "clinical": viewer.clinical,
        "now": now,
        "counts": found.counts,
        "parts": _parts(wanted, found),
        "nurse": _booked_with(wanted, people, found.counts),
        "calls_url": links.to("calls") if may_phone else "",
        "after_needle": after_needle(request.clinic, now) if viewer.clinical else None,
        "filtered": wanted != Wanted(),
        "earlier_url": _address(wanted, before=found.page and found.page.earlier),
        "later_url": _address(wanted, after=found.page and found.page.later),
    }
    return render(request, "monitoring/today.html", context)


@patient_page("monitoring.see_worklist")
def today_row(request, patient):
    """Give what a row opens in place; without a script the same link leads to the patient's page."""
    if not request.htmx:
        return redirect(patient)
    now = timezone.now()
    clinical = request.user.has_perm("patients.see_clinical", patient)
    context = {
        "details": row_details.read(patient, request.user, now, clinical=clinical),
        "patient": patient,
        "clinical": clinical,
        "now": now,
    }
    return HttpResponse(render_to_string("monitoring/_today_details.html", context))


@clinic_page("monitoring.phone_patients")
def today_calls(request):
    """Give how many wait for a call, for Today: it takes longer to count than all the rest of that page to be read."""
    if not request.htmx:
        return redirect("calls")
    now = timezone.now()
    context = {"calls": listing.count(request.clinic, request.clinic.day_of(now)), "now": now}
    return HttpResponse(render_to_string("monitoring/_today_calls.html", context))


def _parts(wanted: Wanted, found: Worklist) -> list[tuple[Part, str, int | None]] | None:
    """Give each part with the address of its own list, where that goes on, and its number, where all of it was asked for."""
    if found.page is None:
        return None
    whole = found.counts if wanted == Wanted() else None
    return [
        (
            part,
            _address(replace(wanted, list=part.section.name)) if part.more else "",
            whole.of(part.section) if whole else None,
        )
        for part in found.page.parts
    ]


def _booked_with(wanted: Wanted, people: list[tuple[int, str]], counts: Counts | None) -> dict | None:
    """Say how the places of the day fall to one person, to nobody in particular and to others; None unless asked."""
    name = dict(people).get(wanted.nurse)
    if name is None:
        return None
    booked = counts.booked_with if counts else {}
    own, free = booked.get(wanted.nurse, 0), booked.get(None, 0)
    return {"name": name, "own": own, "free": free, "others": sum(booked.values()) - own - free}


def _address(wanted: Wanted, **step: Key | None) -> str:
    """Give the address of a list, from another row on where a step is named; nothing where there is no such row."""
    if step and not any(step.values()):
        return ""
    asked = {"list": wanted.list, "phase": wanted.phase, "neuro": wanted.neuro_first and "on"}
    asked |= {"with": wanted.nurse, **step}
    return f"?{urlencode({name: str(value) for name, value in asked.items() if value})}"
