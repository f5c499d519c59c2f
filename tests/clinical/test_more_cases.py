"""The same rules at other edges: both sides of each limit, each a test of its own."""

import json
from pathlib import Path

import pytest

from regimens import case_file

CASES = Path(__file__).with_name("more-cases.json")
FIRST = Path(__file__).with_name("cases.json")


@pytest.mark.parametrize("outcome", list(case_file.run(CASES)), ids=lambda outcome: outcome.case_id)
def test_a_case_at_an_edge_is_answered_as_expected(outcome):
    assert outcome.differences == ()


def test_every_code_of_the_protocol_is_expected_somewhere():
    codes = json.loads(FIRST.read_text(encoding="utf-8"))["meta"]["codes"]
    assert codes.keys() - _expected_codes() == set()


def _expected_codes() -> set[str]:
    content = json.loads(CASES.read_text(encoding="utf-8"))
    cases = (case for group in case_file.GROUPS for case in content[group])
    words = ("blocks", "warnings", "alerts", "blocks_for_order_folic_acid")
    expected = (case["expected"] for case in cases)
    return {code for each in expected for word in words for code in each.get(word, ())}
