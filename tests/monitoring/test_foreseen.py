"""Letters of a decision not made yet: the same table, read from values and by the database, gives the same letters."""

from datetime import timedelta
from random import Random

import pytest
import time_machine
from django.db import transaction

from monitoring.message_rules import RULES
from monitoring.messages.foreseen import foresee, letters_for
from monitoring.messages.owed import STANDING, owed
from monitoring.messages.queue import queue
from monitoring.models import Message
from patients import services as patient_services
from regimens import what_follows
from regimens.models import Appointment, Course, Plan
from regimens.protocol.intervals import days, months
from regimens.services import courses
from regimens.services.locking import lock_patient
from regimens.services.outlook import refresh_outlook
from tests.factories import a_course, a_nurse, a_patient, a_physician, at
from tests.monitoring.conftest import DUE, LOADING_DAYS, with_doses
from tests.monitoring.test_queue import a_booking

pytestmark = pytest.mark.django_db

STATES = [*Appointment.State.values, "booked", "booked", "no_show"]
BEFORE = DUE - timedelta(days=14)


def by_the_database(course, day):
    return {
        key
        for rule in RULES
        for key in owed(rule, day).filter(pk=course.pk).values_list("owed_key", flat=True)
    }


def by_the_values(course, day):
    course.refresh_from_db()
    booked = list(Appointment.objects.filter(course=course, state__in=STANDING))
    letters = letters_for(what_follows.values_now(course), booked)
    return {letter.key(course.pk) for letter in letters if letter.is_owed(day)}


def books_something(course, random):
    subject = random.choice(["dose", "lab"])
    due = (subject == "dose" and course.next_due_on) or course.lab_due_on
    about = due + timedelta(days=random.choice([-91, 0, 0, 0, 30, 91]))
    state = random.choice(STATES)
    if Appointment.objects.booked().filter(course=course, subject=subject, due_on=about).exists():
        state = "no_show"
    rounds = Appointment.objects.filter(course=course, subject=subject, due_on=about).count()
    on = about + timedelta(days=random.randint(-30, 40))
    booking = a_booking(course, on, subject=subject, due_on=about, round=rounds + 1, state="kept")
    because = "patient" if state == "cancelled" else ""
    Appointment.objects.filter(pk=booking.pk).update(state=state, cancelled_because=because)


def in_phase(phase):
    """A course that stands in a phase on DUE, whatever its dates."""
    with time_machine.travel(at(LOADING_DAYS[0]), tick=False):
        course = a_course(a_patient(), starts_on=LOADING_DAYS[0], interval=months(3))
        with_doses(course, LOADING_DAYS[:4] if phase == "loading" else LOADING_DAYS)
    if phase == "oral":
        Course.objects.filter(pk=course.pk).update(
            oral_decided_on=LOADING_DAYS[-1], oral_confirmed_on=LOADING_DAYS[-1]
        )
        with transaction.atomic():
            refresh_outlook(lock_patient(course.patient))
    course.refresh_from_db()
    assert course.phase == phase
    return course


@pytest.mark.parametrize("phase", ["loading", "maintenance", "oral"])
@pytest.mark.parametrize("seed", range(4))
def test_read_from_values_the_table_gives_what_the_queue_would_write(phase, seed):
    course, random, seen = in_phase(phase), Random(seed), 0
    for _case in range(6):
        with transaction.atomic():
            for _booking in range(random.choice([0, 1, 1, 2, 3])):
                books_something(course, random)
            for _day in range(3):
                day = DUE + timedelta(days=random.randint(-40, 60))
                found = by_the_database(course, day)
                assert by_the_values(course, day) == found
                seen += len(found)
            transaction.set_rollback(True)
    assert seen, "something was owed on some of these days"


def test_an_ended_treatment_owes_nothing_but_the_check_after_a_resolved_cause(course):
    courses.stop(
        course=course, reason="reversible_cause_resolved", on=BEFORE, decided_by=a_physician(course.clinic)
    )
    for weeks in range(20):
        day = BEFORE + timedelta(weeks=weeks)
        assert by_the_values(course, day) == by_the_database(course, day)


def foreseen(course, interval, day=BEFORE):
    plan = Plan.objects.signed().get(course=course)
    after = what_follows.values_if_interval(course, plan, interval, day)
    return foresee(what_follows.values_now(course), after, day)


def said(letters):
    return [(letter.what, letter.about) for letter in letters]


def test_a_letter_that_waits_about_a_date_that_would_move_is_named(course):
    queue(now=at(BEFORE))
    letters = foreseen(course, months(2))
    assert said(letters.withdrawn) == [("Injection: two weeks before", DUE)]
    assert foreseen(course, months(3)).withdrawn == ()


def test_a_letter_owed_from_the_new_date_is_named_with_the_day_it_may_go_out(course):
    letters = foreseen(course, days(104))  # due on 30 April, two weeks and no day later
    assert said(letters.written) == [("Blood test: two weeks before", course.lab_due_on)]
    letters = foreseen(course, days(88))  # due on 14 April
    assert ("Injection: two weeks before", DUE - timedelta(days=2)) in said(letters.written)
    moved = {line.what: (line.before, line.after) for line in letters.moved}
    assert moved["Injection: two days before"] == (DUE - timedelta(days=2), DUE - timedelta(days=4))


def test_a_patient_who_was_written_to_about_the_old_date_is_named(course):
    queue(now=at(BEFORE))
    Message.objects.filter(subject="dose").update(
        state="sent", sent_to="pat@example.org", ended_at=at(BEFORE)
    )
    assert said(foreseen(course, months(2)).told) == [("Injection: two weeks before", DUE)]
    assert foreseen(course, months(3)).told == ()


def test_who_may_not_be_written_to_is_said_with_the_reason(treated):
    course = treated(a_patient(emailed=False))
    letters = foreseen(course, days(88))
    assert letters.silent_because == "The patient has not agreed to be emailed"
    assert letters.written == ()


def test_letters_that_wait_for_somebody_who_withdrew_consent_would_not_be_sent(course):
    queue(now=at(BEFORE))
    patient_services.record_email_consent(
        patient=course.patient, given=False, how="Phoned", recorded_by=a_nurse(course.clinic)
    )
    letters = foreseen(course, months(3))
    assert ("Injection: two weeks before", DUE) in said(letters.withdrawn)


def test_foreseeing_takes_the_same_few_queries_however_many_letters_there_are(
    course, django_assert_num_queries
):
    queue(now=at(BEFORE))
    plan = Plan.objects.signed().get(course=course)
    before = what_follows.values_now(course)
    after = what_follows.values_if_interval(course, plan, months(2), BEFORE)
    with django_assert_num_queries(4):
        foresee(before, after, BEFORE)
    with transaction.atomic():
        books_something(course, Random(1))
        with django_assert_num_queries(4):
            foresee(before, after, BEFORE)
        transaction.set_rollback(True)
