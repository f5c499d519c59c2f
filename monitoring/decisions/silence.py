"""Patients who answer nobody: every letter about the dose has gone, and calls were tried in vain (H-03)."""

from datetime import date

from django.db.models import DateField, Exists, OuterRef, Q, QuerySet, Subquery

from monitoring.decisions.dates import running, undecided
from monitoring.leases import LIVING
from monitoring.message_rules import Purpose, Subject
from monitoring.models import Call, Message, Outcome
from patients.models import Clinic
from regimens.models import Appointment, Request

IN_VAIN = (Outcome.AGAIN, Outcome.LEFT_MESSAGE, Outcome.WRONG_NUMBER)


def silent(clinic: Clinic, today: date) -> QuerySet:
    """Give the courses whose overdue dose was written about for the last time, and phoned about, without an answer.

    A call that promised something holds it until its day; who is so late that a physician is asked anyhow stands there.
    """
    same = {"course": OuterRef("pk"), "due_on": OuterRef("next_due_on")}
    letters = Message.objects.filter(subject=Subject.DOSE, **same)
    calls = Call.objects.newest().filter(about=Subject.DOSE, outcome__in=IN_VAIN, **same)
    tried = calls.filter(Q(again_on=None) | Q(again_on__lte=today))
    booked = Appointment.objects.filter(
        patient=OuterRef("patient"), on__gte=today, state=Appointment.State.BOOKED
    )
    waiting = Request.objects.unanswered().filter(patient=OuterRef("patient"))
    late = running(clinic, today).filter(window_closes_on__lt=today, next_due_on__lt=today)
    found = late.filter(
        Q(physician_from_on=None) | Q(physician_from_on__gt=today),
        Exists(letters.filter(purpose=Purpose.STILL_MISSED).exclude(state__in=LIVING)),
        ~Exists(letters.filter(state__in=LIVING)),
        Exists(tried),
        ~Exists(booked),
        ~Exists(waiting),
    ).annotate(silent_since=Subquery(tried.values("called_on")[:1], output_field=DateField()))
    return undecided(found, "A-NO-ANSWER")
