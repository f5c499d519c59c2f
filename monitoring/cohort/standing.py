"""Where the treatments of a clinic stand: by phase and lateness, by interval, by days late, ended ones by reason.

A course stands in exactly one place of each, so that the parts add up to the whole; one that stands in none is counted
as such, and shown. Every comparison with today is made when reading.
"""

import re
from collections.abc import Callable
from datetime import date, timedelta

from django.db.models import Case, Exists, F, OuterRef, Q, QuerySet, When
from django.db.models.functions import Coalesce

from monitoring import sections
from monitoring.cohort.groups import Group, Part, Whole
from monitoring.cohort.scope import Scope
from regimens.models import Course, Plan
from regimens.models.course import EndReason
from regimens.protocol.intervals import Interval

ENDED = "ended"
INTERVAL = "interval"
REVIEW = F("review_due_on")
OLDEST_TEST = Coalesce("missed_lab_due_on", "lab_due_on")
REVIEWS_AHEAD = timedelta(days=6)


def _days(holds: Callable[[date], Q]) -> Callable[[Scope], Q]:
    """Compare with the day that it is in each course's clinic."""
    return lambda scope: scope.each_day(holds)


def _injected(phase: str) -> Callable[[Scope], Q]:
    return _days(lambda today: Q(phase=phase) & ~Q(paused_until__gt=today))


# On tablets the next date is the next check: a check that was missed is late, whatever comes after it.
_CHECK_MISSED = Q(phase=Course.Phase.ORAL, missed_lab_due_on__isnull=False)


def _not_due(today: date) -> Q:
    return Q(window_opens_on__gt=today) & ~_CHECK_MISSED


def _due(today: date) -> Q:
    return Q(window_opens_on__lte=today, window_closes_on__gte=today) & ~_CHECK_MISSED


def _late(today: date) -> Q:
    return Q(window_closes_on__lt=today) | _CHECK_MISSED


def _overdue(today: date) -> Q:
    return _late(today) & (Q(lapses_on=None) | Q(lapses_on__gt=today))


def _lapsed(today: date) -> Q:
    return _late(today) & Q(lapses_on__lte=today)


PAUSED = Part("paused", "Paused", _days(sections.PAUSED.holds))
PHASES = (
    Part("loading", "Loading", _injected(Course.Phase.LOADING)),
    Part("maintenance", "Maintenance", _injected(Course.Phase.MAINTENANCE)),
    Part("oral", "On tablets", _days(sections.ORAL.holds)),
    PAUSED,
)
# Rules.md section 4 and D-23: before the window, in it, after it, and late by a whole interval.
LATENESS = (
    Part("not-due", "Not due", _days(_not_due)),
    Part("due", "Due", _days(_due)),
    Part("overdue", "Overdue", _days(_overdue)),
    Part("lapsed", "Lapsed", _days(_lapsed)),
)


def open_courses(scope: Scope, *parts: Part) -> QuerySet:
    """Give the open courses that stand in all of these parts."""
    courses = Course.objects.open().filter(scope.here(), scope.about())
    for part in parts:
        courses = courses.filter(part.holds(scope))
    return courses


def _standing(*parts: Part) -> Callable[[Scope], QuerySet]:
    return lambda scope: open_courses(scope, *parts)


def _late_by(part: Part) -> Callable[[Scope], QuerySet]:
    return lambda scope: open_courses(scope, part).exclude(PAUSED.holds(scope))


# -- How many days late -------------------------------------------------------------------------------------

# Counted from the date itself: the borders are those of D-23 (28 days, 12 months) and halves between them.
BANDS = ((1, 14), (15, 28), (29, 91), (92, 365), (366, None))


LATE_SINCE = Case(When(_CHECK_MISSED, then=F("missed_lab_due_on")), default=F("next_due_on"))


def late_courses(scope: Scope) -> QuerySet:
    """Give the courses that are overdue or lapsed, with the date they are late from."""
    late = open_courses(scope).filter(scope.each_day(_late)).exclude(PAUSED.holds(scope))
    return late.annotate(late_since=LATE_SINCE)


def _band(low: int, high: int | None) -> Callable[[Scope], Q]:
    def holds(today: date) -> Q:
        found = Q(late_since__lte=today - timedelta(days=low))
        return found & Q(late_since__gte=today - timedelta(days=high)) if high else found

    return _days(holds)


def _band_words(low: int, high: int | None) -> str:
    return f"{low} to {high} days" if high else f"{low} days or more"


LATE = Whole(
    "late",
    "Days past the date",
    late_courses,
    tuple(Part(f"{low}-days", _band_words(low, high), _band(low, high)) for low, high in BANDS),
    {"dated": "Late since", "order": LATE_SINCE},
)


# -- Maintenance by interval --------------------------------------------------------------------------------


def maintenance(scope: Scope) -> QuerySet:
    """Give the courses in maintenance, not paused."""
    return open_courses(scope, PHASES[1])


def interval_word(iso: str) -> str:
    """Give the word in addresses of an interval; tablets that are signed and not begun have none."""
    return f"{INTERVAL}-{iso.lower() or 'none'}"


def interval_title(iso: str) -> str:
    """Write an interval."""
    if not iso:
        return "Until the first tablet"
    interval = Interval.from_iso(iso)
    return f"Every {interval if interval.count > 1 else interval.unit[:-1]}"


def interval_group(word: str) -> Group | None:
    """Give the list behind an interval's number; None for a word that is none."""
    found = re.fullmatch(rf"{INTERVAL}-(p[1-9][0-9]{{0,2}}[dm]|none)", word)
    if not found:
        return None
    iso = "" if found[1] == "none" else found[1].upper()
    return Group(
        word,
        f"Maintenance: {interval_title(iso).lower()}",
        lambda scope: maintenance(scope).filter(summary__interval_iso=iso),
    )


# -- Ended, and what waits ----------------------------------------------------------------------------------


def ended_courses(scope: Scope, *reasons: str) -> QuerySet:
    """Give the courses that have ended for one of these reasons."""
    ended = Course.objects.filter(scope.here(), scope.about(), ended_on__isnull=False)
    return ended.filter(end_reason__in=reasons)


def word_of_end(reason: EndReason) -> str:
    """Give the word in addresses of the courses that ended for one reason."""
    return f"{ENDED}-{reason.value.replace('_', '-')}"


def unsigned(scope: Scope) -> QuerySet:
    """Give the open courses with a plan that waits for a signature."""
    proposal = Plan.objects.proposed().filter(course=OuterRef("pk"))
    return open_courses(scope).filter(Exists(proposal))


def reviews_overdue(today: date) -> Q:
    """The neurological review should have been before today (D-01)."""
    return Q(review_due_on__lt=today)


def reviews_soon(today: date) -> Q:
    """The neurological review is today or in the six days after."""
    return Q(review_due_on__range=(today, today + REVIEWS_AHEAD))


def owing_tests(scope: Scope) -> QuerySet:
    """Give the courses of the scope that may owe a blood test."""
    first, *others = (sections.owing_tests(clinic) for clinic in scope.clinics)
    for other in others:
        first |= other
    return first.filter(scope.about())


def tests_missed(scope: Scope) -> QuerySet:
    """Give the courses with a blood test whose window closed, and which nobody drew or waived."""
    closed = scope.each_day(lambda day: sections.TEST_MISSED.holds(day) | sections.TEST_CLOSED.holds(day))
    return owing_tests(scope).filter(closed)


def tests_due(scope: Scope) -> QuerySet:
    """Give the courses whose next blood test may be drawn now."""
    return owing_tests(scope).filter(scope.each_day(sections.TEST_DUE.holds))


def _reviews(holds: Callable[[date], Q]) -> Callable[[Scope], QuerySet]:
    return lambda scope: open_courses(scope).filter(scope.each_day(holds))


GROUPS: tuple[Group, ...] = (
    Group("open", "Open courses", _standing()),
    *(Group(phase.word, phase.title, _standing(phase)) for phase in PHASES),
    *(Group(late.word, late.title, _late_by(late)) for late in LATENESS),
    *(
        Group(f"{phase.word}-{late.word}", f"{phase.title}: {late.title.lower()}", _standing(phase, late))
        for phase in PHASES
        if phase is not PAUSED
        for late in LATENESS
    ),
    *LATE.groups(),
    Group(
        ENDED,
        "Ended courses",
        lambda scope: ended_courses(scope, *EndReason.values),
        "Ended",
        F("ended_on"),
    ),
    *(
        Group(
            word_of_end(reason),
            f"Ended: {reason.label}",
            lambda scope, reason=reason: ended_courses(scope, reason),
            "Ended",
            F("ended_on"),
        )
        for reason in EndReason
    ),
    Group("tests-missed", "Blood tests missed", tests_missed, "Test was due", OLDEST_TEST),
    Group("tests-due", "Blood tests due", tests_due, "Test due", F("lab_due_on")),
    Group("reviews-overdue", "Neurological reviews overdue", _reviews(reviews_overdue), "Review due", REVIEW),
    Group("reviews-due", "Neurological reviews due in a week", _reviews(reviews_soon), "Review due", REVIEW),
    Group("unsigned", "Plans waiting for a signature", unsigned),
)
