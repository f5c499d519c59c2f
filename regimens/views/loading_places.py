"""Booking all the loading doses of a course in one go."""

from datetime import date, time

from django.contrib import messages
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.dateparse import parse_date, parse_time

from patients import banner
from patients.acting import status_of
from patients.gate import patient_page
from patients.refusals import NotAllowed
from patients.templatetags.wording import weekday_day
from regimens import loading_places
from regimens.course_values import values_of
from regimens.forms.loading_places import LoadingForm
from regimens.models import Course
from regimens.services.loading_series import PlacesRefused
from regimens.services.loading_series import book_loading as book_all


@patient_page("regimens.book_appointment")
def book_loading(request, patient):
    """Propose a place for each loading dose that is left, let each be changed, and book all or none."""
    now = timezone.now()
    today = patient.clinic.day_of(now)
    course = Course.objects.open().filter(patient=patient).select_related("clinic", "patient").first()
    values = values_of([course])[course.pk] if course else None
    context = banner.about(patient, today, request.user)
    if values is None or not loading_places.doses_left(values, today):
        return render(request, "regimens/loading_places.html", context)
    saving = request.method == "POST" and "again" not in request.POST
    rows = loading_places.rows(
        values,
        now,
        wanted=_wanted(request.POST) if request.method == "POST" else (),
        at=_time(request.GET.get("at")),
        as_typed=saving,
    )
    booked_ahead = loading_places.booked_ahead(course, today)
    form = LoadingForm(
        request.POST if saving else None, rows=rows, clinic=patient.clinic, booked=booked_ahead
    )
    if request.method == "POST" and not saving:
        form.initial["nurse"] = request.POST.get("nurse", "")
    if saving and form.is_valid() and (booked := _booked(form, course, now, request.user)):
        last = booked[-1]
        messages.success(
            request,
            f"{len(booked)} loading doses are booked, the last on {weekday_day(last.on)} at {last.at:%H:%M}.",
        )
        return redirect("patient", patient.pk)
    context |= {"form": form, "rows": rows, "open_ended": values.plan.loading.doses is None}
    return render(request, "regimens/loading_places.html", context, status=status_of(form))


def _booked(form: LoadingForm, course: Course, now, user):
    try:
        return book_all(course=course, places=form.places(), nurse=form.nurse(), now=now, booked_by=user)
    except PlacesRefused as refusal:
        form.refuse(refusal.errors)
        form.add_error(None, str(refusal))
    except NotAllowed as refusal:
        form.add_error(refusal.field if refusal.field in form.fields else None, str(refusal))
    return None


def _wanted(typed) -> list[loading_places.Wanted]:
    """Read the days and times that were sent, in order; what cannot be read is None."""
    numbers = range(1, loading_places.MOST + 1)
    return [(_day(typed.get(f"on_{place}")), _time(typed.get(f"at_{place}"))) for place in numbers]


def _day(text: str | None) -> date | None:
    try:
        return parse_date(text or "")
    except ValueError:
        return None


def _time(text: str | None) -> time | None:
    try:
        found = parse_time(text or "")
    except ValueError:
        return None
    return found.replace(second=0, microsecond=0, tzinfo=None) if found else None
