"""The pages of a physician's answers to blood tests: a check let go, a result signed off."""

from datetime import date

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from patients.gate import patient_page
from patients.models import Analyte, Patient, Result
from patients.templatetags.wording import day as day_words
from regimens import readings
from regimens.course_values import CourseValues
from regimens.explained import lab_name
from regimens.forms.lab_checks import SignOffForm, WaiverForm
from regimens.lab_checks import next_check
from regimens.models import Course, Decision
from regimens.protocol.panels import PANEL, wanted
from regimens.protocol.sources import cite
from regimens.services import lab_checks
from regimens.services.blood_samples import watched_course
from regimens.views.showing import acted, done, open_course, show, today_of, typed, way_back

SIGNED = ("shown", "outcome", "reason")
READ_OR_ACT = require_http_methods(["GET", "HEAD", "POST"])


@patient_page("regimens.decide")
@READ_OR_ACT
def waive_lab_check(request: HttpRequest, patient: Patient) -> HttpResponse:
    """Let one lab check go, with a reason."""
    today = today_of(patient)
    course = (
        open_course(patient)
        or Course.objects.filter(patient__in=patient.record_keys, missed_lab_due_on__isnull=False)
        .select_related("patient", "clinic")
        .first()
    )
    checks = _open_checks(course, today) if course else []
    form = WaiverForm(
        typed(request),
        checks=[(f"{name} {due_on}", words) for name, due_on, words in checks],
        back=way_back(request, patient),
    )
    who = {"course": course, "on": today, "decided_by": request.user}
    said = "The check is let go; it has left the list."
    if acted(request, form, lab_checks.waive_lab_check, said, "name", "due_on", "reason", **who):
        return done(request, patient)
    rules = cite("R-24a", "R-25", "D-26", "C-02")
    return show(request, patient, today, "regimens/review_waive.html", form=form, checks=checks, rules=rules)


def _open_checks(course: Course, today: date) -> list[tuple[str, date, str]]:
    """Give the missed check and the next one, in words."""
    found = []
    for name, due_on in (
        (course.missed_lab_name, course.missed_lab_due_on),
        (course.lab_name, course.lab_due_on),
    ):
        if due_on:
            late = ", overdue" if name == course.missed_lab_name else ""
            found.append((name, due_on, f"{lab_name(name)}, due {day_words(due_on)}{late}"))
    return found


@patient_page("regimens.decide")
@READ_OR_ACT
def review_result(request: HttpRequest, patient: Patient, result_pk: int) -> HttpResponse:
    """Sign off one result as it is shown; it changes no schedule (D-30)."""
    today = today_of(patient)
    result = get_object_or_404(
        Result.objects.select_related("patient__clinic"), pk=result_pk, patient=patient
    )
    shown, fingerprint = lab_checks.as_shown(Result.objects.filter(pk=result.pk))
    form = SignOffForm(typed(request), back=way_back(request, patient), shown=fingerprint)
    who = {"result": result, "on": today, "decided_by": request.user}
    said = "The result is signed off."
    if acted(request, form, lab_checks.review_result, said, *SIGNED, **who):
        return done(request, patient)
    context = {
        "result": result,
        "results": shown,
        "answer": _signed_off([result.pk]).get(result.pk),
        "rules": cite("D-30"),
        "panel_url": address_of_panel(patient, result.collected_on),
    }
    return show(request, patient, today, "regimens/review_result.html", form=form, **context)


@patient_page("patients.see_clinical")
@READ_OR_ACT
def review_panel(request: HttpRequest, patient: Patient, year: int, month: int, day: int) -> HttpResponse:
    """Show the blood of one day; a physician signs off all of it that waits, as it is shown."""
    try:
        taken_on = date(year, month, day)
    except ValueError as error:
        raise Http404 from error
    today, decides = today_of(patient), request.user.has_perm("regimens.decide", patient)
    if request.method == "POST" and not decides:
        raise PermissionDenied
    everything = Result.objects.standing().filter(patient__in=patient.record_keys, collected_on=taken_on)
    shown, _fingerprint = lab_checks.as_shown(everything)
    if not shown:
        raise Http404
    waiting, fingerprint = lab_checks.as_shown(lab_checks.waiting_of(patient, taken_on))
    form = (
        SignOffForm(typed(request), back=way_back(request, patient), shown=fingerprint) if decides else None
    )
    who = {"patient": patient, "taken_on": taken_on, "on": today, "decided_by": request.user}
    said = f"{len(waiting)} result{'s are' if len(waiting) > 1 else ' is'} signed off."
    if form and acted(request, form, lab_checks.review_panel, said, *SIGNED, **who):
        return done(request, patient)
    answers = _signed_off([each.row["pk"] for each in shown])
    values = watched_course(patient)
    context = {
        "taken_on": taken_on,
        "results": [(each, answers.get(each.row["pk"])) for each in shown],
        "waiting": len(waiting),
        "missing": _missing(values, shown) if values else [],
        "next": next_check(values, today) if values else None,
        "rules": cite("R-24b", "C-03", "D-26", "D-28", "D-30"),
    }
    return show(request, patient, today, "regimens/review_panel.html", form=form, **context)


def address_of_panel(patient: Patient, taken_on: date) -> str:
    """Give the page of one day's blood."""
    return reverse("review_panel", args=[patient.pk, taken_on.year, taken_on.month, taken_on.day])


def _missing(values: CourseValues, shown: list[readings.Shown]) -> list[str]:
    """Give the tests of a whole panel that are not on record for the day."""
    there = {each.row["analyte"] for each in shown}
    asked = wanted(values.current.tests_b12)
    return [Analyte(test).label for test in PANEL if test in asked and test not in there]


def _signed_off(results: list[int]) -> dict[int, Decision]:
    """Give {result: what was decided about it, and by whom}."""
    rows = Decision.objects.filter(result__in=results, code=lab_checks.RESULT_REVIEW, until_on=None)
    return {row.result_id: row for row in rows.select_related("decided_by")}
