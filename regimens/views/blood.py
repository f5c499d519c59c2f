"""Blood was taken: recording it, looking at what is back, a sample that was lost, a record made by mistake."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from patients.acting import act
from patients.gate import patient_page
from patients.models import Analyte, Patient, Result
from patients.templatetags.wording import day
from regimens.course_values import CourseValues
from regimens.explained import lab_name
from regimens.forms.blood import BloodForm, LostForm, VoidSampleForm
from regimens.lab_checks import RESULTS_WITHIN, owed
from regimens.models import BloodSample
from regimens.protocol import catalogue
from regimens.protocol.sources import cite
from regimens.services import blood_samples
from regimens.views.showing import done, show, today_of, typed, way_back

READ_OR_ACT = require_http_methods(["GET", "HEAD", "POST"])


@patient_page("patients.record_clinical")
@READ_OR_ACT
def take_blood(request: HttpRequest, patient: Patient) -> HttpResponse:
    """Record that a panel was drawn. The check stays open until its results are on record."""
    today = today_of(patient)
    form = BloodForm(typed(request), today=today, back=way_back(request, patient))
    if form.is_bound and form.is_valid():
        who = {"patient": patient, "now": timezone.now(), "recorded_by": request.user}
        if sample := act(form, blood_samples.take_blood, **who, **_said(form)):
            messages.success(
                request,
                f"Blood taken on {day(sample.taken_on)} is on record. Its results are awaited; "
                f"from {day(sample.taken_on + RESULTS_WITHIN)} on they are listed as overdue.",
            )
            return done(request, patient)
    values = blood_samples.watched_course(patient)
    checks = owed(values, today) if values else None
    check = checks.open_on(today) if checks else None
    dose_on = values.history.last_needle_on if values else None
    context = {
        "owes": checks is not None and (checks.missed or checks.next) is not None,
        "check": check,
        "check_name": lab_name(check.name) if check else "",
        "is_overdue": check is not None and check.closes_on < today,
        "coming": checks and checks.next,
        "awaited": _awaited(values) if values else None,
        "dose_on": dose_on,
        "marked": dose_on is not None and 0 <= (today - dose_on).days <= catalogue.B12_AFTER_DOSE.value,
        "rules": cite("D-26", "R-24a"),
    }
    return show(request, patient, today, "regimens/blood_take.html", form=form, **context)


def _said(form: BloodForm) -> dict[str, object]:
    return {name: form.cleaned_data[name] for name in ("taken_on", "taken_by_name", "lab", "note")}


def _awaited(values: CourseValues) -> BloodSample | None:
    """Give the oldest sample whose results are not all back."""
    expected = BloodSample.objects.expected().filter(course=values.course)
    return expected.filter(taken_on__in=values.blood_awaited[:1]).first()


@patient_page("patients.see_clinical")
def blood_sample(request: HttpRequest, patient: Patient, sample_pk: int) -> HttpResponse:
    """Show one sample: what is back of it, what became of it."""
    today, sample = today_of(patient), _sample(patient, sample_pk)
    back = _back(sample)
    context = {
        "sample": sample,
        "check_name": lab_name(sample.check_name) if sample.check_name else "",
        "tests": [(Analyte(test).label, test in back) for test in sample.tests],
        "awaited": not (sample.voided_at or sample.lost_at) and not set(sample.tests) <= back,
        "overdue_from": sample.taken_on + RESULTS_WITHIN,
        "may_record": request.user.has_perm("patients.record_clinical", patient),
    }
    return show(request, patient, today, "regimens/blood_sample.html", **context)


@patient_page("patients.record_clinical")
@READ_OR_ACT
def lose_blood(request: HttpRequest, patient: Patient, sample_pk: int) -> HttpResponse:
    """Say that a sample will have no results; the check is to be drawn again."""
    today, sample = today_of(patient), _sample(patient, sample_pk)
    form = LostForm(typed(request), back=way_back(request, patient))
    if form.is_bound and form.is_valid():
        said = {"reason": form.cleaned_data["reason"], "recorded_by": request.user}
        if act(form, blood_samples.lose_sample, sample=sample, **said) is not None:
            messages.success(request, "The sample is lost. The check is listed again, to be drawn.")
            return done(request, patient)
    return show(request, patient, today, "regimens/blood_lost.html", form=form, sample=sample)


@patient_page("patients.record_clinical")
@READ_OR_ACT
def void_blood(request: HttpRequest, patient: Patient, sample_pk: int) -> HttpResponse:
    """Mark a record of blood taken as made by mistake; it stays visible."""
    today, sample = today_of(patient), _sample(patient, sample_pk)
    form = VoidSampleForm(typed(request), back=way_back(request, patient))
    if form.is_bound and form.is_valid():
        said = {"reason": form.cleaned_data["reason"], "now": timezone.now(), "voided_by": request.user}
        if act(form, blood_samples.void_sample, sample=sample, **said) is not None:
            messages.success(request, "The record was voided.")
            return redirect("blood_sample", patient.pk, sample.pk)
    return show(request, patient, today, "regimens/blood_void.html", form=form, sample=sample)


def _sample(patient: Patient, pk: int) -> BloodSample:
    rows = patient.blood_samples.select_related("recorded_by", "lost_by", "voided_by", "patient__clinic")
    return get_object_or_404(rows, pk=pk)


def _back(sample: BloodSample) -> set[str]:
    """Give the tests of that day that are on record."""
    results = Result.objects.standing().filter(
        patient__in=sample.patient.record_keys, collected_on=sample.taken_on
    )
    return set(results.values_list("analyte", flat=True))
