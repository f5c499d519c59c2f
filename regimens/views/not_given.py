"""A dose that was not given: why, the next step and its day; and voiding that record."""

from django.contrib import messages
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone

from patients import banner, links
from patients.acting import act, status_of
from patients.gate import patient_page
from regimens.forms.not_given import NotGivenForm
from regimens.forms.voiding import VoidForm
from regimens.models import Course, NotGiven
from regimens.services import not_given

NEXT = {
    "book_appointment": "regimens.book_appointment",
    "ask_physician": "regimens.ask_physician",
}
TODAY = {"today": "monitoring.see_worklist"}


@patient_page("regimens.record_not_given")
def record_not_given(request, patient):
    """Record why a planned dose was not given."""
    now = timezone.now()
    today = patient.clinic.day_of(now)
    course = Course.objects.open().filter(patient=patient).select_related("patient").first()
    form = NotGivenForm(request.POST if request.method == "POST" else None, today=today)
    if course and request.method == "POST" and form.is_valid():
        row = act(
            form,
            not_given.record_not_given,
            course=course,
            now=now,
            recorded_by=request.user,
            **form.cleaned_data,
        )
        if row is not None:
            return redirect("not_given", patient.pk, row.pk)
    context = {**banner.about(patient, today, request.user), "form": form, "course": course}
    return render(request, "regimens/not_given_form.html", context, status=status_of(form))


@patient_page("patients.see_clinical")
def dose_not_given(request, patient, row_pk):
    """Show what was recorded, and the next step with its day."""
    today = patient.clinic.day_of(timezone.now())
    rows = patient.doses_not_given.select_related("course__clinic", "recorded_by", "voided_by")
    row = get_object_or_404(rows, pk=row_pk)
    allowed = links.allowed(request.user, patient, NEXT, patient.pk)
    context = {
        **banner.about(patient, today, request.user),
        "row": row,
        "next_step": not_given.NEXT_STEP[row.reason],
        "suggested_on": not_given.suggested_day(row.course, today) if row.course.is_open else None,
        "declined": row.reason == NotGiven.Reason.DECLINED,
        "book_url": allowed.get("book_appointment"),
        "ask_url": allowed.get("ask_physician"),
        "today_url": links.allowed(request.user, patient, TODAY).get("today"),
        "may_void": row.voided_at is None and request.user.has_perm("regimens.record_not_given", patient),
    }
    return render(request, "regimens/not_given.html", context)


@patient_page("regimens.record_not_given")
def void_not_given(request, patient, row_pk):
    """Void the record of a dose not given."""
    row = get_object_or_404(patient.doses_not_given.all(), pk=row_pk)
    form = VoidForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        voided = act(
            form,
            not_given.void_not_given,
            row=row,
            voided_by=request.user,
            reason=form.cleaned_data["reason"],
        )
        if voided is not None:
            messages.success(request, "The record was voided.")
            return redirect("patient", patient.pk)
    today = patient.clinic.day_of(timezone.now())
    context = {**banner.about(patient, today, request.user), "form": form, "row": row}
    return render(request, "regimens/not_given_void.html", context, status=status_of(form))
