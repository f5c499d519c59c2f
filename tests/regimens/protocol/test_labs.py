"""Tests of the blood checks: counted from the first dose, satisfied in their window or late, never forgotten."""

from datetime import date, timedelta
from itertools import islice

import pytest

from regimens.protocol.labs import (
    PanelStatus,
    extra_check,
    first_year,
    lab_checks,
    lab_outlook,
    lab_record,
    panel_status,
)
from tests.regimens.protocol.courses import day

ANCHOR = day("2026-01-05")


def names(checks):
    return [check.name for check in checks]


def test_checks_are_at_3_6_and_12_months_and_then_every_year():
    checks = list(islice(lab_checks(ANCHOR), 5))
    assert [(check.name, check.due_on.isoformat()) for check in checks] == [
        ("3m", "2026-04-05"),
        ("6m", "2026-07-05"),
        ("12m", "2027-01-05"),
        ("24m", "2028-01-05"),
        ("36m", "2029-01-05"),
    ]


def test_the_windows_are_14_days_in_the_first_half_year_and_28_from_then_on():
    either_way = [
        ((check.due_on - check.opens_on).days, (check.closes_on - check.due_on).days)
        for check in islice(lab_checks(ANCHOR), 5)
    ]
    assert either_way == [(14, 14), (14, 14), (28, 28), (28, 28), (28, 28)]


def test_a_first_dose_on_a_leap_day_gives_a_last_day_of_february():
    assert first_year(day("2028-02-29")) == {
        "3m": day("2028-05-29"),
        "6m": day("2028-08-29"),
        "12m": day("2029-02-28"),
    }
    assert names(islice(lab_checks(day("2028-02-29")), 6))[-1] == "48m"
    assert list(islice(lab_checks(day("2028-02-29")), 6))[-1].due_on == day("2032-02-29")


def test_who_is_not_steady_is_checked_every_three_months_after_the_first_year():
    checks = list(islice(lab_checks(ANCHOR, steady=False), 8))
    assert names(checks) == ["3m", "6m", "12m", "15m", "18m", "21m", "24m", "27m"]
    assert [(check.closes_on - check.due_on).days for check in checks[3:]] == [14, 14, 14, 28, 14]
    assert names(islice(lab_checks(ANCHOR, steady=True), 4)) == ["3m", "6m", "12m", "24m"]


def test_who_was_treated_for_over_a_year_before_arriving_owes_only_anniversaries_from_then():
    joined = list(islice(lab_checks(ANCHOR, joined_on=day("2027-01-06")), 2))
    assert names(joined) == ["12m", "24m"]
    assert names(islice(lab_checks(ANCHOR, joined_on=day("2027-02-02")), 1)) == ["12m"]
    assert names(islice(lab_checks(ANCHOR, joined_on=day("2027-02-03")), 1)) == ["24m"]


def test_who_was_treated_for_a_year_or_less_owes_all():
    assert names(islice(lab_checks(ANCHOR, joined_on=day("2027-01-05")), 1)) == ["3m"]


def test_an_extra_panel_stands_in_its_place_among_the_others():
    checks = list(islice(lab_checks(ANCHOR, extra_from=[day("2026-11-10"), day("2026-03-01")]), 5))
    assert [(check.name, check.due_on.isoformat()) for check in checks] == [
        ("3m", "2026-04-05"),
        ("extra", "2026-06-01"),
        ("6m", "2026-07-05"),
        ("12m", "2027-01-05"),
        ("extra", "2027-02-10"),
    ]
    assert extra_check(day("2026-11-30")).due_on == day("2027-02-28")
    assert extra_check(day("2026-11-30")).closes_on == day("2027-03-14")
    assert extra_check(day("2026-11-30")).opens_on == day("2027-02-14")


def test_a_panel_in_its_window_is_done_and_the_next_check_follows():
    outlook = lab_outlook(ANCHOR, day("2026-04-20"), panels=[day("2026-04-10")])
    assert names(outlook.done) == ["3m"]
    assert outlook.next.due_on == day("2026-07-05")
    assert outlook.overdue == ()
    assert outlook.oldest_overdue is None


@pytest.mark.parametrize(
    ("drawn", "done"), [("2026-03-21", []), ("2026-03-22", ["3m"]), ("2026-04-19", ["3m"])]
)
def test_both_ends_of_a_window_count(drawn, done):
    assert names(lab_outlook(ANCHOR, day("2026-05-30"), panels=[day(drawn)]).done) == done


def test_a_check_is_next_until_its_window_closes_and_then_overdue_until_drawn():
    assert lab_outlook(ANCHOR, day("2026-04-19")).next.name == "3m"
    closed = lab_outlook(ANCHOR, day("2026-04-20"))
    assert closed.next.name == "6m"
    assert closed.oldest_overdue.name == "3m"
    assert names(lab_outlook(ANCHOR, day("2029-06-01")).overdue) == ["3m", "6m", "12m", "24m", "36m"]


def test_a_panel_drawn_late_satisfies_every_check_missed_before_it():
    outlook = lab_outlook(ANCHOR, day("2026-09-01"), panels=[day("2026-08-20")])
    assert names(outlook.done) == ["3m", "6m"]
    assert outlook.overdue == ()
    assert outlook.next.name == "12m"


def test_a_panel_does_not_satisfy_a_check_whose_window_has_not_opened():
    outlook = lab_outlook(ANCHOR, day("2026-06-20"), panels=[day("2026-06-20")])
    assert names(outlook.done) == ["3m"]
    assert lab_outlook(ANCHOR, day("2026-06-21"), panels=[day("2026-06-21")]).next.name == "12m"


def test_a_panel_is_not_known_before_its_day():
    assert lab_outlook(ANCHOR, day("2026-04-09"), panels=[day("2026-04-10")]).done == ()
    assert names(lab_outlook(ANCHOR, day("2026-04-10"), panels=[day("2026-04-10")]).done) == ["3m"]


def test_a_waived_check_is_neither_done_nor_overdue_nor_next():
    outlook = lab_outlook(ANCHOR, day("2026-05-01"), waived=["3m", "6m"])
    assert (outlook.done, outlook.overdue, outlook.next.name) == ((), (), "12m")


def test_a_panel_may_satisfy_a_later_check_before_a_shorter_window_has_opened():
    outlook = lab_outlook(
        ANCHOR,
        day("2027-01-01"),
        panels=[day("2026-12-10")],
        extra_from=[day("2026-10-01")],
        waived=["3m", "6m"],
    )
    assert outlook.next.name == "extra"
    assert names(outlook.done) == ["3m", "6m", "12m"]


def test_the_outlook_knows_who_is_steady_and_who_arrived_late():
    drawn = {"panels": [day("2027-01-05")]}
    assert lab_outlook(ANCHOR, day("2027-01-06"), steady=False, **drawn).next.name == "15m"
    assert lab_outlook(ANCHOR, day("2027-01-06"), steady=True, **drawn).next.name == "24m"
    arrived = lab_outlook(ANCHOR, day("2027-03-01"), joined_on=day("2027-03-01"))
    assert (arrived.overdue, arrived.next.name) == ((), "24m")


@pytest.mark.parametrize(
    ("collected", "as_of", "status"),
    [
        (None, "2026-03-21", PanelStatus.NOT_DUE),
        (None, "2026-03-22", PanelStatus.DUE),
        (None, "2026-04-19", PanelStatus.DUE),
        (None, "2026-04-20", PanelStatus.OVERDUE),
        ("2026-03-21", "2026-03-21", PanelStatus.NOT_DUE),
        ("2026-03-21", "2026-04-20", PanelStatus.OVERDUE),
        ("2026-03-22", "2026-03-22", PanelStatus.DONE),
        ("2026-04-19", "2026-04-19", PanelStatus.DONE),
        ("2026-06-01", "2026-06-01", PanelStatus.DONE),
        ("2026-04-19", "2026-04-18", PanelStatus.DUE),
    ],
)
def test_one_panel_against_its_due_date(collected, as_of, status):
    assert panel_status(day("2026-04-05"), 14, collected and day(collected), day(as_of)) is status


# -- The record of every check -----------------------------------------------------------------------------


def record(as_of, **known):
    return {each.check.name: (each.drawn_on, each.waived_on) for each in lab_record(ANCHOR, as_of, **known)}


def test_the_record_holds_the_first_year_and_what_is_next():
    assert list(record(ANCHOR)) == ["3m", "6m", "12m"]
    assert list(record(date(2027, 2, 1))) == ["3m", "6m", "12m"], "the one at twelve months is open still"
    assert list(record(date(2027, 2, 3))) == ["3m", "6m", "12m", "24m"]


def test_the_record_says_which_panel_came_first_for_each_check():
    drawn = record(date(2026, 8, 1), panels=(date(2026, 7, 3), date(2026, 4, 1)))
    assert drawn["3m"] == (date(2026, 4, 1), None)
    assert drawn["6m"] == (date(2026, 7, 3), None)
    late = record(date(2026, 8, 1), panels=(date(2026, 7, 3),))
    assert late["3m"] == (date(2026, 7, 3), None), "drawn late, with the next one"
    assert record(date(2026, 8, 1), panels=(date(2026, 3, 21),))["3m"] == (None, None), "a day too early"


def test_the_record_keeps_the_day_a_check_was_let_go():
    assert record(date(2026, 5, 1), waived={"3m": date(2026, 4, 30)})["3m"] == (None, date(2026, 4, 30))


def test_what_was_open_when_treatment_ended_is_not_owed():
    ended = record(date(2026, 9, 1), ended_on=date(2026, 7, 10))
    assert list(ended) == ["3m"], "its window had closed; that of six months had not"
    drawn = record(date(2026, 9, 1), ended_on=date(2026, 7, 10), panels=(date(2026, 7, 3),))
    assert drawn["6m"] == (date(2026, 7, 3), None)
    later = record(date(2026, 9, 1), ended_on=date(2026, 7, 10), panels=(date(2026, 8, 3),))
    assert later["3m"] == (None, None), "drawn after the end, for something else"


def test_after_a_resolved_cause_the_recheck_is_owed():
    ended_on = date(2026, 7, 10)
    known = {"ended_on": ended_on, "extra_from": (ended_on,)}
    assert record(date(2026, 9, 1), **known)["extra"] == (None, None)
    done = record(date(2026, 11, 1), panels=(date(2026, 10, 10),), **known)
    assert done["extra"] == (date(2026, 10, 10), None)


def test_the_record_and_the_outlook_agree_on_every_day():
    panels, waived = (date(2026, 7, 3), date(2027, 9, 9)), {"12m": date(2027, 2, 10)}
    for as_of in (date(2026, 2, 1) + timedelta(days=step) for step in range(0, 1100, 13)):
        so_far = tuple(day for day in panels if day <= as_of)
        outlook = lab_outlook(ANCHOR, as_of, panels=so_far, waived=waived)
        settled = lab_record(ANCHOR, as_of, panels=so_far, waived=waived)
        owed = [each.check for each in settled if each.drawn_on is None and each.waived_on is None]
        assert tuple(check for check in owed if check.closes_on < as_of) == outlook.overdue
        assert next(check for check in owed if check.closes_on >= as_of) == outlook.next
