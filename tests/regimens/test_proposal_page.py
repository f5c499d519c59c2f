"""A proposal on its page: what the protocol says before anything is saved, and taking it back."""

import re
from datetime import date, timedelta
from decimal import Decimal
from html import unescape

import pytest

from regimens.models import Course, Plan
from regimens.protocol.entries import Loading
from regimens.protocol.intervals import months
from regimens.services import clinical
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
    boxes,
    codes_on,
    hidden,
    propose,
    request,
    sign,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def patient(today_is):
    today_is(MONDAY)
    return a_patient()


@pytest.fixture
def physician(patient, client):
    client.force_login(a_physician(patient.clinic))
    return a_physician(patient.clinic)


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


def test_the_page_shows_what_the_protocol_says_and_writes_nothing(client, patient, physician):
    page = client.get(address("propose_plan", patient))
    assert page.status_code == 200
    assert "Three times a week for two weeks, then maintenance for life" in page.text
    assert "every 2 or 3 months for life: a physician chooses" in page.text
    assert "W-MAINT-CHOOSE" in codes_on(page.text)
    assert "Fri 16-Jan-2026" in page.text, "the sixth loading dose"
    assert "16-Mar-2026" in page.text, "the first maintenance dose, two months later"
    assert "3 months on" in page.text
    assert not Plan.objects.exists()


def test_where_sources_disagree_both_voices_are_on_the_page(client, patient, physician):
    page = unescape(client.get(address("propose_plan", patient)).text)
    assert "British National Formulary wording" in page
    assert "The product summaries give 250 to 1000 micrograms" in page
    assert "Six doses of 1 mg." in page
    assert "Into a vein" in page, "an alternative that was rejected"


def test_facts_are_shown_with_their_days_and_unknown_and_stale_ones_are_marked(client, patient, physician):
    clinical.record_facts(
        patient=patient,
        answers={"anticoagulant": None},
        observed_on=MONDAY,
        now=now(),
        recorded_by=physician,
    )
    platelets = {"analyte": "PLT", "value": Decimal("40"), "unit": "10^9/L"}
    clinical.record_results(
        patient=patient,
        collected_on=MONDAY - timedelta(days=9),
        values=[platelets],
        now=now(),
        recorded_by=physician,
    )
    page = client.get(address("propose_plan", patient)).text
    assert "01-Jan-2020" in page
    assert "asked, not known" in page
    assert "no result" in page
    assert "valid for 7 days, this one is from 27 December 2025" in page
    assert "B-PLT-STALE" in codes_on(page)


def test_what_was_shown_is_what_is_proposed(client, patient, physician):
    answer = propose(client, patient)
    assert answer.status_code == 302
    assert answer.url == address("sign_plan", patient)
    plan = Plan.objects.get()
    assert (plan.starts_on, plan.is_signed, plan.regimen_key) == (
        MONDAY,
        False,
        "hydroxocobalamin-standard-1",
    )


def test_another_request_than_the_one_shown_is_shown_first(client, patient, physician):
    page = client.post(address("propose_plan", patient), {**request(), "act": "show"}).text
    answer = client.post(
        address("propose_plan", patient),
        {**request(route="ORAL"), "act": "propose", "shown": hidden(page, "shown")},
    )
    assert answer.status_code == 422
    assert "This is what the protocol says now" in answer.text
    assert "Tablets every day without end" in answer.text
    assert not Plan.objects.exists()
    again = hidden(answer.text, "shown")
    answer = client.post(
        address("propose_plan", patient), {**request(route="ORAL"), "act": "propose", "shown": again}
    )
    assert answer.status_code == 302
    assert Plan.objects.get().route == "ORAL"


def test_a_fact_that_changed_since_the_page_was_shown_is_shown_first(client, patient, physician):
    page = client.post(address("propose_plan", patient), {**request(), "act": "show"}).text
    clinical.record_facts(
        patient=patient, answers={"neuro": "present"}, observed_on=MONDAY, now=now(), recorded_by=physician
    )
    sent = {**request(), "act": "propose", "shown": hidden(page, "shown")}
    answer = client.post(address("propose_plan", patient), sent)
    assert answer.status_code == 422
    assert "Alternate days until no further improvement" in answer.text
    assert not Plan.objects.exists()


def test_a_date_that_does_not_exist_keeps_what_was_typed(client, patient, physician):
    sent = {**request(route="ORAL"), "starts_on_day": "31", "starts_on_month": "2", "act": "propose"}
    answer = client.post(address("propose_plan", patient), sent)
    assert answer.status_code == 422
    assert "31 February 2026 does not exist" in answer.text
    assert re.search(r'value="ORAL"[^>]*checked', answer.text)


def test_a_nurse_proposes_what_the_protocol_says(client, patient):
    client.force_login(a_nurse(patient.clinic))
    page = client.get(address("propose_plan", patient)).text
    assert 'name="route"' not in page
    assert propose(client, patient).status_code == 302
    plan = Plan.objects.get()
    assert (plan.route, plan.interval_iso, plan.regimen_key) == ("IM", "P2M", "hydroxocobalamin-standard-1")


@pytest.mark.parametrize(
    "asked",
    [
        {"route": "ORAL"},
        {"interval": "P1M"},
        {"loading": "DAILY_X10"},
        {"micrograms": "2000"},
        {"product": "METHYLCOBALAMIN"},
        {"other_product": "Adenosylcobalamin"},
        {"overrides": "B-CYANO-RENAL"},
    ],
    ids=str,
)
def test_a_nurse_who_asks_for_more_is_told_that_a_physician_may(client, patient, asked):
    client.force_login(a_nurse(patient.clinic))
    answer = client.post(address("propose_plan", patient), {**request(**asked), "act": "show"})
    assert "B-ROLE" in codes_on(answer.text)
    assert "Only a physician may do this." in answer.text
    shown = {"act": "propose", "shown": "x"}
    assert client.post(address("propose_plan", patient), {**request(**asked), **shown}).status_code == 422
    assert not Plan.objects.exists()


@pytest.mark.parametrize(
    ("asked", "code"),
    [
        ({"route": "IV"}, "B-ROUTE-IV"),
        ({"micrograms": "500"}, "B-DOSE-NOT-1MG"),
        ({"other_product": "Adenosylcobalamin"}, "B-PRODUCT-UNKNOWN"),
        ({"product": "CYANOCOBALAMIN_IM"}, "B-PRODUCT-UNKNOWN"),
    ],
)
def test_what_is_asked_and_refused_is_answered_with_the_safe_alternative(
    client, patient, physician, asked, code
):
    page = client.get(address("propose_plan", patient)).text
    assert 'value="IV"' not in page, "a vein is not offered (C-12)"
    answer = client.post(address("propose_plan", patient), {**request(**asked), "act": "show"})
    assert code in codes_on(answer.text)
    assert "Not as asked for: the protocol proposes the safe alternative." in answer.text
    assert "Propose: Hydroxocobalamin, 1,000 micrograms into a muscle (IM)" in answer.text


def test_alternate_days_without_nerves_involved_are_answered_with_the_reason(client, patient, physician):
    sent = {**request(loading="NEURO_ALT_DAYS"), "act": "show"}
    page = unescape(client.post(address("propose_plan", patient), sent).text)
    assert "three times a week for two weeks" in page
    assert "Only when nerves are involved." in page


def test_who_is_loaded_is_not_loaded_again_unasked(client, treated):
    page = client.get(address("propose_plan", treated.patient)).text
    assert "Loading is over and is not given again" in page
    assert "every 2 or 3 months for life, without loading" in page
    again = client.get(address("propose_plan", treated.patient), {"load": "again"}).text
    assert "three times a week for two weeks (6 doses), then" in again


def test_the_b12_test_stays_off_when_another_plan_is_proposed(client, treated):
    patient = treated.patient
    sent = request(date(2026, 2, 2), loaded_elsewhere="on", interval="P2M")
    del sent["tests_b12"]
    page = client.post(address("propose_plan", patient), {**sent, "act": "show"}).text
    shown = {"act": "propose", "shown": hidden(page, "shown")}
    assert client.post(address("propose_plan", patient), {**sent, **shown}).status_code == 302
    assert sign(client, patient).status_code == 302
    assert not Plan.objects.signed().get().tests_b12
    page = client.get(address("propose_plan", patient)).text
    assert not re.search(r'name="tests_b12"[^>]*checked', page)


def test_what_was_not_asked_at_the_last_visit_is_said(client, treated):
    page = unescape(client.get(address("propose_plan", treated.patient)).text)
    assert "Not asked at the visit" not in page, "the nurse asked"
    an_injection(
        treated, date(2026, 2, 1), already_given=True, questions_asked=False, identity_confirmed=False
    )
    page = unescape(client.get(address("propose_plan", treated.patient)).text)
    assert "Not asked at the visit of 1 February 2026:" in page
    assert "asked at every visit" in page


def test_what_blocks_a_plan_offers_no_button_and_refuses_the_post(client, today_is):
    today_is(MONDAY)
    patient = a_patient(facts={"allergies": ["hydroxocobalamin"]})
    client.force_login(a_physician(patient.clinic))
    page = client.get(address("propose_plan", patient)).text
    assert {code for code in codes_on(page) if code[0] in "BH"} == {"B-ALLERGY-COBALAMIN"}
    assert "Propose this plan" not in page
    answer = client.post(address("propose_plan", patient), {**request(), "act": "propose", "shown": "x"})
    assert answer.status_code == 422
    assert not Plan.objects.exists()


def test_an_unanswered_question_about_nerves_is_asked_for(client, today_is):
    today_is(MONDAY)
    patient = a_patient(facts={"neuro": None})
    client.force_login(a_physician(patient.clinic))
    page = client.get(address("propose_plan", patient)).text
    assert "H-NEURO-UNKNOWN" in codes_on(page)
    assert "Nothing can be proposed until this is settled" in page


def test_who_arrives_on_treatment_is_not_loaded_again(client, patient, physician):
    sent = {"loaded_elsewhere": "on", "last_dose": "unknown", **boxes("treated_since_on", date(2020, 3, 1))}
    assert propose(client, patient, **sent).status_code == 302
    course = Course.objects.get()
    assert course.last_dose_unknown
    assert course.treated_since_on == date(2020, 3, 1)
    assert course.plans.get().regimen.loading.kind is Loading.NONE


def test_what_is_said_of_treatment_elsewhere_counts_only_for_who_arrives(client, patient, physician):
    assert propose(client, patient, last_dose="unknown").status_code == 302
    assert not Course.objects.get().last_dose_unknown


def test_a_proposal_beside_a_signed_plan_can_be_taken_back(client, treated):
    patient = treated.patient
    propose(client, patient, starts_on=date(2026, 2, 2))
    plan = Plan.objects.proposed().get()
    assert "leaves the list" in client.get(address("withdraw_proposal", patient)).text
    answer = client.post(address("withdraw_proposal", patient), {"plan": plan.pk})
    assert answer.status_code == 302
    assert not Plan.objects.proposed().exists()
    answer = client.post(address("withdraw_proposal", patient), {"plan": plan.pk})
    assert answer.status_code == 422


def test_the_only_plan_is_not_taken_back(client, patient, physician):
    propose(client, patient)
    answer = client.post(address("withdraw_proposal", patient), {"plan": Plan.objects.get().pk})
    assert answer.status_code == 422
    assert "would have no next date" in unescape(answer.text)
