"""A dose that was not given: why, the next step and its day; and voiding that record."""

from datetime import timedelta

from django.contrib import messages
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone

from patients import banner, links
from patients.acting import act, status_of
from patients.gate import patient_page
from regimens import dose_screen
from regimens.forms.not_given import NotGivenForm
from regimens.forms.voiding import VoidForm
from regimens.models import Course, NotGiven
from regimens.services import had_elsewhere, not_given

NEXT = {
    "book_appointment": "regimens.book_appointment",
    "ask_physician": "regimens.ask_physician",
}
TODAY = {"today": "monitoring.see_worklist"}


@patient_page("regimens.record_not_given")
def record_not_given(request, patient):
    """Record why a planned dose was not given; one that was had elsewhere is recorded as that dose."""
    now = timezone.now()
    today = patient.clinic.day_of(now)
    course = Course.objects.open().filter(patient=patient).select_related("patient__clinic", "clinic").first()
    form = NotGivenForm(
        request.POST if request.method == "POST" else None,
        patient=patient,
        today=today,
        next_open_on=patient.clinic.days.next_open(today + timedelta(days=1)),
    )
    if course and request.method == "POST" and form.is_valid():
        row = _record(form, patient, course, {"now": now, "recorded_by": request.user})
        if row is not None:
            return redirect("injection" if form.was_had else "not_given", patient.pk, row.pk)
    context = {**banner.about(patient, today, request.user), "form": form, "course": course}
    return render(request, "regimens/not_given_form.html", context, status=status_of(form))


def _record(form, patient, course, who):
    """Write the dose that was had elsewhere, in the form the plan gives it; or why there was none."""
    if not form.was_had:
        return act(form, not_given.record_not_given, course=course, **who, **form.why())
    planned = dose_screen.prefill(patient, dose_screen.Vial()).form
    return act(form, had_elsewhere.record_had_elsewhere, patient=patient, dose=planned, **who, **form.had())


@patient_page("patients.see_clinical")
def dose_not_given(request, patient, row_pk):
    """Show what was recorded, and the next step with its day."""
    today = patient.clinic.day_of(timezone.now())
    rows = patient.doses_not_given.select_related("course__clinic", "recorded_by", "voided_by", "request")
    row = get_object_or_404(rows, pk=row_pk)
    allowed = links.allowed(request.user, patient, NEXT, patient.pk)
    context = {
        **banner.about(patient, today, request.user),
        "row": row,
        "next_step": not_given.NEXT_STEP[row.reason],
        "suggested_on": not_given.suggested_day(row.course, today) if row.course.is_open else None,
        "declined": row.reason == NotGiven.Reason.DECLINED and row.request is None,
        "book_url": allowed.get("book_appointment"),
        "ask_url": allowed.get("ask_physician"),
        "today_url": links.allowed(request.user, patient, TODAY).get("today"),
        "may_void": row.voided_at is None and request.user.has_perm("regimens.record_not_given", patient),
    }
    return render(request, "regimens/not_given.html", context)


@patient_page("regimens.record_not_given")
def void_not_given(request, patient, row_pk):
    """Void the record of a dose not given."""
    now = timezone.now()
    row = get_object_or_404(patient.doses_not_given.select_related("patient__clinic", "request"), pk=row_pk)
    form = VoidForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        voided = act(
            form,
            not_given.void_not_given,
            row=row,
            now=now,
            voided_by=request.user,
            reason=form.cleaned_data["reason"],
        )
        if voided is not None:
            messages.success(request, "The record was voided.")
            return redirect("patient", patient.pk)
    today = patient.clinic.day_of(now)
    context = {**banner.about(patient, today, request.user), "form": form, "row": row}
    return render(request, "regimens/not_given_void.html", context, status=status_of(form))
