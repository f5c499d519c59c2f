"""Decisions about a whole course on their pages: each says what follows, asks first, and acts on what was shown."""

import re
from datetime import date, time, timedelta
from decimal import Decimal
from html import unescape

import pytest
from django.urls import reverse

from patients.models import Patient, Role
from regimens.models import Appointment, Course, Decision, Request
from regimens.protocol.intervals import months
from regimens.protocol.requests import AskedRoute, Form
from regimens.services import appointments, clinical, courses, outlook, requests
from tests.factories import (
    a_clinic,
    a_course,
    a_member,
    a_nurse,
    a_patient,
    a_physician,
    a_proposal,
    a_signature,
    an_injection,
    now,
)

pytestmark = pytest.mark.django_db

MONDAY = date(2026, 1, 5)
LATER = date(2026, 2, 2)


@pytest.fixture(autouse=True)
def every_outlook_is_what_its_rows_give():
    yield
    assert list(outlook.differences()) == []


@pytest.fixture
def course(today_is, client):
    """On maintenance every two months without loading; the last dose on 5 January. A physician is signed in."""
    today_is(MONDAY)
    course = a_course(starts_on=MONDAY, interval=months(2), loaded_elsewhere=True)
    an_injection(course, MONDAY)
    today_is(LATER)
    client.force_login(a_physician(course.clinic))
    course.refresh_from_db()
    assert course.next_due_on == date(2026, 3, 5)
    return course


def address(name, patient):
    return reverse(name, args=[patient.pk])


def boxes(name, day):
    return {f"{name}_day": day.day, f"{name}_month": day.month, f"{name}_year": day.year}


def hidden(page, name):
    tag = re.search(rf'<input[^>]*name="{name}"[^>]*>', page).group()
    value = re.search(r'value="([^"]*)"', tag)
    return unescape(value.group(1)) if value else ""


def act(client, name, patient, **typed):
    """Open the page, then send its form."""
    page = client.get(address(name, patient)).text
    sent = {"shown": hidden(page, "shown")} if 'name="shown"' in page else {}
    return client.post(address(name, patient), {**sent, **typed})


def test_a_pause_has_an_end_and_a_reason(client, course):
    refused = act(client, "pause_course", course.patient, **boxes("until", LATER))
    assert refused.status_code == 422
    assert "A pause ends on a later day" in refused.text
    assert "Say why the injections are paused" in refused.text
    answer = act(client, "pause_course", course.patient, **boxes("until", date(2026, 4, 1)), reason="Abroad")
    assert answer.status_code == 302
    course.refresh_from_db()
    assert (course.paused_on, course.paused_until, course.pause_reason) == (LATER, date(2026, 4, 1), "Abroad")
    assert course.next_due_on == date(2026, 4, 1)


def test_a_refused_pause_shows_the_date_it_would_lead_to(client, course):
    answer = act(client, "pause_course", course.patient, **boxes("until", date(2026, 4, 1)))
    assert answer.status_code == 422
    assert "With this pause the next dose would be due on" in answer.text
    assert "01-Apr-2026" in answer.text


def test_a_pause_is_ended_early_with_the_date_that_was_shown(client, course, today_is):
    act(client, "pause_course", course.patient, **boxes("until", date(2026, 6, 1)), reason="Abroad")
    today_is(date(2026, 3, 20))
    client.force_login(a_physician(course.clinic))
    page = client.get(address("resume_course", course.patient)).text
    assert "20-Mar-2026" in page
    assert act(client, "resume_course", course.patient).status_code == 302
    course.refresh_from_db()
    assert course.next_due_on == date(2026, 3, 20)
    assert "not paused" in client.get(address("resume_course", course.patient)).text
    assert client.post(address("resume_course", course.patient), {}).status_code == 422


def test_of_two_physicians_the_second_sees_the_pause_of_the_first(client, course):
    page = client.get(address("pause_course", course.patient)).text
    act(client, "pause_course", course.patient, **boxes("until", date(2026, 4, 1)), reason="The first")
    late = {"shown": hidden(page, "shown"), **boxes("until", date(2026, 9, 1)), "reason": "The second"}
    answer = client.post(address("pause_course", course.patient), late)
    assert answer.status_code == 422
    assert "Somebody has changed this treatment" in answer.text
    assert "“The first”" in unescape(answer.text)
    course.refresh_from_db()
    assert course.pause_reason == "The first"
    assert "The second" in answer.text, "what was typed is kept"


def test_the_form_that_was_refused_can_be_sent_again_after_looking(client, course):
    page = client.get(address("pause_course", course.patient)).text
    act(client, "pause_course", course.patient, **boxes("until", date(2026, 4, 1)), reason="The first")
    typed = {**boxes("until", date(2026, 9, 1)), "reason": "The second"}
    answer = client.post(address("pause_course", course.patient), {"shown": hidden(page, "shown"), **typed})
    again = {"shown": hidden(answer.text, "shown"), **typed}
    assert client.post(address("pause_course", course.patient), again).status_code == 302


VALID = ("reversible_cause_resolved", "switched_to_oral", "allergy", "diagnosis_revised", "informed_refusal")
NEVER = {"levels_normal": "B-STOP-LEVELS", "symptoms_improved": "B-STOP-SYMPTOMS"}
RULES = {"levels_normal": "R-22", "symptoms_improved": "R-23"}


def test_every_reason_can_be_chosen_and_what_would_fall_away_stands_above(client, course):
    page = unescape(client.get(address("stop_course", course.patient)).text)
    offered = re.findall(r'name="reason" value="(\w+)"', page)
    assert offered == [*VALID, "patient_request", "died", "moved_away", *NEVER]
    for said in ("05-Mar-2026", "Blood tests: 3 months", "02-May-2026", "Letters", "D-16", "C-10"):
        assert said in page


@pytest.mark.parametrize("role", [Role.NURSE, Role.PHYSICIAN])
@pytest.mark.parametrize("reason", NEVER)
def test_a_reason_that_never_is_one_is_answered_with_its_rule_and_the_attempt_is_kept(
    client, course, role, reason
):
    person = a_member(course.clinic, role)
    client.force_login(person)
    typed = {"reason": reason, "conversation": "B12 is 400", **boxes("on", LATER)}
    answer = act(client, "stop_course", course.patient, **typed)
    assert answer.status_code == 422
    text = unescape(answer.text)
    for said in (NEVER[reason], RULES[reason], "C-10", "NICE NG239", "The plan goes on", "B12 is 400"):
        assert said in text
    assert Course.objects.get().is_open
    kept = Decision.objects.get()
    assert (kept.code, kept.outcome, kept.reason) == (NEVER[reason], "plan continues", "B12 is 400")
    assert kept.decided_by == person
    assert {fact["label"] for fact in kept.seen["facts"]} >= {"Neurological involvement"}
    story = unescape(client.get(course.patient.get_absolute_url()).text)
    assert "is no reason to stop" in story
    act(client, "stop_course", course.patient, **typed)
    assert Decision.objects.count() == 1, "a second try of the day adds nothing"


@pytest.mark.parametrize("reason", [*VALID, "moved_away"])
def test_a_nurse_stops_nothing(client, course, reason):
    client.force_login(a_nurse(course.clinic))
    typed = {"reason": reason, "conversation": "Said so at length", **boxes("on", LATER)}
    answer = act(client, "stop_course", course.patient, **typed)
    assert answer.status_code == 422
    assert "Only a physician may do this" in answer.text
    assert "B-ROLE" in answer.text or reason == "moved_away"
    assert Course.objects.get().is_open
    assert not Decision.objects.exists()


@pytest.mark.parametrize("role", [Role.NURSE, Role.PHYSICIAN])
def test_a_wish_to_stop_is_recorded_and_the_plan_goes_on(client, course, role):
    client.force_login(a_member(course.clinic, role))
    typed = {"reason": "patient_request", **boxes("on", LATER)}
    assert act(client, "stop_course", course.patient, **typed).status_code == 422, (
        "what was said is asked for"
    )
    answer = act(client, "stop_course", course.patient, **typed, conversation="No more needles")
    assert answer.status_code == 302
    wish = Request.objects.unanswered().get()
    assert (wish.kind, wish.text, wish.codes) == ("stop", "No more needles", ["H-STOP-REFUSAL"])
    assert Course.objects.get().is_open


@pytest.mark.parametrize("role", [Role.NURSE, Role.PHYSICIAN])
def test_a_death_leads_to_its_own_page_from_either_role(client, course, role):
    client.force_login(a_member(course.clinic, role))
    answer = act(client, "stop_course", course.patient, reason="died", **boxes("on", LATER))
    assert answer.url == address("record_death", course.patient)


def test_a_move_leads_a_physician_to_the_transfer(client, course):
    answer = act(client, "stop_course", course.patient, reason="moved_away", **boxes("on", LATER))
    assert answer.url == address("transfer_out", course.patient)


@pytest.mark.parametrize("reason", [reason for reason in VALID if reason != "informed_refusal"])
def test_a_valid_reason_of_a_physician_ends_the_treatment_and_keeps_what_was_seen(client, course, reason):
    assert act(client, "stop_course", course.patient, reason=reason, **boxes("on", LATER)).status_code == 302
    course.refresh_from_db()
    assert (course.phase, course.end_reason, course.next_due_on) == ("ended", reason, None)
    kept = Decision.objects.get(code="STOP")
    assert ["Next dose due", "05-Mar-2026"] in kept.seen["stands"]


@pytest.mark.parametrize("reason", ["because", ""])
def test_no_other_word_is_a_reason(client, course, reason):
    answer = act(client, "stop_course", course.patient, reason=reason, **boxes("on", LATER))
    assert answer.status_code == 422
    assert Course.objects.get().is_open


def test_tablets_from_elsewhere_are_refused_as_the_switch_itself_would_be(client, course):
    clinical.record_facts(
        patient=course.patient,
        answers={"neuro": "present"},
        observed_on=LATER,
        now=now(),
        recorded_by=a_nurse(course.clinic),
    )
    answer = act(client, "stop_course", course.patient, reason="switched_to_oral", **boxes("on", LATER))
    assert answer.status_code == 422
    assert "B-ORAL-NEURO" in answer.text
    assert Course.objects.get().is_open


def test_a_fact_that_changed_since_the_page_was_opened_refuses_the_end(client, course):
    shown = hidden(client.get(address("stop_course", course.patient)).text, "shown")
    clinical.record_facts(
        patient=course.patient,
        answers={"pregnant": True},
        observed_on=LATER,
        now=now(),
        recorded_by=a_nurse(course.clinic),
    )
    late = {"shown": shown, "reason": "allergy", "conversation": "Hives", **boxes("on", LATER)}
    answer = client.post(address("stop_course", course.patient), late)
    assert answer.status_code == 422
    assert "look again, then decide" in answer.text
    assert "Hives" in answer.text
    assert Course.objects.get().is_open


def test_booked_places_are_cancelled_with_the_treatment_but_for_those_that_are_kept(client, course):
    places = [
        appointments.book(
            course=course,
            subject=subject,
            on=on,
            at=time(10),
            now=now(),
            booked_by=a_nurse(course.clinic),
        )
        for subject, on in (("dose", date(2026, 3, 5)), ("lab", date(2026, 4, 7)))
    ]
    page = client.get(address("stop_course", course.patient)).text
    assert "05-Mar-2026" in page
    assert "is cancelled, unless you keep it" in page
    typed = {"reason": "reversible_cause_resolved", "keep": [places[1].pk], **boxes("on", LATER)}
    assert act(client, "stop_course", course.patient, **typed).status_code == 302
    assert [Appointment.objects.get(pk=place.pk).state for place in places] == ["cancelled", "booked"]
    course.refresh_from_db()
    assert course.lab_due_on == date(2026, 5, 2), "the recheck stays listed"


def test_an_informed_refusal_needs_the_conversation_and_answers_the_wish(client, course):
    courses.ask_to_stop(
        patient=course.patient,
        reason="patient_request",
        text="No more needles",
        on=LATER,
        raised_by=a_nurse(course.clinic),
    )
    assert "No more needles" in client.get(address("stop_course", course.patient)).text
    typed = {"reason": "informed_refusal", **boxes("on", LATER)}
    answer = act(client, "stop_course", course.patient, **typed)
    assert answer.status_code == 422
    assert "Write what was said" in answer.text
    talked = "Knows that nerves may be damaged for good"
    answer = act(client, "stop_course", course.patient, **typed, conversation=talked)
    assert answer.status_code == 302
    assert Course.objects.get().end_reason == "informed_refusal"
    assert not Request.objects.unanswered().exists()
    assert Decision.objects.get(request__isnull=False).reason == talked


def test_a_resolved_cause_leaves_the_recheck_that_was_shown(client, course):
    typed = {"reason": "reversible_cause_resolved", **boxes("on", LATER)}
    assert act(client, "stop_course", course.patient, **typed).status_code == 302
    course.refresh_from_db()
    assert (course.phase, course.lab_due_on) == ("ended", date(2026, 5, 2))


def test_a_treatment_does_not_end_on_a_day_to_come(client, course):
    typed = {"reason": "allergy", **boxes("on", LATER + timedelta(days=1))}
    answer = act(client, "stop_course", course.patient, **typed)
    assert answer.status_code == 422
    assert "has not come yet" in answer.text


def test_of_two_physicians_the_second_sees_how_the_treatment_ended(client, course):
    page = client.get(address("stop_course", course.patient)).text
    act(client, "stop_course", course.patient, reason="allergy", **boxes("on", LATER))
    late = {"shown": hidden(page, "shown"), "reason": "diagnosis_revised", **boxes("on", LATER)}
    answer = client.post(address("stop_course", course.patient), {**late, "conversation": "Gluten, in truth"})
    assert answer.status_code == 422
    assert "The last treatment ended on" in answer.text
    assert "allergy" in answer.text
    assert "Gluten, in truth" in answer.text, "nothing typed is lost"
    assert Course.objects.get().end_reason == "allergy"


def test_the_first_tablet_takes_the_injection_off_the_list(client, today_is):
    today_is(MONDAY)
    patient = a_patient()
    physician = a_physician(patient.clinic)
    from_lab = {"analyte": "EGFR", "value": Decimal(90), "unit": "mL/min/1.73 m2"}
    injected = a_course(patient, starts_on=MONDAY, interval=months(2), loaded_elsewhere=True)
    an_injection(injected, MONDAY)
    today_is(LATER)
    clinical.record_results(
        patient=patient, collected_on=MONDAY, values=[from_lab], now=now(), recorded_by=physician
    )
    client.force_login(physician)
    assert "have not been decided" in client.get(address("confirm_oral", patient)).text
    a_signature(a_proposal(patient, LATER, form=Form(route=AskedRoute.ORAL)))
    page = client.get(address("confirm_oral", patient)).text
    assert "to be taken by <time" in page
    assert "05-Mar-2026" in page
    assert act(client, "confirm_oral", patient, **boxes("on", LATER)).status_code == 302
    refused = client.get(address("record_injection", patient)).text
    assert "This patient takes tablets now" in refused
    assert "No physician has signed this plan" not in refused
    course = Course.objects.get()
    assert (course.phase, course.oral_confirmed_on) == ("oral", LATER)
    assert "was confirmed for" in client.get(address("confirm_oral", patient)).text


def test_a_patient_who_moves_stays_on_the_lists_until_the_handover(client, course):
    patient = course.patient
    assert "goes on being reminded" in client.get(address("transfer_out", patient)).text
    assert act(client, "transfer_out", patient, **boxes("on", LATER)).status_code == 302
    course.refresh_from_db()
    assert course.is_open
    assert "Confirm the handover" in client.get(address("transfer_out", patient)).text
    page = client.get(address("confirm_handover", patient)).text
    assert "05-Mar-2026" in page
    early = act(client, "confirm_handover", patient, **boxes("on", LATER - timedelta(days=1)))
    assert early.status_code == 422
    assert act(client, "confirm_handover", patient, **boxes("on", LATER)).status_code == 302
    course.refresh_from_db()
    assert course.end_reason == "moved_away"
    assert act(client, "confirm_handover", patient, **boxes("on", LATER)).status_code == 422


def test_a_death_is_recorded_by_a_nurse_and_undone_by_a_physician_only(client, course):
    patient = course.patient
    client.force_login(a_nurse(course.clinic))
    assert "05-Mar-2026" in client.get(address("record_death", patient)).text
    assert act(client, "record_death", patient, **boxes("on", date(2026, 2, 1))).status_code == 302
    course.refresh_from_db()
    assert (course.phase, course.next_due_on) == ("ended", None)
    assert client.get(address("reverse_death", patient)).status_code == 403
    client.force_login(a_physician(course.clinic))
    page = client.get(address("reverse_death", patient)).text
    assert "05-Mar-2026" in page, "the dose that will be due again"
    assert act(client, "reverse_death", patient).status_code == 302
    course.refresh_from_db()
    assert (course.is_open, course.next_due_on) == (True, date(2026, 3, 5))
    assert act(client, "reverse_death", patient).status_code == 422


@pytest.mark.parametrize("on", [LATER + timedelta(days=1), date(1960, 1, 1)])
def test_nobody_dies_in_the_future_or_before_being_born(client, course, on):
    assert act(client, "record_death", course.patient, **boxes("on", on)).status_code == 422
    assert Patient.objects.get(pk=course.patient_id).status == "active"


def test_a_physician_who_records_a_death_answers_the_report_of_it(client, course):
    requests.ask_physician(
        patient=course.patient, kind="death", raised_on=LATER, raised_by=a_nurse(course.clinic), text="Son"
    )
    act(client, "record_death", course.patient, **boxes("on", LATER))
    assert not Request.objects.unanswered().exists()


def test_a_second_death_is_refused(client, course):
    act(client, "record_death", course.patient, **boxes("on", LATER))
    answer = act(client, "record_death", course.patient, **boxes("on", LATER))
    assert answer.status_code == 422
    assert "recorded already" in answer.text


PAGES = (
    "pause_course",
    "resume_course",
    "stop_course",
    "confirm_oral",
    "transfer_out",
    "confirm_handover",
    "record_death",
    "reverse_death",
)


def test_each_role_opens_only_its_pages_and_looking_changes_nothing(client, course):
    before = list(Course.objects.values())
    for role in Role:
        client.force_login(a_member(course.clinic, role))
        for page in PAGES:
            may = role == Role.PHYSICIAN or (role == Role.NURSE and page in ("record_death", "stop_course"))
            assert client.get(address(page, course.patient)).status_code == (200 if may else 403), (
                role,
                page,
            )
            if not may:
                sent = {**boxes("on", LATER), **boxes("until", date(2026, 4, 1)), "reason": "allergy"}
                assert client.post(address(page, course.patient), sent).status_code == 403, (role, page)
    assert list(Course.objects.values()) == before
    assert Patient.objects.get(pk=course.patient_id).status == "active"


def test_another_clinics_patient_is_not_there(client, course):
    client.force_login(a_physician(a_clinic("Elsewhere")))
    for page in PAGES:
        assert client.get(address(page, course.patient)).status_code == 404
        assert client.post(address(page, course.patient), {}).status_code == 404


def test_without_a_treatment_each_page_says_so(client, today_is):
    today_is(MONDAY)
    patient = a_patient()
    client.force_login(a_physician(patient.clinic))
    for page in ("pause_course", "resume_course", "stop_course", "confirm_oral"):
        assert "There is no treatment to decide about" in client.get(address(page, patient)).text
        assert client.post(address(page, patient), {}).status_code == 422


def test_who_came_from_the_list_of_decisions_is_led_back_to_it(client, course):
    page = client.get(address("stop_course", course.patient) + "?from=decisions").text
    sent = {"shown": hidden(page, "shown"), "reason": "allergy", **boxes("on", LATER)}
    answer = client.post(address("stop_course", course.patient) + "?from=decisions", sent)
    assert answer.url == reverse("decisions")
