"""Asking a physician about a patient, from any screen."""

from django.contrib import messages
from django.shortcuts import redirect, render
from django.utils import timezone

from patients import banner
from patients.acting import act, status_of
from patients.gate import patient_page
from regimens.forms.requests import AskForm
from regimens.models import Request
from regimens.services import courses, requests


@patient_page("regimens.ask_physician")
def ask_physician(request, patient):
    """Put a question, a wish or a report on the physicians' list."""
    today = patient.clinic.day_of(timezone.now())
    form = AskForm(
        request.POST if request.method == "POST" else None, initial={"kind": request.GET.get("kind")}
    )
    if request.method == "POST" and form.is_valid() and _ask(request, patient, form, today) is not None:
        messages.success(request, "A physician has been asked; it is on their list.")
        return redirect("patient", patient.pk)
    context = {**banner.about(patient, today, request.user), "form": form}
    return render(request, "regimens/request_form.html", context, status=status_of(form))


def _ask(request, patient, form, today):
    """A wish to stop has an act of its own: the plan goes on until a physician has spoken with the patient (D-16)."""
    said = form.cleaned_data
    if said["kind"] == Request.Kind.STOP:
        return act(
            form,
            courses.ask_to_stop,
            patient=patient,
            reason="patient_request",
            text=said["text"],
            on=today,
            raised_by=request.user,
        )
    return act(
        form,
        requests.ask_physician,
        patient=patient,
        kind=said["kind"],
        text=said["text"],
        same_day=said["same_day"],
        raised_on=today,
        raised_by=request.user,
    )
