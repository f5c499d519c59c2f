"""Asking a physician, through the page."""

from datetime import date

import pytest
from django.urls import reverse

from patients.models import Role
from regimens.models import Course, Request
from regimens.protocol.intervals import months
from tests.factories import a_clinic, a_course, a_member, a_nurse

pytestmark = pytest.mark.django_db


@pytest.fixture
def course(today_is):
    today_is(date(2026, 1, 5))
    return a_course(starts_on=date(2026, 1, 5), interval=months(3))


def ask(client, course, kind="hold", text="Is this right?", **more):
    return client.post(
        reverse("ask_physician", args=[course.patient_id]), {"kind": kind, "text": text, **more}
    )


@pytest.mark.parametrize("kind", ["hold", "interval", "stop", "patient", "death"])
@pytest.mark.parametrize("role", [Role.RECEPTION, Role.NURSE, Role.PHYSICIAN])
def test_reception_nurse_and_physician_may_ask_anything(course, client, role, kind):
    client.force_login(a_member(course.clinic, role))
    assert ask(client, course, kind).status_code == 302
    request = Request.objects.get()
    assert (request.kind, request.text) == (kind, "Is this right?")
    assert Course.objects.get().is_open


def test_a_wish_to_stop_names_its_hold_and_the_plan_goes_on(course, client):
    client.force_login(a_nurse(course.clinic))
    ask(client, course, "stop", "Tired of needles")
    assert Request.objects.get().codes == ["H-STOP-REFUSAL"]
    assert Course.objects.get().next_due_on == date(2026, 1, 5)


def test_the_same_question_is_asked_once(course, client):
    client.force_login(a_nurse(course.clinic))
    ask(client, course)
    refused = ask(client, course)
    assert refused.status_code == 422
    assert "asked this already" in refused.content.decode()
    assert Request.objects.count() == 1


def test_what_needs_an_answer_today_says_so(course, client):
    client.force_login(a_nurse(course.clinic))
    ask(client, course, same_day="on")
    assert Request.objects.get().same_day


@pytest.mark.parametrize("wrong", [{"kind": ""}, {"kind": "incident"}, {"text": ""}, {"text": "x" * 501}])
def test_a_question_without_a_subject_or_words_is_refused(course, client, wrong):
    client.force_login(a_nurse(course.clinic))
    assert ask(client, course, **wrong).status_code == 422
    assert not Request.objects.exists()


def test_the_subject_may_come_with_the_address(course, client):
    client.force_login(a_nurse(course.clinic))
    shown = client.get(reverse("ask_physician", args=[course.patient_id]), {"kind": "stop"})
    assert shown.context["form"]["kind"].value() == "stop"


@pytest.mark.parametrize("role", [Role.MANAGER, Role.AUDITOR])
def test_others_may_not_ask(course, client, role):
    client.force_login(a_member(course.clinic, role))
    assert ask(client, course).status_code == 403


def test_another_clinics_patient_is_not_there(course, client):
    client.force_login(a_nurse(a_clinic()))
    assert ask(client, course).status_code == 404
