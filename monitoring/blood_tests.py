"""The blood tests of a clinic: which checks are to be drawn, whose results are awaited, what waits for a physician.

Three wholes, each shared out into parts that add up to it. Every treatment that owes a blood test stands in one part:
overdue, due, result awaited or overdue, not due yet. Taking blood satisfies no check (R-24a asks for values): its result
does, by the day the blood was taken (D-26); until it is back the treatment stands among the awaited. Every panel of
results waits for a physician or was signed off. What was let go is on record with its reason.
"""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta

from django.db import DatabaseError
from django.db.models import Case, CharField, Count, F, Max, Q, QuerySet, Value, When
from django.db.models.functions import Coalesce

from monitoring import sections
from patients.models import Clinic, Result
from patients.paging import Order, Page, page_of, row_number
from regimens.course_values import LAB_WAIVED
from regimens.lab_checks import RESULTS_WITHIN
from regimens.models import Course, Decision
from regimens.protocol.labs import EXTRA

logger = logging.getLogger(__name__)

OLDEST = Coalesce("missed_lab_due_on", "lab_due_on")
FIRST_YEAR = ("3m", "6m", "12m")
YEARLY = tuple(f"{12 * years}m" for years in range(2, 120))
# Which check: the word in the address, and the names it stands for.
CHECKS = {
    "3m": ("At 3 months", ("3m",)),
    "6m": ("At 6 months", ("6m",)),
    "12m": ("At 12 months", ("12m",)),
    "yearly": ("Yearly", YEARLY),
    "extra": ("After a change of treatment", (EXTRA,)),
}
REPEATED = "repeated"
CHOICES = (*((word, title) for word, (title, _names) in CHECKS.items()), (REPEATED, "Every three months"))
PERIODS = {"30": "30 days", "90": "90 days", "365": "12 months"}


@dataclass(frozen=True)
class Part:
    """Some of the treatments that owe a blood test, longest waiting first."""

    word: str
    title: str
    holds: Callable[[date], Q]
    order: Coalesce | F
    empty: str


def _awaited(today: date) -> Q:
    return Q(blood_taken_on__gte=today - RESULTS_WITHIN)


def _late_back(today: date) -> Q:
    return Q(blood_taken_on__lt=today - RESULTS_WITHIN)


def _overdue(today: date) -> Q:
    return Q(blood_taken_on=None) & (Q(missed_lab_due_on__isnull=False) | Q(lab_closes_on__lt=today))


def _due(today: date) -> Q:
    return Q(blood_taken_on=None, missed_lab_due_on=None, lab_opens_on__lte=today, lab_closes_on__gte=today)


def _coming(today: date) -> Q:
    return Q(blood_taken_on=None, missed_lab_due_on=None, lab_opens_on__gt=today)


# fmt: off
OVERDUE = Part("overdue", "Overdue, to draw",  _overdue,   OLDEST,              "No blood test is overdue.")
DUE     = Part("due",     "Due, to draw",      _due,       F("lab_due_on"),     "No blood test is due.")
AWAITED = Part("awaited", "Result awaited",    _awaited,   F("blood_taken_on"), "No result is awaited.")
LATE    = Part("late",    "Result overdue",    _late_back, F("blood_taken_on"), "No result is overdue.")
COMING  = Part("coming",  "Not due yet",       _coming,    F("lab_due_on"),     "No blood test is to come.")
# fmt: on
PARTS = (OVERDUE, DUE, LATE, AWAITED, COMING)
TO_REVIEW, REVIEWED, LET_GO = "review", "reviewed", "let-go"
LISTS = {part.word: part.title for part in PARTS} | {
    TO_REVIEW: "Results to sign off",
    REVIEWED: "Results signed off",
    LET_GO: "Checks let go",
}
BY_WORD = {part.word: part for part in PARTS}
BY_DATE = Order(("ordered_on", "pk"), (date.fromisoformat, row_number))
BY_PANEL = Order(("collected_on", "patient_id"), (date.fromisoformat, row_number))
NEWEST_PANEL = Order(BY_PANEL.columns, BY_PANEL.reads, newest_first=True)
NEWEST_WAIVER = Order(("decided_on", "pk"), (date.fromisoformat, row_number), newest_first=True)


@dataclass(frozen=True)
class Wanted:
    """What somebody asked to see: a list, one kind of check, only values outside their range, how far back."""

    list: str = OVERDUE.word
    check: str = ""
    marked: bool = False
    days: str = "90"

    def since(self, today: date) -> date:
        """Give the first day of the period."""
        return today - timedelta(days=int(self.days))

    @property
    def in_address(self) -> dict[str, object]:
        """Give what keeps this list in the addresses of its pages."""
        return {
            "list": self.list,
            "check": self.check,
            "marked": "1" if self.marked else "",
            "days": self.days,
        }


@dataclass(frozen=True)
class Counts:
    """How many stand in each part; None where the database could not be asked."""

    parts: dict[str, int] | None
    unplaced: int
    to_review: int | None
    reviewed: int | None
    let_go: int | None

    @property
    def owing(self) -> int | None:
        """All treatments that owe a blood test."""
        return None if self.parts is None else sum(self.parts.values()) + self.unplaced

    @property
    def panels(self) -> int | None:
        """All panels: those that wait, whatever their age, and those signed off in the period."""
        return None if None in (self.to_review, self.reviewed) else self.to_review + self.reviewed


def owing(clinic: Clinic, check: str = "") -> QuerySet:
    """Give the courses that owe a blood test, or whose blood was taken and whose result is not back."""
    awaited = Course.objects.filter(clinic=clinic, blood_taken_on__isnull=False)
    rows = sections.owing_tests(clinic) | awaited
    rows = rows.exclude(missed_lab_due_on=None, lab_due_on=None, blood_taken_on=None)
    return rows.filter(_is_check(check)) if check else rows


def _is_check(word: str) -> Q:
    """The oldest check that is owed is of this kind."""
    if word == REPEATED:
        others = (*FIRST_YEAR, *YEARLY, EXTRA, "")
        return ~Q(missed_lab_name__in=others) | Q(missed_lab_name="") & ~Q(lab_name__in=others)
    names = CHECKS[word][1]
    return Q(missed_lab_name__in=names) | Q(missed_lab_name="", lab_name__in=names)


def panels(clinic: Clinic) -> QuerySet:
    """Give the standing results of a clinic's patients."""
    return Result.objects.standing().filter(patient__clinic=clinic)


def to_review(clinic: Clinic, *, marked: bool = False) -> QuerySet:
    """Give the panels, one row a patient and day, in which a result waits for a physician."""
    waiting = panels(clinic).filter(reviewed_at=None)
    if marked:
        waiting = waiting.filter(_outside())
    return waiting.order_by().values("collected_on", "patient_id").annotate(results=Count("pk"))


def reviewed(clinic: Clinic, since: date) -> QuerySet:
    """Give the panels taken since a day of which every result was signed off."""
    taken = panels(clinic).filter(collected_on__gte=since).order_by().values("collected_on", "patient_id")
    waits = Count("pk", filter=Q(reviewed_at=None))
    return taken.annotate(results=Count("pk"), reviewed_on=Max("reviewed_at"), waits=waits).filter(waits=0)


def let_go(clinic: Clinic, since: date) -> QuerySet:
    """Give the decisions since a day by which a check was let go."""
    return Decision.objects.filter(code=LAB_WAIVED, course__clinic=clinic, decided_on__gte=since)


def count(clinic: Clinic, today: date, wanted: Wanted) -> Counts:
    """Count every part under the filters that concern it; four statements, however many patients there are."""
    shared = _or_none("parts", lambda: _shared(clinic, today, wanted.check))
    return Counts(
        parts=shared and {part.word: shared.get(part.word, 0) for part in PARTS},
        unplaced=shared.get("", 0) if shared else 0,
        to_review=_or_none("to review", lambda: to_review(clinic, marked=wanted.marked).count()),
        reviewed=_or_none("reviewed", lambda: reviewed(clinic, wanted.since(today)).count()),
        let_go=_or_none("let go", lambda: let_go(clinic, wanted.since(today)).count()),
    )


def _shared(clinic: Clinic, today: date, check: str) -> dict[str, int]:
    whens = [When(part.holds(today), then=Value(part.word)) for part in PARTS]
    part = Case(*whens, default=Value(""), output_field=CharField())
    counted = owing(clinic, check).annotate(part=part).order_by().values_list("part")
    return dict(counted.annotate(number=Count("pk"))) or {"": 0}


def page(clinic: Clinic, today: date, wanted: Wanted, asked) -> Page | None:
    """Read one page of the list that is wanted, as plain values; one query, None where it failed."""
    return _or_none(wanted.list, lambda: _page(clinic, today, wanted, asked))


def _page(clinic: Clinic, today: date, wanted: Wanted, asked) -> Page:
    kept = wanted.in_address
    if wanted.list == TO_REVIEW:
        return page_of(to_review(clinic, marked=wanted.marked), BY_PANEL, asked, kept)
    if wanted.list == REVIEWED:
        return page_of(reviewed(clinic, wanted.since(today)), NEWEST_PANEL, asked, kept)
    if wanted.list == LET_GO:
        columns = ("pk", "patient_id", "outcome", "passed_on", "decided_on", "reason", "decided_by_id")
        return page_of(let_go(clinic, wanted.since(today)).values(*columns), NEWEST_WAIVER, asked, kept)
    part = BY_WORD[wanted.list]
    rows = owing(clinic, wanted.check).filter(part.holds(today)).annotate(ordered_on=part.order)
    return page_of(rows.values("pk", "patient_id", "ordered_on"), BY_DATE, asked, kept)


def _outside() -> Q:
    """The value lies outside the range that its own laboratory gave."""
    return Q(value__lt=F("range_low")) | Q(value__gt=F("range_high"))


def _or_none(what: str, read: Callable):
    try:
        return read()
    except DatabaseError as error:
        logger.error("blood tests: %s could not be read: %s", what, type(error).__name__)
        return None
