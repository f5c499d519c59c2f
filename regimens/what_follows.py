"""The dates that would follow: from a proposal, a signature, another interval, a pause; nothing is written.

The same functions that write the outlook compute them, on rows that are changed in memory only.
"""

from collections.abc import Iterator
from copy import copy
from dataclasses import dataclass, replace
from datetime import date, datetime
from itertools import islice, takewhile

from regimens.course_values import CourseValues, values_if, values_of
from regimens.models import Course, Plan
from regimens.protocol import labs, schedule, standing
from regimens.protocol.entries import Route
from regimens.protocol.facts import Facts
from regimens.protocol.intervals import Interval, months
from regimens.protocol.recommendation import Recommendation
from regimens.services import plans

SIGNED_IN_THOUGHT = datetime.min  # noqa: DTZ901 - stands for “signed”, is never shown or written
NEVER_YET = 1_000_000  # the version of a plan that is not written: later than all that are
LOADING_SHOWN = 12
MAINTENANCE_SHOWN = 4
CHECKS_SHOWN = 4


@dataclass(frozen=True, slots=True)
class Ahead:
    """What lies ahead of a course as of a day, if each dose is given on its day. Empty when nothing is due."""

    doses: tuple[schedule.DueDose, ...]
    loading_is_open_ended: bool
    review_on: date | None
    checks: tuple[labs.LabCheck, ...]
    # The doses of the next twelve months; of an open-ended loading those until its next review (D-01).
    in_a_year: tuple[schedule.DueDose, ...] = ()
    tablets_from_on: date | None = None
    paused_until: date | None = None

    @property
    def next_on(self) -> date | None:
        """The day the next dose is due."""
        return self.doses[0].due_on if self.doses else None

    @property
    def vials(self) -> int:
        """How many vials the doses of the next twelve months take: one each, none with tablets."""
        return 0 if self.tablets_from_on else len(self.in_a_year)


def ahead_of(values: CourseValues, today: date) -> Ahead:
    """Give the doses, reviews and lab checks to come, as many as a person reads."""
    ended = values.course.ended_on is not None
    doses = () if ended else tuple(_doses(values, today))
    oral = values.current.route == Route.ORAL and not ended
    return Ahead(
        doses=() if oral and not doses else doses[:1] if oral else doses,
        loading_is_open_ended=bool(doses) and values.plan.loading.doses is None and _is_loading(doses[0]),
        review_on=None if ended else _review_on(values, today),
        checks=() if ended else tuple(_checks(values, today)),
        in_a_year=() if ended else doses[:1] if oral else tuple(_in_a_year(values, today)),
        tablets_from_on=values.history.oral_confirmed_on or doses[0].due_on if oral and doses else None,
        paused_until=values.history.paused_until if values.history.is_paused(today) else None,
    )


def now(course: Course, today: date) -> Ahead:
    """Give what lies ahead as things stand."""
    return ahead_of(values_now(course), today)


def if_changed(course: Course, today: date, **columns) -> Ahead:
    """Give what would lie ahead with other decisions on the course: a pause, tablets confirmed, an end."""
    return ahead_of(values_if_changed(course, **columns), today)


def values_now(course: Course) -> CourseValues:
    """Give a course as it stands."""
    return values_of([course])[course.pk]


def values_if_changed(course: Course, **columns) -> CourseValues:
    """Give a course as it would stand with other decisions on it."""
    changed = copy(course)
    for name, value in columns.items():
        setattr(changed, name, value)
    return values_now(changed)


def if_proposed(
    patient, facts: Facts, advice: Recommendation, *, starts_on: date, today: date, **on_course
) -> Ahead:
    """Give what would lie ahead if this recommendation were proposed and signed today."""
    course = copy(plans.course_for(patient, starts_on, today))
    for name, value in on_course.items():
        setattr(course, name, value or getattr(course, name))
    standing_plans = list(course.plans.all()) if course.pk else []
    plan = Plan(
        course=course,
        version=NEVER_YET,
        starts_on=starts_on,
        counts_from_on=plans.counts_from(course, standing_plans, advice.proposal.loading, starts_on),
        **plans.terms_of(facts, advice, starts_on),
    )
    return if_signed(plan, course, today)


def if_signed(plan: Plan, course: Course, today: date, interval: Interval | None = None) -> Ahead:
    """Give what would lie ahead if this plan were signed today, with the interval chosen where one is open."""
    return ahead_of(values_if_signed(plan, course, today, interval), today)


def values_if_signed(
    plan: Plan, course: Course, today: date, interval: Interval | None = None
) -> CourseValues:
    """Give a course as it would stand if this plan were signed today."""
    plan, course = copy(plan), copy(course)
    if interval is not None:
        plan.interval_iso = interval.iso
        if not plan.interval_chosen:
            plan.base_interval_iso = interval.iso
    before = Plan.objects.signed().filter(course=course.pk).first() if course.pk else None
    of_plan, of_course = plans.on_signing(plan, course, before, today)
    for row, columns in ((plan, of_plan), (course, of_course)):
        for name, value in columns.items():
            setattr(row, name, value)
    plan.version, plan.signed_at, plan.superseded_at = NEVER_YET, SIGNED_IN_THOUGHT, None
    return values_if(course, plan)


def values_if_interval(course: Course, plan: Plan, interval: Interval, today: date) -> CourseValues:
    """Give a course as it would stand if the interval of its signed plan were changed today (D-24)."""
    changed = copy(plan)
    changed.pk, changed.version = None, NEVER_YET
    changed.interval_iso, changed.interval_decided_on = interval.iso, today
    return values_if(course, changed)


def if_counted(course: Course, given_on: date, counts: bool, today: date) -> Ahead:
    """Give what would lie ahead if the dose of a day counted, or did not (D-25)."""
    values = values_of([course])[course.pk]
    others = (dose for dose in values.history.doses if dose.on != given_on)
    doses = tuple(sorted((*others, schedule.Dose(given_on, counts=counts)), key=lambda dose: dose.on))
    return ahead_of(replace(values, history=replace(values.history, doses=doses)), today)


def _doses(values: CourseValues, today: date):
    """Yield loading as far as it is shown, then the first doses of maintenance."""
    maintenance = 0
    coming = schedule.forecast(values.plan, values.history, values.clinic_days, today)
    for dose in islice(coming, LOADING_SHOWN + MAINTENANCE_SHOWN):
        maintenance += not _is_loading(dose)
        if maintenance > MAINTENANCE_SHOWN or (
            values.plan.loading.doses is None and dose.number > LOADING_SHOWN + len(values.history.given)
        ):
            return
        yield dose


def _in_a_year(values: CourseValues, today: date) -> Iterator[schedule.DueDose]:
    """Yield the doses of the next twelve months, an overdue one first; open-ended loading as far as its next review."""
    coming = schedule.forecast(values.plan, values.history, values.clinic_days, today)
    last = months(12).after(today)
    if values.plan.loading.doses is None and schedule.is_loading(values.plan, values.history):
        until = standing.slots_until_review(values.plan, values.history, values.clinic_days, today)
        last = min(last, max(until, default=today))
    return takewhile(lambda dose: dose.due_on <= last, coming)


def _is_loading(dose: schedule.DueDose) -> bool:
    return dose.phase is schedule.Phase.LOADING


def _review_on(values: CourseValues, today: date) -> date | None:
    return standing.review_due_on(values.plan, values.history, values.clinic_days, today)


def _checks(values: CourseValues, today: date):
    """Yield the oldest check that is overdue, then those open or coming."""
    outlook = values.labs(today)
    if outlook.oldest_overdue:
        yield outlook.oldest_overdue
    coming = labs.lab_checks(
        values.anchor_on, steady=values.steady, joined_on=values.joined_on, extra_from=values.extra_from
    )
    closed = {check.name for check in (*outlook.done, *outlook.overdue)} | set(values.waived)
    open_or_later = (check for check in coming if check.closes_on >= today and check.name not in closed)
    yield from islice(open_or_later, CHECKS_SHOWN)
