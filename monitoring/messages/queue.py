"""Writes down every letter that should exist by now and does not: by set, any number of times, on any machine.

The number of statements follows the rules and the days on which clinics live (three at most), never the patients.
After an outage the same rows come to be, because what is owed is a window and not a date that must match.
"""

from datetime import date, datetime

from django.db import connection, transaction
from django.db.models import CharField, DateTimeField, Exists, F, OuterRef, Q, Value

from monitoring.leases import Cause, State
from monitoring.message_rules import RULES, MessageRule, rule_for
from monitoring.messages.hours import clinics_by_day
from monitoring.messages.owed import LOOK_BACK, owed
from monitoring.messages.silence import silencing
from monitoring.messages.sql import DaysAfter
from monitoring.models import Heartbeat, Message
from regimens.services.outlook import roll_lab_checks, write_missing


def queue(*, now: datetime) -> int:
    """Write what is owed at this moment and open again what fell silent for a reason that has gone; give how many."""
    write_missing()
    roll_lab_checks(now)
    written = 0
    for day, clinics in clinics_by_day(now).items():
        written += sum(_write(rule, day, clinics, now) for rule in RULES)
        written += _open_again_and_silence(day, clinics, now)
    Heartbeat.objects.beat(Heartbeat.Name.QUEUE)
    return written


def _write(rule: MessageRule, day: date, clinics: list[int], now: datetime) -> int:
    """Insert the rows that are missing, also of patients who must not be written to: they get their reason next."""
    due = owed(rule, day, clinics, look_back=LOOK_BACK)
    columns = {
        "clinic": F("clinic_id"),
        "patient": F("patient_id"),
        "course": F("pk"),
        "key": F("owed_key"),
        "subject": Value(rule.subject.value, CharField()),
        "purpose": Value(rule.purpose.value, CharField()),
        "due_on": F("clinical_on"),
        "round": F("booking_round"),
        "opens_on": DaysAfter(F("counted_from_on"), rule.opens),
        "closes_on": F("owed_closes_on"),
        "queued_at": Value(now, DateTimeField()),
        "ready_at": Value(now, DateTimeField()),
    }
    # One order for everybody: two queues that insert the same rows wait for each other, and never in a circle.
    chosen = due.order_by("pk").values_list(*columns.values())
    select, parameters = chosen.query.sql_with_params()
    names = ", ".join(connection.ops.quote_name(Message._meta.get_field(name).column) for name in columns)
    insert = f"INSERT INTO {Message._meta.db_table} ({names}) {select} ON CONFLICT (key) DO NOTHING"  # noqa: S608
    with connection.cursor() as cursor:
        cursor.execute(insert, parameters)
        return cursor.rowcount


@transaction.atomic
def _open_again_and_silence(day: date, clinics: list[int], now: datetime) -> int:
    """Bring what waits and what is silent in line with today, one queue at a time: two would wait in a circle."""
    Heartbeat.objects.turn_of(Heartbeat.Name.QUEUE)
    opened = _open_again(day, clinics, now)
    _silence(day, clinics, now)
    return opened


def _silence(day: date, clinics: list[int], now: datetime) -> None:
    """Give each waiting message that must not be sent its reason; one statement for each reason."""
    waiting = Message.objects.filter(state=State.QUEUED, clinic__in=clinics)
    late = Q(closes_on__lt=day)
    ends = [(State.SUPPRESSED, cause, condition) for cause, condition in silencing(day).items()]
    ends += [
        (State.SUPPRESSED, Cause.TOO_LATE, late & Q(attempts=0)),
        (State.FAILED, Cause.TOO_LATE, late & Q(attempts__gt=0)),
    ]
    for state, cause, condition in ends:
        waiting.filter(condition).update(state=state, cause=cause, reason=str(cause.label), ended_at=now)


def _open_again(day: date, clinics: list[int], now: datetime) -> int:
    """Silence must not outlive its cause: a void, consent given back, an address mended, a pause that ended."""
    silent = Message.objects.filter(
        Q(closes_on__gte=day) | Q(closes_on=None), state=State.SUPPRESSED, clinic__in=clinics
    )
    for condition in silencing(day).values():
        silent = silent.filter(~condition)
    opened = 0
    kinds = silent.order_by().values_list("subject", "purpose", "round").distinct()
    for rule in {rule_for(subject, purpose, booked=round_ > 0) for subject, purpose, round_ in kinds}:
        wanted = owed(rule, day, clinics).filter(pk=OuterRef("course"), owed_key=OuterRef("key"))
        opened += silent.filter(Exists(wanted), subject=rule.subject, purpose=rule.purpose).update(
            state=State.QUEUED,
            cause="",
            reason="",
            ended_at=None,
            attempts=0,
            queued_at=now,
            ready_at=now,
            carrier=None,
        )
    return opened
