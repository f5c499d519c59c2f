"""The pages of a physician's answers to blood tests: a check let go, a result signed off."""

from datetime import date

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_http_methods

from patients.gate import patient_page
from patients.models import Patient, Result
from patients.templatetags.wording import day
from regimens.explained import lab_name
from regimens.forms.decisions import OutcomeForm
from regimens.forms.lab_checks import RESULT_OUTCOMES, WaiverForm
from regimens.models import Course, Decision
from regimens.protocol.sources import cite
from regimens.services import lab_checks
from regimens.views.showing import acted, done, open_course, show, today_of, typed, way_back

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
            found.append((name, due_on, f"{lab_name(name)}, due {day(due_on)}{late}"))
    return found


@patient_page("regimens.decide")
@READ_OR_ACT
def review_result(request: HttpRequest, patient: Patient, result_pk: int) -> HttpResponse:
    """Sign off a result that needs a look; it changes no schedule (D-30)."""
    today = today_of(patient)
    result = get_object_or_404(Result.objects.select_related("recorded_by"), pk=result_pk, patient=patient)
    form = OutcomeForm(typed(request), outcomes=RESULT_OUTCOMES, back=way_back(request, patient))
    who = {"result": result, "on": today, "decided_by": request.user}
    said = "The result is signed off."
    if acted(request, form, lab_checks.review_result, said, "outcome", "reason", **who):
        return done(request, patient)
    answer = _signed_off(result)
    context = {"result": result, "answer": answer, "rules": cite("D-30")}
    return show(request, patient, today, "regimens/review_result.html", form=form, **context)


def _signed_off(result: Result) -> Decision | None:
    """Give what was decided about a result, and by whom, where somebody was quicker."""
    return (
        Decision.objects.filter(result=result, code=lab_checks.RESULT_REVIEW)
        .select_related("decided_by")
        .first()
    )
