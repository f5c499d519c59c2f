"""Tests of the days a clinic is open."""

from datetime import date

import pytest

from regimens.protocol.clinic_days import ClinicDays
from tests.regimens.protocol.courses import EVERY_DAY, MONDAY_TO_FRIDAY, clinic, day


def test_a_clinic_is_open_on_its_weekdays_less_its_closures():
    easter = clinic("01234", "2026-04-03", "2026-04-06")
    assert easter.is_open(day("2026-04-02"))
    assert not easter.is_open(day("2026-04-03"))
    assert not easter.is_open(day("2026-04-04"))
    assert easter.next_open(day("2026-04-03")) == day("2026-04-07")
    assert easter.previous_open(day("2026-04-06")) == day("2026-04-02")


def test_an_open_day_is_its_own_next_and_previous():
    friday = day("2026-04-10")
    assert MONDAY_TO_FRIDAY.next_open(friday) == MONDAY_TO_FRIDAY.previous_open(friday) == friday
    assert EVERY_DAY.next_open(day("2026-04-12")) == day("2026-04-12")
    assert not MONDAY_TO_FRIDAY.is_open(day("2026-04-11"))


@pytest.mark.parametrize("weekdays", [frozenset(), frozenset({7}), frozenset({-1, 2})])
def test_a_clinic_that_is_never_open_cannot_be(weekdays):
    with pytest.raises(ValueError, match="at least one day of the week"):
        ClinicDays(weekdays, frozenset({date(2026, 1, 1)}))


def test_a_clinic_without_closures_needs_to_name_none():
    assert ClinicDays(frozenset({6})).next_open(day("2026-04-06")) == day("2026-04-12")
