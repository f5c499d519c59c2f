"""The messages of a clinic, and the phone call made where one did not arrive."""

from django.contrib import messages as notices
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone

from monitoring.forms.messages import CallForm, MessageFilter
from monitoring.message_list import Wanted, page_of_messages
from monitoring.messages.calls import record_call
from monitoring.models import Message
from patients import audit, banner, links
from patients.acting import act, status_of
from patients.gate import clinic_page
from patients.models import Patient


@clinic_page("monitoring.see_messages")
def messages(request):
    """List every message of the clinic, newest first, with the reason for where it is."""
    form = MessageFilter(request.GET)
    wanted = form.wanted()
    about = None
    if wanted.patient:
        patients = Patient.objects.filter(clinic=request.clinic)
        about = get_object_or_404(patients, pk=wanted.patient)
        audit.opened(request.user, about, page="messages")
    context = {
        "form": form,
        "wanted": wanted,
        "about": about,
        "page": page_of_messages(request.clinic, wanted, request.GET),
        "calls": Message.objects.needing_a_call().filter(clinic=request.clinic).count(),
        "may_call": request.user.has_perm("patients.register_patient", request.clinic),
        "narrowed": wanted != Wanted(),
        "now": timezone.now(),
    }
    return render(request, "monitoring/messages.html", context)


@clinic_page("patients.register_patient")
def message_call(request, pk):
    """Note that the patient was phoned in the place of one message."""
    message = get_object_or_404(
        Message.objects.filter(clinic=request.clinic).select_related("patient__clinic"), pk=pk
    )
    if request.method == "GET":
        audit.opened(request.user, message.patient, page="message_call")
    form = CallForm(request.POST if request.method == "POST" else None)
    if request.user.has_perm("monitoring.see_messages", request.clinic):
        back_url = f"{links.to('messages')}?show=calls"
    else:
        back_url = message.patient.get_absolute_url()
    if request.method == "POST" and form.is_valid():
        called = act(
            form, record_call, message=message, note=form.cleaned_data["note"], called_by=request.user
        )
        if called is not None:
            notices.success(request, "The call is on record.")
            return redirect(back_url)
    today = message.patient.clinic.day_of(timezone.now())
    context = {
        **banner.about(message.patient, today, request.user),
        "form": form,
        "message": message,
        "back_url": back_url,
    }
    return render(request, "monitoring/message_call.html", context, status=status_of(form))
