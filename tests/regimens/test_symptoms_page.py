"""A symptom report through its page."""

from datetime import date
from decimal import Decimal

import pytest
from django.urls import reverse

from patients.models import AuditEntry, Role, SymptomReport
from regimens import course_values
from regimens.models import Request
from regimens.protocol.intervals import months
from regimens.services import clinical, outlook
from tests.browsing import sent_by
from tests.factories import a_clinic, a_course, a_member, a_nurse, a_patient, now

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


def test_a_wrong_report_is_voided_once_with_a_reason_and_stays_visible(nurse, patient):
    send(nurse, patient, gait="worse", note="Fell")
    report = SymptomReport.objects.get()
    address = reverse("void_symptoms", args=[patient.pk, report.pk])
    assert address in nurse.get(page(patient)).content.decode()
    assert "The question stays on their list" in nurse.get(address).content.decode()
    assert nurse.post(address, {"reason": " "}).status_code == 422
    assert nurse.post(address, {"reason": "Another patient's words"}).url == page(patient)
    report.refresh_from_db()
    assert report.voided_by == a_nurse(patient.clinic)
    words = nurse.get(page(patient)).content.decode()
    assert "voided: Another patient&#x27;s words" in words
    assert address not in words
    assert nurse.post(address, {"reason": "Again"}).status_code == 422
    assert AuditEntry.objects.filter(act="voided symptoms", patient=patient).count() == 1


PANEL = {
    "B12": (500, "ng/L"),
    "HB": (140, "g/L"),
    "MCV": (90, "fL"),
    "PLT": (250, "10^9/L"),
    "HCY": (8, "umol/L"),
}


def test_after_a_voided_report_the_tests_are_steady_again(nurse, clinic, today_is):
    today_is(date(2026, 1, 5))
    course = a_course(a_patient(clinic), starts_on=date(2026, 1, 5), interval=months(3))
    today_is(TODAY)
    for on in (date(2026, 4, 5), date(2026, 7, 5)):
        values = [
            {
                "analyte": name,
                "value": value,
                "unit": unit,
                "range_low": Decimal(1),
                "range_high": Decimal(900),
            }
            for name, (value, unit) in PANEL.items()
        ]
        clinical.record_results(
            patient=course.patient, collected_on=on, values=values, now=now(), recorded_by=a_nurse(clinic)
        )
    assert steady(course) is True
    send(nurse, course.patient, gait="worse")
    assert steady(course) is False
    report = SymptomReport.objects.get()
    nurse.post(reverse("void_symptoms", args=[course.patient_id, report.pk]), {"reason": "Wrong patient"})
    assert steady(course) is True
    assert list(outlook.differences()) == []


def steady(course):
    return course_values.values_of([course])[course.pk].steady


def test_a_physician_sees_that_the_report_they_were_asked_about_was_voided(client, nurse, clinic, patient):
    send(nurse, patient, gait="worse")
    report = SymptomReport.objects.get()
    nurse.post(reverse("void_symptoms", args=[patient.pk, report.pk]), {"reason": "Wrong patient"})
    request = Request.objects.get()
    assert request.answered_at is None
    client.force_login(a_member(clinic, Role.PHYSICIAN))
    words = client.get(reverse("settle_request", args=[patient.pk, request.pk])).content.decode()
    assert "This report was voided since:" in words
    assert "Wrong patient" in words


def test_a_report_of_another_patient_or_by_an_auditor_is_not_voided(client, nurse, clinic, patient):
    send(nurse, patient, gait="same")
    report, other = SymptomReport.objects.get(), a_patient(clinic)
    assert (
        nurse.post(reverse("void_symptoms", args=[other.pk, report.pk]), {"reason": "x"}).status_code == 404
    )
    client.force_login(a_member(clinic, Role.AUDITOR))
    address = reverse("void_symptoms", args=[patient.pk, report.pk])
    assert client.post(address, {"reason": "x"}).status_code == 403
    report.refresh_from_db()
    assert report.voided_at is None


def test_a_double_tap_is_one_report_and_asks_a_physician_once(nurse, patient):
    sent = {**sent_by(nurse.get(page(patient))), "gait": "new"}
    for _tap in (1, 2):
        assert nurse.post(page(patient), sent).status_code == 302
    assert patient.symptom_reports.count() == 1
    assert Request.objects.count() == 1
    changed = nurse.post(page(patient), {**sent, "gait": "better"})
    assert changed.status_code == 422
    assert "sent before with other content" in changed.content.decode()


def test_a_form_opened_for_another_patient_reports_nothing(nurse, clinic, patient):
    sent = {**sent_by(nurse.get(page(a_patient(clinic)))), "gait": "new"}
    for token in (sent["token"], "", "nonsense"):
        assert nurse.post(page(patient), {**sent, "token": token}).status_code == 422
    assert not patient.symptom_reports.exists()


def test_a_report_that_was_voided_does_not_come_back_by_the_back_button(nurse, patient):
    sent = {**sent_by(nurse.get(page(patient))), "gait": "new"}
    nurse.post(page(patient), sent)
    report = patient.symptom_reports.get()
    nurse.post(reverse("void_symptoms", args=[patient.pk, report.pk]), {"reason": "Wrong patient"})
    assert nurse.post(page(patient), sent).status_code == 422
    assert not patient.symptom_reports.standing().exists()
