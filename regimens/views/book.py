"""The clinic's book: a week and a month with load against capacity, a day with its people, and who is not booked yet."""

from datetime import date, timedelta

from django.shortcuts import render
from django.utils import timezone
from django.utils.dateparse import parse_date

from patients.gate import clinic_page
from patients.paging import FIRST_DAY, LAST_DAY, page_of
from regimens import book, slots, to_move

MARGIN = timedelta(days=400)  # so that a step from the last day still leads to a day
MOST_DAYS = 62


@clinic_page("regimens.book_appointment")
def week(request):
    """Show one week: the load of every hour of every day, and the doses expected that nobody has booked."""
    clinic, now = request.clinic, timezone.now()
    today = clinic.day_of(now)
    first = book.monday_of(asked_day(request, "on") or today)
    last = first + book.WEEK - book.ONE_DAY
    days = book.days(clinic, first, last, today)
    hours = book.hours_of(days, clinic)
    people = book.with_whom(clinic, first, last)
    context = {
        "first": first,
        "last": last,
        "earlier": first - book.WEEK,
        "later": first + book.WEEK,
        "now": now,
        "hours": hours,
        "rows": [(day, _cells(day, hours), people.get(day.on, ())) for day in days],
        "astray": to_move.to_move(clinic, today).count(),
        **_sums(days),
    }
    return render(request, "regimens/book_week.html", context)


@clinic_page("regimens.book_appointment")
def month(request):
    """Show one month, a day at a time."""
    clinic, now = request.clinic, timezone.now()
    today = clinic.day_of(now)
    first, last = book.month_of(asked_day(request, "on") or today)
    days = book.days(clinic, first, last, today)
    context = {
        "first": first,
        "last": last,
        "earlier": first - book.ONE_DAY,
        "later": last + book.ONE_DAY,
        "now": now,
        "days": days,
        **_sums(days),
    }
    return render(request, "regimens/book_month.html", context)


@clinic_page("regimens.book_appointment")
def day(request):
    """Show who is booked on a day, by time, with the acts on each booking."""
    clinic, now = request.clinic, timezone.now()
    today = clinic.day_of(now)
    on = asked_day(request, "on") or today
    [shown] = book.days(clinic, on, on, today)
    booked = book.of_day(clinic, on)
    people = {each.nurse_id: each.nurse.shown_name() for each in booked if each.nurse_id}
    nurse = _asked_person(request, people)
    context = {
        "day": shown,
        "earlier": on - book.ONE_DAY,
        "later": on + book.ONE_DAY,
        "now": now,
        "has_come": on <= today,
        "booked": [each for each in booked if nurse is None or each.nurse_id == nurse],
        "everybody": len(booked),
        "people": sorted(people.items(), key=lambda item: (item[1], item[0])),
        "nurse": nurse,
        "free": slots.free_times(clinic, on, now),
    }
    return render(request, "regimens/book_day.html", context)


@clinic_page("regimens.book_appointment")
def not_booked(request):
    """List the doses expected in a range of days that nobody has booked, each with the way to book it."""
    clinic, now = request.clinic, timezone.now()
    today = clinic.day_of(now)
    first = asked_day(request, "from") or today
    last = min(max(asked_day(request, "to") or first, first), first + timedelta(days=MOST_DAYS))
    rows = book.not_booked(clinic, first, last, today).values(*book.UNBOOKED_COLUMNS)
    context = {
        "first": first,
        "last": last,
        "now": now,
        "page": page_of(rows, book.UNBOOKED_ORDER, request.GET, {"from": first, "to": last}),
    }
    return render(request, "regimens/book_not_booked.html", context)


@clinic_page("regimens.book_appointment")
def must_move(request):
    """List the bookings that cannot stay, each with a place proposed; it is empty when all were moved."""
    clinic, now = request.clinic, timezone.now()
    rows = to_move.to_move(clinic, clinic.day_of(now))
    context = {"rows": to_move.proposals(clinic, rows, now), "total": rows.count(), "now": now}
    return render(request, "regimens/book_to_move.html", context)


def asked_day(request, name: str) -> date | None:
    """Read a day from the address; None for what is no day, or lies where no clinic has a book."""
    try:
        found = parse_date(request.GET.get(name, ""))
    except ValueError:
        return None
    return found if found and FIRST_DAY + MARGIN <= found <= LAST_DAY - MARGIN else None


def _asked_person(request, people: dict[int, str]) -> int | None:
    """Read from the address whose bookings are asked for; None for everybody's, also where nobody has that key."""
    asked = request.GET.get("with", "")
    return next((key for key in people if str(key) == asked), None)


def _cells(shown: book.Day, hours: list[int]) -> list[tuple[int, book.Hour | None]]:
    by_hour = {hour.hour: hour for hour in shown.hours}
    return [(hour, by_hour.get(hour)) for hour in hours]


def _sums(days: list[book.Day]) -> dict[str, int]:
    """Give the numbers of the whole, which are the sums of the days."""
    return {
        "booked": sum(each.booked for each in days),
        "places": sum(each.places for each in days),
        "waiting": sum(each.not_booked for each in days),
    }
