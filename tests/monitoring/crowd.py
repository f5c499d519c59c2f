"""A crowd of courses made in bulk, for tests of speed: rows as the services leave them, spread over a quarter."""

from datetime import date, timedelta

from django.db import connection

from patients.models import Clinic, Patient
from regimens.models import Course, Plan
from tests.factories import a_physician, at
from tests.monitoring.copies import copied

QUARTER = 91
# So many are written one by one; of more, most are copies. A whole number of quarters, so that they spread evenly.
ORIGINALS = 10 * QUARTER


def a_crowd(clinic: Clinic, size: int, today: date) -> None:
    """Put so many patients into a clinic, each under a signed plan, their next doses spread from overdue to far ahead."""
    written = min(size, ORIGINALS)
    times, rest = divmod(size - written, ORIGINALS)
    with copied(times, Patient, Course, Plan):
        _courses(clinic, written, today)
    _courses(clinic, rest, today)
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE")


def _courses(clinic: Clinic, size: int, today: date) -> None:
    signer, first = a_physician(clinic), Patient.objects.count()
    patients = Patient.objects.bulk_create(
        Patient(
            clinic=clinic,
            family_name=f"Crowd{number}",
            born_on=date(1960, 1, 1),
            record_number=f"C{first + number}",
            email=f"crowd{first + number}@example.org",
            email_consented=number % 4 != 0,
            email_confirmed_at=at(today),
        )
        for number in range(size)
    )
    courses = Course.objects.bulk_create(
        _course(patient, today + timedelta(days=number % QUARTER - 20))
        for number, patient in enumerate(patients)
    )
    Plan.objects.bulk_create(_plan(course, signer) for course in courses)


def _course(patient: Patient, due_on: date) -> Course:
    return Course(
        patient=patient,
        clinic_id=patient.clinic_id,
        opened_on=due_on - timedelta(days=400),
        history_from_on=due_on - timedelta(days=400),
        phase=Course.Phase.MAINTENANCE,
        next_due_on=due_on,
        window_opens_on=due_on - timedelta(days=14),
        window_closes_on=due_on + timedelta(days=14),
        last_given_on=due_on - timedelta(days=QUARTER),
        lab_name="24m",
        lab_due_on=due_on + timedelta(days=40),
        lab_opens_on=due_on + timedelta(days=12),
        lab_closes_on=due_on + timedelta(days=68),
        labs_as_of_on=due_on - timedelta(days=QUARTER),
    )


def _plan(course: Course, signer) -> Plan:
    return Plan(
        course=course,
        version=1,
        regimen_key="hydroxocobalamin-standard-1",
        protocol_version="2026.1",
        product="HYDROXOCOBALAMIN",
        route="IM",
        micrograms=1000,
        interval_iso="P3M",
        starts_on=course.opened_on,
        counts_from_on=course.opened_on,
        neurological=False,
        facts={},
        recommendation={},
        signed_by=signer,
        signed_at=at(course.opened_on),
        signed_on=course.opened_on,
    )
