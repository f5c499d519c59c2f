"""Another interval: the next step with its arithmetic, when symptoms come, what each choice would change."""

import re
from datetime import date, time

import pytest

from patients.models.symptoms import SYMPTOMS
from regimens.models import Plan, Request
from regimens.protocol.intervals import months
from regimens.services import appointments, clinical
from regimens.to_move import to_move
from tests.factories import (
    a_course,
    a_nurse,
    a_patient,
    a_physician,
    an_injection,
    now,
)
from tests.regimens.plan_pages import (
    LOADED,
    MONDAY,
    address,
    change,
    codes_on,
    opened,
    outlook_of,
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


def test_an_interval_is_changed_to_what_was_shown(client, treated):
    page = client.get(address("change_interval", treated.patient)).text
    assert "Every 2 months: 50 percent more often than every 3 months" in page
    assert "Every month: 200 percent more often than every 3 months; over the cap" in page
    assert 'value="P3M"' not in page, "the present one"
    assert "16-Mar-2026" in page
    assert change(client, treated.patient, interval="P2M").status_code == 302
    assert outlook_of(treated)[0] == date(2026, 3, 16)


def test_over_the_cap_an_interval_needs_a_reason(client, treated):
    answer = change(client, treated.patient, interval="P1M")
    assert answer.status_code == 422
    assert "More than 50 percent more frequent: give the reason" in answer.text
    assert re.search(r'value="P1M"[^>]*checked', answer.text), "what was chosen stays chosen"
    assert Plan.objects.signed().get().interval == months(3)
    assert (
        change(client, treated.patient, interval="P1M", reason="Tingling from week five").status_code == 302
    )
    assert Plan.objects.signed().get().signature_note == "Tingling from week five"


def test_longer_than_the_protocol_allows_is_not_offered(client, today_is):
    today_is(MONDAY)
    course = a_course(starts_on=MONDAY, facts={"crohns_ileal": True})
    client.force_login(a_physician(course.clinic))
    page = client.get(address("change_interval", course.patient)).text
    assert re.findall(r'name="interval" value="(\w+)"', page) == ["P21D"]
    assert change(client, course.patient, interval="P3M").status_code == 422


def test_of_two_physicians_the_second_sees_the_interval_the_first_chose(client, treated):
    sent = opened(client, "change_interval", treated.patient)
    change(client, treated.patient, interval="P2M", reason="The first one decides")
    late = {**sent, "interval": "P1M", "reason": "The second one"}
    answer = client.post(address("change_interval", treated.patient), late)
    assert answer.status_code == 422
    assert "Somebody has changed this treatment" in answer.text
    assert "Now: <strong>every 2 months</strong>" in answer.text
    assert "The second one" in answer.text, "what was typed is kept"
    assert "The first one decides" in answer.text
    assert Plan.objects.signed().get().interval == months(2)


def reports(course, on, **symptoms):
    clinical.record_symptoms(
        patient=course.patient,
        reported_on=on,
        now=now(),
        recorded_by=a_nurse(course.clinic),
        **{**dict.fromkeys(SYMPTOMS, "none"), **symptoms},
    )


@pytest.mark.parametrize(
    ("interval", "arithmetic"),
    [
        (months(3), "3 months × 2/3 = 2 months"),
        (months(2), "2 months × 2/3 = 40.6 days, offered as 42 days"),
        (months(1), "1 month × 2/3 = 20.3 days, offered as 21 days"),
    ],
)
def test_the_next_step_stands_there_with_its_arithmetic(client, today_is, interval, arithmetic):
    today_is(MONDAY)
    facts = {"crohns_ileal": True} if interval == months(1) else {}
    course = a_course(starts_on=MONDAY, interval=None if facts else interval, facts=facts)
    client.force_login(a_physician(course.clinic))
    page = client.get(address("change_interval", course.patient)).text
    assert f"Half as frequent again: {arithmetic} (D-24)." in page
    assert not re.search(r'name="interval"[^>]*checked', page), "nothing was reported, nothing is proposed"


def test_returning_symptoms_propose_the_next_step_and_change_nothing(client, treated, today_is):
    today_is(date(2026, 4, 1))
    client.force_login(a_physician(treated.clinic))
    before = outlook_of(treated)
    reports(treated, date(2026, 4, 1), fatigue="worse")
    page = client.get(address("change_interval", treated.patient)).text
    assert "Symptoms are back: the next step is every 2 months." in page
    assert re.search(r'value="P2M"[^>]*checked', page)
    assert outlook_of(treated) == before
    assert Plan.objects.signed().get().interval == months(3)
    assert change(client, treated.patient).status_code == 302
    assert outlook_of(treated)[0] == date(2026, 4, 1), (
        "16 March has passed, so it is due on the day of the decision"
    )
    page = client.get(address("change_interval", treated.patient)).text
    assert "The next step more often is every 42 days." in page
    assert "It is over the cap of 50 percent on the protocol's every 3 months" in page


def test_reports_late_in_the_interval_are_set_against_early_ones(client, treated, today_is):
    for on, part in (
        (date(2026, 1, 12), "in loading"),
        (date(2026, 1, 30), "first half"),
        (date(2026, 3, 30), "second half"),
        (date(2026, 4, 20), "dose was overdue"),
    ):
        today_is(on)
        client.force_login(a_physician(treated.clinic))
        reports(treated, on, fatigue="worse")
        page = client.get(address("change_interval", treated.patient)).text
        assert part in page
    assert (
        "Of 3 reports of something new or worse between two doses, 1 came in the first half of the interval, "
        "1 in the second, 1 after the next dose was due" in page
    )
    assert "they come late" in page
    assert "73 days of 90" in page


def test_what_is_none_or_better_is_no_report_of_wearing_off(client, treated):
    reports(treated, date(2026, 2, 2), fatigue="better", mood="same")
    assert (
        "Nothing new or worse has been reported."
        in client.get(address("change_interval", treated.patient)).text
    )


def test_new_nerve_symptoms_are_for_today_and_offer_loading_again(client, treated):
    patient = treated.patient
    reports(treated, date(2026, 2, 2), paraesthesia="new")
    page = client.get(address("change_interval", patient)).text
    assert "<strong>Today.</strong> Nerve symptoms are new or worse: look for other causes" in page
    answer = client.post(address("change_interval", patient), {"act": "nerves"}, follow=True)
    assert "Nothing is proposed yet" in answer.text
    assert "alternate days until a physician finds no further improvement" in answer.text
    assert not Plan.objects.proposed().exists()
    assert outlook_of(treated)[0] == date(2026, 4, 16), "nothing changes by itself"
    page = client.get(address("change_interval", patient)).text
    assert "Propose loading again" in page


def test_a_fact_changed_since_the_page_was_opened_refuses_another_interval(client, treated):
    patient = treated.patient
    sent = opened(client, "change_interval", patient)
    clinical.record_facts(
        patient=patient,
        answers={"anticoagulant": True},
        observed_on=date(2026, 2, 2),
        now=now(),
        recorded_by=a_nurse(treated.clinic),
    )
    answer = client.post(address("change_interval", patient), {**sent, "interval": "P2M", "reason": "Tired"})
    assert answer.status_code == 422
    assert "Anticoagulant:</strong> was No, is now <strong>Yes" in answer.text
    assert "Tired" in answer.text
    assert Plan.objects.signed().get().interval == months(3)
    assert change(client, patient, interval="P2M").status_code == 302


def test_a_nurse_reports_and_changes_nothing(client, treated):
    patient = treated.patient
    client.force_login(a_nurse(treated.clinic))
    page = client.get(address("change_interval", patient)).text
    assert "Only a physician changes it (B-ROLE)" in page
    answer = change(client, patient, interval="P1M", symptoms_returned="on", text="Tingling from week nine")
    assert answer.status_code == 422
    assert {"B-ROLE", "A-SYMPTOM-RETURN"} <= codes_on(answer.text)
    assert "The interval is not changed." in answer.text
    assert "it is on their list" in answer.text
    asked = Request.objects.get()
    assert (asked.kind, asked.codes) == (Request.Kind.SYMPTOMS, ["A-SYMPTOM-RETURN"])
    assert asked.text == "Wish: every month. Tingling from week nine"
    assert Plan.objects.signed().get().interval == months(3)
    assert "had been asked already" in change(client, patient, symptoms_returned="on").text
    assert Request.objects.count() == 1
    assert change(client, patient).status_code == 422, "something must be said"


def test_a_place_that_would_come_after_the_window_is_named_and_stands_on_the_list_of_those_to_move(
    client, treated
):
    booked = appointments.book(
        course=treated,
        subject="dose",
        on=date(2026, 4, 16),
        at=time(9),
        now=now(),
        booked_by=a_nurse(treated.clinic),
    )
    page = client.get(address("change_interval", treated.patient)).text
    assert "17 days after the window closes; it stays booked until somebody moves it" in page
    assert not to_move(treated.clinic, date(2026, 2, 2)).exists()
    assert change(client, treated.patient, interval="P2M").status_code == 302
    assert list(to_move(treated.clinic, date(2026, 2, 2))) == [booked]


def test_without_a_signed_plan_there_is_nothing_to_change(client, today_is):
    today_is(MONDAY)
    patient = a_patient()
    client.force_login(a_physician(patient.clinic))
    assert "There is no interval to change" in client.get(address("change_interval", patient)).text
    assert client.post(address("change_interval", patient), {}).status_code == 422
