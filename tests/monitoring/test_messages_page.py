"""The messages page: every letter and why it is where it is."""

from datetime import date, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from monitoring.leases import Cause
from monitoring.message_list import WHAT_TO_DO
from monitoring.models import UNREACHABLE, Message
from patients.models import AuditEntry, Role
from regimens.protocol.intervals import months
from tests.factories import a_clinic, a_course, a_member, a_nurse, a_patient, at

pytestmark = pytest.mark.django_db

TODAY = date(2026, 7, 14)
URL = "/messages/"


@pytest.fixture(autouse=True)
def _today(today_is):
    today_is(TODAY)


@pytest.fixture
def course():
    return a_course(starts_on=TODAY, interval=months(3))


def a_message(course, state="queued", cause="", **columns):
    number = Message.objects.count()
    details = {"queued_at": at(TODAY, 8), "ready_at": at(TODAY, 8), "due_on": course.next_due_on, **columns}
    if state != "queued":
        details.setdefault("ended_at", at(TODAY, 9))
    return Message.objects.create(
        clinic=course.clinic,
        patient=course.patient,
        course=course,
        key=f"key-{course.pk}-{number}",
        subject="dose",
        purpose="coming",
        opens_on=TODAY,
        state=state,
        cause=cause,
        reason=details.pop("reason", "Because" if cause else ""),
        sent_to="somebody@example.org" if state == "sent" else "",
        **details,
    )


def rows(client, clinic, role=Role.MANAGER, **asked):
    client.force_login(a_member(clinic, role))
    page = client.get(URL, asked)
    assert page.status_code == 200
    return page.context["page"].rows


@pytest.mark.parametrize(
    ("role", "status"),
    [("reception", 403), ("nurse", 200), ("physician", 200), ("manager", 200), ("auditor", 200)],
)
def test_reception_does_not_see_the_messages(client, role, status):
    client.force_login(a_member(a_clinic(), role))
    assert client.get(URL).status_code == status


def test_every_message_says_why_it_is_where_it_is(client, course):
    a_message(course, "sent")
    a_message(course, "suppressed", "given", reason="given on 8 April 2026")
    a_message(course, "suppressed", "no_consent", reason=str(Cause.NO_CONSENT.label))
    a_message(course, attempts=2)
    assert [(row["state"], row["why"]) for row in rows(client, course.clinic)] == [
        ("Waiting", "Tried 2 times; again when the mail server may be asked."),
        ("Not sent", "The patient has not agreed to be emailed."),
        ("Not sent", "The dose was given: given on 8 April 2026."),
        ("Sent", "The mail server took it."),
    ]


@pytest.mark.parametrize("cause", [*UNREACHABLE, Cause.TOO_LATE, Cause.GAVE_UP, Cause.LOST_ANSWER])
def test_what_did_not_reach_the_patient_says_what_to_do(client, course, cause):
    state = {Cause.GAVE_UP: "failed", Cause.LOST_ANSWER: "in_doubt"}.get(cause, "suppressed")
    a_message(course, state, cause.value)
    [row] = rows(client, course.clinic)
    assert row["to_do"] == WHAT_TO_DO[cause]
    assert row["to_do"].startswith("Phone the patient")


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ({}, 4),
        ({"state": "waiting"}, 1),
        ({"state": "sent"}, 1),
        ({"state": "suppressed"}, 2),
        ({"state": "suppressed", "cause": "given"}, 1),
        ({"day": "2026-07-14"}, 2),
        ({"day": "2026-07-13"}, 1),
        ({"day": "2026-07-12"}, 0),
        ({"state": "nonsense"}, 4),
        ({"day": "9999-12-31"}, 4),
        ({"day": "0001-01-01"}, 4),
        ({"patient": "x"}, 4),
    ],
)
def test_the_list_is_narrowed_by_state_reason_and_day(client, course, asked, found):
    a_message(course)
    a_message(course, "sent")
    a_message(course, "suppressed", "given")
    a_message(course, "suppressed", "done", ended_at=at(TODAY - timedelta(days=1), 9))
    assert len(rows(client, course.clinic, **asked)) == found


def test_the_list_is_narrowed_to_one_patient_and_the_look_is_audited(client, course):
    other = a_course(a_patient(course.clinic), starts_on=TODAY, interval=months(3))
    a_message(course)
    a_message(other)
    [row] = rows(client, course.clinic, patient=course.patient_id)
    assert row["name"] == course.patient.name
    assert AuditEntry.objects.filter(patient=course.patient, detail__page="messages").exists()


def test_another_clinics_messages_are_not_there(client, course):
    a_message(course, "failed", "gave_up")
    elsewhere = a_clinic("Elsewhere")
    assert rows(client, elsewhere) == []
    assert client.get(URL, {"patient": course.patient_id}).status_code == 404


def test_the_list_steps_by_its_key_and_keeps_the_filter(client, course):
    for _ in range(60):
        a_message(course, "sent")
        a_message(course)
    first = rows(client, course.clinic, state="sent")
    page = client.get(URL, {"state": "sent"}).context["page"]
    second = client.get(URL + page.later_url).context["page"]
    assert (len(first), len(second.rows)) == (50, 10)
    assert "state=sent" in page.later_url
    assert client.get(URL + second.earlier_url).context["page"].rows == first


def test_a_page_costs_the_same_for_one_message_and_for_fifty(client, course):
    client.force_login(a_nurse(course.clinic))
    costs = []
    for number in (1, 49):
        for _ in range(number):
            a_message(course, "failed", "gave_up")
        with CaptureQueriesContext(connection) as asked:
            client.get(URL)
        costs.append(len(asked))
    assert costs[0] == costs[1]


def test_the_address_of_a_page_holds_no_name(client, course):
    for _ in range(51):
        a_message(course, "sent")
    client.force_login(a_nurse(course.clinic))
    page = client.get(URL, {"patient": course.patient_id, "day": "2026-07-14"}).context["page"]
    assert page.later_url.startswith(f"?day=2026-07-14&patient={course.patient_id}&after=")
