"""Tests of where a course stands on a day, each border from both sides."""

from dataclasses import replace

import pytest

from regimens.protocol.intervals import days, months
from regimens.protocol.schedule import Dose, FormerInterval, History, Phase
from regimens.protocol.standing import Status, review_due_on, slots_until_review, standing
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
QUARTERLY = given("2025-09-15")  # due 15 December, window 1 to 29 December


def on(text, plan=None, history=QUARTERLY, open_days=MONDAY_TO_FRIDAY):
    return standing(plan or a_plan(), history, open_days, day(text))


@pytest.mark.parametrize(
    ("text", "status"),
    [
        ("2025-11-30", Status.NOT_DUE),
        ("2025-12-01", Status.DUE),
        ("2025-12-29", Status.DUE),
        ("2025-12-30", Status.OVERDUE),
        ("2026-03-14", Status.OVERDUE),
        ("2026-03-15", Status.LAPSED),
        ("2030-03-15", Status.LAPSED),
    ],
)
def test_the_status_of_a_quarterly_dose(text, status):
    now = on(text)
    assert now.status is status
    assert now.next_due_on == day("2025-12-15")
    assert now.phase is Phase.MAINTENANCE


@pytest.mark.parametrize(
    ("text", "alerts"),
    [
        ("2025-12-29", set()),
        ("2025-12-30", {"A-OVERDUE"}),
        ("2026-01-12", {"A-OVERDUE"}),
        ("2026-01-13", {"A-OVERDUE", "A-OVERDUE-PHYSICIAN"}),
        ("2026-03-14", {"A-OVERDUE", "A-OVERDUE-PHYSICIAN"}),
        ("2026-03-15", {"A-OVERDUE", "A-OVERDUE-PHYSICIAN", "A-LAPSED"}),
        ("2026-09-14", {"A-OVERDUE", "A-OVERDUE-PHYSICIAN", "A-LAPSED"}),
        ("2026-09-15", {"A-OVERDUE", "A-OVERDUE-PHYSICIAN", "A-LAPSED", "A-LAPSED-12M"}),
    ],
)
def test_lateness_escalates_and_never_falls_silent(text, alerts):
    now = on(text)
    assert set(now.alerts) == alerts
    assert now.physician_required is ("A-OVERDUE-PHYSICIAN" in alerts)
    assert now.action == ("give_now" if alerts else None)
    assert now.labs_before_dose is ("A-LAPSED" in alerts)


def test_with_a_neurological_history_a_physician_is_asked_after_15_days():
    plan = a_plan(neuro_history=True)
    assert "A-OVERDUE-PHYSICIAN" not in on("2025-12-29", plan).alerts
    assert {"A-OVERDUE", "A-OVERDUE-PHYSICIAN"} <= set(on("2025-12-30", plan).alerts)


def test_a_year_without_a_dose_is_told_even_when_a_pause_moved_the_date():
    paused = given("2025-09-15", paused_on=day("2025-10-01"), paused_until=day("2026-10-01"))
    now = on("2026-10-01", history=paused)
    assert (now.status, now.alerts) == (Status.DUE, ("A-LAPSED-12M",))
    assert now.physician_required
    assert now.labs_before_dose
    assert now.action is None


def test_a_short_interval_lapses_after_its_short_window():
    plan, history = a_plan(interval=days(21)), given("2026-06-01")
    assert on("2026-06-18", plan, history).status is Status.NOT_DUE
    assert on("2026-06-19", plan, history).status is Status.DUE
    assert on("2026-06-25", plan, history).status is Status.DUE
    assert on("2026-06-26", plan, history).status is Status.OVERDUE
    assert on("2026-07-13", plan, history).status is Status.LAPSED


def test_a_loading_dose_is_due_on_its_day_and_overdue_the_day_after():
    plan, history = a_plan("standard"), given(SIX[0])
    assert on("2026-01-06", plan, history).status is Status.NOT_DUE
    assert on("2026-01-07", plan, history).status is Status.DUE
    late = on("2026-01-08", plan, history)
    assert (late.status, late.next_due_on, late.action) == (Status.OVERDUE, day("2026-01-08"), "give_now")
    assert "A-OVERDUE" in late.alerts
    assert not late.physician_required


def test_loading_never_lapses_and_a_year_is_still_told():
    now = on("2027-01-05", a_plan("standard"), given(SIX[0]))
    assert now.status is Status.OVERDUE
    assert "A-LAPSED-12M" in now.alerts
    assert "A-LAPSED" not in now.alerts
    assert "A-LAPSED-12M" not in on("2027-01-04", a_plan("standard"), given(SIX[0])).alerts


@pytest.mark.parametrize(
    ("kind", "doses", "counts"),
    [("standard", SIX[:2], (2, 4)), ("daily", SIX[:2], (2, 8)), ("neuro", SIX, (6, None))],
)
def test_doses_given_and_remaining(kind, doses, counts):
    now = on("2026-01-16", a_plan(kind), given(*doses))
    assert (now.doses_given, now.doses_remaining) == counts
    assert now.phase is Phase.LOADING


def test_no_dose_remains_after_loading():
    now = on("2026-05-01", a_plan("standard"), given(*SIX, "2026-04-16"))
    assert (now.doses_given, now.doses_remaining) == (6, 0)


def test_an_ended_course_has_nothing_due_and_its_reminders_are_cancelled():
    now = on("2026-04-02", history=given("2025-02-10", inactive_since=day("2026-04-01")))
    assert (now.status, now.next_due_on, now.due) == (Status.INACTIVE, None, None)
    assert now.alerts == ("A-REMINDERS-CANCELLED",)
    assert not now.physician_required
    assert now.action is None
    assert not now.labs_before_dose


def test_a_paused_course_is_inactive_until_the_pause_ends_and_keeps_its_date():
    paused = given("2025-09-15", paused_on=day("2025-12-01"), paused_until=day("2026-02-01"))
    during = on("2026-01-31", history=paused)
    assert (during.status, during.next_due_on, during.alerts) == (Status.INACTIVE, None, ())
    assert during.due.due_on == day("2026-02-01")
    assert during.review_due_on is None
    paused_loading = given("2026-07-06", paused_on=day("2026-07-08"), paused_until=day("2026-08-01"))
    assert on("2026-07-09", neuro(), paused_loading).review_due_on is None
    after = on("2026-02-01", history=paused)
    assert (after.status, after.next_due_on) == (Status.DUE, day("2026-02-01"))
    assert on("2025-11-30", history=paused).status is Status.NOT_DUE
    assert on("2026-03-01", history=paused).alerts == ("A-OVERDUE",)
    assert on("2026-03-02", history=paused).alerts == ("A-OVERDUE", "A-OVERDUE-PHYSICIAN")


def test_on_tablets_no_injection_is_due():
    now = on("2026-06-01", history=replace(QUARTERLY, oral_confirmed_on=day("2025-12-15")))
    assert (now.status, now.phase, now.next_due_on, now.alerts) == (Status.NOT_DUE, Phase.ORAL, None, ())


def test_an_unknown_last_dose_is_for_a_physician_and_proposed_now():
    arrived = History(due_at_once_on=day("2026-06-01"), last_dose_unknown=True)
    now = on("2026-06-01", history=arrived)
    assert (now.next_due_on, now.status) == (day("2026-06-01"), Status.DUE)
    assert now.physician_required
    assert now.action == "give_now"
    since = on("2026-06-02", history=replace(arrived, doses=(Dose(day("2026-06-01")),)))
    assert (since.physician_required, since.action) == (False, None)


def test_a_return_to_injections_is_urgent_without_a_physician():
    now = on("2026-06-01", history=replace(QUARTERLY, due_at_once_on=day("2026-06-01")))
    assert (now.physician_required, now.action, now.status) == (False, "give_now", Status.DUE)


def test_a_first_dose_on_its_day_is_no_emergency():
    now = on("2026-01-05", history=History())
    assert (now.physician_required, now.action, now.status) == (False, None, Status.DUE)


def test_returned_symptoms_are_for_a_physician_until_the_interval_is_decided():
    told = given("2026-04-15", symptoms_returned_on=day("2026-06-10"))
    now = on("2026-06-10", history=told)
    assert "A-SYMPTOM-RETURN" in now.alerts
    assert now.physician_required
    earlier = replace(told, former_intervals=(FormerInterval(months(2), day("2026-06-09")),))
    assert on("2026-06-10", history=earlier).physician_required
    decided = replace(told, former_intervals=(FormerInterval(months(2), day("2026-06-10")),))
    assert not on("2026-06-10", history=decided).physician_required
    assert "A-SYMPTOM-RETURN" in on("2026-06-10", history=decided).alerts


def test_a_review_that_found_worse_is_for_a_physician_until_the_next_review():
    plan, first = neuro(), given("2026-07-06")
    worse = replace(first, reviews=(reviewed("2026-07-07", "worse"),))
    assert on("2026-07-07", plan, worse).physician_required
    assert on("2026-07-07", plan, worse).phase is Phase.LOADING
    better = replace(first, reviews=(reviewed("2026-07-08"), reviewed("2026-07-07", "worse")))
    assert not on("2026-07-08", plan, better).physician_required


def test_a_partial_dose_is_for_a_physician_that_day_in_loading():
    leak = History(doses=(Dose(day("2026-06-01")), Dose(day("2026-06-03"), partial=True)))
    plan = a_plan("standard", starts_on="2026-06-01")
    now = on("2026-06-03", plan, leak)
    assert (now.physician_required, now.doses_given, now.next_due_on) == (True, 1, day("2026-06-05"))
    assert not on("2026-06-04", plan, leak).physician_required
    repeated = replace(leak, doses=(*leak.doses, Dose(day("2026-06-03"))))
    assert not on("2026-06-03", plan, repeated).physician_required


def test_a_partial_maintenance_dose_is_for_a_physician_until_a_full_one_is_given():
    leak = History(doses=(Dose(day("2025-09-15")), Dose(day("2025-12-15"), partial=True)))
    assert on("2025-12-15", history=leak).physician_required
    assert on("2025-12-16", history=leak).physician_required
    assert not on("2025-12-14", history=leak).physician_required
    assert on("2025-12-16", history=leak).next_due_on == day("2025-12-15")
    repeated = replace(leak, doses=(*leak.doses, Dose(day("2025-12-16"))))
    assert not on("2025-12-16", history=repeated).physician_required


@pytest.mark.parametrize(("text", "overdue"), [("2026-07-27", False), ("2026-07-28", True)])
def test_a_neurological_review_is_overdue_the_day_after_it_was_due(text, overdue):
    now = on(text, neuro(), given("2026-07-06", "2026-07-24", "2026-07-27"))
    assert ("A-NEURO-REVIEW-OVERDUE" in now.alerts) is overdue
    assert now.review_due_on == day("2026-07-27")
    assert now.phase is Phase.LOADING


def test_an_overdue_review_is_for_a_physician():
    doses = tuple(f"2026-07-{number:02}" for number in (6, 8, 10, 13, 15, 17, 20, 22, 24, 27))
    assert not on("2026-07-27", neuro(), given(*doses)).physician_required
    assert on("2026-07-28", neuro(), given(*doses)).physician_required


def test_before_the_first_dose_the_review_counts_from_the_day_that_can_have_it():
    plan = neuro("2026-07-04")  # a Saturday
    assert review_due_on(plan, History(), MONDAY_TO_FRIDAY, day("2026-07-01")) == day("2026-07-27")
    assert review_due_on(plan, History(), MONDAY_TO_FRIDAY, day("2026-07-08")) == day("2026-07-29")
    assert review_due_on(a_plan("standard"), given(SIX[0]), MONDAY_TO_FRIDAY, day("2026-07-08")) is None
    ended = given("2026-07-06", loading_ended_on=day("2026-07-08"))
    assert review_due_on(plan, ended, MONDAY_TO_FRIDAY, day("2026-07-08")) is None


def test_open_loading_is_shown_as_far_as_its_next_review():
    plan = neuro()
    shown = list(slots_until_review(plan, given("2026-07-06"), MONDAY_TO_FRIDAY, day("2026-07-06")))
    assert (shown[0], shown[-1], len(shown)) == (day("2026-07-08"), day("2026-07-27"), 9)
    overdue = list(slots_until_review(plan, given("2026-07-06"), EVERY_DAY, day("2026-07-28")))
    assert (overdue[0], overdue[-1]) == (day("2026-07-28"), day("2026-08-11"))
    on_the_day = list(slots_until_review(plan, given("2026-07-06"), MONDAY_TO_FRIDAY, day("2026-07-27")))
    assert on_the_day == [day("2026-07-27")]
    whole = list(slots_until_review(a_plan("standard"), given(SIX[0]), MONDAY_TO_FRIDAY, day(SIX[0])))
    assert [slot.isoformat() for slot in whole] == list(SIX[1:])


@pytest.mark.parametrize(
    ("plan", "open_days", "code", "raised"),
    [
        (neuro(), MONDAY_TO_FRIDAY, "W-ALT-DAYS-WEEKEND", True),
        (neuro(), EVERY_DAY, "W-ALT-DAYS-WEEKEND", False),
        (neuro(), clinic("0123456", "2026-07-18"), "W-ALT-DAYS-WEEKEND", True),
        (neuro(), clinic("0123456", "2026-07-17"), "W-ALT-DAYS-WEEKEND", False),
        (neuro(), clinic("0123456", "2026-07-30"), "W-ALT-DAYS-WEEKEND", False),
        (neuro("2026-07-04"), clinic("0123456", "2026-07-04"), "W-ALT-DAYS-WEEKEND", True),
        (a_plan("daily"), MONDAY_TO_FRIDAY, "W-DAILY10-WEEKEND", True),
        (a_plan("daily"), EVERY_DAY, "W-DAILY10-WEEKEND", False),
        (a_plan("daily", starts_on="2026-01-10"), clinic("0123456", "2026-01-10"), "W-DAILY10-WEEKEND", True),
        (a_plan("standard"), MONDAY_TO_FRIDAY, "W-DAILY10-WEEKEND", False),
        (a_plan("standard"), MONDAY_TO_FRIDAY, "W-ALT-DAYS-WEEKEND", False),
        (a_plan("daily"), MONDAY_TO_FRIDAY, "W-ALT-DAYS-WEEKEND", False),
        (neuro(), MONDAY_TO_FRIDAY, "W-DAILY10-WEEKEND", False),
    ],
)
def test_closed_days_on_planned_days_are_told(plan, open_days, code, raised):
    now = standing(plan, History(), open_days, plan.starts_on)
    assert (code in now.alerts) is raised


def test_closed_days_behind_us_are_no_longer_told():
    nine = given(*(f"2026-10-{number:02}" for number in (1, 2, 5, 6, 7, 8, 9, 12, 13)))
    assert "W-DAILY10-WEEKEND" not in on("2026-10-13", a_plan("daily"), nine).alerts
    eight = given(*(f"2026-10-{number:02}" for number in (1, 2, 5, 6, 7, 8, 9)))
    assert "W-DAILY10-WEEKEND" in on("2026-10-09", a_plan("daily"), eight).alerts


@pytest.mark.parametrize(("last", "stretched"), [("2026-01-18", False), ("2026-01-19", True)])
def test_standard_loading_that_ends_after_day_13_is_stretched(last, stretched):
    history = given(*SIX[:5], last)
    assert ("A-LOAD-STRETCHED" in on(last, a_plan("standard"), history, EVERY_DAY).alerts) is stretched
    projected = on(last, a_plan("standard"), given(*SIX[:5]), EVERY_DAY)
    assert ("A-LOAD-STRETCHED" in projected.alerts) is stretched


def test_who_arrived_after_loading_is_not_loaded_again_and_not_stretched():
    arrived = given(*SIX[:2], loading_ended_on=day("2026-01-20"))
    assert "A-LOAD-STRETCHED" not in on("2026-02-20", a_plan("standard"), arrived).alerts


def test_an_overdue_dose_that_meets_a_closed_day_is_told():
    nine = given(*(f"2026-10-{number:02}" for number in (1, 2, 5, 6, 7, 8, 9, 12, 13)))
    assert "W-DAILY10-WEEKEND" in on("2026-10-17", a_plan("daily"), nine).alerts
    assert "W-DAILY10-WEEKEND" not in on("2026-10-16", a_plan("daily"), nine).alerts


def test_only_standard_loading_is_ever_stretched():
    daily = on("2026-01-05", a_plan("daily"), History(), clinic("02"))
    assert "A-LOAD-STRETCHED" not in daily.alerts


def test_the_shape_of_loading_is_told_until_the_first_maintenance_dose():
    early = given("2026-01-05", "2026-01-06", *SIX[2:])
    plan = a_plan("standard")
    assert "W-EARLY-LOAD" in on("2026-01-06", plan, given("2026-01-05", "2026-01-06")).alerts
    assert "W-EARLY-LOAD" in on("2026-01-16", plan, early).alerts
    later = replace(early, doses=(*early.doses, Dose(day("2026-04-16"))))
    assert "W-EARLY-LOAD" not in on("2026-04-16", plan, later).alerts
    assert "W-EARLY-LOAD" not in on("2026-01-06", a_plan("daily"), given("2026-01-05", "2026-01-06")).alerts
    assert "W-EARLY-LOAD" not in on("2026-01-16", plan, given(*SIX)).alerts


def test_gaps_are_told_while_loading_lasts():
    gap = given("2026-06-01", "2026-06-03", "2026-06-12")
    plan = a_plan("standard", starts_on="2026-06-01")
    now = on("2026-06-12", plan, gap)
    assert "A-LOAD-GAP-GT7" in now.alerts
    assert now.physician_required
    done = given("2026-06-01", "2026-06-03", "2026-06-12", "2026-06-15", "2026-06-17", "2026-06-19")
    assert not on("2026-06-19", plan, done).physician_required


def test_a_long_gap_and_a_neurological_one_are_for_a_physician():
    assert on("2026-01-20", a_plan("standard"), given(SIX[0])).physician_required
    assert on("2026-07-11", neuro(), given("2026-07-06")).physician_required
    assert not on("2026-07-10", neuro(), given("2026-07-06")).physician_required


def test_close_doses_are_told():
    assert "A-CLOSE-DOSES" in on("2026-01-07", a_plan(), given("2026-01-05", "2026-01-07")).alerts
    assert "A-CLOSE-DOSES" not in on("2026-04-07", a_plan(), given("2026-01-05", "2026-04-05")).alerts
