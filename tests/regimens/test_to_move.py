"""A closure that comes later: who must be moved, where to, and the list that stays until it is empty."""

from datetime import date, time, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from patients.models import Clinic, Closure, Role
from regimens import to_move
from regimens.calendar_preview import Change, preview
from regimens.models import Appointment, Course
from regimens.protocol.intervals import months
from regimens.services import appointments, clinic_calendar
from tests.factories import a_clinic, a_course, a_member, a_nurse, a_patient, an_injection, at

pytestmark = pytest.mark.django_db

TODAY = date(2026, 7, 14)  # a Tuesday
DAY = date(2026, 7, 16)
LIST = "/appointments/to-move/"


@pytest.fixture(autouse=True)
def _today(today_is):
    today_is(TODAY)


@pytest.fixture
def clinic():
    return a_clinic()


@pytest.fixture
def manager(client, clinic):
    client.force_login(a_member(clinic, Role.MANAGER))
    return client


def in_maintenance(clinic, due_on=DAY):
    """A course whose next dose is due on a day, a fortnight either way."""
    course = a_course(a_patient(clinic), starts_on=TODAY, interval=months(3), loaded_elsewhere=True)
    Course.objects.filter(pk=course.pk).update(
        phase="maintenance",
        next_due_on=due_on,
        window_opens_on=due_on - timedelta(days=14),
        window_closes_on=due_on + timedelta(days=14),
    )
    course.refresh_from_db()
    return course


def booked(course, on=DAY, hour=10, minute=0):
    return appointments.book(
        course=course,
        subject="dose",
        on=on,
        at=time(hour, minute),
        now=at(TODAY, 8),
        booked_by=a_nurse(course.clinic),
    )


def closing(day=DAY, **more):
    return {
        "closure-day_day": str(day.day),
        "closure-day_month": str(day.month),
        "closure-day_year": str(day.year),
        "closure-reason": "Training",
        "save_closure": "1",
        **more,
    }


def closed(client, day=DAY):
    """Look at what the closure would move, and confirm it."""
    shown = client.post("/clinic/settings/", closing(day)).context["preview"].shown
    return client.post("/clinic/settings/", closing(day, shown=shown))


def proposed(clinic):
    clinic = Clinic.objects.get(pk=clinic.pk)
    return to_move.proposals(clinic, to_move.to_move(clinic, TODAY), at(TODAY, 8))


def test_before_a_closure_is_saved_it_is_shown_who_must_be_moved_and_where_to(manager, clinic):
    booked(in_maintenance(clinic))
    shown = manager.post("/clinic/settings/", closing())
    assert shown.status_code == 200
    assert not Closure.objects.exists()
    [row] = shown.context["preview"].rows
    assert (row.slot.on, row.slot.at, row.slot.in_window) == (date(2026, 7, 15), time(10), True)
    said = shown.content.decode()
    assert "1 appointment must be moved" in said
    assert "Wed 15-Jul-2026 at 10:00" in said


def test_once_it_is_saved_the_list_stays_until_everybody_was_moved(manager, clinic):
    first, second = booked(in_maintenance(clinic)), booked(in_maintenance(clinic), hour=11)
    assert closed(manager).url == LIST
    assert Closure.objects.get().day == DAY
    shown = manager.get(LIST)
    assert [row.booking.pk for row in shown.context["rows"]] == [first.pk, second.pk]
    assert "2 appointments must be moved" in manager.get("/appointments/").content.decode()
    assert "2 appointments must be moved" in manager.get("/clinic/settings/").content.decode()
    row = shown.context["rows"][0]
    sent = {"slot": f"{row.slot.on}T{row.slot.at:%H:%M}", "back": "to_move"}
    assert manager.post(reverse("move_appointment", args=[first.patient_id, first.pk]), sent).url == LIST
    assert [row.booking.pk for row in manager.get(LIST).context["rows"]] == [second.pk]
    appointments.cancel(appointment=second, because="clinic", cancelled_by=a_nurse(clinic))
    assert "Nobody must be moved" in manager.get(LIST).content.decode()
    assert "must be moved" not in manager.get("/appointments/").content.decode()


def test_a_closure_of_a_day_without_bookings_is_saved_at_once(manager, clinic):
    booked(in_maintenance(clinic), on=DAY + timedelta(days=1))
    assert manager.post("/clinic/settings/", closing()).url == "/clinic/settings/"


def test_a_day_that_is_closed_already_is_refused_as_before(manager, clinic):
    booked(in_maintenance(clinic))
    closed(manager)
    assert manager.post("/clinic/settings/", closing()).status_code == 422


def test_no_place_is_proposed_to_two(clinic):
    for minute in (0, 10, 20):
        booked(in_maintenance(clinic), minute=minute)
    Closure.objects.create(clinic=clinic, day=DAY, reason="Flood")
    Clinic.objects.filter(pk=clinic.pk).update(slots_per_hour=1)  # all three want 10:00 now
    found = [(row.slot.on, row.slot.at) for row in proposed(clinic)]
    assert len(found) == len(set(found)) == 3


def test_a_proposal_can_be_booked_as_it_stands(clinic):
    for minute in (0, 10, 20, 30):
        booked(in_maintenance(clinic), minute=minute)
    Closure.objects.create(clinic=clinic, day=DAY, reason="Flood")
    for row in proposed(clinic):
        appointments.move(
            appointment=row.booking,
            on=row.slot.on,
            at=row.slot.at,
            now=at(TODAY, 8),
            moved_by=a_nurse(clinic),
        )
    assert proposed(clinic) == []


def test_nobody_is_moved_to_today_and_nobody_further_than_must_be(clinic):
    """Due today, booked for Thursday: the day beside the one booked, and not the due date itself."""
    booked(in_maintenance(clinic, TODAY))
    booked(in_maintenance(clinic, TODAY), on=date(2026, 7, 15))
    for day in (DAY, date(2026, 7, 15)):
        Closure.objects.create(clinic=clinic, day=day, reason="Flood")
    assert [row.slot.on for row in proposed(clinic)] == [date(2026, 7, 17)] * 2


def test_where_the_window_holds_no_open_day_the_nearest_one_after_it_is_proposed_and_said_so(manager, clinic):
    booked(in_maintenance(clinic))
    Closure.objects.bulk_create(
        Closure(clinic=clinic, day=DAY + timedelta(days=number), reason="Works") for number in range(-14, 15)
    )
    [row] = proposed(clinic)
    assert (row.slot.on, row.slot.in_window) == (date(2026, 7, 31), False)
    assert "Outside the window" in manager.get(LIST).content.decode()


def test_a_loading_dose_is_proposed_for_the_day_it_moves_to(clinic):
    course = a_course(a_patient(clinic), starts_on=TODAY, interval=months(3))
    an_injection(course, TODAY)
    booked(Course.objects.get(pk=course.pk))
    [row] = preview(Clinic.objects.get(pk=clinic.pk), Change(closing=frozenset({DAY})), at(TODAY, 8)).rows
    assert (row.slot.on, row.slot.in_window) == (date(2026, 7, 17), True)
    clinic_calendar.add_closure(
        clinic=clinic, day=DAY, reason="Training", changed_by=a_member(clinic, Role.MANAGER)
    )
    [row] = proposed(clinic)
    assert (row.slot.on, row.why) == (date(2026, 7, 17), "The clinic is closed on this day")


def test_other_hours_other_days_an_earlier_window_and_a_pause_put_bookings_on_the_list_too(clinic):
    early, late, paused, weekday = (
        booked(in_maintenance(clinic), minute=0),
        booked(in_maintenance(clinic), hour=16),
        booked(in_maintenance(clinic), minute=10),
        booked(in_maintenance(clinic), on=date(2026, 7, 17)),
    )
    Course.objects.filter(pk=early.course_id).update(window_opens_on=date(2026, 7, 20))
    Course.objects.filter(pk=paused.course_id).update(
        paused_on=TODAY, paused_until=date(2026, 8, 1), pause_reason="Travels"
    )
    Clinic.objects.filter(pk=clinic.pk).update(closes_at=time(16), open_weekdays="0123")
    assert {row.booking.pk: row.why for row in proposed(clinic)} == {
        early.pk: "Before the window of the dose opens",
        late.pk: "Outside the clinic's hours",
        paused.pk: "Nothing is to be given before the end of a pause",
        weekday.pk: "The clinic is closed on this day",
    }


def test_public_holidays_that_were_booked_lead_to_the_list(client):
    clinic = a_clinic(holidays_country="GB", holidays_region="ENG")
    client.force_login(a_member(clinic, Role.MANAGER))
    booked(in_maintenance(clinic, date(2026, 8, 31)), on=date(2026, 8, 31))
    shown = client.post(reverse("add_holidays", args=[2026]))
    assert "1 appointment must be moved" in shown.content.decode()
    assert not Closure.objects.exists()
    confirmed = {"shown": shown.context["preview"].shown}
    assert client.post(reverse("add_holidays", args=[2026]), confirmed).url == LIST
    assert client.post(reverse("add_holidays", args=[2026])).url == "/clinic/settings/"


def test_reception_works_the_list_off_and_the_auditor_does_not_see_it(client, clinic):
    booked(in_maintenance(clinic))
    Closure.objects.create(clinic=clinic, day=DAY, reason="Flood")
    for role in Role:
        client.force_login(a_member(clinic, role))
        assert client.get(LIST).status_code == (403 if role == Role.AUDITOR else 200)
    client.force_login(a_nurse(a_clinic()))
    assert client.get(LIST).context["rows"] == []


def test_the_list_takes_the_same_queries_for_one_as_for_many(client, clinic):
    client.force_login(a_member(clinic, Role.RECEPTION))
    Closure.objects.create(clinic=clinic, day=date(2026, 7, 20), reason="Flood")
    counted = []
    for size in (2, 12):
        while Appointment.objects.count() < size:
            number = Appointment.objects.count()
            course = (
                in_maintenance(clinic)
                if number % 2
                else a_course(a_patient(clinic), starts_on=TODAY, interval=months(3))
            )
            Appointment.objects.create(
                clinic=clinic,
                patient=course.patient,
                course=course,
                subject="dose",
                due_on=course.next_due_on,
                on=date(2026, 7, 20),
                at=time(9 + number // 6, number % 6 * 10),
            )
        client.get(LIST)
        with CaptureQueriesContext(connection) as queries:
            assert len(client.get(LIST).context["rows"]) == size
        counted.append(len(queries))
    assert counted[0] == counted[1]
