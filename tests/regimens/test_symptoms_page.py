"""A symptom report through its page."""

from datetime import date

import pytest
from django.urls import reverse

from patients.models import Role, SymptomReport
from regimens.models import Request
from tests.browsing import sent_by
from tests.factories import a_clinic, a_member, a_nurse, a_patient

pytestmark = pytest.mark.django_db

TODAY = date(2026, 7, 14)


@pytest.fixture
def clinic(today_is):
    today_is(TODAY)
    return a_clinic()


@pytest.fixture
def patient(clinic):
    return a_patient(clinic)


@pytest.fixture
def nurse(client, clinic):
    client.force_login(a_nurse(clinic))
    return client


def page(patient) -> str:
    return reverse("record_symptoms", args=[patient.pk])


def send(client, patient, **changed):
    return client.post(page(patient), {**sent_by(client.get(page(patient))), **changed}, follow=True)


def test_six_symptoms_are_asked_and_not_asked_is_an_answer(nurse, patient):
    send(nurse, patient, fatigue="better", mood="none", note="Sleeps well")
    report = SymptomReport.objects.get()
    assert (report.fatigue, report.mood, report.gait, report.sore_tongue) == ("better", "none", "", "")
    assert (report.note, report.reported_on, report.neurological_return) == ("Sleeps well", TODAY, False)
    assert not Request.objects.exists()


@pytest.mark.parametrize("symptom", ["paraesthesia", "gait", "cognition"])
@pytest.mark.parametrize("answer", ["worse", "new"])
def test_nerve_symptoms_new_or_worse_ask_a_physician_the_same_day(nurse, patient, symptom, answer):
    words = send(nurse, patient, **{symptom: answer}).content.decode()
    assert "a physician has been asked to look today" in words
    assert Request.objects.get().same_day


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({}, "__all__"),
        ({"gait": "bad"}, "gait"),
        ({"gait": ""}, "gait"),
        ({"gait": "same", "reported_on_year": "2027"}, "reported_on"),
        ({"gait": "same", "reported_on_month": "13"}, "reported_on"),
        ({"gait": "same", "note": "x" * 501}, "note"),
    ],
)
def test_a_report_that_says_nothing_or_nonsense_is_refused(nurse, patient, changed, field):
    response = send(nurse, patient, **changed)
    assert response.status_code == 422
    assert field in response.context["form"].errors
    assert not SymptomReport.objects.exists()


def test_what_was_reported_before_is_shown(nurse, patient):
    send(nurse, patient, gait="worse", note="Fell <twice>")
    words = nurse.get(page(patient)).content.decode().split("Reported before")[1]
    assert "14-Jul-2026" in words
    assert "Gait: unsteady, falls" in words
    assert "Fell &lt;twice&gt;" in words


def test_a_physician_may_record_and_an_auditor_may_only_look(client, clinic, patient):
    client.force_login(a_member(clinic, Role.PHYSICIAN))
    assert send(client, patient, mood="same").status_code == 200
    client.force_login(a_member(clinic, Role.AUDITOR))
    assert 'name="mood"' not in client.get(page(patient)).content.decode()
    assert client.post(page(patient), {"mood": "same"}).status_code == 403
    assert SymptomReport.objects.count() == 1
