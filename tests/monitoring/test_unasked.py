"""What asks a physician by itself: symptoms nobody asked about, potassium in severe anaemia, folic acid, silence."""

import re
from datetime import date, timedelta
from decimal import Decimal
from html import unescape

import pytest
from django.urls import reverse

from monitoring.decisions.kinds import BY_KEY
from monitoring.models import Call, Message
from patients.models import ClinicalFact, Role, SymptomReport
from regimens.models import Appointment, Decision, FollowUp, Injection, Request
from regimens.protocol.intervals import months
from regimens.services import clinical
from tests.factories import (
    a_clinic,
    a_course,
    a_member,
    a_nurse,
    a_patient,
    a_physician,
    a_proposal,
    an_injection,
    at,
    now,
)

pytestmark = pytest.mark.django_db

MONDAY = date(2026, 1, 5)


def waits(key, clinic, today) -> list[int]:
    """The keys of the rows that wait of one kind."""
    return list(BY_KEY[key].waiting(clinic, today).values_list("pk", flat=True))


def a_result(patient, analyte, value, unit, on=MONDAY, **more):
    row = {"analyte": analyte, "value": Decimal(value), "unit": unit, "confirmed": True, **more}
    [result] = clinical.record_results(
        patient=patient, collected_on=on, values=[row], now=now(), recorded_by=a_nurse(patient.clinic)
    )
    return result


def shown(client, where):
    return re.search(r'name="shown"[^>]*value="(\w+)"', client.get(where).text).group(1)


def settle(client, where, **typed):
    return client.post(where, {"shown": shown(client, where), **typed})


def sign_in(client, clinic, role=Role.PHYSICIAN):
    person = a_member(clinic, role)
    client.force_login(person)
    return person


# -- Symptoms ----------------------------------------------------------------------------------------------


@pytest.fixture
def report(today_is):
    """Walking got worse: on record from before anybody asked a physician by themselves."""
    today_is(MONDAY)
    patient = a_patient()
    return SymptomReport.objects.create(
        patient=patient, reported_on=MONDAY, gait="worse", neurological_return=True
    )


def test_a_report_that_nobody_asked_about_is_for_today_and_answered_once(client, report):
    clinic, patient = report.patient.clinic, report.patient
    assert waits("reports", clinic, MONDAY) == [report.pk]
    assert BY_KEY["reports"].same_day
    sign_in(client, clinic)
    where = reverse("settle_report", args=[patient.pk, report.pk])
    page = unescape(client.get(where).text)
    for said in ("walking worse", "A-SYMPTOM-RETURN", "D-24"):
        assert said in page
    offered = re.findall(r'name="outcome" value="([^"]+)"', page)
    assert offered == ["no change", "referred"], "nothing that has not been done"
    assert settle(client, where, outcome="no change").status_code == 422, "say why"
    assert settle(client, where, outcome="more often").status_code == 422
    first = shown(client, where)
    assert settle(client, where, outcome="referred", reason="To the neurologist").status_code == 302
    assert waits("reports", clinic, MONDAY) == []
    late = client.post(where, {"shown": first, "outcome": "no change", "reason": "Looked well to me"})
    assert late.status_code == 422
    for said in ("To the neurologist", "Looked well to me"):
        assert said in late.text
    assert Decision.objects.get().seen["codes"] == ["A-SYMPTOM-RETURN"]


def test_a_report_that_asked_a_physician_stands_there_and_not_twice(report):
    patient = report.patient
    clinical.record_symptoms(
        patient=patient, reported_on=MONDAY, now=now(), recorded_by=a_nurse(patient.clinic), gait="new"
    )
    assert waits("reports", patient.clinic, MONDAY) == [report.pk]
    assert len(waits("symptoms", patient.clinic, MONDAY)) == 1


# -- Potassium ---------------------------------------------------------------------------------------------


def test_severe_anaemia_waits_for_potassium_before_the_first_dose(client, today_is):
    today_is(MONDAY)
    patient = a_patient()
    a_result(patient, "HB", "72", "g/L")
    course = a_course(patient, starts_on=MONDAY)
    assert waits("potassium", course.clinic, MONDAY) == [course.pk]
    sign_in(client, course.clinic)
    where = reverse("decide_passed_date", args=[patient.pk, "W-K-MONITOR"])
    page = unescape(client.get(where).text)
    assert "D-07" in page
    assert reverse("record_results", args=[patient.pk]) in page
    assert "until_on" not in page, "nobody can wait with it"
    a_result(patient, "K", "4.1", "mmol/L")
    assert waits("potassium", course.clinic, MONDAY) == []


def test_a_physician_may_give_the_first_dose_without_potassium_and_says_why(client, today_is):
    today_is(MONDAY)
    patient = a_patient(facts={"severe": True})
    course = a_course(patient, starts_on=MONDAY)
    assert waits("potassium", course.clinic, MONDAY) == [course.pk], "also by a physician's judgement"
    sign_in(client, course.clinic)
    where = reverse("decide_passed_date", args=[patient.pk, "W-K-MONITOR"])
    typed = {"passed_on": course.opened_on, "outcome": "without"}
    assert settle(client, where, **typed).status_code == 422
    assert settle(client, where, **typed, reason="Monitored on the ward").status_code == 302
    assert waits("potassium", course.clinic, MONDAY) == []


def test_old_potassium_and_mild_anaemia_ask_nobody_and_ask_somebody(today_is):
    today_is(MONDAY)
    mild, severe = a_patient(), None
    severe = a_patient(mild.clinic)
    a_result(mild, "HB", "81", "g/L")
    a_result(severe, "K", "4.1", "mmol/L", on=MONDAY - timedelta(days=30))
    a_result(severe, "HB", "79", "g/L")
    for patient in (mild, severe):
        a_course(patient, starts_on=MONDAY)
    assert len(waits("potassium", mild.clinic, MONDAY)) == 1


def test_potassium_that_nobody_measured_within_48_hours_waits_and_answers_the_nurses_list_too(
    client, today_is
):
    today_is(MONDAY)
    patient = a_patient()
    a_result(patient, "HB", "72", "g/L")
    a_result(patient, "K", "4.1", "mmol/L")
    course = a_course(patient, starts_on=MONDAY)
    an_injection(course, MONDAY)
    follow_up = FollowUp.objects.get(kind="potassium")
    assert waits("potassium-after", course.clinic, MONDAY + timedelta(days=1)) == []
    due = MONDAY + timedelta(days=2)
    assert waits("potassium-after", course.clinic, due) == [follow_up.pk]
    today_is(due)
    sign_in(client, course.clinic)
    where = reverse("settle_potassium", args=[patient.pk, follow_up.pk])
    assert "within 48 hours" in client.get(where).text
    assert (
        settle(client, where, outcome="measured", reason="3.9 at the hospital on 7 January").status_code
        == 302
    )
    assert waits("potassium-after", course.clinic, due) == []
    follow_up.refresh_from_db()
    assert follow_up.done_at is not None


# -- Folic acid --------------------------------------------------------------------------------------------


def test_folic_acid_before_any_b12_is_for_today_until_a_plan_is_made_in_view_of_it(client, today_is):
    today_is(MONDAY)
    patient = a_patient(facts={"folic_acid": "current"})
    fact = ClinicalFact.objects.get(topic="folic_acid")
    assert waits("folic-acid", patient.clinic, MONDAY) == [fact.pk]
    sign_in(client, patient.clinic)
    where = reverse("settle_folic_acid", args=[patient.pk, fact.pk])
    page = unescape(client.get(where).text)
    assert "W-FOLATE-CURRENT" in page
    assert re.findall(r'name="outcome" value="([^"]+)"', page) == ["treated elsewhere"], (
        "no plan, no B12 first"
    )
    a_proposal(patient, MONDAY)
    assert waits("folic-acid", patient.clinic, MONDAY) == []
    assert len(waits("plans-today", patient.clinic, MONDAY)) == 1


def test_folic_acid_is_answered_once_and_the_question_is_written_down(client, today_is):
    today_is(MONDAY)
    patient = a_patient(facts={"folic_acid": "current"})
    fact = ClinicalFact.objects.get(topic="folic_acid")
    sign_in(client, patient.clinic)
    where = reverse("settle_folic_acid", args=[patient.pk, fact.pk])
    first = shown(client, where)
    typed = {"outcome": "treated elsewhere", "reason": "Injections at the haematologist"}
    assert settle(client, where, **typed).status_code == 302
    assert waits("folic-acid", patient.clinic, MONDAY) == []
    asked = Request.objects.get()
    assert (asked.kind, asked.answered_at is not None) == ("folate", True)
    late = client.post(where, {"shown": first, **typed, "reason": "Mine"})
    assert late.status_code == 422
    assert Request.objects.count() == 1


@pytest.mark.parametrize("facts", [{"folic_acid": "none"}, {"folic_acid": "current", "deficiency": "none"}])
def test_without_folic_acid_or_without_deficiency_nobody_is_asked(today_is, facts):
    today_is(MONDAY)
    assert waits("folic-acid", a_patient(facts=facts).clinic, MONDAY) == []


def test_whoever_has_had_b12_in_this_episode_takes_folic_acid_freely(today_is):
    today_is(MONDAY)
    course = a_course(starts_on=MONDAY)
    an_injection(course, MONDAY)
    nurse = a_nurse(course.clinic)
    clinical.record_facts(
        patient=course.patient,
        answers={"folic_acid": "current"},
        observed_on=MONDAY,
        now=now(),
        recorded_by=nurse,
    )
    assert waits("folic-acid", course.clinic, MONDAY) == []


def test_low_folate_says_b12_first_while_b12_is_not_loaded(today_is):
    today_is(MONDAY)
    patient = a_patient()
    low = a_result(patient, "FOLATE", "4", "nmol/L", range_low=Decimal(7), range_high=Decimal(40))
    a_result(patient, "FOLATE", "9", "nmol/L", range_low=Decimal(7), on=MONDAY - timedelta(days=1))
    assert waits("folate-low", patient.clinic, MONDAY) == [low.pk]
    kind = BY_KEY["folate-low"]
    row = kind.row(kind.values(kind.waiting(patient.clinic, MONDAY)).get(), MONDAY)
    assert "B12 first" in row.what
    assert {"R-21", "D-13", "H-06"} <= {rule.id for rule in row.rules}
    Injection.objects.create(
        patient=patient,
        source=Injection.Source.ELSEWHERE,
        given_on=MONDAY,
        product="HYDROXOCOBALAMIN",
        micrograms=1000,
        route="IM",
    )
    assert waits("folate-low", patient.clinic, MONDAY) == []


# -- Silence -----------------------------------------------------------------------------------------------


@pytest.fixture
def silent(today_is):
    """Overdue, the last letter has gone, a message was left two days ago. Not late enough for D-23."""
    today_is(MONDAY)
    course = a_course(starts_on=MONDAY, interval=months(2), loaded_elsewhere=True)
    an_injection(course, MONDAY)
    course.refresh_from_db()
    today = date(2026, 3, 31)
    today_is(today)
    about = {"patient": course.patient, "course": course, "due_on": course.next_due_on}
    Message.objects.create(
        clinic=course.clinic,
        key="the last",
        subject="dose",
        purpose="still_missed",
        opens_on=date(2026, 3, 29),
        state="sent",
        sent_to="a@example.org",
        queued_at=at(today),
        ready_at=at(today),
        ended_at=at(today),
        **about,
    )
    Call.objects.create(
        about="dose",
        outcome="message",
        again_on=today,
        called_on=today - timedelta(days=2),
        called_by=a_nurse(course.clinic),
        **about,
    )
    return course


def test_who_answers_neither_letters_nor_calls_is_put_to_a_physician(client, silent):
    today = date(2026, 3, 31)
    assert waits("silent", silent.clinic, today) == [silent.pk]
    assert waits("silent", silent.clinic, today - timedelta(days=1)) == [], "somebody calls again today"
    assert waits("silent", silent.clinic, silent.physician_from_on) == [], "then it has a graver name"
    sign_in(client, silent.clinic)
    where = reverse("decide_passed_date", args=[silent.patient_id, "A-NO-ANSWER"])
    page = unescape(client.get(where).text)
    for said in ("A-NO-ANSWER", "H-03", "Neither letters nor calls"):
        assert said in page
    typed = {"passed_on": silent.next_due_on, "outcome": "asked others", "reason": "The daughter was asked"}
    assert settle(client, where, **typed).status_code == 302
    assert waits("silent", silent.clinic, today) == []


def test_whoever_was_reached_booked_or_is_not_written_to_for_the_last_time_is_not_silent(silent):
    today = date(2026, 3, 31)
    booked = Appointment.objects.create(
        clinic=silent.clinic,
        patient=silent.patient,
        course=silent,
        subject="dose",
        due_on=silent.next_due_on,
        on=today,
        at="10:00",
    )
    assert waits("silent", silent.clinic, today) == []
    Appointment.objects.filter(pk=booked.pk).update(
        state="cancelled", cancelled_because="other", closed_at=now(), closed_by=a_nurse(silent.clinic)
    )
    assert waits("silent", silent.clinic, today) == [silent.pk]
    Message.objects.update(purpose="missed")
    assert waits("silent", silent.clinic, today) == []


# -- Who may -----------------------------------------------------------------------------------------------


def test_only_physicians_of_the_clinic_answer(client, report):
    where = reverse("settle_report", args=[report.patient_id, report.pk])
    later = reverse("put_off_decision", args=[report.patient_id, "request", 1])
    for role in Role:
        sign_in(client, report.patient.clinic, role)
        assert client.get(where).status_code == (200 if role == Role.PHYSICIAN else 403)
        assert client.get(later).status_code == (404 if role == Role.PHYSICIAN else 403)
    client.force_login(a_physician(a_clinic("Elsewhere")))
    assert client.get(where).status_code == 404
