"""Tests of intervals: one anchor, calendar months, the last day of a short month."""

from datetime import date, timedelta

import pytest
from dateutil.relativedelta import relativedelta
from hypothesis import given
from hypothesis import strategies as st

from regimens.protocol.intervals import Interval, days, months

ANY_DAY = st.dates(date(1950, 1, 1), date(2150, 12, 31))


def test_a_month_after_the_31st_is_the_last_day_and_the_next_is_the_31st_again():
    anchor = date(2028, 1, 31)
    assert [months(1).after(anchor, times) for times in (1, 2, 3)] == [
        date(2028, 2, 29),
        date(2028, 3, 31),
        date(2028, 4, 30),
    ]


@pytest.mark.parametrize(
    ("anchor", "count", "expected"),
    [
        (date(2027, 1, 31), 1, date(2027, 2, 28)),
        (date(2027, 1, 29), 1, date(2027, 2, 28)),
        (date(2028, 1, 29), 1, date(2028, 2, 29)),
        (date(2027, 1, 28), 1, date(2027, 2, 28)),
        (date(2028, 2, 29), 12, date(2029, 2, 28)),
        (date(2028, 2, 29), 48, date(2032, 2, 29)),
        (date(2026, 12, 31), 2, date(2027, 2, 28)),
        (date(2026, 11, 30), 1, date(2026, 12, 30)),
        (date(2026, 10, 15), 3, date(2027, 1, 15)),
    ],
)
def test_months_are_calendar_months(anchor, count, expected):
    assert months(count).after(anchor) == expected


@given(ANY_DAY, st.integers(1, 40), st.integers(0, 12))
def test_months_are_what_dateutil_says(anchor, count, times):
    assert months(count).after(anchor, times) == anchor + relativedelta(months=count * times)


@given(ANY_DAY, st.integers(1, 400), st.integers(0, 12))
def test_days_are_counted(anchor, count, times):
    assert days(count).after(anchor, times) == anchor + timedelta(days=count * times)


def test_lengths_are_compared_nominally_so_that_a_short_february_decides_nothing():
    assert months(1).nominal_days == 30.4375
    assert months(12).nominal_days == 365.25
    assert days(42).nominal_days == 42


@pytest.mark.parametrize(("interval", "text"), [(months(3), "P3M"), (days(42), "P42D"), (months(12), "P12M")])
def test_an_interval_is_written_and_read_as_a_duration(interval, text):
    assert interval.iso == text
    assert Interval.from_iso(text) == interval


@pytest.mark.parametrize("text", ["", "P0M", "P3W", "3M", "P3M ", "P-1D", "PM", "xP3M", "P03M"])
def test_any_other_text_is_refused(text):
    with pytest.raises(ValueError, match=f"Not an interval in months or days: '{text}'"):
        Interval.from_iso(text)


def test_an_interval_reads_as_a_person_would_say_it():
    assert [str(each) for each in (months(3), months(1), days(42), days(1))] == [
        "3 months",
        "1 month",
        "42 days",
        "1 day",
    ]


@pytest.mark.parametrize("count", [0, -1, 1.5, True, "3"])
def test_an_interval_is_a_whole_number_from_one(count):
    with pytest.raises(ValueError, match="whole number from 1"):
        months(count)


def test_an_interval_is_in_months_or_days():
    with pytest.raises(ValueError, match="months or days, not 'weeks'"):
        Interval(2, "weeks")
