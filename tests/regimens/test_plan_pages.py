"""A plan on its pages: what the protocol says before anything is saved, the signature, another interval."""

import json
import re
from datetime import date, timedelta
from decimal import Decimal
from html import unescape
from pathlib import Path

import pytest
from dateutil.relativedelta import relativedelta
from django.urls import reverse

from patients.models import AuditEntry, Role
from regimens.models import Course, Plan
from regimens.protocol import catalogue
from regimens.protocol.entries import Loading
from regimens.protocol.intervals import months
from regimens.services import clinical
from tests.factories import (
    a_clinic,
    a_course,
    a_member,
    a_nurse,
    a_patient,
    a_physician,
    a_proposal,
    an_injection,
    now,
)

pytestmark = pytest.mark.django_db

MONDAY = date(2026, 1, 5)
CASES = json.loads((Path(__file__).parents[1] / "clinical" / "cases.json").read_text())
# What the page lets a person ask for; a vein cannot be chosen (C-12).
ROUTES = (None, "IM", "SC_DEEP", "ORAL")
NEW_PLANS = [
    case
    for case in CASES["profiles"]
    if case["input"]["action"] == "new_plan" and case["input"]["route_request"] in ROUTES
]


@pytest.fixture
def patient(today_is):
    today_is(MONDAY)
    return a_patient()


@pytest.fixture
def physician(patient, client):
    client.force_login(a_physician(patient.clinic))
    return a_physician(patient.clinic)


def address(name, patient, *more):
    return reverse(name, args=[patient.pk, *more])


def boxes(name, day):
    return {f"{name}_day": day.day, f"{name}_month": day.month, f"{name}_year": day.year}


def request(starts_on=MONDAY, **asked):
    return {**boxes("starts_on", starts_on), "last_dose": "known", "tests_b12": "on", **asked}


def hidden(page, name):
    """The value of a hidden field, as a browser would send it."""
    tag = re.search(rf'<input[^>]*name="{name}"[^>]*>', page).group()
    return unescape(re.search(r'value="([^"]*)"', tag).group(1))


def propose(client, patient, **asked):
    """Look at what the protocol says, then propose exactly that."""
    sent = request(**asked)
    page = client.post(address("propose_plan", patient), {**sent, "act": "show"})
    assert page.status_code == 200
    shown = hidden(page.text, "shown")
    return client.post(address("propose_plan", patient), {**sent, "act": "propose", "shown": shown})


def sign(client, patient, **typed):
    page = client.get(address("sign_plan", patient)).text
    sent = {name: hidden(page, name) for name in ("plan", "facts_digest")}
    return client.post(address("sign_plan", patient), {**sent, **typed})


def codes_on(page):
    return set(re.findall(r"\(([BHWA]-[A-Z0-9-]+)\)", page))


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


def test_a_nurse_proposes_what_the_protocol_says_and_cannot_ask_for_more(client, patient):
    client.force_login(a_nurse(patient.clinic))
    page = client.get(address("propose_plan", patient)).text
    assert 'name="route"' not in page
    answer = propose(client, patient, route="ORAL", interval="P1M", loading="DAILY_X10", micrograms="2000")
    assert answer.status_code == 302
    plan = Plan.objects.get()
    assert (plan.route, plan.interval_iso, plan.regimen_key) == ("IM", "P2M", "hydroxocobalamin-standard-1")


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
    assert "Every 2 months: first maintenance dose" in page
    assert "16-Mar-2026" in page
    assert "16-Apr-2026" in page


def test_a_fact_changed_by_a_nurse_since_the_page_was_opened_refuses_the_signature(
    client, patient, physician
):
    propose(client, patient)
    page = client.get(address("sign_plan", patient)).text
    sent = {name: hidden(page, name) for name in ("plan", "facts_digest")}
    clinical.record_facts(
        patient=patient,
        answers={"anticoagulant": True},
        observed_on=MONDAY,
        now=now(),
        recorded_by=a_nurse(patient.clinic),
    )
    answer = client.post(address("sign_plan", patient), {**sent, "interval": "P3M"})
    assert answer.status_code == 422
    assert not Plan.objects.signed().exists()
    assert "A fact about this patient has changed" in answer.text
    assert "this has changed: Anticoagulant" in answer.text
    assert "Sign this plan" not in answer.text
    assert "Propose again with the same request" in answer.text


def test_the_same_request_can_be_proposed_again(client, patient, physician):
    propose(client, patient, route="SC_DEEP", interval="P2M", reason="Thin muscles")
    clinical.record_facts(
        patient=patient, answers={"anticoagulant": True}, observed_on=MONDAY, now=now(), recorded_by=physician
    )
    page = client.get(address("sign_plan", patient)).text
    form = page[page.index('action="/patients') : page.index("Propose again with")]
    sent = dict(re.findall(r'name="([a-z_0-9]+)" value="([^"]*)"', form))
    answer = client.post(address("propose_plan", patient), {**sent, "act": "show"})
    assert "deep under the skin (SC)" in answer.text
    assert "every 2 months for life" in answer.text
    assert "Thin muscles" in answer.text
    assert {"W-SC-OFFLABEL", "W-ANTICOAG"} <= codes_on(answer.text)


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
    page = client.get(address("sign_plan", patient)).text
    sent = {name: hidden(page, name) for name in ("plan", "facts_digest")}
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
    page = client.get(address("sign_plan", patient)).text
    sent = {name: hidden(page, name) for name in ("plan", "facts_digest")}
    a_proposal(patient, MONDAY + timedelta(days=14))
    answer = client.post(address("sign_plan", patient), {**sent, "interval": "P3M"})
    assert answer.status_code == 422
    assert "Another plan has been proposed" in answer.text
    assert not Plan.objects.signed().exists()
    assert hidden(answer.text, "plan") == str(Plan.objects.proposed().get().pk)


LOADED = [MONDAY + timedelta(days=days) for days in (0, 2, 4, 7, 9, 11)]


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


def rows_of(page):
    """{what: (now, after)} of the before-and-after table."""
    lines = re.findall(
        r'<th scope="row">([^<]+)</th><td data-label="Now">(.*?)</td>'
        r'<td data-label="After signing">(.*?)</td>',
        page,
    )
    return {what: tuple(re.sub("<[^>]+>", "", cell) for cell in cells) for what, *cells in lines}


def outlook_of(course):
    course.refresh_from_db()
    return course.next_due_on, course.lab_due_on, course.review_due_on


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
    shown = rows_of(page)
    assert "takes the place of the plan" in page
    assert sign(client, patient, note="So decided", **choice).status_code == 302
    next_on, lab_on, review_on = outlook_of(treated)
    written = {"Dose 1": next_on, "Blood test, 3m": lab_on, "Neurological review": review_on}
    for what, day in written.items():
        if day:
            assert shown[what][1] == f"{day:%d-%b-%Y}", what


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


def change(client, patient, **typed):
    page = client.get(address("change_interval", patient)).text
    return client.post(address("change_interval", patient), {"shown": hidden(page, "shown"), **typed})


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
    page = client.get(address("change_interval", treated.patient)).text
    change(client, treated.patient, interval="P2M", reason="The first one decides")
    late = {"shown": hidden(page, "shown"), "interval": "P1M", "reason": "The second one"}
    answer = client.post(address("change_interval", treated.patient), late)
    assert answer.status_code == 422
    assert "Somebody has changed this treatment" in answer.text
    assert "Now: every 2 months" in answer.text
    assert "The first one decides" in answer.text
    assert Plan.objects.signed().get().interval == months(2)


PAGES = ("propose_plan", "sign_plan", "withdraw_proposal", "change_interval")


def test_each_role_opens_only_its_pages(client, treated):
    before = Plan.objects.count()
    for role in Role:
        client.force_login(a_member(treated.clinic, role))
        for page in PAGES:
            may = role == Role.PHYSICIAN or (
                role == Role.NURSE and page in ("propose_plan", "withdraw_proposal")
            )
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


# --- The worked cases


def a_patient_of(case, today_is):
    """The profile of a worked case as rows. A value that can never be entered gives no patient."""
    given = case["input"]
    start = date.fromisoformat(given["start_date"])
    today_is(start)
    resection = given["ileal_resection_cm"]
    patient = a_patient(
        a_clinic(open_weekdays="01234" if given["clinic_days"] == "Mon-Fri" else "0123456"),
        born_on=start - relativedelta(years=given["age"]),
        facts={
            "neuro": given["neuro"],
            "deficiency": given["deficiency"],
            "pregnant": given["pregnant"],
            "bariatric": "bypass" if given["bariatric"] else "none",
            "ileal_resection": "none" if resection is None else resection,
            "crohns_ileal": given["crohns_ileal"],
            "renal": given["renal_flag"],
            "anticoagulant": given["anticoagulant"],
            "allergies": given["allergies"],
            "leber": given["leber"],
            "folic_acid": given["folic_acid"],
        },
    )
    measured = {
        "HB": (given["hb_g_l"], "g/L", 0),
        "K": (given["potassium"], "mmol/L", 0),
        "EGFR": (given["egfr"], "mL/min/1.73 m2", 0),
    }
    for analyte, name in (("B12", "b12"), ("PLT", "platelets")):
        value = given[name] or {"value": None, "unit": None}
        measured[analyte] = (value["value"], value["unit"], value.get("age_days") or 0)
    for analyte, (value, unit, days) in measured.items():
        if value is None:
            continue
        row = {"analyte": analyte, "value": Decimal(str(value)), "unit": unit, "confirmed": True}
        clinical.record_results(
            patient=patient,
            collected_on=start - timedelta(days=days),
            values=[row],
            now=now(),
            recorded_by=a_nurse(patient.clinic),
        )
    return patient


def can_be_entered(case):
    """Results outside their hard limits never become rows (D-18)."""
    return "B-LAB-IMPLAUSIBLE" not in case["expected"]["blocks"]


@pytest.mark.parametrize(
    "case", [case for case in NEW_PLANS if can_be_entered(case)], ids=lambda case: case["id"]
)
def test_the_page_says_what_the_worked_case_expects(client, today_is, case):
    given, expected = case["input"], case["expected"]
    patient = a_patient_of(case, today_is)
    client.force_login(a_member(patient.clinic, Role(given["role"])))
    choice = given["physician_choice_months"]
    asked = {
        "route": given["route_request"] or "",
        "product": given["product_request"] or "",
        "micrograms": given["dose_request_mcg"] or "",
        "loading": given["loading_request"] or "",
        "interval": f"P{choice}M" if choice else "",
    }
    page = client.post(
        address("propose_plan", patient),
        {**request(date.fromisoformat(given["start_date"]), **asked), "act": "show"},
    )
    assert page.status_code == 200
    text = unescape(page.text)
    raised = codes_on(text)
    assert {code for code in raised if code[0] in "BH"} == set(expected["blocks"])
    assert set(expected["warnings"]) <= raised
    assert not set(expected.get("warnings_forbidden", ())) & raised
    if expected["product"] is None:
        assert "Propose this plan" not in text
        return
    assert "Propose this plan" in text
    regimens = {
        entry.title
        for entry in catalogue.REGIMENS
        if (entry.loading.kind, entry.product) == (expected["loading"], expected["product"])
    }
    shown = re.search(r"<dt>Regimen</dt><dd>(.*?)</dd>", text).group(1)
    assert shown in regimens
    terms = expected["maintenance"]
    if terms.get("daily"):
        assert "every day, without end" in text
    elif terms["physician_choice_required"]:
        allowed = " or ".join(map(str, terms["allowed_months"]))
        assert f"every {allowed} months for life: a physician chooses" in text
    else:
        every = "every month" if terms["months"] == 1 else f"every {terms['months']} months"
        assert f"<dd>{every} for life</dd>" in text
