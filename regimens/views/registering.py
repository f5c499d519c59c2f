"""Registering a patient, after a look at those who may be the same person; here, since it shows when each was last seen."""

from django.contrib import messages
from django.shortcuts import redirect, render
from django.utils import timezone

from patients import services
from patients.acting import act, status_of
from patients.forms.contact import RegisterForm
from patients.gate import clinic_page
from regimens.last_visits import last_visits


@clinic_page("patients.register_patient")
def register_patient(request):
    """Register a patient; whoever is like this one is shown first, and nothing is written until that is settled."""
    today = request.clinic.day_of(timezone.now())
    form = RegisterForm(request.POST if request.method == "POST" else None, today=today)
    if form.is_bound and form.is_valid():
        patient = act(
            form,
            services.register_patient,
            clinic=request.clinic,
            registered_by=request.user,
            other_than=form.looked_at(),
            **{name: form.cleaned_data[name] for name in services.CONTACT},
        )
        if patient is not None:
            messages.success(request, "The patient is registered.")
            return redirect(patient)
        if isinstance(form.refusal, services.PerhapsTheSame):
            form.ask_whether_the_same(form.refusal.like)
    visits = last_visits(form.like)
    context = {
        "form": form,
        "like": [(patient, visits.get(patient.pk)) for patient in form.like],
        "cancel_url": "/",
        "today": today,
    }
    return render(request, "patients/register.html", context, status=status_of(form))
