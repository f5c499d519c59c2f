"""The frame of every page: where this person may go, and the red strip when letters do not leave."""

from datetime import date, timedelta

import pytest
from django.db import OperationalError, connection
from django.test.utils import CaptureQueriesContext

from config import context
from monitoring.models import Heartbeat, Message
from regimens.protocol.intervals import months
from tests.factories import a_clinic, a_course, a_member, a_nurse, at

pytestmark = pytest.mark.django_db

TODAY = date(2026, 7, 14)
STRIP = "System trouble."


def beat(minutes_ago=1, names=("queue", "deliver")):
    for name in names:
        Heartbeat.objects.update_or_create(
            name=name, defaults={"at": at(TODAY) - timedelta(minutes=minutes_ago)}
        )


def page(client, clinic):
    client.force_login(a_nurse(clinic))
    return client.get("/protocol/").content.decode()


def test_all_is_well_while_both_hearts_beat(client, today_is):
    today_is(TODAY)
    beat(minutes_ago=9)
    assert STRIP not in page(client, a_clinic())


@pytest.mark.parametrize("silent", ["queue", "deliver"])
def test_a_heart_that_was_silent_for_more_than_ten_minutes_turns_the_header_red(client, today_is, silent):
    today_is(TODAY)
    beat()
    beat(minutes_ago=11, names=[silent])
    assert STRIP in page(client, a_clinic())


def test_a_heart_that_never_beat_turns_the_header_red(client, today_is):
    today_is(TODAY)
    assert STRIP in page(client, a_clinic())


@pytest.mark.parametrize(("minutes", "red"), [(119, False), (121, True)])
def test_a_letter_that_waits_longer_than_two_hours_turns_the_header_red(client, today_is, minutes, red):
    today_is(TODAY)
    beat()
    course = a_course(starts_on=TODAY, interval=months(3))
    since = at(TODAY) - timedelta(minutes=minutes)
    Message.objects.create(
        clinic=course.clinic,
        patient=course.patient,
        course=course,
        key="a",
        subject="dose",
        purpose="coming",
        due_on=TODAY,
        opens_on=TODAY,
        queued_at=since,
        ready_at=since,
    )
    assert (STRIP in page(client, course.clinic)) is red


def test_a_page_is_shown_although_the_health_could_not_be_asked(client, today_is, monkeypatch):
    today_is(TODAY)

    def fails(_now):
        raise OperationalError("statement timeout")

    monkeypatch.setattr(context, "health", fails)
    assert "could not be asked" in page(client, a_clinic())


def test_the_strip_costs_three_queries(client, today_is):
    today_is(TODAY)
    a_clinic()
    with CaptureQueriesContext(connection) as asked:
        context._trouble(at(TODAY))
    assert len(asked) == 3


@pytest.mark.parametrize(
    ("role", "place", "there"),
    [
        ("manager", "/clinic/settings/", True),
        ("nurse", "/clinic/settings/", False),
        ("auditor", "/audit/", True),
        ("manager", "/audit/", False),
        ("reception", "/messages/", False),
        ("reception", "/protocol/", True),
    ],
)
def test_the_navigation_leads_only_where_this_person_may_go(client, today_is, role, place, there):
    today_is(TODAY)
    client.force_login(a_member(a_clinic(), role))
    assert (f'href="{place}"' in client.get("/protocol/").content.decode()) is there
