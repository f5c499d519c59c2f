"""Booking a place near the day it is due, and freeing it."""

from datetime import date, timedelta

from django.contrib import messages
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.dateparse import parse_date

from patients import banner
from patients.acting import act, status_of
from patients.gate import patient_page
from patients.templatetags.wording import weekday_day
from regimens.forms.appointments import AppointmentForm, CancelForm
from regimens.models import Appointment, Course
from regimens.services import appointments

DAYS_BEFORE, DAYS_AFTER = 3, 6
WHEN_LATE = timedelta(days=9)
FURTHEST = timedelta(days=730)


@patient_page("regimens.book_appointment")
def book_appointment(request, patient):
    """Offer the free times of a day near the date that is due, and book one."""
    now = timezone.now()
    today = patient.clinic.day_of(now)
    course = Course.objects.open().filter(patient=patient).select_related("patient").first()
    wanted = request.POST if request.method == "POST" else request.GET
    subject = Appointment.Subject.LAB if wanted.get("subject") == "lab" else Appointment.Subject.DOSE
    if course is None:
        context = banner.about(patient, today, request.user)
        return render(request, "regimens/appointment_form.html", context)
    span = _span(course, subject)
    suggested = patient.clinic.days.next_open(max(span[0], today))
    chosen = _chosen(wanted.get("on"), today) or suggested
    form = AppointmentForm(
        request.POST if request.method == "POST" else None,
        subject=subject,
        day=chosen,
        times=appointments.free_times(patient.clinic, chosen),
    )
    if request.method == "POST" and form.is_valid():
        booked = act(
            form,
            appointments.book,
            course=course,
            now=now,
            booked_by=request.user,
            **form.cleaned_data,
        )
        if booked is not None:
            messages.success(request, f"Booked for {weekday_day(booked.on)} at {booked.at:%H:%M}.")
            return redirect("patient", patient.pk)
        form.offer(appointments.free_times(patient.clinic, chosen))
    booked = Appointment.objects.filter(patient=patient, state=Appointment.State.BOOKED, subject=subject)
    context = {
        **banner.about(patient, today, request.user),
        "form": form,
        "course": course,
        "subject": subject,
        "span": span,
        "days": _days_to_offer(patient.clinic, span, suggested, today),
        "suggested": suggested,
        "chosen": chosen,
        "in_window": span[1] <= chosen <= span[2],
        "booked": booked.order_by("on", "at").first(),
    }
    return render(request, "regimens/appointment_form.html", context, status=status_of(form))


@patient_page("regimens.book_appointment")
def cancel_appointment(request, patient, appointment_pk):
    """Ask once more, then free a booked place."""
    appointment = get_object_or_404(patient.appointments.all(), pk=appointment_pk)
    today = patient.clinic.day_of(timezone.now())
    form = CancelForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        cancelled = act(form, appointments.cancel, appointment=appointment, cancelled_by=request.user)
        if cancelled is not None:
            messages.success(request, "The appointment was cancelled. The date it is due stands.")
            return redirect("patient", patient.pk)
    context = {**banner.about(patient, today, request.user), "form": form, "appointment": appointment}
    return render(request, "regimens/appointment_cancel.html", context, status=status_of(form))


def _span(course: Course, subject: str) -> tuple[date, date, date]:
    """Give the due date with its window: of the next dose, or of the blood test that was missed or comes next."""
    if subject == Appointment.Subject.DOSE:
        return course.next_due_on, course.window_opens_on, course.window_closes_on
    if course.missed_lab_due_on:
        return (course.missed_lab_due_on,) * 3
    return course.lab_due_on, course.lab_opens_on, course.lab_closes_on


def _days_to_offer(clinic, span, suggested: date, today: date) -> list[date]:
    """Give open days around the suggested one: inside the window, or the days after it where it is late or short."""
    _due_on, opens_on, closes_on = span
    day, last = max(opens_on, today), max(closes_on, suggested + WHEN_LATE)
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
