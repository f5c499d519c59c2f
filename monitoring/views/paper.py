"""What is printed from the browser: the day sheet, a patient's card, the summary that goes along to another clinic."""

from django.shortcuts import render
from django.utils import timezone

from monitoring import patient_page as pages
from monitoring.day_sheet import day_sheet
from monitoring.worklist_rows import Viewer
from patients import banner
from patients.clinical_facts import BY_TOPIC, in_words
from patients.gate import clinic_page, patient_page
from patients.models.facts import Topic
from regimens.course_values import patient_keys
from regimens.facts import facts_of
from regimens.known_facts import known_facts
from regimens.models import Injection
from regimens.models.course import EndReason
from regimens.protocol.codes import CODES
from regimens.services.clinical import latest_answers

LAST_DOSES = 6
NEVER_A_REASON = (CODES["B-STOP-LEVELS"], CODES["B-STOP-SYMPTOMS"])


@clinic_page("monitoring.see_worklist")
def print_day(request):
    """Show the day as it is printed before the first patient comes."""
    now = timezone.now()
    today = request.clinic.day_of(now)
    clinical = request.user.has_perm("patients.see_clinical", request.clinic)
    context = {"parts": day_sheet(request.clinic, today, Viewer(clinical)), "clinical": clinical, "now": now}
    return render(request, "monitoring/day_sheet.html", context)


@patient_page("regimens.book_appointment")
def appointment_card(request, patient):
    """Show the card a patient takes home: when and where, and whom to phone."""
    today = patient.clinic.day_of(timezone.now())
    page = pages.read(patient, today, clinical=False)
    booked = [booking for booking in page.booked if booking.on >= today]
    context = {**banner.about(patient, today, request.user), "page": page, "booked": booked}
    return render(request, "monitoring/appointment_card.html", context)


@patient_page("patients.see_clinical")
def transfer_summary(request, patient):
    """Show what the next clinic must know to go on without a gap."""
    now = timezone.now()
    today = patient.clinic.day_of(now)
    page = pages.read(patient, today, clinical=True)
    doses = Injection.objects.counting().filter(patient__in=patient_keys(patient))
    ended_well = page.course and page.course.end_reason == EndReason.REVERSIBLE_CAUSE_RESOLVED
    context = {
        **banner.about(patient, today, request.user),
        "page": page,
        "now": now,
        "doses": doses.order_by("-given_on", "-pk")[:LAST_DOSES],
        "cause": _cause(patient),
        "facts": known_facts(patient, facts_of(patient, today), today),
        "never_a_reason": () if ended_well else NEVER_A_REASON,
    }
    return render(request, "monitoring/transfer_summary.html", context)


def _cause(patient) -> str:
    question = BY_TOPIC[Topic.CAUSE]
    return in_words(question, latest_answers(patient).get(Topic.CAUSE))
