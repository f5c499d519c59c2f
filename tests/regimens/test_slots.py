"""The clinic's slots: when they begin, which are free, and which are offered for a dose."""

from collections import Counter
from datetime import date, time, timedelta

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from patients.models import Clinic, Closure
from regimens import slots
from regimens.models import Course
from regimens.protocol.intervals import months
from regimens.services import appointments
from tests.factories import a_clinic, a_course, a_nurse, a_patient, an_injection, at

DUE = date(2026, 4, 16)  # a Thursday; in time from 2 to 30 April


def a_day(opens="09:00", closes="17:00", an_hour=6) -> Clinic:
    return Clinic(
        opens_at=time.fromisoformat(opens), closes_at=time.fromisoformat(closes), slots_per_hour=an_hour
    )


def test_six_places_an_hour_begin_every_ten_minutes():
    assert slots.slot_times(a_day(closes="10:00")) == [time(9, minute) for minute in range(0, 60, 10)]


def test_seven_places_an_hour_are_seven_in_each_hour():
    assert set(slots.capacity(a_day(an_hour=7)).values()) == {7}


def test_a_slot_ends_before_the_clinic_closes():
    assert slots.slot_times(a_day("09:30", "10:45", an_hour=2)) == [time(9, 30), time(10)]


clinics = st.builds(
    lambda opens, length, an_hour: a_day(
        f"{opens // 60:02}:{opens % 60:02}",
        f"{(opens + length) // 60:02}:{(opens + length) % 60:02}",
        an_hour,
    ),
    st.integers(0, 700),
    st.integers(1, 700),
    st.integers(1, 60),
)
times = st.builds(time, st.integers(0, 23), st.integers(0, 59))


@settings(max_examples=300)
@given(clinics, st.sets(times, max_size=40))
def test_whatever_was_booked_before_filling_every_free_slot_never_exceeds_an_hours_capacity(clinic, booked):
    most = slots.capacity(clinic)
    before, now = Counter(each.hour for each in booked), set(booked)
    while free := slots.free(clinic, now):
        assert free[0] not in now
        now.add(free[0])
    for hour, number in Counter(each.hour for each in now).items():
        assert number <= max(most[hour], before[hour])


@given(clinics)
@example(a_day("00:00", "00:01", 1))
def test_an_empty_day_offers_every_slot_and_no_more_than_it_has_room_for(clinic):
    assert slots.free(clinic, ()) == slots.slot_times(clinic)
    minutes = (clinic.closes_at.hour - clinic.opens_at.hour) * 60 + clinic.closes_at.minute
    minutes -= clinic.opens_at.minute
    # Slots begin on whole minutes, so the last one may end up to a minute early.
    assert 0 <= len(slots.slot_times(clinic)) - clinic.slots_per_hour * minutes // 60 <= 1


def test_a_time_booked_under_other_settings_takes_the_slot_it_falls_into():
    quarters = a_day(closes="10:00", an_hour=4)
    assert slots.free(quarters, [time(9, 10)]) == [time(9, 15), time(9, 30), time(9, 45)]


def test_a_slot_that_is_running_may_still_be_given_and_one_that_is_over_may_not():
    assert slots.free(a_day(closes="10:00"), (), after=time(9, 45))[0] == time(9, 40)


@pytest.fixture
def course(today_is):
    """Loaded in January; the next dose is due on 16 April."""
    today_is(date(2026, 1, 16))
    course = a_course(starts_on=date(2026, 1, 16), interval=months(3), loaded_elsewhere=True)
    an_injection(course, date(2026, 1, 16))
    return Course.objects.select_related("clinic", "patient").get(pk=course.pk)


@pytest.mark.django_db
def test_the_places_offered_are_inside_the_window_and_nearest_to_the_due_date_first(course):
    found = slots.offered(course, at(date(2026, 1, 19)), limit=400)
    assert found[0].on == DUE
    assert {slot.on for slot in found} <= {date(2026, 4, day) for day in range(2, 31)}
    distances = [abs((slot.on - DUE).days) for slot in found]
    assert distances == sorted(distances)
    assert all(slot.in_window and course.clinic.days.is_open(slot.on) for slot in found)


@pytest.mark.django_db
def test_a_day_is_offered_by_its_parts_and_not_minute_by_minute(course):
    found = slots.offered(course, at(date(2026, 1, 19)))
    assert [(slot.on.day, f"{slot.at:%H:%M}") for slot in found] == [
        (16, "09:00"),
        (16, "13:00"),
        (15, "09:00"),
        (15, "13:00"),
        (17, "09:00"),
        (17, "13:00"),
    ]


@pytest.mark.django_db
def test_a_full_window_offers_the_first_places_after_it_and_says_so(course):
    Closure.objects.bulk_create(
        Closure(clinic=course.clinic, day=date(2026, 4, day), reason="Works") for day in range(2, 31)
    )
    found = slots.offered(course, at(date(2026, 1, 19)), limit=1)
    assert [(slot.on, slot.in_window) for slot in found] == [(date(2026, 5, 1), False)]


@pytest.mark.django_db
def test_a_late_dose_is_offered_from_today_on(course):
    [first, *_] = slots.offered(course, at(date(2026, 7, 3), hour=16))
    assert (first.on, first.in_window) == (date(2026, 7, 3), False)
    assert first.at >= time(16)


@pytest.mark.django_db
def test_a_clinic_that_is_closed_for_months_offers_nothing(course):
    Closure.objects.bulk_create(
        Closure(clinic=course.clinic, day=date(2026, 4, 1) + timedelta(days=day), reason="Works")
        for day in range(120)
    )
    assert slots.offered(course, at(date(2026, 1, 19))) == []


@pytest.mark.django_db
def test_offering_takes_the_same_queries_however_full_the_book_is(course, django_assert_num_queries):
    now = at(date(2026, 1, 19))
    for minute in (0, 10, 20):
        other = a_course(a_patient(course.clinic), starts_on=DUE, interval=months(3))
        appointments.book(
            course=other,
            subject="dose",
            on=DUE,
            at=time(9, minute),
            now=now,
            booked_by=a_nurse(course.clinic),
        )
    again = Course.objects.select_related("clinic").get(pk=course.pk)
    with django_assert_num_queries(2):
        assert slots.offered(again, now)[0].at == time(9, 30)


@pytest.mark.django_db
def test_two_clinics_keep_books_of_their_own(course):
    elsewhere = a_course(a_patient(a_clinic()), starts_on=DUE, interval=months(3))
    now = at(date(2026, 1, 19))
    appointments.book(
        course=elsewhere, subject="dose", on=DUE, at=time(9), now=now, booked_by=a_nurse(elsewhere.clinic)
    )
    assert slots.offered(course, now)[0].at == time(9)
