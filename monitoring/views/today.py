"""Today: the clinic's worklist."""

from urllib.parse import urlencode

from django.core.exceptions import PermissionDenied
from django.shortcuts import redirect, render
from django.utils import timezone

from monitoring.after_needle import after_needle
from monitoring.calls import listing
from monitoring.forms.today import TodayFilter
from monitoring.worklist import Key, Wanted, worklist
from monitoring.worklist_rows import Viewer
from patients import links
from patients.gate import clinic_page

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
    """Show who is overdue, due, and due this week, and how many stand where."""
    now = timezone.now()
    day = request.clinic.day_of(now)
    viewer = Viewer(
        clinical=request.user.has_perm("patients.see_clinical", request.clinic),
        signs=request.user.has_perm("regimens.sign_plan", request.clinic),
    )
    may_phone = request.user.has_perm("monitoring.phone_patients", request.clinic)
    if may_phone and request.GET.get("list") == "calls":
        return redirect("calls")
    form = TodayFilter(request.GET, clinical=viewer.clinical, may_phone=may_phone)
    wanted = form.wanted(request.GET.get("after", ""), request.GET.get("before", ""))
    found = worklist(request.clinic, day, wanted, viewer)
    context = {
        "form": form,
        "wanted": wanted,
        "clinical": viewer.clinical,
        "now": now,
        "counts": found.counts,
        "calls": listing.count(request.clinic, day) if may_phone else None,
        "calls_url": links.to("calls") if may_phone else "",
        "page": found.page,
        "after_needle": after_needle(request.clinic, now) if viewer.clinical else None,
        "filtered": wanted.list != "today" or wanted.phase or wanted.neuro_first,
        "earlier_url": _address(wanted, before=found.page and found.page.earlier),
        "later_url": _address(wanted, after=found.page and found.page.later),
    }
    return render(request, "monitoring/today.html", context)


def _address(wanted: Wanted, **step: Key | None) -> str:
    """Give the address of the same list from another row on; nothing where there is none."""
    if not any(step.values()):
        return ""
    asked = {"list": wanted.list, "phase": wanted.phase, "neuro": wanted.neuro_first and "on", **step}
    return f"?{urlencode({name: str(value) for name, value in asked.items() if value})}"
