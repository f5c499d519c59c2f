"""Bookings that cannot stay where they are, why, and the place proposed for each.

Nothing is stored: a booking is on the list while its day is closed, its time outside the clinic's hours, before the
window of its dose or after it, or inside a pause; moved or cancelled, it is gone.
"""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date, datetime
from itertools import islice

from django.db.models import F, Max, Q, QuerySet

from patients.models import Clinic
from regimens.course_values import values_of
from regimens.models import Appointment, Course
from regimens.protocol import schedule
from regimens.protocol.clinic_days import ClinicDays
from regimens.slots import LOOK_AHEAD, ONE_DAY, FreePlaces, Slot, Span, span_of

SHOWN = 50
LOADING_AHEAD = 24
DOSE = Appointment.Subject.DOSE


@dataclass(frozen=True)
class ToMove:
    """One booking that must be moved, in words why, and the place proposed; None where nothing is free."""

    booking: Appointment
    why: str
    slot: Slot | None
    span: Span


def to_move(clinic: Clinic, today: date) -> QuerySet:
    """Give the bookings from today on that cannot stay. Two queries, over the bookings of the days to come."""
    booked = Appointment.objects.booked().filter(clinic=clinic, on__gte=today)
    last = booked.aggregate(last=Max("on"))["last"] or today
    closed = [day for day in _days(today, last) if not clinic.days.is_open(day)]
    is_early = Q(subject=DOSE, course__window_opens_on__gt=F("on"))
    is_paused = Q(subject=DOSE, course__paused_until__gt=F("on"))
    # Booked for a later date than the one due now: the date was moved to the front. One who is late anyway is not meant.
    is_late = Q(subject=DOSE, due_on__gt=F("course__next_due_on"), on__gt=F("course__window_closes_on"))
    is_late &= ~Q(course__phase=Course.Phase.LOADING)
    return booked.filter(
        Q(on__in=closed)
        | Q(at__lt=clinic.opens_at)
        | Q(at__gte=clinic.closes_at)
        | is_early
        | is_paused
        | is_late
    ).order_by("on", "at", "pk")


def proposals(
    clinic: Clinic, bookings: QuerySet, now: datetime, open_days: ClinicDays | None = None
) -> list[ToMove]:
    """Propose a place for each of the first bookings, none for two; the same few queries however many there are."""
    open_days, today = open_days or clinic.days, clinic.day_of(now)
    found = list(bookings.select_related("patient", "course__clinic", "nurse")[:SHOWN])
    if not found:
        return []
    spans = _spans(found, open_days, today)
    last = max(max(span.closes_on, today) for span in spans.values()) + LOOK_AHEAD + ONE_DAY
    places = FreePlaces(clinic, today, last, now, open_days=open_days)
    rows = []
    for booking in sorted(found, key=lambda each: (spans[each.pk].closes_on, each.on, each.at, each.pk)):
        slot = _nearest(places, booking, spans[booking.pk], today)
        if slot:
            places.promise(slot)
        rows.append(ToMove(booking, _why(booking, clinic, open_days), slot, spans[booking.pk]))
    return sorted(rows, key=lambda row: (row.booking.on, row.booking.at, row.booking.pk))


def _nearest(places: FreePlaces, booking: Appointment, span: Span, today: date) -> Slot | None:
    """Give the place in the window nearest to what was booked, at the same time of day; tomorrow at the soonest.

    Somebody has to be told first, so nobody is moved to today.
    """
    wanted = booking.on if span.holds(booking.on) else span.due_on
    return places.first(span._replace(due_on=wanted), booking.at, today + ONE_DAY)


def _spans(found: list[Appointment], open_days: ClinicDays, today: date) -> dict[int, Span]:
    """Give the window each booking serves; that of a loading dose is its day as it falls on these open days."""
    loading = {
        each.course_id: each.course
        for each in found
        if each.subject == DOSE and each.course.phase == Course.Phase.LOADING
    }
    values = values_of(loading.values()) if loading else {}
    others = defaultdict(set)
    for course, on in (
        Appointment.objects.booked()
        .filter(course__in=loading, subject=DOSE)
        .exclude(pk__in=[each.pk for each in found])
        .values_list("course_id", "on")
    ):
        others[course].add(on)
    spans = {}
    for each in found:
        if each.subject != DOSE or each.course_id not in loading:
            spans[each.pk] = span_of(each.course, each.subject)
            continue
        of = values[each.course_id]
        days = islice(schedule.loading_slots(of.plan, of.history, open_days, today), LOADING_AHEAD)
        left = [day for day in days if day not in others[each.course_id]]
        day = next((day for day in left if day >= each.on), open_days.next_open(max(each.on, today)))
        others[each.course_id].add(day)
        spans[each.pk] = Span(day, day, day)
    return spans


def _why(booking: Appointment, clinic: Clinic, open_days: ClinicDays) -> str:
    if not open_days.is_open(booking.on):
        return "The clinic is closed on this day"
    if not clinic.opens_at <= booking.at < clinic.closes_at:
        return "Outside the clinic's hours"
    course = booking.course
    if course.paused_until and course.paused_until > booking.on:
        return "Nothing is to be given before the end of a pause"
    if course.window_closes_on and course.window_closes_on < booking.on:
        return "After the window of the dose, which is due sooner than it was"
    return "Before the window of the dose opens"


def _days(first: date, last: date) -> list[date]:
    return [first + ONE_DAY * number for number in range((last - first).days + 1)]
