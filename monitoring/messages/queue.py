"""Writes down every letter that should exist by now and does not: by set, any number of times, on any machine.

The number of statements follows the rules and the days on which clinics live (three at most), never the patients.
After an outage the same rows come to be, because what is owed is a window and not a date that must match.
"""

from datetime import date, datetime

from django.db import connection
from django.db.models import Case, CharField, DateTimeField, Exists, F, OuterRef, Q, Value, When

from monitoring.leases import State
from monitoring.message_rules import RULES, MessageRule
from monitoring.messages.hours import clinics_by_day
from monitoring.messages.owed import LOOK_BACK, owed
from monitoring.messages.sql import DaysAfter
from monitoring.models import Heartbeat, Message
from regimens.services.outlook import roll_lab_checks


def queue(*, now: datetime) -> int:
    """Write what is owed at this moment and open again what fell silent for a reason that has gone; give how many."""
    roll_lab_checks(now)
    written = 0
    for day, clinics in clinics_by_day(now).items():
        for rule in RULES:
            written += _reopen(rule, day, clinics, now)
            written += _write(rule, day, clinics, now)
    Heartbeat.objects.beat(Heartbeat.Name.QUEUE)
    return written


def _write(rule: MessageRule, day: date, clinics: list[int], now: datetime) -> int:
    """Insert the rows that are missing. Who must not be written to gets a row too: silent, with the reason."""
    due = owed(rule, day, clinics, look_back=LOOK_BACK)
    missing = due.filter(~Exists(Message.objects.filter(key=OuterRef("owed_key"))))
    columns = _columns(rule, now)
    # One order for everybody: two queues that insert the same rows wait for each other, and never in a circle.
    chosen = missing.order_by("pk").values_list(*columns.values())
    select, parameters = chosen.query.sql_with_params()
    names = ", ".join(connection.ops.quote_name(Message._meta.get_field(name).column) for name in columns)
    insert = f"INSERT INTO {Message._meta.db_table} ({names}) {select} ON CONFLICT (key) DO NOTHING"  # noqa: S608
    with connection.cursor() as cursor:
        cursor.execute(insert, parameters)
        return cursor.rowcount


def _columns(rule: MessageRule, now: datetime) -> dict:
    """Give for each column of a new message where it comes from."""
    moment = Value(now, DateTimeField())
    silent = ~Q(silence="")
    return {
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
        "state": Case(When(silent, then=Value(State.SUPPRESSED.value)), default=Value(State.QUEUED.value)),
        "cause": F("silence"),
        "reason": F("silent_because"),
        "queued_at": moment,
        "ready_at": moment,
        "ended_at": Case(When(silent, then=moment), default=None, output_field=DateTimeField()),
    }


def _reopen(rule: MessageRule, day: date, clinics: list[int], now: datetime) -> int:
    """Silence must not outlive its cause: a void, consent given back, an address mended, a pause that ended."""
    wanted = owed(rule, day, clinics).filter(silence="", pk=OuterRef("course"), owed_key=OuterRef("key"))
    silent = Message.objects.filter(
        Q(closes_on__gte=day) | Q(closes_on=None),
        Exists(wanted),
        state=State.SUPPRESSED,
        subject=rule.subject,
        purpose=rule.purpose,
        clinic__in=clinics,
    )
    # What another queue is opening at this moment is skipped: two of them never wait for each other in a circle.
    mine = silent.select_for_update(skip_locked=True, of=("self",)).values("pk")
    return Message.objects.filter(pk__in=mine).update(
        state=State.QUEUED,
        cause="",
        reason="",
        ended_at=None,
        attempts=0,
        queued_at=now,
        ready_at=now,
        carrier=None,
    )
