"""Booking a place and freeing it, through the pages."""

from datetime import date, time

import pytest
from django.urls import reverse

from patients.models import Closure, Role
from regimens.models import Appointment, Course
from regimens.protocol.intervals import months
from tests.browsing import sent_by
from tests.factories import a_clinic, a_course, a_member, a_nurse, a_patient, an_injection

pytestmark = pytest.mark.django_db

LOADED = [date(2026, 1, day) for day in (5, 7, 9, 12, 14, 16)]


@pytest.fixture
def course(today_is):
    """Six doses given; the next is due Thursday 16 April 2026, from 2 to 30 April."""
    today_is(LOADED[0])
    course = a_course(starts_on=LOADED[0], interval=months(3))
    for number, day in enumerate(LOADED):
        today_is(day)
        an_injection(course, day, site="DELTOID_L" if number % 2 else "DELTOID_R")
    today_is(date(2026, 1, 19))
    return Course.objects.select_related("clinic", "patient").get(pk=course.pk)


@pytest.fixture
def reception(course, client):
    client.force_login(a_member(course.clinic, Role.RECEPTION))
    return client


def address(course, name="book_appointment", *keys):
    return reverse(name, args=[course.patient_id, *keys])


def book(client, course, on="2026-04-16", at="10:00", **more):
    return client.post(address(course), {"subject": "dose", "on": on, "at": at, **more})


def test_the_day_that_is_due_is_offered_first_and_booked(reception, course):
    shown = reception.get(address(course))
    assert shown.context["chosen"] == date(2026, 4, 16)
    sent = sent_by(shown)
    assert reception.post(address(course), {**sent, "at": "09:20"}).url == reverse(
        "patient", args=[course.patient_id]
    )
    booking = Appointment.objects.get()
    assert (booking.on, booking.at, booking.due_on) == (date(2026, 4, 16), time(9, 20), date(2026, 4, 16))


def test_only_open_days_are_offered_near_the_date(reception, course):
    Closure.objects.create(clinic=course.clinic, day=date(2026, 4, 16), reason="Holiday")
    shown = reception.get(address(course))
    assert shown.context["chosen"] == date(2026, 4, 17)
    assert all(course.clinic.days.is_open(day) or day == date(2026, 4, 16) for day in shown.context["days"])
    assert date(2026, 4, 16) not in shown.context["days"]


def test_an_overdue_dose_is_booked_from_today_on(reception, course, today_is):
    today_is(date(2026, 7, 4))  # a Saturday, long after the window
    reception.force_login(a_member(course.clinic, Role.RECEPTION))
    shown = reception.get(address(course))
    assert shown.context["chosen"] == date(2026, 7, 6)
    assert "after the window closes" in shown.content.decode()


def test_a_taken_time_is_not_offered_and_another_is(reception, course):
    other = a_course(a_patient(course.clinic), starts_on=date(2026, 1, 19), interval=months(3))
    assert book(reception, other).status_code == 302
    times = [value for value, _label in reception.get(address(course)).context["form"].fields["at"].choices]
    assert "10:00" not in times
    assert "10:10" in times
    refused = book(reception, course)
    assert refused.status_code == 422
    assert "not free any more" in refused.content.decode()


def test_a_new_time_moves_the_old_one(reception, course):
    book(reception, course)
    book(reception, course, at="11:00")
    assert list(Appointment.objects.order_by("pk").values_list("state", "round")) == [
        ("moved", 1),
        ("booked", 2),
    ]


def test_the_nearest_free_places_are_one_tap_each(reception, course):
    shown = reception.get(address(course))
    offers = shown.context["offers"]
    assert offers[0].on == date(2026, 4, 16)
    assert 'name="slot" value="2026-04-16T09:00"' in shown.content.decode()
    tapped = reception.post(address(course), {"subject": "dose", "slot": "2026-04-16T09:00"})
    assert tapped.status_code == 302
    assert Appointment.objects.get().at == time(9)


@pytest.mark.parametrize(
    "slot", ["", "T", "tomorrow", "2026-04-16", "2026-04-16T25:00", "2026-04-16T09:07", "\x00T"]
)
def test_a_tap_on_no_place_books_nothing_and_offers_others(reception, course, slot):
    response = reception.post(address(course), {"subject": "dose", "slot": slot})
    assert response.status_code == 422
    assert response.context["offers"]
    assert not Appointment.objects.exists()


def test_a_refusal_keeps_the_day_and_shows_its_other_times(reception, course):
    other = a_course(a_patient(course.clinic), starts_on=date(2026, 1, 19), interval=months(3))
    book(reception, other, on="2026-04-21")
    refused = book(reception, course, on="2026-04-21")
    assert refused.context["chosen"] == date(2026, 4, 21)
    assert "10:00 is not free any more" in refused.content.decode()
    assert refused.content.decode().count("There is a problem") == 1
    assert "10:10" in refused.content.decode()


def test_a_booking_is_moved_on_its_own_page_and_the_page_tells_where_it_was(reception, course):
    book(reception, course)
    move = address(course, "move_appointment", Appointment.objects.get().pk)
    assert "Booked now" in reception.get(move).content.decode()
    assert reception.post(move, {"slot": "2026-04-20T09:00"}).status_code == 302
    shown = reception.get(address(course)).content.decode()
    assert "Thu 16-Apr-2026 at 10:00</strong>: moved to Mon 20-Apr-2026 at 09:00" in shown
    assert reception.get(move).url == address(course)
    assert reception.post(move, {"slot": "2026-04-21T09:00"}).status_code == 422


def test_moving_a_blood_test_offers_the_days_of_the_blood_test(reception, course):
    reception.post(address(course), {"subject": "lab", "slot": "2026-04-06T10:00"})
    move = address(course, "move_appointment", Appointment.objects.get().pk)
    assert "for a blood test" in reception.get(move).content.decode()
    assert reception.post(move, {"on": "2026-04-07", "at": "10:00", "subject": "lab"}).status_code == 302
    assert Appointment.objects.booked().get().subject == "lab"


@pytest.mark.parametrize("role", [Role.RECEPTION, Role.NURSE])
def test_somebody_who_did_not_come_is_recorded_after_one_question(course, client, today_is, role):
    client.force_login(a_member(course.clinic, role))
    book(client, course)
    appointment = Appointment.objects.get()
    missed = address(course, "record_no_show", appointment.pk)
    assert client.post(missed).status_code == 422  # three months too early
    today_is(date(2026, 4, 16), time(12))
    client.force_login(a_member(course.clinic, role))
    assert "stands" in client.get(missed).content.decode()
    answer = client.post(missed)
    assert answer.status_code == 302
    assert ("not-given" in answer.url) is (role is Role.NURSE)
    assert client.post(missed).status_code == 422
    appointment.refresh_from_db()
    assert appointment.state == "no_show"


def test_after_an_injection_the_free_places_in_the_next_window_are_one_tap_each(course, client, today_is):
    today_is(date(2026, 4, 16))
    client.force_login(a_nurse(course.clinic))
    dose = an_injection(course, date(2026, 4, 16), site="DELTOID_R")
    page = reverse("injection", args=[course.patient_id, dose.pk])
    shown = client.get(page)
    assert shown.context["offers"][0].on == date(2026, 7, 16)
    tapped = client.post(address(course), {"subject": "dose", "slot": "2026-07-16T09:00"})
    assert tapped.status_code == 302
    assert "Booked:</strong> Thu 16-Jul-2026 at 09:00" in client.get(page).content.decode()


def test_the_clinical_date_never_moves_with_a_booking(reception, course):
    book(reception, course, on="2026-04-20")
    course.refresh_from_db()
    assert course.next_due_on == date(2026, 4, 16)


@pytest.mark.parametrize("on", ["2026-01-18", "2026-04-18", "2028-12-01", "nonsense", "", "2026-13-01"])
def test_a_past_a_closed_and_a_senseless_day_are_not_booked(reception, course, on):
    """Monday 19 January is today; Saturday 18 April is closed; 2028 is years away."""
    response = book(reception, course, on=on, at="10:00")
    assert response.status_code == 422
    assert not Appointment.objects.exists()


def test_a_full_day_says_so_and_the_nearest_that_has_a_place_is_suggested(reception, course):
    course.clinic.opens_at, course.clinic.closes_at = time(10), time(10, 10)
    course.clinic.save()
    other = a_course(a_patient(course.clinic), starts_on=date(2026, 1, 19), interval=months(3))
    book(reception, other)
    assert reception.get(address(course)).context["chosen"] == date(2026, 4, 15)
    full = reception.get(address(course), {"on": "2026-04-16"})
    assert "No place is free on this day" in full.content.decode()
    assert book(reception, course).status_code == 422


def test_after_closing_time_nobody_is_offered_today(reception, course, today_is):
    today_is(date(2026, 4, 16), time(18))
    reception.force_login(a_member(course.clinic, Role.RECEPTION))
    assert reception.get(address(course)).context["chosen"] == date(2026, 4, 17)


def test_a_blood_test_has_a_place_of_its_own(reception, course):
    shown = reception.get(address(course), {"subject": "lab"})
    assert shown.context["chosen"] == date(2026, 4, 6)  # due on Sunday the 5th
    assert reception.post(address(course), {**sent_by(shown), "at": "10:00"}).status_code == 302
    assert Appointment.objects.get().subject == "lab"


def test_cancelling_asks_why_and_frees_the_place(reception, course):
    book(reception, course)
    cancel = address(course, "cancel_appointment", Appointment.objects.get().pk)
    assert reception.get(cancel).status_code == 200
    assert Appointment.objects.get().state == "booked"
    assert reception.post(cancel).status_code == 422
    assert Appointment.objects.get().state == "booked"
    assert reception.post(cancel, {"because": "patient"}).status_code == 302
    cancelled = Appointment.objects.get()
    assert (cancelled.state, cancelled.cancelled_because) == ("cancelled", "patient")
    assert reception.post(cancel, {"because": "patient"}).status_code == 422
    assert book(reception, course).status_code == 302


def test_without_a_course_nothing_is_booked(reception, course):
    patient = a_patient(course.clinic)
    place = reverse("book_appointment", args=[patient.pk])
    assert "Nothing is planned" in reception.get(place).content.decode()
    assert reception.post(place, {"on": "2026-04-16", "at": "10:00"}).status_code == 200
    assert not Appointment.objects.exists()


@pytest.mark.parametrize("role", [Role.RECEPTION, Role.NURSE, Role.PHYSICIAN, Role.MANAGER])
def test_everybody_but_the_auditor_books(course, client, role):
    client.force_login(a_member(course.clinic, role))
    assert book(client, course).status_code == 302


def test_the_auditor_books_nothing(course, client):
    client.force_login(a_member(course.clinic, Role.AUDITOR))
    assert client.get(address(course)).status_code == 403
    assert book(client, course).status_code == 403


def test_reception_sees_no_clinical_word_while_booking(reception, course):
    shown = reception.get(address(course)).content.decode()
    assert "Allergies" not in shown
    assert "ydroxocobalamin" not in shown


def test_another_clinics_patient_is_not_there(reception, course):
    book(reception, course)
    acts = ("cancel_appointment", "move_appointment", "record_no_show")
    reception.force_login(a_nurse(a_clinic()))
    assert reception.get(address(course)).status_code == 404
    assert book(reception, course).status_code == 404
    for name in acts:
        act = address(course, name, Appointment.objects.get().pk)
        assert reception.get(act).status_code == 404
        assert reception.post(act, {"because": "clinic", "slot": "2026-04-20T09:00"}).status_code == 404
    assert Appointment.objects.get().state == "booked"


def test_a_place_may_be_booked_with_one_of_those_who_give_injections(reception, course):
    ana = a_member(course.clinic, username="ana")
    stranger = a_member(a_clinic())
    shown = reception.get(address(course))
    offered = dict(shown.context["form"].fields["nurse"].choices)
    assert offered[""] == "Nobody in particular"
    assert str(ana.pk) in offered
    assert str(stranger.pk) not in offered
    assert 'With <span class="optional">(optional)</span>' in shown.content.decode()
    assert book(reception, course, nurse=stranger.pk).status_code == 422
    assert not Appointment.objects.exists()
    assert book(reception, course, nurse=ana.pk).status_code == 302
    assert Appointment.objects.get().nurse == ana
    day = reception.get(reverse("appointments_day"), {"on": "2026-04-16"})
    assert '<td data-label="With">ana</td>' in day.content.decode()


def test_one_tap_keeps_with_whom_a_place_was_booked_and_the_form_may_change_it(reception, course):
    ana = a_member(course.clinic, username="ana")
    book(reception, course, nurse=ana.pk)
    move = address(course, "move_appointment", Appointment.objects.get().pk)
    assert sent_by(reception.get(move))["nurse"] == str(ana.pk)
    reception.post(move, {"slot": "2026-04-20T09:00"})
    kept = Appointment.objects.booked().get()
    assert kept.nurse == ana
    move = address(course, "move_appointment", kept.pk)
    reception.post(move, {**sent_by(reception.get(move)), "on": "2026-04-20", "at": "09:20", "nurse": ""})
    assert Appointment.objects.booked().get().nurse is None
