"""Whatever comes of the calls, nobody who is owed one is forgotten: the sentence of the list, over random stories."""

from datetime import date, timedelta

import pytest
import time_machine
from django.db import transaction
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from monitoring.calls import reasons
from monitoring.calls.record import ask_for_call, record_call, void_call
from monitoring.messages.queue import queue
from monitoring.models import Call, Outcome
from patients.models import Patient
from patients.refusals import NotAllowed
from regimens.models import Appointment, Course, Injection, Request
from regimens.protocol.intervals import months
from regimens.services import appointments, courses, decisions, injections
from regimens.services.not_given import record_not_given
from regimens.slots import free_times
from tests.factories import a_course, a_nurse, a_patient, a_physician, an_injection, at
from tests.monitoring.conftest import DUE, LOADING_DAYS, with_doses

pytestmark = pytest.mark.django_db

OUTCOMES = list(Outcome)
FIRST_DAY = DUE - timedelta(days=7)


class Story:
    """One patient without email, whom a letter about the next dose could not reach."""

    def __init__(self, traveller):
        self.traveller = traveller
        self.travel_to(LOADING_DAYS[0])
        course = a_course(a_patient(emailed=False, email=""), starts_on=LOADING_DAYS[0], interval=months(3))
        self.course_pk = with_doses(course, LOADING_DAYS).pk
        self.nurse, self.physician = a_nurse(course.clinic), a_physician(course.clinic)
        self.travel_to(FIRST_DAY)
        queue(now=self.now)

    @property
    def now(self):
        return at(self.today)

    def travel_to(self, day):
        self.today = day
        self.traveller.move_to(at(day))

    def course(self):
        return Course.objects.select_related("patient__clinic", "clinic").get(pk=self.course_pk)

    def patient(self):
        return Patient.objects.select_related("clinic").get(pk=self.course().patient_id)

    def nobody_is_forgotten(self):
        """On the list; or with a day to call, a place, or a question to a physician; or there is nothing to phone about."""
        course = self.course()
        treated = course.is_open and not (course.paused_until and course.paused_until > self.today)
        # The letter of FIRST_DAY, and every one after it, could not be sent: until the dose is given a call is owed.
        owed = treated and course.next_due_on == DUE
        if not owed:
            return
        newest = Call.objects.standing().filter(patient=course.patient).order_by("-pk").first()
        held = (
            (newest and newest.again_on and newest.again_on > self.today)
            or Appointment.objects.filter(
                patient=course.patient, state="booked", on__gte=self.today, subject="dose"
            ).exists()
            or Request.objects.unanswered().filter(patient=course.patient).exists()
        )
        listed = [patient for _since, patient in reasons.page(course.clinic, self.today, None, True, 10)]
        assert bool(held) is not (course.patient_id in listed), (self.today, newest and newest.outcome)
        assert reasons.count(course.clinic, self.today) == len(listed)


def is_phoned(story, choice):
    record_call(
        patient=story.patient(),
        outcome=OUTCOMES[choice % len(OUTCOMES)],
        now=story.now,
        called_by=story.nurse,
        again_on=story.today + timedelta(days=choice),
        coming_on=story.course().clinic.days.next_open(story.today + timedelta(days=choice % 4)),
    )


def is_not_given(story, choice):
    record_not_given(
        course=story.course(),
        on=story.today,
        reason=("dna", "refused", "unwell", "held", "no_stock", "closed")[choice % 6],
        wishes_to_stop=choice % 12 == 1,
        now=story.now,
        recorded_by=story.nurse,
    )


def is_booked(story, choice):
    clinic = story.course().clinic
    on = clinic.days.next_open(story.today + timedelta(days=choice % 9))
    appointments.book(
        course=story.course(),
        subject="dose",
        on=on,
        at=free_times(clinic, on, story.now)[0],
        now=story.now,
        booked_by=story.nurse,
    )


def is_cancelled(story, _choice):
    if booked := Appointment.objects.filter(state="booked").first():
        appointments.cancel(appointment=booked, because="patient", cancelled_by=story.nurse)


def is_answered(story, _choice):
    if asked := Request.objects.unanswered().first():
        decisions.settle_request(request=asked, outcome="goes on", on=story.today, decided_by=story.physician)


def is_voided(story, choice):
    calls = list(Call.objects.standing())
    if calls:
        call = calls[choice % len(calls)]
        void_call(call=call, reason="Wrong patient", now=story.now, voided_by=story.nurse)


def is_asked_for(story, choice):
    ask_for_call(
        patient=story.patient(),
        reason="Wants another time",
        call_on=story.today + timedelta(days=choice % 3),
        now=story.now,
        asked_by=story.nurse,
    )


def is_given(story, choice):
    if choice % 3 == 0:
        an_injection(story.course(), story.today)


def is_unmade(story, _choice):
    dose = Injection.objects.standing().filter(given_on__gte=FIRST_DAY).first()
    if dose:
        injections.void_injection(
            injection=dose, now=story.now, voided_by=story.physician, reason="Wrong patient"
        )


def is_paused(story, choice):
    courses.pause(
        course=story.course(),
        on=story.today,
        until=story.today + timedelta(days=1 + choice % 5),
        reason="Abroad",
        decided_by=story.physician,
    )


def gets_another_number(story, choice):
    Patient.objects.filter(pk=story.patient().pk).update(phone=f"07700 9000{choice:02}")


def time_passes(story, choice):
    story.travel_to(story.today + timedelta(days=1 + choice % 11))
    queue(now=story.now)


MOVES = (
    *(is_phoned,) * 6,
    is_not_given,
    is_booked,
    is_cancelled,
    is_answered,
    is_voided,
    is_asked_for,
    is_given,
    is_unmade,
    is_paused,
    gets_another_number,
    *(time_passes,) * 3,
)


@settings(
    max_examples=30,
    deadline=None,
    derandomize=True,
    suppress_health_check=list(HealthCheck),
    phases=[Phase.explicit, Phase.generate],
)
@given(moves=st.lists(st.tuples(st.sampled_from(MOVES), st.integers(0, 20)), min_size=4, max_size=18))
def test_whatever_comes_of_the_calls_nobody_is_forgotten(moves):
    with time_machine.travel(at(date(2026, 1, 5)), tick=False) as traveller, transaction.atomic():
        story = Story(traveller)
        story.nobody_is_forgotten()
        for move, choice in moves:
            try:
                with transaction.atomic():
                    move(story, choice)
            except NotAllowed:
                pass  # a refusal writes nothing, and the sentence must hold all the same
            story.nobody_is_forgotten()
        transaction.set_rollback(True)
