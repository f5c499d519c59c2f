"""Patients to phone: the list, what came of a call, putting somebody on the list, and taking back what was wrong."""

from django.contrib import messages
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone

from monitoring.calls import listing, reasons, record
from monitoring.forms.calls import AskedCallForm, CallForm
from monitoring.models import Call, Outcome
from patients import banner, links
from patients.acting import act, status_of
from patients.gate import clinic_page, patient_page
from patients.templatetags.wording import weekday_day
from regimens.forms.voiding import VoidForm

# Where an outcome leads at once, for those who may: the page, the permission there, what is said on the way.
LEADS_TO = {
    Outcome.BOOKED: ("book_appointment", "regimens.book_appointment", "Book the place now."),
    Outcome.WRONG_NUMBER: ("edit_patient", "patients.register_patient", "Find and mend the number."),
    Outcome.MOVED: ("transfer_out", "regimens.change_course", "Record the transfer."),
    Outcome.DIED: ("record_death", "regimens.record_death", "Record the death."),
}
NEXT = {
    Outcome.BOOKED: "Book the place: until that is done, the patient stays on the list.",
    Outcome.SPOKEN: "Nothing is due. The dates of the patient stand as they are.",
    Outcome.WRONG_NUMBER: "Find and mend the number: until somebody is reached, the patient stays on the list.",
    Outcome.MOVED: "A physician has been asked: treatment here goes on until the other clinic has taken over.",
    Outcome.REFUSED: "A physician has been asked, and will speak with the patient. The plan stands until then.",
    Outcome.DIED: "A physician has been asked. Nobody phones this patient meanwhile.",
}


@clinic_page("monitoring.phone_patients")
def calls(request):
    """List the patients to phone, longest waiting first."""
    now = timezone.now()
    today = request.clinic.day_of(now)
    clinical = request.user.has_perm("patients.see_clinical", request.clinic)
    context = {
        "page": listing.read(request.clinic, today, request.GET, clinical=clinical),
        "count": listing.count(request.clinic, today),
        "now": now,
    }
    return render(request, "monitoring/calls.html", context)


@patient_page("monitoring.phone_patients")
def record_call(request, patient):
    """Phone one patient, and write what came of it."""
    now = timezone.now()
    today = patient.clinic.day_of(now)
    subject, newest = record.subject_of(patient, today), record.newest_call(patient)
    form = CallForm(
        request.POST if request.method == "POST" else None,
        subject=subject,
        message_on=record.day_after_a_message(patient, subject, today),
        coming_on=patient.clinic.days.next_open(max(subject.due_on or today, today)),
        after=newest.pk if newest else 0,
    )
    if request.method == "POST" and form.is_valid():
        call = act(
            form, record.record_call, patient=patient, now=now, called_by=request.user, **form.cleaned_data
        )
        if call is not None:
            return _onwards(request, call)
    clinical = request.user.has_perm("patients.see_clinical", patient)
    context = {
        **banner.about(patient, today, request.user),
        "form": form,
        "row": listing.row_of(patient, today, clinical=clinical),
        "asked": subject.asked,
        "earlier": Call.objects.filter(patient=patient).select_related("called_by", "voided_by")[:5],
        "back_url": links.to("calls"),
    }
    return render(request, "monitoring/call_form.html", context, status=status_of(form))


def _onwards(request, call):
    """Lead to the page an outcome asks for, if this person may go there; else to what was recorded."""
    name, permission, said = LEADS_TO.get(Outcome(call.outcome), ("", "", ""))
    if not (name and request.user.has_perm(permission, call.patient)):
        return redirect("call", call.patient_id, call.pk)
    messages.success(request, f"The call is on record. {said}")
    if name == "book_appointment":
        return redirect(listing.booking_address(call))
    return redirect(name, call.patient_id)


@patient_page("monitoring.phone_patients")
def call(request, patient, call_pk):
    """Show what came of a call, what comes next, and how to undo it."""
    found = get_object_or_404(patient.calls.select_related("called_by", "voided_by", "request"), pk=call_pk)
    outcome = Outcome(found.outcome)
    context = {
        **banner.about(patient, patient.clinic.day_of(timezone.now()), request.user),
        "call": found,
        "next": NEXT.get(outcome, ""),
        "onwards": _way_on(request, found, outcome),
    }
    return render(request, "monitoring/call.html", context)


def _way_on(request, found, outcome):
    """Give the address and the words of what the outcome leads to, for those who may go there."""
    name, permission, said = LEADS_TO.get(outcome, ("", "", ""))
    if not name or found.voided_at or not request.user.has_perm(permission, found.patient):
        return None
    address = (
        listing.booking_address(found) if name == "book_appointment" else links.to(name, found.patient_id)
    )
    return address, said.rstrip(".")


@patient_page("monitoring.phone_patients")
def void_call(request, patient, call_pk):
    """Void a call that was wrongly recorded: the patient is back on the list."""
    now = timezone.now()
    found = get_object_or_404(patient.calls.select_related("patient__clinic", "request"), pk=call_pk)
    about = f"Call of {weekday_day(found.called_on)}: {found.get_outcome_display()}."
    act_of = {"service": record.void_call, "call": found, "now": now}
    return _void_page(request, patient, about, "The call is voided. The patient is back on the list.", act_of)


@patient_page("monitoring.phone_patients")
def ask_call(request, patient):
    """Put a patient on the list from a day on, with the reason."""
    now = timezone.now()
    today = patient.clinic.day_of(now)
    form = AskedCallForm(request.POST if request.method == "POST" else None, today=today)
    if request.method == "POST" and form.is_valid():
        asked = act(
            form, record.ask_for_call, patient=patient, now=now, asked_by=request.user, **form.cleaned_data
        )
        if asked is not None:
            messages.success(request, f"On the phone list from {weekday_day(asked.call_on)} on.")
            return redirect(patient)
    context = {
        **banner.about(patient, today, request.user),
        "form": form,
        "standing": reasons.unanswered()
        .filter(patient__in=patient.record_keys)
        .select_related("asked_by")
        .first(),
        "back_url": patient.get_absolute_url(),
    }
    return render(request, "monitoring/call_ask.html", context, status=status_of(form))


@patient_page("monitoring.phone_patients")
def void_asked_call(request, patient, asked_pk):
    """Take back that somebody asked for a call."""
    found = get_object_or_404(patient.asked_calls.select_related("patient__clinic"), pk=asked_pk)
    about = f"Asked for a call from {weekday_day(found.call_on)} on: {found.reason}"
    act_of = {"service": record.void_asked_call, "asked": found}
    return _void_page(request, patient, about, "The wish for a call is voided.", act_of)


def _void_page(request, patient, about: str, said: str, act_of: dict):
    """Ask why a record is wrong, and void it."""
    form = VoidForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        done = act(form, **act_of, reason=form.cleaned_data["reason"], voided_by=request.user)
        if done is not None:
            messages.success(request, said)
            return redirect(patient)
    today = patient.clinic.day_of(timezone.now())
    context = {**banner.about(patient, today, request.user), "form": form, "about": about}
    return render(request, "monitoring/call_void.html", context, status=status_of(form))
