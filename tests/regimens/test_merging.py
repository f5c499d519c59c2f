"""Two records of one person: proposed, confirmed, read as one by every page, taken apart; nothing is ever lost."""

from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from threading import Barrier
from uuid import uuid4

import pytest
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from monitoring.decisions.kinds import BY_KEY
from patients import banner, search, services
from patients.models import AuditEntry, ClinicalFact, Patient, Result, Role
from patients.refusals import NotAllowed, Stale
from regimens.facts import facts_of
from regimens.imports.checking import NewPatient
from regimens.imports.known import known
from regimens.models import Appointment, Authorisation, Course, Decision, FollowUp, Injection, Request
from regimens.models.course import EndReason
from regimens.protocol.intervals import months
from regimens.services import clinical, courses, injections, merging, not_given, outlook, requests
from regimens.services.decisions import decide_incident
from tests.browsing import sent_by
from tests.factories import (
    a_clinic,
    a_course,
    a_member,
    a_nurse,
    a_patient,
    a_physician,
    an_injection,
    at,
    given,
    now,
)

MONDAY = date(2026, 1, 5)
TODAY = date(2026, 1, 16)
TWINS = {"family_name": "O’Brien", "given_names": "Zoë", "born_on": date(1945, 7, 14)}


@pytest.fixture
def clinic(db, today_is):
    today_is(MONDAY)
    return a_clinic(open_weekdays="0123456")


@pytest.fixture
def stays(clinic):
    """The record with the treatment; one dose on Monday."""
    course = a_course(a_patient(clinic, **TWINS, record_number="N-1"), starts_on=MONDAY, interval=months(3))
    an_injection(course, MONDAY)
    allergies(course.patient, MONDAY, "parabens")
    return again(course.patient)


@pytest.fixture
def double(clinic, stays):
    """The second record, with an old number, an allergy, a platelet count and a dose given elsewhere."""
    patient = a_patient(
        clinic,
        family_name="OBrien",
        given_names="Zoe Ann",
        born_on=date(1945, 7, 15),
        record_number="X-2",
        national_id_system="nhs",
        national_id="9434765919",
        facts={"allergies": ["cobalt"]},
    )
    record(patient, MONDAY, PLT=(30, "10^9/L"))
    return patient


def again(patient: Patient) -> Patient:
    """The record as it stands now."""
    return Patient.objects.select_related("clinic", "merged_into").get(pk=patient.pk)


def record(patient: Patient, on: date, **values):
    rows = [
        {"analyte": name, "value": value, "unit": unit, "confirmed": True}
        for name, (value, unit) in values.items()
    ]
    return clinical.record_results(
        patient=patient, collected_on=on, values=rows, now=now(), recorded_by=a_nurse(patient.clinic)
    )


def allergies(patient: Patient, on: date, *names: str) -> None:
    """Answer the question about allergies on a day."""
    clinical.record_facts(
        patient=patient,
        answers={"allergies": list(names)},
        observed_on=on,
        now=at(on),
        recorded_by=a_nurse(patient.clinic),
    )


def elsewhere(patient: Patient, on: date, **details) -> Injection:
    """A dose given elsewhere, told afterwards."""
    told = given(on, already_given=True, source="elsewhere", source_name="Hospital", site="", **details)
    return injections.record_injection(
        patient=patient, given=told, token=uuid4(), now=now(), recorded_by=a_nurse(patient.clinic)
    )


def propose(stays: Patient, double: Patient, **changed) -> Request:
    asked = {"reason": "Same person, same phone", "on": TODAY, "raised_by": a_nurse(stays.clinic), **changed}
    return merging.propose_merge(stays=stays, double=double, **asked)


def confirm(request: Request, **changed) -> Decision:
    stays, double = again(request.patient), again(request.double)
    decided = {
        "shown": merging.fingerprint(stays, double),
        "on": TODAY,
        "decided_by": a_physician(stays.clinic),
        **changed,
    }
    return merging.confirm_merge(request=Request.objects.get(pk=request.pk), **decided)


def merged(stays: Patient, double: Patient) -> tuple[Patient, Patient]:
    confirm(propose(stays, double))
    return again(stays), again(double)


def content() -> list:
    """Every row of what was given, measured, answered and decided, as it is stored."""
    tables = (Injection, Result, ClinicalFact, Course, Appointment)
    return [list(table.objects.order_by("pk").values()) for table in tables]


# -- Proposing ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("role", [Role.NURSE, Role.MANAGER])
def test_a_nurse_or_a_manager_proposes_and_nothing_changes_yet(clinic, stays, double, role):
    before = content()
    request = propose(stays, double, raised_by=a_member(clinic, role))
    assert (request.kind, request.patient, request.double) == ("merge", stays, double)
    assert again(double).merged_into is None
    assert content() == before
    assert AuditEntry.objects.filter(act="proposed merge").values_list("patient", flat=True).count() == 2


@pytest.mark.parametrize("role", [Role.RECEPTION, Role.PHYSICIAN, Role.AUDITOR])
def test_nobody_else_proposes(clinic, stays, double, role):
    with pytest.raises(NotAllowed):
        propose(stays, double, raised_by=a_member(clinic, role))


def test_a_proposal_says_why_and_is_made_once_either_way_round(stays, double):
    with pytest.raises(NotAllowed, match="Say how|Say why"):
        propose(stays, double, reason=" ")
    propose(stays, double)
    with pytest.raises(NotAllowed, match="has been asked"):
        propose(stays, double)
    courses.stop(
        course=Course.objects.get(),
        reason=EndReason.DIAGNOSIS_REVISED,
        on=TODAY,
        decided_by=a_physician(stays.clinic),
    )
    with pytest.raises(NotAllowed, match="has been asked"):
        propose(double, stays)


def test_a_record_is_not_merged_with_itself_nor_with_another_clinics(stays, double):
    with pytest.raises(NotAllowed, match="same record"):
        propose(stays, stays)
    foreign = a_patient(a_clinic("Elsewhere"))
    with pytest.raises(NotAllowed):
        propose(stays, foreign)
    with pytest.raises(IntegrityError, match="itself|constraint"), transaction.atomic():
        Patient.objects.filter(pk=stays.pk).update(merged_into=stays.pk)


# -- What stands against it --------------------------------------------------------------------------------


def test_two_open_courses_are_not_merged_neither_proposed_nor_confirmed(clinic, stays, double):
    request = propose(stays, double)
    a_course(again(double), starts_on=TODAY, interval=months(3))
    with pytest.raises(NotAllowed, match="Both records have a treatment"):
        confirm(request)
    assert "Both records have a treatment" in merging.obstacles(stays, double)[0]
    assert again(double).merged_into is None
    assert Request.objects.get(pk=request.pk).answered_at is None


def test_two_open_courses_are_not_even_proposed(stays, double):
    a_course(double, starts_on=TODAY, interval=months(3))
    with pytest.raises(NotAllowed, match="Both records have a treatment"):
        propose(stays, double)


def test_the_record_with_the_treatment_is_the_one_that_stays(stays, double):
    with pytest.raises(NotAllowed, match="let that one stay"):
        propose(double, stays)


def test_counting_doses_on_one_day_are_not_merged_until_one_does_not_count(stays, double, today_is):
    today_is(TODAY)
    dose = elsewhere(double, MONDAY)
    assert dose.counts
    with pytest.raises(NotAllowed, match="on 5 January 2026"):
        propose(stays, double)
    injections.void_injection(
        injection=dose, now=now(), voided_by=a_physician(stays.clinic), reason="Told by mistake"
    )
    assert propose(stays, double)


def test_a_death_on_one_of_them_is_settled_first(stays, double):
    courses.record_death(patient=double, on=MONDAY, recorded_by=a_nurse(stays.clinic))
    with pytest.raises(NotAllowed, match="A death is recorded on one of them only"):
        propose(stays, again(double))


def test_what_is_still_to_be_done_after_the_needle_is_done_first(clinic, stays, double):
    course = a_course(again(double), starts_on=MONDAY, interval=months(3), reason="Doubled by mistake")
    dose = an_injection(course, MONDAY)
    courses.stop(
        course=course,
        reason=EndReason.DIAGNOSIS_REVISED,
        on=MONDAY,
        decided_by=a_physician(clinic),
    )
    assert FollowUp.objects.waiting().filter(injection=dose).exists()
    assert merging.obstacles(stays, again(double)) == [
        "Something is still to be done after an injection on the record that would go. Do it first.",
        "Both records have a dose that counts on 5 January 2026. Void one, or decide that it does not count.",
    ]


def test_a_merged_record_is_not_merged_again(clinic, stays, double):
    stays, double = merged(stays, double)
    third = a_patient(clinic, record_number="T-3")
    for pair in ((third, double), (double, third)):
        with pytest.raises(NotAllowed, match="already"):
            propose(*pair)


# -- Confirming --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("role", [Role.RECEPTION, Role.NURSE, Role.MANAGER, Role.AUDITOR])
def test_only_a_physician_confirms(clinic, stays, double, role):
    request = propose(stays, double)
    with pytest.raises(NotAllowed):
        confirm(request, decided_by=a_member(clinic, role))
    assert again(double).merged_into is None


def test_a_merge_is_a_pointer_and_no_row_is_rewritten(stays, double, today_is):
    today_is(TODAY)
    elsewhere(double, date(2026, 1, 9))
    before = content()
    stays, double = merged(stays, double)
    assert double.merged_into == stays
    injections_, results, facts, courses_, appointments = content()
    assert [injections_, results, appointments] == [before[0], before[1], before[4]]
    assert facts[: len(before[2])] == before[2]  # one answer more: the allergies of both
    assert len(facts) == len(before[2]) + 1
    assert [row["id"] for row in courses_] == [row["id"] for row in before[3]]
    decision = Decision.objects.get(code="merge")
    assert (decision.outcome, decision.patient, decision.seen["double"]) == ("merged", stays, double.pk)
    acts = AuditEntry.objects.filter(act="merged records").values_list("patient", flat=True)
    assert set(acts) == {stays.pk, double.pk}


def test_what_was_shown_must_still_stand(clinic, stays, double):
    request = propose(stays, double)
    shown = merging.fingerprint(again(stays), again(double))
    services.change_contact(patient=double, version=1, changed_by=a_nurse(clinic), phone="01632 960001")
    with pytest.raises(Stale, match="Compare them again"):
        confirm(request, shown=shown)


def test_a_request_is_answered_once(stays, double):
    request = propose(stays, double)
    confirm(request)
    with pytest.raises(Stale, match="settled this already"):
        confirm(request)


# -- Read as one -------------------------------------------------------------------------------------------


def found(clinic, typed: str) -> list[Patient]:
    return search.page(search.find(clinic, search.read(typed, TODAY))).patients


@pytest.mark.parametrize(
    "typed", ["N-1", "X-2", "x -2", "943 476 5919", "15/7/1945", "14/7/1945 ann", "zoe ann", "zoe"]
)
def test_both_numbers_names_and_births_find_the_record_that_stays(clinic, stays, double, typed):
    merged(stays, double)
    assert found(clinic, typed) == [stays]


def test_a_changed_name_keeps_the_names_of_the_merged_record_findable(clinic, stays, double):
    stays, _double = merged(stays, double)
    services.change_contact(
        patient=stays, version=stays.version, changed_by=a_nurse(clinic), family_name="Married"
    )
    assert found(clinic, "married") == found(clinic, "ann") == [stays]
    assert found(clinic, "zoe obrien") == [stays]


def test_no_allergy_is_lost_because_the_other_record_was_asked_later(stays, double):
    stays, double = merged(stays, double)
    assert banner.allergies(stays) == banner.allergies(double) == ["Cobalt", "Parabens"]
    assert {allergy.value for allergy in facts_of(stays, TODAY).allergies} == {"cobalt", "parabens"}
    allergies(stays, TODAY, "parabens")  # a later answer is the newest, and holds
    assert banner.allergies(again(stays)) == ["Parabens"]


def test_facts_counts_and_badges_are_of_both_records(clinic, stays, double, today_is):
    stays, _double = merged(stays, double)
    assert facts_of(stays, TODAY).platelets.value == 30
    today_is(TODAY)
    page = signed_in(a_nurse(clinic)).get("/today/").content.decode()
    assert "Platelets 30" in page
    assert "Allergy: cobalt" in page


def test_a_dose_of_either_record_moves_the_date_and_is_the_last_dose(stays, double, today_is):
    today_is(TODAY)
    elsewhere(double, date(2026, 1, 14))
    assert Course.objects.get().last_given_on == MONDAY
    stays, double = merged(stays, double)
    course = Course.objects.get()
    assert course.last_given_on == date(2026, 1, 14)
    assert list(outlook.differences()) == []
    screen = injections.look(
        patient=stays, given=given(date(2026, 1, 14)), actor=a_nurse(stays.clinic), today=TODAY
    )
    assert "B-SAME-DAY-DOSE" in {finding.code for finding in screen.findings}


def test_what_becomes_of_a_dose_of_the_merged_record_moves_the_date_of_the_one_that_stays(
    stays, double, today_is
):
    today_is(TODAY)
    dose = elsewhere(double, date(2026, 1, 14))
    merged(stays, double)
    injections.void_injection(
        injection=Injection.objects.select_related("patient__clinic").get(pk=dose.pk),
        now=now(),
        voided_by=a_physician(stays.clinic),
        reason="Told by mistake",
    )
    assert Course.objects.get().last_given_on == MONDAY
    assert list(outlook.differences()) == []


def test_a_dose_given_since_is_known_to_the_ended_treatment_of_the_merged_record_too(stays, double, today_is):
    ended = a_course(double, starts_on=MONDAY, interval=months(3))
    courses.stop(
        course=ended, reason=EndReason.DIAGNOSIS_REVISED, on=MONDAY, decided_by=a_physician(stays.clinic)
    )
    stays, _double = merged(stays, double)
    today_is(TODAY)
    elsewhere(stays, date(2026, 1, 14))
    ended.refresh_from_db()
    assert ended.last_given_on == date(2026, 1, 14)
    assert list(outlook.differences()) == []


def test_an_incident_of_the_merged_record_never_counts_twice_on_a_day(stays, double, today_is):
    today_is(TODAY)
    first = elsewhere(double, date(2026, 1, 14))
    second = elsewhere(double, date(2026, 1, 14))
    assert (first.counts, second.counts) == (True, False)
    merged(stays, double)
    with pytest.raises(NotAllowed, match="Another dose of the same day counts already"):
        decide_incident(
            injection=Injection.objects.select_related("patient").get(pk=second.pk),
            counts=True,
            on=TODAY,
            decided_by=a_physician(stays.clinic),
        )


def test_a_dose_of_the_merged_record_stands_against_a_dose_not_given_that_day(stays, double, today_is):
    today_is(TODAY)
    elsewhere(double, TODAY)
    merged(stays, double)
    with pytest.raises(NotAllowed, match="A dose was given on this day"):
        not_given.record_not_given(
            course=Course.objects.select_related("patient").get(),
            on=TODAY,
            reason="dna",
            now=now(),
            recorded_by=a_nurse(stays.clinic),
        )


def test_results_and_voiding_of_both_records_stand_on_the_page_of_the_one_that_stays(clinic, stays, double):
    stays, double = merged(stays, double)
    nurse = signed_in(a_nurse(clinic))
    page = nurse.get(reverse("record_results", args=[stays.pk]))
    assert "Platelets" in page.content.decode().split("On record")[1]
    address = reverse("void_result", args=[double.pk, Result.objects.get().pk])
    assert address in page.content.decode()
    assert nurse.post(address, {"reason": "Not hers"}, follow=True).status_code == 200
    assert Result.objects.get().voided_by is not None
    assert facts_of(again(stays), TODAY).platelets is None


def test_a_low_potassium_is_urgent_until_loading_is_over_on_either_record(clinic, stays, double):
    record(double, MONDAY, K=("3.0", "mmol/L"), HB=("55", "g/L"))
    urgent = BY_KEY["results"]
    assert urgent.waiting(clinic, TODAY).count() == 1
    stays, _double = merged(stays, double)
    assert urgent.waiting(clinic, TODAY).count() == 1
    Course.objects.filter(patient=stays).update(phase=Course.Phase.MAINTENANCE)
    assert urgent.waiting(clinic, TODAY).count() == 0


def test_a_line_of_an_import_with_the_old_number_is_about_the_record_that_stays(clinic, stays, double):
    stays, _double = merged(stays, double)
    new = NewPatient(
        line=2, contact={"record_number": "X-2", "born_on": stays.born_on, "family_name": "O’Brien"}
    )
    assert known(clinic, [new]).by_number == {"X-2": stays}


def test_nothing_new_is_written_on_the_merged_record(clinic, stays, double):
    stale = Patient.objects.get(pk=double.pk)
    _stays, double = merged(stays, double)
    for patient, error in ((double, NotAllowed), (stale, Stale)):
        with pytest.raises(error, match="merged into another"):
            record(patient, MONDAY, K=(4, "mmol/L"))
        with pytest.raises(error, match="merged into another"):
            elsewhere(patient, MONDAY)
    with pytest.raises(NotAllowed, match="merged into another"):
        services.change_contact(patient=stale, version=1, changed_by=a_nurse(clinic), phone="1")
    assert Result.objects.count() == 1


@pytest.mark.parametrize(
    "page",
    ["patient", "record_results", "record_symptoms", "patient_facts", "edit_patient", "record_injection"],
)
def test_every_page_of_the_old_record_leads_to_the_one_that_stays(clinic, stays, double, page):
    stays, double = merged(stays, double)
    answer = signed_in(a_nurse(clinic)).get(reverse(page, args=[double.pk]) + "?from=decisions", follow=True)
    assert answer.redirect_chain == [(reverse(page, args=[stays.pk]) + "?from=decisions", 302)]
    assert "Record X-2 was merged into this one." in answer.content.decode()


def test_nobody_of_another_clinic_is_led_anywhere(stays, double):
    _stays, double = merged(stays, double)
    stranger = signed_in(a_nurse(a_clinic("Elsewhere")))
    assert stranger.get(reverse("patient", args=[double.pk])).status_code == 404


def test_the_story_and_the_merged_record_stand_on_the_page(clinic, stays, double, today_is):
    today_is(TODAY)
    elsewhere(double, date(2026, 1, 14))
    stays, double = merged(stays, double)
    words = signed_in(a_physician(clinic)).get(stays.get_absolute_url()).content.decode()
    assert "Given elsewhere: Hospital" in words
    assert "Records read with this one" in words
    assert reverse("unmerge", args=[stays.pk, double.pk]) in words


def test_the_worklist_costs_the_same_however_many_merged_records_it_reads(clinic, stays, double, today_is):
    merged(stays, double)
    today_is(TODAY)
    client = signed_in(a_nurse(clinic))
    client.get("/today/")
    with CaptureQueriesContext(connection) as with_one:
        client.get("/today/")
    today_is(MONDAY)
    for number in range(4):
        course = a_course(a_patient(clinic, record_number=f"S{number}"), starts_on=MONDAY, interval=months(3))
        merged(course.patient, a_patient(clinic, record_number=f"D{number}", facts={"allergies": ["cobalt"]}))
    today_is(TODAY)
    with CaptureQueriesContext(connection) as with_five:
        page = client.get("/today/").content.decode()
    assert page.count("Allergy: cobalt") == 5
    assert len(with_five) == len(with_one)


def test_what_was_asked_about_the_merged_record_is_answered_on_the_one_that_stays(clinic, stays, double):
    asked = requests.ask_physician(
        patient=double,
        kind=Request.Kind.HOLD,
        codes=("B-EARLY-DOSE",),
        raised_on=MONDAY,
        raised_by=a_nurse(clinic),
        text="May it be early?",
    )
    merged(stays, double)
    physician = signed_in(a_physician(clinic))
    kind = BY_KEY["holds"]
    row = kind.row(kind.values(kind.waiting(clinic, TODAY)).get(), TODAY)
    assert (row.patient, row.act.name) == (double.pk, "settle_request")
    where = reverse("settle_request", args=[double.pk, asked.pk])
    page = physician.get(where)
    assert codes_offered(page) == ["B-EARLY-DOSE"]
    sent = {**sent_by(page), "outcome": "authorised", "codes": ["B-EARLY-DOSE"], "reason": "Travels"}
    assert physician.post(where, sent).status_code == 302
    asked.refresh_from_db()
    assert asked.answered_at is not None
    assert Authorisation.objects.get().patient == stays


def codes_offered(page):
    """The codes that one dose may be let pass on a page."""
    return [value for value, _label in page.context["form"].fields["codes"].choices]


def test_leave_for_a_dose_asked_of_the_merged_record_is_given_on_the_one_that_stays(clinic, stays, double):
    asked = requests.ask_physician(
        patient=double,
        kind=Request.Kind.HOLD,
        codes=("B-EARLY-DOSE",),
        raised_on=MONDAY,
        raised_by=a_nurse(clinic),
        text="May it be early?",
    )
    merged(stays, double)
    physician = signed_in(a_physician(clinic))
    page = physician.get(reverse("authorise_dose", args=[double.pk]), {"request": asked.pk}, follow=True)
    where, _status = page.redirect_chain[0]
    assert where == reverse("authorise_dose", args=[stays.pk]) + f"?request={asked.pk}"
    sent = {**sent_by(page), "codes": ["B-EARLY-DOSE"], "reason": "Travels"}
    assert physician.post(where, sent).status_code == 302
    asked.refresh_from_db()
    assert asked.answered_at is not None
    assert Authorisation.objects.get().patient == stays


# -- Taking apart ------------------------------------------------------------------------------------------


def take_apart(double: Patient, **changed) -> None:
    decided = {
        "reason": "Mother and daughter",
        "on": TODAY,
        "decided_by": a_physician(double.clinic),
        **changed,
    }
    merging.unmerge(double=again(double), **decided)


def test_taken_apart_each_record_has_its_own_again(clinic, stays, double, today_is):
    today_is(TODAY)
    elsewhere(double, date(2026, 1, 14))
    before = Course.objects.values().get()
    stays, double = merged(stays, double)
    take_apart(double)
    stays, double = again(stays), again(double)
    assert double.merged_into is None
    assert banner.allergies(stays) == ["Parabens"]
    assert banner.allergies(double) == ["Cobalt"]
    after = Course.objects.values().get()
    ignored = {"version", "changed_at"}
    for course in (before, after):  # the answer is given back on a later day
        course["at_a_glance"]["answers"]["allergies"].pop()
    assert {k: v for k, v in after.items() if k not in ignored} == {
        k: v for k, v in before.items() if k not in ignored
    }
    assert list(outlook.differences()) == []
    assert found(clinic, "X-2") == found(clinic, "ann") == [double]
    assert found(clinic, "N-1") == [stays]
    assert Decision.objects.get(code="UNMERGE").reason == "Mother and daughter"


def test_an_allergy_answered_since_the_merge_is_not_taken_back(stays, double):
    stays, double = merged(stays, double)
    allergies(stays, TODAY, "cobalt")
    rows = ClinicalFact.objects.count()
    take_apart(double)
    assert ClinicalFact.objects.count() == rows


def test_only_a_physician_takes_apart_once_and_with_a_reason(clinic, stays, double):
    _stays, double = merged(stays, double)
    with pytest.raises(NotAllowed):
        take_apart(double, decided_by=a_nurse(clinic))
    with pytest.raises(NotAllowed, match="Say why"):
        take_apart(double, reason=" ")
    take_apart(double)
    with pytest.raises(Stale):
        take_apart(double)


def test_a_record_that_had_others_takes_them_along_and_back(clinic, stays, double):
    third = a_patient(clinic, record_number="T-3")
    merged(double, third)
    stays, double = merged(stays, double)
    assert again(third).merged_into == stays
    assert stays.record_keys == again(third).record_keys == (stays.pk, double.pk, third.pk)
    take_apart(double)
    assert again(third).merged_into == again(double)
    assert again(stays).record_keys == (stays.pk,)


def test_a_national_number_that_both_have_by_now_is_corrected_before_they_are_taken_apart(
    clinic, stays, double
):
    stays, double = merged(stays, double)
    services.change_contact(
        patient=stays,
        version=stays.version,
        changed_by=a_nurse(clinic),
        national_id_system="nhs",
        national_id="9434765919",
    )
    with pytest.raises(NotAllowed, match="same national number"):
        take_apart(double)
    assert again(double).merged_into == stays


# -- Through the pages -------------------------------------------------------------------------------------


def signed_in(person) -> Client:
    client = Client()
    client.force_login(person)
    return client


def test_from_the_patients_page_to_the_physicians_list_and_back(clinic, stays, double):
    nurse, physician = signed_in(a_nurse(clinic)), signed_in(a_physician(clinic))
    assert reverse("propose_merge", args=[stays.pk]) in nurse.get(stays.get_absolute_url()).content.decode()
    compare = reverse("compare_records", args=[stays.pk, double.pk])
    assert compare in nurse.get(reverse("propose_merge", args=[stays.pk])).content.decode()
    assert nurse.post(reverse("propose_merge", args=[stays.pk]), {"number": "x-2"}).url == compare
    wrong = nurse.post(reverse("propose_merge", args=[stays.pk]), {"number": "nobody"})
    assert wrong.status_code == 422
    words = nurse.get(compare).content.decode()
    assert "OBRIEN, Zoe Ann" in words
    assert "Differs" in words
    assert "Cobalt" in words
    refused = nurse.post(compare, {"stays": double.pk, "reason": "Same"})
    assert "let that one stay" in refused.content.decode()
    assert nurse.post(compare, {"stays": stays.pk, "reason": "Same phone"}).url == stays.get_absolute_url()
    assert "A physician has been asked about these two" in nurse.get(compare).content.decode()
    request = Request.objects.get()
    address = reverse("decide_merge", args=[stays.pk, request.pk])
    assert address in physician.get(reverse("decisions")).content.decode()
    assert nurse.get(address).status_code == 403
    sent = {**sent_by(physician.get(address)), "outcome": "merge"}
    assert physician.post(address, sent).status_code == 302
    assert again(double).merged_into == stays
    second = physician.post(address, sent)
    assert second.status_code == 422
    assert "decided this on" in second.content.decode()
    undo = reverse("unmerge", args=[stays.pk, double.pk])
    assert physician.post(undo, {"reason": ""}).status_code == 422
    assert physician.post(undo, {"reason": "Two sisters"}).url == stays.get_absolute_url()
    assert again(double).merged_into is None


def test_two_persons_stay_apart_with_a_reason(clinic, stays, double):
    request = propose(stays, double)
    physician = signed_in(a_physician(clinic))
    address = reverse("decide_merge", args=[stays.pk, request.pk])
    sent = {**sent_by(physician.get(address)), "outcome": "two persons"}
    assert physician.post(address, sent).status_code == 422
    assert physician.post(address, {**sent, "reason": "Twins"}).status_code == 302
    assert again(double).merged_into is None
    assert Decision.objects.get().outcome == "two persons"
    assert BY_KEY["merges"].waiting(clinic, TODAY).count() == 0


def test_a_manager_compares_names_and_days_and_nothing_clinical(clinic, stays, double):
    manager = signed_in(a_member(clinic, Role.MANAGER))
    words = manager.get(reverse("compare_records", args=[stays.pk, double.pk])).content.decode()
    assert "Last visit" in words
    for hidden in ("Cobalt", "Doses that count", "Treatment", "Results"):
        assert hidden not in words
    looks = AuditEntry.objects.filter(actor__memberships__role=Role.MANAGER, act="opened")
    assert set(looks.values_list("patient", flat=True)) == {stays.pk, double.pk}


def test_another_clinics_record_is_not_there_to_compare(stays):
    foreign = a_patient(a_clinic("Elsewhere"))
    nurse = signed_in(a_nurse(stays.clinic))
    assert nurse.get(reverse("compare_records", args=[stays.pk, foreign.pk])).status_code == 404
    assert nurse.get(reverse("compare_records", args=[foreign.pk, stays.pk])).status_code == 404


@pytest.mark.django_db(transaction=True)
def test_of_two_physicians_confirming_at_once_one_wins_and_the_other_is_told(today_is):
    clinic = a_clinic(open_weekdays="0123456")
    today = clinic.day_of(now())
    course = a_course(a_patient(clinic, record_number="N-1"), starts_on=today, interval=months(3))
    double = a_patient(clinic, record_number="X-2")
    elsewhere(double, today - timedelta(days=1))
    request = propose(course.patient, double, on=today)
    address = reverse("decide_merge", args=[course.patient.pk, request.pk])
    clients = [signed_in(a_member(clinic, Role.PHYSICIAN)) for _ in range(6)]
    forms = [{**sent_by(client.get(address)), "outcome": "merge"} for client in clients]
    gate = Barrier(len(clients))

    def act(client, form):
        try:
            gate.wait(timeout=30)
            return client.post(address, form)
        finally:
            connection.close()

    with ThreadPoolExecutor(len(clients)) as pool:
        answers = list(pool.map(act, clients, forms))
    assert sorted(answer.status_code for answer in answers) == [302, *[422] * 5]
    assert Decision.objects.filter(code="merge").count() == 1
    assert again(double).merged_into == course.patient
    assert list(outlook.differences()) == []
