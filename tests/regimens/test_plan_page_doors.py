"""Who opens the pages of a plan, and that looking changes nothing."""

import re
from datetime import date

import pytest

from patients.models import AuditEntry, Role
from regimens.models import Plan
from regimens.protocol.intervals import months
from tests.factories import (
    a_clinic,
    a_course,
    a_member,
    a_physician,
    an_injection,
)
from tests.regimens.plan_pages import (
    LOADED,
    MONDAY,
    address,
    request,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def treated(today_is, client):
    """Loaded, on maintenance every three months, and a physician signed in."""
    today_is(MONDAY)
    course = a_course(starts_on=MONDAY, interval=months(3))
    for number, day in enumerate(LOADED):
        today_is(day)
        an_injection(course, day, site="DELTOID_L" if number % 2 else "DELTOID_R")
    today_is(date(2026, 2, 2))
    client.force_login(a_physician(course.clinic))
    course.refresh_from_db()
    return course


PAGES = ("propose_plan", "sign_plan", "withdraw_proposal", "change_interval")


def test_each_role_opens_only_its_pages(client, treated):
    before = Plan.objects.count()
    for role in Role:
        client.force_login(a_member(treated.clinic, role))
        for page in PAGES:
            may = role == Role.PHYSICIAN or (role == Role.NURSE and page != "sign_plan")
            assert client.get(address(page, treated.patient)).status_code == (200 if may else 403), (
                role,
                page,
            )
            sent = {**request(), "interval": "P2M", "act": "propose", "shown": "", "plan": 0}
            answer = client.post(address(page, treated.patient), sent)
            assert answer.status_code == (422 if may else 403), (role, page)
    assert Plan.objects.count() == before


def test_another_clinics_patient_is_not_there(client, treated):
    client.force_login(a_physician(a_clinic("Elsewhere")))
    for page in PAGES:
        assert client.get(address(page, treated.patient)).status_code == 404
        assert client.post(address(page, treated.patient), {}).status_code == 404


def test_looking_is_audited_and_changes_nothing(client, treated):
    plans = list(Plan.objects.values())
    for page in PAGES:
        client.get(address(page, treated.patient))
    assert list(Plan.objects.values()) == plans
    assert set(PAGES) <= {entry.detail.get("page") for entry in AuditEntry.objects.filter(act="opened")}


def test_no_title_names_a_patient(client, treated):
    for page in PAGES:
        title = re.search(
            r"<title>(.*?)</title>", client.get(address(page, treated.patient)).text, re.S
        ).group(1)
        assert "Example" not in title
