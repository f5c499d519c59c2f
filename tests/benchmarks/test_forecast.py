"""Ten years of monthly dates, by us and by dateutil in the same run: compare the two lines of the report."""

from datetime import date, datetime
from itertools import islice

from dateutil.rrule import MONTHLY, rrule

from regimens.protocol import catalogue
from regimens.protocol.clinic_days import MONDAY_TO_FRIDAY
from regimens.protocol.intervals import months
from regimens.protocol.schedule import CoursePlan, Dose, History, forecast

TEN_YEARS = 120
LAST_ON = date(2026, 1, 15)
PLAN = CoursePlan(catalogue.regimen("hydroxocobalamin-maintenance-1"), months(1), months(1), LAST_ON)
HISTORY = History(doses=(Dose(LAST_ON),))


def by_the_schedule() -> list[date]:
    return [dose.due_on for dose in islice(forecast(PLAN, HISTORY, MONDAY_TO_FRIDAY, LAST_ON), TEN_YEARS)]


def by_dateutil() -> list[date]:
    start = datetime(2026, 2, 15)  # noqa: DTZ001 - rrule wants one; only its date is used
    return [found.date() for found in rrule(MONTHLY, dtstart=start, count=TEN_YEARS)]


def test_a_forecast_of_120_monthly_dates(benchmark):
    assert benchmark(by_the_schedule) == by_dateutil()


def test_the_same_120_dates_by_dateutil(benchmark):
    assert benchmark(by_dateutil) == by_the_schedule()
