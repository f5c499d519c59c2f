"""The runner of case files: nothing passes that was not answered, and a bad file says what is wrong with it."""

import json
from decimal import Decimal
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from regimens import case_file

CASES = Path(__file__, "../../../clinical/cases.json").resolve()
DEFAULTS = json.loads(CASES.read_text(encoding="utf-8"))["meta"]["input_defaults"]


def differing(expected, actual):
    return [difference.word for difference in case_file.differences_between(expected, actual)]


def test_blocks_are_an_exact_set():
    actual = {"blocks": ["B-ROLE", "B-ROUTE-IV"]}
    assert differing({"blocks": ["B-ROUTE-IV", "B-ROLE"]}, actual) == []
    assert differing({"blocks": ["B-ROLE"]}, actual) == ["blocks"]
    assert differing({"blocks": []}, actual) == ["blocks"]
    assert differing({"blocks": []}, {"blocks": None}) == []


def test_warnings_and_alerts_are_required_in_either_list():
    actual = {"warnings": ["W-COBALT"], "alerts": ["A-LAPSED"]}
    assert differing({"warnings": ["W-COBALT"], "alerts": []}, actual) == []
    assert differing({"alerts": ["W-COBALT", "A-LAPSED"]}, actual) == []
    assert differing({"warnings": ["W-ANTICOAG"]}, actual) == ["warnings"]
    assert differing({"alerts": ["A-OVERDUE"]}, {}) == ["alerts"]


def test_what_is_forbidden_is_in_neither_list():
    for name in ("warnings", "alerts"):
        assert differing({"warnings_forbidden": ["W-COBALT"]}, {name: ["W-COBALT"]}) == ["warnings_forbidden"]
    assert differing({"warnings_forbidden": ["W-COBALT"]}, {"warnings": ["W-ANTICOAG"]}) == []


@pytest.mark.parametrize(
    ("expected", "same"),
    [
        ({"dose_mcg": 1000}, True),
        ({"dose_mcg": Decimal("1000.0")}, True),
        ({"dose_mcg": None}, False),
        ({"at_target": True}, True),
        ({"at_target": 1}, False),
        ({"labs": {"3m": "2026-06-02"}}, True),
        ({"labs": {"3m": "2026-06-02", "6m": "2026-09-02"}}, False),
        ({"labs": {"3m": "2026-06-03"}}, False),
        ({"series": [1, 2]}, True),
        ({"series": [2, 1]}, False),
        ({"series": [1]}, False),
    ],
)
def test_everything_else_is_exact(expected, same):
    actual = {"dose_mcg": 1000, "at_target": True, "labs": {"3m": "2026-06-02"}, "series": (1, 2)}
    assert (differing(expected, actual) == []) is same


def test_a_word_or_a_code_nobody_knows_is_a_difference():
    assert differing({"colour": None}, {}) == ["colour"]
    assert differing({"warnings_forbidden": ["W-TYPO"]}, {}) == ["warnings_forbidden"]
    assert differing({"blocks": "B-ROLE"}, {"blocks": ["B-ROLE"]}) == ["blocks"]


def write(tmp_path, content):
    path = tmp_path / "cases.json"
    path.write_text(content if isinstance(content, str) else json.dumps(content), encoding="utf-8")
    return path


def a_profile(expected, **given):
    return {
        "id": "X1",
        "title": "A case",
        "input": {"start_date": "2026-03-02"} | given,
        "expected": expected,
    }


def run(tmp_path, *cases, group="profiles"):
    return list(case_file.run(write(tmp_path, {"meta": {"input_defaults": DEFAULTS}, group: list(cases)})))


def test_an_absent_input_takes_the_default_of_the_file(tmp_path):
    outcomes = run(
        tmp_path, a_profile({"plan_status": "PROPOSED"}), a_profile({"plan_status": "BLOCKED"}, age=15)
    )
    assert [outcome.passed for outcome in outcomes] == [True, True]


def test_an_input_word_nobody_knows_fails_its_case_and_no_other(tmp_path):
    outcomes = run(tmp_path, a_profile({"blocks": []}, colour="red"), a_profile({"blocks": []}))
    assert [outcome.passed for outcome in outcomes] == [False, True]
    assert outcomes[0].differences[0].word == "colour"


def test_a_case_that_cannot_be_answered_has_failed(tmp_path):
    (outcome,) = run(tmp_path, a_profile({"blocks": []}, neuro="mild"))
    assert not outcome.passed
    assert "mild" in outcome.differences[0].actual


@pytest.mark.parametrize(("group", "word"), [("schedules", "colour"), ("lab_values", "colour")])
def test_the_other_groups_know_their_words_too(tmp_path, group, word):
    case = {"id": "Y", "input": {word: 1}, "expected": {"blocks": []}}
    (outcome,) = run(tmp_path, case, group=group)
    assert outcome.differences[0].word == word


def test_numbers_are_read_exactly(tmp_path):
    case = {
        "id": "L",
        "input": {"analyte": "HCY", "value": 1.5, "unit": "mg/L"},
        "expected": {"umol_l_unrounded": 11.0955},
    }
    assert run(tmp_path, case, group="lab_values")[0].passed


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        ("{", "is not JSON"),
        ("[]", "it is not an object"),
        ({"meta": []}, "meta or its input_defaults is not an object"),
        ({"meta": {"input_defaults": []}}, "meta or its input_defaults is not an object"),
        ({"profile": []}, "it has groups nobody can answer: profile"),
        ({"meta": {}, "profiles": []}, "it has no cases"),
        ({}, "it has no cases"),
        ({"profiles": "all"}, "case 1 is not an object"),
        ({"profiles": [3]}, "case 1 is not an object"),
        ({"profiles": [{"input": {}, "expected": {}}]}, "case 1 has no id"),
        ({"profiles": [{"id": "P1", "expected": {}}]}, "case P1 has no input"),
        ({"profiles": [{"id": "P1", "input": {}}]}, "case P1 has no expected"),
        ({"profiles": [{"id": "P1", "input": {}, "expected": {}}]}, "case P1 expects nothing"),
    ],
)
def test_a_bad_file_says_what_is_wrong_with_it(tmp_path, content, problem):
    with pytest.raises(CommandError, match=problem):
        call_command("protocol_cases", write(tmp_path, content))


def test_a_file_that_is_not_there_says_so(tmp_path):
    with pytest.raises(CommandError, match="cannot be read: No such file or directory"):
        call_command("protocol_cases", tmp_path / "nowhere.json")


def test_the_command_counts_what_passed():
    out = StringIO()
    call_command("protocol_cases", CASES, stdout=out)
    assert out.getvalue() == "75 passed, 0 failed\n"


def test_the_command_shows_each_case_that_differs_and_exits_with_1(tmp_path):
    good, bad = a_profile({"blocks": []}), a_profile({"route": "IV"})
    path = write(tmp_path, {"meta": {"input_defaults": DEFAULTS}, "profiles": [good, bad]})
    out = StringIO()
    with pytest.raises(SystemExit) as leaving:
        call_command("protocol_cases", path, stdout=out)
    assert leaving.value.code == 1
    assert out.getvalue().splitlines() == [
        "X1  A case",
        "    route",
        "        expected IV",
        "        actual   IM",
        "1 passed, 1 failed",
    ]
