"""Decades of one patient's treatment, written in bulk: injections, letters, places, panels and reports."""

from datetime import date, time, timedelta
from decimal import Decimal
from itertools import count, takewhile

from django.db import transaction

from monitoring.models import Message
from patients.models import Result, SymptomReport
from regimens.models import Appointment, Course, Injection, NotGiven
from regimens.protocol.intervals import months
from regimens.services.locking import lock_patient
from regimens.services.outlook import refresh_outlook
from tests.factories import a_nurse, at

PANEL = (
    ("B12", "410.5", "ng/L", "197", "771"),
    ("HCY", "8.4", "umol/L", "5", "15"),
    ("HB", "13.8", "g/dL", "11.5", "16.5"),
    ("MCV", "91", "fL", "80", "99"),
    ("PLT", "231", "K/uL", "150", "400"),
)
FIRST_PANELS = (3, 6, 12)


def years_of_treatment(course: Course, until: date) -> list[date]:
    """Put on record a dose each month from the start of the course, every tenth late and one a year not given.

    Two letters and a kept place go with each dose; a panel with a symptom report at three and six months and
    every year. Gives the days of the doses.
    """
    patient, clinic, nurse = course.patient, course.clinic, a_nurse(course.clinic)
    start, every = course.opened_on, months(1)
    days = [start, *takewhile(lambda day: day <= until, (every.after(start, n) for n in count(1)))]
    Injection.objects.bulk_create(
        Injection(
            patient=patient,
            course=course,
            given_on=day,
            given_by=nurse,
            product="HYDROXOCOBALAMIN",
            micrograms=1000,
            route="IM",
            site="DELTOID_L",
            lot="LOT",
            number=number,
            due_on=day - timedelta(days=9 if number % 10 == 0 else 1),
            window_opens_on=day - timedelta(days=16 if number % 10 == 0 else 8),
            window_closes_on=day - timedelta(days=2) if number % 10 == 0 else day + timedelta(days=6),
        )
        for number, day in enumerate(days, 1)
    )
    NotGiven.objects.bulk_create(
        NotGiven(patient=patient, course=course, on=day - timedelta(days=3), reason="dna", recorded_by=nurse)
        for day in days[11::12]
    )
    Appointment.objects.bulk_create(
        Appointment(
            clinic=clinic,
            patient=patient,
            course=course,
            subject="dose",
            due_on=day,
            on=day,
            at=time(9),
            state="kept",
        )
        for day in days
    )
    Message.objects.bulk_create(
        Message(
            clinic=clinic,
            patient=patient,
            course=course,
            key=f"{patient.pk}:{day}:{purpose}",
            subject="dose",
            purpose=purpose,
            due_on=day,
            opens_on=day,
            state="sent",
            sent_to="a@example.org",
            queued_at=at(day),
            ready_at=at(day),
            ended_at=at(day - timedelta(days=before)),
        )
        for day in days
        for purpose, before in (("coming", 14), ("soon", 2))
    )
    drawn = [months(n).after(start) for n in FIRST_PANELS]
    drawn = [start - timedelta(days=5), *drawn, *(months(12 * n).after(start) for n in range(2, 60))]
    drawn = [day + timedelta(days=2) for day in drawn if day + timedelta(days=2) <= until]
    Result.objects.bulk_create(
        Result(
            patient=patient,
            analyte=analyte,
            value=Decimal(value),
            unit=unit,
            collected_on=day,
            range_low=Decimal(low),
            range_high=Decimal(high),
            recorded_by=nurse,
        )
        for day in drawn
        for analyte, value, unit, low, high in PANEL
    )
    SymptomReport.objects.bulk_create(
        SymptomReport(
            patient=patient,
            reported_on=day,
            paraesthesia="none",
            gait="none",
            fatigue="better",
            recorded_by=nurse,
        )
        for day in drawn
    )
    with transaction.atomic():
        refresh_outlook(lock_patient(patient), labs_as_of=until)
    course.refresh_from_db()
    return days
