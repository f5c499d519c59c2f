"""Why somebody has to phone a patient, one query a reason, and what keeps a patient off the list meanwhile.

The list is computed: it is every reason that stands, less what holds it. A reason ends with what it is about: the dose
is given, the test is done, the wish to be phoned is answered. Until then a call only *holds* it, and every hold has an
end of its own: a day to call again, a booked place, a request that a physician answers, the end of a pause. So nobody
leaves the list by being forgotten, and a voided call, a cancelled booking or a voided dose brings the patient back.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache

from django.db import connection
from django.db.models import CharField, DateField, Exists, F, OuterRef, Q, QuerySet, Value
from django.db.models.functions import Cast, Coalesce, TruncDate

from monitoring.leases import State
from monitoring.message_rules import RULES, Purpose, Subject
from monitoring.messages.sql import DaysAfter
from monitoring.models import CONCLUDING, AskedCall, Call, Message
from monitoring.models.message import NOT_DELIVERED
from patients.models import Clinic, Patient
from regimens.models import Appointment, Course, NotGiven, Request
from regimens.protocol.labs import LONGEST_WINDOW

# No letter is owed, and nobody is phoned, longer than this before a date.
AHEAD = timedelta(days=max(-rule.opens for rule in RULES))
# The letter after which none follows.
LAST = {Subject.DOSE: Purpose.STILL_MISSED, Subject.LAB: Purpose.MISSED}
# While a physician has one of these to answer, nobody phones about the dose or the test.
HOLDING = (Request.Kind.HOLD, Request.Kind.STOP, Request.Kind.TRANSFER, Request.Kind.DEATH)


@dataclass(frozen=True)
class Reason:
    """One reason to phone. `rows` gives the rows behind it that nothing holds; `since`: the day it arose, a column.

    about: what it concerns, in the words of monitoring.models.About.
    """

    name: str
    about: str
    rows: Callable[[Clinic, date], QuerySet]
    since: Callable[[Clinic], object]

    def columns(self, clinic: Clinic, today: date, patients: list[int] | None = None) -> QuerySet:
        """Give (patient, since, reason, key of the row), of some patients or of all."""
        rows = self.rows(clinic, today)
        if patients is not None:
            rows = rows.filter(Q(patient__in=patients) | Q(patient__merged_into__in=patients))
        columns = {
            # A wish that was written on a record which was merged is the wish of the one that stays.
            "who": Coalesce("patient__merged_into_id", "patient_id"),
            "since": Cast(self.since(clinic), DateField()),
            "why": Value(self.name, CharField()),
            "behind": F("pk"),
        }
        return rows.order_by().annotate(**columns).values_list(*columns)


def reasons_of(clinic: Clinic, today: date, patients: list[int]) -> list[tuple[int, date, str, int]]:
    """Give (patient, since, reason, key of the row behind it) of some patients; one query."""
    return list(_union(clinic, today, patients))


def count(clinic: Clinic, today: date) -> int:
    """Count the patients on the list; one query."""
    sql, parameters = _sql(clinic, today)
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT COUNT(DISTINCT who) FROM ({sql}) AS waiting", parameters)  # noqa: S608
        return cursor.fetchone()[0]


def page(
    clinic: Clinic, today: date, key: tuple[date, int] | None, forwards: bool, limit: int
) -> list[tuple[date, int]]:
    """Give (waiting since, patient) of the rows beside a key, nearest first: one row a patient, one query."""
    sql, parameters = _sql(clinic, today)
    beyond, order = (">", "ASC") if forwards else ("<", "DESC")
    having = ""
    if key:
        # A patient stands where the longest waiting reason puts them.
        having = f"HAVING MIN(since) {beyond} %s OR (MIN(since) = %s AND who {beyond} %s)"
        parameters = (*parameters, key[0].isoformat(), key[0].isoformat(), key[1])
    statement = (
        f"SELECT MIN(since) AS first, who FROM ({sql}) AS waiting GROUP BY who {having} "  # noqa: S608
        f"ORDER BY first {order}, who {order} LIMIT {int(limit)}"
    )
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)
        return [(date.fromisoformat(str(since)), who) for since, who in cursor.fetchall()]


def _union(clinic: Clinic, today: date, patients: list[int] | None = None) -> QuerySet:
    first, *others = (reason.columns(clinic, today, patients) for reason in REASONS)
    return first.union(*others, all=True)


def _sql(clinic: Clinic, today: date) -> tuple[str, tuple]:
    """Give the statement with its parameters; only clinic and days differ between two calls.

    Django takes several times longer to write it than the database to answer it, so that it is written once.
    """
    text, parameters = _written(connection.vendor, clinic.time_zone)
    meant = {
        A_CLINIC: clinic.pk,
        A_DAY.isoformat(): today.isoformat(),
        (A_DAY + AHEAD).isoformat(): (today + AHEAD).isoformat(),
    }
    return text, tuple(meant.get(each if isinstance(each, int) else str(each), each) for each in parameters)


# They stand for the clinic and the day while the statement is written: no row has this key or this day.
A_CLINIC, A_DAY = 2**62 + 1, date(9000, 1, 1)


@cache
def _written(_vendor: str, time_zone: str) -> tuple[str, tuple]:
    return _union(Clinic(pk=A_CLINIC, time_zone=time_zone), A_DAY).query.sql_with_params()


# -- What holds a reason -----------------------------------------------------------------------------------


def _here(patient: str) -> Q:
    """The person is treated here, or was: not dead, and not handed over."""
    return Q(**{f"{patient}__handover_confirmed_on": None}) & ~Q(
        **{f"{patient}__status": Patient.Status.DECEASED}
    )


def _reachable() -> Q:
    """The record is one of somebody here, and no other record's double."""
    return _here("patient") & Q(patient__merged_into=None)


def _called(today: date, **more) -> Q:
    """The last call said to call again on a day that has not come."""
    return Q(Exists(Call.objects.newest().filter(patient=OuterRef("patient"), again_on__gt=today, **more)))


def _booked(today: date, subject: str) -> Q:
    booked = Appointment.objects.filter(
        patient=OuterRef("patient"), subject=subject, on__gte=today, state=Appointment.State.BOOKED
    )
    return Q(Exists(booked))


def _asked_a_physician(*kinds: str) -> Q:
    waiting = Request.objects.unanswered().filter(patient=OuterRef("patient"), kind__in=kinds or HOLDING)
    return Q(Exists(waiting))


def _free(today: date, subject: str, called: Q | None = None) -> Q:
    """Nothing holds a reason about a dose or a test."""
    held = (called or _called(today)) | _booked(today, subject) | _asked_a_physician()
    return _reachable() & ~Q(course__paused_until__gt=today) & ~held


def _dose_near(clinic: Clinic, today: date) -> Q:
    """An injection of this clinic's open course is due, or may be soon: the run of an index."""
    near = Q(course__clinic=clinic, course__ended_on=None, course__next_due_on__lte=today + AHEAD)
    return near & ~Q(course__phase=Course.Phase.ORAL)


def _test_near(clinic: Clinic, today: date) -> Q:
    missed, soon = Q(course__missed_lab_due_on__isnull=False), Q(course__lab_due_on__lte=today + AHEAD)
    return Q(course__clinic=clinic) & (missed | soon)


def _the_test() -> Q:
    """The row is about the test that is open now, or that was missed; and no blood was taken whose result is awaited."""
    drawn = Q(course__blood_taken_on__gte=DaysAfter(F("due_on"), -LONGEST_WINDOW.days))
    return (Q(due_on=F("course__lab_due_on")) | Q(due_on=F("course__missed_lab_due_on"))) & ~drawn


# -- Reasons -----------------------------------------------------------------------------------------------


def _letters(clinic: Clinic, today: date, subject: Subject) -> QuerySet:
    """The newest letter about what is due did not arrive, or the last one went out and was in vain."""
    in_vain = Q(purpose=LAST[subject], state=State.SENT)
    return Message.objects.newest().filter(NOT_DELIVERED | in_vain, subject=subject)


def _dose_letters(clinic: Clinic, today: date) -> QuerySet:
    letters = _letters(clinic, today, Subject.DOSE)
    due = Q(due_on=F("course__next_due_on"))
    return letters.filter(_dose_near(clinic, today), due, _free(today, Appointment.Subject.DOSE))


def _lab_letters(clinic: Clinic, today: date) -> QuerySet:
    letters = _letters(clinic, today, Subject.LAB)
    return letters.filter(_test_near(clinic, today), _the_test(), _free(today, Appointment.Subject.LAB))


def _not_given(clinic: Clinic, today: date) -> QuerySet:
    """A dose was not given, and its day to phone has come; a call made before that day says nothing about it."""
    later = NotGiven.objects.standing().filter(course=OuterRef("course"), on__gt=OuterRef("on"))
    return NotGiven.objects.standing().filter(
        _dose_near(clinic, today),
        Q(course__last_given_on=None) | Q(course__last_given_on__lt=F("on")),
        ~Exists(later),
        _free(today, Appointment.Subject.DOSE, _called(today, called_on__gte=OuterRef("on"))),
        call_on__lte=today,
    )


def _dose_calls(clinic: Clinic, today: date) -> QuerySet:
    """The last call about a dose has led to nothing yet: no dose since, no place, no day still to come."""
    return Call.objects.newest().filter(
        _dose_near(clinic, today),
        Q(course__last_given_on=None) | Q(course__last_given_on__lt=F("called_on")),
        _free(today, Appointment.Subject.DOSE),
        about=Appointment.Subject.DOSE,
    )


def _lab_calls(clinic: Clinic, today: date) -> QuerySet:
    """The last call about a blood test has led to nothing yet."""
    return Call.objects.newest().filter(
        _test_near(clinic, today),
        _the_test(),
        _free(today, Appointment.Subject.LAB),
        about=Appointment.Subject.LAB,
    )


def unanswered() -> QuerySet:
    """Wishes to be phoned that stand and that no call has answered."""
    answered = Call.objects.standing().filter(asked=OuterRef("pk"), outcome__in=CONCLUDING)
    return AskedCall.objects.standing().filter(~Exists(answered))


def _asked(clinic: Clinic, today: date) -> QuerySet:
    """Somebody asked for a call, and its day has come; only a call about this wish puts it off."""
    put_off = Call.objects.newest().filter(asked=OuterRef("pk"), again_on__gt=today)
    merged = Q(patient__merged_into__isnull=False) & _here("patient__merged_into")
    return unanswered().filter(
        _reachable() | merged,
        ~Exists(put_off),
        ~_asked_a_physician(Request.Kind.DEATH),
        patient__clinic=clinic,
        call_on__lte=today,
    )


def _ended_on(clinic: Clinic):
    return TruncDate("ended_at", tzinfo=clinic.zone)


REASONS = (
    Reason("dose-letter", "dose", _dose_letters, _ended_on),
    Reason("lab-letter", "lab", _lab_letters, _ended_on),
    Reason("not-given", "dose", _not_given, lambda _clinic: F("call_on")),
    Reason("dose-call", "dose", _dose_calls, lambda _clinic: Coalesce("again_on", "called_on")),
    Reason("lab-call", "lab", _lab_calls, lambda _clinic: Coalesce("again_on", "called_on")),
    Reason("asked", "", _asked, lambda _clinic: F("call_on")),
)
ABOUT = {reason.name: reason.about for reason in REASONS}
