"""What holds of a message at this moment: may it speak, and about what; or why it must be silent, in words."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time

from django.db.models import Q
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from monitoring.leases import Cause
from monitoring.message_rules import Subject
from monitoring.messages.owed import owed
from monitoring.messages.silence import first_cause, silencing
from monitoring.models import Message
from patients.models import Clinic, Patient
from regimens.models import Appointment, Course, Injection
from regimens.protocol.labs import LONGEST_WINDOW


@dataclass(frozen=True)
class Truth:
    """What a letter may say, if `cause` is empty; else why there is none."""

    cause: str = ""
    reason: str = ""
    # The day the letter is about, its hour where one is booked, and the clinical date behind it.
    on: date | None = None
    at: time | None = None
    due_on: date | None = None


def ask_again(messages: Iterable[Message], now: datetime) -> dict[int, Truth]:
    """Ask course, patient, appointment and clinic again: is each letter still owed, and still wanted?

    Gives the truth by message key, from two queries for each rule among them, and leaves clinic and patient fresh on
    the messages: what the letter says and whom it goes to is of the same moment.
    """
    messages = list(messages)
    clinics = Clinic.objects.in_bulk({message.clinic_id for message in messages})
    patients = Patient.objects.in_bulk({message.patient_id for message in messages})
    asked = defaultdict(list)
    for message in messages:
        message.clinic, message.patient = clinics[message.clinic_id], patients[message.patient_id]
        asked[message.rule, message.clinic.day_of(now)].append(message)
    causes, owing = {}, {}
    for (rule, day), group in asked.items():
        keys = [message.pk for message in group]
        silence = Message.objects.filter(pk__in=keys).annotate(silence=first_cause(silencing(day)))
        causes |= dict(silence.values_list("pk", "silence"))
        courses = owed(rule, day).filter(pk__in=[message.course_id for message in group])
        for key, *about in courses.values_list("owed_key", "counted_from_on", "booking_at", "clinical_on"):
            owing[key] = Truth(on=about[0], at=about[1], due_on=about[2])
    return {
        message.pk: _silent(message, causes[message.pk]) or owing.get(message.key) or _gone(message, now)
        for message in messages
    }


def _silent(message: Message, cause: str) -> Truth | None:
    """The person must not be written to, whatever it is about."""
    if not cause:
        return None
    if cause == Cause.PAUSED:
        return Truth(cause, _("paused until %(day)s") % {"day": in_words(message.course.paused_until)})
    return Truth(cause, str(Cause(cause).label))


def _gone(message: Message, now: datetime) -> Truth:
    """Say why a letter is owed no longer: the treatment first, then the date."""
    course, day = Course.objects.get(pk=message.course_id), message.clinic.day_of(now)
    if not course.is_open and not (message.subject == Subject.LAB and course.lab_due_on):
        return Truth(Cause.ENDED, _("treatment ended on %(day)s") % {"day": in_words(course.ended_on)})
    if not course.plans.signed().exists():
        return Truth(Cause.UNSIGNED, str(Cause.UNSIGNED.label))
    if gone := _done(message, course):
        return gone
    if message.round:
        return _booking_gone(message)
    if message.closes_on and message.closes_on < day:
        return Truth(Cause.TOO_LATE, str(Cause.TOO_LATE.label))
    return Truth(Cause.CHANGED, _("the date has changed, or a time was booked"))


def _done(message: Message, course: Course) -> Truth | None:
    """The dose was given, or the check done, since the letter was written down."""
    if message.subject == Subject.LAB:
        if message.due_on in (course.lab_due_on, course.missed_lab_due_on):
            return _drawn(message, course)
        return Truth(
            Cause.DONE, _("the check of %(day)s is done or waived") % {"day": in_words(message.due_on)}
        )
    if course.next_due_on == message.due_on:
        return None
    given = (
        Injection.objects.counting()
        .filter(
            Q(due_on=message.due_on) | Q(given_on__gte=message.opens_on),
            patient__in=message.patient.record_keys,
        )
        .order_by("given_on")
        .first()
    )
    if given:
        return Truth(Cause.GIVEN, _("given on %(day)s") % {"day": in_words(given.given_on)})
    return Truth(Cause.CHANGED, _("now due on %(day)s") % {"day": in_words(course.next_due_on)})


def _drawn(message: Message, course: Course) -> Truth | None:
    """Blood was taken since the letter was written down; its result is awaited."""
    taken_on = course.blood_taken_on
    if taken_on is None or taken_on < message.due_on - LONGEST_WINDOW:
        return None
    return Truth(Cause.DONE, _("blood was taken on %(day)s") % {"day": in_words(taken_on)})


def _booking_gone(message: Message) -> Truth:
    """The appointment was moved, cancelled, or its letter came too late."""
    booking = Appointment.objects.filter(
        course=message.course_id, subject=message.subject, due_on=message.due_on, round=message.round
    ).first()
    if booking and booking.state in (Appointment.State.BOOKED, Appointment.State.NO_SHOW):
        return Truth(Cause.TOO_LATE, str(Cause.TOO_LATE.label))
    state = booking.get_state_display().lower() if booking else _("removed")
    return Truth(Cause.CHANGED, _("the appointment was %(state)s") % {"state": state})


def in_words(day: date) -> str:
    """Give a day as staff read it: 8 April 2026."""
    return date_format(day, "j F Y")
