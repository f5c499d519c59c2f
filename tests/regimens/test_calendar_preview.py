"""A change of opening days or hours is shown before it is saved, and is saved only as it was shown."""

import re
from datetime import date, time, timedelta
from random import Random

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from patients.models import AuditEntry, Clinic, Closure, Role
from patients.refusals import Stale
from regimens import to_move
from regimens.calendar_preview import Change, preview
from regimens.models import Appointment, Course
from regimens.protocol.intervals import months
from regimens.services import appointments, clinic_calendar
from tests.factories import a_clinic, a_course, a_member, a_nurse, a_patient, an_injection, at

pytestmark = pytest.mark.django_db

TODAY = date(2026, 7, 14)  # a Tuesday
URL = "/clinic/settings/"
NOW = at(TODAY, 10)


@pytest.fixture(autouse=True)
def _today(today_is):
    today_is(TODAY)


@pytest.fixture
def clinic():
    return Clinic.objects.get(pk=a_clinic().pk)


@pytest.fixture
def manager(client, clinic):
    client.force_login(a_member(clinic, Role.MANAGER))
    return client


def loading(clinic, starts_on=date(2026, 7, 15), **details):
    return a_course(a_patient(clinic, **details), starts_on=starts_on, interval=months(3))


def in_maintenance(clinic, due_on=date(2026, 7, 22)):
    course = a_course(a_patient(clinic), starts_on=TODAY, interval=months(3), loaded_elsewhere=True)
    window = {
        "window_opens_on": due_on - timedelta(days=14),
        "window_closes_on": due_on + timedelta(days=14),
    }
    Course.objects.filter(pk=course.pk).update(phase="maintenance", next_due_on=due_on, **window)
    course.refresh_from_db()
    return course


def booked(course, on, hour=10, minute=0):
    return appointments.book(
        course=course,
        subject="dose",
        on=on,
        at=time(hour, minute),
        now=at(TODAY, 8),
        booked_by=a_nurse(course.clinic),
    )


def days(*numbers):
    return {"opening-open_weekdays": [str(number) for number in numbers], "save_opening": "1"}


def hours(client, **changes):
    """The form of hours and letters as it stands, with what is changed."""
    form = client.get(URL).context["settings"]
    sent = {field.html_name: field.value() for field in form if field.value() not in (None, False)}
    return {**sent, **{f"settings-{name}": value for name, value in changes.items()}, "save_settings": "1"}


def hidden(response) -> dict:
    """What the confirmation page would send."""
    fields = re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)">', response.content.decode())
    sent: dict[str, list] = {}
    for name, value in fields:
        if name != "csrfmiddlewaretoken":
            sent.setdefault(name, []).append(value)
    return sent


def test_new_opening_days_show_who_must_be_moved_and_which_loading_doses_get_other_days(manager, clinic):
    booked(in_maintenance(clinic), date(2026, 7, 22))
    course = loading(clinic, family_name="Aoki")
    shown = manager.post(URL, days(1, 3))
    assert shown.status_code == 200
    assert Clinic.objects.get(pk=clinic.pk).open_weekdays == "01234"
    said = shown.content.decode()
    assert "1 appointment must be moved, and 1 patient in loading gets other days" in said
    assert "AOKI" in said
    assert "Wed 15-Jul-2026 becomes <strong>Thu 16-Jul-2026</strong>" in said
    [row] = shown.context["preview"].rows
    assert (row.why, row.slot.on.weekday() in (1, 3)) == ("The clinic is closed on this day", True)
    saved = manager.post(URL, {**hidden(shown), "save_opening": "1"})
    assert saved.url == "/appointments/to-move/"
    assert Clinic.objects.get(pk=clinic.pk).open_weekdays == "13"
    assert Course.objects.get(pk=course.pk).next_due_on == date(2026, 7, 16)
    assert AuditEntry.objects.filter(act="changed opening days").count() == 1


def test_a_change_that_moves_nothing_is_saved_at_once(manager, clinic):
    booked(in_maintenance(clinic), date(2026, 7, 22))
    assert manager.post(URL, days(0, 1, 2, 3, 4, 5)).url == URL
    assert Clinic.objects.get(pk=clinic.pk).open_weekdays == "012345"


def test_shorter_hours_show_whom_they_leave_outside_and_keep_everything_else_that_was_typed(manager, clinic):
    late = booked(in_maintenance(clinic), date(2026, 7, 22), hour=16)
    shown = manager.post(URL, hours(manager, closes_at="16:00", address="1 Mill Lane"))
    assert [row.booking.pk for row in shown.context["preview"].rows] == [late.pk]
    assert "Outside the clinic" in shown.content.decode()
    assert Clinic.objects.get(pk=clinic.pk).closes_at == time(17)
    manager.post(URL, {**hidden(shown), "save_settings": "1"})
    saved = Clinic.objects.get(pk=clinic.pk)
    assert (saved.closes_at, saved.address, saved.sends_lab_reminders) == (time(16), "1 Mill Lane", True)


def test_fewer_places_name_the_hours_that_hold_more_and_move_nobody(manager, clinic):
    for minute in (0, 10, 20):
        booked(in_maintenance(clinic), date(2026, 7, 22), minute=minute)
    shown = manager.post(URL, hours(manager, slots_per_hour="2"))
    assert "Wed 22-Jul-2026 from 10:00: 3 booked, 2 places" in shown.content.decode()
    assert shown.context["preview"].total == 0
    assert manager.post(URL, {**hidden(shown), "save_settings": "1"}).url == URL
    assert Clinic.objects.get(pk=clinic.pk).slots_per_hour == 2


def test_letters_are_saved_without_a_question(manager, clinic):
    booked(in_maintenance(clinic), date(2026, 7, 22), hour=16)
    assert manager.post(URL, hours(manager, letters_from="10:00")).url == URL


def test_what_must_be_moved_already_is_not_counted_again(manager, clinic):
    booked(in_maintenance(clinic), date(2026, 7, 22))
    Closure.objects.create(clinic=clinic, day=date(2026, 7, 22), reason="Flood")
    assert manager.post(URL, days(0, 1, 3, 4)).url == URL


@pytest.mark.parametrize("meanwhile", ["a booking", "a booking moved", "a dose", "a closure", "the hours"])
def test_what_changed_since_it_was_shown_refuses_and_is_shown_again(manager, clinic, meanwhile):
    first = booked(in_maintenance(clinic), date(2026, 7, 22))
    course = loading(clinic)
    shown = manager.post(URL, days(1, 3))
    if meanwhile == "a booking":
        booked(in_maintenance(clinic), date(2026, 7, 22), hour=11)
    if meanwhile == "a booking moved":
        appointments.move(
            appointment=first, on=date(2026, 7, 24), at=time(9), now=NOW, moved_by=a_nurse(clinic)
        )
    if meanwhile == "a dose":
        an_injection(course, TODAY)
    if meanwhile == "a closure":
        Closure.objects.create(clinic=clinic, day=date(2026, 7, 27), reason="Training")
    if meanwhile == "the hours":
        Clinic.objects.filter(pk=clinic.pk).update(closes_at=time(16))
    refused = manager.post(URL, {**hidden(shown), "save_opening": "1"})
    assert refused.status_code == 422
    assert "has changed since you looked" in refused.content.decode()
    assert Clinic.objects.get(pk=clinic.pk).open_weekdays == "01234"
    assert manager.post(URL, {**hidden(refused), "save_opening": "1"}).status_code == 302
    assert Clinic.objects.get(pk=clinic.pk).open_weekdays == "13"


def test_a_confirmation_of_other_days_than_were_shown_saves_nothing(manager, clinic):
    booked(in_maintenance(clinic), date(2026, 7, 22))
    shown = hidden(manager.post(URL, days(0, 1, 3, 4)))
    refused = manager.post(URL, {**shown, **days(0)})
    assert refused.status_code == 422
    assert Clinic.objects.get(pk=clinic.pk).open_weekdays == "01234"


def test_what_changes_between_the_last_look_and_the_lock_is_refused_by_the_service(clinic):
    change = Change(open_weekdays="13")
    shown = preview(clinic, change, NOW).shown
    booked(in_maintenance(clinic), date(2026, 7, 22))
    with pytest.raises(Stale, match="changed since you looked"):
        clinic_calendar.change_as_shown(
            clinic=clinic,
            change=change,
            shown=shown,
            now=NOW,
            doing=clinic_calendar.change_opening_days,
            changed_by=a_member(clinic, Role.MANAGER),
            open_weekdays="13",
        )
    assert Clinic.objects.get(pk=clinic.pk).open_weekdays == "01234"


@pytest.mark.parametrize("seed", range(4))
def test_what_was_shown_is_what_happens(clinic, seed):
    """Random books and random new days: the bookings astray and the loading dates afterwards are those foretold."""
    rng = Random(seed)  # noqa: S311 - a test
    for number in range(12):
        starts_on = TODAY + timedelta(days=rng.randrange(4))
        course = loading(clinic, starts_on) if number % 2 else in_maintenance(clinic)
        if rng.random() < 0.7:
            on = clinic.days.next_open(TODAY + timedelta(days=rng.randrange(1, 12)))
            Appointment.objects.create(
                clinic=clinic,
                patient=course.patient,
                course=course,
                subject="dose",
                due_on=course.next_due_on,
                on=on,
                at=time(9 + number // 2, number % 2 * 30),
            )
    asked = "".join(str(day) for day in sorted(rng.sample(range(7), rng.randrange(1, 4))))
    before = set(to_move.to_move(clinic, TODAY).values_list("pk", flat=True))
    due = dict(Course.objects.values_list("pk", "next_due_on"))
    change = Change(open_weekdays=asked)
    seen = preview(clinic, change, NOW)
    clinic_calendar.change_as_shown(
        clinic=clinic,
        change=change,
        shown=seen.shown,
        now=NOW,
        doing=clinic_calendar.change_opening_days,
        changed_by=a_member(clinic, Role.MANAGER),
        open_weekdays=asked,
    )
    saved = Clinic.objects.get(pk=clinic.pk)
    astray = set(to_move.to_move(saved, TODAY).values_list("pk", flat=True)) - before
    assert astray == {row.booking.pk for row in seen.rows}
    moved = {key: on for key, on in Course.objects.values_list("pk", "next_due_on") if on != due[key]}
    foretold = {each.course.pk: dict(each.days).get(due[each.course.pk]) for each in seen.loading}
    assert moved == {key: on for key, on in foretold.items() if on}


def test_looking_costs_the_same_queries_for_a_few_as_for_many(clinic):
    counted = []
    for size in (2, 12):
        while Appointment.objects.count() < size:
            number = Appointment.objects.count()
            course = loading(clinic) if number % 2 else in_maintenance(clinic)
            Appointment.objects.create(
                clinic=clinic,
                patient=course.patient,
                course=course,
                subject="dose",
                due_on=course.next_due_on,
                on=date(2026, 7, 22),
                at=time(9 + number // 6, number % 6 * 10),
            )
        with CaptureQueriesContext(connection) as queries:
            assert preview(Clinic.objects.get(pk=clinic.pk), Change(open_weekdays="13"), NOW).total == size
        counted.append(len(queries))
    assert counted[0] == counted[1]
