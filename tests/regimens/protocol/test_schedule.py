"""Tests of the schedule: from a plan and what was given to the next dose and to all that follow."""

from dataclasses import replace
from itertools import islice

import pytest

from regimens.protocol.history import is_loading, loading_doses
from regimens.protocol.intervals import days, months
from regimens.protocol.schedule import (
    Dose,
    FormerInterval,
    History,
    Phase,
    due_as_of,
    first_maintenance_on,
    forecast,
    loading_slots,
    next_dose,
    oral_starts_on,
)
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


def due(plan, history, days=MONDAY_TO_FRIDAY):
    return next_dose(plan, history, days)


def dates(plan, history, count, from_day, days=MONDAY_TO_FRIDAY):
    return [dose.due_on.isoformat() for dose in islice(forecast(plan, history, days, day(from_day)), count)]


def test_loading_is_six_doses_in_two_weeks_then_every_three_months_for_life():
    assert dates(a_plan("standard"), History(), 9, "2026-01-05") == [
        *SIX,
        "2026-04-16",
        "2026-07-16",
        "2026-10-16",
    ]


def test_a_forecast_numbers_its_doses_and_names_their_phase():
    doses = list(islice(forecast(a_plan("standard"), given(SIX[0]), MONDAY_TO_FRIDAY, day(SIX[0])), 7))
    assert [dose.number for dose in doses] == [2, 3, 4, 5, 6, 7, 8]
    assert [dose.phase for dose in doses] == [Phase.LOADING] * 5 + [Phase.MAINTENANCE] * 2
    assert [dose.counts_from for dose in doses] == [
        day(SIX[0]),
        *(dose.due_on for dose in doses[:-1]),
    ]
    assert not any(dose.is_neuro for dose in doses)


def test_a_forecast_of_maintenance_counts_every_date_from_one_anchor():
    monthly = a_plan(interval=months(1))
    doses = list(islice(forecast(monthly, given("2028-01-31"), EVERY_DAY, day("2028-01-31")), 4))
    assert [dose.due_on.isoformat() for dose in doses] == [
        "2028-02-29",
        "2028-03-31",
        "2028-04-30",
        "2028-05-31",
    ]
    assert [dose.number for dose in doses] == [2, 3, 4, 5]
    assert [dose.counts_from.isoformat() for dose in doses] == [
        "2028-01-31",
        "2028-02-29",
        "2028-03-31",
        "2028-04-30",
    ]
    assert {dose.phase for dose in doses} == {Phase.MAINTENANCE}


def test_a_forecast_of_a_late_dose_shows_it_as_it_stands_and_goes_on_from_today():
    assert dates(a_plan(), given("2025-09-15"), 3, "2026-04-01") == ["2025-12-15", "2026-07-01", "2026-10-01"]
    assert dates(a_plan(), given("2025-09-15"), 3, "2025-12-15") == ["2025-12-15", "2026-03-15", "2026-06-15"]


def test_a_forecast_after_a_moved_date_counts_from_that_date():
    paused = given("2026-01-31", paused_on=day("2026-03-01"), paused_until=day("2026-06-10"))
    assert dates(a_plan(interval=months(1)), paused, 3, "2026-04-01") == [
        "2026-06-10",
        "2026-07-10",
        "2026-08-10",
    ]


def test_a_forecast_of_open_loading_never_reaches_maintenance():
    doses = list(islice(forecast(neuro(), History(), EVERY_DAY, day("2026-07-06")), 300))
    assert {dose.phase for dose in doses} == {Phase.LOADING}
    assert all(dose.is_neuro for dose in doses)


def test_a_forecast_of_an_ended_course_is_empty():
    assert (
        list(forecast(a_plan(), History(inactive_since=day("2026-04-01")), EVERY_DAY, day("2026-04-01")))
        == []
    )


def test_every_dose_of_a_forecast_knows_its_borders():
    plan = a_plan("standard", neuro_history=True)
    doses = list(islice(forecast(plan, given(*SIX[:5]), MONDAY_TO_FRIDAY, day(SIX[4])), 3))
    assert [(dose.opens_on.isoformat(), dose.physician_from.isoformat()) for dose in doses] == [
        ("2026-01-16", "2026-01-31"),
        ("2026-04-02", "2026-05-01"),
        ("2026-07-02", "2026-07-31"),
    ]
    assert {dose.interval for dose in doses} == {months(3)}
    assert all(dose.is_neuro for dose in doses)


def test_a_late_loading_forecast_starts_today():
    assert dates(a_plan("standard"), given(*SIX[:3]), 3, "2026-02-03") == [
        "2026-02-03",
        "2026-02-05",
        "2026-02-09",
    ]


def test_the_first_dose_is_the_start_or_the_next_open_day_in_loading():
    assert due(a_plan("standard", starts_on="2026-01-10"), History()).due_on == day("2026-01-12")
    assert due(a_plan(starts_on="2026-01-10"), History()).due_on == day("2026-01-10")
    assert due(a_plan("standard"), History()).number == 1
    assert due(a_plan("standard"), History()).counts_from is None


def test_a_loading_dose_in_the_past_is_due_today_or_when_the_clinic_opens():
    dose = due(a_plan("standard"), given(SIX[0]))
    assert dose.due_on == day("2026-01-07")
    assert due_as_of(dose, MONDAY_TO_FRIDAY, day("2026-01-06")) == day("2026-01-07")
    assert due_as_of(dose, MONDAY_TO_FRIDAY, day("2026-01-09")) == day("2026-01-09")
    assert due_as_of(dose, MONDAY_TO_FRIDAY, day("2026-01-10")) == day("2026-01-12")


def test_a_maintenance_date_stays_what_it_was():
    dose = due(a_plan(), given("2025-09-15"))
    assert dose.due_on == due_as_of(dose, MONDAY_TO_FRIDAY, day("2026-04-01")) == day("2025-12-15")


def test_the_next_date_counts_from_the_latest_day_given_in_whatever_order_doses_were_entered():
    assert due(a_plan(interval=months(2)), given("2026-03-03", "2026-02-24")).due_on == day("2026-05-03")


def test_a_second_dose_on_one_day_and_one_that_does_not_count_are_not_counted():
    doses = (Dose(day("2026-01-05")), Dose(day("2026-01-05")), Dose(day("2026-01-06"), counts=False))
    history = History(doses=doses)
    assert history.given == (day("2026-01-05"),)
    assert due(a_plan("standard"), history).due_on == day("2026-01-08")  # two days after the last needle
    assert due(a_plan("standard"), history).number == 2


def test_a_partial_dose_moves_no_maintenance_date():
    history = History(doses=(Dose(day("2026-01-05")), Dose(day("2026-04-05"), partial=True)))
    assert due(a_plan(), history).due_on == day("2026-04-05")


def test_a_partial_first_dose_is_no_first_dose():
    history = History(doses=(Dose(day("2026-01-05"), partial=True),))
    assert history.first_given_on is None
    assert due(a_plan("standard"), history).due_on == day("2026-01-07")
    before_the_start = History(doses=(Dose(day("2026-01-01"), partial=True),))
    assert due(a_plan("standard"), before_the_start).due_on == day("2026-01-05")


def test_the_sixth_dose_ends_loading_and_the_fifth_does_not():
    assert due(a_plan("standard"), given(*SIX[:5])).phase is Phase.LOADING
    after = due(a_plan("standard"), given(*SIX))
    assert (after.phase, after.due_on, after.number) == (Phase.MAINTENANCE, day("2026-04-16"), 7)


def test_neuro_loading_ends_by_a_physician_only():
    many = given(*(f"2026-07-{number:02}" for number in range(6, 30, 2)))
    assert due(neuro(), many).phase is Phase.LOADING
    improving = replace(many, reviews=(reviewed("2026-07-27"), reviewed("2026-07-29", "worse")))
    assert due(neuro(), improving).phase is Phase.LOADING
    ended = replace(many, reviews=(reviewed("2026-07-28", "no_further_improvement"),))
    assert due(neuro(), ended).phase is Phase.MAINTENANCE
    assert due(neuro(), ended).due_on == day("2026-09-28")
    assert loading_doses(neuro(), ended) == many.given


def test_a_review_does_not_end_a_loading_that_counts_its_doses():
    history = given(*SIX[:3], reviews=(reviewed("2026-01-10", "no_further_improvement"),))
    assert is_loading(a_plan("standard"), history)


def test_arriving_after_loading_is_not_loaded_again():
    history = given("2026-01-05", loading_ended_on=day("2026-01-20"))
    assert due(a_plan("standard"), history).due_on == day("2026-04-05")
    assert not is_loading(neuro(), given("2026-07-06", loading_ended_on=day("2026-07-07")))
    assert loading_doses(
        a_plan("standard"), replace(history, doses=given(*SIX[:2], "2026-01-20", "2026-01-21").doses)
    ) == (
        day(SIX[0]),
        day(SIX[1]),
        day("2026-01-20"),
    )


def test_a_dose_may_be_due_at_once_whatever_came_before():
    unknown = History(due_at_once_on=day("2026-06-01"), last_dose_unknown=True)
    assert due(a_plan(), unknown).due_on == day("2026-06-01")
    back = given("2024-01-01", due_at_once_on=day("2026-06-01"))
    assert due(a_plan(), back).due_on == day("2026-06-01")
    assert due(a_plan(), back).twelve_months_on is None
    assert due(a_plan(), back).lapses_on == day("2026-09-01")
    answered = given("2024-01-01", "2026-06-01", due_at_once_on=day("2026-06-01"))
    assert due(a_plan(), answered).due_on == day("2026-09-01")


def test_a_new_interval_counts_from_the_last_dose():
    changed = given("2026-04-15", former_intervals=(FormerInterval(months(3), day("2026-06-10")),))
    assert due(a_plan(interval=months(2)), changed).due_on == day("2026-06-15")


def test_a_new_interval_that_is_already_past_is_due_on_the_day_of_the_decision():
    changed = given("2026-04-15", former_intervals=(FormerInterval(months(3), day("2026-06-10")),))
    dose = due(a_plan(interval=months(1)), changed)
    assert dose.due_on == day("2026-06-10")
    assert dose.closes_on == day("2026-06-17")
    assert dose.lapses_on == day("2026-07-10")
    assert dose.physician_from == day("2026-07-09")


def test_a_decision_before_the_last_dose_moves_nothing():
    changed = given("2026-04-15", former_intervals=(FormerInterval(months(3), day("2026-01-10")),))
    assert due(a_plan(interval=months(1)), changed).due_on == day("2026-05-15")


def test_a_change_of_interval_leaves_a_first_dose_where_it_is():
    history = History(former_intervals=(FormerInterval(months(3), day("2026-06-10")),))
    assert due(a_plan(interval=months(2)), history).due_on == day("2026-01-05")


def test_after_a_pause_the_due_date_stands_or_is_the_day_the_pause_ends():
    paused = given("2026-01-05", paused_on=day("2026-02-01"), paused_until=day("2026-03-01"))
    assert due(a_plan(), paused).due_on == day("2026-04-05")
    longer = replace(paused, paused_until=day("2026-05-01"))
    assert due(a_plan(), longer).due_on == day("2026-05-01")
    loading = replace(paused, paused_until=day("2026-02-28"))
    assert due(a_plan("standard"), loading).due_on == day("2026-03-02")
    assert due(a_plan("standard"), History(paused_until=day("2026-02-27"))).due_on == day("2026-02-27")


def test_a_course_is_paused_from_the_first_day_until_the_day_before_the_last():
    paused = History(paused_on=day("2026-02-01"), paused_until=day("2026-03-01"))
    on = ["2026-01-31", "2026-02-01", "2026-02-28", "2026-03-01"]
    assert [paused.is_paused(day(text)) for text in on] == [False, True, True, False]
    assert History(paused_until=day("2026-03-01")).is_paused(day("2026-02-28"))
    assert not History().is_paused(day("2026-02-28"))


def test_an_ended_course_and_one_on_tablets_have_no_next_injection():
    assert due(a_plan(), given("2026-01-05", inactive_since=day("2026-02-01"))) is None
    assert due(a_plan(), given("2026-01-05", oral_confirmed_on=day("2026-02-01"))) is None
    assert due(a_plan(), given("2026-01-05", oral_decided_on=day("2026-02-01"))).due_on == day("2026-04-05")


def test_the_borders_of_a_maintenance_dose():
    dose = due(a_plan(), given("2025-09-15"))
    assert (dose.opens_on, dose.closes_on) == (day("2025-12-01"), day("2025-12-29"))
    assert dose.physician_from == day("2026-01-13")
    assert dose.lapses_on == day("2026-03-15")
    assert dose.twelve_months_on == day("2026-09-15")
    assert due(a_plan(neuro_history=True), given("2025-09-15")).physician_from == day("2025-12-30")


def test_the_borders_of_a_loading_dose_are_its_day():
    dose = due(a_plan("standard"), given(SIX[0]))
    assert dose.opens_on == dose.closes_on == dose.due_on == day("2026-01-07")
    assert dose.lapses_on is None
    assert dose.physician_from == day("2026-02-05")
    assert due(replace(neuro(), neuro_history=False), given("2026-07-06")).physician_from == day("2026-07-23")


def test_a_whole_interval_is_missed_two_intervals_after_the_last_dose_from_one_anchor():
    assert due(a_plan(), given("2025-11-30")).lapses_on == day("2026-05-30")  # due 28 February
    assert due(a_plan(interval=months(1)), given("2027-01-31")).lapses_on == day("2027-03-31")
    assert due(a_plan(interval=days(21)), given("2026-01-05")).lapses_on == day("2026-02-16")


def test_a_dose_that_was_never_given_lapses_an_interval_after_it_was_due():
    dose = due(a_plan(), History())
    assert dose.lapses_on == day("2026-04-05")
    assert dose.twelve_months_on is None


def test_first_maintenance_is_the_last_loading_dose_plus_the_interval():
    plan = a_plan("standard")
    assert first_maintenance_on(plan, History(), MONDAY_TO_FRIDAY, day("2026-01-05")) == day("2026-04-16")
    assert first_maintenance_on(plan, given(*SIX), MONDAY_TO_FRIDAY, day("2026-02-05")) == day("2026-04-16")
    late = first_maintenance_on(plan, given(*SIX[:5]), MONDAY_TO_FRIDAY, day("2026-02-05"))
    assert late == day("2026-05-05")
    later = given(*SIX, "2026-04-20")
    assert first_maintenance_on(plan, later, MONDAY_TO_FRIDAY, day("2026-05-05")) == day("2026-04-16")


def test_first_maintenance_is_unknown_while_loading_is_open_and_absent_without_loading():
    on = day("2026-07-06")
    assert first_maintenance_on(neuro(), given("2026-07-06"), MONDAY_TO_FRIDAY, on) is None
    assert first_maintenance_on(a_plan(), given("2026-01-05"), MONDAY_TO_FRIDAY, on) is None
    assert first_maintenance_on(a_plan("standard"), History(inactive_since=on), MONDAY_TO_FRIDAY, on) is None
    ended = given("2026-07-06", reviews=(reviewed("2026-07-07", "no_further_improvement"),))
    assert first_maintenance_on(neuro(), ended, MONDAY_TO_FRIDAY, on) == day("2026-09-06")


def test_loading_slots_start_no_sooner_than_the_start_the_pause_and_the_day_asked():
    plan = a_plan("standard")
    assert next(loading_slots(plan, History(), EVERY_DAY, day("2026-01-01"))) == day("2026-01-05")
    assert next(loading_slots(plan, History(), EVERY_DAY, day("2026-01-20"))) == day("2026-01-20")
    paused = History(paused_until=day("2026-02-01"))
    assert next(loading_slots(plan, paused, EVERY_DAY, day("2026-01-20"))) == day("2026-02-01")
    early = given("2026-01-01")  # a first dose before the planned start
    assert next(loading_slots(plan, early, EVERY_DAY, day("2026-01-01"))) == day("2026-01-03")


def test_tablets_start_on_the_day_the_injection_is_due_and_not_before_they_were_decided():
    plan = a_plan()
    assert oral_starts_on(plan, given("2026-03-10"), EVERY_DAY) is None
    in_time = given("2026-03-10", oral_decided_on=day("2026-05-01"))
    assert oral_starts_on(plan, in_time, EVERY_DAY) == day("2026-06-10")
    late = given("2026-03-10", oral_decided_on=day("2026-07-01"))
    assert oral_starts_on(plan, late, EVERY_DAY) == day("2026-07-01")
    injected_since = given("2026-03-10", "2026-06-10", oral_decided_on=day("2026-05-01"))
    assert oral_starts_on(plan, injected_since, EVERY_DAY) == day("2026-06-10")
    on_the_day = given("2026-03-10", oral_decided_on=day("2026-03-10"))
    assert oral_starts_on(plan, on_the_day, EVERY_DAY) == day("2026-06-10")
    ended = given("2026-03-10", oral_decided_on=day("2026-05-01"), inactive_since=day("2026-05-02"))
    assert oral_starts_on(plan, ended, EVERY_DAY) is None


def test_tablets_decided_in_loading_start_on_the_next_loading_day():
    history = given(SIX[0], oral_decided_on=day("2026-01-10"))
    assert oral_starts_on(a_plan("standard"), history, MONDAY_TO_FRIDAY) == day("2026-01-12")


def test_a_history_knows_the_interval_in_force_on_each_day():
    history = History(
        former_intervals=(
            FormerInterval(months(3), day("2026-02-01")),
            FormerInterval(months(2), day("2026-04-01")),
        )
    )

    def on(text):
        return [str(interval) for interval in history.intervals_on(day(text), months(1))]

    assert on("2026-01-31") == ["3 months"]
    assert on("2026-02-01") == ["3 months", "2 months"]
    assert on("2026-02-02") == ["2 months"]
    assert on("2026-04-01") == ["2 months", "1 month"]
    assert on("2026-04-02") == ["1 month"]
    assert history.interval_decided_on == day("2026-04-01")
    assert History().interval_decided_on is None


def test_a_history_as_it_was_at_the_end_of_a_day():
    history = given("2026-01-05", "2026-01-07", reviews=(reviewed("2026-01-06"), reviewed("2026-01-08")))
    then = history.up_to(day("2026-01-06"))
    assert then.given == (day("2026-01-05"),)
    assert then.reviews == (reviewed("2026-01-06"),)
    assert history.up_to(day("2026-01-08")) == history


@pytest.mark.parametrize("kind", ["standard", "daily", "maintenance"])
def test_only_alternate_days_or_a_neurological_history_are_neurological(kind):
    assert not a_plan(kind).is_neuro
    assert a_plan(kind, neuro_history=True).is_neuro


def test_closures_move_a_loading_dose_and_never_a_maintenance_date():
    closed = clinic("01234", "2026-01-07", "2026-04-16")
    assert due(a_plan("standard"), given(SIX[0]), closed).due_on == day("2026-01-08")
    assert due(a_plan("standard"), given(*SIX), closed).due_on == day("2026-04-16")
