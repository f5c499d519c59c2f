"""The parts today's worklist is made of: which courses stand in each, and in which order.

Six of them share out the open courses of a clinic, so that their counts add up to the whole; nobody leaves one but
into another. Every comparison with today is made here, when reading: the outlook never depends on the day.
"""

# ruff: noqa: E501 - one line each, so that a table stays a table

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta

from django.db.models import Q, QuerySet

from patients.models import Clinic, Patient
from regimens.models import Appointment, Course
from regimens.models.course import EndReason
from regimens.protocol import catalogue
from regimens.protocol.labs import LONGEST_WINDOW

A_WEEK = timedelta(days=7)
LONGEST_DOSE_WINDOW = timedelta(days=max(window.early + window.late for window in catalogue.WINDOWS))


@dataclass(frozen=True)
class Section:
    """One part of the list. `order` is the column it is read by; the row's own key breaks ties.

    plain_title: for those who see names and dates only. empty: what to say when nobody stands in it. standing: of the
    parts of the running courses, how their dates stand to the day; the rest of `holds` is that they are running.
    """

    name: str
    title: str
    order: str
    holds: Callable[[date], Q]
    empty: str
    plain_title: str = ""
    standing: Callable[[date], Q] | None = None

    def rows(self, clinic: Clinic | int, today: date) -> QuerySet:
        """Give the courses of this part of a clinic or its key; for those booked today, the appointments."""
        if self is BOOKED:
            return Appointment.objects.filter(self.holds(today), clinic=clinic)
        if self in LABS:
            return owing_tests(clinic).filter(self.holds(today))
        return Course.objects.open().filter(self.holds(today), clinic=clinic)


def owing_tests(clinic: Clinic | int) -> QuerySet:
    """Courses that may owe a blood test: the open ones, and ended ones whose patient is still here (D-16)."""
    moving = Q(patient__status=Patient.Status.TRANSFERRED, patient__handover_confirmed_on=None)
    # A join, not a list of everybody active: the few ended courses lead to their own patients.
    ended_for_a_recheck = Course.objects.filter(
        Q(patient__status=Patient.Status.ACTIVE) | moving,
        clinic=clinic,
        end_reason=EndReason.REVERSIBLE_CAUSE_RESOLVED,
        ended_on__isnull=False,
        patient__merged_into=None,
    )
    return Course.objects.filter(Q(ended_on=None) | Q(pk__in=ended_for_a_recheck.values("pk")), clinic=clinic)


def _injected() -> Q:
    return ~Q(phase=Course.Phase.ORAL)


def _running(today: date) -> Q:
    return _injected() & ~Q(paused_until__gt=today)


# How the dates of a running course stand to the day; exactly one of them holds.
def past(today: date) -> Q:
    """The window has closed. It never closes before its date: naming the date too bounds the walk along its index."""
    return Q(window_closes_on__lt=today, next_due_on__lt=today)


def inside(today: date) -> Q:
    """The window is open."""
    last = today + LONGEST_DOSE_WINDOW
    return Q(window_opens_on__lte=today, window_closes_on__range=(today, last))


def near(today: date) -> Q:
    """The window opens within a week."""
    return Q(window_opens_on__gt=today, window_opens_on__lte=today + A_WEEK)


def far(today: date) -> Q:
    """The window opens later."""
    return Q(window_opens_on__gt=today + A_WEEK)


def _running_and(standing: Callable[[date], Q]) -> Callable[[date], Q]:
    return lambda today: _running(today) & standing(today)


_overdue = _running_and(past)


def _paused(today: date) -> Q:
    return _injected() & Q(paused_until__gt=today)


def _oral(_today: date) -> Q:
    return Q(phase=Course.Phase.ORAL)


# How late, among the overdue: the borders are those of the outlook (D-23).
def _physician_asked(today: date) -> Q:
    return _overdue(today) & Q(physician_from_on__lte=today)


def _interval_missed(today: date) -> Q:
    return _overdue(today) & Q(lapses_on__lte=today)


def _year_missed(today: date) -> Q:
    return _overdue(today) & Q(twelve_months_on__lte=today)


def _test_missed(_today: date) -> Q:
    return Q(missed_lab_due_on__isnull=False)


def _test_closed(today: date) -> Q:
    """Its window closed since the lab columns were last rolled forward."""
    return Q(missed_lab_due_on=None, lab_due_on__lt=today, lab_closes_on__lt=today)


def _test_due(today: date) -> Q:
    near = (today - LONGEST_WINDOW, today + LONGEST_WINDOW)
    return Q(
        missed_lab_due_on=None, lab_due_on__range=near, lab_opens_on__lte=today, lab_closes_on__gte=today
    )


def _booked(today: date) -> Q:
    return Q(on=today, state=Appointment.State.BOOKED)


# fmt: off
#                  name       title            order              holds                    empty
OVERDUE = Section("overdue", "Overdue",       "next_due_on",      _overdue,              "Nobody is overdue.", standing=past)
DUE     = Section("due",     "Due now",       "window_closes_on", _running_and(inside),  "Nobody is due now.", standing=inside)
WEEK    = Section("week",    "Due this week", "window_opens_on",  _running_and(near),    "Nobody becomes due in the next seven days.", standing=near)
LATER   = Section("later",   "Later",         "window_opens_on",  _running_and(far),     "Nobody is due later.", standing=far)
PAUSED  = Section("paused",  "Paused",        "paused_until",     _paused,               "Nobody is paused.")
ORAL    = Section("oral",    "On tablets",    "next_due_on",      _oral,                 "Nobody is on tablets.", "Checks only")

LONG    = Section("long",    "Overdue, and a physician is asked",   "next_due_on", _physician_asked, "Nobody is overdue so long.", "Overdue for weeks")
LAPSED  = Section("lapsed",  "Overdue by a whole interval",         "next_due_on", _interval_missed, "Nobody has missed a whole interval.")
YEAR    = Section("year",    "A year or more since the last visit", "next_due_on", _year_missed,     "Nobody has been away for a year.")

TEST_MISSED = Section("tests-overdue", "Blood tests overdue", "missed_lab_due_on", _test_missed, "No blood test is overdue.")
TEST_CLOSED = Section("tests-closed",  "Blood tests overdue", "lab_due_on",        _test_closed, "")
TEST_DUE    = Section("tests-due",     "Blood tests due",     "lab_due_on",        _test_due,    "No blood test is due.")
BOOKED      = Section("booked",        "Booked today",        "at",                _booked,      "Nobody is booked today.")
# fmt: on

WHOLE = (OVERDUE, DUE, WEEK, LATER, PAUSED, ORAL)
LABS = (TEST_MISSED, TEST_CLOSED, TEST_DUE)
# The screen of the day. Whoever has a place for a dose today stands under BOOKED and not again below it.
SCREEN = (BOOKED, OVERDUE, DUE, WEEK)

# What may be shown, by the word in the address.
LISTS: dict[str, tuple[Section, ...]] = {
    "today": SCREEN,
    "booked": (BOOKED,),
    **{section.name: (section,) for section in (*WHOLE, LONG, LAPSED, YEAR)},
    "tests": LABS,
}
