"""How clinics stand, in numbers that add up. Every number is counted afresh; one that could not be is None.

A fixed number of statements, each through an index of the clinic, however many patients there are.
"""

import logging
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from math import inf

from django.db import DatabaseError
from django.db.models import Case, CharField, Count, F, Q, QuerySet, Value, When
from django.db.models.functions import Substr

from monitoring.calls import reasons
from monitoring.cohort import course_of_events, overrides, standing
from monitoring.cohort.groups import Group, Number, Part, Shared, word_of
from monitoring.cohort.scope import Scope
from monitoring.leases import LIVING, Cause, State
from monitoring.messages.sql import IsoDay
from monitoring.models import Heartbeat, Message
from patients.templatetags.wording import day
from regimens.models import Course, Injection, Request
from regimens.models.course import EndReason
from regimens.protocol.intervals import Interval, months

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class PhaseRow:
    """The open courses of one phase, by lateness; nothing is due while a course is paused, so it has no cells."""

    title: str
    cells: tuple[Number, ...]
    total: Number


@dataclass(frozen=True)
class Courses:
    """All courses of a clinic, each counted once. `unplaced` stand in no part: then something is wrong."""

    phases: tuple[PhaseRow, ...]
    lateness: tuple[Number, ...]
    paused: Number
    ended: tuple[Number, ...]
    open: int
    unplaced: int

    @property
    def ended_in_all(self) -> int:
        """How many have ended, for whatever reason."""
        return sum(number.count for number in self.ended)

    @property
    def all(self) -> int:
        """Open and ended together."""
        return self.open + self.ended_in_all

    @property
    def adds_up(self) -> bool:
        """Tell whether every course is in exactly one part, counted along the rows and along the columns."""
        rows = sum(row.total.count for row in self.phases)
        columns = sum(number.count for number in self.lateness) + self.paused.count
        return rows == columns == self.open


@dataclass(frozen=True)
class MonthOfDoses:
    """Doses given here in one month, by how they lay to the window known when they were recorded."""

    begins_on: date
    inside: int
    early: int
    late: int
    unplanned: int

    @property
    def given(self) -> int:
        """All of them."""
        return self.inside + self.early + self.late + self.unplanned

    @property
    def percent_inside(self) -> int | None:
        """Of those that had a window, how many in a hundred lay inside; None without any."""
        return round(100 * self.inside / self.planned) if self.planned else None

    @property
    def planned(self) -> int:
        """Those that had a window."""
        return self.given - self.unplanned


@dataclass(frozen=True)
class Letters:
    """The letters that were owed today: each is sent, waits, or fell silent for a reason."""

    sent: int
    waiting: int
    failed: int
    in_doubt: int
    silent: tuple[Number, ...]

    @property
    def suppressed(self) -> int:
        """Not sent on purpose, for whatever reason."""
        return sum(number.count for number in self.silent)

    @property
    def due(self) -> int:
        """All that were owed today."""
        return self.sent + self.waiting + self.failed + self.in_doubt + self.suppressed


@dataclass(frozen=True)
class Waiting:
    """What waits for a person."""

    tests: tuple[Number, Number]
    reviews: tuple[Number, Number]
    plans: Number
    requests: tuple[Number, ...]
    requests_same_day: int

    @property
    def requests_in_all(self) -> int:
        """Requests nobody has answered."""
        return sum(number.count for number in self.requests)


@dataclass(frozen=True)
class Dashboard:
    """The parts of the page. What the database could not count is None, and must never look like nought."""

    courses: Courses | None
    late: Shared | None
    intervals: Shared | None
    loading: Shared | None
    checks: tuple[Shared, ...] | None
    homocysteine: Shared | None
    reviews: Shared | None
    reviews_to_do: Shared | None
    overrides: overrides.Overrides | None
    ended_letters: Shared | None
    doses: tuple[MonthOfDoses, ...] | None
    waiting: Waiting | None
    letters: Letters | None
    calls: int | None
    heartbeats: tuple[Heartbeat, ...] | None


def dashboard(scope: Scope) -> Dashboard:
    """Count everything of a scope, each part by itself, so that one failure hides no other number."""
    return Dashboard(
        courses=_or_none("courses", lambda: count_courses(scope)),
        late=_or_none("days late", lambda: standing.LATE.count(scope)),
        intervals=_or_none("intervals", lambda: count_intervals(scope)),
        loading=_or_none("loading", lambda: course_of_events.LOADING.count(scope)),
        checks=_or_none("checks", lambda: course_of_events.count_checks(scope)),
        homocysteine=_or_none("homocysteine", lambda: course_of_events.HOMOCYSTEINE.count(scope)),
        reviews=_or_none("reviews", lambda: course_of_events.REVIEWS.count(scope)),
        reviews_to_do=_or_none("reviews to do", lambda: course_of_events.REVIEWS_TO_DO.count(scope)),
        overrides=_or_none("overrides", lambda: overrides.count(scope)),
        ended_letters=_or_none("ended letters", lambda: course_of_events.LETTERS.count(scope)),
        doses=_or_none("doses", lambda: count_doses(scope)),
        waiting=_or_none("what waits", lambda: count_waiting(scope)),
        letters=_or_none("letters", lambda: count_letters(scope)),
        calls=_or_none("calls", lambda: count_calls(scope)),
        heartbeats=_or_none("heartbeats", lambda: tuple(Heartbeat.objects.order_by("name"))),
    )


def _or_none(what: str, count: Callable):
    try:
        return count()
    except DatabaseError as error:
        logger.error("dashboard: %s could not be counted: %s", what, type(error).__name__)
        return None


def count_courses(scope: Scope) -> Courses:
    """Share out all courses of a scope, open and ended, in one statement, so that none moves between two counts."""
    shared = (
        Course.objects.filter(scope.here(), scope.about())
        .annotate(
            phase_share=word_of(standing.PHASES, scope),
            lateness=word_of(standing.LATENESS, scope),
        )
        .order_by()
        .values_list("end_reason", "phase_share", "lateness")
        .annotate(number=Count("pk"))
    )
    ended, stands = Counter(), Counter()
    for reason, phase, lateness, number in shared:
        if reason:
            ended[reason] += number
        else:
            stands[phase, "" if phase == standing.PAUSED.word else lateness] += number
    return Courses(
        **_placed(stands),
        ended=tuple(
            Number(reason.label, ended[reason.value], standing.word_of_end(reason)) for reason in EndReason
        ),
        open=sum(stands.values()),
        unplaced=sum(
            number
            for (phase, lateness), number in stands.items()
            if not phase or (not lateness and phase != standing.PAUSED.word)
        ),
    )


def _placed(stands: Counter) -> dict:
    """Lay the counts out as rows of phases and columns of lateness, each with its own sum."""
    rows = [_row(phase, stands) for phase in standing.PHASES]
    columns = tuple(
        Number(late.title, sum(row.cells[at].count for row in rows if row.cells), late.word)
        for at, late in enumerate(standing.LATENESS)
    )
    return {"phases": tuple(rows), "lateness": columns, "paused": rows[-1].total}


def _row(phase: Part, stands: Counter) -> PhaseRow:
    if phase is standing.PAUSED:
        return PhaseRow(phase.title, (), Number(phase.title, stands[phase.word, ""], phase.word))
    cells = tuple(
        Number(late.title, stands[phase.word, late.word], f"{phase.word}-{late.word}")
        for late in standing.LATENESS
    )
    return PhaseRow(phase.title, cells, Number(phase.title, sum(cell.count for cell in cells), phase.word))


def count_intervals(scope: Scope) -> Shared:
    """Count the courses in maintenance by the interval of the plan in force, the shortest first."""
    counted = standing.maintenance(scope).order_by().values_list("summary__interval_iso")
    by_interval = dict(counted.annotate(number=Count("pk")))
    unplaced = by_interval.pop(None, 0)
    ordered = sorted(by_interval, key=lambda iso: Interval.from_iso(iso).nominal_days if iso else inf)
    parts = tuple(
        Number(standing.interval_title(iso), by_interval[iso], standing.interval_word(iso)) for iso in ordered
    )
    return Shared("Maintenance by interval", "maintenance", parts, unplaced)


def doses_given(scope: Scope, begins_on: date, ends_on: date) -> QuerySet:
    """Give the counting doses given here from one day to before another, with `timing`: how they lay to their window.

    Doses from elsewhere and imported ones are left out: they have no window and nobody here gave them.
    """
    return (
        Injection.objects.counting()
        .filter(
            scope.here("course__clinic"),
            scope.about("course__"),
            source=Injection.Source.CLINIC,
            given_on__gte=begins_on,
            given_on__lt=ends_on,
        )
        .annotate(
            timing=Case(
                When(given_on__lt=F("window_opens_on"), then=Value("early")),
                When(given_on__gt=F("window_closes_on"), then=Value("late")),
                When(window_opens_on__isnull=True, then=Value("unplanned")),
                default=Value("inside"),
                output_field=CharField(),
            )
        )
    )


TIMINGS = {
    "inside": "inside their window",
    "early": "before their window",
    "late": "after their window",
    "unplanned": "without a window",
}


def doses_group(begins_on: date, timing: str) -> Group:
    """Give the list of the doses of one month, or of those that lay in one way to their window."""

    def rows(scope: Scope) -> QuerySet:
        doses = doses_given(scope, begins_on, ends_on)
        return doses.filter(timing=timing) if timing else doses

    ends_on = months(1).after(begins_on)
    return Group(
        f"doses-{begins_on:%Y-%m}{'-' if timing else ''}{timing}",
        f"Doses given here {TIMINGS.get(timing, '')}".strip() + f", {begins_on:%B %Y}",
        rows,
        "Given",
        F("given_on"),
        headings=("Due", "Window"),
        columns={name: F(name) for name in ("due_on", "window_opens_on", "window_closes_on", "timing")},
        cells=lambda row, _today: (day(row["due_on"]) if row["due_on"] else "", _window(row)),
    )


def _window(row: dict) -> str:
    if row["window_opens_on"] is None:
        return "Not known when it was recorded"
    within = f"{day(row['window_opens_on'])} to {day(row['window_closes_on'])}"
    return within if row["timing"] == "inside" else f"{within} ({row['timing']})"


def count_doses(scope: Scope) -> tuple[MonthOfDoses, ...]:
    """Count the doses of every month of the period that has begun, newest first."""
    begins = scope.months
    counted = (
        doses_given(scope, begins[-1], scope.ends_on or scope.today + timedelta(days=2))
        .order_by()
        .values_list(Substr(IsoDay(F("given_on")), 1, 7), "timing")
        .annotate(number=Count("*"))
    )
    by_month = {(month, timing): number for month, timing, number in counted}
    timings = ("inside", "early", "late", "unplanned")
    return tuple(
        MonthOfDoses(
            begins_on, **{timing: by_month.get((f"{begins_on:%Y-%m}", timing), 0) for timing in timings}
        )
        for begins_on in begins
    )


def count_waiting(scope: Scope) -> Waiting:
    """Count tests, reviews, plans and requests that wait."""
    open_courses = standing.open_courses(scope).filter(review_due_on__isnull=False)
    reviewed = open_courses.aggregate(
        overdue=Count("pk", filter=scope.each_day(standing.reviews_overdue)),
        due=Count("pk", filter=scope.each_day(standing.reviews_soon)),
    )
    asked = Counter()
    same_day = 0
    about = scope.about("course__")
    open_requests = Request.objects.unanswered().filter(scope.here(), about).order_by()
    for kind, urgent, number in open_requests.values_list("kind", "same_day").annotate(number=Count("pk")):
        asked[kind] += number
        same_day += number * urgent
    return Waiting(
        tests=(
            Number("Blood tests missed", standing.tests_missed(scope).count(), "tests-missed"),
            Number("Blood tests due", standing.tests_due(scope).count(), "tests-due"),
        ),
        reviews=(
            Number("Neurological reviews overdue", reviewed["overdue"], "reviews-overdue"),
            Number("Neurological reviews due in a week", reviewed["due"], "reviews-due"),
        ),
        plans=Number("Plans to sign", standing.unsigned(scope).count(), "unsigned"),
        requests=tuple(Number(kind.label, asked[kind.value]) for kind in Request.Kind if asked[kind.value]),
        requests_same_day=same_day,
    )


def count_letters(scope: Scope) -> Letters:
    """Count the letters that still wait, and those that came to an end today, by how."""
    today = Q()
    for clinic in scope.clinics:
        begins_at, ends_at = clinic.moments_of(clinic.day_of(scope.now))
        today |= Q(clinic=clinic.pk, ended_at__gte=begins_at, ended_at__lt=ends_at)
    owed = Message.objects.filter(scope.here(), scope.about("course__")).filter(Q(ended_at=None) | today)
    counted = owed.order_by().values_list("state", "cause").annotate(number=Count("pk"))
    states, causes = Counter(), Counter()
    for state, cause, number in counted:
        states[state] += number
        if state == State.SUPPRESSED:
            causes[cause] += number
    return Letters(
        sent=states[State.SENT],
        waiting=sum(states[state] for state in LIVING),
        failed=states[State.FAILED],
        in_doubt=states[State.IN_DOUBT],
        silent=tuple(Number(cause.label, causes[cause], cause.value) for cause in Cause if causes[cause]),
    )


def count_calls(scope: Scope) -> int:
    """Count the patients to phone, whatever the cause that was asked for: a call is about a person."""
    return sum(reasons.count(clinic, clinic.day_of(scope.now)) for clinic in scope.clinics)
