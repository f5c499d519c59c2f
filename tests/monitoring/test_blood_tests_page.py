"""The page of blood tests: every treatment in one part, every panel waiting or signed off, and nobody leaves by waiting."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.db import DatabaseError

from monitoring import blood_tests
from monitoring.calls import reasons
from monitoring.messages.queue import queue
from monitoring.models import Message
from patients.models import Patient, Role
from regimens.models import BloodSample, Course
from regimens.models.course import EndReason
from regimens.protocol.intervals import months
from regimens.services import blood_samples, clinical, courses, lab_checks, outlook
from tests.factories import (
    a_clinic,
    a_course,
    a_member,
    a_nurse,
    a_patient,
    a_physician,
    an_injection,
    at,
    now,
)
from tests.monitoring.waiting_room import a_full_waiting_room

pytestmark = pytest.mark.django_db

URL = "/blood-tests/"
TODAY = date(2026, 7, 14)
PANEL = {"B12": "300 pmol/L", "HB": "130 g/L", "MCV": "88 fL", "PLT": "220 10^9/L", "HCY": "9 umol/L"}


@pytest.fixture
def clinic(today_is):
    today_is(TODAY)
    return a_clinic()


def a_treatment(clinic, today_is, first_on):
    """A course whose checks count from a day; the clock is put back to today."""
    today_is(first_on)
    course = a_course(a_patient(clinic), starts_on=first_on, interval=months(2), loaded_elsewhere=True)
    an_injection(course, first_on)
    today_is(TODAY)
    outlook.roll_lab_checks(now())
    course.refresh_from_db()
    return course


def take(course, on=TODAY):
    return blood_samples.take_blood(
        patient=Patient.objects.get(pk=course.patient_id),
        taken_on=on,
        now=now(),
        recorded_by=a_nurse(course.clinic),
    )


def results(course, on, names=tuple(PANEL), **changed):
    values = []
    for name in names:
        value, unit = (changed.get(name) or PANEL[name]).split(" ", 1)
        values.append({"analyte": name, "value": Decimal(value), "unit": unit, "confirmed": True})
    return clinical.record_results(
        patient=course.patient,
        collected_on=on,
        lab="City Lab",
        values=values,
        now=now(),
        recorded_by=a_nurse(course.clinic),
    )


def sign_off(course, on):
    patient = course.patient
    _rows, shown = lab_checks.as_shown(lab_checks.waiting_of(patient, on))
    said = {"outcome": "seen", "on": TODAY, "decided_by": a_physician(course.clinic)}
    lab_checks.review_panel(patient=patient, taken_on=on, shown=shown, **said)


def counted(clinic, **wanted):
    return blood_tests.count(clinic, TODAY, blood_tests.Wanted(**wanted))


def parts(clinic, **wanted):
    return {word: number for word, number in counted(clinic, **wanted).parts.items() if number}


def listed(client, clinic, role=Role.NURSE, **asked):
    client.force_login(a_member(clinic, role))
    return client.get(URL, asked)


def names(page):
    return [row.name for row in page.context["rows"]]


def test_each_treatment_stands_in_one_part_and_moves_with_what_happens(clinic, today_is):
    ago = TODAY - timedelta(days=1)
    coming = a_treatment(clinic, today_is, ago)
    due = a_treatment(clinic, today_is, date(2026, 4, 10))
    overdue = a_treatment(clinic, today_is, date(2026, 3, 1))
    assert parts(clinic) == {"coming": 1, "due": 1, "overdue": 1}
    take(due)
    sample = take(overdue, TODAY - timedelta(days=8))
    assert parts(clinic) == {"coming": 1, "awaited": 1, "late": 1}
    blood_samples.lose_sample(sample=sample, reason="Never arrived", recorded_by=a_nurse(clinic))
    assert parts(clinic) == {"coming": 1, "awaited": 1, "overdue": 1}
    results(due, TODAY)
    assert parts(clinic) == {"coming": 2, "overdue": 1}
    waive(overdue)
    assert parts(clinic) == {"coming": 3}
    assert counted(clinic).let_go == 1
    courses.stop(course=coming, reason=EndReason.ALLERGY, on=TODAY, decided_by=a_physician(clinic))
    assert parts(clinic) == {"coming": 2}


def waive(course):
    course.refresh_from_db()
    lab_checks.waive_lab_check(
        course=course,
        name=course.missed_lab_name,
        due_on=course.missed_lab_due_on,
        on=TODAY,
        reason="Tested in hospital",
        decided_by=a_physician(course.clinic),
    )


def test_a_result_is_overdue_on_the_eighth_day(clinic, today_is):
    course = a_treatment(clinic, today_is, date(2026, 4, 10))
    take(course, TODAY - timedelta(days=7))
    assert parts(clinic) == {"awaited": 1}
    Course.objects.filter(pk=course.pk).update(blood_taken_on=TODAY - timedelta(days=8))
    assert parts(clinic) == {"late": 1}


def test_the_parts_add_up_to_all_treatments_of_a_full_waiting_room(clinic):
    a_full_waiting_room(clinic, 120, TODAY)
    found = counted(clinic)
    assert found.unplaced == 0
    assert found.owing == sum(found.parts.values()) == 120
    by_check = [counted(clinic, check=word).owing for word, _title in blood_tests.CHOICES]
    assert sum(by_check) == 120


def test_a_treatment_in_no_part_is_said_aloud(client, clinic):
    a_full_waiting_room(clinic, 1, TODAY)
    Course.objects.update(lab_opens_on=None, missed_lab_due_on=None)
    assert "do not add up" in listed(client, clinic).text


def test_a_panel_waits_for_a_physician_until_every_result_of_it_is_signed_off(clinic, today_is):
    course = a_treatment(clinic, today_is, date(2026, 4, 10))
    results(course, TODAY)
    results(course, date(2020, 1, 1), names=("HB",))
    found = counted(clinic)
    assert (found.to_review, found.reviewed, found.panels) == (2, 0, 2)
    sign_off(course, TODAY)
    results(course, TODAY, names=("B12",), B12="310 pmol/L")
    assert counted(clinic).to_review == 2, "what came later waits"
    sign_off(course, TODAY)
    found = counted(clinic)
    assert (found.to_review, found.reviewed, found.panels) == (1, 1, 2)


def test_only_values_outside_their_own_range_when_asked_for(client, clinic, today_is):
    course = a_treatment(clinic, today_is, date(2026, 4, 10))
    results(course, TODAY)
    other = a_treatment(clinic, today_is, date(2026, 4, 10))
    clinical.record_results(
        patient=other.patient,
        collected_on=TODAY,
        values=[{"analyte": "MCV", "value": Decimal(99), "unit": "fL", "range_high": Decimal(96)}],
        now=now(),
        recorded_by=a_nurse(clinic),
    )
    assert counted(clinic, marked=True).to_review == 1
    page = listed(client, clinic, list="review", marked="on")
    assert names(page) == [other.patient.name]
    assert "(outside up to 96)" in page.text


def test_each_list_shows_its_rows_with_their_acts(client, clinic, today_is):
    due = a_treatment(clinic, today_is, date(2026, 4, 10))
    drawn = a_treatment(clinic, today_is, date(2026, 4, 10))
    take(drawn, TODAY - timedelta(days=2))
    results(drawn, TODAY - timedelta(days=2), names=("HB", "MCV"))
    page = listed(client, clinic, list="due")
    assert names(page) == [due.patient.name]
    assert [label for label, _url in page.context["rows"][0].acts] == ["Blood taken", "Enter results"]
    [row] = listed(client, clinic, list="awaited").context["rows"]
    assert "Back: Haemoglobin, MCV; not back: Serum B12, Platelets, Homocysteine" in row.what
    assert row.acts[0][1].endswith("?taken=2026-07-12")
    [row] = listed(client, clinic, Role.PHYSICIAN, list="review").context["rows"]
    assert row.acts[0][0] == "Look and sign off"
    assert listed(client, clinic, Role.PHYSICIAN, list="due").context["rows"][0].acts[-1][0] == "Let it go"
    assert listed(client, clinic, Role.AUDITOR, list="due").context["rows"][0].acts == ()


def test_a_b12_soon_after_a_dose_is_marked_before_it_is_drawn_and_when_it_is_read(client, clinic, today_is):
    course = a_treatment(clinic, today_is, date(2026, 4, 10))
    an_injection(course, TODAY - timedelta(days=10), already_given=True, site="DELTOID_R")
    [row] = listed(client, clinic, list="due").context["rows"]
    assert [badge.word for badge in row.badges] == ["Dose 04-Jul-2026: a B12 now cannot be read (D-26)"]
    results(course, TODAY)
    [row] = listed(client, clinic, list="review").context["rows"]
    assert "W-B12-POSTDOSE" in [badge.word for badge in row.badges]
    assert not [badge for badge in row.badges if badge.tone == "good"]


def test_why_a_check_comes_every_three_months_stands_in_its_row(client, clinic, today_is):
    course = a_treatment(clinic, today_is, date(2025, 4, 10))
    results(course, date(2026, 1, 10))
    results(course, date(2026, 4, 10), HCY="9.5 umol/L")
    page = listed(client, clinic, list="due", check="repeated")
    [row] = page.context["rows"]
    assert "Every three months and not yearly: homocysteine rose, 9 umol/L then 9.5 umol/L." in row.what


def test_a_check_that_was_let_go_is_listed_with_its_reason(client, clinic, today_is):
    waive(a_treatment(clinic, today_is, date(2026, 3, 1)))
    [row] = listed(client, clinic, list="let-go").context["rows"]
    assert row.what == "3 months, due 01-Jun-2026: “Tested in hospital”"


def test_long_lists_are_stepped_through_by_key(client, clinic):
    a_full_waiting_room(clinic, 260, TODAY)
    for wanted, number in (
        ("coming", counted(clinic).parts["coming"]),
        ("review", counted(clinic).to_review),
    ):
        seen, page = [], listed(client, clinic, list=wanted)
        while True:
            seen += [row.record_number for row in page.context["rows"]]
            if not page.context["page"].later_url:
                break
            page = client.get(URL + page.context["page"].later_url)
        assert len(seen) == len(set(seen)) == number


@pytest.mark.parametrize("part", ["_shared", "to_review", "reviewed", "let_go", "_page"])
def test_what_could_not_be_read_is_never_shown_as_empty(client, clinic, monkeypatch, part):
    def fails(*_args, **_more):
        raise DatabaseError("statement timeout")

    monkeypatch.setattr(blood_tests, part, fails)
    page = listed(client, clinic)
    assert page.status_code == 200
    said = {"_shared": "could not be counted", "_page": "could not be read"}.get(part, "Not counted")
    assert said in page.text


def test_who_sees_the_page_and_that_another_clinic_is_not_on_it(client, clinic):
    elsewhere = a_clinic("Elsewhere")
    a_full_waiting_room(elsewhere, 20, TODAY)
    assert counted(clinic).owing == 0
    assert counted(clinic).panels == 0
    for role in Role:
        status = listed(client, clinic, role).status_code
        assert status == (200 if role in (Role.NURSE, Role.PHYSICIAN, Role.AUDITOR) else 403), role


def test_what_nobody_can_read_is_as_if_it_had_not_been_asked(client, clinic):
    page = listed(client, clinic, list="everything", check="9m", days="7", after="x_y")
    assert page.status_code == 200
    assert page.context["wanted"] == blood_tests.Wanted()


# -- Letters and calls --------------------------------------------------------------------------------------


def letters(clinic):
    return set(Message.objects.filter(clinic=clinic, subject="lab").values_list("purpose", "state"))


def test_whose_blood_was_taken_gets_no_letter_that_it_was_missed(clinic, today_is):
    course = a_treatment(clinic, today_is, date(2026, 4, 10))
    take(course, date(2026, 7, 11))
    today_is(late := date(2026, 8, 1))
    outlook.roll_lab_checks(now())
    queue(now=at(late))
    assert letters(clinic) == set()
    sample = BloodSample.objects.get()
    blood_samples.lose_sample(sample=sample, reason="Never arrived", recorded_by=a_nurse(clinic))
    queue(now=at(late))
    assert letters(clinic) == {("missed", "queued")}


def test_whose_blood_was_taken_is_not_phoned_about_the_test(clinic, today_is):
    course = a_treatment(clinic, today_is, date(2026, 4, 10))
    Message.objects.create(
        clinic=clinic,
        patient=course.patient,
        course=course,
        key="a-letter",
        subject="lab",
        purpose="coming",
        due_on=course.lab_due_on,
        opens_on=TODAY,
        state="suppressed",
        cause="no_consent",
        reason="No consent",
        queued_at=at(TODAY),
        ready_at=at(TODAY),
        ended_at=at(TODAY),
    )
    assert reasons.count(clinic, TODAY) == 1
    take(course)
    assert reasons.count(clinic, TODAY) == 0
