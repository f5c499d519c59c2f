"""The dashboard of a clinic, and the lists behind its numbers."""

from datetime import date

from django.http import Http404
from django.shortcuts import render
from django.utils import timezone

from monitoring import cohort
from monitoring import dashboard as numbers
from patients import links, paging
from patients.gate import clinic_page
from patients.models import Patient
from patients.templatetags.wording import born, day, family_first
from regimens.models import Course
from regimens.models.course import EndReason
from regimens.protocol.intervals import months

BY_DATE = paging.Order(("ordered_on", "pk"), (date.fromisoformat, paging.row_number))
BY_DAY_GIVEN = paging.Order(("given_on", "pk"), (date.fromisoformat, paging.row_number))
TIMINGS = {
    "inside": "inside their window",
    "early": "before their window",
    "late": "after their window",
    "unplanned": "without a window",
}


@clinic_page("monitoring.see_dashboard")
def dashboard(request):
    """Show how the clinic stands; the numbers lead to lists of names for those who may see clinical matters."""
    now = timezone.now()
    may = {
        name: request.user.has_perm(permission, request.clinic)
        for name, permission in (
            ("see_names", "patients.see_clinical"),
            ("see_decisions", "monitoring.see_decisions"),
            ("see_messages", "monitoring.see_messages"),
            ("phone", "monitoring.phone_patients"),
        )
    }
    context = {
        "now": now,
        "today": request.clinic.day_of(now),
        "counted": numbers.dashboard(request.clinic, now),
        "lateness": [late.title for late in cohort.LATENESS],
        "see_names": may["see_names"],
        "decisions_url": links.to("decisions") if may["see_decisions"] else "",
        "calls_url": links.to("calls") if may["phone"] else "",
        "messages_url": links.to("messages") if may["see_messages"] else "",
    }
    return render(request, "monitoring/dashboard.html", context)


@clinic_page("patients.see_clinical")
def dashboard_list(request, word):
    """List the patients behind one number of the dashboard."""
    group = cohort.GROUPS.get(word)
    if group is None:
        raise Http404
    now = timezone.now()
    today = request.clinic.day_of(now)
    courses = group.rows(request.clinic, today).values(
        "pk",
        "ordered_on",
        "phase",
        "next_due_on",
        "last_given_on",
        "paused_until",
        "end_reason",
        "patient_id",
    )
    page = paging.page_of(courses, BY_DATE, request.GET, {})
    who = _patients(page, today)
    context = {
        "title": group.title,
        "dated": group.dated,
        "headings": ("Phase", "Last injection"),
        "rows": [
            {
                **who[row["patient_id"]],
                "date": day(row["ordered_on"]),
                "cells": (_phase(row, today), _last(row)),
            }
            for row in page.rows
        ],
        "page": page,
        "now": now,
    }
    return render(request, "monitoring/dashboard_list.html", context)


@clinic_page("patients.see_clinical")
def dashboard_doses(request, year, month):
    """List the doses that were given here in one month."""
    try:
        begins_on = date(year, month, 1)
        ends_on = months(1).after(begins_on)
    except ValueError as error:
        raise Http404 from error
    now = timezone.now()
    today = request.clinic.day_of(now)
    timing = request.GET.get("timing", "")
    doses = numbers.doses_given(request.clinic, begins_on, ends_on)
    if timing in TIMINGS:
        doses = doses.filter(timing=timing)
    doses = doses.values(
        "pk", "given_on", "due_on", "window_opens_on", "window_closes_on", "timing", "patient_id"
    )
    page = paging.page_of(doses, BY_DAY_GIVEN, request.GET, {"timing": timing if timing in TIMINGS else ""})
    who = _patients(page, today)
    context = {
        "title": f"Doses given here {TIMINGS.get(timing, '')}".strip(),
        "month": begins_on,
        "dated": "Given",
        "headings": ("Due", "Window"),
        "rows": [
            {
                **who[row["patient_id"]],
                "date": day(row["given_on"]),
                "cells": (day(row["due_on"]), _window(row)),
            }
            for row in page.rows
        ],
        "page": page,
        "now": now,
    }
    return render(request, "monitoring/dashboard_list.html", context)


def _patients(page: paging.Page, today: date) -> dict[int, dict[str, object]]:
    """Give who stands on a page, by key: one query more, so that no list is joined before it is cut."""
    columns = ("pk", "family_name", "given_names", "born_on", "record_number")
    found = Patient.objects.filter(pk__in={row["patient_id"] for row in page.rows}).values_list(*columns)
    return {
        pk: {
            "url": links.to("patient", pk),
            "name": family_first(family_name, given_names),
            "born": born(born_on, today),
            "record_number": record_number,
        }
        for pk, family_name, given_names, born_on, record_number in found
    }


def _phase(row: dict, today: date) -> str:
    if row["end_reason"]:
        return f"Ended: {EndReason(row['end_reason']).label}"
    if row["paused_until"] and row["paused_until"] > today:
        return f"Paused until {day(row['paused_until'])}"
    return f"{Course.Phase(row['phase']).label}, next due {day(row['next_due_on'])}"


def _last(row: dict) -> str:
    return day(row["last_given_on"]) if row["last_given_on"] else "None yet"


def _window(row: dict) -> str:
    if row["window_opens_on"] is None:
        return "Not known when it was recorded"
    within = f"{day(row['window_opens_on'])} to {day(row['window_closes_on'])}"
    return within if row["timing"] == "inside" else f"{within} ({row['timing']})"
