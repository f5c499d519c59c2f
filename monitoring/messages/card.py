"""The appointment card by email: one letter, written when somebody asks for it and under no other rule than the others.

The same key for the same booking (its round) or date: however often it is asked for, the patient gets it once. A moved
booking is another round, and so another card.
"""

from dataclasses import dataclass
from datetime import date, datetime

from django.db import transaction
from django.db.models import CharField, F, Value

from monitoring.leases import LIVING, Cause, State
from monitoring.message_rules import ON_REQUEST
from monitoring.messages.hours import may_write
from monitoring.messages.owed import owed
from monitoring.messages.silence import first_cause, silencing
from monitoring.models import Message
from patients import audit
from patients.models import Patient
from patients.refusals import NotAllowed, require
from regimens.models import Course
from regimens.services.locking import lock_patient

NOTHING = "Nothing is booked, and no date is to come that could be written about."
UNSIGNED = "No physician has signed the plan yet, so nobody is written to."


@dataclass(frozen=True)
class Card:
    """What can be said about a patient's card by email.

    rows: the letters it would be made of, not saved; asked: those that were asked for before. reason: why it cannot
    be sent now, empty where it can. writes_now: whether the clinic writes to patients at this hour.
    """

    rows: tuple[Message, ...]
    asked: tuple[Message, ...]
    reason: str
    writes_now: bool

    @property
    def may_be_sent(self) -> bool:
        """Tell whether asking for it would send something that was not asked for yet."""
        return not self.reason and len(self.asked) < len(self.rows)

    @property
    def waits(self) -> bool:
        """Tell whether it was asked for and has not left."""
        return any(message.state in LIVING for message in self.asked)

    @property
    def sent_at(self) -> datetime | None:
        """When the newest part of it left."""
        return max((each.ended_at for each in self.asked if each.state == State.SENT), default=None)

    @property
    def trouble(self) -> str:
        """Why one that was asked for did not leave."""
        silent = [each for each in self.asked if each.cause]
        return str(Cause(silent[0].cause).label) if silent else ""


def look(patient: Patient, now: datetime) -> Card:
    """See what the card would say, what was asked for, and whether it may be sent; the same number of queries always."""
    today = patient.clinic.day_of(now)
    rows = _rows(patient, today, now)
    known = {each.key: each for each in Message.objects.filter(key__in=[row.key for row in rows])}
    return Card(
        rows=rows,
        asked=tuple(known[row.key] for row in rows if row.key in known),
        reason=_why_not(patient, rows, today),
        writes_now=may_write(patient.clinic, now),
    )


@transaction.atomic
def email_card(*, patient: Patient, now: datetime, asked_by) -> Card:
    """Ask for the card by email; asked for again, nothing more is written. Refuses with the reason it cannot be sent."""
    require(asked_by, "regimens.book_appointment", patient)
    lock = lock_patient(patient)
    card = look(lock.patient, now)
    if card.reason:
        raise NotAllowed(f"{card.reason}. Print it instead.".replace("..", "."))
    known = {message.key for message in card.asked}
    fresh = [row for row in card.rows if row.key not in known]
    Message.objects.bulk_create(fresh, ignore_conflicts=True)
    if fresh:
        audit.record(asked_by, "asked for the card by email", patient=lock.patient, letters=len(fresh))
    return card


def _rows(patient: Patient, today: date, now: datetime) -> tuple[Message, ...]:
    """Give the letters the card is made of: one for each booking to come, or one for the date that is due next."""
    hour = now.astimezone(patient.clinic.zone).time()
    found = []
    for rule in ON_REQUEST:
        about = owed(rule, today).filter(patient=patient).order_by("counted_from_on", "booking_at")
        columns = ("pk", "owed_key", "clinical_on", "booking_round", "counted_from_on", "booking_at")
        for course, key, due_on, round_, on, at in about.values_list(*columns):
            if at is None or (on, at) > (today, hour):
                found.append(
                    Message(
                        clinic_id=patient.clinic_id,
                        patient=patient,
                        course_id=course,
                        key=key,
                        subject=rule.subject,
                        purpose=rule.purpose,
                        due_on=due_on,
                        round=round_,
                        opens_on=today,
                        closes_on=rule.closes_on(on),
                        queued_at=now,
                        ready_at=now,
                    )
                )
    return tuple(found)


def _why_not(patient: Patient, rows: tuple[Message, ...], today: date) -> str:
    """Say why the patient cannot be written to now, by the same list as every other letter; empty where it can be."""
    courses = Course.objects.filter(patient=patient)
    if not rows:
        course = courses.open().first()
        unsigned = course is not None and not course.plans.signed().exists()
        return UNSIGNED if unsigned else NOTHING
    asked = courses.filter(pk=rows[0].course_id).annotate(
        course=F("pk"), subject=Value(rows[0].subject, CharField())
    )
    cause = asked.annotate(silence=first_cause(silencing(today))).values_list("silence", flat=True).get()
    return str(Cause(cause).label) if cause else ""
