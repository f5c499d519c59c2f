"""What patients are owed, when, and under which appointment; and that it is the same whoever asks, and how often."""

from datetime import date, time, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from monitoring.messages.queue import queue
from monitoring.models import Heartbeat, Message
from patients import guards
from regimens.models import Appointment, Course, Plan
from tests.factories import a_clinic, a_course, a_patient, a_proposal, at
from tests.monitoring.conftest import CHECK_DUE, DUE, WINDOW_END, with_doses

pytestmark = pytest.mark.django_db


def rows(subject="dose"):
    """What is owed about a subject, the oldest first."""
    found = Message.objects.filter(subject=subject).order_by("opens_on", "pk")
    return [(message.purpose, message.round, message.state) for message in found]


def purposes_on(day, subject="dose"):
    """What a queue that never ran before writes on a day and does not find too late."""
    Message.objects.all().delete()
    queue(now=at(day))
    return [purpose for purpose, _round, state in rows(subject) if state == "queued"]


def a_booking(course, on, *, subject="dose", due_on=None, round=1, state="booked", made_on=None):
    booking = Appointment.objects.create(
        clinic=course.clinic,
        patient=course.patient,
        course=course,
        subject=subject,
        due_on=due_on or (course.next_due_on if subject == "dose" else course.lab_due_on),
        round=round,
        on=on,
        at=time(10, 20),
        place=Appointment.objects.count() + 1,
        state=state,
    )
    Appointment.objects.filter(pk=booking.pk).update(booked_at=at(made_on or date(2026, 3, 1)))
    return booking


def test_a_dose_is_announced_two_weeks_and_two_days_before_and_missed_three_and_ten_days_after(course):
    assert course.next_due_on == DUE
    assert course.window_closes_on == WINDOW_END
    expected = {
        DUE - timedelta(15): [],
        DUE - timedelta(14): ["coming"],
        DUE - timedelta(3): ["coming"],
        DUE - timedelta(2): ["soon"],
        DUE: ["soon"],
        DUE + timedelta(1): [],
        WINDOW_END + timedelta(2): [],
        WINDOW_END + timedelta(3): ["missed"],
        WINDOW_END + timedelta(9): ["missed"],
        WINDOW_END + timedelta(10): ["still_missed"],
        WINDOW_END + timedelta(1000): ["still_missed"],
    }
    assert {day: purposes_on(day) for day in expected} == expected


def test_a_check_is_announced_two_weeks_before_and_when_due_and_asked_for_two_weeks_after(course):
    assert course.lab_due_on == CHECK_DUE
    expected = {
        CHECK_DUE - timedelta(15): [],
        CHECK_DUE - timedelta(14): ["coming"],
        CHECK_DUE - timedelta(1): ["coming"],
        CHECK_DUE: ["due"],
        CHECK_DUE + timedelta(13): ["due"],
        CHECK_DUE + timedelta(14): ["missed"],
        CHECK_DUE + timedelta(40): ["missed"],
    }
    assert {day: purposes_on(day, "lab") for day in expected} == expected


def test_a_check_that_was_missed_is_asked_for_until_it_is_done_while_the_next_one_comes(course):
    queue(now=at(date(2026, 7, 5)))
    owed = Message.objects.filter(subject="lab", state="queued").values_list("purpose", "due_on")
    assert set(owed) == {("missed", CHECK_DUE), ("due", date(2026, 7, 5))}


def test_reminders_count_from_the_appointment_once_one_is_booked(course):
    booked_on = DUE + timedelta(7)
    a_booking(course, booked_on)
    expected = {
        booked_on - timedelta(15): [],
        booked_on - timedelta(14): ["coming"],
        DUE - timedelta(2): ["coming"],
        booked_on - timedelta(2): ["soon"],
        booked_on: ["soon"],
        booked_on + timedelta(2): [],
        booked_on + timedelta(3): ["missed"],
        booked_on + timedelta(10): ["still_missed"],
        WINDOW_END + timedelta(3): ["still_missed"],
    }
    assert {day: purposes_on(day) for day in expected} == expected
    assert {message.round for message in Message.objects.filter(subject="dose")} == {1}


def test_a_missed_appointment_counts_whether_or_not_somebody_wrote_that_the_patient_stayed_away(course):
    booking = a_booking(course, DUE)
    assert purposes_on(DUE + timedelta(3)) == ["missed"]
    Appointment.objects.filter(pk=booking.pk).update(state="no_show")
    assert purposes_on(DUE + timedelta(3)) == ["missed"]


def test_a_rebooked_patient_hears_again_and_only_of_the_new_appointment(course):
    first = a_booking(course, DUE)
    queue(now=at(DUE - timedelta(14)))
    Appointment.objects.filter(pk=first.pk).update(state="moved")
    a_booking(course, DUE + timedelta(4), round=2)
    queue(now=at(DUE - timedelta(10)))
    assert [row[:2] for row in rows()] == [("coming", 1), ("coming", 2)]
    queue(now=at(DUE - timedelta(2)))
    assert [row[:2] for row in rows()] == [("coming", 1), ("coming", 2)]


def test_a_patient_who_missed_and_booked_again_is_not_told_that_they_missed(course):
    a_booking(course, DUE, state="no_show")
    a_booking(course, DUE + timedelta(6), round=2)
    assert purposes_on(DUE + timedelta(3)) == ["coming"]


def test_a_cancelled_appointment_puts_the_patient_back_to_the_clinical_date(course):
    booking = a_booking(course, DUE + timedelta(7))
    Appointment.objects.filter(pk=booking.pk).update(state="cancelled", cancelled_because="patient")
    assert purposes_on(DUE - timedelta(2)) == ["soon"]
    assert Message.objects.get(subject="dose", purpose="soon").round == 0


def test_an_appointment_for_a_dose_that_was_given_meanwhile_is_silent(course):
    a_booking(course, DUE)
    with_doses(course, [DUE - timedelta(8)])
    assert purposes_on(DUE - timedelta(2)) == []


def test_a_booked_check_is_announced_from_its_appointment(course):
    booked_on = CHECK_DUE + timedelta(8)
    a_booking(course, booked_on, subject="lab")
    expected = {
        CHECK_DUE: ["coming"],
        booked_on - timedelta(2): ["soon"],
        booked_on + timedelta(1): [],
        booked_on + timedelta(14): ["missed"],
    }
    assert {day: purposes_on(day, "lab") for day in expected} == expected


def test_in_loading_only_booked_appointments_and_missed_doses_are_written_about(today_is):
    today_is(date(2026, 1, 5))
    course = a_course(starts_on=date(2026, 1, 19), facts={"neuro": "present"})
    assert course.phase == "loading"
    due = course.next_due_on
    assert [purposes_on(due - timedelta(days)) for days in (14, 2, 0)] == [[], [], []]
    assert purposes_on(due + timedelta(3)) == ["missed"]
    assert purposes_on(due + timedelta(10)) == ["still_missed"]
    a_booking(course, due, made_on=date(2026, 1, 5))
    assert [purposes_on(due - timedelta(days)) for days in (14, 2, 0)] == [[], ["soon"], ["soon"]]


def test_nothing_is_owed_before_a_physician_signs(today_is):
    today_is(date(2026, 1, 5))
    a_proposal(a_patient(), date(2026, 1, 7))
    queue(now=at(date(2026, 2, 20)))
    assert not Message.objects.exists()


def test_nothing_is_owed_after_the_end_of_treatment(course):
    Course.objects.filter(pk=course.pk).update(
        ended_on=DUE - timedelta(20), end_reason="moved_away", phase="ended"
    )
    assert purposes_on(DUE - timedelta(2)) == []


def test_queueing_again_on_any_day_adds_nothing_twice(course):
    for _time in range(3):
        queue(now=at(DUE - timedelta(14)))
    keys = set(Message.objects.values_list("key", flat=True))
    assert keys == {
        f"{course.pk}:dose:2026-04-16:coming:email:0",
        f"{course.pk}:lab:2026-04-05:coming:email:0",
    }
    assert Message.objects.count() == 2


def test_two_days_without_a_queue_change_nothing(course):
    days = [DUE + timedelta(n) for n in range(-26, 2)] + [WINDOW_END + timedelta(n) for n in range(2, 12)]
    labs = Course.objects.filter(pk=course.pk).values("lab_due_on", "lab_opens_on", "lab_closes_on").get()

    def run(every: int):
        Message.objects.all().delete()
        Course.objects.filter(pk=course.pk).update(missed_lab_due_on=None, **labs)
        for day in days[::every]:
            queue(now=at(day))
        return set(Message.objects.values_list("key", flat=True))

    daily = run(every=1)
    assert len(daily) == 7
    assert run(every=3) == daily


def test_what_became_too_late_while_nobody_queued_is_on_record_and_not_sent(course):
    queue(now=at(DUE + timedelta(1)))
    late = Message.objects.get(purpose="soon", subject="dose")
    assert (late.state, late.cause) == ("suppressed", "too_late")
    assert late.reason == "It could not be sent while it was of use"


def test_what_was_never_owed_in_its_window_is_not_called_late(course):
    with guards.lifted():
        Plan.objects.signed().update(signed_on=DUE - timedelta(2))
    a_booking(course, DUE, made_on=DUE - timedelta(1))
    queue(now=at(DUE - timedelta(1)))
    assert [(purpose, state) for purpose, _round, state in rows()] == [("soon", "queued")]


def test_the_day_is_the_clinics_own(treated):
    patient = a_patient(a_clinic(time_zone="Pacific/Auckland"))
    treated(patient)
    queue(now=at(DUE - timedelta(15), hour=10))
    assert rows() == []
    queue(now=at(DUE - timedelta(15), hour=13))  # 02:00 on the next day there
    assert rows() == [("coming", 0, "queued")]


def test_the_queue_leaves_a_heartbeat(course):
    queue(now=at(DUE))
    assert Heartbeat.objects.get(name="queue").at is not None


def test_the_number_of_statements_follows_the_days_on_earth_and_not_clinics_or_zones(course):
    def statements():
        with CaptureQueriesContext(connection) as captured:
            queue(now=at(DUE))
        return sum("monitoring_message" in query["sql"] for query in captured)

    few = statements()
    for zone in ("Europe/London", "Europe/Madrid", "Africa/Nairobi", "America/New_York", "Asia/Dubai"):
        a_clinic(time_zone=zone)
    assert statements() == few
    a_clinic(time_zone="Pacific/Kiritimati")  # a day ahead
    a_clinic(time_zone="Pacific/Auckland")
    assert statements() <= 2 * few
