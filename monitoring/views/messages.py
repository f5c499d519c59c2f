"""The messages of a clinic."""

from django.shortcuts import get_object_or_404, render
from django.utils import timezone

from monitoring.calls import listing
from monitoring.forms.messages import MessageFilter
from monitoring.message_list import Wanted, page_of_messages
from patients import audit, links
from patients.gate import clinic_page
from patients.models import Patient


@clinic_page("monitoring.see_messages")
def messages(request):
    """List every message of the clinic, newest first, with the reason for where it is."""
    now = timezone.now()
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
        "calls": listing.count(request.clinic, request.clinic.day_of(now)),
        "calls_url": links.to("calls")
        if request.user.has_perm("monitoring.phone_patients", request.clinic)
        else "",
        "narrowed": wanted != Wanted(),
        "now": now,
    }
    return render(request, "monitoring/messages.html", context)
