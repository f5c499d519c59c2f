"""Tests of where loading doses fall: open days, spacing, three in seven days."""

from itertools import islice

import pytest

from regimens.protocol.catalogue import LOADINGS
from regimens.protocol.entries import Loading
from regimens.protocol.loading import next_slot, slots, wanted_day
from tests.regimens.protocol.courses import EVERY_DAY, MONDAY_TO_FRIDAY, clinic, day

STD = LOADINGS[Loading.STD_3X_WEEK_2W]
NEURO = LOADINGS[Loading.NEURO_ALT_DAYS]
DAILY = LOADINGS[Loading.DAILY_X10]


def series(phase, start, days, count=20):
    found = islice(slots(phase, (), None, days, day(start)), count)
    return " ".join(f"{one:%m-%d}" for one in found)


@pytest.mark.parametrize(
    ("start", "expected"),
    [
        ("2026-01-05", "01-05 01-07 01-09 01-12 01-14 01-16"),  # Monday
        ("2026-01-06", "01-06 01-08 01-12 01-14 01-16 01-19"),
        ("2026-01-07", "01-07 01-09 01-12 01-14 01-16 01-19"),
        ("2026-01-08", "01-08 01-12 01-14 01-16 01-19 01-21"),
        ("2026-01-09", "01-09 01-12 01-14 01-16 01-19 01-21"),
        ("2026-01-10", "01-12 01-14 01-16 01-19 01-21 01-23"),  # Saturday, closed
    ],
)
def test_three_a_week_from_every_weekday(start, expected):
    assert series(STD, start, MONDAY_TO_FRIDAY) == expected


def test_three_in_any_seven_days_holds_in_a_clinic_that_never_closes():
    assert series(STD, "2026-03-01", EVERY_DAY) == "03-01 03-03 03-05 03-08 03-10 03-12"


def test_a_closed_week_is_stepped_over():
    week_off = clinic("01234", *(f"2026-12-{number}" for number in (24, 25, 28, 29, 30, 31)), "2027-01-01")
    assert series(STD, "2026-12-21", week_off) == "12-21 12-23 01-04 01-06 01-08 01-11"
    assert series(NEURO, "2026-12-21", week_off, 4) == "12-21 12-23 01-04 01-06"


def test_a_clinic_open_one_day_a_week_loads_once_a_week():
    assert series(STD, "2026-01-05", clinic("2")) == "01-07 01-14 01-21 01-28 02-04 02-11"
    assert series(NEURO, "2026-01-05", clinic("2"), 3) == "01-07 01-14 01-21"
    assert series(DAILY, "2026-01-05", clinic("2"), 3) == "01-07 01-14 01-21"


def test_alternate_days_go_forward_when_the_day_before_is_the_last_dose():
    assert series(NEURO, "2026-07-06", MONDAY_TO_FRIDAY, 6) == "07-06 07-08 07-10 07-13 07-15 07-17"


def test_alternate_days_go_back_to_an_open_day_after_the_last_dose():
    monday_to_saturday = clinic("012345")
    assert series(NEURO, "2026-07-10", monday_to_saturday, 3) == "07-10 07-11 07-13"
    assert series(NEURO, "2026-07-06", clinic("01234", "2026-07-08"), 3) == "07-06 07-07 07-09"


def test_alternate_days_do_not_go_back_before_the_first_day_allowed():
    monday_to_saturday = clinic("012345")
    friday, sunday = day("2026-07-10"), day("2026-07-12")
    assert next_slot(NEURO, (friday,), friday, monday_to_saturday, sunday) == day("2026-07-13")
    saturday = day("2026-07-11")
    assert next_slot(NEURO, (friday,), friday, monday_to_saturday, saturday) == saturday


def test_a_first_dose_on_a_closed_day_waits_for_the_next_open_one():
    assert series(NEURO, "2026-07-11", MONDAY_TO_FRIDAY, 2) == "07-13 07-15"


def test_ten_doses_on_consecutive_open_days():
    assert series(DAILY, "2026-10-01", EVERY_DAY) == " ".join(f"10-{number:02}" for number in range(1, 11))
    assert series(DAILY, "2026-10-01", MONDAY_TO_FRIDAY) == (
        "10-01 10-02 10-05 10-06 10-07 10-08 10-09 10-12 10-13 10-14"
    )


def test_alternate_days_have_no_end_of_their_own():
    assert len(list(islice(slots(NEURO, (), None, EVERY_DAY, day("2026-07-06")), 500))) == 500


def test_a_partial_dose_keeps_the_distance_and_is_not_one_of_the_three():
    first, partial = day("2026-03-01"), day("2026-03-03")
    found = slots(STD, (first,), partial, EVERY_DAY, day("2026-03-03"))
    assert " ".join(f"{one:%m-%d}" for one in found) == "03-05 03-07 03-09 03-12 03-14"


def test_three_in_seven_days_counts_the_seventh_day_and_not_the_eighth():
    given = (day("2026-03-01"), day("2026-03-03"), day("2026-03-05"))
    assert next_slot(STD, given, given[-1], EVERY_DAY, day("2026-03-01")) == day("2026-03-08")
    early = (day("2026-03-01"), day("2026-03-02"), day("2026-03-03"))
    assert next_slot(STD, early, early[-1], EVERY_DAY, day("2026-03-01")) == day("2026-03-08")


def test_the_wanted_day_is_the_spacing_open_or_not():
    friday = day("2026-07-10")
    assert wanted_day(NEURO, friday, day("2026-07-01")) == day("2026-07-12")
    assert wanted_day(DAILY, friday, day("2026-07-01")) == day("2026-07-11")
    assert wanted_day(STD, friday, day("2026-07-20")) == day("2026-07-20")
    assert wanted_day(STD, None, day("2026-07-20")) == day("2026-07-20")
