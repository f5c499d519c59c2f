"""A dose that was not given, through its page."""

from datetime import date

import pytest
from django.urls import reverse

from patients.models import Role
from regimens.models import NotGiven, Request
from regimens.protocol.intervals import months
from regimens.services.not_given import NEXT_STEP
from tests.browsing import sent_by
from tests.factories import a_clinic, a_course, a_member, a_nurse, a_patient, an_injection

pytestmark = pytest.mark.django_db

TODAY = date(2026, 1, 9)  # a Friday


@pytest.fixture
def course(today_is):
    today_is(TODAY)
    return a_course(starts_on=TODAY, interval=months(3))


@pytest.fixture
def nurse(course, client):
    client.force_login(a_nurse(course.clinic))
    return client


def address(course, name="record_not_given", *keys):
    return reverse(name, args=[course.patient_id, *keys])


def miss(client, course, reason="dna", **changes):
    sent = sent_by(client.get(address(course)))
    return client.post(address(course), {**sent, "reason": reason, **changes})


@pytest.mark.parametrize("reason", NotGiven.Reason.values)
def test_every_reason_gives_a_next_step_and_a_day(nurse, course, today_is, reason):
    saved = nurse.get(miss(nurse, course, reason, note="A word.").url)
    shown = saved.content.decode()
    assert NotGiven.objects.get().note == "A word."
    assert saved.context["next_step"] == NEXT_STEP[reason]
    assert "<strong>Fri 09-Jan-2026</strong>" in shown
    assert address(course, "book_appointment") in shown
    assert Request.objects.filter(kind="hold").exists() == (reason == "held")


def test_the_suggested_day_is_an_open_one_and_the_due_date_stands(nurse, course, today_is):
    row_page = miss(nurse, course).url
    today_is(date(2026, 1, 10))
    nurse.force_login(a_nurse(course.clinic))
    shown = nurse.get(row_page).content.decode()
    assert "<strong>Mon 12-Jan-2026</strong>" in shown
    assert "It was due Fri 09-Jan-2026" in shown


def test_one_who_declined_is_offered_to_record_the_wish_to_stop(nurse, course):
    shown = nurse.get(miss(nurse, course, "refused").url).content.decode()
    assert f"{address(course, 'ask_physician')}?kind=stop" in shown


def test_a_reason_is_needed(nurse, course):
    assert miss(nurse, course, "").status_code == 422
    assert miss(nurse, course, "bored").status_code == 422
    assert not NotGiven.objects.exists()


@pytest.mark.parametrize(
    "day", [{"on_day": "10"}, {"on_day": "31", "on_month": "2"}, {"on_day": ""}], ids=str
)
def test_a_day_to_come_or_no_day_is_refused(nurse, course, day):
    refused = miss(nurse, course, **day)
    assert refused.status_code == 422
    assert "on" in refused.context["form"].errors


def test_the_same_day_is_recorded_once(nurse, course):
    miss(nurse, course)
    assert miss(nurse, course).status_code == 422
    assert NotGiven.objects.count() == 1


def test_a_day_with_a_dose_was_not_missed(nurse, course):
    an_injection(course, TODAY)
    assert miss(nurse, course).status_code == 422


def test_without_a_plan_there_is_nothing_to_miss(nurse, course):
    patient = a_patient(course.clinic)
    empty = nurse.get(reverse("record_not_given", args=[patient.pk]))
    assert "No dose is planned" in empty.content.decode()
    assert nurse.post(reverse("record_not_given", args=[patient.pk]), {"reason": "dna"}).status_code in (
        200,
        422,
    )
    assert not NotGiven.objects.exists()


def test_a_wrong_record_is_voided_with_a_reason_and_stays(nurse, course):
    miss(nurse, course)
    row = NotGiven.objects.get()
    void = address(course, "void_not_given", row.pk)
    assert nurse.post(void, {"reason": ""}).status_code == 422
    assert nurse.post(void, {"reason": "Came late"}).status_code == 302
    assert nurse.post(void, {"reason": "Again"}).status_code == 422
    assert "Came late" in nurse.get(address(course, "not_given", row.pk)).content.decode()
    assert miss(nurse, course).status_code == 302


@pytest.mark.parametrize("role", [Role.RECEPTION, Role.MANAGER, Role.AUDITOR])
def test_only_nurses_and_physicians_record_it(course, client, role):
    client.force_login(a_member(course.clinic, role))
    assert client.get(address(course)).status_code == 403
    assert client.post(address(course), {"reason": "dna"}).status_code == 403


def test_another_clinics_patient_is_not_there(nurse, course):
    miss(nurse, course)
    row = NotGiven.objects.get()
    nurse.force_login(a_nurse(a_clinic()))
    for name, keys in (("record_not_given", ()), ("not_given", (row.pk,)), ("void_not_given", (row.pk,))):
        assert nurse.get(address(course, name, *keys)).status_code == 404
    assert nurse.post(address(course, "void_not_given", row.pk), {"reason": "x"}).status_code == 404
