"""Today's worklist as each role sees it, through the page."""

import html
import re
from datetime import date, timedelta

import pytest
from django.db import DatabaseError
from django.urls import reverse

from monitoring import counts, sections, worklist_rows
from patients.models import Patient, Role
from regimens.models import Appointment, Course
from regimens.protocol.intervals import months
from regimens.services import clinical, courses
from regimens.services.requests import ask_physician
from tests.factories import (
    a_clinic,
    a_course,
    a_member,
    a_nurse,
    a_patient,
    a_physician,
    a_proposal,
    an_injection,
    now,
)

pytestmark = pytest.mark.django_db

MONDAY = date(2026, 1, 5)
LOADING_DAYS = [MONDAY + timedelta(days=after) for after in (0, 2, 4, 7, 9, 11)]
IN_TIME = date(2026, 4, 16)  # three months after the last loading dose


@pytest.fixture
def clinic(today_is):
    today_is(MONDAY)
    return a_clinic()


@pytest.fixture
def loaded(clinic, today_is):
    """A patient in maintenance every three months, due on 16 April 2026."""

    def make(**details) -> Course:
        today_is(MONDAY)
        course = a_course(a_patient(clinic, **details), starts_on=MONDAY, interval=months(3))
        for number, day in enumerate(LOADING_DAYS):
            today_is(day)
            an_injection(course, day, site="DELTOID_L" if number % 2 else "DELTOID_R")
        return course

    return make


def seen(client, user, query: str = "") -> str:
    """The words of the page, without its tags."""
    client.force_login(user)
    response = client.get(f"/today/{query}")
    assert response.status_code == 200
    main = response.content.decode().split("<main")[1]
    return re.sub(r"\s+", " ", html.unescape(re.sub(r"<[^>]+>", " ", main)))


def test_the_first_page_of_a_nurse_is_today(client, clinic):
    client.force_login(a_nurse(clinic))
    assert client.get("/").url == "/today/"


@pytest.mark.parametrize("role", [Role.NURSE, Role.RECEPTION])
def test_what_stands_in_a_name_is_shown_and_never_run(client, clinic, role):
    a_course(a_patient(clinic, given_names="<b>{why} & {0}</b>"), starts_on=MONDAY, interval=months(3))
    client.force_login(a_member(clinic, role))
    page = client.get("/today/").text
    assert "&lt;b&gt;{why} &amp; {0}&lt;/b&gt;" in page
    assert "<b>{why}" not in page


def test_an_auditor_has_no_worklist_and_begins_elsewhere(client, clinic):
    client.force_login(a_member(clinic, Role.AUDITOR))
    assert client.get("/today/").status_code == 403
    assert client.get("/").url == reverse("dashboard")


def test_a_dose_past_its_window_is_overdue_and_says_by_how_much(client, clinic, loaded, today_is):
    loaded(family_name="Late")
    today_is(IN_TIME + timedelta(days=15))
    words = seen(client, a_nurse(clinic))
    assert words.index("Overdue") < words.index("LATE, ") < words.index("15 days overdue")
    assert "Maintenance, every 3 months" in words
    assert "1,000 micrograms hydroxocobalamin, IM" in words
    assert "Left deltoid, 16-Jan-2026" in words


@pytest.mark.parametrize(
    ("days_late", "said"),
    [
        (28, "28 days overdue"),
        (29, "a physician is asked"),
        (91, "a whole interval missed"),
        (400, "a year or more without a dose"),
        (9000, "9000 days overdue"),
    ],
)
def test_nobody_leaves_the_list_however_late(client, clinic, loaded, today_is, days_late, said):
    loaded(family_name="Late")
    today_is(IN_TIME + timedelta(days=days_late))
    words = seen(client, a_nurse(clinic))
    assert "LATE, " in words
    assert said in words


def test_the_longest_overdue_comes_first(client, clinic, loaded, today_is):
    shorter, longer = loaded(family_name="Shorter"), loaded(family_name="Longer")
    Course.objects.filter(pk=longer.pk).update(next_due_on=IN_TIME - timedelta(days=1))
    today_is(IN_TIME + timedelta(days=40))
    words = seen(client, a_nurse(clinic))
    assert words.index("LONGER, ") < words.index("SHORTER, ")
    assert shorter.pk != longer.pk


@pytest.mark.parametrize(
    ("days_after_due", "heading"),
    [(-22, "later"), (-21, "week"), (-15, "week"), (-14, "due"), (0, "due"), (14, "due"), (15, "overdue")],
)
def test_each_day_of_the_window_has_its_section(client, clinic, loaded, today_is, days_after_due, heading):
    loaded()
    today_is(IN_TIME + timedelta(days=days_after_due))
    client.force_login(a_nurse(clinic))
    counts = client.get("/today/").context["counts"]
    assert {section.name for section, number in counts.parts if number} == {heading}
    parts = client.get(f"/today/?list={heading}").context["parts"]
    assert [len(part.rows) for part, _url, _number in parts] == [1]


def test_a_missed_loading_dose_is_to_be_given_today(client, clinic, today_is):
    a_course(a_patient(clinic, family_name="Loading"), starts_on=MONDAY, interval=months(3))
    today_is(MONDAY + timedelta(days=2))
    words = seen(client, a_nurse(clinic))
    assert "Loading dose 1 of 6, 2 days overdue, give today" in words


def test_on_a_closed_day_a_missed_loading_dose_waits_for_the_next_open_day(client, clinic, today_is):
    a_course(a_patient(clinic), starts_on=MONDAY, interval=months(3))
    today_is(date(2026, 1, 10))  # a Saturday
    assert "give on Mon 12-Jan-2026" in seen(client, a_nurse(clinic))


def test_an_unsigned_plan_stands_on_the_list_and_leads_to_the_plan(client, clinic):
    patient = a_patient(clinic, family_name="Referred")
    a_proposal(patient, MONDAY)
    words = seen(client, a_nurse(clinic))
    assert "REFERRED, " in words
    assert "Plan not signed" in words
    assert "See the plan" in words
    assert "Sign the plan" in seen(client, a_physician(clinic))
    assert "Give injection" not in words


def test_a_patient_who_moves_stays_until_the_handover_is_confirmed(client, clinic, loaded, today_is):
    course = loaded(family_name="Moving")
    today_is(IN_TIME)
    physician = a_physician(clinic)
    courses.transfer_out(patient=course.patient, on=IN_TIME, decided_by=physician)
    assert "MOVING, " in (words := seen(client, a_nurse(clinic)))
    assert "Moving away, not yet handed over" in words
    courses.confirm_handover(patient=course.patient, on=IN_TIME, decided_by=physician)
    assert "MOVING, " not in seen(client, a_nurse(clinic))


def test_a_paused_course_is_counted_and_comes_back_by_itself(client, clinic, loaded, today_is):
    course = loaded(family_name="Resting")
    today_is(IN_TIME)
    courses.pause(
        course=course,
        on=IN_TIME,
        until=IN_TIME + timedelta(days=7),
        reason="In hospital",
        decided_by=a_physician(clinic),
    )
    assert "RESTING, " not in seen(client, a_nurse(clinic))
    assert "Paused until 23-Apr-2026: In hospital" in seen(client, a_nurse(clinic), "?list=paused")
    today_is(IN_TIME + timedelta(days=7))
    assert "RESTING, " in seen(client, a_nurse(clinic))


def test_the_badges_that_matter_before_a_needle(client, clinic, loaded, today_is):
    course = loaded(facts={"anticoagulant": True, "allergies": ["cobalt"], "renal": True})
    today_is(IN_TIME)
    nurse = a_nurse(clinic)
    assert "No platelet count" in seen(client, nurse)
    clinical.record_results(
        patient=course.patient,
        collected_on=IN_TIME - timedelta(days=8),
        lab="Lab",
        values=[{"analyte": "PLT", "value": 45, "unit": "10^9/L"}],
        now=now(),
        recorded_by=nurse,
    )
    words = seen(client, nurse)
    for badge in (
        "Platelets 45",
        "Platelet count too old",
        "Anticoagulant and low platelets",
        "Allergy: cobalt",
        "Poor kidneys",
    ):
        assert badge in words
    assert "No platelet count" not in words


def test_nerves_and_a_held_dose_are_badges(client, clinic, today_is):
    course = a_course(
        a_patient(clinic, facts={"neuro": "present", "neuro_at_presentation": True}),
        starts_on=MONDAY,
        interval=months(2),
    )
    ask_physician(
        patient=course.patient,
        kind="hold",
        raised_on=MONDAY,
        raised_by=a_nurse(clinic),
        codes=("H-PLT-10-24",),
    )
    words = seen(client, a_nurse(clinic))
    assert "Nerves involved" in words
    assert "Held for a physician" in words
    assert "Loading dose 1, due today" in words


def test_neuro_first_puts_nerves_before_those_who_are_later(client, clinic, loaded, today_is):
    loaded(family_name="Plain")
    course = loaded(family_name="Nerves")
    Course.objects.filter(pk=course.pk).update(neurological=True, next_due_on=IN_TIME + timedelta(days=1))
    today_is(IN_TIME + timedelta(days=40))
    words = seen(client, a_nurse(clinic))
    assert words.index("PLAIN, ") < words.index("NERVES, ")
    words = seen(client, a_nurse(clinic), "?neuro=on")
    assert words.index("NERVES, ") < words.index("PLAIN, ")


def test_a_phase_can_be_asked_for(client, clinic, loaded, today_is):
    loaded(family_name="Settled")
    today_is(IN_TIME)
    a_course(a_patient(clinic, family_name="Beginner"), starts_on=IN_TIME, interval=months(3))
    words = seen(client, a_nurse(clinic), "?phase=loading")
    assert "BEGINNER, " in words
    assert "SETTLED, " not in words


def test_blood_tests_due_and_overdue_have_their_list(client, clinic, loaded, today_is):
    loaded()
    today_is(date(2026, 4, 5))
    assert "Blood test at 3 months, due today" in seen(client, a_nurse(clinic), "?list=tests")
    today_is(date(2026, 4, 20))
    words = seen(client, a_nurse(clinic), "?list=tests")
    assert "Blood tests overdue" in words
    assert "Blood test at 3 months, 15 days overdue" in words


def test_those_booked_today_come_by_the_hour(client, clinic, loaded, today_is):
    late, early = loaded(family_name="Later"), loaded(family_name="Earlier")
    today_is(IN_TIME)
    for course, at in ((late, "11:20"), (early, "09:10")):
        Appointment.objects.create(
            clinic=clinic,
            patient=course.patient,
            course=course,
            subject="dose",
            due_on=IN_TIME,
            on=IN_TIME,
            at=at,
        )
    words = seen(client, a_nurse(clinic), "?list=booked")
    assert (
        words.index("EARLIER, ")
        < words.index("Booked 09:10")
        < words.index("LATER, ")
        < words.index("Booked 11:20")
    )
    assert "2 booked today" in words


@pytest.mark.parametrize("role", [Role.RECEPTION, Role.MANAGER])
def test_reception_and_managers_see_names_and_dates_only(client, clinic, today_is, role):
    course = a_course(
        a_patient(clinic, family_name="Private", facts={"anticoagulant": True, "neuro": "present"}),
        starts_on=MONDAY,
        interval=months(2),
    )
    today_is(MONDAY + timedelta(days=3))
    member = a_member(clinic, role)
    words = "".join(seen(client, member, f"?list={name}&phase=loading&neuro=on") for name in sections.LISTS)
    assert "PRIVATE, " in words
    assert "3 days overdue, was due 05-Jan-2026" in words
    clinical_words = "Loading Maintenance micrograms Anticoagulant Nerves deltoid tablets Platelet"
    for clinical_word in clinical_words.split():
        assert clinical_word not in words
    assert course.phase == "loading"


def test_a_filter_of_phase_changes_nothing_for_reception(client, clinic):
    a_course(a_patient(clinic, family_name="Shown"), starts_on=MONDAY, interval=months(3))
    assert "SHOWN, " in seen(client, a_member(clinic, Role.RECEPTION), "?phase=maintenance")


def test_the_list_of_another_clinic_is_not_shown(client, clinic):
    a_course(a_patient(clinic, family_name="Hidden"), starts_on=MONDAY, interval=months(3))
    words = seen(client, a_nurse(a_clinic("Elsewhere")))
    assert "HIDDEN" not in words
    assert "Nobody is overdue." in words


def test_the_counts_say_when_they_were_taken_and_add_up(client, clinic, loaded, today_is):
    loaded()
    today_is(IN_TIME)
    words = seen(client, a_nurse(clinic))
    assert "Together 1 open course, as of 10:00" in words


def test_a_course_that_no_part_holds_is_said_aloud(client, clinic, loaded, today_is):
    course = loaded()
    Course.objects.filter(pk=course.pk).update(window_opens_on=None, window_closes_on=None)
    assert "These numbers do not add up." in seen(client, a_nurse(clinic))


def test_a_list_that_cannot_be_read_never_looks_empty(client, clinic, monkeypatch):
    def broken(*_args):
        raise DatabaseError("statement timeout")

    monkeypatch.setattr(worklist_rows, "rows", broken)
    words = seen(client, a_nurse(clinic))
    assert "The list could not be read." in words
    assert "Nobody" not in words.replace("nobody is due", "")


def test_counts_that_cannot_be_read_are_missing_not_nought(client, clinic, monkeypatch):
    def broken(*_args):
        raise DatabaseError("statement timeout")

    monkeypatch.setattr(counts, "count", broken)
    assert "The numbers could not be counted" in seen(client, a_nurse(clinic))


def test_an_ended_course_is_on_no_list_but_its_recheck_is(client, clinic, loaded, today_is):
    course = loaded(family_name="Cured")
    today_is(IN_TIME)
    courses.stop(
        course=course, reason="reversible_cause_resolved", on=IN_TIME, decided_by=a_physician(clinic)
    )
    assert "CURED, " not in seen(client, a_nurse(clinic))
    today_is(date(2026, 7, 16))
    assert "Extra blood test, due today" in seen(client, a_nurse(clinic), "?list=tests")
    courses.record_death(patient=course.patient, on=date(2026, 7, 16), recorded_by=a_nurse(clinic))
    assert "CURED, " not in seen(client, a_nurse(clinic), "?list=tests")


@pytest.mark.parametrize(
    "query",
    [
        "?after=x",
        "?after=0_2026-01-01_0",
        "?before=9_2026-01-01_1",
        "?after=0_10:00_1",
        "?list=nothing",
        "?phase=%00",
    ],
)
def test_an_address_that_means_nothing_shows_the_list_from_its_start(client, clinic, query):
    a_course(a_patient(clinic, family_name="First"), starts_on=MONDAY, interval=months(3))
    assert "FIRST, " in seen(client, a_nurse(clinic), query)


def test_no_name_stands_in_the_title_or_an_address(client, clinic):
    a_course(a_patient(clinic, family_name="Zebedee"), starts_on=MONDAY, interval=months(3))
    client.force_login(a_nurse(clinic))
    page = client.get("/today/").content.decode()
    assert "zebedee" not in " ".join(re.findall(r"<title>.*?</title>|href=\"[^\"]*\"", page)).lower()
    assert Patient.objects.filter(family_name="Zebedee").exists()
