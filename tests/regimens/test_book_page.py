"""The clinic's book by week, month and day, and who is due and not booked."""

from datetime import date, time, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from patients.models import Closure, Role
from regimens import book
from regimens.models import Appointment, Course
from regimens.protocol.intervals import months
from regimens.services import appointments
from tests.factories import a_clinic, a_course, a_member, a_nurse, a_patient, at
from tests.monitoring.crowd import a_crowd

pytestmark = pytest.mark.django_db

TODAY = date(2026, 7, 14)  # a Tuesday
MONDAY = date(2026, 7, 13)
PAGES = ("appointments", "appointments_month", "appointments_day", "appointments_not_booked")


@pytest.fixture(autouse=True)
def _today(today_is):
    today_is(TODAY)


@pytest.fixture
def clinic():
    return a_clinic(opens_at=time(9), closes_at=time(11), slots_per_hour=2)


@pytest.fixture
def reception(client, clinic):
    client.force_login(a_member(clinic, Role.RECEPTION))
    return client


def due(clinic, on, **details):
    """A course whose first dose is due on a day."""
    return a_course(a_patient(clinic, **details), starts_on=on, interval=months(3))


def booked(course, on, hour=9, minute=0):
    return appointments.book(
        course=course,
        subject="dose",
        on=on,
        at=time(hour, minute),
        now=at(TODAY, 8),
        booked_by=a_nurse(course.clinic),
    )


def day_of(response, on) -> book.Day:
    return next(day for day, _cells, _people in response.context["rows"] if day.on == on)


def test_a_week_shows_load_against_capacity_by_day_and_hour(reception, clinic):
    for hour, minute in ((9, 0), (9, 30), (10, 0)):
        booked(due(clinic, TODAY), TODAY, hour, minute)
    shown = reception.get(reverse("appointments"))
    day = day_of(shown, TODAY)
    assert [(hour.hour, hour.booked, hour.places, hour.word) for hour in day.hours] == [
        (9, 2, 2, "full"),
        (10, 1, 2, ""),
    ]
    assert (shown.context["booked"], shown.context["places"]) == (3, 20)
    assert "2 of 2" in shown.content.decode()


def test_a_day_that_was_closed_later_says_that_its_people_must_be_moved(reception, clinic):
    booked(due(clinic, TODAY), TODAY)
    Closure.objects.create(clinic=clinic, day=TODAY, reason="Flood")
    shown = reception.get(reverse("appointments"))
    day = day_of(shown, TODAY)
    assert (day.closed, day.booked, day.places) == ("Flood", 1, 0)
    assert "to be moved" in shown.content.decode()
    assert "must be moved" in reception.get(reverse("appointments_day")).content.decode()


def test_the_forecast_counts_every_dose_that_is_due_and_not_booked_on_the_day_it_is_expected(
    reception, clinic
):
    due(clinic, TODAY)
    booked(due(clinic, TODAY), date(2026, 7, 15))
    weekend = due(clinic, date(2026, 7, 17))
    Course.objects.filter(pk=weekend.pk).update(
        next_due_on=date(2026, 7, 18), window_opens_on=date(2026, 7, 4), window_closes_on=date(2026, 8, 1)
    )
    shown = reception.get(reverse("appointments"))
    assert day_of(shown, TODAY).not_booked == 1
    assert shown.context["waiting"] == 1
    following = reception.get(reverse("appointments"), {"on": "2026-07-20"})
    assert day_of(following, date(2026, 7, 20)).not_booked == 1
    behind = reception.get(reverse("appointments_not_booked"), {"from": "2026-07-20"})
    assert [row["id"] for row in behind.context["page"].rows] == [weekend.pk]


def test_who_has_a_place_before_the_window_opens_is_booked_all_the_same(reception, clinic):
    course = due(clinic, TODAY)
    window = {"window_opens_on": date(2026, 7, 16), "window_closes_on": date(2026, 7, 30)}
    Course.objects.filter(pk=course.pk).update(next_due_on=date(2026, 7, 17), **window)
    assert reception.get(reverse("appointments")).context["waiting"] == 1
    booked(course, TODAY)
    assert reception.get(reverse("appointments")).context["waiting"] == 0


def test_a_dose_whose_date_is_past_and_whose_window_is_open_is_expected_today(reception, clinic):
    course = due(clinic, TODAY)
    window = {"window_opens_on": date(2026, 6, 26), "window_closes_on": date(2026, 7, 24)}
    Course.objects.filter(pk=course.pk).update(next_due_on=date(2026, 7, 10), **window)
    assert day_of(reception.get(reverse("appointments")), TODAY).not_booked == 1
    assert len(reception.get(reverse("appointments_not_booked")).context["page"].rows) == 1


@pytest.mark.parametrize(
    "first", [date(2026, 6, 29), MONDAY, date(2026, 7, 20), date(2026, 7, 27), date(2026, 8, 31)]
)
def test_every_number_of_the_forecast_opens_the_list_behind_it(reception, clinic, first):
    Closure.objects.create(clinic=clinic, day=date(2026, 7, 21), reason="Training")
    a_crowd(clinic, 60, TODAY)
    for day in book.days(clinic, first, first + timedelta(days=6), TODAY):
        rows = book.not_booked(clinic, day.on, day.on, TODAY)
        assert day.not_booked == (rows.count() if clinic.days.is_open(day.on) else 0)
    whole = book.days(clinic, first, first + timedelta(days=6), TODAY)
    assert (
        sum(day.not_booked for day in whole)
        == book.not_booked(clinic, first, first + timedelta(days=6), TODAY).count()
    )


def test_the_sums_of_the_days_of_a_month_are_the_numbers_of_the_month(reception, clinic):
    a_crowd(clinic, 60, TODAY)
    shown = reception.get(reverse("appointments_month"))
    assert [day.on.day for day in shown.context["days"]] == list(range(1, 32))
    assert shown.context["waiting"] == sum(day.not_booked for day in shown.context["days"])
    assert "July 2026" in shown.content.decode()


@pytest.mark.parametrize(
    ("page", "on", "steps"),
    [
        ("appointments", "2026-07-14", ("2026-07-06", "2026-07-20")),
        ("appointments_month", "2026-01-31", ("2025-12-31", "2026-02-01")),
        ("appointments_day", "2026-07-14", ("2026-07-13", "2026-07-15")),
    ],
)
def test_one_steps_to_the_previous_and_the_next(reception, page, on, steps):
    shown = reception.get(reverse(page), {"on": on}).content.decode()
    for step in steps:
        assert f"{reverse(page)}?on={step}" in shown


@pytest.mark.parametrize("page", PAGES)
@pytest.mark.parametrize("on", ["nonsense", "2026-02-31", "0001-01-01", "9999-12-31", "", "2026-07-14T10:00"])
def test_an_address_that_names_no_day_shows_today(reception, page, on):
    assert reception.get(reverse(page), {"on": on, "from": on, "to": on, "after": on}).status_code == 200


def test_a_day_lists_who_comes_when_with_the_acts_on_each_booking(reception, clinic):
    second = booked(due(clinic, TODAY, family_name="Zola"), TODAY, 10)
    first = booked(due(clinic, TODAY, family_name="Adams"), TODAY, 9)
    shown = reception.get(reverse("appointments_day"))
    assert [row.pk for row in shown.context["booked"]] == [first.pk, second.pk]
    said = shown.content.decode()
    for act in ("move_appointment", "record_no_show"):
        assert reverse(act, args=[first.patient_id, first.pk]) in said


def test_who_was_moved_or_cancelled_is_not_on_the_days_list(reception, clinic):
    gone = booked(due(clinic, TODAY), TODAY)
    appointments.cancel(appointment=gone, because="patient", cancelled_by=a_nurse(clinic))
    assert "Nobody is booked" in reception.get(reverse("appointments_day")).content.decode()


def test_the_week_counts_with_whom_places_are_booked_and_leads_to_that_persons_day(reception, clinic):
    ana, ben = a_member(clinic, username="ana"), a_member(clinic, username="ben")
    for minute, hour, nurse in ((0, 9, ana), (30, 9, ana), (0, 10, ben), (30, 10, None)):
        booked(due(clinic, TODAY, family_name=f"Of {nurse}"), TODAY, hour, minute)
        Appointment.objects.filter(on=TODAY, at=time(hour, minute)).update(nurse=nurse)
    week = reception.get(reverse("appointments")).content.decode()
    assert "2 with ana" in week
    assert "1 with ben" in week
    assert f"on=2026-07-14&amp;with={ana.pk}" in week
    day = reception.get(reverse("appointments_day"), {"on": "2026-07-14", "with": ana.pk})
    assert [row.nurse for row in day.context["booked"]] == [ana, ana]
    assert "2 of 4 on this day" in day.content.decode()


@pytest.mark.parametrize("who", ["", "0", "nobody", "\x00", "999999"])
def test_a_person_nobody_is_booked_with_shows_everybody(reception, clinic, who):
    booked(due(clinic, TODAY), TODAY)
    Appointment.objects.update(nurse=a_member(clinic))
    day = reception.get(reverse("appointments_day"), {"on": "2026-07-14", "with": who})
    assert len(day.context["booked"]) == 1
    assert "Show everybody" not in day.content.decode()


@pytest.mark.parametrize("page", PAGES)
def test_the_book_is_for_those_who_book(client, clinic, page):
    for role in Role:
        client.force_login(a_member(clinic, role))
        assert client.get(reverse(page)).status_code == (403 if role == Role.AUDITOR else 200)


def test_another_clinics_book_is_not_seen(reception, clinic):
    elsewhere = a_clinic()
    booked(due(elsewhere, TODAY, family_name="Stranger"), TODAY)
    due(elsewhere, TODAY, family_name="Stranger")
    for page in PAGES:
        assert "STRANGER" not in reception.get(reverse(page)).content.decode()
    assert reception.get(reverse("appointments")).context["waiting"] == 0


def test_those_who_may_book_find_the_book_in_the_navigation(reception):
    assert ">Appointments</a>" in reception.get(reverse("appointments")).content.decode()


def test_the_book_takes_the_same_queries_at_ten_thousand_courses_as_at_a_hundred(client):
    """And each of the big tables is read along an index, by the days that are shown."""
    numbers, bytes_sent = [], []
    for size in (100, 10_000):
        clinic = a_clinic(name=f"Of {size}")
        a_crowd(clinic, size, TODAY)
        courses = list(Course.objects.filter(clinic=clinic)[:48])
        Appointment.objects.bulk_create(
            Appointment(
                clinic=clinic,
                patient_id=course.patient_id,
                course=course,
                subject="dose",
                due_on=course.next_due_on,
                on=TODAY,
                at=time(9 + number // 6, number % 6 * 10),
            )
            for number, course in enumerate(courses)
        )
        client.force_login(a_member(clinic, Role.RECEPTION))
        for page in PAGES:
            client.get(reverse(page))  # what a process asks once
        counted = []
        for page in PAGES:
            with CaptureQueriesContext(
                connection,
            ) as queries:
                answer = client.get(reverse(page))
            assert answer.status_code == 200
            counted.append(len(queries))
            bytes_sent.append(len(answer.content))
        numbers.append(counted)
    print(f"queries of {PAGES}: {numbers[1]}; bytes: {bytes_sent[-len(PAGES) :]}")
    assert numbers[0] == numbers[1]
    assert max(numbers[1]) <= 16
    assert max(bytes_sent) < 60_000


def test_the_forecast_is_read_along_the_index_of_due_dates():
    clinic = a_clinic()
    a_crowd(clinic, 3_000, TODAY)
    far = TODAY + timedelta(days=50)
    if (
        connection.vendor == "postgresql"
    ):  # three thousand rows it may rightly read whole; it must not need to
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL enable_seqscan = off")
    plan = book.not_booked(clinic, far, far + timedelta(days=6), TODAY).explain()
    assert "course_by_due_date" in plan or "course_by_window" in plan, plan
