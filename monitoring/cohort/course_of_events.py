"""What became of loadings, blood checks, homocysteine, neurological reviews and letters, each shared out into parts."""

from collections import Counter
from datetime import date

from django.db.models import Count, F, Q, QuerySet

from monitoring.cohort.groups import Part, Shared, Whole, word_of
from monitoring.cohort.scope import Scope
from monitoring.cohort.standing import open_courses
from monitoring.leases import LIVING, Cause, State
from monitoring.message_rules import Purpose, Subject
from monitoring.models import Message
from monitoring.models.message import UNREACHABLE
from patients.templatetags.wording import day
from regimens.course_values import NEURO_REVIEW
from regimens.explained import lab_name
from regimens.models import Course, Decision, LabCheck
from regimens.protocol.reviews import Outcome

# -- Loading (D-21) -----------------------------------------------------------------------------------------


def loadings(scope: Scope) -> QuerySet:
    """Give the courses whose latest loading began in the period."""
    began = scope.during("summary__loading_began_on")
    return Course.objects.filter(scope.here(), scope.about(), began)


def _complete(**gap) -> Q:
    return Q(summary__loading_completed_on__isnull=False, **gap)


def _running(gap) -> Q:
    return Q(gap, summary__loading_completed_on=None, phase=Course.Phase.LOADING)


def _loading_cells(row: dict, today: date) -> tuple[str, ...]:
    return (
        day(row["completed_on"]) if row["completed_on"] else "Not complete",
        f"Too long from {day(row['gap_on'])}" if row["gap_on"] and row["gap_on"] <= today else "None",
    )


LOADING = Whole(
    "loadings",
    "Loading",
    loadings,
    (
        Part("complete", "Complete without a gap", lambda _scope: _complete(summary__loading_gap_on=None)),
        Part(
            "complete-gap",
            "Complete, with a gap",
            lambda _scope: _complete(summary__loading_gap_on__isnull=False),
        ),
        Part(
            "running",
            "Running without a gap",
            lambda scope: scope.each_day(lambda today: _running(Q(summary__loading_gap_on__gt=today))),
        ),
        Part(
            "running-gap",
            "Running, with a gap",
            lambda scope: scope.each_day(lambda today: _running(Q(summary__loading_gap_on__lte=today))),
        ),
        Part(
            "cut-short",
            "Ended or changed before it was complete",
            lambda _scope: Q(summary__loading_completed_on=None) & ~Q(phase=Course.Phase.LOADING),
        ),
    ),
    {
        "dated": "Loading began",
        "order": F("summary__loading_began_on"),
        "headings": ("Complete", "Gap"),
        "columns": {
            "completed_on": F("summary__loading_completed_on"),
            "gap_on": F("summary__loading_gap_on"),
        },
        "cells": _loading_cells,
    },
)

# -- Blood checks (R-24a, R-25, D-26, D-28) -----------------------------------------------------------------


def checks(scope: Scope) -> QuerySet:
    """Give the checks that were due in the period; where it runs still, also those that are to come."""
    return LabCheck.objects.filter(scope.here(), scope.about("course__"), scope.during("due_on"))


# What came first settles it; on one day the panel.
_DRAWN = Q(drawn_on__isnull=False) & (Q(waived_on=None) | Q(drawn_on__lte=F("waived_on")))
_WAIVED = Q(waived_on__isnull=False) & (Q(drawn_on=None) | Q(waived_on__lt=F("drawn_on")))
_OPEN = Q(drawn_on=None, waived_on=None)
# The few checks whose blood was taken and whose result is awaited, found by the courses that await one.
_TAKEN = Q(
    pk__in=LabCheck.objects.filter(
        course__blood_taken_on__isnull=False, course__blood_taken_on__gte=F("opens_on"), drawn_on=None
    ).values("pk")
)


def _check_cells(row: dict, today: date) -> tuple[str, ...]:
    window = f"{day(row['opens_on'])} to {day(row['closes_on'])}"
    if row["drawn_on"]:
        return lab_name(row["name"]), window, f"Drawn {day(row['drawn_on'])}"
    if row["waived_on"]:
        return lab_name(row["name"]), window, f"Let go {day(row['waived_on'])}"
    late = (today - row["closes_on"]).days
    return lab_name(row["name"]), window, f"Window closed {late} days ago" if late > 0 else "Open or to come"


CHECK_LISTING = {
    "dated": "Due",
    "order": F("due_on"),
    "patient": "course__patient_id",
    "headings": ("Check", "In time", "Outcome"),
    "columns": {name: F(name) for name in ("name", "opens_on", "closes_on", "drawn_on", "waived_on")},
    "cells": _check_cells,
}
CHECK_PARTS = (
    Part("in-window", "Done in its window", lambda _scope: _DRAWN & Q(drawn_on__lte=F("closes_on"))),
    Part("late", "Done late", lambda _scope: _DRAWN & Q(drawn_on__gt=F("closes_on"))),
    Part("waived", "Let go", lambda _scope: _WAIVED),
    Part("taken", "Blood taken, result awaited", lambda _scope: _OPEN & _TAKEN),
    Part(
        "missed",
        "Missed",
        lambda scope: _OPEN & scope.each_day(lambda today: Q(closes_on__lt=today)) & ~_TAKEN,
    ),
    Part(
        "open",
        "Window open",
        lambda scope: (
            _OPEN & scope.each_day(lambda today: Q(opens_on__lte=today, closes_on__gte=today)) & ~_TAKEN
        ),
    ),
    Part(
        "coming",
        "Not yet due",
        lambda scope: _OPEN & scope.each_day(lambda today: Q(opens_on__gt=today)) & ~_TAKEN,
    ),
)


def _checks_of(kind: str):
    return lambda scope: checks(scope).filter(kind=kind)


CHECKS = tuple(
    Whole(
        f"checks-{kind.value}",
        f"Blood check {str(kind.label).lower()}",
        _checks_of(kind),
        CHECK_PARTS,
        CHECK_LISTING,
    )
    for kind in LabCheck.Kind
)


def count_checks(scope: Scope) -> tuple[Shared, ...]:
    """Count every kind of check in one statement."""
    counted: dict[str, Counter] = {kind.value: Counter() for kind in LabCheck.Kind}
    parts = checks(scope).annotate(part=word_of(CHECK_PARTS, scope)).order_by()
    for kind, part, number in parts.values_list("kind", "part").annotate(n=Count("pk")):
        counted[kind][part] += number
    return tuple(whole.shared(counted[kind.value]) for kind, whole in zip(LabCheck.Kind, CHECKS, strict=True))


# -- Homocysteine (R-24b, C-03) -----------------------------------------------------------------------------


def _hcy_cells(row: dict, _today: date) -> tuple[str, ...]:
    if row["value"] is None:
        return "None on treatment", ""
    return f"{row['comparator']}{row['value'].normalize():f} {row['unit']}", day(row["taken_on"])


HOMOCYSTEINE = Whole(
    "homocysteine",
    "Homocysteine",
    open_courses,
    (
        Part("at-target", "At target, under 10 umol/L", lambda _scope: Q(summary__hcy_at_target=True)),
        Part("above", "Above target", lambda _scope: Q(summary__hcy_at_target=False)),
        Part(
            "open",
            "Not to be told from the value",
            lambda _scope: Q(summary__hcy_result__isnull=False, summary__hcy_at_target=None),
        ),
        Part("unknown", "Not known: none on treatment", lambda _scope: Q(summary__hcy_result=None)),
    ),
    {
        "dated": "Here since",
        "order": F("opened_on"),
        "headings": ("Newest value", "Taken"),
        "columns": {
            "value": F("summary__hcy_result__value"),
            "unit": F("summary__hcy_result__unit"),
            "comparator": F("summary__hcy_result__comparator"),
            "taken_on": F("summary__hcy_result__collected_on"),
        },
        "cells": _hcy_cells,
    },
)

# -- Neurological reviews (D-01) ----------------------------------------------------------------------------


def reviews(scope: Scope) -> QuerySet:
    """Give the neurological reviews that were done in the period."""
    here = scope.here("course__clinic")
    return Decision.objects.filter(
        here, scope.about("course__"), scope.during("decided_on"), code=NEURO_REVIEW
    )


REVIEWS = Whole(
    "reviews",
    "Neurological reviews",
    reviews,
    (
        Part("on-time", "Done on time", lambda _scope: Q(decided_on__lte=F("passed_on"))),
        Part("late", "Done late", lambda _scope: Q(decided_on__gt=F("passed_on"))),
    ),
    {
        "dated": "Reviewed",
        "order": F("decided_on"),
        "headings": ("Was due", "Outcome"),
        "columns": {"due_on": F("passed_on"), "outcome": F("outcome")},
        "cells": lambda row, _today: (
            day(row["due_on"]),
            Outcome(row["outcome"]).value.replace("_", " ").capitalize(),
        ),
    },
)


def awaiting_review(scope: Scope) -> QuerySet:
    """Give the open courses whose next neurological review has a date."""
    return open_courses(scope).filter(review_due_on__isnull=False)


REVIEWS_TO_DO = Whole(
    "reviews-to-do",
    "Neurological reviews to be done",
    awaiting_review,
    (
        Part("overdue", "Overdue", lambda scope: scope.each_day(lambda today: Q(review_due_on__lt=today))),
        Part(
            "coming",
            "Due today or later",
            lambda scope: scope.each_day(lambda today: Q(review_due_on__gte=today)),
        ),
    ),
    {"dated": "Review due", "order": F("review_due_on")},
)

# -- Letters that did not arrive ----------------------------------------------------------------------------


def letters(scope: Scope) -> QuerySet:
    """Give the letters that came to their end in the period."""
    return Message.objects.filter(
        scope.here(), scope.about("course__"), scope.moment_during("ended_at")
    ).exclude(state__in=LIVING)


NOT_ARRIVED = (*UNREACHABLE, Cause.TOO_LATE)


def _letter_cells(row: dict, _today: date) -> tuple[str, ...]:
    about = f"{Subject(row['subject']).label}, {str(Purpose(row['purpose']).label).lower()}, due {day(row['due_on'])}"
    if row["state"] == State.SENT:
        return about, "The mail server took it"
    return about, str(Cause(row["cause"]).label)


LETTERS = Whole(
    "letters",
    "Letters",
    letters,
    (
        Part("sent", "Sent", lambda _scope: Q(state=State.SENT)),
        Part(
            "not-needed",
            "Not sent, and not needed",
            lambda _scope: Q(state=State.SUPPRESSED) & ~Q(cause__in=NOT_ARRIVED),
        ),
        *(
            Part(
                cause.value.replace("_", "-"),
                f"Did not arrive: {str(cause.label)[0].lower()}{str(cause.label)[1:]}",
                lambda _scope, cause=cause: Q(state=State.SUPPRESSED, cause=cause),
            )
            for cause in NOT_ARRIVED
        ),
        Part("failed", "Did not arrive: failed", lambda _scope: Q(state=State.FAILED)),
        Part("in-doubt", "Nobody knows whether it arrived", lambda _scope: Q(state=State.IN_DOUBT)),
    ),
    {
        "dated": "Ended",
        "order": lambda scope: scope.day_of("ended_at"),
        "headings": ("About", "Outcome"),
        "columns": {name: F(name) for name in ("subject", "purpose", "due_on", "state", "cause")},
        "cells": _letter_cells,
    },
)

WHOLES = (LOADING, *CHECKS, HOMOCYSTEINE, REVIEWS, REVIEWS_TO_DO, LETTERS)
GROUPS = tuple(group for whole in WHOLES for group in whole.groups())
