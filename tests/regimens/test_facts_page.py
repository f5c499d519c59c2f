"""The clinical facts through their page: every question, “not known”, and only what changed is written."""

from datetime import date

import pytest
from django.urls import reverse

from patients.clinical_facts import QUESTIONS
from patients.models import ClinicalFact, Role
from patients.models.facts import Topic
from regimens.services import clinical
from tests.browsing import sent_by
from tests.factories import a_clinic, a_member, a_nurse, a_patient, now

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
    return reverse("patient_facts", args=[patient.pk])


def send(client, patient, **changed):
    return client.post(page(patient), {**sent_by(client.get(page(patient))), **changed})


def written(patient) -> dict[str, object]:
    return dict(
        ClinicalFact.objects.filter(patient=patient, observed_on=TODAY).values_list("topic", "answer")
    )


def test_every_question_is_asked_and_not_known_is_always_a_choice(nurse, patient):
    form = nurse.get(page(patient)).context["form"]
    assert {question.topic.value for question in QUESTIONS} <= set(form.fields)
    for question in QUESTIONS:
        assert ("not-known", "Not known") in form.fields[question.topic].choices


def test_the_answer_that_holds_and_its_day_are_shown(nurse, patient):
    words = nurse.get(page(patient)).content.decode()
    assert "On record: None known, of 01-Jan-2020." in words
    assert "Nobody has answered this yet." in words


def test_nothing_changed_writes_nothing(nurse, patient):
    response = nurse.post(page(patient), sent_by(nurse.get(page(patient))), follow=True)
    assert "Nothing was changed" in response.content.decode()
    assert written(patient) == {}


@pytest.mark.parametrize(
    ("changed", "stored"),
    [
        ({"anticoagulant": "yes"}, {"anticoagulant": True}),
        ({"anticoagulant": "not-known"}, {"anticoagulant": None}),
        ({"neuro": "severe", "pregnant": "yes"}, {"neuro": "severe", "pregnant": True}),
        (
            {"allergies": "given", "allergies_which": ["parabens", "cobalt"]},
            {"allergies": ["cobalt", "parabens"]},
        ),
        ({"ileal_resection": "given", "ileal_resection_length": "20.5"}, {"ileal_resection": 20.5}),
        ({"ileal_resection": "unknown"}, {"ileal_resection": "unknown"}),
        ({"bariatric": "unknown"}, {"bariatric": "unknown"}),
        ({"cause": "pernicious_anaemia"}, {"cause": "pernicious_anaemia"}),
        ({"prior_treatment": "none"}, {"prior_treatment": "none"}),
        (
            {
                "prior_treatment": "given",
                "prior_treatment_since_day": "1",
                "prior_treatment_since_month": "5",
                "prior_treatment_since_year": "2019",
            },
            {"prior_treatment": "2019-05-01"},
        ),
    ],
)
def test_only_what_changed_is_written_and_shown_again(nurse, patient, changed, stored):
    assert send(nurse, patient, **changed).status_code == 302
    assert written(patient) == stored
    assert send(nurse, patient).status_code == 302
    assert written(patient) == stored


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"allergies": "given"}, "allergies_which"),
        ({"allergies": "given", "allergies_which": ["peanuts"]}, "allergies_which"),
        ({"ileal_resection": "given"}, "ileal_resection_length"),
        ({"ileal_resection": "given", "ileal_resection_length": "0"}, "ileal_resection_length"),
        ({"ileal_resection": "given", "ileal_resection_length": "801"}, "ileal_resection"),
        ({"prior_treatment": "given"}, "prior_treatment_since"),
        ({"neuro": "perhaps"}, "neuro"),
        ({"neuro": ""}, "neuro"),
        ({"observed_on_year": "2027"}, "observed_on"),
        ({"observed_on_year": "1960", "anticoagulant": "yes"}, "observed_on"),
        ({"observed_on_day": ""}, "observed_on"),
    ],
)
def test_what_is_no_answer_is_refused_at_its_field(nurse, patient, changed, field):
    response = send(nurse, patient, **{"anticoagulant": "yes", **changed})
    assert response.status_code == 422
    assert field in response.context["form"].errors
    assert written(patient) == {}


def test_an_answer_given_meanwhile_is_not_overwritten_unseen(nurse, patient, clinic):
    opened = sent_by(nurse.get(page(patient)))
    meanwhile = {"patient": patient, "observed_on": TODAY, "now": now(), "recorded_by": a_nurse(clinic)}
    clinical.record_facts(answers={"anticoagulant": True, "renal": True}, **meanwhile)
    response = nurse.post(page(patient), {**opened, "anticoagulant": "not-known"})
    assert response.status_code == 422
    assert "Somebody answered this while you were typing." in response.content.decode()
    assert "On record: Yes, of 14-Jul-2026." in response.content.decode()
    assert nurse.post(page(patient), {**opened, "pregnant": "yes"}).status_code == 302
    assert written(patient) == {"anticoagulant": True, "renal": True, "pregnant": True}
    assert nurse.post(page(patient), sent_by(response)).status_code == 302
    assert clinical.latest_answers(patient)["anticoagulant"] is None


def test_an_older_answer_is_kept_but_does_not_hold(nurse, patient):
    response = nurse.post(
        page(patient),
        {**sent_by(nurse.get(page(patient))), "anticoagulant": "yes", "observed_on_year": "2019"},
        follow=True,
    )
    assert "still holds" in response.content.decode()
    assert clinical.latest_answers(patient)["anticoagulant"] is False


def test_every_answer_stays_in_the_history_with_its_author(nurse, patient):
    send(nurse, patient, anticoagulant="yes")
    words = nurse.get(page(patient)).content.decode().split("All answers")[1]
    assert words.count("Anticoagulant") == 2
    assert "nurse-" in words


def test_a_physician_may_record_and_an_auditor_may_only_look(client, clinic, patient):
    client.force_login(a_member(clinic, Role.PHYSICIAN))
    assert send(client, patient, severe="yes").status_code == 302
    client.force_login(a_member(clinic, Role.AUDITOR))
    words = client.get(page(patient)).content.decode()
    assert "All answers" in words
    assert 'name="severe"' not in words
    assert client.post(page(patient), {}).status_code == 403


@pytest.mark.parametrize("name", ["patient_facts", "record_results", "record_symptoms"])
@pytest.mark.parametrize("role", [Role.RECEPTION, Role.MANAGER])
def test_reception_and_managers_see_nothing_clinical(client, clinic, patient, role, name):
    client.force_login(a_member(clinic, role))
    address = reverse(name, args=[patient.pk])
    assert (client.get(address).status_code, client.post(address, {}).status_code) == (403, 403)


@pytest.mark.parametrize("name", ["patient_facts", "record_results", "record_symptoms"])
def test_a_nurse_of_another_clinic_finds_nobody_here(client, patient, name):
    client.force_login(a_nurse(a_clinic("Elsewhere")))
    address = reverse(name, args=[patient.pk])
    assert (client.get(address).status_code, client.post(address, {}).status_code) == (404, 404)


def test_the_groups_of_the_form_leave_no_question_out(nurse, patient):
    words = nurse.get(page(patient)).content.decode()
    for topic in Topic:
        assert f'name="{topic.value}"' in words
