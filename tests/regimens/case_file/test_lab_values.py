"""Lab values of a case file: the words of the format."""

from decimal import Decimal

import pytest

from regimens.case_file.lab_values import answer


def test_a_b12_is_answered_in_both_units():
    found = answer({"analyte": "B12", "value": Decimal(133), "unit": "pmol/L"})
    assert (found["pmol_l"], found["pg_ml"]) == (133, Decimal("180.2"))
    assert found["umol_l"] is None


@pytest.mark.parametrize(
    ("analyte", "value", "unit", "word", "shown"),
    [
        ("ACTIVE_B12", 30, "pmol/L", "pmol_l", 30),
        ("HCY", Decimal("1.5"), "mg/L", "umol_l", Decimal("11.1")),
        ("HCY", Decimal("1.5"), "mg/L", "umol_l_unrounded", Decimal("11.0955")),
        ("FOLATE", 2, "ng/mL", "nmol_l", Decimal("4.5")),
        ("PLT", 45000, "/uL", "10e9_l", 45),
        ("HB", Decimal("12.5"), "g/dL", "g_l", 125),
        ("B12", Decimal("0.2"), "ng/mL", "pg_ml", 200),
    ],
)
def test_a_value_is_answered_in_its_usual_unit(analyte, value, unit, word, shown):
    assert answer({"analyte": analyte, "value": value, "unit": unit})[word] == shown


def test_a_refused_value_has_no_values_but_a_suggestion():
    found = answer({"analyte": "HB", "value": Decimal("12.5"), "unit": "g/L"})
    assert (found["blocks"], found["suggest_unit"]) == (["B-LAB-IMPLAUSIBLE"], "g/dL")
    assert (found["g_l"], found["warnings"], found["changes_schedule"]) == (None, [], False)
    missing = answer({"analyte": "HB", "value": 125, "unit": None})
    assert (missing["blocks"], missing["suggest_unit"]) == (["B-LAB-IMPLAUSIBLE"], "g/L")


@pytest.mark.parametrize(
    ("given", "blocks"),
    [
        ({"b12_doses_given": 0}, ["B-FOLATE-BEFORE-B12"]),
        ({"b12_doses_given": 1}, []),
        ({}, ["B-FOLATE-BEFORE-B12"]),
    ],
)
def test_a_folate_says_whether_folic_acid_may_be_ordered(given, blocks):
    found = answer({"analyte": "FOLATE", "value": 2, "unit": "ng/mL"} | given)
    assert found["blocks_for_order_folic_acid"] == blocks
    assert found["blocks"] == []


def test_only_a_folate_answers_for_folic_acid():
    assert answer({"analyte": "K", "value": 4, "unit": "mmol/L"})["blocks_for_order_folic_acid"] is None


@pytest.mark.parametrize(
    ("given", "status"),
    [
        ({"collected": "2026-04-19"}, "DONE"),
        ({"as_of": "2026-03-21"}, "NOT_DUE"),
        ({"as_of": "2026-04-19"}, "DUE"),
        ({"as_of": "2026-04-20"}, "OVERDUE"),
        ({"as_of": "2026-04-20", "collected": "2026-04-20"}, "DONE"),
    ],
)
def test_a_panel_stands_somewhere(given, status):
    assert answer({"panel_due": "2026-04-05", "window_days": 14} | given)["status"] == status


@pytest.mark.parametrize(
    "given",
    [
        {"panel_due": "2026-04-05", "window_days": 14},
        {"analyte": "IRON", "value": 1, "unit": "umol/L"},
        {"analyte": "HCY", "value": "12", "unit": "umol/L"},
        {"analyte": "HCY", "value": True, "unit": "umol/L"},
        {"analyte": "HCY", "value": 12, "unit": "umol/L", "comparator": "about"},
    ],
)
def test_a_word_the_format_does_not_know_is_refused(given):
    with pytest.raises(ValueError, match=r"."):
        answer(given)


def test_everything_told_with_a_value_is_taken_into_account():
    found = answer(
        {
            "analyte": "HCY",
            "value": 8,
            "unit": "umol/L",
            "egfr": 40,
            "collected": "2026-04-10",
            "last_injection": "2026-04-01",
            "comparator": None,
        }
    )
    assert (found["at_target"], found["warnings"]) == (True, ["W-RENAL-HCY"])
    assert (found["days_since_injection"], found["comparator"]) == (9, None)
    late = answer({"analyte": "B12", "value": 2000, "comparator": ">", "unit": "pg/mL", "b12_doses_given": 6})
    assert (late["comparator"], late["warnings"], late["band"]) == (">", ["W-B12-HIGH-EXPECTED"], None)
