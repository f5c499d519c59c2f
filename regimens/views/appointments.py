"""One patient's places: booking one near the day it is due, moving it, freeing it, and saying that nobody came."""

from collections.abc import Callable
from datetime import date, datetime, timedelta

from django.contrib import messages
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.dateparse import parse_date

from patients import banner
from patients.acting import act, status_of
from patients.gate import patient_page
from patients.templatetags.wording import weekday_day
from regimens import slots
from regimens.forms.appointments import AppointmentForm, CancelForm, NoShowForm
from regimens.models import Appointment, Course
from regimens.services import appointments

DAYS_BEFORE, DAYS_AFTER = 3, 6
WHEN_LATE = timedelta(days=9)
FURTHEST = timedelta(days=730)
TRAIL = 12


@patient_page("regimens.book_appointment")
def book_appointment(request, patient):
    """Offer the free places nearest to the date that is due, and book one; a place booked for it already is moved."""
    now = timezone.now()
    course = Course.objects.open().filter(patient=patient).select_related("patient", "clinic").first()
    asked = request.POST if request.method == "POST" else request.GET
    subject = Appointment.Subject.LAB if asked.get("subject") == "lab" else Appointment.Subject.DOSE
    if course is None or slots.span_of(course, subject).due_on is None:
        context = banner.about(patient, patient.clinic.day_of(now), request.user)
        return render(request, "regimens/appointment_form.html", context)

    def save(**chosen):
        return appointments.book(course=course, subject=subject, now=now, booked_by=request.user, **chosen)

    booked = appointments.booked_for_next(course, subject)
    return _choose(request, course, subject, booked, save, now, moving=False)


@patient_page("regimens.book_appointment")
def move_appointment(request, patient, appointment_pk):
    """Move one booked place; what was booked before stays on record."""
    now = timezone.now()
    rows = patient.appointments.select_related("course__patient", "course__clinic", "nurse")
    appointment = get_object_or_404(rows, pk=appointment_pk)
    course = appointment.course
    if request.method != "POST" and not (course.is_open and appointment.state == Appointment.State.BOOKED):
        messages.error(request, appointments.NOT_BOOKED)
        return redirect("book_appointment", patient.pk)

    def save(**chosen):
        return appointments.move(appointment=appointment, now=now, moved_by=request.user, **chosen)

    return _choose(request, course, appointment.subject, appointment, save, now, moving=True)


def _choose(
    request,
    course: Course,
    subject: str,
    booked: Appointment | None,
    save: Callable,
    now: datetime,
    *,
    moving: bool,
):
    """Show the free places of a day and the nearest of all, and save the one chosen. A refusal offers others."""
    clinic, today = course.clinic, course.clinic.day_of(now)
    span = slots.span_of(course, subject)
    offers = slots.offered(course, now, subject=subject)
    suggested = _suggested(clinic, span, now, offers)
    posted = _typed(request, subject)
    chosen = _chosen((posted or request.GET).get("on"), today) or suggested
    besides = [booked.pk] if booked else []
    form = AppointmentForm(
        posted,
        subject=subject,
        day=chosen,
        times=slots.free_times(clinic, chosen, now, besides=besides),
        clinic=clinic,
        booked=booked,
    )
    if form.is_bound and form.is_valid():
        # A place chosen with one tap says nothing of a person: who was booked before stays.
        nurse = form.cleaned_data["nurse"] if "nurse" in posted else appointments.AS_BOOKED
        saved = act(form, save, on=form.cleaned_data["on"], at=form.cleaned_data["at"], nurse=nurse)
        if saved is not None:
            messages.success(request, _said(saved, booked))
            if request.POST.get("back") == "to_move":
                return redirect("appointments_to_move")
            return redirect("patient", course.patient_id)
        form.offer(slots.free_times(clinic, chosen, now, besides=besides))
    if form.is_bound:
        # Whoever was refused is offered what is free after the refusal, not what was free before it.
        offers = slots.offered(course, now, subject=subject)
    context = {
        **banner.about(course.patient, today, request.user),
        "form": form,
        "course": course,
        "subject": subject,
        "span": span,
        "days": _days_to_offer(clinic, span, suggested, today),
        "suggested": suggested,
        "chosen": chosen,
        "in_window": span.holds(chosen),
        "booked": booked,
        "moving": moving,
        "offers": offers,
        "offer_url": request.path,
        "trail": _trail(course, subject),
    }
    return render(request, "regimens/appointment_form.html", context, status=status_of(form))


def _said(saved: Appointment, before: Appointment | None) -> str:
    """Say what was booked, and where the person it was with before does not give injections here any more."""
    word = "Moved to" if before and saved.pk != before.pk else "Booked for"
    said = f"{word} {weekday_day(saved.on)} at {saved.at:%H:%M}"
    if saved.nurse:
        return f"{said} with {saved.nurse.shown_name()}."
    return f"{said}, with nobody in particular." if before and before.nurse else f"{said}."


@patient_page("regimens.book_appointment")
def cancel_appointment(request, patient, appointment_pk):
    """Ask why, then free a booked place."""
    appointment = get_object_or_404(patient.appointments.all(), pk=appointment_pk)
    form = CancelForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        cancelled = act(
            form,
            appointments.cancel,
            appointment=appointment,
            because=form.cleaned_data["because"],
            cancelled_by=request.user,
        )
        if cancelled is not None:
            messages.success(request, "The appointment was cancelled. The date it is due stands.")
            return redirect("patient", patient.pk)
    return _about_one(request, patient, appointment, form, "regimens/appointment_cancel.html")


@patient_page("regimens.book_appointment")
def record_no_show(request, patient, appointment_pk):
    """Say that nobody came; by a nurse, the dose is then recorded as not given."""
    now = timezone.now()
    appointment = get_object_or_404(patient.appointments.select_related("course"), pk=appointment_pk)
    form = NoShowForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        row = act(
            form, appointments.record_no_show, appointment=appointment, now=now, recorded_by=request.user
        )
        if row is not None:
            messages.success(request, "Recorded: did not attend. The date it is due stands.")
            if row is True:
                return redirect("book_appointment", patient.pk)
            return redirect("not_given", patient.pk, row.pk)
    return _about_one(request, patient, appointment, form, "regimens/appointment_no_show.html")


def _about_one(request, patient, appointment, form, template):
    today = patient.clinic.day_of(timezone.now())
    context = {
        **banner.about(patient, today, request.user),
        "form": form,
        "appointment": appointment,
        "may_say_why": request.user.has_perm("regimens.record_not_given", patient),
    }
    return render(request, template, context, status=status_of(form))


def _typed(request, subject: str):
    """Give what was sent; a place chosen with one tap comes as `slot` and is read as its day and time."""
    if request.method != "POST":
        return None
    typed = request.POST.copy()
    typed["subject"] = subject
    if "slot" in typed:
        typed["on"], _, typed["at"] = typed["slot"].partition("T")
    return typed


def _trail(course: Course, subject: str) -> list[Appointment]:
    """Give the earlier bookings of a course, newest first: who booked, moved or closed them, and where they went."""
    closed = Appointment.objects.filter(course=course, subject=subject).exclude(
        state=Appointment.State.BOOKED
    )
    return list(closed.select_related("booked_by", "closed_by", "moved_to", "nurse").order_by("-pk")[:TRAIL])


def _suggested(clinic, span: slots.Span, now: datetime, offers: list[slots.Slot]) -> date:
    """Give the first open day from the due date on; where nothing is free on it any more, the nearest that has a place."""
    day = clinic.days.next_open(max(span.due_on, clinic.day_of(now)))
    return offers[0].on if offers and not slots.free_times(clinic, day, now) else day


def _days_to_offer(clinic, span: slots.Span, suggested: date, today: date) -> list[date]:
    """Give open days around the suggested one: inside the window, or the days after it where it is late or short."""
    day, last = max(span.opens_on, today), max(span.closes_on, suggested + WHEN_LATE)
    open_days = []
    while day <= last:
        day = clinic.days.next_open(day)
        open_days.append(day)
        day += timedelta(days=1)
    at = open_days.index(suggested)
    return open_days[max(0, at - DAYS_BEFORE) : at + DAYS_AFTER]


def _chosen(text: str | None, today: date) -> date | None:
    """Read the day in the address; one that is no day, is past or is years away is not taken."""
    try:
        day = parse_date(text or "")
    except ValueError:
        return None
    return day if day and today <= day <= today + FURTHEST else None
