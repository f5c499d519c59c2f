"""How one loading went: begun, complete, and the day a gap in it became too long (D-21)."""

from datetime import date, timedelta

import pytest

from regimens.protocol import catalogue
from regimens.protocol.entries import Loading
from regimens.protocol.history import CoursePlan, Dose, History
from regimens.protocol.intervals import months
from regimens.protocol.loading_runs import LoadingRun, loading_run
from regimens.protocol.reviews import Outcome, Review

FIRST = date(2026, 1, 5)
REGIMENS = {regimen.loading.kind: regimen for regimen in catalogue.REGIMENS if regimen.route == "IM"}


def run(kind, *days, reviews=()):
    """How it went when doses were given so many days after the first."""
    plan = CoursePlan(REGIMENS[kind], months(2), months(2), FIRST)
    doses = tuple(Dose(FIRST + timedelta(days=day)) for day in days)
    return loading_run(plan, History(doses=doses, reviews=reviews))


def day(number):
    return FIRST + timedelta(days=number)


STD, NEURO, DAILY = Loading.STD_3X_WEEK_2W, Loading.NEURO_ALT_DAYS, Loading.DAILY_X10


def test_before_the_first_dose_nothing_has_begun():
    assert run(STD) == LoadingRun()


def test_six_doses_in_their_rhythm_are_a_loading_without_a_gap():
    assert run(STD, 0, 2, 4, 7, 9, 11) == LoadingRun(FIRST, day(11), None)


def test_doses_of_maintenance_are_no_part_of_it():
    assert run(STD, 0, 2, 4, 7, 9, 11, 70, 130).completed_on == day(11)


@pytest.mark.parametrize(("kind", "allowed"), [(STD, 7), (NEURO, 4), (DAILY, 3)])
def test_a_gap_is_too_long_the_day_after_what_its_regimen_allows(kind, allowed):
    assert run(kind, 0, allowed).gap_on == day(2 * allowed + 1), "only the one that runs since"
    assert run(kind, 0, allowed + 1).gap_on == day(allowed + 1)


def test_while_loading_goes_on_the_day_of_the_gap_is_to_come_and_moves_with_each_dose():
    assert run(STD, 0).gap_on == day(8)
    assert run(STD, 0, 2).gap_on == day(10)
    assert run(STD, 0, 2).completed_on is None


def test_the_first_gap_is_the_one_that_is_told():
    assert run(STD, 0, 9, 11, 30, 32, 34) == LoadingRun(FIRST, day(34), day(8))


def test_open_ended_loading_is_complete_when_a_physician_found_no_further_improvement():
    doses = tuple(range(0, 25, 2))
    still = Review(day(21), Outcome.STILL_IMPROVING)
    ended = Review(day(26), Outcome.NO_FURTHER_IMPROVEMENT)
    assert run(NEURO, *doses, reviews=(still,)) == LoadingRun(FIRST, None, day(29))
    assert run(NEURO, *doses, reviews=(still, ended)) == LoadingRun(FIRST, day(26), None)


def test_open_ended_loading_that_stood_still_before_it_was_ended_had_a_gap():
    ended = Review(day(29), Outcome.NO_FURTHER_IMPROVEMENT)
    assert run(NEURO, *range(0, 25, 2), reviews=(ended,)).gap_on == day(29)


def test_a_plan_without_loading_has_none():
    assert run(Loading.NONE, 0, 60, 120) == LoadingRun()
