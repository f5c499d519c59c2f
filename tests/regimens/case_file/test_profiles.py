"""Profiles of a case file: the words of the format, and doses about to be given."""

import json
from decimal import Decimal
from pathlib import Path

import pytest

from regimens.case_file.profiles import answer

DEFAULTS = json.loads(
    Path(__file__, "../../../clinical/cases.json").resolve().read_text(encoding="utf-8"), parse_float=Decimal
)["meta"]["input_defaults"]


def profile(**given):
    return answer(DEFAULTS | {"start_date": "2026-03-02"} | given)


def administer(**given):
    return profile(action="administer", role="nurse", site="DELTOID_L", **given)


def platelets(value, unit="10^9/L", age_days=2):
    return {"value": value, "unit": unit, "age_days": age_days}


def test_a_proposal_is_answered_in_the_words_of_the_format():
    found = profile()
    assert (found["plan_status"], found["product"], found["route"]) == ("PROPOSED", "HYDROXOCOBALAMIN", "IM")
    assert (found["dose_mcg"], found["dose_mcg_allowed"]) == (1000, (1000,))
    assert (found["loading"], found["loading_doses"]) == ("STD_3X_WEEK_2W", 6)
    assert found["maintenance"] == {
        "months": None,
        "allowed_months": [2, 3],
        "provisional_months": 2,
        "physician_choice_required": True,
    }
    assert found["platelets_10e9_l"] == 220


def test_what_is_settled_has_no_choices():
    assert profile(crohns_ileal=True)["maintenance"] == {"months": 1, "physician_choice_required": False}
    assert profile(route_request="ORAL")["maintenance"] == {"daily": True}


NOTHING = (
    "product", "dose_mcg", "dose_mcg_allowed", "route", "loading", "loading_doses", "maintenance", "labs",
)  # fmt: skip


@pytest.mark.parametrize(
    "given",
    [
        {"age": 15},
        {"deficiency": "indeterminate"},
        {"platelets": platelets(45000)},
        {"action": "interval_change", "role": "nurse", "reason": "symptoms_returned"},
        {"action": "stop_request", "reason": "patient_request"},
        {"action": "stop_request", "reason": "reversible_cause_resolved"},
        {"action": "administer", "dose_request_mcg": 100},
        {"action": "administer", "platelets": platelets(18)},
    ],
)
def test_what_is_not_proposed_is_null(given):
    found = profile(**given)
    assert all(found[word] is None for word in NOTHING)


@pytest.mark.parametrize(("age", "young"), [(15, True), (16, False), (0, True)])
def test_age_is_in_whole_years_on_the_start_date(age, young):
    for start_date in ("2026-03-02", "2028-02-29"):
        assert (profile(age=age, start_date=start_date)["blocks"] == ["B-AGE-U16"]) is young


@pytest.mark.parametrize(
    ("length", "months"),
    [(None, None), (0, None), (20, None), (Decimal("20.5"), 1), (21, 1), ("unknown", None)],
)
def test_a_length_of_ileum_is_a_number_unknown_or_none(length, months):
    assert profile(ileal_resection_cm=length)["maintenance"]["months"] == months
    boundary = length in (20, "unknown")
    assert ("W-ILEAL-BOUNDARY" in profile(ileal_resection_cm=length)["warnings"]) is boundary


def test_a_choice_of_months_settles_the_interval():
    assert profile(physician_choice_months=3)["maintenance"]["months"] == 3
    assert profile(physician_choice_months=1)["warnings"] == ["W-EXCEEDS-50PCT"]


def test_a_count_without_an_age_is_of_an_unknown_day():
    undated = {"value": 38, "unit": "10^9/L"}
    assert profile(platelets=undated)["blocks"] == ["B-PLT-STALE"]
    assert profile(platelets=undated | {"age_days": None})["blocks"] == ["B-PLT-STALE"]


def test_the_count_is_answered_in_the_usual_unit():
    assert profile(platelets=platelets(50400, "/uL"))["platelets_10e9_l"] == Decimal("50.4")
    assert profile(platelets=None)["platelets_10e9_l"] is None
    assert administer(platelets=platelets(50400, "/uL"))["platelets_10e9_l"] == Decimal("50.4")
    assert administer(platelets=None)["platelets_10e9_l"] is None


@pytest.mark.parametrize(
    "given",
    [
        {"deficiency": "unknown"},
        {"neuro": "unknown"},
        {"folic_acid": "unknown"},
        {"neuro": "mild"},
        {"allergies": ["latex"]},
        {"action": "pause"},
        {"role": "admin"},
        {"route_request": "NASAL"},
        {"loading_request": "NONE"},
        {"loading_request": "WEEKLY"},
        {"physician_choice_months": 4},
        {"dose_request_mcg": "1000"},
        {"dose_request_mcg": True},
        {"patient_state": "lost"},
        {"site": "VENTROGLUTEAL", "action": "administer"},
        {"pregnant": "yes"},
        {"age": "50"},
        {"age": True},
        {"hb_g_l": "125"},
        {"b12": {"value": 200, "unit": "pg/mL", "lab": "x"}},
        {"b12": {"value": True, "unit": "pg/mL"}},
        {"platelets": {"value": 200, "unit": "10^9/L", "lab": "x"}},
        {"action": "stop_request", "reason": "informed_refusal"},
        {"action": "stop_request", "reason": "bored"},
        {"action": "stop_request", "reason": None},
        {"action": "stop_request", "reason": "symptoms_returned"},
        {"clinic_days": "weekdays"},
        {"action": "administer", "plan_signed": "yes"},
        {"action": "administer", "site_confirmed": "yes"},
        {"start_date": "2 March 2026"},
    ],
)
def test_a_word_the_format_does_not_know_is_refused(given):
    with pytest.raises(ValueError, match=r"."):
        profile(**given)


def test_a_dose_that_may_go_ahead_is_proposed_with_product_strength_and_route():
    found = administer()
    assert (found["plan_status"], found["blocks"], found["override_allowed"]) == ("PROPOSED", [], None)
    assert (found["product"], found["dose_mcg"], found["route"]) == ("HYDROXOCOBALAMIN", 1000, "IM")
    assert (found["loading"], found["maintenance"], found["labs"]) == (None, None, None)


def test_a_tablet_that_may_be_given_is_proposed():
    for asked in ({"route_request": "ORAL"}, {"product_request": "CYANOCOBALAMIN_ORAL"}):
        found = administer(dose_request_mcg=2000, days_since_last_dose=40, **asked)
        assert (found["product"], found["dose_mcg"], found["route"]) == ("CYANOCOBALAMIN_ORAL", 2000, "ORAL")


@pytest.mark.parametrize(
    ("given", "status", "blocks"),
    [
        ({"platelets": platelets(9)}, "HOLD", {"B-PLT-LT10"}),
        ({"platelets": platelets(18)}, "HOLD", {"H-PLT-10-24"}),
        ({"platelets": platelets(38, age_days=8)}, "HOLD", {"B-PLT-STALE"}),
        ({"platelets": platelets(38), "anticoagulant": True}, "HOLD", {"H-BLEED-COMBINED"}),
        ({"hb_g_l": 79, "potassium": Decimal("3.4")}, "HOLD", {"H-K-LOW"}),
        ({"hb_g_l": 10}, "HOLD", {"B-LAB-IMPLAUSIBLE"}),
        ({"platelets": platelets(18), "plan_signed": False}, "BLOCKED", {"H-PLT-10-24", "B-PLAN-UNSIGNED"}),
        ({"age": 15}, "BLOCKED", {"B-AGE-U16"}),
        ({"allergies": ["hydroxocobalamin"]}, "BLOCKED", {"B-ALLERGY-COBALAMIN"}),
        ({"patient_state": "deceased"}, "BLOCKED", {"B-INACTIVE"}),
        ({"folic_acid": "requested"}, "BLOCKED", {"B-FOLATE-BEFORE-B12"}),
        ({"route_request": "IV"}, "BLOCKED", {"B-ROUTE-IV"}),
        ({"route_request": "ORAL", "neuro": "present"}, "BLOCKED", {"B-ORAL-NEURO"}),
        ({"route_request": "ORAL", "egfr": 55}, "BLOCKED", {"B-CYANO-RENAL"}),
        ({"route_request": "SC_DEEP"}, "BLOCKED", {"B-ROLE"}),
        ({"product_request": "CYANOCOBALAMIN_IM"}, "BLOCKED", {"B-PRODUCT-UNKNOWN"}),
        ({"product_request": "CYANOCOBALAMIN_IM", "leber": True}, "BLOCKED", {"B-CYANO-LEBER"}),
        ({"product_request": "METHYLCOBALAMIN"}, "BLOCKED", {"B-PRODUCT-UNKNOWN"}),
        ({"dose_request_mcg": 500}, "BLOCKED", {"B-DOSE-NOT-1MG"}),
        ({"dose_request_mcg": 1000}, "PROPOSED", set()),
        ({"loading_request": "DAILY_X10", "neuro": "present"}, "BLOCKED", {"B-DAILY10-NEURO"}),
        ({"loading_request": "DAILY_X10"}, "PROPOSED", set()),
        ({"plan_signed": False}, "BLOCKED", {"B-PLAN-UNSIGNED"}),
        ({"plan_signed": True}, "PROPOSED", set()),
        ({"physician_choice_months": 3}, "PROPOSED", set()),
        ({"administered_on": "2026-03-03"}, "BLOCKED", {"B-FUTURE-DATE"}),
        ({"administered_on": "2026-03-03", "today": "2026-03-03"}, "PROPOSED", set()),
        ({"administered_on": "2026-03-01"}, "PROPOSED", set()),
        ({"today": "2026-03-01"}, "BLOCKED", {"B-FUTURE-DATE"}),
        ({"leber": True}, "PROPOSED", set()),
        ({"deficiency": "indeterminate"}, "PROPOSED", set()),
        ({"days_since_last_dose": 0}, "BLOCKED", {"B-SAME-DAY-DOSE"}),
        ({"days_since_last_dose": 0, "administered_on": "2026-03-01"}, "PROPOSED", set()),
        ({"days_since_last_dose": 1}, "PROPOSED", set()),
        ({"days_since_last_dose": 14}, "PROPOSED", set()),
        ({"days_since_last_dose": 15}, "BLOCKED", {"B-EARLY-DOSE"}),
        ({"days_since_last_dose": 15, "plan_signed": False}, "BLOCKED", {"B-EARLY-DOSE", "B-PLAN-UNSIGNED"}),
        ({"days_since_last_dose": 45}, "PROPOSED", set()),
        ({"days_since_last_dose": 44}, "BLOCKED", {"B-EARLY-DOSE"}),
        ({"days_since_last_dose": 60, "physician_choice_months": 3}, "BLOCKED", {"B-EARLY-DOSE"}),
        (
            {"days_since_last_dose": 3, "deficiency": "none", "crohns_ileal": True},
            "BLOCKED",
            {"B-EARLY-DOSE"},
        ),
    ],
)
def test_a_dose_is_put_to_the_checks_of_the_dose_screen(given, status, blocks):
    found = administer(**given)
    assert (found["plan_status"], set(found["blocks"])) == (status, blocks)


@pytest.mark.parametrize(
    ("given", "warning", "raised"),
    [
        ({"last_site": "DELTOID_L", "days_since_last_dose": 6}, "W-SITE-ROTATE", True),
        ({"last_site": "DELTOID_L", "days_since_last_dose": 7}, "W-SITE-ROTATE", False),
        ({"last_site": "DELTOID_R", "days_since_last_dose": 2}, "W-SITE-ROTATE", False),
        ({"last_site": "DELTOID_L"}, "W-SITE-ROTATE", False),
        ({"days_since_last_dose": 1}, "W-EARLY-LOAD", True),
        ({"days_since_last_dose": 2}, "W-EARLY-LOAD", False),
        ({"days_since_last_dose": 1, "neuro": "present"}, "W-EARLY-LOAD", True),
        ({"days_since_last_dose": 1, "loading_request": "DAILY_X10"}, "W-EARLY-LOAD", False),
    ],
)
def test_a_dose_warns_of_what_was_given_before(given, warning, raised):
    assert (warning in administer(**given)["warnings"]) is raised


@pytest.mark.parametrize(
    ("reason", "confirmed", "blocks"),
    [
        ("both arms sore", True, []),
        ("both arms sore", False, ["B-SITE-GLUTEAL"]),
        ("", True, ["B-SITE-GLUTEAL"]),
        (None, None, ["B-SITE-GLUTEAL"]),
    ],
)
def test_the_buttock_with_a_reason_and_confirmation(reason, confirmed, blocks):
    found = profile(
        action="administer", role="nurse", site="GLUTEAL", site_reason=reason, site_confirmed=confirmed
    )
    assert found["blocks"] == blocks
    assert found["override_allowed"] is (True if blocks else None)


def test_only_a_nurse_needs_a_prescriber_for_deep_under_the_skin():
    found = profile(action="administer", route_request="SC_DEEP")
    assert (found["plan_status"], found["route"], found["warnings"]) == (
        "PROPOSED",
        "SC_DEEP",
        ["W-SC-OFFLABEL"],
    )
    nurse = administer(route_request="SC_DEEP")
    assert nurse["override_allowed"] is False


def test_a_refused_change_keeps_the_plan_and_asks_a_physician():
    found = profile(action="interval_change", role="nurse", reason="symptoms_returned")
    assert (found["plan_continues"], found["creates_task"]) == (True, "A-SYMPTOM-RETURN")
    assert found["alerts"] == ["A-SYMPTOM-RETURN"]


def test_a_change_over_the_cap_is_refused_without_a_reason_and_taken_with_one():
    halved = {"action": "interval_change", "physician_choice_months": 1}
    refused = profile(**halved)
    assert (refused["plan_status"], refused["product"], refused["maintenance"]) == ("BLOCKED", None, None)
    assert (refused["plan_continues"], refused["blocks"]) == (True, [])
    assert "W-EXCEEDS-50PCT" in refused["warnings"]
    taken = profile(**halved, reason="symptoms_returned")
    assert (taken["plan_status"], taken["maintenance"]["months"]) == ("PROPOSED", 1)
    assert profile(action="interval_change", physician_choice_months=2)["plan_status"] == "PROPOSED"


def test_the_site_is_no_question_of_a_plan():
    assert profile(site="GLUTEAL")["blocks"] == []


def test_days_of_the_clinic_decide_what_is_said_of_ten_daily_doses():
    for days, warned in (("Mon-Sun", False), ("Mon-Fri", True), (["Mon", "Wed", "Fri"], True)):
        found = profile(loading_request="DAILY_X10", clinic_days=days, physician_choice_months=2)
        assert ("W-DAILY10-WEEKEND" in found["warnings"]) is warned
