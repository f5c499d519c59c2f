"""Tests of what doses say for themselves: same day, too early, close together, gaps."""

import pytest

from regimens.protocol.doses import (
    days_since_dose,
    dose_codes,
    early_loading_doses,
    gap_codes,
    has_close_doses,
    longest_gap,
)
from regimens.protocol.intervals import days, months
from regimens.protocol.schedule import Dose, FormerInterval, History
from tests.regimens.protocol.courses import (
    EVERY_DAY,
    MONDAY_TO_FRIDAY,
    a_plan,
    clinic,
    day,
    given,
    neuro,
    reviewed,
)

SIX = ("2026-01-05", "2026-01-07", "2026-01-09", "2026-01-12", "2026-01-14", "2026-01-16")


def codes(plan, history, on, today=None, open_days=MONDAY_TO_FRIDAY):
    return dose_codes(plan, history, open_days, given_on=day(on), today=day(today or on))


def test_a_dose_in_its_window_raises_nothing():
    assert codes(a_plan(), given("2026-05-20"), "2026-08-06") == ()
    assert codes(a_plan(), given("2026-05-20"), "2026-12-06") == ()


def test_a_dose_before_its_window_needs_a_physician():
    assert codes(a_plan(), given("2026-05-20"), "2026-08-05") == ("B-EARLY-DOSE",)
    assert codes(a_plan(starts_on="2026-05-20"), History(), "2026-05-05") == ("B-EARLY-DOSE",)
    assert codes(a_plan(starts_on="2026-05-20"), History(), "2026-05-06") == ()


def test_a_second_dose_on_one_day_is_refused_as_that_alone():
    assert codes(a_plan(), given("2026-05-20"), "2026-05-20") == ("B-SAME-DAY-DOSE",)
    partial = History(doses=(Dose(day("2026-05-20"), partial=True),))
    assert codes(a_plan("standard"), partial, "2026-05-20") == ("B-SAME-DAY-DOSE",)
    uncounted = History(doses=(Dose(day("2026-05-20"), counts=False),))
    assert codes(a_plan(), uncounted, "2026-05-20") == ("B-SAME-DAY-DOSE",)


def test_a_dose_tomorrow_cannot_have_been_given():
    assert codes(a_plan(), given("2026-05-20"), "2026-08-21", today="2026-08-20") == ("B-FUTURE-DATE",)
    assert codes(a_plan(), given("2026-05-20"), "2026-08-20", today="2026-08-21") == ()
    early = codes(a_plan(), given("2026-05-20"), "2026-06-21", today="2026-06-20")
    assert early == ("B-FUTURE-DATE", "B-EARLY-DOSE")


def test_an_inactive_or_paused_course_gets_no_dose():
    ended = given("2026-05-20", inactive_since=day("2026-06-01"))
    assert codes(a_plan(), ended, "2026-06-02") == ("B-INACTIVE",)
    assert codes(a_plan(), ended, "2026-05-20") == ("B-INACTIVE", "B-SAME-DAY-DOSE")
    paused = given("2026-05-20", paused_on=day("2026-06-01"), paused_until=day("2026-09-01"))
    assert codes(a_plan(), paused, "2026-08-31") == ("B-INACTIVE",)
    assert codes(a_plan(), paused, "2026-06-15") == ("B-INACTIVE",)  # and not early as well
    assert codes(a_plan(), paused, "2026-09-01") == ()


def test_on_tablets_there_is_no_window_to_be_early_for():
    assert codes(a_plan(), given("2026-05-20", oral_confirmed_on=day("2026-06-01")), "2026-06-02") == ()


def test_a_back_dated_dose_is_judged_by_what_came_before_it():
    history = given("2026-01-05", "2026-08-20")
    assert codes(a_plan(), history, "2026-04-05", today="2026-09-01") == ()
    assert codes(a_plan(), history, "2026-02-05", today="2026-09-01") == ("B-EARLY-DOSE",)


def test_an_early_loading_dose_warns_and_is_not_blocked():
    assert codes(a_plan("standard"), given("2026-06-01"), "2026-06-02") == ("W-EARLY-LOAD",)
    assert codes(a_plan("standard"), given("2026-06-01"), "2026-06-03") == ()
    assert codes(a_plan("standard"), History(), "2026-06-01") == ()
    assert codes(neuro(), given("2026-07-06"), "2026-07-07") == ("W-EARLY-LOAD",)
    assert codes(a_plan("daily"), given("2026-06-01"), "2026-06-02") == ()


def test_a_loading_dose_moved_forward_by_a_closed_day_is_on_its_plan():
    assert codes(neuro(), given("2026-07-10"), "2026-07-11", open_days=clinic("012345")) == ()
    assert codes(neuro(), given("2026-07-10"), "2026-07-11", open_days=EVERY_DAY) == ("W-EARLY-LOAD",)


def test_early_loading_doses_are_those_off_the_plan():
    assert early_loading_doses(a_plan("standard"), given("2026-06-01", "2026-06-02"), EVERY_DAY) == (
        day("2026-06-02"),
    )
    on_plan = given("2026-07-10", "2026-07-11", "2026-07-13")
    assert early_loading_doses(neuro(), on_plan, clinic("012345")) == ()
    after_a_leak = History(doses=(Dose(day("2026-06-03"), partial=True), Dose(day("2026-06-04"))))
    assert early_loading_doses(a_plan("standard"), after_a_leak, EVERY_DAY) == (day("2026-06-04"),)
    assert early_loading_doses(a_plan(), given("2026-06-01", "2026-06-02"), EVERY_DAY) == ()


def test_two_doses_closer_than_the_window_may_be_one_recorded_twice():
    plan = a_plan(interval=months(2))
    assert has_close_doses(plan, given("2026-02-24", "2026-03-03"), EVERY_DAY)
    assert has_close_doses(plan, given("2026-03-03", "2026-04-18"), EVERY_DAY)
    assert not has_close_doses(plan, given("2026-03-03", "2026-04-19"), EVERY_DAY)


def test_two_doses_on_one_day_are_close_and_a_partial_one_is_not():
    assert has_close_doses(a_plan("daily"), given("2026-06-01", "2026-06-01"), EVERY_DAY)
    leak = History(doses=(Dose(day("2026-06-01"), partial=True), Dose(day("2026-06-01"))))
    assert not has_close_doses(a_plan("standard"), leak, EVERY_DAY)
    incident = History(doses=(Dose(day("2026-06-01")), Dose(day("2026-06-01"), counts=False)))
    assert has_close_doses(a_plan(), incident, EVERY_DAY)


def test_loading_doses_are_close_under_their_spacing():
    assert has_close_doses(a_plan("standard"), given("2026-06-01", "2026-06-02"), EVERY_DAY)
    assert not has_close_doses(a_plan("standard"), given("2026-06-01", "2026-06-03"), EVERY_DAY)
    assert not has_close_doses(a_plan("daily"), given("2026-06-01", "2026-06-02"), EVERY_DAY)
    assert not has_close_doses(neuro(), given("2026-07-10", "2026-07-11"), clinic("012345"))
    full_after_a_leak = History(
        doses=(Dose(day("2026-06-01")), Dose(day("2026-06-03"), partial=True), Dose(day("2026-06-04")))
    )
    assert not has_close_doses(a_plan("standard"), full_after_a_leak, EVERY_DAY)


def test_a_maintenance_dose_too_soon_after_loading_is_close():
    plan = a_plan("standard")
    assert not has_close_doses(plan, given(*SIX), EVERY_DAY)
    assert has_close_doses(plan, given(*SIX, "2026-01-19"), EVERY_DAY)
    assert not has_close_doses(plan, given(*SIX, "2026-04-02"), EVERY_DAY)
    ended = (reviewed("2026-07-08", "no_further_improvement"),)
    assert not has_close_doses(neuro(), given("2026-07-06", "2026-07-08", reviews=ended), EVERY_DAY)
    assert has_close_doses(neuro(), given("2026-07-06", "2026-07-08", "2026-07-10", reviews=ended), EVERY_DAY)


def test_doses_are_judged_by_the_interval_of_their_day():
    monthly = given(
        "2026-01-05",
        "2026-02-05",
        "2026-03-05",
        former_intervals=(FormerInterval(months(1), day("2026-03-05")),),
    )
    assert not has_close_doses(a_plan(), monthly, EVERY_DAY)
    assert has_close_doses(a_plan(), given("2026-01-05", "2026-02-05"), EVERY_DAY)


def test_a_dose_that_was_due_at_once_is_not_close():
    back = given("2026-05-20", "2026-06-01", due_at_once_on=day("2026-06-01"))
    assert not has_close_doses(a_plan(), back, EVERY_DAY)
    later = given("2026-05-20", "2026-06-01", due_at_once_on=day("2026-06-02"))
    assert has_close_doses(a_plan(), later, EVERY_DAY)
    long_ago = given("2026-05-20", "2026-06-01", due_at_once_on=day("2026-05-20"))
    assert has_close_doses(a_plan(), long_ago, EVERY_DAY)


@pytest.mark.parametrize(("interval", "gap", "close"), [(days(27), 23, True), (days(27), 24, False)])
def test_a_short_interval_has_a_short_window(interval, gap, close):
    history = History(doses=(Dose(day("2026-06-01")), Dose(days(gap).after(day("2026-06-01")))))
    assert has_close_doses(a_plan(interval=interval), history, EVERY_DAY) is close


def test_the_longest_gap_is_between_doses_or_since_the_last():
    assert longest_gap(given("2026-06-01", "2026-06-10"), day("2026-06-12")) == 9
    assert longest_gap(given("2026-06-01", "2026-06-10"), day("2026-06-25")) == 15
    assert longest_gap(History(), day("2026-06-25")) == 0


@pytest.mark.parametrize(
    ("kind", "gap", "expected"),
    [
        ("standard", 7, []),
        ("standard", 8, ["A-LOAD-GAP-GT7"]),
        ("standard", 14, ["A-LOAD-GAP-GT7"]),
        ("standard", 15, ["A-LOAD-GAP-GT14"]),
        ("daily", 3, []),
        ("daily", 4, ["A-LOAD-GAP-GT7"]),
        ("daily", 14, ["A-LOAD-GAP-GT7"]),
        ("daily", 15, ["A-LOAD-GAP-GT14"]),
        ("neuro", 4, []),
        ("neuro", 5, ["A-NEURO-GAP"]),
        ("neuro", 14, ["A-NEURO-GAP"]),
        ("neuro", 15, ["A-NEURO-GAP", "A-LOAD-GAP-GT14"]),
    ],
)
def test_a_gap_in_loading_is_told_by_its_length(kind, gap, expected):
    history = given("2026-06-01")
    assert list(gap_codes(a_plan(kind), history, days(gap).after(day("2026-06-01")))) == expected


@pytest.mark.parametrize(
    ("on", "days"),
    [
        ("2026-01-04", None),
        ("2026-01-05", None),
        ("2026-01-06", 1),
        ("2026-01-07", 2),  # before that day's needle
        ("2026-01-16", 2),
        ("2026-01-17", 1),
        ("2026-04-10", 84),
    ],
)
def test_what_is_reported_on_a_day_is_counted_from_the_injection_before_that_day(on, days):
    assert days_since_dose([day(each) for each in SIX], day(on)) == days
    assert days_since_dose([], day(on)) is None
