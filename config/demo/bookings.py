"""The appointment book of a demo clinic: who is booked today and in the weeks to come, who was there, who was not."""

from collections import Counter, defaultdict
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from random import Random

from patients.models import Clinic, User
from regimens.models import Appointment, Course, Injection, NotGiven
from regimens.services.in_bulk import insert_plainly
from regimens.slots import slot_times

PAST = timedelta(days=30)
AHEAD = timedelta(days=21)
ONE_IN = 3  # asks for a nurse by name
DOSE = Appointment.Subject.DOSE


def fill_book(clinic: Clinic, by: User, nurse: User, rng: Random, now: datetime) -> None:
    """Write the bookings of a clinic whose patients have just been written."""
    today = clinic.day_of(now)
    rounds: Counter = Counter()
    common = {"clinic": clinic, "subject": DOSE, "booked_by": by}
    rows = [
        common | row | {"round": _next_round(rounds, row)}
        for row in (*_kept(clinic, today, rng, by), *_to_come(clinic, today, rng))
    ]
    for number, row in enumerate(rows):
        row["nurse"] = None if number % ONE_IN else nurse
        booked_on = min(row["on"], today) - timedelta(days=rng.randint(1, 20))
        row["booked_at"] = datetime.combine(booked_on, time(11), clinic.zone)
    insert_plainly(Appointment, rows)


def _next_round(rounds: Counter, row: dict) -> int:
    rounds[row["course"].pk, row["due_on"]] += 1
    return rounds[row["course"].pk, row["due_on"]]


def _kept(clinic: Clinic, today: date, rng: Random, by: User) -> Iterator[dict]:
    """Yield the bookings of the last weeks: kept, or not."""
    kept = Injection.objects.counting().filter(
        course__clinic=clinic, source="clinic", given_on__gte=today - PAST
    )
    missed = NotGiven.objects.standing().filter(course__clinic=clinic, reason="dna", on__gte=today - PAST)
    seen = set()
    for row in kept.select_related("course", "patient__clinic").order_by("given_on", "pk"):
        if row.due_on and (row.course_id, row.due_on) not in seen and rng.random() < 0.7:
            seen.add((row.course_id, row.due_on))
            yield _past(row, row.given_on, Appointment.State.KEPT, rng, by)
    for row in missed.select_related("course", "patient__clinic").order_by("on", "pk"):
        yield _past(row, row.on, Appointment.State.NO_SHOW, rng, by)


def _past(row: Injection | NotGiven, on: date, state: str, rng: Random, by: User) -> dict:
    clinic = row.patient.clinic
    closed = {"closed_at": datetime.combine(on, time(17), clinic.zone), "closed_by": by}
    at = {"on": on, "at": rng.choice(slot_times(clinic))}
    return {
        "patient": row.patient,
        "course": row.course,
        "due_on": row.due_on,
        "state": state,
        **at,
        **closed,
    }


def _to_come(clinic: Clinic, today: date, rng: Random) -> Iterator[dict]:
    """Yield a booking for half of those who are due: inside their window, on an open day, at a time that is free."""
    courses = (
        Course.objects.running(today)
        .filter(clinic=clinic, window_opens_on__lte=today + AHEAD, window_closes_on__gte=today - PAST)
        .exclude(phase=Course.Phase.ORAL)
        .select_related("patient")
        .order_by("next_due_on", "pk")
    )
    free: defaultdict[date, list[time]] = defaultdict(lambda: slot_times(clinic)[::-1])
    for course in courses:
        first = max(today, course.window_opens_on)
        last = max(first, course.window_closes_on)
        wanted = (
            today
            if first == today and rng.random() < 0.25
            else first + timedelta(rng.randint(0, (last - first).days))
        )
        on = clinic.days.next_open(wanted)
        if rng.random() < 0.55 and free[on]:
            at = free[on].pop() if on != today else free[on].pop(rng.randrange(len(free[on])))
            due = {"due_on": course.next_due_on, "state": Appointment.State.BOOKED}
            yield {"patient": course.patient, "course": course, "on": on, "at": at, **due}
