"""Symptoms beside the days since the last injection: early in the interval, late, or after it."""

import pytest

from regimens.protocol.history import Dose, FormerInterval, History
from regimens.protocol.intervals import months
from regimens.protocol.wearing_off import Part, tagged, wearing_off
from tests.regimens.protocol.courses import a_plan, day, given, neuro, reviewed

EVERY_THREE = a_plan(interval=months(3))


def stands(plan, history, on, given=()):
    return tagged(plan, history, day(on), sorted({*history.given, *given}))


LAST = given("2026-01-05")  # the next is due on 5 April, 90 days later


@pytest.mark.parametrize(
    ("on", "days_since", "part"),
    [
        ("2026-01-06", 1, Part.EARLY),
        ("2026-02-19", 45, Part.EARLY),  # half of the interval, to the day
        ("2026-02-20", 46, Part.LATE),
        ("2026-04-05", 90, Part.LATE),
        ("2026-04-06", 91, Part.OVERDUE),
    ],
)
def test_a_report_is_tagged_by_the_days_since_the_last_injection(on, days_since, part):
    found = stands(EVERY_THREE, LAST, on)
    assert (found.days_since, found.part, found.interval_days) == (days_since, part, 90)


def test_a_report_between_two_doses_belongs_to_the_earlier_one():
    history = given("2026-01-05", "2026-04-05")
    assert stands(EVERY_THREE, history, "2026-03-30").part is Part.LATE
    assert stands(EVERY_THREE, history, "2026-04-10").part is Part.EARLY


def test_what_is_reported_on_the_day_of_a_dose_was_said_before_the_needle():
    history = given("2026-01-05", "2026-04-05")
    assert stands(EVERY_THREE, history, "2026-04-05").days_since == 90
    assert stands(EVERY_THREE, LAST, "2026-01-05").part is Part.BEFORE


def test_before_the_first_dose_nothing_can_wear_off():
    found = stands(EVERY_THREE, History(), "2026-01-05")
    assert (found.part, found.days_since) == (Part.BEFORE, None)


def test_in_loading_a_report_says_the_days_and_no_part_of_an_interval():
    plan = a_plan("standard", months(3))
    history = given("2026-01-05", "2026-01-07")
    assert stands(plan, history, "2026-01-08").part is Part.LOADING


def test_after_loading_a_report_falls_into_the_interval_that_follows():
    plan = a_plan("standard", months(3))
    loaded = given("2026-01-05", "2026-01-07", "2026-01-09", "2026-01-12", "2026-01-14", "2026-01-16")
    assert stands(plan, loaded, "2026-01-15").part is Part.LOADING
    assert stands(plan, loaded, "2026-03-30").part is Part.LATE


def test_open_ended_loading_lasts_until_the_review_that_ends_it():
    loaded = given("2026-07-06", "2026-07-08", reviews=(reviewed("2026-07-27", "no_further_improvement"),))
    assert stands(neuro(), loaded, "2026-07-26").part is Part.LOADING
    assert stands(neuro(), loaded, "2026-07-28").part is Part.EARLY


def test_the_interval_is_the_one_that_ran_on_that_day():
    history = given("2026-01-05", former_intervals=(FormerInterval(months(3), day("2026-03-20")),))
    plan = a_plan(interval=months(2), base=months(3))
    assert stands(plan, history, "2026-03-10").interval == months(3)
    assert stands(plan, history, "2026-03-30").interval == months(2)


def test_doses_before_the_plan_count_for_the_days_since():
    history = History(doses=(Dose(day("2026-04-05")),))
    found = stands(EVERY_THREE, history, "2026-03-01", given=[day("2026-01-05")])
    assert (found.days_since, found.part) == (55, Part.LATE)


def test_reports_are_counted_early_against_late_and_those_in_loading_are_left_out():
    plan, history = a_plan("standard", months(3)), given("2026-01-05", "2026-01-07")
    loaded = History(
        doses=tuple(Dose(day(f"2026-01-{text}")) for text in ("05", "07", "09", "12", "14", "16"))
    )
    reports = [
        stands(plan, history, "2026-01-08"),
        *(stands(plan, loaded, text) for text in ("2026-01-20", "2026-03-25", "2026-04-10", "2026-04-30")),
    ]
    found = wearing_off(reports)
    assert (found.early, found.late, found.overdue, found.total) == (1, 2, 1, 4)
    assert found.comes_late
    assert not wearing_off(reports[:2]).comes_late
