"""Tests of changing the interval: two thirds of the protocol's is the cap, and a physician decides."""

import pytest

from regimens.protocol.interval_changes import (
    exceeds_cap,
    interval_change,
    longest_allowed,
    next_step,
    percent_more_often,
    preset,
)
from regimens.protocol.intervals import days, months
from tests.regimens.protocol.courses import a_plan


@pytest.mark.parametrize(
    ("base", "new", "over"),
    [
        (months(3), months(2), False),  # exactly two thirds
        (months(3), days(61), False),
        (months(3), days(60), True),
        (months(2), days(41), False),
        (months(2), days(40), True),
        (months(2), months(1), True),
        (months(1), days(21), False),
        (months(1), days(20), True),
        (days(84), days(56), False),
        (days(84), days(55), True),
        (months(2), months(3), False),
    ],
)
def test_shorter_than_two_thirds_is_over_the_cap(base, new, over):
    assert exceeds_cap(base, new) is over


def test_the_presets_stay_within_the_cap():
    offered = {base: preset(base) for base in (months(3), months(2), months(1))}
    assert offered == {months(3): months(2), months(2): days(42), months(1): days(21)}
    assert not any(exceeds_cap(base, shorter) for base, shorter in offered.items())
    assert preset(days(42)) is None


@pytest.mark.parametrize(
    ("present", "arithmetic"),
    [
        (months(3), "3 months × 2/3 = 2 months"),
        (months(2), "2 months × 2/3 = 40.6 days, offered as 42 days"),
        (months(1), "1 month × 2/3 = 20.3 days, offered as 21 days"),
    ],
)
def test_the_next_step_is_written_with_its_arithmetic(present, arithmetic):
    assert next_step(present).arithmetic == arithmetic


def test_beyond_the_presets_there_is_no_next_step():
    assert next_step(days(42)) is None
    assert next_step(days(21)) is None


def test_more_often_is_counted_against_the_base():
    assert percent_more_often(months(3), months(2)) == 50
    assert percent_more_often(months(2), months(1)) == 100
    assert percent_more_often(months(2), months(3)) == -33


def test_a_physician_shortens_within_the_cap_without_a_reason():
    verdict = interval_change(a_plan(), months(2), by_physician=True, with_reason=False)
    assert (verdict.accepted, verdict.exceeds_cap, verdict.codes) == (True, False, ())


def test_over_the_cap_a_reason_is_needed():
    plan = a_plan(interval=months(2))
    refused = interval_change(plan, months(1), by_physician=True, with_reason=False)
    assert (refused.accepted, refused.exceeds_cap, refused.codes) == (False, True, ("W-EXCEEDS-50PCT",))
    given = interval_change(plan, months(1), by_physician=True, with_reason=True)
    assert (given.accepted, given.exceeds_cap, given.codes) == (True, True, ("W-EXCEEDS-50PCT",))


def test_the_cap_counts_from_the_protocol_and_not_from_the_present_interval():
    shortened = a_plan(interval=days(42), base=months(2))
    assert not interval_change(shortened, days(28), by_physician=True, with_reason=False).accepted


@pytest.mark.parametrize("with_reason", [True, False])
def test_a_nurse_changes_nothing(with_reason):
    verdict = interval_change(a_plan(), months(2), by_physician=False, with_reason=with_reason)
    assert (verdict.accepted, verdict.codes) == (False, ("B-ROLE",))
    over = interval_change(a_plan(), months(1), by_physician=False, with_reason=with_reason)
    assert (over.accepted, over.codes) == (False, ("B-ROLE", "W-EXCEEDS-50PCT"))


def test_maintenance_is_never_longer_than_three_months_or_two_with_a_neurological_history():
    assert longest_allowed(a_plan(interval=months(2))) == months(3)
    assert longest_allowed(a_plan(interval=months(2), neuro_history=True)) == months(2)
    assert longest_allowed(a_plan(interval=months(4))) == months(4)
    too_long = interval_change(a_plan(), months(4), by_physician=True, with_reason=True)
    assert (too_long.accepted, too_long.is_too_long) == (False, True)
    back = interval_change(a_plan(interval=months(2)), months(3), by_physician=True, with_reason=False)
    assert (back.accepted, back.is_too_long) == (True, False)
    neuro = a_plan(interval=months(2), neuro_history=True)
    assert not interval_change(neuro, months(3), by_physician=True, with_reason=True).accepted
    assert interval_change(neuro, months(2), by_physician=True, with_reason=False).accepted
