"""The worked clinical cases, each a test of its own."""

from pathlib import Path

import pytest

from regimens import case_file

CASES = Path(__file__).with_name("cases.json")


@pytest.mark.parametrize("outcome", list(case_file.run(CASES)), ids=lambda outcome: outcome.case_id)
def test_a_worked_case_is_answered_as_expected(outcome):
    assert outcome.differences == ()


def test_no_worked_case_is_left_out():
    assert len(list(case_file.run(CASES))) == 75
