"""The page of one patient, as each role sees it."""

from datetime import date, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from monitoring import timeline
from monitoring.calls.record import record_call
from monitoring.messages.deliver import deliver
from monitoring.messages.queue import queue
from monitoring.models import Message
from patients import services as patients
from patients.models import Role
from regimens.protocol.entries import Loading
from regimens.protocol.intervals import months
from regimens.services import appointments, clinical, courses, decisions, injections, not_given, requests
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

LOADED = [date(2026, 1, day) for day in (5, 7, 9, 12, 14, 16)]


@pytest.fixture
def course(today_is):
    today_is(LOADED[0])
    return a_course(a_patient(phone="020 7946 0000"), starts_on=LOADED[0], interval=months(3))


@pytest.fixture
def loaded(course, today_is):
    for number, day in enumerate(LOADED):
        today_is(day)
        an_injection(course, day, site="DELTOID_L" if number % 2 else "DELTOID_R", lot=f"LOT-{number}")
    course.refresh_from_db()
    return course


def opened(client, patient, role=Role.NURSE, **query):
    """The page as somebody of this role in the patient's clinic sees it."""
    people = {Role.NURSE: a_nurse, Role.PHYSICIAN: a_physician}
    who = people[role](patient.clinic) if role in people else a_member(patient.clinic, role)
    client.force_login(who)
    response = client.get(reverse("patient", args=[patient.pk]), query)
    assert response.status_code == 200
    return response


def text(response) -> str:
    return response.content.decode()


def test_the_next_dose_stands_large_with_window_and_status(loaded, client, today_is):
    shown = text(opened(client, loaded.patient))
    assert "<strong>Thu 16-Apr-2026</strong>" in shown
    assert "From 02-Apr-2026 to 30-Apr-2026" in shown
    assert "Not due yet" in shown
    today_is(date(2026, 4, 2))
    assert ">Due<" in text(opened(client, loaded.patient))
    today_is(date(2026, 5, 1))
    shown = text(opened(client, loaded.patient))
    assert ">Overdue<" in shown
    assert "A-OVERDUE" in shown
    assert "<strong>Thu 16-Apr-2026</strong>" in shown
    today_is(date(2026, 8, 1))
    assert "Lapsed" in text(opened(client, loaded.patient))


def test_the_first_open_day_is_suggested_and_a_missed_blood_test_is_named(loaded, client, today_is):
    today_is(date(2026, 5, 2))  # a Saturday
    page = opened(client, loaded.patient)
    assert page.context["page"].dates.suggested_on == date(2026, 5, 4)
    shown = text(page)
    assert "Blood test missed" in shown
    assert "was due Sun 05-Apr-2026" in shown


def test_the_next_year_of_doses_is_forecast_from_one_anchor(loaded, client):
    year = opened(client, loaded.patient).context["page"].dates.year
    assert [dose.due_on for dose in year] == [
        date(2026, 4, 16),
        date(2026, 7, 16),
        date(2026, 10, 16),
        date(2027, 1, 16),
    ]


def test_an_open_ended_loading_is_shown_until_its_review(client, today_is):
    today_is(LOADED[0])
    course = a_course(starts_on=LOADED[0], facts={"neuro": "present"})
    page = opened(client, course.patient)
    dates = page.context["page"].dates
    assert dates.until_review
    assert dates.year[-1].due_on <= dates.standing.review_due_on
    assert "Neurological review" in text(page)


def test_ten_daily_doses_are_all_shown(client, today_is):
    today_is(LOADED[0])
    course = a_course(starts_on=LOADED[0], interval=months(3), loading=Loading.DAILY_X10)
    assert len(opened(client, course.patient).context["page"].dates.year) == 13


def test_an_unsigned_plan_says_so_and_leads_only_a_physician_to_the_signature(client, today_is):
    today_is(LOADED[0])
    patient = a_proposal(a_patient(), LOADED[0]).course.patient
    seen_by_nurse = opened(client, patient)
    assert "No physician has signed this plan yet" in text(seen_by_nurse)
    assert not seen_by_nurse.context["sign_url"]
    assert opened(client, patient, Role.PHYSICIAN).context["sign_url"] == reverse(
        "sign_plan", args=[patient.pk]
    )


def test_a_patient_without_a_plan_is_told_so(client, today_is):
    today_is(LOADED[0])
    assert "There is no plan for this patient" in text(opened(client, a_patient()))


def test_a_pause_and_an_end_are_said(loaded, client):
    physician = a_physician(loaded.clinic)
    courses.pause(course=loaded, on=LOADED[5], until=date(2026, 6, 1), reason="Abroad", decided_by=physician)
    shown = text(opened(client, loaded.patient))
    assert "Paused until 01-Jun-2026" in shown
    assert "Not due yet" not in shown
    courses.stop(course=loaded, reason="diagnosis_revised", on=LOADED[5], decided_by=physician)
    assert "Treatment ended 16-Jan-2026" in text(opened(client, loaded.patient))


def everything_happens_to(course):
    """One row of every kind that the story tells."""
    nurse, physician, patient = a_nurse(course.clinic), a_physician(course.clinic), course.patient
    day = LOADED[5]
    course.refresh_from_db()
    appointments.book(
        course=course,
        subject="dose",
        on=date(2026, 4, 16),
        at=course.clinic.opens_at,
        now=now(),
        booked_by=nurse,
    )
    clinical.record_results(
        patient=patient,
        collected_on=day,
        values=[
            {"analyte": "HB", "value": "130", "unit": "g/L"},
            {"analyte": "PLT", "value": "250", "unit": "10^9/L"},
        ],
        now=now(),
        recorded_by=nurse,
    )
    clinical.record_symptoms(patient=patient, reported_on=day, gait="worse", now=now(), recorded_by=nurse)
    asked = requests.ask_physician(patient=patient, kind="hold", text="Wait?", raised_on=day, raised_by=nurse)
    decisions.settle_request(request=asked, outcome="go on", on=day, decided_by=physician, reason="No risk")
    row = not_given.record_not_given(
        course=course, on=date(2026, 1, 15), reason="dna", note="No answer", now=now(), recorded_by=nurse
    )
    not_given.void_not_given(row=row, voided_by=nurse, reason="He came", now=now())


def test_the_story_tells_everything_newest_first(loaded, client):
    everything_happens_to(loaded)
    shown = text(opened(client, loaded.patient))
    for told in (
        "Dose 6: Hydroxocobalamin 1,000 micrograms into a muscle (IM)",
        "In time",
        "Lot LOT-5",
        "Plan 2 signed",
        "Results",
        "Haemoglobin 130 g/L",
        "Platelets 250 10^9/L",
        "Gait: worse",
        "Wait?",
        "go on",
        "No risk",
        "Not given: Did not attend",
        "He came",
        "Appointment at 09:00: booked",
    ):
        assert told in shown, told
    days = [entry.on for entry in opened(client, loaded.patient).context["entries"]]
    assert days == sorted(days, reverse=True)


def test_the_story_tells_what_became_of_letters_and_who_phoned_instead(loaded, client, today_is, settings):
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    due_on = loaded.next_due_on
    today_is(due_on - timedelta(days=14))
    queue(now=now())
    deliver(now=now())
    loaded.patient.refresh_from_db()
    patients.record_email_consent(
        patient=loaded.patient, given=False, how="By phone", recorded_by=a_nurse(loaded.clinic)
    )
    today_is(due_on - timedelta(days=2))
    queue(now=now())
    deliver(now=now())
    assert Message.objects.filter(subject="dose").count() == 2
    shown = text(opened(client, loaded.patient))
    assert "Letter sent: injection, " in shown
    assert "No letter" not in shown
    record_call(
        patient=loaded.patient,
        outcome="message",
        note="With the daughter",
        now=now(),
        called_by=a_nurse(loaded.clinic),
    )
    for role in (Role.NURSE, Role.RECEPTION):
        shown = text(opened(client, loaded.patient, role))
        assert "Letter sent: injection, " in shown
        assert "Phoned: left a message" in shown
        assert "With the daughter" in shown


def test_a_voided_dose_is_struck_through_with_who_and_why(course, client):
    dose = an_injection(course, LOADED[0])
    injections.void_injection(
        injection=dose, now=now(), voided_by=a_nurse(course.clinic), reason="Wrong patient"
    )
    shown = text(opened(client, course.patient))
    assert 'class="tone-good voided"' in shown
    assert f"by {a_nurse(course.clinic).shown_name()}: Wrong patient" in shown


def test_a_late_dose_and_an_incident_say_so(loaded, client, today_is):
    today_is(date(2026, 5, 3))
    an_injection(loaded, date(2026, 5, 3), expires_on=date(2026, 5, 1), already_given=True)
    shown = text(opened(client, loaded.patient))
    assert "3 days after its window" in shown
    assert "Incident: B-VIAL-EXPIRED" in shown
    assert "Does not count" in shown


def test_a_long_story_is_paged_by_key_and_loses_nothing(loaded, client, monkeypatch):
    everything_happens_to(loaded)
    whole, more = timeline.page_of((loaded.patient_id,), loaded.clinic, clinical=True)
    assert more is None
    for size in (1, 2, 3, 7):
        monkeypatch.setattr(timeline, "PAGE", size)
        seen, before = [], None
        while True:
            entries, before = timeline.page_of(
                (loaded.patient_id,), loaded.clinic, clinical=True, before=before
            )
            seen += [(entry.rank, entry.pk) for entry in entries]
            if before is None:
                break
        rows = {(entry.rank, entry.pk) for entry in whole}
        assert rows <= set(seen)
        folded = size if size < 2 else 0
        assert len(seen) == len(set(seen)) <= len(rows) + 1 + folded


def test_the_pages_of_a_story_are_stepped_through_by_link(loaded, client, monkeypatch):
    monkeypatch.setattr(timeline, "PAGE", 3)
    first = opened(client, loaded.patient)
    second = client.get(reverse("patient", args=[loaded.patient_id]) + first.context["later_url"])
    assert not {e.key for e in first.context["entries"]} & {e.key for e in second.context["entries"]}
    assert "Newest" in text(second)


@pytest.mark.parametrize(
    "before", ["", "x", "2026-01-01", "2026-13-01.1.1", "2026-01-01.1.99999999999999999999", "..", "\x00"]
)
def test_a_senseless_key_shows_the_newest(loaded, client, before):
    assert opened(client, loaded.patient, before=before).context["before"] is None


def test_a_merged_records_doses_are_told_with_the_patient_it_was_merged_into(loaded, client):
    other = a_patient(loaded.clinic)
    other_pk = other.pk
    type(other).objects.filter(pk=loaded.patient_id).update(merged_into=other)
    shown = text(opened(client, other))
    assert "Dose 6" in shown
    old = client.get(reverse("patient", args=[loaded.patient_id]), {"before": "x"})
    assert old.url == f"/patients/{other_pk}/?before=x"
    assert f"Record {loaded.patient.record_number} was merged into this one." in text(client.get(old.url))


CLINICAL_WORDS = (
    "ydroxocobalamin",
    "Allergies",
    "Regimen",
    "LOT-",
    "Plan 2 signed",
    "Clinical facts",
    "Neuro",
    "A-OVERDUE",
    "micrograms",
)


@pytest.mark.parametrize("role", [Role.RECEPTION, Role.MANAGER])
def test_reception_and_manager_see_names_contact_and_dates_only(loaded, client, role, today_is):
    everything_happens_to(loaded)
    today_is(date(2026, 5, 1))
    shown = text(opened(client, loaded.patient, role))
    assert "020 7946 0000" in shown
    assert "Thu 16-Apr-2026" in shown
    assert "Appointment at 09:00" in shown
    assert [word for word in CLINICAL_WORDS if word in shown] == []
    assert "Wait?" not in shown


@pytest.mark.parametrize("role", [Role.NURSE, Role.PHYSICIAN, Role.AUDITOR])
def test_nurse_physician_and_auditor_see_the_clinical_page(loaded, client, role):
    shown = text(opened(client, loaded.patient, role))
    for word in ("ydroxocobalamin", "Allergies", "Regimen", "LOT-5", "Plan 2 signed", "Clinical facts"):
        assert word in shown


ACTS = {
    Role.RECEPTION: {"book_appointment", "ask_physician"},
    Role.NURSE: {"record_injection", "record_given", "book_appointment", "record_not_given", "ask_physician"},
    Role.PHYSICIAN: {
        "record_injection",
        "record_given",
        "book_appointment",
        "record_not_given",
        "ask_physician",
    },
    Role.MANAGER: {"book_appointment"},
    Role.AUDITOR: set(),
}


@pytest.mark.parametrize("role", ACTS)
def test_each_role_is_offered_its_own_acts(loaded, client, role):
    page = opened(client, loaded.patient, role)
    offered = {address for _words, address in page.context["first_acts"] + page.context["more_acts"]}
    mine = {name: reverse(name, args=[loaded.patient_id]) for name in ACTS[Role.PHYSICIAN]}
    assert {name for name, address in mine.items() if address in offered} == ACTS[role]
    for name in ACTS[role]:
        assert client.get(mine[name]).status_code == 200, name


def test_nobody_is_offered_a_dose_for_one_who_died(loaded, client):
    courses.record_death(patient=loaded.patient, on=LOADED[5], recorded_by=a_nurse(loaded.clinic))
    page = opened(client, loaded.patient)
    offered = {address for _words, address in page.context["first_acts"]}
    assert reverse("record_injection", args=[loaded.patient_id]) not in offered


def test_another_clinics_patient_is_not_there(loaded, client):
    client.force_login(a_nurse(a_clinic()))
    assert client.get(reverse("patient", args=[loaded.patient_id])).status_code == 404


def test_nothing_about_the_patient_stands_in_the_title(loaded, client):
    assert "<title>A patient · B12 Clinic</title>" in text(opened(client, loaded.patient))


@pytest.mark.parametrize("role", [Role.PHYSICIAN, Role.RECEPTION])
def test_a_long_history_costs_no_more_queries_than_a_short_one(course, client, role, today_is):
    opened(client, course.patient, role)
    with CaptureQueriesContext(connection) as before:
        client.get(reverse("patient", args=[course.patient_id]))
    for number, day in enumerate(LOADED):
        today_is(day)
        an_injection(course, day, site="DELTOID_L" if number % 2 else "DELTOID_R")
    everything_happens_to(course)
    opened(client, course.patient, role)
    with CaptureQueriesContext(connection) as after:
        client.get(reverse("patient", args=[course.patient_id]))
    assert len(after) == len(before) <= 57
