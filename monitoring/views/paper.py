"""What is printed from the browser: the day sheet, a patient's card, the summary that goes along to another clinic."""

from django.contrib import messages
from django.forms import Form
from django.shortcuts import redirect, render
from django.utils import timezone

from monitoring import patient_page as pages
from monitoring.day_sheet import day_sheet
from monitoring.messages import card
from monitoring.worklist_rows import Viewer
from patients import banner
from patients.acting import act, status_of
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
    """Show the card a patient takes home: when and where, and whom to phone; it may be emailed too."""
    return _card(request, patient, timezone.now(), Form())


@patient_page("regimens.book_appointment")
def email_card(request, patient):
    """Email the card when the button was pressed; where it cannot be sent, say why beside the one to print."""
    now = timezone.now()
    if request.method != "POST":
        return redirect("appointment_card", patient.pk)
    form = Form(request.POST)
    sent = act(form, card.email_card, patient=patient, now=now, asked_by=request.user)
    if sent is None:
        return _card(request, patient, now, form)
    messages.success(request, _on_its_way(sent, patient.clinic))
    dose = patient.injections.filter(pk=_key(request.POST.get("injection"))).first()
    return redirect("injection", patient.pk, dose.pk) if dose else redirect("appointment_card", patient.pk)


def _card(request, patient, now, form):
    today = patient.clinic.day_of(now)
    page = pages.read(patient, today, clinical=False)
    context = {
        **banner.about(patient, today, request.user),
        "page": page,
        "booked": [booking for booking in page.booked if booking.on >= today],
        "card": card.look(patient, now),
        "form": form,
    }
    return render(request, "monitoring/appointment_card.html", context, status=status_of(form))


def _on_its_way(sent: card.Card, clinic) -> str:
    """Say when the letter leaves, or that it was asked for before."""
    if not sent.may_be_sent:
        return "This card was asked for before: nothing more is sent. It can be printed."
    if sent.writes_now:
        return "The card is on its way by email."
    return f"The card leaves by email when the clinic writes again, from {clinic.letters_from:%H:%M}."


def _key(text: str | None) -> int | None:
    return int(text) if text and text.isascii() and text.isdigit() and len(text) < 18 else None


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
