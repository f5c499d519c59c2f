"""A stretch of days as a line: every mark stands where its day lies, whatever the stretch."""

from calendar import isleap, monthrange
from datetime import date, timedelta
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitoring.axis.span import Span, cut, months_of

DAYS = st.dates(date(1900, 1, 1), date(2199, 12, 31))
SPANS = st.tuples(DAYS, DAYS).map(lambda pair: Span(min(pair), max(pair)))
NARROWEST = 24 / 880


def seconds(day: date) -> int:
    """Count the seconds from the beginning of 1800 to the midnight a day begins with, by the rules of the calendar."""
    days = sum(366 if isleap(year) else 365 for year in range(1800, day.year))
    days += sum(monthrange(day.year, month)[1] for month in range(1, day.month)) + day.day - 1
    return days * 86_400


@given(SPANS, st.integers(0))
def test_a_mark_stands_at_the_noon_of_its_day(span, number):
    day = span.first + timedelta(days=number % span.days)
    begins, ends = seconds(span.first), seconds(span.last) + 86_400
    noon = Fraction(seconds(day) + 43_200 - begins, ends - begins)
    assert span.middle(day) == pytest.approx(float(noon), abs=1e-12)


@given(SPANS, st.lists(st.integers(0), min_size=2, max_size=9))
def test_marks_stay_inside_and_keep_their_order(span, numbers):
    days = sorted(span.first + timedelta(days=number % span.days) for number in numbers)
    places = [span.middle(day) for day in days]
    assert places == sorted(places)
    assert all(0 < place < 1 for place in places)
    assert len(set(places)) == len(set(days))


@given(SPANS, DAYS)
def test_a_day_is_on_the_line_exactly_when_its_mark_is(span, day):
    assert span.holds(day) == (0 < span.middle(day) < 1)


@given(SPANS, DAYS, DAYS)
def test_a_bar_covers_its_days_and_no_other(span, one, other):
    first, last = min(one, other), max(one, other)
    box = span.bar(first, last)
    inside = [day for day in (first, last, span.first, span.last) if first <= day <= last and span.holds(day)]
    assert (box is None) == (not inside)
    if box:
        assert 0 <= box[0] < box[1] <= 1
        assert box[0] == span.start(max(first, span.first))
        assert box[1] == pytest.approx(span.start(min(last, span.last) + timedelta(days=1)))


def test_a_line_of_one_day_has_its_mark_in_the_middle():
    day = date(2026, 1, 5)
    span = Span(day, day)
    assert span.days == 1
    assert span.middle(day) == 0.5
    assert span.bar(day, day) == (0, 1)


def test_the_leap_day_is_a_day_like_any_other():
    leap, ordinary = Span(date(2024, 1, 1), date(2024, 12, 31)), Span(date(2025, 1, 1), date(2025, 12, 31))
    assert leap.middle(date(2024, 2, 29)) == pytest.approx(59.5 / 366)
    assert leap.start(date(2024, 3, 1)) == pytest.approx(60 / 366)
    assert ordinary.start(date(2025, 3, 1)) == pytest.approx(59 / 365)


def test_a_line_does_not_end_before_it_begins():
    with pytest.raises(ValueError, match="ends no earlier"):
        Span(date(2026, 1, 2), date(2026, 1, 1))


def test_months_begin_on_the_line_and_can_be_counted_by_quarters_and_years():
    span = Span(date(2025, 11, 15), date(2026, 7, 1))
    assert [f"{day:%b}" for day in months_of(span)] == [
        "Dec",
        "Jan",
        "Feb",
        "Mar",
        "Apr",
        "May",
        "Jun",
        "Jul",
    ]
    assert [f"{day:%b}" for day in months_of(span, 3)] == ["Jan", "Apr", "Jul"]
    assert list(months_of(span, 12)) == [date(2026, 1, 1)]
    assert list(months_of(Span(date(2025, 1, 2), date(2025, 12, 31)), 12)) == []


@given(SPANS)
def test_a_line_is_cut_into_whole_cells_that_can_be_hit(wanted):
    span, cells = cut(wanted.first, wanted.last, NARROWEST)
    assert span.first <= wanted.first <= wanted.last <= span.last
    assert (cells[0].first, cells[-1].last) == (span.first, span.last)
    for before, after in zip(cells, cells[1:], strict=False):
        assert after.first == before.last + timedelta(days=1)
    assert all(cell.first.day == 1 for cell in cells)
    assert all((cell.last + timedelta(days=1)).day == 1 for cell in cells)
    assert len(cells) == 1 or min(cell.days for cell in cells) / span.days >= NARROWEST


@given(SPANS)
def test_cells_are_no_longer_than_they_must_be(wanted):
    span, cells = cut(wanted.first, wanted.last, NARROWEST)
    months = (wanted.last.year - wanted.first.year) * 12 + wanted.last.month - wanted.first.month + 1
    if months <= 32:  # 33 months of 28 to 31 days may have one that is too narrow
        assert len(cells) == months
    if cells[0].days > 366:
        assert (span.last.year - span.first.year) > 32


@pytest.mark.parametrize(
    ("first", "last", "length"),
    [
        (date(2026, 2, 3), date(2026, 2, 3), "month"),
        (date(2025, 11, 27), date(2027, 11, 27), "month"),
        (date(2019, 5, 1), date(2027, 11, 27), "quarter"),
        (date(2004, 5, 1), date(2027, 11, 27), "year"),
        (date(1986, 5, 1), date(2027, 11, 27), "two years"),
        (date(1, 1, 1), date(2027, 11, 27), "longer"),
    ],
)
def test_a_longer_story_has_longer_cells(first, last, length):
    days = {"month": (28, 31), "quarter": (90, 92), "year": (365, 366), "two years": (730, 731)}
    low, high = days.get(length, (3650, 40_000))
    _span, cells = cut(first, last, NARROWEST)
    assert all(low <= cell.days <= high for cell in cells)
    if length != "month":
        assert cells[0].first.month in (1, 4, 7, 10)
    if length in ("year", "two years"):
        assert all(cell.first.month == 1 for cell in cells)


def test_the_last_day_of_the_calendar_is_no_end_of_the_program():
    span, cells = cut(date(9990, 3, 1), date.max, NARROWEST)
    assert cells[-1].last == span.last == date.max
