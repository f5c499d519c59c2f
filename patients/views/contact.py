"""Change names and contact, record consent to email."""

from copy import copy

from django.contrib import messages
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST

from patients import banner, services
from patients.acting import act, status_of
from patients.forms.contact import ConfirmForm, ConsentForm, EditForm
from patients.gate import patient_page
from patients.models import Patient
from patients.refusals import Stale


@patient_page("patients.register_patient")
def edit_patient(request, patient):
    """Change names and contact; refused when somebody else changed them since the page was opened."""
    today = patient.clinic.day_of(timezone.now())
    # A model form writes on its instance; the banner must go on showing the patient as on record.
    form = EditForm(request.POST if request.method == "POST" else None, instance=copy(patient), today=today)
    if request.method == "POST" and form.is_valid():
        changed = act(
            form,
            services.change_contact,
            patient=patient,
            version=form.cleaned_data["version"],
            changed_by=request.user,
            **{name: form.cleaned_data[name] for name in services.CONTACT},
        )
        if changed is not None:
            messages.success(request, "Names and contact are saved.")
            return redirect(patient)
        if isinstance(form.refusal, Stale):
            form.show_what_is_on_record(Patient.objects.get(pk=patient.pk))
    return _edit_page(request, patient, today, form=form)


@patient_page("patients.register_patient")
@require_POST
def record_email_consent(request, patient):
    """Record the patient's answer about being emailed."""
    form = ConsentForm(request.POST)
    if form.is_valid():
        recorded = act(
            form,
            services.record_email_consent,
            patient=patient,
            recorded_by=request.user,
            **form.cleaned_data,
        )
        if recorded is not None:
            messages.success(request, "The answer about email is recorded.")
            return redirect("edit_patient", patient.pk)
    return _edit_page(request, patient, patient.clinic.day_of(timezone.now()), consent=form)


@patient_page("patients.register_patient")
@require_POST
def confirm_email(request, patient):
    """Note that the address on record is the patient's own."""
    form = ConfirmForm(request.POST)
    if form.is_valid() and form.is_of(patient):
        confirmed = act(form, services.confirm_email, patient=patient, confirmed_by=request.user)
        if confirmed is not None:
            messages.success(request, "The email address is confirmed.")
            return redirect("edit_patient", patient.pk)
    return _edit_page(request, patient, patient.clinic.day_of(timezone.now()), confirm=form)


def _edit_page(request, patient, today, *, form=None, consent=None, confirm=None):
    """Show the three forms of the page; one of them may just have been refused."""
    sent = form or consent or confirm
    context = {
        **banner.about(patient, today, request.user),
        "sent": sent,
        "form": form or EditForm(instance=copy(patient), today=today),
        "consent": consent or ConsentForm(),
        "confirm": confirm or ConfirmForm(initial={"email": patient.email}),
        "consents": patient.email_consents.select_related("recorded_by"),
        "cancel_url": patient.get_absolute_url(),
    }
    return render(request, "patients/edit.html", context, status=status_of(sent))
