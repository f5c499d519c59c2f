"""How a clinic stands, in numbers that add up. Every number is counted afresh; one that could not be is None.

A fixed number of statements, each through an index of the clinic, however many patients there are.
"""

import logging
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db import DatabaseError
from django.db.models import Case, CharField, Count, F, Q, QuerySet, Value, When
from django.db.models.functions import TruncMonth

from monitoring import cohort
from monitoring.calls import reasons
from monitoring.leases import LIVING, Cause, State
from monitoring.models import Heartbeat, Message
from patients.models import Clinic
from regimens.models import Course, Injection, Request
from regimens.models.course import EndReason
from regimens.protocol.intervals import months

logger = logging.getLogger(__name__)

MONTHS_SHOWN = 12


@dataclass(frozen=True)
class Number:
    """One count: what it counts, how many, and the word of the list behind it."""

    title: str
    count: int
    word: str = ""


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
        planned = self.given - self.unplanned
        return round(100 * self.inside / planned) if planned else None


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
    doses: tuple[MonthOfDoses, ...] | None
    waiting: Waiting | None
    letters: Letters | None
    calls: int | None
    heartbeats: tuple[Heartbeat, ...] | None


def dashboard(clinic: Clinic, now: datetime) -> Dashboard:
    """Count everything of one clinic, each part by itself, so that one failure hides no other number."""
    today = clinic.day_of(now)
    return Dashboard(
        courses=_or_none("courses", lambda: count_courses(clinic, today)),
        doses=_or_none("doses", lambda: count_doses(clinic, today)),
        waiting=_or_none("what waits", lambda: count_waiting(clinic, today)),
        letters=_or_none("letters", lambda: count_letters(clinic, today)),
        calls=_or_none("calls", lambda: reasons.count(clinic, today)),
        heartbeats=_or_none("heartbeats", lambda: tuple(Heartbeat.objects.order_by("name"))),
    )


def _or_none(what: str, count: Callable):
    try:
        return count()
    except DatabaseError as error:
        logger.error("dashboard: %s could not be counted: %s", what, type(error).__name__)
        return None


def count_courses(clinic: Clinic, today: date) -> Courses:
    """Share out all courses of a clinic, open and ended, in one statement, so that none moves between two counts."""
    shared = (
        Course.objects.filter(clinic=clinic)
        .annotate(
            phase_share=cohort.share_of(cohort.PHASES, today),
            lateness=cohort.share_of(cohort.LATENESS, today),
        )
        .order_by()
        .values_list("end_reason", "phase_share", "lateness")
        .annotate(number=Count("pk"))
    )
    ended, standing = Counter(), Counter()
    for reason, phase, lateness, number in shared:
        if reason:
            ended[reason] += number
        else:
            standing[phase, "" if phase == cohort.PAUSED.word else lateness] += number
    placed = _placed(standing)
    return Courses(
        **placed,
        ended=tuple(
            Number(reason.label, ended[reason.value], cohort.word_of_end(reason)) for reason in EndReason
        ),
        open=sum(standing.values()),
        unplaced=sum(
            number
            for (phase, lateness), number in standing.items()
            if not phase or (not lateness and phase != cohort.PAUSED.word)
        ),
    )


def _placed(standing: Counter) -> dict:
    """Lay the counts out as rows of phases and columns of lateness, each with its own sum."""
    rows = [_row(phase, standing) for phase in cohort.PHASES]
    columns = tuple(
        Number(late.title, sum(row.cells[at].count for row in rows if row.cells), late.word)
        for at, late in enumerate(cohort.LATENESS)
    )
    return {"phases": tuple(rows), "lateness": columns, "paused": rows[-1].total}


def _row(phase: cohort.Share, standing: Counter) -> PhaseRow:
    if phase is cohort.PAUSED:
        return PhaseRow(phase.title, (), Number(phase.title, standing[phase.word, ""], phase.word))
    cells = tuple(
        Number(late.title, standing[phase.word, late.word], f"{phase.word}-{late.word}")
        for late in cohort.LATENESS
    )
    return PhaseRow(phase.title, cells, Number(phase.title, sum(cell.count for cell in cells), phase.word))


def months_back(today: date) -> list[date]:
    """Give the first days of this month and the eleven before it, newest first."""
    first = today.replace(day=1)
    return [months(1).after(first, -back) for back in range(MONTHS_SHOWN)]


def doses_given(clinic: Clinic, begins_on: date, ends_on: date) -> QuerySet:
    """Give the counting doses given here from one day to before another, with `timing`: how they lay to their window.

    Doses from elsewhere and imported ones are left out: they have no window and nobody here gave them.
    """
    return (
        Injection.objects.counting()
        .filter(
            source=Injection.Source.CLINIC,
            course__clinic=clinic,
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


def count_doses(clinic: Clinic, today: date) -> tuple[MonthOfDoses, ...]:
    """Count the doses of this month and the eleven before it."""
    begins = months_back(today)
    counted = (
        doses_given(clinic, begins[-1], today + timedelta(days=1))
        .order_by()
        .values_list(TruncMonth("given_on"), "timing")
        .annotate(number=Count("*"))
    )
    by_month = {(month, timing): number for month, timing, number in counted}
    timings = ("inside", "early", "late", "unplanned")
    return tuple(
        MonthOfDoses(begins_on, **{timing: by_month.get((begins_on, timing), 0) for timing in timings})
        for begins_on in begins
    )


def count_waiting(clinic: Clinic, today: date) -> Waiting:
    """Count tests, reviews, plans and requests that wait."""
    counted = {
        word: cohort.GROUPS[word].courses(clinic, today).count()
        for word in ("tests-missed", "tests-due", "unsigned")
    }
    reviews = Course.objects.open().filter(clinic=clinic, review_due_on__lte=today + cohort.REVIEWS_AHEAD)
    reviewed = reviews.aggregate(
        overdue=Count("pk", filter=cohort.review_overdue(today)),
        due=Count("pk", filter=cohort.review_due(today)),
    )
    asked = Counter()
    same_day = 0
    open_requests = Request.objects.unanswered().filter(clinic=clinic).order_by()
    for kind, urgent, number in open_requests.values_list("kind", "same_day").annotate(number=Count("pk")):
        asked[kind] += number
        same_day += number * urgent
    return Waiting(
        tests=(
            Number("Blood tests missed", counted["tests-missed"], "tests-missed"),
            Number("Blood tests due", counted["tests-due"], "tests-due"),
        ),
        reviews=(
            Number("Neurological reviews overdue", reviewed["overdue"], "reviews-overdue"),
            Number("Neurological reviews due in a week", reviewed["due"], "reviews-due"),
        ),
        plans=Number("Plans to sign", counted["unsigned"], "unsigned"),
        requests=tuple(Number(kind.label, asked[kind.value]) for kind in Request.Kind if asked[kind.value]),
        requests_same_day=same_day,
    )


def count_letters(clinic: Clinic, today: date) -> Letters:
    """Count the letters that still wait, and those that came to an end today, by how."""
    begins_at, ends_at = clinic.moments_of(today)
    owed = Message.objects.filter(clinic=clinic).filter(
        Q(ended_at=None) | Q(ended_at__gte=begins_at, ended_at__lt=ends_at)
    )
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
