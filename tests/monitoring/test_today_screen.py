"""The screen of the day: whose bookings are shown, what a row opens in place, and what both cost."""

import html
import re
from datetime import date, time, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from patients.models import AuditEntry, Role
from regimens.protocol.intervals import months
from regimens.services import appointments
from regimens.services.requests import ask_physician
from tests.factories import (
    a_clinic,
    a_course,
    a_member,
    a_nurse,
    a_patient,
    an_injection,
    now,
)

pytestmark = pytest.mark.django_db

MONDAY = date(2026, 1, 5)
HTMX = {"HX-Request": "true"}


@pytest.fixture
def clinic(today_is):
    today_is(MONDAY)
    return a_clinic()


def booked(clinic, family_name, at, nurse=None, subject="dose"):
    course = a_course(a_patient(clinic, family_name=family_name), starts_on=MONDAY, interval=months(3))
    appointments.book(
        course=course, on=MONDAY, at=at, subject=subject, nurse=nurse, now=now(), booked_by=a_nurse(clinic)
    )
    return course


def words(response) -> str:
    main = response.content.decode().split("<main")[-1]
    return re.sub(r"\s+", " ", html.unescape(re.sub(r"<[^>]+>", " ", main)))


def test_a_nurse_sees_her_bookings_and_those_of_nobody_and_the_numbers_add_up(client, clinic):
    ada, ben = a_member(clinic, username="ada"), a_member(clinic, username="ben")
    for family_name, hour, nurse in (("Hers", 11, ada), ("His", 12, ben), ("Anybodys", 13, None)):
        booked(clinic, family_name, time(hour), nurse)
    a_course(a_patient(clinic, family_name="Walkin"), starts_on=MONDAY, interval=months(3))
    client.force_login(ada)
    everybody = words(client.get("/today/"))
    assert everybody.index("HERS, ") < everybody.index("HIS, ") < everybody.index("ANYBODYS, ")
    shown = words(client.get(f"/today/?with={ada.pk}"))
    assert "HERS, " in shown
    assert "ANYBODYS, " in shown
    assert "HIS, " not in shown
    assert "1 with ada, 1 with nobody in particular, 1 with others: together 3 booked today." in shown
    assert "everybody's work, and stays below" in shown
    assert "WALKIN, " in shown
    assert "3 booked today" in shown
    alone = words(client.get(f"/today/?list=booked&with={ben.pk}"))
    assert "HIS, " in alone
    assert "HERS, " not in alone


def test_a_person_who_gives_nothing_here_cannot_be_asked_for(client, clinic):
    booked(clinic, "Shown", time(11))
    client.force_login(a_nurse(clinic))
    stranger = a_member(a_clinic("Elsewhere"))
    for asked in (stranger.pk, a_member(clinic, Role.RECEPTION).pk, "x", "-1"):
        shown = words(client.get(f"/today/?with={asked}"))
        assert "SHOWN, " in shown
        assert "with others" not in shown


def test_who_is_booked_for_a_dose_stands_once_and_for_a_blood_test_twice(client, clinic):
    booked(clinic, "Dosed", time(11))
    booked(clinic, "Tested", time(12), subject="lab")
    client.force_login(a_nurse(clinic))
    shown = words(client.get("/today/"))
    assert shown.count("DOSED, ") == 1
    assert shown.count("TESTED, ") == 2
    assert "Booked 12:00 for a blood test" in shown
    assert "Enter results" in shown


@pytest.fixture
def course(clinic, today_is):
    course = a_course(
        a_patient(clinic, family_name="Ferreira", phone="07700 900123", facts={"anticoagulant": True}),
        starts_on=MONDAY,
        interval=months(3),
    )
    for days in (0, 2, 4, 7):
        today_is(MONDAY + timedelta(days=days))
        an_injection(course, MONDAY + timedelta(days=days), site="DELTOID_R" if days % 4 else "DELTOID_L")
    return course


def opened(client, course):
    return client.get(f"/today/{course.patient_id}/", headers=HTMX)


def test_a_row_opens_with_why_the_last_doses_what_matters_what_waits_and_what_to_do(client, clinic, course):
    ask_physician(
        patient=course.patient,
        kind="hold",
        raised_on=MONDAY,
        raised_by=a_nurse(clinic),
        codes=("H-PLT-10-24",),
        text="Bruises",
    )
    client.force_login(a_nurse(clinic))
    shown = words(opened(client, course))
    for said in (
        "Due 14-Jan-2026",
        "Loading: three times a week",
        "12-Jan-2026, Right deltoid",
        "09-Jan-2026, Left deltoid, 1,000 micrograms hydroxocobalamin",
        "07-Jan-2026",
        "(W-ANTICOAG)",
        "(W-PLT-UNKNOWN)",
        "Waits for a physician",
        "Bruises",
        "07700 900123",
        "Log an injection",
        "As of 10:00.",
    ):
        assert said in shown
    assert "05-Jan-2026, " not in shown
    assert AuditEntry.objects.filter(act="opened", patient=course.patient).exists()


def test_without_a_script_the_same_link_leads_to_the_patients_page(client, clinic, course):
    client.force_login(a_nurse(clinic))
    page = client.get("/today/?list=later").content.decode()
    page += client.get("/today/").content.decode()
    link = f'<a class="alone opens" href="/patients/{course.patient_id}/" data-hx-get="/today/{course.patient_id}/">'
    assert link in page
    answer = client.get(f"/today/{course.patient_id}/")
    assert (answer.status_code, answer.url) == (302, f"/patients/{course.patient_id}/")


def test_reception_opens_dates_and_the_phone_only(client, clinic, course):
    client.force_login(a_member(clinic, Role.RECEPTION))
    shown = words(opened(client, course))
    assert "Due 14-Jan-2026" in shown
    assert "07700 900123" in shown
    for clinical in ("deltoid", "ANTICOAG", "Loading", "micrograms", "Before the needle"):
        assert clinical not in shown


@pytest.mark.parametrize("role", [Role.AUDITOR, None])
def test_who_may_not_see_the_list_opens_nothing_of_it(client, clinic, course, role):
    client.force_login(a_member(clinic, role) if role else a_nurse(a_clinic("Elsewhere")))
    assert opened(client, course).status_code == (403 if role else 404)


def test_an_opened_row_costs_the_same_whatever_happened(client, clinic, course):
    fresh = a_course(a_patient(clinic), starts_on=MONDAY, interval=months(3))
    client.force_login(a_nurse(clinic))
    opened(client, fresh)
    asked = []
    for each in (fresh, course):
        with CaptureQueriesContext(connection) as caught:
            assert opened(client, each).status_code == 200
        asked.append(len(caught))
    print(f"an opened row: {asked[1]} queries")
    assert asked[0] == asked[1] <= 32
