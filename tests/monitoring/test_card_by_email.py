"""The appointment card by email: one letter for whoever asks, never two, and never one that is not true or not wanted."""

from datetime import date, time, timedelta

import pytest
from django.core import mail
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from monitoring.messages.card import email_card
from monitoring.messages.deliver import deliver
from monitoring.messages.queue import queue
from monitoring.models import Message
from patients.models import AuditEntry, Clinic, Patient, Role
from patients.refusals import NotAllowed
from regimens.models import Appointment
from regimens.services import appointments, courses
from tests.factories import a_clinic, a_member, a_nurse, a_patient, a_physician, a_proposal, an_injection, at
from tests.monitoring.conftest import CHECK_DUE, DUE
from tests.monitoring.test_letters import FORBIDDEN
from tests.monitoring.test_silence import SILENCED, SPEAKING

pytestmark = pytest.mark.django_db

TODAY = date(2026, 1, 19)  # a Monday, long before the first letter is owed


@pytest.fixture
def course(treated, today_is):
    course = treated()
    today_is(TODAY)
    return course


@pytest.fixture
def reception(course, client):
    client.force_login(a_member(course.clinic, Role.RECEPTION))
    return client


def booked(course, on=DUE, hour=10, subject="dose", day=TODAY):
    return appointments.book(
        course=course, subject=subject, on=on, at=time(hour), now=at(day), booked_by=a_nurse(course.clinic)
    )


def asked(course, now=None):
    return email_card(
        patient=Patient.objects.get(pk=course.patient_id),
        now=now or at(TODAY),
        asked_by=a_nurse(course.clinic),
    )


def cards():
    return Message.objects.filter(purpose="card").order_by("pk")


def address(course, name="email_card"):
    return reverse(name, args=[course.patient_id])


def test_the_card_of_a_booking_says_day_hour_place_and_how_to_change_it_and_nothing_clinical(course):
    Clinic.objects.update(address="1 Mill Lane", phone="020 7946 0001", email="desk@northgate.example")
    booked(course)
    asked(course)
    deliver(now=at(TODAY))
    [letter] = mail.outbox
    assert letter.subject == "Your appointment on 16 April"
    for said in ("Thursday 16 April 2026 at 10:00", "Where: 1 Mill Lane", "phone 020 7946 0001"):
        assert said in letter.body
    everything = " ".join([letter.subject, letter.body, letter.alternatives[0][0]]).lower()
    assert [word for word in FORBIDDEN if word in everything] == []
    assert letter.to == [course.patient.email]


def test_without_a_booking_the_card_says_the_date_that_is_due(course):
    asked(course)
    deliver(now=at(TODAY))
    assert mail.outbox[0].subject == "Your next visit"
    assert "due on Thursday 16 April 2026. Please get in touch" in mail.outbox[0].body


def test_asked_for_again_or_tapped_twice_the_patient_gets_one(course):
    booked(course)
    first, second = asked(course), asked(course)
    assert (first.may_be_sent, second.may_be_sent) == (True, False)
    deliver(now=at(TODAY))
    asked(course)
    deliver(now=at(TODAY))
    assert len(mail.outbox) == cards().count() == 1
    assert AuditEntry.objects.filter(act="asked for the card by email").count() == 1


def test_a_moved_booking_has_a_card_of_its_own_and_the_old_one_stays_silent(course):
    first = booked(course)
    asked(course)
    appointments.move(
        appointment=first,
        on=DUE + timedelta(4),
        at=time(9),
        now=at(TODAY),
        moved_by=a_nurse(course.clinic),
    )
    deliver(now=at(TODAY))
    assert mail.outbox == []
    assert cards().get().reason == "the appointment was moved"
    asked(course)
    deliver(now=at(TODAY))
    assert "Monday 20 April 2026 at 09:00" in mail.outbox[0].body
    assert [card.round for card in cards()] == [1, 2]


def test_several_bookings_are_one_letter(course):
    booked(course)
    booked(course, CHECK_DUE + timedelta(1), subject="lab")
    asked(course)
    deliver(now=at(TODAY))
    [letter] = mail.outbox
    assert letter.subject == "Your appointments and checks"
    assert "Thursday 16 April 2026 at 10:00" in letter.body
    assert "Monday 6 April 2026 at 10:00" in letter.body


def test_it_waits_for_the_hours_in_which_the_clinic_writes(reception, course):
    Clinic.objects.update(letters_from="08:00", letters_until="09:00")
    said = reception.post(address(course), follow=True).content.decode()
    assert "leaves by email when the clinic writes again, from 08:00" in said
    deliver(now=at(TODAY))
    assert mail.outbox == []
    deliver(now=at(TODAY + timedelta(1), 8))
    assert len(mail.outbox) == 1


@pytest.mark.parametrize("cause", [cause for cause in SILENCED if cause != "deceased"])
def test_whom_nobody_may_write_to_is_told_of_at_once_and_the_card_is_printed(reception, course, cause):
    columns, reason = SILENCED[cause]
    Patient.objects.filter(pk=course.patient_id).update(**columns)
    shown = reception.get(address(course, "appointment_card")).content.decode()
    assert f"It cannot be emailed now: {reason}. Print it instead." in shown
    assert "Email the card" not in shown
    refused = reception.post(address(course))
    assert refused.status_code == 422
    assert f"{reason}. Print it instead." in refused.content.decode()
    assert not Message.objects.exists()


@pytest.mark.parametrize("cause", SILENCED)
def test_what_happens_before_it_leaves_is_seen_and_silence_does_not_outlive_its_cause(course, cause):
    booked(course)
    asked(course)
    columns, reason = SILENCED[cause]
    Patient.objects.filter(pk=course.patient_id).update(**columns)
    deliver(now=at(TODAY))
    assert mail.outbox == []
    assert (cards().get().state, cards().get().reason) == ("suppressed", reason)
    Patient.objects.filter(pk=course.patient_id).update(**SPEAKING)
    tomorrow = at(TODAY + timedelta(1))
    queue(now=tomorrow)
    deliver(now=tomorrow)
    assert cards().get().state == "sent"


def test_a_paused_course_and_a_booking_that_was_cancelled_or_kept_have_no_card(course, today_is):
    appointment = booked(course)
    asked(course)
    appointments.cancel(appointment=appointment, because="patient", cancelled_by=a_nurse(course.clinic))
    deliver(now=at(TODAY))
    assert cards().get().reason == "the appointment was cancelled"
    courses.pause(
        course=course,
        on=TODAY,
        until=TODAY + timedelta(30),
        reason="Abroad",
        decided_by=a_physician(course.clinic),
    )
    with pytest.raises(NotAllowed, match="Treatment is paused"):
        asked(course)


def test_a_card_that_could_not_leave_before_the_day_names_what_came_first(course, today_is):
    asked(course)
    Clinic.objects.update(letters_from="08:00", letters_until="09:00")
    today_is(date(2026, 4, 3))
    an_injection(course, date(2026, 4, 3))
    queue(now=at(date(2026, 4, 3), 8))
    deliver(now=at(date(2026, 4, 3), 8))
    assert cards().get().reason == "given on 3 April 2026"


def test_it_may_be_asked_for_only_where_there_is_an_appointment_or_a_date_to_come(
    reception, course, today_is
):
    today_is(DUE + timedelta(1))
    reception.force_login(a_member(course.clinic, Role.RECEPTION))
    assert "Nothing is booked" in reception.get(address(course, "appointment_card")).content.decode()
    assert reception.post(address(course)).status_code == 422
    day = DUE + timedelta(1)
    booked(course, on=day, hour=15, day=day)
    assert reception.post(address(course)).status_code == 302
    stranger = a_patient(course.clinic)
    assert reception.post(reverse("email_card", args=[stranger.pk])).status_code == 422


def test_an_hour_that_has_passed_today_is_no_appointment_to_write_about(course, today_is):
    today_is(DUE)
    booked(course, hour=9, day=TODAY)
    with pytest.raises(NotAllowed, match="Nothing is booked"):
        asked(course, at(DUE, 10))


def test_before_a_physician_has_signed_nobody_is_written_to(course):
    proposed = a_proposal(a_patient(course.clinic), TODAY)
    with pytest.raises(NotAllowed, match="No physician has signed"):
        asked(proposed.course)


def test_the_page_offers_it_beside_the_printed_card_and_says_what_became_of_it(reception, course):
    card = address(course, "appointment_card")
    assert "Email the card" in reception.get(card).content.decode()
    said = reception.post(address(course), follow=True)
    assert "The card is on its way by email." in said.content.decode()
    assert "was asked for by email and is on its way" in said.content.decode()
    assert "Email the card" not in said.content.decode()
    assert "asked for before" in reception.post(address(course), follow=True).content.decode()
    deliver(now=at(TODAY))
    assert "The card was emailed on" in reception.get(card).content.decode()
    assert reception.get(address(course)).url == card


def test_after_an_injection_it_is_one_tap_and_leads_back_there(client, course, today_is):
    today_is(DUE)
    client.force_login(a_nurse(course.clinic))
    dose = an_injection(course, DUE)
    page = reverse("injection", args=[course.patient_id, dose.pk])
    shown = client.get(page).content.decode()
    assert f'action="{address(course)}"' in shown
    assert client.post(address(course), {"injection": dose.pk}).url == page
    for other in ("", "x", "9" * 30, "0", "²"):
        assert client.post(address(course), {"injection": other}).url == address(course, "appointment_card")
    assert cards().get().due_on == date(2026, 7, 16)


def test_it_stands_on_the_messages_page_and_in_the_patients_story(client, course):
    asked(course)
    deliver(now=at(TODAY))
    client.force_login(a_nurse(course.clinic))
    listed = client.get(reverse("messages")).content.decode()
    assert "Injection, appointment card" in listed
    story = client.get(reverse("patient", args=[course.patient_id])).content.decode()
    assert "Letter sent: injection, appointment card" in story


@pytest.mark.parametrize("role", Role)
def test_whoever_books_may_email_the_card(client, course, role):
    client.force_login(a_member(course.clinic, role))
    assert client.post(address(course)).status_code == (403 if role == Role.AUDITOR else 302)
    client.force_login(a_member(a_clinic(), role))
    assert client.post(address(course)).status_code == 404


def test_many_bookings_cost_the_page_no_more_queries(reception, course):
    booked(course)
    card = address(course, "appointment_card")
    reception.get(card)
    with CaptureQueriesContext(connection) as few:
        reception.get(card)
    for number in range(5):
        Appointment.objects.create(
            clinic=course.clinic,
            patient=course.patient,
            course=course,
            subject="dose",
            due_on=DUE + timedelta(number + 1),
            on=DUE,
            at=time(11, number * 10),
        )
    with CaptureQueriesContext(connection) as many:
        reception.get(card)
    assert len(many) == len(few)
