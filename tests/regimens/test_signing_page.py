"""The signature under a proposal: what is signed, what it would change, and what refuses it."""

import re
from datetime import date, time, timedelta
from decimal import Decimal

import pytest

from patients.models import Role
from regimens.models import Plan
from regimens.protocol.intervals import months
from regimens.services import appointments, clinical, plans
from tests.factories import (
    a_course,
    a_member,
    a_nurse,
    a_patient,
    a_physician,
    a_proposal,
    an_injection,
    now,
)
from tests.regimens.plan_pages import (
    LOADED,
    MONDAY,
    address,
    codes_on,
    hidden,
    opened,
    outlook_of,
    propose,
    request,
    rows_of,
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


def test_a_physician_signs_with_the_choice_the_rules_leave(client, patient, physician):
    propose(client, patient)
    refused = sign(client, patient)
    assert refused.status_code == 422
    assert "Choose how often maintenance is given" in refused.text
    answer = sign(client, patient, interval="P3M")
    assert answer.status_code == 302
    plan = Plan.objects.signed().get()
    assert (plan.interval, plan.signed_by) == (months(3), physician)
    assert "W-MAINT-CHOOSE" in plan.acknowledged


def test_the_page_of_the_signature_says_where_each_choice_leads(client, patient, physician):
    propose(client, patient)
    page = client.get(address("sign_plan", patient)).text
    assert rows_of(page, "P2M")["Dose 7"][1] == "16-Mar-2026"
    assert rows_of(page, "P3M")["Dose 7"][1] == "16-Apr-2026"
    assert "11 vials" in page
    assert "9 vials" in page


def test_the_button_says_what_is_signed(client, patient, physician):
    propose(client, patient, interval="P2M")
    page = client.get(address("sign_plan", patient)).text
    said = (
        'Sign: <span class="unless">Hydroxocobalamin, 1,000 micrograms into a muscle (IM): three times a week'
    )
    assert said in page
    assert "then every 2 months for life." in page


def changed_by_a_nurse(patient, **answers):
    clinical.record_facts(
        patient=patient,
        answers=answers,
        observed_on=MONDAY,
        now=now(),
        recorded_by=a_nurse(patient.clinic),
    )


def test_a_fact_changed_by_a_nurse_since_the_page_was_opened_refuses_the_signature(
    client, patient, physician
):
    propose(client, patient)
    sent = opened(client, "sign_plan", patient)
    changed_by_a_nurse(patient, anticoagulant=True, ileal_resection=35.0)
    answer = client.post(address("sign_plan", patient), {**sent, "interval": "P3M", "note": "As we said"})
    assert answer.status_code == 422
    assert not Plan.objects.signed().exists()
    assert "A fact about this patient has changed" in answer.text
    assert "Anticoagulant:</strong> was No, is now <strong>Yes" in answer.text
    assert "Ileal resection:</strong> was None, is now <strong>35 cm" in answer.text
    assert "Sign:" not in answer.text, "no signature is offered"


def test_after_a_fact_changed_the_plan_is_proposed_again_in_one_step_and_what_was_typed_is_kept(
    client, patient, physician
):
    propose(client, patient, route="SC_DEEP", reason="Thin muscles")
    sent = opened(client, "sign_plan", patient)
    changed_by_a_nurse(patient, anticoagulant=True)
    typed = {"interval": "P3M", "note": "As we said", "confirmed": ["W-SC-OFFLABEL"]}
    refused = client.post(address("sign_plan", patient), {**sent, **typed})
    for page in (
        refused.text,
        client.post(address("sign_plan", patient), {**sent, **typed, "act": "again"}).text,
    ):
        assert "As we said" in page
        assert re.search(r'value="P3M"[^>]*checked', page)
    plan = Plan.objects.proposed().get()
    assert (plan.route, plan.reason, plan.facts["anticoagulant"]) == ("SC_DEEP", "Thin muscles", "yes")
    assert "W-ANTICOAG" in codes_on(page)
    assert not Plan.objects.signed().exists(), "proposing again signs nothing"
    assert (
        sign(client, patient, interval="P3M", note="As we said", confirmed=["W-SC-OFFLABEL"]).status_code
        == 302
    )


def test_a_fact_that_now_forbids_the_plan_is_said_and_nothing_is_proposed(client, patient, physician):
    propose(client, patient)
    changed_by_a_nurse(patient, allergies=["hydroxocobalamin"])
    sent = opened(client, "sign_plan", patient)
    answer = client.post(address("sign_plan", patient), {**sent, "act": "again", "note": "As we said"})
    assert answer.status_code == 422
    assert "has reacted to a form of B12 before" in answer.text
    assert "As we said" in answer.text
    assert Plan.objects.count() == 1


def test_a_date_that_moved_since_the_page_was_opened_refuses_the_signature(client, treated):
    patient = treated.patient
    propose(client, patient, starts_on=date(2026, 2, 2), loaded_elsewhere="on", interval="P2M")
    sent = opened(client, "sign_plan", patient)
    an_injection(treated, date(2026, 1, 30), already_given=True, source="elsewhere", source_name="Ward 3")
    answer = client.post(address("sign_plan", patient), {**sent, "note": "As we said"})
    assert answer.status_code == 422
    assert "Somebody has changed this treatment since the page was opened" in answer.text
    assert "As we said" in answer.text
    assert Plan.objects.signed().get().interval == months(3)
    assert sign(client, patient).status_code == 302, "after looking again"


def test_a_place_booked_since_the_page_was_opened_refuses_the_signature(client, treated, today_is):
    patient = treated.patient
    propose(client, patient, starts_on=date(2026, 2, 2), loaded_elsewhere="on", interval="P2M")
    sent = opened(client, "sign_plan", patient)
    appointments.book(
        course=treated,
        subject="dose",
        on=date(2026, 4, 16),
        at=time(9),
        now=now(),
        booked_by=a_nurse(treated.clinic),
    )
    answer = client.post(address("sign_plan", patient), sent)
    assert answer.status_code == 422
    assert "or a place or letter that belongs to it" in answer.text
    assert "after the window closes" in answer.text, "the new place stands on the page now"


CONFIRMING = {
    "W-CROHN-EVIDENCE": ({"crohns_ileal": True}, {}),
    "W-ILEAL-BOUNDARY": ({"ileal_resection": 20.0}, {"interval": "P2M"}),
    "W-COBALT": ({"allergies": ["cobalt"]}, {"interval": "P2M"}),
    "W-MULTI-POP": ({"neuro": "present", "bariatric": "bypass"}, {}),
    "W-SC-OFFLABEL": ({}, {"interval": "P2M", "route": "SC_DEEP"}),
}


@pytest.mark.parametrize("code", CONFIRMING)
def test_what_a_rule_asks_to_be_confirmed_is_ticked_before_signing(client, today_is, code):
    today_is(MONDAY)
    facts, asked = CONFIRMING[code]
    patient = a_patient(facts=facts)
    client.force_login(a_physician(patient.clinic))
    propose(client, patient, **asked)
    refused = sign(client, patient)
    assert refused.status_code == 422
    assert "Tick each of these, or propose another plan." in refused.text
    assert code in codes_on(refused.text)
    assert sign(client, patient, confirmed=[code]).status_code == 302
    assert code in Plan.objects.signed().get().acknowledged


def test_where_no_rule_asks_nothing_is_to_be_confirmed(client, patient, physician):
    propose(client, patient)
    assert "I confirm" not in client.get(address("sign_plan", patient)).text


def test_borderline_kidneys_are_passed_with_a_reason_and_tablets_are_signed(client, patient, physician):
    egfr = {"analyte": "EGFR", "value": Decimal("55"), "unit": "mL/min/1.73 m2"}
    clinical.record_results(
        patient=patient, collected_on=MONDAY, values=[egfr], now=now(), recorded_by=physician
    )
    asked = {"route": "ORAL"}
    page = client.post(address("propose_plan", patient), {**request(**asked), "act": "show"})
    assert "B-CYANO-RENAL" in codes_on(page.text)
    assert "into a muscle" in page.text, "the safe alternative"
    asked["overrides"] = "B-CYANO-RENAL"
    page = client.post(address("propose_plan", patient), {**request(**asked), "act": "show"})
    assert page.status_code == 422
    assert "Write the reason for going on all the same" in page.text
    propose(client, patient, **asked, reason="Refuses needles; kidneys stable for years")
    page = client.get(address("sign_plan", patient)).text
    assert "A physician passes this, with a reason" in page
    assert "Cyanocobalamin tablets, 1,000 micrograms by mouth every day" in page
    assert sign(client, patient).status_code == 302
    plan = Plan.objects.signed().get()
    assert (plan.route, plan.reason) == ("ORAL", "Refuses needles; kidneys stable for years")
    assert plan.recommendation["overridden"] == ["B-CYANO-RENAL"]


def test_kidneys_under_fifty_are_passed_by_nobody(client, patient, physician):
    egfr = {"analyte": "EGFR", "value": Decimal("45"), "unit": "mL/min/1.73 m2"}
    clinical.record_results(
        patient=patient, collected_on=MONDAY, values=[egfr], now=now(), recorded_by=physician
    )
    asked = {"route": "ORAL", "overrides": "B-CYANO-RENAL", "reason": "Refuses needles"}
    propose(client, patient, **asked)
    assert Plan.objects.get().route == "IM"


def test_a_hold_is_signed_only_with_a_reason(client, today_is):
    today_is(MONDAY)
    patient = a_patient()
    physician = a_physician(patient.clinic)
    client.force_login(physician)
    platelets = {"analyte": "PLT", "value": Decimal("15"), "unit": "10^9/L", "confirmed": True}
    clinical.record_results(
        patient=patient, collected_on=MONDAY, values=[platelets], now=now(), recorded_by=physician
    )
    propose(client, patient)
    answer = sign(client, patient, interval="P3M")
    assert answer.status_code == 422
    assert "the protocol asks for one" in answer.text
    assert sign(client, patient, interval="P3M", note="Haematology agrees").status_code == 302
    assert Plan.objects.signed().get().signature_note == "Haematology agrees"


def test_a_hold_by_any_other_name_is_signed_only_with_a_reason(client, today_is):
    today_is(MONDAY)
    patient = a_patient(facts={"leber": True})
    client.force_login(a_physician(patient.clinic))
    propose(client, patient)
    assert sign(client, patient, interval="P3M").status_code == 422
    assert not Plan.objects.signed().exists()
    assert sign(client, patient, interval="P3M", note="Regimen as written").status_code == 302


def test_an_open_question_must_be_answered_before_signing(client, patient, physician):
    assert propose(client, patient, route="ORAL").status_code == 302
    page = client.get(address("sign_plan", patient)).text
    assert "To be answered before signing:</strong> Estimated GFR" in page
    assert "Sign this plan" not in page


def test_of_two_physicians_the_second_sees_who_signed(client, patient, physician):
    propose(client, patient)
    sent = opened(client, "sign_plan", patient)
    other = a_member(patient.clinic, Role.PHYSICIAN, username="dr-first")
    client.force_login(other)
    sign(client, patient, interval="P2M", note="After talking")
    client.force_login(physician)
    answer = client.post(address("sign_plan", patient), {**sent, "interval": "P3M"})
    assert answer.status_code == 422
    assert "Your signature was not written" in answer.text
    assert "dr-first signed the plan in force" in answer.text
    assert "every 2 months" in answer.text
    assert Plan.objects.signed().get().interval == months(2)


def test_a_plan_that_took_the_place_of_the_one_shown_is_not_signed_unseen(client, patient, physician):
    propose(client, patient)
    sent = opened(client, "sign_plan", patient)
    a_proposal(patient, MONDAY + timedelta(days=14))
    answer = client.post(address("sign_plan", patient), {**sent, "interval": "P3M"})
    assert answer.status_code == 422
    assert "Another plan has been proposed" in answer.text
    assert not Plan.objects.signed().exists()
    assert hidden(answer.text, "plan") == str(Plan.objects.proposed().get().pk)


@pytest.mark.parametrize(
    ("facts", "asked"),
    [
        ({}, {"interval": "P2M"}),
        ({"neuro": "present"}, {}),
        ({"crohns_ileal": True}, {}),
        ({}, {"loaded_elsewhere": "on"}),
        ({}, {"starts_on": date(2026, 2, 9)}),
        ({}, {"route": "SC_DEEP", "interval": "P3M"}),
    ],
)
def test_what_signing_would_change_is_what_it_changes(client, treated, facts, asked):
    patient = treated.patient
    clinical.record_facts(
        patient=patient,
        answers=facts,
        observed_on=date(2026, 2, 2),
        now=now(),
        recorded_by=a_nurse(treated.clinic),
    )
    propose(client, patient, **{"starts_on": date(2026, 2, 2), **asked})
    page = client.get(address("sign_plan", patient)).text
    plan = Plan.objects.proposed().get()
    choice = {} if plan.interval_chosen else {"interval": "P2M"}
    choice["confirmed"] = [code.code for code in plans.confirmations(plan)]
    shown = rows_of(page, choice.get("interval", "signed"))
    assert "takes the place of the plan" in page
    assert sign(client, patient, note="So decided", **choice).status_code == 302
    next_on, lab_on, review_on = outlook_of(treated)
    written = {"Dose 1": next_on, "Blood test, 3 months": lab_on, "Neurological review": review_on}
    for what, day in written.items():
        if day:
            assert shown[what][1] == f"{day:%d-%b-%Y}", what
