"""A course from the first proposal to its end, through the services and the database."""

from datetime import date, timedelta

import pytest

from patients.refusals import NotAllowed, Stale
from regimens.course_values import values_of
from regimens.models import Course, Injection, Request
from regimens.protocol.intervals import days, months
from regimens.protocol.standing import standing
from regimens.services import clinical, courses, decisions, injections, intervals, outlook, plans
from regimens.services.locking import PatientLock
from tests.factories import (
    a_course,
    a_nurse,
    a_patient,
    a_physician,
    a_proposal,
    a_signature,
    an_injection,
    now,
)

pytestmark = pytest.mark.django_db

LOADED = [
    date(2026, 1, 5),
    date(2026, 1, 7),
    date(2026, 1, 9),
    date(2026, 1, 12),
    date(2026, 1, 14),
    date(2026, 1, 16),
]


@pytest.fixture(autouse=True)
def every_outlook_is_what_its_rows_give():
    """After every test here the stored outlooks must equal a recount."""
    yield
    assert list(outlook.differences()) == []


@pytest.fixture
def course(today_is):
    today_is(date(2026, 1, 5))
    return a_course(starts_on=date(2026, 1, 5), interval=months(3))


@pytest.fixture
def loaded(course, today_is):
    for day in LOADED:
        today_is(day)
        an_injection(course, day, site="DELTOID_L" if LOADED.index(day) % 2 else "DELTOID_R")
    course.refresh_from_db()
    return course


def test_a_referral_has_a_next_date_before_anybody_signs(today_is):
    today_is(date(2026, 1, 5))
    plan = a_proposal(a_patient(), date(2026, 1, 7))
    assert plan.course.next_due_on == date(2026, 1, 7)
    assert Course.objects.get().next_due_on == date(2026, 1, 7)


def test_a_physician_must_choose_two_or_three_months(today_is):
    today_is(date(2026, 1, 5))
    plan = a_proposal(a_patient(), date(2026, 1, 5))
    with pytest.raises(NotAllowed, match="Choose how often"):
        a_signature(plan, interval=months(1))
    assert a_signature(plan, interval=months(2)).interval == months(2)


def test_six_doses_lead_to_maintenance_counted_from_the_last(loaded):
    assert (loaded.phase, loaded.next_due_on) == ("maintenance", date(2026, 4, 16))
    assert (loaded.window_opens_on, loaded.window_closes_on) == (date(2026, 4, 2), date(2026, 4, 30))
    assert loaded.lab_due_on == date(2026, 4, 5)


def test_a_fact_changed_since_the_page_was_opened_refuses_the_signature(today_is):
    today_is(date(2026, 1, 5))
    plan = a_proposal(a_patient(), date(2026, 1, 5))
    nurse = a_nurse(plan.course.clinic)
    clinical.record_facts(
        now=now(),
        patient=plan.course.patient,
        answers={"anticoagulant": True},
        observed_on=date(2026, 1, 5),
        recorded_by=nurse,
    )
    with pytest.raises(Stale):
        a_signature(plan, interval=months(2))


def test_a_nurse_may_not_sign(today_is):
    today_is(date(2026, 1, 5))
    plan = a_proposal(a_patient(), date(2026, 1, 5))
    with pytest.raises(NotAllowed, match="role"):
        plans.sign_plan(
            now=now(), plan=plan, facts_digest="", interval=months(2), signed_by=a_nurse(plan.course.clinic)
        )


def test_no_dose_is_recorded_on_an_unsigned_plan(today_is):
    today_is(date(2026, 1, 5))
    plan = a_proposal(a_patient(), date(2026, 1, 5))
    with pytest.raises(NotAllowed) as refusal:
        an_injection(plan.course, date(2026, 1, 5))
    assert refusal.value.code == "B-PLAN-UNSIGNED"
    assert Injection.objects.count() == 0


def test_what_was_already_given_is_recorded_as_an_incident_and_asks_a_physician(today_is):
    today_is(date(2026, 1, 5))
    plan = a_proposal(a_patient(), date(2026, 1, 5))
    dose = an_injection(plan.course, date(2026, 1, 5), already_given=True)
    assert dose.incident_codes == ["B-PLAN-UNSIGNED"]
    assert dose.counts
    assert Request.objects.get().injection == dose


def test_the_same_form_sent_twice_gives_the_first_answer(course):
    first = an_injection(course, date(2026, 1, 5))
    assert an_injection(course, date(2026, 1, 5), token=first.request_token) == first
    with pytest.raises(NotAllowed, match="other content"):
        an_injection(course, date(2026, 1, 5), token=first.request_token, site="DELTOID_R")
    assert Injection.objects.count() == 1


def test_a_second_dose_of_the_day_is_refused_but_can_be_recorded_as_given(course):
    an_injection(course, date(2026, 1, 5))
    with pytest.raises(NotAllowed) as refusal:
        an_injection(course, date(2026, 1, 5), site="DELTOID_R")
    assert refusal.value.code == "B-SAME-DAY-DOSE"
    second = an_injection(course, date(2026, 1, 5), site="DELTOID_R", already_given=True)
    assert not second.counts
    course.refresh_from_db()
    assert course.next_number == 2


def test_an_expired_vial_is_refused_before_the_needle_and_does_not_count_after_it(course):
    with pytest.raises(NotAllowed) as refusal:
        an_injection(course, date(2026, 1, 5), expires_on=date(2026, 1, 4))
    assert refusal.value.code == "B-VIAL-EXPIRED"
    dose = an_injection(course, date(2026, 1, 5), expires_on=date(2026, 1, 4), already_given=True)
    assert not dose.counts


def test_a_physician_decides_that_an_incident_counts(course):
    dose = an_injection(course, date(2026, 1, 5), expires_on=date(2026, 1, 4), already_given=True)
    physician = a_physician(course.clinic)
    decisions.decide_incident(
        injection=dose, counts=True, on=date(2026, 1, 5), decided_by=physician, reason="Harmless"
    )
    course.refresh_from_db()
    assert course.next_number == 2
    assert not Request.objects.unanswered().exists()
    with pytest.raises(Stale):
        decisions.decide_incident(injection=dose, counts=False, on=date(2026, 1, 5), decided_by=physician)


def test_an_early_dose_waits_for_a_physician(loaded, today_is):
    today_is(date(2026, 3, 1))
    with pytest.raises(NotAllowed) as refusal:
        an_injection(loaded, date(2026, 3, 1))
    assert refusal.value.code == "B-EARLY-DOSE"
    physician = a_physician(loaded.clinic)
    decisions.authorise_dose(
        patient=loaded.patient,
        codes=("B-EARLY-DOSE",),
        reason="Travels for six weeks",
        on=date(2026, 3, 1),
        decided_by=physician,
    )
    dose = an_injection(loaded, date(2026, 3, 1))
    loaded.refresh_from_db()
    assert dose.authorisation is not None
    assert loaded.next_due_on == date(2026, 6, 1)


def test_an_authorisation_lets_one_dose_pass_and_falls_when_a_fact_changes(loaded, today_is):
    today_is(date(2026, 3, 1))
    physician = a_physician(loaded.clinic)
    decisions.authorise_dose(
        patient=loaded.patient,
        codes=("B-EARLY-DOSE",),
        reason="Travels",
        on=date(2026, 3, 1),
        decided_by=physician,
    )
    clinical.record_facts(
        now=now(),
        patient=loaded.patient,
        answers={"anticoagulant": True},
        observed_on=date(2026, 3, 1),
        recorded_by=a_nurse(loaded.clinic),
    )
    with pytest.raises(NotAllowed):
        an_injection(loaded, date(2026, 3, 1))


def test_a_code_that_nobody_may_pass_cannot_be_authorised(loaded):
    with pytest.raises(NotAllowed, match="Nobody may pass"):
        decisions.authorise_dose(
            patient=loaded.patient,
            codes=("B-ROUTE-IV",),
            reason="Because",
            on=date(2026, 3, 1),
            decided_by=a_physician(loaded.clinic),
        )


def test_a_voided_dose_gives_its_date_back(loaded):
    last = Injection.objects.get(given_on=LOADED[-1])
    injections.void_injection(
        now=now(), injection=last, voided_by=a_nurse(loaded.clinic), reason="Wrong patient"
    )
    loaded.refresh_from_db()
    assert (loaded.phase, loaded.next_due_on, loaded.next_number) == ("loading", date(2026, 1, 16), 6)
    with pytest.raises(NotAllowed, match="already"):
        injections.void_injection(now=now(), injection=last, voided_by=a_nurse(loaded.clinic), reason="Again")


def test_a_nurse_voids_only_what_she_recorded_today(loaded, today_is):
    last = Injection.objects.get(given_on=LOADED[-1])
    today_is(date(2026, 1, 17))
    with pytest.raises(NotAllowed, match="role"):
        injections.void_injection(
            now=now(), injection=last, voided_by=a_nurse(loaded.clinic), reason="Wrong patient"
        )
    injections.void_injection(
        now=now(), injection=last, voided_by=a_physician(loaded.clinic), reason="Wrong patient"
    )


def test_a_pause_moves_the_date_to_its_end_and_a_course_in_pause_is_not_running(loaded, today_is):
    physician = a_physician(loaded.clinic)
    courses.pause(
        course=loaded, on=date(2026, 1, 16), until=date(2026, 6, 1), reason="Abroad", decided_by=physician
    )
    loaded.refresh_from_db()
    assert loaded.next_due_on == date(2026, 6, 1)
    assert not Course.objects.running(date(2026, 5, 1)).exists()
    assert Course.objects.running(date(2026, 6, 1)).exists()
    today_is(date(2026, 2, 1))
    courses.resume(course=loaded, on=date(2026, 2, 1), decided_by=physician)
    loaded.refresh_from_db()
    assert loaded.next_due_on == date(2026, 4, 16)


@pytest.mark.parametrize("reason", ["levels_normal", "symptoms_improved"])
def test_normal_levels_and_feeling_better_stop_nothing(loaded, reason):
    with pytest.raises(NotAllowed) as refusal:
        courses.stop(course=loaded, reason=reason, on=date(2026, 2, 1), decided_by=a_physician(loaded.clinic))
    assert refusal.value.code.startswith("B-STOP")
    loaded.refresh_from_db()
    assert loaded.is_open


def test_a_refusal_needs_the_conversation_in_words(loaded):
    physician = a_physician(loaded.clinic)
    with pytest.raises(NotAllowed, match="what was said"):
        courses.stop(course=loaded, reason="informed_refusal", on=date(2026, 2, 1), decided_by=physician)
    courses.stop(
        course=loaded,
        reason="informed_refusal",
        on=date(2026, 2, 1),
        decided_by=physician,
        conversation="Understands that nerves may be damaged for good; does not want more injections.",
    )
    loaded.refresh_from_db()
    assert (loaded.phase, loaded.next_due_on) == ("ended", None)


def test_a_resolved_cause_leaves_one_check_to_come(loaded, today_is):
    today_is(date(2026, 2, 1))
    courses.stop(
        course=loaded,
        reason="reversible_cause_resolved",
        on=date(2026, 2, 1),
        decided_by=a_physician(loaded.clinic),
    )
    loaded.refresh_from_db()
    assert loaded.lab_due_on == date(2026, 5, 1)


def test_a_death_ends_everything_and_can_be_taken_back(loaded):
    courses.record_death(patient=loaded.patient, on=date(2026, 1, 20), recorded_by=a_nurse(loaded.clinic))
    loaded.refresh_from_db()
    assert (loaded.ended_on, loaded.next_due_on) == (date(2026, 1, 20), None)
    courses.reverse_death(patient=loaded.patient, decided_by=a_physician(loaded.clinic))
    loaded.refresh_from_db()
    assert (loaded.ended_on, loaded.next_due_on) == (None, date(2026, 4, 16))


def test_a_patient_who_moves_stays_on_the_list_until_the_handover_is_confirmed(loaded, today_is):
    physician = a_physician(loaded.clinic)
    today_is(date(2026, 2, 2))
    courses.transfer_out(patient=loaded.patient, on=date(2026, 2, 1), decided_by=physician)
    loaded.refresh_from_db()
    assert loaded.next_due_on == date(2026, 4, 16)
    courses.confirm_handover(patient=loaded.patient, on=date(2026, 2, 2), decided_by=physician)
    loaded.refresh_from_db()
    assert (loaded.phase, loaded.end_reason) == ("ended", "moved_away")


def test_a_change_of_interval_counts_from_the_last_dose_and_over_the_cap_needs_a_reason(loaded, today_is):
    today_is(date(2026, 2, 1))
    physician = a_physician(loaded.clinic)
    with pytest.raises(NotAllowed, match="reason"):
        intervals.change_interval(
            now=now(), course=loaded, interval=months(1), reason="", decided_by=physician
        )
    intervals.change_interval(now=now(), course=loaded, interval=months(2), reason="", decided_by=physician)
    loaded.refresh_from_db()
    assert loaded.next_due_on == date(2026, 3, 16)
    assert loaded.plans.count() == 3


def test_a_shorter_interval_that_is_past_makes_the_dose_due_on_the_day_of_the_decision(loaded, today_is):
    today_is(date(2026, 3, 20))
    intervals.change_interval(
        now=now(), course=loaded, interval=months(2), reason="", decided_by=a_physician(loaded.clinic)
    )
    loaded.refresh_from_db()
    assert loaded.next_due_on == date(2026, 3, 20)
    today_is(date(2026, 3, 21))
    intervals.change_interval(
        now=now(), course=loaded, interval=days(42), reason="Tired", decided_by=a_physician(loaded.clinic)
    )
    loaded.refresh_from_db()
    assert loaded.next_due_on == date(2026, 3, 21)


def test_neurological_loading_ends_by_a_review_and_by_nothing_else(today_is):
    today_is(date(2026, 9, 7))
    course = a_course(starts_on=date(2026, 9, 7), facts={"neuro": "present"})
    an_injection(course, date(2026, 9, 7))
    course.refresh_from_db()
    assert (course.phase, course.review_due_on) == ("loading", date(2026, 9, 28))
    physician = a_physician(course.clinic)
    today_is(date(2026, 9, 28))
    decisions.record_neuro_review(
        now=now(), course=course, outcome="still_improving", on=date(2026, 9, 28), decided_by=physician
    )
    course.refresh_from_db()
    assert course.review_due_on == date(2026, 10, 12)
    today_is(date(2026, 10, 12))
    an_injection(course, date(2026, 10, 12))
    decisions.record_neuro_review(
        now=now(),
        course=course,
        outcome="no_further_improvement",
        on=date(2026, 10, 12),
        decided_by=physician,
    )
    course.refresh_from_db()
    assert (course.phase, course.next_due_on) == ("maintenance", date(2026, 12, 12))


def test_a_plan_without_loading_neither_recounts_nor_judges_the_doses_of_the_loading_before_it(
    loaded, today_is
):
    today_is(date(2026, 1, 19))
    a_signature(a_proposal(loaded.patient, date(2026, 1, 19), loaded_elsewhere=True))
    loaded.refresh_from_db()
    assert (loaded.phase, loaded.next_number, loaded.next_due_on) == ("maintenance", 7, date(2026, 4, 16))
    values = values_of([loaded])[loaded.pk]
    alerts = standing(values.plan, values.history, values.clinic_days, date(2026, 1, 19)).alerts
    assert "A-CLOSE-DOSES" not in alerts
    assert values.anchor_on == LOADED[0]
    today_is(date(2026, 4, 16))
    assert an_injection(loaded, date(2026, 4, 16)).number == 7


def test_worse_nerves_ask_a_physician_the_same_day(loaded):
    clinical.record_symptoms(
        now=now(),
        patient=loaded.patient,
        reported_on=date(2026, 1, 16),
        recorded_by=a_nurse(loaded.clinic),
        gait="worse",
    )
    assert Request.objects.get().same_day


def test_the_outlook_is_not_written_without_the_lock(loaded):
    with pytest.raises(RuntimeError):
        outlook.refresh_outlook(PatientLock(loaded.patient, object()))


def test_a_review_of_the_day_loading_begins_again_does_not_end_the_new_loading(today_is):
    monday = date(2026, 1, 5)
    today_is(monday)
    course = a_course(starts_on=monday, facts={"neuro": "present"})
    an_injection(course, monday)
    today_is(later := monday + timedelta(days=28))
    decisions.record_neuro_review(
        course=course,
        outcome="no_further_improvement",
        on=later,
        now=now(),
        decided_by=a_physician(course.clinic),
    )
    a_signature(a_proposal(course.patient, later))
    course.refresh_from_db()
    assert course.phase == Course.Phase.LOADING
    an_injection(course, later, site="DELTOID_R")
    course.refresh_from_db()
    assert (course.phase, course.next_due_on) == (Course.Phase.LOADING, later + timedelta(days=2))
    assert course.review_due_on == later + timedelta(days=21)
