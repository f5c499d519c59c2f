"""What holds of a message at this moment: may it speak, and about what; or why it must be silent, in words."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time

from django.db.models import Q
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from monitoring.leases import Cause
from monitoring.messages.owed import owed, silence
from monitoring.models import Message
from patients.models import Clinic, Patient
from regimens.models import Appointment, Course, Injection


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

    Gives the truth by message key, from one query for each rule among them, and leaves clinic and patient fresh on
    the messages: what the letter says and whom it goes to is of the same moment.
    """
    messages = list(messages)
    clinics = Clinic.objects.in_bulk({message.clinic_id for message in messages})
    patients = Patient.objects.in_bulk({message.patient_id for message in messages})
    asked = defaultdict(list)
    for message in messages:
        message.clinic, message.patient = clinics[message.clinic_id], patients[message.patient_id]
        asked[message.rule, message.clinic.day_of(now)].append(message)
    found = {}
    for (rule, day), group in asked.items():
        owing = owed(rule, day).filter(pk__in=[message.course_id for message in group])
        names = ("owed_key", "silence", "paused_until", "counted_from_on", "booking_at", "clinical_on")
        for key, cause, paused_until, on, at, due_on in owing.values_list(*names):
            found[key] = _silent(cause, paused_until) if cause else Truth(on=on, at=at, due_on=due_on)
    return {
        message.pk: found.get(message.key) or _gone(message, message.clinic.day_of(now))
        for message in messages
    }


def _gone(message: Message, day: date) -> Truth:
    """Say why a letter is owed no longer: the person first, then the treatment, then the date."""
    course = Course.objects.annotate(silence=silence(message.subject, day, Q(pk=None))).get(
        pk=message.course_id
    )
    if course.silence:
        return _silent(course.silence, course.paused_until)
    if not course.is_open and not (message.subject == "lab" and course.lab_due_on):
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


def _silent(cause: str, paused_until: date | None) -> Truth:
    if cause == Cause.PAUSED:
        return Truth(cause, _("paused until %(day)s") % {"day": in_words(paused_until)})
    return Truth(cause, str(Cause(cause).label))


def _done(message: Message, course: Course) -> Truth | None:
    """The dose was given, or the check done, since the letter was written down."""
    if message.subject == "lab":
        if message.due_on in (course.lab_due_on, course.missed_lab_due_on):
            return None
        return Truth(
            Cause.DONE, _("the check of %(day)s is done or waived") % {"day": in_words(message.due_on)}
        )
    if course.next_due_on == message.due_on:
        return None
    given = (
        Injection.objects.counting()
        .filter(Q(due_on=message.due_on) | Q(given_on__gte=message.opens_on), patient=message.patient_id)
        .order_by("given_on")
        .first()
    )
    if given:
        return Truth(Cause.GIVEN, _("given on %(day)s") % {"day": in_words(given.given_on)})
    return Truth(Cause.CHANGED, _("now due on %(day)s") % {"day": in_words(course.next_due_on)})


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
