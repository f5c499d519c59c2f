"""Says in words why a patient stands on the worklist, and what is to be given."""

from collections.abc import Iterator
from datetime import date

from monitoring.worklist_columns import Found
from patients.templatetags.wording import day, micrograms, weekday_day
from regimens import words
from regimens.at_a_glance import Glance
from regimens.models import Course
from regimens.protocol import catalogue
from regimens.protocol.entries import Loading, Route
from regimens.protocol.intervals import Interval

ROUTES = {Route.IM: "IM", Route.SC_DEEP: "deep SC", Route.ORAL: "every day"}
LOADINGS = {
    Loading.STD_3X_WEEK_2W: "three times a week",
    Loading.NEURO_ALT_DAYS: "alternate days",
    Loading.DAILY_X10: "daily",
}


def days(number: int) -> str:
    """Write a number of days: 1 day, 12 days."""
    return "1 day" if number == 1 else f"{number} days"


def why_a_dose(course: Found, glance: Glance, open_on: date, today: date) -> str:
    """Say why a course of injections stands here: how late, which dose, what was missed, when it may be given.

    open_on: the day, or the next one on which the clinic is open.
    """
    said = [*_which(course, glance), *_when(course, open_on, today)]
    if course.twelve_months_on and course.twelve_months_on <= today:
        said.append("a year or more without a dose")
    elif course.lapses_on and course.lapses_on <= today:
        said.append("a whole interval missed")
    elif course.physician_from_on and course.physician_from_on <= today:
        said.append("a physician is asked")
    return _sentence(said)


def why_a_test(course: Found, today: date) -> str:
    """Say which blood test is owed, and how late it is."""
    if course.missed_lab_due_on:
        name, due_on = course.missed_lab_name, course.missed_lab_due_on
    else:
        name, due_on = course.lab_name, course.lab_due_on
    check = "Extra blood test" if name == "extra" else f"Blood test at {name.removesuffix('m')} months"
    late = (today - due_on).days
    drawn = [f"blood taken {day(course.blood_taken_on)}, result not back"] if course.blood_taken_on else []
    if course.missed_lab_due_on or course.lab_closes_on < today:
        return _sentence([check, f"{days(late)} overdue", *drawn])
    return _sentence([check, "due today" if not late else f"due {day(due_on)}", *drawn])


def why_oral(course: Found) -> str:
    """Say when a patient on tablets is next seen."""
    return f"On tablets, next check {day(course.next_due_on)}"


def test_date_only(course: Found, today: date) -> str:
    """Say when the blood test owed was, or is, due."""
    due_on = course.missed_lab_due_on or course.lab_due_on
    return f"Blood test {'was ' if due_on < today else ''}due {day(due_on)}"


def date_only(course: Found, today: date) -> str:
    """Say for those who see names and dates only when the next visit was, or is, due."""
    if course.next_due_on is None:
        return test_date_only(course, today)
    late = (today - course.next_due_on).days
    if course.window_closes_on and course.window_closes_on < today:
        return f"{days(late)} overdue, was due {day(course.next_due_on)}"
    return f"Due {day(course.next_due_on)}"


def regimen(phase: str, key: str, route: str, interval: str) -> str:
    """Give phase and rhythm: Loading, alternate days; Maintenance, every 3 months. key and interval as a plan keeps them."""
    if phase == Course.Phase.ORAL:
        return "Tablets, every day"
    if phase == Course.Phase.LOADING:
        return f"Loading, {LOADINGS[catalogue.regimen(key).loading.kind]}"
    if not interval:  # tablets are decided, and injections go on until the first one is confirmed (D-27)
        return "Maintenance, until the first tablet"
    rhythm = "every day" if route == Route.ORAL else words.every(Interval.from_iso(interval))
    return f"Maintenance, {rhythm}"


def dose(amount: int, product: str, route: str) -> str:
    """Give amount, product and route."""
    return f"{micrograms(amount)} {words.product(product).lower()}, {ROUTES[route]}"


def _which(course: Found, glance: Glance) -> Iterator[str]:
    if course.phase == Course.Phase.LOADING:
        total = catalogue.regimen(glance.regimen_key).loading.doses
        number = course.next_number
        yield f"loading dose {number} of {total}" if total else f"loading dose {number}"
    elif course.last_given_on is None:
        yield "last dose not known" if course.last_dose_unknown else "first dose"


def _when(course: Found, open_on: date, today: date) -> Iterator[str]:
    """Yield how the day stands to the date; a loading dose in the past is due today or the next open day (D-21)."""
    due_on, opens_on, closes_on = course.next_due_on, course.window_opens_on, course.window_closes_on
    late = (today - due_on).days
    if today > closes_on:
        yield f"{days(late)} overdue"
        if course.phase == Course.Phase.LOADING:
            yield "give today" if open_on == today else f"give on {weekday_day(open_on)}"
    elif late == 0:
        yield "due today"
    elif late > 0:
        yield f"was due {day(due_on)}, in time until {day(closes_on)}"
    elif today >= opens_on:
        yield f"due {day(due_on)}, may be given now"
    elif opens_on == due_on:
        yield f"due {weekday_day(due_on)}"
    else:
        yield f"due {day(due_on)}, may be given from {weekday_day(opens_on)}"


def _sentence(said: list[str]) -> str:
    text = ", ".join(said)
    return text[:1].upper() + text[1:]
