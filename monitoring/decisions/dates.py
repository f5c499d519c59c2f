"""Dates of courses that passed: doses long overdue, gaps in loading, reviews, tablets and blood tests."""

from collections.abc import Callable
from datetime import date, timedelta

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.db.models.functions import Coalesce

from monitoring.decisions.kind import About, Act
from patients.models import Clinic
from regimens import to_decide
from regimens.models import Course, Decision, Plan
from regimens.models.course import EndReason
from regimens.protocol import catalogue
from regimens.protocol.entries import Loading
from regimens.services import put_off
from regimens.services.put_off import DATE_OF
from regimens.to_decide import Named

RESTART_GAP = catalogue.LOADING_RESTART_GAP.value
GAPS = {kind: phase.review_gap_days for kind, phase in catalogue.LOADINGS.items()}


def undecided(courses: QuerySet, code: str) -> QuerySet:
    """Keep the courses whose date nobody has settled for good."""
    settled = Decision.objects.filter(
        until_on=None, course=OuterRef("pk"), code=code, passed_on=OuterRef(DATE_OF[code])
    )
    return courses.filter(~Exists(settled))


def passed(code: str) -> dict:
    """Give how the rows of a date read, what settles them, and what puts them off."""
    act = Act("decide_passed_date", "Decide", (code,))
    return {
        "named": lambda _values, _today: to_decide.passed(code),
        "act": lambda _values: act,
        "about": About("course", code, DATE_OF[code]),
        "later_word": code,
    }


def running(clinic: Clinic, today: date) -> QuerySet:
    """Give the courses under way in a clinic that are not paused."""
    return Course.objects.running(today).filter(clinic=clinic)


def reviews(clinic: Clinic, today: date) -> QuerySet:
    """Give the neurological reviews that are due (D-01)."""
    return running(clinic, today).filter(review_due_on__lte=today)


def twelve_months(clinic: Clinic, today: date) -> QuerySet:
    """Give those without a dose for a year (D-23)."""
    return undecided(running(clinic, today).filter(twelve_months_on__lte=today), "A-LAPSED-12M")


def lapsed(clinic: Clinic, today: date) -> QuerySet:
    """Give those who missed a whole interval, unless it is a year already."""
    late = running(clinic, today).filter(lapses_on__lte=today).exclude(twelve_months_on__lte=today)
    return undecided(late, "A-LAPSED")


def overdue(clinic: Clinic, today: date) -> QuerySet:
    """Give the doses that are so late that a physician is asked, unless they have a graver name."""
    worse = Q(lapses_on__lte=today) | Q(twelve_months_on__lte=today)
    late = running(clinic, today).filter(physician_from_on__lte=today).exclude(worse)
    return undecided(late, "A-OVERDUE-PHYSICIAN")


def neuro_gap(clinic: Clinic, today: date) -> QuerySet:
    """Give gaps in loading on alternate days, which is the one that has reviews (D-21)."""
    latest = today - timedelta(days=GAPS[Loading.NEURO_ALT_DAYS] + 1)
    loading = running(clinic, today).filter(review_due_on__isnull=False, last_given_on__lte=latest)
    return undecided(loading, "A-NEURO-GAP")


def _other_loading(clinic: Clinic, today: date) -> QuerySet:
    """Loading that has begun and counts its doses; what is long overdue stands there already."""
    loading = running(clinic, today).filter(phase=Course.Phase.LOADING, review_due_on=None)
    return loading.filter(last_given_on__isnull=False).exclude(physician_from_on__lte=today)


def long_gap(clinic: Clinic, today: date) -> QuerySet:
    """Give gaps in loading after which it may start again."""
    latest = today - timedelta(days=RESTART_GAP + 1)
    return undecided(_other_loading(clinic, today).filter(last_given_on__lte=latest), "A-LOAD-GAP-GT14")


def gap(clinic: Clinic, today: date) -> QuerySet:
    """Give shorter gaps in loading."""
    daily_keys = [each.key for each in catalogue.REGIMENS if each.loading.kind is Loading.DAILY_X10]
    daily = Exists(Plan.objects.signed().filter(course=OuterRef("pk"), regimen_key__in=daily_keys))
    latest = {kind: today - timedelta(days=days + 1) for kind, days in GAPS.items()}
    loading = _other_loading(clinic, today).filter(last_given_on__gte=today - timedelta(days=RESTART_GAP))
    gaps = Q(last_given_on__lte=latest[Loading.STD_3X_WEEK_2W]) | Q(
        daily, last_given_on__lte=latest[Loading.DAILY_X10]
    )
    return undecided(loading.filter(gaps), "A-LOAD-GAP-GT7")


def missed_labs(clinic: Clinic, today: date) -> QuerySet:
    """Give courses with a check whose window closed, whether or not the columns were rolled forward since."""
    missed = Q(clinic=clinic, missed_lab_due_on__isnull=False) | Q(clinic=clinic, lab_closes_on__lt=today)
    return Course.objects.filter(missed).annotate(missed_on=Coalesce("missed_lab_due_on", "lab_due_on"))


def tablets(clinic: Clinic, today: date) -> QuerySet:
    """Give switches to tablets that nobody has confirmed by the day the injection is due (D-27)."""
    waits = Q(oral_decided_on__isnull=False, oral_confirmed_on=None)
    return running(clinic, today).filter(waits, next_due_on__lte=today)


def review_named(values: dict, today: date) -> Named:
    """Name a review, overdue or due today."""
    return to_decide.review(is_overdue=values["review_due_on"] < today)


def lab_named(values: dict, _today: date) -> Named:
    """Name a missed test."""
    recheck = values["end_reason"] == EndReason.REVERSIBLE_CAUSE_RESOLVED
    return to_decide.missed_lab(values["missed_lab_name"] or values["lab_name"], recheck=recheck)


def page(name: str, label: str) -> Callable[[dict], Act]:
    """Give the page that settles every row of a kind."""
    act = Act(name, label)
    return lambda _values: act


LATER_REVIEW = {"about": About("course", put_off.REVIEW, "review_due_on"), "later_word": "review"}
LATER_LAB = {"about": About("course", put_off.MISSED_LAB, "missed_on"), "later_word": "lab"}
LATER_TABLETS = {"about": About("course", put_off.TABLETS, "oral_decided_on"), "later_word": "tablets"}
