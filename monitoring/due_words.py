"""Says in words why a patient stands on the worklist, and what is to be given."""

from collections.abc import Iterator
from datetime import date

from patients.templatetags.wording import day, micrograms, weekday_day
from regimens import words
from regimens.models import Course, Plan
from regimens.protocol.clinic_days import ClinicDays
from regimens.protocol.entries import Loading, Route
from regimens.protocol.intervals import months
from regimens.protocol.schedule import DueDose, Phase, due_as_of
from regimens.protocol.standing import Status, status_on

PHASES = {Course.Phase.LOADING: Phase.LOADING, Course.Phase.MAINTENANCE: Phase.MAINTENANCE}
ROUTES = {Route.IM: "IM", Route.SC_DEEP: "deep SC", Route.ORAL: "every day"}
LOADINGS = {
    Loading.STD_3X_WEEK_2W: "three times a week",
    Loading.NEURO_ALT_DAYS: "alternate days",
    Loading.DAILY_X10: "daily",
}


def days(number: int) -> str:
    """Write a number of days: 1 day, 12 days."""
    return "1 day" if number == 1 else f"{number} days"


def why_a_dose(course: Course, plan: Plan, clinic: ClinicDays, today: date) -> str:
    """Say why a course of injections stands here: how late, which dose, what was missed, when it may be given."""
    due = DueDose(
        course.next_number,
        PHASES[course.phase],
        course.next_due_on,
        course.last_given_on,
        plan.interval or months(1),
        course.neurological,
    )
    said = [*_which(course, plan, due), *_when(due, clinic, today)]
    if course.twelve_months_on and course.twelve_months_on <= today:
        said.append("a year or more without a dose")
    elif course.lapses_on and course.lapses_on <= today:
        said.append("a whole interval missed")
    elif course.physician_from_on and course.physician_from_on <= today:
        said.append("a physician is asked")
    return _sentence(said)


def why_a_test(course: Course, today: date) -> str:
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


def why_oral(course: Course) -> str:
    """Say when a patient on tablets is next seen."""
    return f"On tablets, next check {day(course.next_due_on)}"


def test_date_only(course: Course, today: date) -> str:
    """Say when the blood test owed was, or is, due."""
    due_on = course.missed_lab_due_on or course.lab_due_on
    return f"Blood test {'was ' if due_on < today else ''}due {day(due_on)}"


def date_only(course: Course, today: date) -> str:
    """Say for those who see names and dates only when the next visit was, or is, due."""
    if course.next_due_on is None:
        return test_date_only(course, today)
    late = (today - course.next_due_on).days
    if course.window_closes_on and course.window_closes_on < today:
        return f"{days(late)} overdue, was due {day(course.next_due_on)}"
    return f"Due {day(course.next_due_on)}"


def regimen(course: Course, plan: Plan) -> str:
    """Give phase and rhythm: Loading, alternate days; Maintenance, every 3 months."""
    if course.phase == Course.Phase.ORAL:
        return "Tablets, every day"
    if course.phase == Course.Phase.LOADING:
        return f"Loading, {LOADINGS[plan.regimen.loading.kind]}"
    if (
        plan.interval is None
    ):  # tablets are decided, and injections go on until the first one is confirmed (D-27)
        return "Maintenance, until the first tablet"
    return f"Maintenance, {words.maintenance(plan)}"


def dose(plan: Plan) -> str:
    """Give amount, product and route."""
    return f"{micrograms(plan.micrograms)} {words.product(plan.product).lower()}, {ROUTES[plan.route]}"


def _which(course: Course, plan: Plan, due: DueDose) -> Iterator[str]:
    if due.phase is Phase.LOADING:
        total = plan.regimen.loading.doses
        yield f"loading dose {due.number} of {total}" if total else f"loading dose {due.number}"
    elif due.counts_from is None:
        yield "last dose not known" if course.last_dose_unknown else "first dose"


def _when(due: DueDose, clinic: ClinicDays, today: date) -> Iterator[str]:
    """Yield how the day stands to the date; a loading dose in the past is due today or the next open day (D-21)."""
    late = (today - due.due_on).days
    match status_on(due, today):
        case Status.OVERDUE | Status.LAPSED:
            yield f"{days(late)} overdue"
            give_on = due_as_of(due, clinic, today)
            if due.phase is Phase.LOADING:
                yield "give today" if give_on == today else f"give on {weekday_day(give_on)}"
        case Status.DUE if late == 0:
            yield "due today"
        case Status.DUE if late > 0:
            yield f"was due {day(due.due_on)}, in time until {day(due.closes_on)}"
        case Status.DUE:
            yield f"due {day(due.due_on)}, may be given now"
        case _ if due.opens_on == due.due_on:
            yield f"due {weekday_day(due.due_on)}"
        case _:
            yield f"due {day(due.due_on)}, may be given from {weekday_day(due.opens_on)}"


def _sentence(said: list[str]) -> str:
    text = ", ".join(said)
    return text[:1].upper() + text[1:]
