"""The dashboard of clinics, the lists behind its numbers, and those lists as files."""

from dataclasses import dataclass
from datetime import date
from urllib.parse import urlencode

from allauth.account.decorators import reauthentication_required
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone

from monitoring import cohort, list_files
from monitoring import dashboard as numbers
from monitoring.cohort import standing
from monitoring.cohort.groups import Group
from monitoring.cohort.scope import ALL, CAUSES, Scope, period_of, periods
from monitoring.forms.dashboard import ScopeForm
from patients import audit, links, paging
from patients.gate import clinic_page
from patients.models import Clinic, Patient
from patients.templatetags.wording import born, day, family_first

BY_DATE = paging.Order(("ordered_on", "pk"), (date.fromisoformat, paging.row_number))


@dataclass(frozen=True)
class Asked:
    """The scope that was asked for, the form it was asked by, and what keeps it in addresses."""

    scope: Scope
    form: ScopeForm
    kept: dict[str, str]

    @property
    def query(self) -> str:
        """The end of an address that keeps the scope; empty for the one that is shown unasked."""
        return f"?{urlencode(self.kept)}" if self.kept else ""

    @property
    def filters(self) -> list[tuple[object, str]]:
        """The fields of the form, each with the word that holds."""
        clinic = ALL if len(self.scope.clinics) > 1 else str(self.scope.clinics[0].pk)
        return list(zip(self.form, (clinic, *self.form.wanted()[1:]), strict=True))

    def may(self, user, permission: str) -> bool:
        """Tell whether this person holds a permission in every clinic of the scope."""
        return all(user.has_perm(permission, clinic) for clinic in self.scope.clinics)


def asked_of(request: HttpRequest) -> Asked:
    """Read clinic, period and cause from the address; what cannot be read is as if it had not been asked."""
    now = timezone.now()
    here, today = request.clinic, request.clinic.day_of(now)
    clinics = [
        clinic
        for clinic in Clinic.objects.visible_to(request.user).order_by("name", "pk")
        if request.user.has_perm("monitoring.see_dashboard", clinic)
    ]
    form = ScopeForm(request.GET, clinics=clinics, here=here, today=today)
    clinic, period, cause = form.wanted()
    chosen = clinics if clinic == ALL else [each for each in clinics if str(each.pk) == clinic] or [here]
    begins_on, ends_on = period_of(period, today)
    scope = Scope(tuple(chosen), now, begins_on, ends_on, cause)
    kept = {
        "clinic": clinic if chosen != [here] else "",
        "period": period if period != form.DEFAULT_PERIOD else "",
        "cause": cause,
    }
    return Asked(scope, form, {name: value for name, value in kept.items() if value})


def _about(asked: Asked, request: HttpRequest) -> dict[str, object]:
    """Give what every page of figures says of its scope."""
    scope = asked.scope
    return {
        "now": scope.now,
        "scope": scope,
        "scope_query": asked.query,
        "scope_more": f"{asked.query}&" if asked.query else "?",
        "clinics_shown": ", ".join(clinic.name for clinic in scope.clinics),
        "period_shown": periods(request.clinic.day_of(scope.now))[asked.form.wanted()[1]],
        "cause_shown": CAUSES[scope.cause][0] if scope.cause else "",
    }


@clinic_page("monitoring.see_dashboard")
def dashboard(request: HttpRequest) -> HttpResponse:
    """Show how the clinics stand; the numbers lead to lists, of names for those who may see clinical matters."""
    asked = asked_of(request)
    one_clinic = asked.scope.clinics == (request.clinic,)
    may = {
        name: one_clinic and request.user.has_perm(permission, request.clinic)
        for name, permission in (
            ("decisions", "monitoring.see_decisions"),
            ("messages", "monitoring.see_messages"),
            ("calls", "monitoring.phone_patients"),
        )
    }
    context = {
        **_about(asked, request),
        "filters": asked.filters,
        "today": request.clinic.day_of(asked.scope.now),
        "counted": numbers.dashboard(asked.scope),
        "lateness": [late.title for late in standing.LATENESS],
        "see_names": asked.may(request.user, "patients.see_clinical"),
        "see_lists": _sees_lists(asked, request),
        **{f"{name}_url": links.to(name) if allowed else "" for name, allowed in may.items()},
    }
    return render(request, "monitoring/dashboard.html", context)


def _sees_lists(asked: Asked, request: HttpRequest) -> bool:
    """Lists are open to those who treat patients, and, without a name on the page, to those who may export them."""
    may = (asked.may(request.user, name) for name in ("patients.see_clinical", "monitoring.export_lists"))
    return any(may)


@clinic_page("monitoring.see_dashboard")
def dashboard_list(request: HttpRequest, word: str) -> HttpResponse:
    """List the patients behind one number of the dashboard, or hand the list out as a file."""
    group = cohort.group(word)
    if group is None:
        raise Http404
    return _list(request, group, {})


@clinic_page("monitoring.see_dashboard")
def dashboard_doses(request: HttpRequest, year: int, month: int) -> HttpResponse:
    """List the doses that were given here in one month."""
    timing = request.GET.get("timing", "")
    timing = timing if timing in numbers.TIMINGS else ""
    try:
        group = numbers.doses_group(date(year, month, 1), timing)
    except ValueError as error:
        raise Http404 from error
    return _list(request, group, {"timing": timing})


def _list(request: HttpRequest, group: Group, more: dict[str, str]) -> HttpResponse:
    asked = asked_of(request)
    sees, exports = (
        asked.may(request.user, name) for name in ("patients.see_clinical", "monitoring.export_lists")
    )
    if not (sees or exports):
        raise PermissionDenied
    if request.GET.get("format") == "csv":
        if not exports:
            raise PermissionDenied
        return _file(request, group, asked, sees)
    kept = {**asked.kept, **more}
    today = asked.scope.today
    page = paging.page_of(group.values(asked.scope), BY_DATE, request.GET, kept) if sees else None
    who = _patients(page, today) if page else {}
    context = {
        **_about(asked, request),
        "title": group.title,
        "dated": group.dated,
        "headings": group.headings,
        "count": group.rows(asked.scope).count(),
        "sees": sees,
        "rows": [
            {
                **who[row["shown_who"]],
                "date": day(row["ordered_on"]),
                "cells": list(zip(group.headings, group.shown(row, today), strict=True)),
            }
            for row in (page.rows if page else ())
        ],
        "page": page,
        "file_url": "?" + urlencode({**kept, "format": "csv"}) if exports else "",
    }
    return render(request, "monitoring/dashboard_list.html", context)


@reauthentication_required
def _file(request: HttpRequest, group: Group, asked: Asked, sees: bool) -> HttpResponse:
    """Hand out a list as a file, to whoever has given their password just now; each clinic's trail says so."""
    rows = list_files.rows_of(group, asked.scope, clinical=sees)
    for clinic in asked.scope.clinics:
        detail = {"list": group.word, "rows": len(rows), **asked.kept}
        audit.record(request.user, "exported list", clinic=clinic, **detail)
    answer = HttpResponse(
        list_files.as_csv(list_files.headings(group, clinical=sees), rows),
        content_type="text/csv; charset=utf-8",
    )
    answer["Content-Disposition"] = 'attachment; filename="b12-clinic-list.csv"'
    return answer


def _patients(page: paging.Page, today: date) -> dict[int, dict[str, object]]:
    """Give who stands on a page, by key: one query more, so that no list is joined before it is cut."""
    columns = ("pk", "family_name", "given_names", "born_on", "record_number")
    found = Patient.objects.filter(pk__in={row["shown_who"] for row in page.rows}).values_list(*columns)
    return {
        pk: {
            "url": links.to("patient", pk),
            "name": family_first(family_name, given_names),
            "born": born(born_on, today),
            "record_number": record_number,
        }
        for pk, family_name, given_names, born_on, record_number in found
    }
