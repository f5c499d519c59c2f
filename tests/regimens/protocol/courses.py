"""Courses and histories for the tests of time: each says only what its test is about."""

from datetime import date

from regimens.protocol import catalogue
from regimens.protocol.clinic_days import EVERY_DAY, MONDAY_TO_FRIDAY, ClinicDays
from regimens.protocol.intervals import Interval, months
from regimens.protocol.schedule import CoursePlan, Dose, History, Outcome, Review

__all__ = ["EVERY_DAY", "MONDAY_TO_FRIDAY", "a_plan", "clinic", "day", "given", "neuro", "reviewed"]


def day(text: str) -> date:
    return date.fromisoformat(text)


THREE_MONTHS = months(3)


def a_plan(
    kind: str = "maintenance",
    interval: Interval = THREE_MONTHS,
    starts_on: str = "2026-01-05",
    base: Interval | None = None,
    neuro_history: bool = False,
) -> CoursePlan:
    regimen = catalogue.regimen(f"hydroxocobalamin-{kind}-1")
    return CoursePlan(regimen, interval, base or interval, day(starts_on), neuro_history)


def neuro(starts_on: str = "2026-07-06") -> CoursePlan:
    return a_plan("neuro", months(2), starts_on, neuro_history=True)


def given(*days: str, **more) -> History:
    return History(doses=tuple(Dose(day(text)) for text in days), **more)


def reviewed(on: str, outcome: str = "still_improving") -> Review:
    return Review(day(on), Outcome(outcome))


def clinic(weekdays: str, *closures: str) -> ClinicDays:
    """A clinic open on the weekdays written as digits, Monday being 0, less the closures."""
    return ClinicDays(frozenset(int(digit) for digit in weekdays), frozenset(day(text) for text in closures))
