"""The groups behind the dashboard's numbers: which courses of a clinic stand in each, and in which order they are listed.

The open courses are shared out by phase and by lateness, the ended ones by reason. A course stands in exactly one
place of each, so that the parts add up to the whole; one that stands in none is counted as such, and shown.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta

from django.db.models import Case, CharField, Exists, F, OuterRef, Q, QuerySet, Value, When
from django.db.models.functions import Coalesce

from monitoring import sections
from patients.models import Clinic
from regimens.models import Course, Plan
from regimens.models.course import EndReason

ENDED = "ended"
REVIEW = F("review_due_on")
OLDEST_TEST = Coalesce("missed_lab_due_on", "lab_due_on")
REVIEWS_AHEAD = timedelta(days=6)


@dataclass(frozen=True)
class Share:
    """One part of a whole: its word in addresses, its title, and which courses it holds on a day."""

    word: str
    title: str
    holds: Callable[[date], Q]


def _injected(phase: str) -> Callable[[date], Q]:
    return lambda today: Q(phase=phase) & ~Q(paused_until__gt=today)


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


PHASES = (
    Share("loading", "Loading", _injected(Course.Phase.LOADING)),
    Share("maintenance", "Maintenance", _injected(Course.Phase.MAINTENANCE)),
    Share("oral", "On tablets", sections.ORAL.holds),
    Share("paused", "Paused", sections.PAUSED.holds),
)
PAUSED = PHASES[-1]
# Rules.md section 4 and D-23: before the window, in it, after it, and late by a whole interval.
LATENESS = (
    Share("not-due", "Not due", _not_due),
    Share("due", "Due", _due),
    Share("overdue", "Overdue", _overdue),
    Share("lapsed", "Lapsed", _lapsed),
)


def share_of(shares: tuple[Share, ...], today: date) -> Case:
    """Give the word of the share a course stands in; empty where it stands in none."""
    whens = [When(share.holds(today), then=Value(share.word)) for share in shares]
    return Case(*whens, default=Value(""), output_field=CharField())


@dataclass(frozen=True)
class Group:
    """The courses behind one number, in the order of one date. `dated` says what that date is."""

    word: str
    title: str
    courses: Callable[[Clinic, date], QuerySet]
    dated: str = "Next due"
    order: F | Coalesce = F("next_due_on")

    def rows(self, clinic: Clinic, today: date) -> QuerySet:
        """Give the courses with `ordered_on`, the date they are listed by."""
        return self.courses(clinic, today).annotate(ordered_on=self.order)


def _open(clinic: Clinic, today: date, *shares: Share) -> QuerySet:
    courses = Course.objects.open().filter(clinic=clinic)
    for share in shares:
        courses = courses.filter(share.holds(today))
    return courses


def _standing(*shares: Share) -> Callable[[Clinic, date], QuerySet]:
    return lambda clinic, today: _open(clinic, today, *shares)


def _late_by(share: Share) -> Callable[[Clinic, date], QuerySet]:
    return lambda clinic, today: _open(clinic, today, share).exclude(PAUSED.holds(today))


def _ended(*reasons: str) -> Callable[[Clinic, date], QuerySet]:
    return lambda clinic, _today: Course.objects.filter(
        clinic=clinic, ended_on__isnull=False, end_reason__in=reasons
    )


def word_of_end(reason: EndReason) -> str:
    """Give the word in addresses of the courses that ended for one reason."""
    return f"{ENDED}-{reason.value.replace('_', '-')}"


def _unsigned(clinic: Clinic, _today: date) -> QuerySet:
    proposal = Plan.objects.proposed().filter(course=OuterRef("pk"))
    return Course.objects.open().filter(Exists(proposal), clinic=clinic)


def _reviews(holds: Callable[[date], Q]) -> Callable[[Clinic, date], QuerySet]:
    return lambda clinic, today: Course.objects.open().filter(holds(today), clinic=clinic)


def review_overdue(today: date) -> Q:
    """The neurological review should have been before today (D-01)."""
    return Q(review_due_on__lt=today)


def review_due(today: date) -> Q:
    """The neurological review is today or in the six days after."""
    return Q(review_due_on__range=(today, today + REVIEWS_AHEAD))


def tests_missed(clinic: Clinic, today: date) -> QuerySet:
    """Give the courses with a blood test whose window closed, and which nobody drew or waived."""
    closed = sections.TEST_MISSED.holds(today) | sections.TEST_CLOSED.holds(today)
    return sections.owing_tests(clinic).filter(closed)


def tests_due(clinic: Clinic, today: date) -> QuerySet:
    """Give the courses whose next blood test may be drawn now."""
    return sections.owing_tests(clinic).filter(sections.TEST_DUE.holds(today))


GROUPS: dict[str, Group] = {
    group.word: group
    for group in (
        Group("open", "Open courses", _standing()),
        *(Group(phase.word, phase.title, _standing(phase)) for phase in PHASES),
        *(Group(late.word, late.title, _late_by(late)) for late in LATENESS),
        *(
            Group(f"{phase.word}-{late.word}", f"{phase.title}: {late.title.lower()}", _standing(phase, late))
            for phase in PHASES
            if phase is not PAUSED
            for late in LATENESS
        ),
        Group(ENDED, "Ended courses", _ended(*EndReason.values), "Ended", F("ended_on")),
        *(
            Group(
                f"{ENDED}-{reason.value.replace('_', '-')}",
                f"Ended: {reason.label}",
                _ended(reason),
                "Ended",
                F("ended_on"),
            )
            for reason in EndReason
        ),
        Group("tests-missed", "Blood tests missed", tests_missed, "Test was due", OLDEST_TEST),
        Group("tests-due", "Blood tests due", tests_due, "Test due", F("lab_due_on")),
        Group(
            "reviews-overdue", "Neurological reviews overdue", _reviews(review_overdue), "Review due", REVIEW
        ),
        Group(
            "reviews-due", "Neurological reviews due in a week", _reviews(review_due), "Review due", REVIEW
        ),
        Group("unsigned", "Plans waiting for a signature", _unsigned),
    )
}
