"""The loading doses booked in one go: proposed on their days, each changeable, all or none."""

from datetime import date, time

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from patients.models import Closure, Role
from patients.refusals import NotAllowed
from regimens.models import Appointment, Course
from regimens.protocol.intervals import months
from regimens.services import appointments
from regimens.services.loading_series import PlacesRefused, book_loading
from tests.browsing import sent_by
from tests.factories import a_clinic, a_course, a_member, a_nurse, a_patient, an_injection, at

pytestmark = pytest.mark.django_db

START = date(2026, 1, 5)  # a Monday
DAYS = [date(2026, 1, day) for day in (5, 7, 9, 12, 14, 16)]


@pytest.fixture
def course(today_is):
    """Six doses from Monday 5 January on; today is the Friday before."""
    today_is(date(2026, 1, 2))
    return a_course(starts_on=START, interval=months(3))


@pytest.fixture
def reception(course, client):
    client.force_login(a_member(course.clinic, Role.RECEPTION))
    return client


def address(course):
    return reverse("book_loading", args=[course.patient_id])


def places(*days, hour=9, minute=0):
    return [(day, time(hour, minute)) for day in days]


def book(course, wanted, day=date(2026, 1, 2)):
    return book_loading(
        course=course, places=wanted, now=at(day, 8), booked_by=a_member(course.clinic, Role.RECEPTION)
    )


def taken_by_another(course, on, hour=9, minute=0):
    other = a_course(a_patient(course.clinic), starts_on=START, interval=months(3))
    return appointments.book(
        course=other,
        subject="dose",
        on=on,
        at=time(hour, minute),
        now=at(date(2026, 1, 2), 8),
        booked_by=a_nurse(course.clinic),
    )


def booked(course):
    rows = Appointment.objects.booked().filter(course=course).order_by("on")
    return [(row.on, row.at) for row in rows]


def test_each_dose_is_proposed_on_its_day_at_the_same_time(reception, course):
    shown = reception.get(address(course))
    assert [(row.number, row.on, row.at) for row in shown.context["rows"]] == [
        (number, day, time(9)) for number, day in enumerate(DAYS, start=1)
    ]


def test_the_same_time_is_proposed_where_it_is_free_and_the_nearest_where_it_is_not(reception, course):
    taken_by_another(course, DAYS[2], 11)
    shown = reception.get(address(course), {"at": "11:00"})
    assert [row.at for row in shown.context["rows"]] == [
        time(11),
        time(11),
        time(10, 50),
        time(11),
        time(11),
        time(11),
    ]


def test_all_are_booked_with_one_tap_each_for_its_own_date(reception, course):
    assert reception.post(address(course), sent_by(reception.get(address(course)))).status_code == 302
    assert booked(course) == places(*DAYS)
    assert [row.due_on for row in Appointment.objects.order_by("on")] == DAYS
    assert reception.get(address(course)).content.decode().count(", booked</legend>") == 6


def test_a_place_taken_meanwhile_books_nothing_says_so_beside_it_and_keeps_the_rest(reception, course):
    sent = {**sent_by(reception.get(address(course))), "at_2": "10:20"}
    taken_by_another(course, DAYS[3])
    refused = reception.post(address(course), sent)
    assert refused.status_code == 422
    assert booked(course) == []
    form = refused.context["form"]
    assert set(form.errors) == {"__all__", "at_4"}
    assert "just taken" in form.errors["at_4"][0]
    assert form["at_2"].value() == "10:20"
    said = refused.content.decode()
    assert '<option value="09:00" selected>09:00 (taken)</option>' in said
    assert reception.post(address(course), {**sent, "at_4": "09:10"}).status_code == 302
    assert booked(course)[3] == (DAYS[3], time(9, 10))


def test_every_place_that_was_taken_is_told_at_once(course):
    taken_by_another(course, DAYS[1])
    taken_by_another(course, DAYS[5])
    with pytest.raises(PlacesRefused) as refusal:
        book(course, places(*DAYS))
    assert set(refusal.value.errors) == {1, 5}
    assert booked(course) == []


def test_a_dose_is_not_booked_nearer_to_the_one_before_than_its_regimen_allows(reception, course):
    sent = {**sent_by(reception.get(address(course))), "on_2": "2026-01-08"}
    refused = reception.post(address(course), sent)
    assert refused.status_code == 422
    assert "12-Jan-2026 is the first day" in refused.context["form"].errors["on_3"][0]
    assert booked(course) == []


def test_after_one_day_is_changed_the_later_ones_follow(reception, course):
    sent = {**sent_by(reception.get(address(course))), "on_2": "2026-01-08", "again": "yes"}
    shown = reception.post(address(course), sent)
    assert shown.status_code == 200
    days = [row.on for row in shown.context["rows"]]
    assert days[:3] == [date(2026, 1, 5), date(2026, 1, 8), date(2026, 1, 12)]
    assert days == sorted(set(days))
    assert reception.post(address(course), sent_by(shown)).status_code == 302
    assert [on for on, _at in booked(course)] == days


def test_a_full_day_leads_to_the_next_one_with_room_and_the_later_doses_follow(reception, course):
    course.clinic.opens_at, course.clinic.closes_at, course.clinic.slots_per_hour = time(9), time(10), 1
    course.clinic.save()
    taken_by_another(course, DAYS[1])
    days = [row.on for row in reception.get(address(course)).context["rows"]]
    assert days[1] == date(2026, 1, 8)
    assert reception.post(address(course), sent_by(reception.get(address(course)))).status_code == 302


def test_closed_days_are_never_proposed(reception, course):
    Closure.objects.create(clinic=course.clinic, day=DAYS[1], reason="Snow")
    rows = reception.get(address(course)).context["rows"]
    assert DAYS[1] not in {row.on for row in rows}
    assert all(DAYS[1] not in row.days for row in rows)


def test_what_is_booked_already_is_kept_moved_or_freed(reception, course):
    book(course, places(*DAYS))
    before = {row.on: row.pk for row in Appointment.objects.booked()}
    changed = [*places(*DAYS[:3]), *places(*DAYS[3:], hour=15)]
    book(course, changed)
    assert booked(course) == changed
    kept = set(Appointment.objects.booked().filter(at=time(9)).values_list("pk", flat=True))
    assert kept == {before[day] for day in DAYS[:3]}
    assert {row.moved_from_id for row in Appointment.objects.booked().filter(at=time(15))} == {
        before[day] for day in DAYS[3:]
    }


def test_places_that_are_left_over_are_freed_and_say_why(course, today_is):
    book(course, places(*DAYS))
    today_is(DAYS[0])
    an_injection(course, DAYS[0])
    left = Course.objects.get(pk=course.pk)
    book(left, places(DAYS[1]), day=DAYS[0])
    freed = Appointment.objects.filter(state="cancelled")
    assert {row.cancelled_because for row in freed} == {"replanned"}
    assert booked(left) == places(DAYS[1])


def test_after_a_dose_was_given_only_the_others_are_left(reception, course, today_is):
    book(course, places(*DAYS))
    today_is(DAYS[0], time(8))
    an_injection(course, DAYS[0])
    reception.force_login(a_member(course.clinic, Role.RECEPTION))
    rows = reception.get(address(course)).context["rows"]
    assert [(row.number, row.on, row.is_booked) for row in rows] == [
        (number, day, True) for number, day in enumerate(DAYS[1:], start=2)
    ]


def test_a_late_first_dose_moves_the_proposal_and_keeps_what_still_fits(reception, course, today_is):
    book(course, places(*DAYS))
    today_is(date(2026, 1, 6), time(8))
    an_injection(course, date(2026, 1, 6))
    reception.force_login(a_member(course.clinic, Role.RECEPTION))
    shown = reception.get(address(course))
    assert shown.context["rows"][0].on == date(2026, 1, 8)
    assert reception.post(address(course), sent_by(shown)).status_code == 302
    days = [on for on, _at in booked(course)]
    assert days == [row.on for row in shown.context["rows"]]
    assert date(2026, 1, 7) not in days


def test_where_loading_has_no_end_the_doses_up_to_the_review_are_booked(client, today_is):
    today_is(date(2026, 1, 2))
    course = a_course(
        starts_on=START, interval=months(2), facts={"neuro": "present", "neuro_at_presentation": True}
    )
    client.force_login(a_member(course.clinic, Role.RECEPTION))
    shown = client.get(address(course))
    rows = shown.context["rows"]
    assert 2 < len(rows) <= 12
    assert "as far as the next review" in shown.content.decode()
    assert client.post(address(course), sent_by(shown)).status_code == 302
    assert len(booked(course)) == len(rows)


def test_without_loading_doses_the_page_says_so(client, today_is):
    today_is(date(2026, 1, 16))
    course = a_course(starts_on=START, interval=months(3), loaded_elsewhere=True)
    client.force_login(a_nurse(course.clinic))
    assert "No loading dose is left" in client.get(address(course)).content.decode()
    assert client.post(address(course), {"on_1": "2026-01-19", "at_1": "09:00"}).status_code == 200
    with pytest.raises(NotAllowed, match="have changed"):
        book(course, places(date(2026, 1, 19)), day=date(2026, 1, 16))
    assert not Appointment.objects.exists()


@pytest.mark.parametrize(
    "typed",
    [
        {},
        {"on_1": "nonsense", "at_1": "25:00"},
        {"on_1": "2026-02-31", "at_1": ""},
        {"on_3": "1990-01-01"},
        {"on_6": "2199-12-30", "at_6": "09:00"},
        {"at_2": "09:07"},
        {"on_2": "2026-01-10"},
    ],
)
def test_nothing_senseless_is_booked_and_the_page_comes_back(reception, course, typed):
    sent = sent_by(reception.get(address(course))) if typed else {}
    refused = reception.post(address(course), {**sent, **typed})
    assert refused.status_code == 422
    assert not Appointment.objects.exists()


def test_more_places_than_doses_are_refused(course):
    with pytest.raises(NotAllowed, match="have changed"):
        book(course, places(*DAYS, date(2026, 1, 19)))


def test_only_those_who_may_book_do(client, course):
    client.force_login(a_member(course.clinic, Role.AUDITOR))
    assert client.get(address(course)).status_code == 403
    client.force_login(a_nurse(a_clinic()))
    assert client.get(address(course)).status_code == 404
    with pytest.raises(NotAllowed, match="role"):
        book_loading(
            course=course,
            places=places(*DAYS),
            now=at(START, 8),
            booked_by=a_member(course.clinic, Role.AUDITOR),
        )


def test_proposing_takes_a_fixed_number_of_queries(reception, course):
    reception.get(address(course))
    counted = []
    for hour in (13, 14):
        with CaptureQueriesContext(connection) as queries:
            reception.get(address(course))
        counted.append(len(queries))
        book(course, places(*DAYS))
        for minute in (10, 20, 30):
            taken_by_another(course, DAYS[0], hour=hour, minute=minute)
    assert counted[0] == counted[1]


def test_the_page_is_reached_from_the_page_that_books_one_place(reception, course):
    assert (
        address(course)
        in reception.get(reverse("book_appointment", args=[course.patient_id])).content.decode()
    )


def test_all_loading_doses_are_booked_with_one_person_and_those_that_stay_get_another(reception, course):
    ana, ben = a_member(course.clinic, username="ana"), a_member(course.clinic, username="ben")
    sent = {**sent_by(reception.get(address(course))), "nurse": ana.pk, "save": "1"}
    assert reception.post(address(course), sent).status_code == 302
    assert {each.nurse for each in Appointment.objects.booked()} == {ana}
    again = {**sent_by(reception.get(address(course))), "at_2": "10:00", "save": "1"}
    assert again["nurse"] == str(ana.pk)
    assert reception.post(address(course), {**again, "nurse": ben.pk}).status_code == 302
    assert [each.nurse for each in Appointment.objects.booked()] == [ben] * 6
    assert Appointment.objects.filter(state="moved").count() == 1


def test_loading_doses_booked_with_several_people_stay_with_each_unless_one_is_named(reception, course):
    ana = a_member(course.clinic, username="ana")
    book(course, places(*DAYS))
    Appointment.objects.filter(on=DAYS[0]).update(nurse=ana)
    sent = sent_by(reception.get(address(course)))
    assert reception.post(address(course), {**sent, "save": "1"}).status_code == 302
    assert [each.nurse for each in Appointment.objects.booked()] == [ana, *[None] * 5]
    assert reception.post(address(course), {**sent, "nurse": "", "save": "1"}).status_code == 302
    assert {each.nurse for each in Appointment.objects.booked()} == {None}


def test_a_stranger_is_not_booked_with_and_showing_times_again_keeps_the_person(reception, course):
    ana, stranger = a_member(course.clinic), a_member(a_clinic())
    sent = sent_by(reception.get(address(course)))
    refused = reception.post(address(course), {**sent, "nurse": stranger.pk, "save": "1"})
    assert refused.status_code == 422
    assert not Appointment.objects.exists()
    again = reception.post(address(course), {**sent, "nurse": ana.pk, "again": "1"})
    assert sent_by(again)["nurse"] == str(ana.pk)
