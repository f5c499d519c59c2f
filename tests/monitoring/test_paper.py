"""What is printed: the day sheet, the card to take home, the summary for another clinic."""

from datetime import date, time

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from monitoring import day_sheet
from patients.models import Role
from regimens.protocol.intervals import months
from regimens.services import appointments, clinical, courses
from tests.factories import (
    a_clinic,
    a_course,
    a_member,
    a_nurse,
    a_patient,
    a_physician,
    an_injection,
    now,
)

pytestmark = pytest.mark.django_db

MONDAY = date(2026, 1, 5)


@pytest.fixture
def course(today_is):
    today_is(MONDAY)
    return a_course(a_patient(family_name="Ferreira"), starts_on=MONDAY, interval=months(3))


def shown(client, clinic, name, *args, role=Role.NURSE) -> str:
    client.force_login(a_member(clinic, role))
    response = client.get(reverse(name, args=args))
    assert response.status_code == 200
    return response.content.decode()


def booked(course, at):
    return appointments.book(
        course=course, on=MONDAY, at=at, subject="dose", now=now(), booked_by=a_nurse(course.clinic)
    )


def test_the_day_sheet_names_everybody_once_the_booked_ones_first(client, course):
    other = a_course(a_patient(course.clinic, family_name="Aoki"), starts_on=MONDAY, interval=months(3))
    booked(other, time(15, 10))
    page = shown(client, course.clinic, "print_day")
    assert page.count("AOKI") == page.count("FERREIRA") == 1
    assert page.index("Booked today") < page.index("AOKI") < page.index("Due now") < page.index("FERREIRA")
    assert "Booked 15:10" in page
    assert "1,000 micrograms" in page


def test_the_day_sheet_says_with_whom_a_place_is_booked(client, course):
    booked(course, time(15, 10))
    ana = a_member(course.clinic, username="ana")
    assert "Booked 15:10</span>" in shown(client, course.clinic, "print_day")
    course.appointments.update(nurse=ana)
    assert "Booked 15:10 with ana</span>" in shown(client, course.clinic, "print_day")


def test_reception_prints_names_and_dates_only(client, course):
    page = shown(client, course.clinic, "print_day", role=Role.RECEPTION)
    assert "FERREIRA" in page
    for word in ("micrograms", "Before the needle", "ydroxocobalamin", "Last injection"):
        assert word not in page


def test_what_does_not_fit_on_paper_is_said_and_many_cost_no_more_queries(client, course, monkeypatch):
    def queries() -> int:
        with CaptureQueriesContext(connection) as asked:
            shown(client, course.clinic, "print_day")
        return len(asked)

    queries()  # the first one also makes the member of staff
    few = queries()
    for _ in range(4):
        a_course(a_patient(course.clinic), starts_on=MONDAY, interval=months(3))
    assert queries() == few
    assert "more than fit on paper" not in shown(client, course.clinic, "print_day")
    monkeypatch.setattr(day_sheet, "ROWS", 3)
    assert "more than fit on paper" in shown(client, course.clinic, "print_day")


def test_another_clinics_patients_are_not_on_the_sheet(client, course):
    assert "FERREIRA" not in shown(client, a_clinic(), "print_day")


def test_the_card_says_when_where_and_whom_to_phone_and_nothing_clinical(client, course):
    course.clinic.phone, course.clinic.address = "020 7946 0001", "1 Mill Lane"
    course.clinic.save()
    patient = course.patient
    unbooked = shown(client, course.clinic, "appointment_card", patient.pk, role=Role.RECEPTION)
    assert "Mon 05-Jan-2026" in unbooked
    assert "phone for a time" in unbooked
    booked(course, time(15, 10))
    card = shown(client, course.clinic, "appointment_card", patient.pk, role=Role.RECEPTION)
    assert "Mon 05-Jan-2026 at 15:10" in card.replace("</time>", "").replace(
        '<time datetime="2026-01-05">', ""
    )
    assert "020 7946 0001" in card
    assert "1 Mill Lane" in card
    for word in ("B12 deficiency", "ydroxocobalamin", "micrograms", "njection", "Allergies"):
        assert word not in card.partition('aria-label="The card"')[2]


def test_the_card_of_one_without_a_plan_says_so(client):
    patient = a_patient()
    assert "No visit is planned" in shown(client, patient.clinic, "appointment_card", patient.pk)


def test_the_summary_lets_the_next_clinic_go_on_without_a_gap(client, course):
    clinical.record_facts(
        patient=course.patient,
        answers={"cause": "pernicious_anaemia"},
        observed_on=MONDAY,
        now=now(),
        recorded_by=a_nurse(course.clinic),
    )
    an_injection(course, MONDAY, lot="LAST1")
    page = shown(client, course.clinic, "transfer_summary", course.patient.pk)
    for said in (
        "Wed 07-Jan-2026",
        "LAST1",
        "Left deltoid",
        "Pernicious anaemia",
        "Hydroxocobalamin 1,000 micrograms",
        "Do not stop.",
        "A normal level is no reason to stop",
        "Feeling better is no reason to stop",
        "Every 3 months",
    ):
        assert said in page, said


def test_where_the_cause_was_resolved_nobody_is_told_to_go_on(client, course):
    courses.stop(
        course=course, reason="reversible_cause_resolved", on=MONDAY, decided_by=a_physician(course.clinic)
    )
    page = shown(client, course.clinic, "transfer_summary", course.patient.pk)
    assert "Do not stop" not in page
    assert "Treatment ended" in page


@pytest.mark.parametrize("role", [Role.RECEPTION, Role.MANAGER])
def test_the_summary_is_for_clinical_eyes(client, course, role):
    client.force_login(a_member(course.clinic, role))
    assert client.get(reverse("transfer_summary", args=[course.patient.pk])).status_code == 403


@pytest.mark.parametrize("name", ["appointment_card", "transfer_summary"])
def test_another_clinics_patient_is_not_there(client, course, name):
    client.force_login(a_nurse(a_clinic()))
    assert client.get(reverse(name, args=[course.patient.pk])).status_code == 404
