"""The audit trail page: who did what to whom, and when."""

from datetime import date, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from patients import audit
from patients.models import AuditEntry, Role
from tests.factories import a_clinic, a_member, a_nurse, a_patient, at

pytestmark = pytest.mark.django_db

TODAY = date(2026, 7, 14)
URL = "/audit/"


@pytest.fixture(autouse=True)
def _today(today_is):
    today_is(TODAY)


@pytest.fixture
def clinic():
    return a_clinic()


def lines(clinic, number, actor=None, patient=None, act="opened", on=TODAY):
    """So many lines, one a minute from noon on."""
    AuditEntry.objects.bulk_create(
        AuditEntry(
            clinic=clinic, actor=actor, patient=patient, act=act, at=at(on, 12) + timedelta(minutes=minute)
        )
        for minute in range(number)
    )


def rows(client, clinic, **asked):
    client.force_login(a_member(clinic, Role.AUDITOR))
    page = client.get(URL, asked)
    assert page.status_code == 200
    return page.context["rows"]


@pytest.mark.parametrize("role", [role for role in Role if role != Role.AUDITOR])
def test_only_an_auditor_reads_the_trail(client, clinic, role):
    client.force_login(a_member(clinic, role))
    assert client.get(URL).status_code == 403


def test_a_line_says_who_did_what_to_whom(client, clinic):
    patient = a_patient(clinic)
    nurse = a_nurse(clinic)
    audit.record(nurse, "voided", patient=patient, codes=["B-EARLY-DOSE"], injection=7)
    [row] = [row for row in rows(client, clinic) if row["act"] == "Voided"]
    assert (row["who"], row["patient"], row["detail"]) == (
        nurse.username,
        patient.name,
        "codes: B-EARLY-DOSE, injection: 7",
    )


def test_what_the_program_did_by_itself_says_so(client, clinic):
    lines(clinic, 1)
    assert [row["who"] for row in rows(client, clinic)] == ["The program"]


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ({}, 6),
        ({"day": "2026-07-13"}, 1),
        ({"day": "2026-07-12"}, 0),
        ({"day": "9999-12-31"}, 6),
        ({"day": "0001-01-01"}, 6),
        ({"day": "x"}, 6),
        ({"actor": "999999"}, 6),
        ({"actor": "\x00"}, 6),
        ({"after": "9999-12-31T23:59:59+00:00_1"}, 6),
        ({"after": "0001-01-01T00:00:00+14:00_1"}, 6),
        ({"after": "2026-07-14_x"}, 6),
    ],
)
def test_the_trail_is_narrowed_by_day_and_nonsense_narrows_nothing(client, clinic, asked, found):
    lines(clinic, 5)
    lines(clinic, 1, on=TODAY - timedelta(days=1))
    assert len(rows(client, clinic, **asked)) == found


def test_the_trail_is_narrowed_to_a_person_and_to_a_patient(client, clinic):
    patient, nurse = a_patient(clinic), a_member(clinic)
    before = AuditEntry.objects.filter(patient=patient).count()
    lines(clinic, 2, nurse, patient)
    lines(clinic, 3)
    assert len(rows(client, clinic, actor=nurse.pk)) == 2
    assert len(rows(client, clinic, patient=patient.pk)) == 2 + before


def test_another_clinics_lines_are_not_there(client, clinic):
    theirs = a_clinic("Elsewhere")
    patient = a_patient(theirs)
    lines(theirs, 3, a_nurse(theirs), patient)
    assert rows(client, clinic) == []
    assert rows(client, clinic, actor=a_nurse(theirs).pk) == []
    assert client.get(URL, {"patient": patient.pk}).status_code == 404


def test_the_trail_steps_by_its_key_newest_first(client, clinic):
    lines(clinic, 60)
    lines(clinic, 60, act="signed")
    first = rows(client, clinic)
    page = client.get(URL).context["page"]
    second = client.get(URL + page.later_url).context
    third = client.get(URL + second["page"].later_url).context
    assert [len(first), len(second["rows"]), len(third["rows"])] == [50, 50, 20]
    assert third["page"].later_url == ""
    assert client.get(URL + second["page"].earlier_url).context["rows"] == first
    seen = [row["at"] for part in (first, second["rows"], third["rows"]) for row in part]
    assert seen == sorted(seen, reverse=True)


def test_a_page_costs_the_same_for_one_line_and_for_many(client, clinic):
    client.force_login(a_member(clinic, Role.AUDITOR))
    costs = []
    for number in (1, 80):
        lines(clinic, number, a_nurse(clinic), a_patient(clinic))
        with CaptureQueriesContext(connection) as asked:
            client.get(URL)
        costs.append(len(asked))
    assert costs[0] == costs[1]
