"""The blood tests of a clinic, on one page."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone

from monitoring import blood_test_rows, blood_tests
from monitoring.forms.blood_tests import BloodTestsFilter
from patients.gate import clinic_page
from regimens.lab_checks import RESULTS_WITHIN

ASKED = ("patients.record_clinical", "regimens.decide")


@clinic_page("patients.see_clinical")
def blood_tests_page(request: HttpRequest) -> HttpResponse:
    """Show how many stand where, and one list a page at a time."""
    now = timezone.now()
    today = request.clinic.day_of(now)
    form = BloodTestsFilter(request.GET)
    wanted = form.wanted()
    page = blood_tests.page(request.clinic, today, wanted, request.GET)
    may = {permission for permission in ASKED if request.user.has_perm(permission, request.clinic)}
    counts = blood_tests.count(request.clinic, today, wanted)
    kept = {name: value for name, value in wanted.in_address.items() if name != "list" and value}
    context = {
        "now": now,
        "form": form,
        "wanted": wanted,
        "title": blood_tests.LISTS[wanted.list],
        "counts": counts,
        "parts": [(part, counts.parts[part.word], _address(part.word, kept)) for part in blood_tests.PARTS]
        if counts.parts is not None
        else None,
        "addresses": {name.replace("-", "_"): _address(name, kept) for name in blood_tests.LISTS},
        "headings": blood_test_rows.HEADINGS.get(wanted.list, ("Check", "When")),
        "page": page,
        "rows": blood_test_rows.rows(page.rows, wanted, today, may) if page else None,
        "newest_first": wanted.list in (blood_tests.REVIEWED, blood_tests.LET_GO),
        "empty": _empty(wanted),
        "within": RESULTS_WITHIN.days,
        "narrowed": bool(wanted.check or wanted.marked),
        "period": blood_tests.PERIODS[wanted.days],
    }
    return render(request, "monitoring/blood_tests.html", context)


def _address(word: str, kept: dict) -> str:
    return "?" + "&".join(f"{name}={value}" for name, value in {"list": word, **kept}.items())


def _empty(wanted: blood_tests.Wanted) -> str:
    part = blood_tests.BY_WORD.get(wanted.list)
    return part.empty if part else "Nothing stands here."
