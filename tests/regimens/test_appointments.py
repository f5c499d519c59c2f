"""Bookings as acts: moved with their trail, cancelled with a reason, missed, kept; never more than there is room for."""

from collections import Counter
from contextlib import suppress
from datetime import date, time, timedelta
from random import Random

import pytest
from django.db import IntegrityError, transaction

from patients.models import AuditEntry, Closure, Role
from patients.refusals import NotAllowed
from regimens import slots
from regimens.models import Appointment, Course, NotGiven
from regimens.protocol.intervals import months
from regimens.services import appointments, clinic_calendar, injections, not_given
from tests.factories import a_clinic, a_course, a_member, a_nurse, a_patient, a_physician, an_injection, at

pytestmark = pytest.mark.django_db

DUE = date(2026, 4, 16)  # a Thursday; in time from 2 to 30 April


@pytest.fixture
def course(today_is):
    today_is(date(2026, 1, 16))
    course = a_course(starts_on=date(2026, 1, 16), interval=months(3), loaded_elsewhere=True)
    an_injection(course, date(2026, 1, 16))
    return Course.objects.select_related("clinic", "patient").get(pk=course.pk)


@pytest.fixture
def reception(course):
    return a_member(course.clinic, Role.RECEPTION)


def booked(course, on=DUE, hour=10, minute=0, subject="dose", today=date(2026, 1, 19)):
    return appointments.book(
        course=course,
        subject=subject,
        on=on,
        at=time(hour, minute),
        now=at(today),
        booked_by=a_nurse(course.clinic),
    )


def moved(appointment, on, hour=10, by=None, today=date(2026, 1, 19)):
    return appointments.move(
        appointment=appointment,
        on=on,
        at=time(hour),
        now=at(today),
        moved_by=by or a_nurse(appointment.clinic),
    )


def test_a_move_is_one_act_that_keeps_who_from_and_to(course, reception):
    first = booked(course)
    second = moved(first, date(2026, 4, 20), by=reception)
    first.refresh_from_db()
    assert (first.state, first.closed_by, first.moved_to) == ("moved", reception, second)
    assert (second.moved_from, second.booked_by, second.on) == (first, reception, date(2026, 4, 20))
    line = AuditEntry.objects.get(act="moved appointment")
    assert line.actor == reception
    assert line.detail == {
        "appointment": second.pk,
        "on": "2026-04-20 10:00",
        "moved_from": first.pk,
        "was": "2026-04-16 10:00",
    }


def test_a_move_is_the_next_round_so_that_the_patient_hears_again(course):
    first = booked(course)
    second = moved(first, date(2026, 4, 20))
    assert (first.round, second.round, second.due_on) == (1, 2, DUE)


def test_a_move_may_go_to_the_slot_beside_its_own(course):
    Appointment.objects.filter(pk=booked(course).pk).update(at=time(10, 5))
    assert moved(Appointment.objects.get(), DUE, hour=10).at == time(10)


def test_a_refused_move_leaves_the_old_place_booked(course):
    first = booked(course)
    other = a_course(a_patient(course.clinic), starts_on=DUE, interval=months(3))
    booked(other, hour=11)
    with pytest.raises(NotAllowed, match="just taken"):
        moved(first, DUE, hour=11)
    first.refresh_from_db()
    assert first.state == "booked"


@pytest.mark.parametrize("state", ["kept", "moved", "no_show"])
def test_what_is_not_booked_any_more_is_not_moved(course, state):
    first = booked(course)
    Appointment.objects.filter(pk=first.pk).update(state=state)
    with pytest.raises(NotAllowed, match="not booked any more"):
        moved(first, date(2026, 4, 20))


def test_a_booking_for_a_date_that_was_overtaken_serves_the_date_that_is_due_once_it_is_moved(course):
    early = booked(course)
    Appointment.objects.filter(pk=early.pk).update(due_on=date(2026, 4, 9))
    assert moved(early, date(2026, 4, 20)).due_on == DUE


def test_cancelling_needs_one_of_the_reasons_that_a_person_may_give(course, reception):
    appointment = booked(course)
    for because in ("", "given", "unknown", "whatever"):
        with pytest.raises(NotAllowed) as refusal:
            appointments.cancel(appointment=appointment, because=because, cancelled_by=reception)
        assert refusal.value.field == "because"
    appointments.cancel(appointment=appointment, because="clinic", cancelled_by=reception)
    assert AuditEntry.objects.get(act="cancelled appointment").detail["because"] == "clinic"


def test_the_database_wants_a_reason_for_every_cancelled_booking_and_for_no_other(course):
    appointment = booked(course)
    rows = Appointment.objects.filter(pk=appointment.pk)
    for wrong in ({"state": "cancelled"}, {"cancelled_because": "clinic"}):
        with pytest.raises(IntegrityError), transaction.atomic():
            rows.update(**wrong)


def test_a_no_show_by_a_nurse_is_a_dose_not_given(course, today_is):
    appointment = booked(course)
    today_is(DUE, time(11))
    row = appointments.record_no_show(
        appointment=appointment, now=at(DUE, 11), recorded_by=a_nurse(course.clinic)
    )
    appointment.refresh_from_db()
    assert appointment.state == "no_show"
    assert (row.reason, row.on, row.due_on) == ("dna", DUE, DUE)


def test_a_no_show_by_reception_closes_the_booking_and_leaves_the_dose_to_a_nurse(course, reception):
    appointment = booked(course)
    row = appointments.record_no_show(appointment=appointment, now=at(DUE, 11), recorded_by=reception)
    assert row is None
    assert not NotGiven.objects.exists()
    assert not_given.record_not_given(
        course=course, on=DUE, reason="dna", now=at(DUE, 12), recorded_by=a_nurse(course.clinic)
    )


def test_nobody_misses_an_appointment_that_is_still_to_come(course, reception):
    appointment = booked(course)
    with pytest.raises(NotAllowed, match="not come yet"):
        appointments.record_no_show(appointment=appointment, now=at(DUE, 9), recorded_by=reception)


def test_somebody_who_was_injected_that_day_did_attend(course, reception, today_is):
    appointment = booked(course)
    today_is(DUE)
    an_injection(course, DUE)
    Appointment.objects.filter(pk=appointment.pk).update(state="booked")
    with pytest.raises(NotAllowed, match="the patient came"):
        appointments.record_no_show(appointment=appointment, now=at(DUE, 11), recorded_by=reception)


def test_a_missed_blood_test_is_no_dose_not_given(course):
    appointment = booked(course, subject="lab")
    assert (
        appointments.record_no_show(
            appointment=appointment, now=at(DUE, 11), recorded_by=a_nurse(course.clinic)
        )
        is None
    )
    assert not NotGiven.objects.exists()


def test_an_injection_later_that_day_leaves_no_no_show_standing(course, today_is):
    appointment = booked(course)
    today_is(DUE, time(11))
    nurse = a_nurse(course.clinic)
    row = appointments.record_no_show(appointment=appointment, now=at(DUE, 11), recorded_by=nurse)
    an_injection(course, DUE, site="DELTOID_R")
    appointment.refresh_from_db()
    row.refresh_from_db()
    assert appointment.state == "kept"
    assert (row.voided_by, row.void_reason) == (nurse, appointments.CAME_AFTER_ALL)


def test_a_no_show_recorded_by_mistake_is_booked_again_once_it_is_voided(course, today_is):
    appointment = booked(course)
    today_is(DUE, time(11))
    nurse = a_nurse(course.clinic)
    row = appointments.record_no_show(appointment=appointment, now=at(DUE, 11), recorded_by=nurse)
    not_given.void_not_given(row=row, voided_by=nurse, reason="They sat in the other room", now=at(DUE, 12))
    appointment.refresh_from_db()
    assert (appointment.state, appointment.closed_at) == ("booked", None)


def test_a_voided_no_show_takes_no_place_from_a_booking_made_since(course, today_is):
    appointment = booked(course)
    today_is(DUE, time(11))
    nurse = a_nurse(course.clinic)
    row = appointments.record_no_show(appointment=appointment, now=at(DUE, 11), recorded_by=nurse)
    again = booked(course, on=date(2026, 4, 17), today=DUE)
    not_given.void_not_given(row=row, voided_by=nurse, reason="They sat in the other room", now=at(DUE, 12))
    appointment.refresh_from_db()
    assert appointment.state == "no_show"
    assert Appointment.objects.booked().get() == again


def test_what_was_declined_in_the_morning_stays_on_record_though_it_was_given_later(course, today_is):
    today_is(DUE)
    row = not_given.record_not_given(
        course=course, on=DUE, reason="refused", now=at(DUE), recorded_by=a_nurse(course.clinic)
    )
    an_injection(course, DUE, site="DELTOID_R")
    row.refresh_from_db()
    assert row.voided_at is None


def test_a_dose_had_elsewhere_frees_the_days_booking_and_excuses_nobody(course, today_is):
    appointment = booked(course)
    today_is(DUE)
    an_injection(course, DUE, already_given=True, source="elsewhere", source_name="Ward 3")
    appointment.refresh_from_db()
    assert (appointment.state, appointment.cancelled_because) == ("cancelled", "elsewhere")


def test_a_dose_given_before_its_booking_frees_the_booking(course, today_is):
    appointment = booked(course, on=date(2026, 4, 20))
    today_is(DUE)
    an_injection(course, DUE)
    appointment.refresh_from_db()
    assert (appointment.state, appointment.cancelled_because) == ("cancelled", "given")


def test_a_dose_that_does_not_count_frees_no_later_booking(course, today_is):
    appointment = booked(course, on=date(2026, 4, 20))
    today_is(DUE)
    an_injection(course, DUE, partial=True)
    appointment.refresh_from_db()
    assert appointment.state == "booked"


def test_a_late_entry_of_an_old_dose_frees_no_booking(course, today_is):
    appointment = booked(course)
    today_is(date(2026, 2, 1))
    an_injection(course, date(2026, 1, 10), already_given=True)
    appointment.refresh_from_db()
    assert appointment.state == "booked"


def test_voiding_a_wrong_record_books_again_what_it_had_closed(course, today_is):
    appointment = booked(course, on=date(2026, 4, 20))
    today_is(DUE)
    wrong = an_injection(course, DUE)
    injections.void_injection(
        injection=wrong, now=at(DUE), voided_by=a_nurse(course.clinic), reason="Wrong patient"
    )
    appointment.refresh_from_db()
    assert (appointment.state, appointment.cancelled_because, appointment.closed_at) == ("booked", "", None)


def test_voiding_gives_back_no_place_that_somebody_else_has_by_now(course, today_is):
    appointment = booked(course, on=date(2026, 4, 20))
    today_is(DUE)
    wrong = an_injection(course, DUE)
    booked(
        a_course(a_patient(course.clinic), starts_on=DUE, interval=months(3)), on=date(2026, 4, 20), today=DUE
    )
    injections.void_injection(
        injection=wrong, now=at(DUE), voided_by=a_nurse(course.clinic), reason="Wrong patient"
    )
    appointment.refresh_from_db()
    assert appointment.state == "cancelled"


def test_only_those_who_may_book_move_cancel_and_record_a_no_show(course):
    appointment = booked(course)
    for stranger in (a_member(course.clinic, Role.AUDITOR), a_nurse(a_clinic())):
        with pytest.raises(NotAllowed, match="role"):
            moved(appointment, date(2026, 4, 20), by=stranger)
        with pytest.raises(NotAllowed, match="role"):
            appointments.cancel(appointment=appointment, because="clinic", cancelled_by=stranger)
        with pytest.raises(NotAllowed, match="role"):
            appointments.record_no_show(appointment=appointment, now=at(DUE, 11), recorded_by=stranger)


def test_a_smaller_capacity_is_kept_with_bookings_that_were_made_before_it(course):
    clinic = course.clinic
    for minute in (0, 10):
        booked(a_course(a_patient(clinic), starts_on=DUE, interval=months(3)), minute=minute)
    clinic.slots_per_hour = 2
    clinic.save()
    with pytest.raises(NotAllowed, match="just taken"):
        booked(course, minute=30)


@pytest.mark.parametrize("seed", range(6))
def test_no_plan_of_bookings_ever_exceeds_capacity_or_falls_on_a_closed_day(seed, today_is):
    """Books, moves, cancels, closes days and changes the hours at random, and looks at the whole book after each."""
    rng = Random(seed)
    today_is(date(2026, 1, 5))
    clinic = a_clinic(opens_at=time(9), closes_at=time(11), slots_per_hour=2)
    manager, nurse = a_member(clinic, Role.MANAGER), a_nurse(clinic)
    a_physician(clinic)
    courses = [a_course(a_patient(clinic), starts_on=date(2026, 1, 5), interval=months(3)) for _ in range(9)]
    now, left_behind = at(date(2026, 1, 5), 8), set()

    def a_place():
        return {
            "on": date(2026, 1, 4) + timedelta(days=rng.randint(0, 6)),
            "at": time(rng.randint(8, 10), rng.choice((0, 20, 30))),
        }

    def book():
        appointments.book(
            course=rng.choice(courses),
            subject=rng.choice(("dose", "lab")),
            now=now,
            booked_by=nurse,
            **a_place(),
        )

    def move():
        if standing := list(Appointment.objects.booked()):
            appointments.move(appointment=rng.choice(standing), now=now, moved_by=nurse, **a_place())

    def cancel():
        if standing := list(Appointment.objects.booked()):
            appointments.cancel(appointment=rng.choice(standing), because="patient", cancelled_by=nurse)

    def close_a_day():
        day = date(2026, 1, 5) + timedelta(days=rng.randint(0, 4))
        clinic_calendar.add_closure(clinic=clinic, day=day, reason="Works", changed_by=manager)
        left_behind.update(Appointment.objects.booked().filter(on=day).values_list("pk", flat=True))

    def open_a_day():
        if closures := list(Closure.objects.filter(clinic=clinic)):
            clinic_calendar.remove_closure(closure=rng.choice(closures), changed_by=manager)

    acts = (*[book] * 8, move, move, cancel, close_a_day, open_a_day, open_a_day)
    for _ in range(120):
        with suppress(NotAllowed):
            rng.choice(acts)()
        fresh = type(clinic).objects.get(pk=clinic.pk)
        standing = list(Appointment.objects.booked())
        for (_day, hour), number in Counter((row.on, row.at.hour) for row in standing).items():
            assert number <= slots.capacity(fresh)[hour]
        astray = {row.pk for row in standing if not fresh.days.is_open(row.on)}
        assert astray <= left_behind
    assert Appointment.objects.count() > 12


def with_nurse(appointment, nurse, **where):
    place = {"on": appointment.on, "at": appointment.at, **where}
    return appointments.move(
        appointment=appointment,
        nurse=nurse,
        now=at(date(2026, 1, 19)),
        moved_by=a_nurse(appointment.clinic),
        **place,
    )


@pytest.mark.parametrize("role", [Role.NURSE, Role.PHYSICIAN])
def test_a_place_is_booked_with_somebody_who_gives_injections_here(course, role):
    person = a_member(course.clinic, role)
    first = with_nurse(booked(course), person, at=time(11))
    assert first.nurse == person
    assert AuditEntry.objects.filter(act="moved appointment").get().detail["nurse"] == person.pk


def test_a_move_keeps_with_whom_it_was_booked_unless_another_or_nobody_is_named(course):
    ana, ben = a_member(course.clinic), a_member(course.clinic, Role.PHYSICIAN)
    first = with_nurse(booked(course), ana, at=time(11))
    kept = moved(first, date(2026, 4, 20))
    assert kept.nurse == ana
    changed = with_nurse(kept, ben, on=date(2026, 4, 21))
    assert changed.nurse == ben
    assert with_nurse(changed, None, on=date(2026, 4, 22)).nurse is None


def test_another_person_for_the_same_place_is_the_same_booking_and_no_new_letter(course):
    first = booked(course)
    ana = a_member(course.clinic)
    assert with_nurse(first, ana) == first
    first.refresh_from_db()
    assert (first.state, first.round, first.nurse) == ("booked", 1, ana)
    assert AuditEntry.objects.get(act="named who is booked with").detail["nurse"] == ana.pk


@pytest.mark.parametrize("who", ["reception", "manager", "left", "elsewhere", "locked out"])
def test_nobody_is_booked_with_one_who_does_not_give_injections_here_now(course, who):
    roles = {"reception": Role.RECEPTION, "manager": Role.MANAGER}
    clinic = a_clinic() if who == "elsewhere" else course.clinic
    person = a_member(clinic, roles.get(who, Role.NURSE))
    if who == "left":
        person.memberships.update(ended_on=date(2026, 1, 1))
    if who == "locked out":
        person.is_active = False
        person.save()
    first = booked(course)
    with pytest.raises(NotAllowed) as refusal:
        with_nurse(first, person, at=time(11))
    assert refusal.value.field == "nurse"
    first.refresh_from_db()
    assert first.state == "booked"


def test_a_move_does_not_keep_somebody_who_has_left(course):
    ana = a_member(course.clinic)
    first = with_nurse(booked(course), ana)
    ana.memberships.update(ended_on=date(2026, 1, 18))
    assert moved(Appointment.objects.get(pk=first.pk), date(2026, 4, 20)).nurse is None
