"""The dose screen as a nurse or a physician uses it, through its own forms."""

from datetime import date, time
from uuid import uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from patients.models import Role
from patients.refusals import NotAllowed
from regimens.models import Authorisation, Injection, Request
from regimens.protocol.codes import CODES
from regimens.protocol.entries import Loading
from regimens.protocol.intervals import months
from regimens.services import clinical, courses, injections, stock
from tests.browsing import codes_on, sent_by
from tests.factories import (
    a_clinic,
    a_course,
    a_member,
    a_nurse,
    a_patient,
    a_physician,
    a_proposal,
    an_injection,
    given,
    now,
)

pytestmark = pytest.mark.django_db

TODAY = date(2026, 1, 5)
VIAL = {"lot": "LOT1", "expires_on_day": "1", "expires_on_month": "1", "expires_on_year": "2028"}
EXPIRED = {"lot": "LOT1", "expires_on_day": "4", "expires_on_month": "1", "expires_on_year": "2026"}
WHO = {"identity": ["name+born"], "asked": "nothing", "kit": "on"}


@pytest.fixture(autouse=True)
def _monday(today_is):
    today_is(TODAY)


@pytest.fixture
def course():
    return a_course(starts_on=TODAY, interval=months(3))


@pytest.fixture
def nurse(course, client):
    client.force_login(a_nurse(course.clinic))
    return client


@pytest.fixture
def physician(course, client):
    client.force_login(a_physician(course.clinic))
    return client


def page(patient, name="record_injection") -> str:
    return reverse(name, args=[patient.pk])


def filled(client, patient, name="record_injection", **changes) -> dict:
    """Open the form, tick two identifiers, read the vial, change what the test is about."""
    response = client.get(page(patient, name))
    assert response.status_code == 200
    return {"site": "DELTOID_L", **sent_by(response), **VIAL, **WHO, "save": "yes", **changes}


def give(client, patient, name="record_injection", **changes):
    """Fill in the form and save."""
    return client.post(page(patient, name), filled(client, patient, name, **changes))


def on_maintenance(course, today_is, last=date(2026, 1, 16)):
    """Give the six loading doses; the next is due in three months."""
    days = (date(2026, 1, day) for day in (5, 7, 9, 12, 14))
    for number, day in enumerate((*days, last)):
        today_is(day)
        an_injection(course, day, site="DELTOID_L" if number % 2 else "DELTOID_R")
    return course


# -- The routine ----------------------------------------------------------------------------------------


def test_the_first_dose_of_the_day_asks_for_the_vial_and_the_next_one_knows_it(nurse, course):
    assert give(nurse, course.patient, brand="Ours").status_code == 302
    another = a_course(a_patient(course.clinic), starts_on=TODAY, interval=months(3)).patient
    proposed = sent_by(nurse.get(page(another)))
    assert nurse.post(page(another), {**proposed, **WHO, "save": "yes"}).status_code == 302
    dose = Injection.objects.get(patient=another)
    assert (dose.lot, dose.expires_on, dose.brand) == ("LOT1", date(2028, 1, 1), "Ours")
    assert (dose.product, dose.micrograms, dose.route) == ("HYDROXOCOBALAMIN", 1000, "IM")
    assert dose.given_by == dose.recorded_by == a_nurse(course.clinic)


def test_what_was_given_before_is_asked_for_and_not_proposed(nurse, course):
    give(nurse, course.patient)
    proposed = sent_by(nurse.get(page(course.patient, "record_given")))
    assert not {"site", "lot", "brand"} & {name for name, value in proposed.items() if value}
    assert not proposed["expires_on_day"]
    refused = nurse.post(page(course.patient, "record_given"), {**proposed, "save": "yes"})
    assert "site" in refused.context["form"].errors


def test_a_vial_used_elsewhere_is_not_remembered(nurse, course):
    give(
        nurse, course.patient, "record_given", source="elsewhere", source_name="Harbour Clinic", lot="THEIRS"
    )
    assert not nurse.get(page(course.patient)).context["form"]["lot"].value()


def test_after_midnight_nobody_remembers_the_vial(course, client, today_is):
    """The same sign-in, three hours later: the session still holds, the day is another."""
    today_is(TODAY, time(22))
    client.force_login(a_nurse(course.clinic))
    give(client, course.patient)
    assert client.get(page(course.patient)).context["form"]["lot"].value() == "LOT1"
    today_is(date(2026, 1, 6), time(1))
    assert not client.get(page(course.patient)).context["form"]["lot"].value()


def test_the_vial_of_one_clinic_is_not_offered_in_another(nurse, course):
    give(nurse, course.patient)
    other = a_clinic()
    there = a_course(a_patient(other), starts_on=TODAY, interval=months(3))
    a_nurse(course.clinic).memberships.create(clinic=other, role=Role.NURSE)
    assert not nurse.get(page(there.patient)).context["form"]["lot"].value()


def test_after_saving_the_next_date_stands_large_and_undo_is_near(nurse, course):
    saved = nurse.get(give(nurse, course.patient).url)
    shown = saved.content.decode()
    assert "<strong>Wed 07-Jan-2026</strong>" in shown
    assert page(course.patient, "book_appointment") in shown
    dose = Injection.objects.get()
    assert reverse("void_injection", args=[course.patient.pk, dose.pk]) in shown
    assert "Observe for 15 minutes" in shown
    assert "The next is dose 2." in shown


def test_after_saving_the_page_says_what_the_next_date_follows_from(nurse, course, today_is):
    on_maintenance(course, today_is)
    nurse.force_login(a_nurse(course.clinic))
    last = Injection.objects.order_by("given_on").last()
    shown = nurse.get(reverse("injection", args=[course.patient.pk, last.pk])).content.decode()
    assert "Every 3 months, counted from the last dose that counts, 16-Jan-2026." in shown


def test_the_site_used_longest_ago_is_suggested(nurse, course, today_is):
    for day, site in (
        (5, "DELTOID_L"),
        (7, "DELTOID_R"),
        (9, "VASTUS_LATERALIS_L"),
        (12, "VASTUS_LATERALIS_R"),
    ):
        today_is(date(2026, 1, day))
        an_injection(course, date(2026, 1, day), site=site)
    today_is(date(2026, 1, 14))
    nurse.force_login(a_nurse(course.clinic))
    form = nurse.get(page(course.patient)).context["form"]
    assert form["site"].value() == "DELTOID_L"


def test_needle_reaction_and_note_are_kept(nurse, course):
    give(
        nurse,
        course.patient,
        needle_gauge="25",
        needle_length_mm="25",
        reaction="local",
        haematoma="no",
        observed_minutes="15",
        note="Pressed for five minutes.",
    )
    dose = Injection.objects.get()
    assert (dose.needle_gauge, dose.needle_length_mm, dose.observed_minutes) == (25, 25, 15)
    assert (dose.reaction, dose.haematoma, dose.note) == ("local", False, "Pressed for five minutes.")


def test_a_partial_dose_does_not_count_and_says_so(nurse, course):
    saved = nurse.get(give(nurse, course.patient, partial="on").url)
    assert "This dose does not count" in saved.content.decode()
    assert not Injection.objects.get().counts


def test_a_general_reaction_asks_a_physician_today(nurse, course):
    give(nurse, course.patient, reaction="general")
    assert Request.objects.get(kind="adverse").same_day


# -- Who it is for (H-01) -------------------------------------------------------------------------------


@pytest.mark.parametrize("ticked", [[], ["name"], ["name", "name"]])
def test_two_identifiers_are_compared_before_the_needle(nurse, course, ticked):
    response = give(nurse, course.patient, identity=ticked)
    assert response.status_code == 422
    assert "identity" in response.context["form"].errors
    assert not Injection.objects.exists()


def test_a_form_of_another_patient_is_refused_and_stays_refused(nurse, course):
    other = a_course(a_patient(course.clinic), starts_on=TODAY, interval=months(3)).patient
    sent = filled(nurse, other)
    refused = nurse.post(page(course.patient), sent)
    assert refused.status_code == 422
    assert "not opened for this patient" in refused.content.decode()
    assert nurse.post(page(course.patient), {**sent, **sent_by(refused)}).status_code == 422
    assert not Injection.objects.exists()


@pytest.mark.parametrize("token", ["", "made-up", "WyJhIiwgMV0:1abcde:xyz"])
@pytest.mark.parametrize("name", ["record_injection", "record_given"])
def test_a_form_that_was_not_made_here_is_refused(nurse, course, token, name):
    assert give(nurse, course.patient, name, token=token).status_code == 422
    assert not Injection.objects.exists()


def test_a_patient_with_a_name_like_this_one_is_pointed_out(nurse, course):
    a_patient(course.clinic, family_name="Éxample", given_names="Patricia")
    shown = nurse.get(page(course.patient)).content.decode()
    assert "ÉXAMPLE, Patricia" in shown


def test_a_form_of_another_patient_teaches_nothing_about_this_one(nurse, course):
    other = a_course(a_patient(course.clinic), starts_on=TODAY, interval=months(3)).patient
    told = {"asked": "changed", "changed-anticoagulant": "yes", "changed-gait": "new"}
    refused = nurse.post(page(course.patient), {**filled(nurse, other), **told})
    assert refused.status_code == 422
    assert clinical.latest_answers(course.patient)["anticoagulant"] is False
    assert not course.patient.symptom_reports.exists()


def test_a_form_left_open_over_night_records_nothing_the_next_morning(nurse, course, today_is):
    sent = filled(nurse, course.patient)
    given_before = filled(nurse, course.patient, "record_given")
    today_is(date(2026, 1, 6))
    nurse.force_login(a_nurse(course.clinic))
    refused = nurse.post(page(course.patient), sent)
    assert refused.status_code == 422
    assert "opened on another day" in refused.content.decode()
    assert not Injection.objects.exists()
    assert nurse.post(page(course.patient, "record_given"), given_before).status_code == 302
    assert Injection.objects.get().given_on == TODAY


# -- Once (H-02) ----------------------------------------------------------------------------------------


def test_a_double_tap_gives_the_first_answer_again(nurse, course):
    sent = filled(nurse, course.patient)
    first, second = nurse.post(page(course.patient), sent), nurse.post(page(course.patient), sent)
    assert first.url == second.url
    assert Injection.objects.count() == 1


def test_the_back_button_with_another_site_changes_nothing(nurse, course):
    sent = filled(nurse, course.patient)
    nurse.post(page(course.patient), sent)
    again = nurse.post(page(course.patient), {**sent, "site": "DELTOID_R"})
    assert again.status_code == 422
    assert "sent before with other content" in again.content.decode()
    assert Injection.objects.get().site == "DELTOID_L"


def test_a_second_form_on_the_same_day_is_refused(nurse, course):
    on_another_tablet = filled(nurse, course.patient)
    give(nurse, course.patient)
    refused = nurse.post(page(course.patient), on_another_tablet)
    assert (refused.status_code, codes_on(refused)) == (422, {"B-SAME-DAY-DOSE"})
    assert Injection.objects.count() == 1


# -- Every code of the dose screen, before the needle and after ------------------------------------------

COUNT_30 = {"analyte": "PLT", "value": "30", "unit": "10^9/L", "confirmed": True}


def with_results(patient, *values, on=TODAY):
    clinical.record_results(
        patient=patient,
        collected_on=on,
        values=[dict(value) for value in values],
        now=now(),
        recorded_by=a_nurse(patient.clinic),
    )


def plt(count: str) -> dict:
    return {**COUNT_30, "value": count}


def with_facts(patient, **answers):
    clinical.record_facts(
        patient=patient, answers=answers, observed_on=TODAY, now=now(), recorded_by=a_nurse(patient.clinic)
    )


def egfr(value: str) -> dict:
    return {"analyte": "EGFR", "value": value, "unit": "mL/min/1.73 m2", "confirmed": True}


ANAEMIA = (
    {"analyte": "HB", "value": "70", "unit": "g/L", "confirmed": True},
    {"analyte": "K", "value": "3.1", "unit": "mmol/L", "confirmed": True},
)
CYANO = {"product": "CYANOCOBALAMIN_IM"}
OVER_THE_COUNTER = {"product": "SOMETHING ELSE"}
# code: what is the matter with the patient, what is the matter with the form
CODES_OF_THE_SCREEN = {
    "B-ALLERGY-COBALAMIN": (lambda p: with_facts(p, allergies=["cyanocobalamin"]), {}),
    "B-ALLERGY-UNKNOWN": (lambda p: with_facts(p, allergies=None), {}),
    "B-FOLATE-BEFORE-B12": (lambda p: with_facts(p, folic_acid="requested"), {}),
    "B-PLT-LT10": (lambda p: with_results(p, plt("8")), {}),
    "H-PLT-10-24": (lambda p: with_results(p, plt("20")), {}),
    "B-PLT-STALE": (lambda p: with_results(p, COUNT_30, on=date(2025, 12, 20)), {}),
    "H-BLEED-COMBINED": (lambda p: (with_results(p, COUNT_30), with_facts(p, anticoagulant=True)), {}),
    "H-K-LOW": (lambda p: with_results(p, *ANAEMIA), {}),
    "B-SITE-GLUTEAL": (None, {"site": "GLUTEAL"}),
    "B-VIAL-EXPIRED": (None, EXPIRED),
    "B-DOSE-NOT-1MG": (None, {"micrograms": "5000"}),
    "B-ROUTE-IV": (None, {"route": "IV"}),
    "B-PRODUCT-UNKNOWN": (None, OVER_THE_COUNTER),
    "B-CYANO-RENAL": (lambda p: with_results(p, egfr("40")), CYANO),
    "B-CYANO-LEBER": (lambda p: with_facts(p, leber=True), CYANO),
    "B-ROLE": (None, {"route": "SC_DEEP"}),
}


@pytest.mark.parametrize("code", CODES_OF_THE_SCREEN)
def test_before_the_needle_the_rules_refuse_and_nothing_typed_is_lost(nurse, course, code):
    matter, changes = CODES_OF_THE_SCREEN[code]
    if matter:
        matter(course.patient)
    refused = give(nurse, course.patient, note="Typed before.", **changes)
    assert refused.status_code == 422
    assert code in codes_on(refused)
    assert code in refused.content.decode()
    assert "Typed before." in refused.content.decode()
    assert not Injection.objects.exists()


@pytest.mark.parametrize("code", CODES_OF_THE_SCREEN)
def test_what_was_given_against_a_rule_is_recorded_and_asks_a_physician(nurse, course, code):
    matter, changes = CODES_OF_THE_SCREEN[code]
    if matter:
        matter(course.patient)
    saved = give(nurse, course.patient, "record_given", **changes)
    assert saved.status_code == 302, saved.context["form"].errors
    assert code in Injection.objects.get().incident_codes
    assert code in Request.objects.get(kind="incident").codes
    assert "Recorded as an incident" in nurse.get(saved.url).content.decode()


# What somebody may write into a form that was not offered: each name is a column, a field of the service, or a flag.
EDITED = {
    "authorise_reason": "I say so",
    "authorisation": "1",
    "already_given": "on",
    "given_on": "2025-01-01",
    "given_on_day": "1",
    "given_on_month": "1",
    "given_on_year": "2025",
    "source": "elsewhere",
    "source_name": "Harbour Clinic",
    "identity_confirmed": "on",
    "questions_asked": "on",
    "site_confirmed": "on",
    "incident_codes": "",
    "finding_codes": "",
    "counts": "on",
    "recalled": "",
    "plan": "1",
    "course": "1",
    "number": "1",
}


def _early(patient, today_is):
    today_is(date(2026, 1, 16))
    course = a_course(
        a_patient(patient.clinic), starts_on=date(2026, 1, 16), interval=months(3), loaded_elsewhere=True
    )
    an_injection(course, date(2026, 1, 16))
    today_is(date(2026, 2, 2))
    return course.patient


def _another_state(code, patient, today_is):
    """Give a patient of whom the code is true though no fact and no field says so, or None."""
    if code == "B-EARLY-DOSE":
        return _early(patient, today_is)
    if code == "B-AGE-U16":
        return a_patient(patient.clinic, born_on=date(2012, 1, 1))
    if code == "B-PLAN-UNSIGNED":
        return a_proposal(a_patient(patient.clinic), TODAY).course.patient
    if code == "B-DAILY10-NEURO":
        daily = a_course(
            a_patient(patient.clinic), starts_on=TODAY, interval=months(3), loading=Loading.DAILY_X10
        )
        with_facts(daily.patient, neuro="present")
        return daily.patient
    if code == "B-SAME-DAY-DOSE":
        an_injection(patient.courses.get(), TODAY)
    if code == "B-INACTIVE":
        courses.record_death(patient=patient, on=TODAY, recorded_by=a_nurse(patient.clinic))
    if code == "B-LAB-IMPLAUSIBLE":
        patient.results.create(analyte="PLT", value="9000", unit="10^9/L", collected_on=TODAY)
    if code == "B-VIAL-RECALLED":
        lot = stock.receive(
            clinic=patient.clinic,
            product="HYDROXOCOBALAMIN",
            lot="LOT1",
            expires_on=date(2028, 1, 1),
            vials=5,
            now=now(),
            recorded_by=a_nurse(patient.clinic),
        )
        stock.recall(lot=lot, reason="Maker", recalled_by=a_nurse(patient.clinic))
    return patient


BEFORE_THE_NEEDLE = [
    *CODES_OF_THE_SCREEN,
    *("B-EARLY-DOSE", "B-AGE-U16", "B-PLAN-UNSIGNED", "B-DAILY10-NEURO", "B-SAME-DAY-DOSE", "B-INACTIVE"),
    *("B-LAB-IMPLAUSIBLE", "B-VIAL-RECALLED"),
]


@pytest.mark.parametrize("code", BEFORE_THE_NEEDLE)
def test_no_code_of_the_screen_is_passed_by_a_nurse_who_edits_the_form(client, course, today_is, code):
    matter, changes = CODES_OF_THE_SCREEN.get(code, (None, {}))
    if matter:
        matter(course.patient)
    patient = _another_state(code, course.patient, today_is)
    client.force_login(a_nurse(course.clinic))
    before = Injection.objects.count()
    plain = give(client, patient, **changes)
    assert code in codes_on(plain), "reached on the screen"
    edited = give(client, patient, **{**EDITED, "authorise": [code], **changes})
    assert edited.status_code == 422
    assert code in codes_on(edited)
    assert Injection.objects.count() == before
    assert not Authorisation.objects.exists()


# “Settled questions”: a physician authorises one dose with a reason. Deep under the skin is a physician's own hand.
A_PHYSICIAN_MAY = {"B-PLT-LT10", "H-PLT-10-24", "B-PLT-STALE", "H-BLEED-COMBINED", "H-K-LOW", "B-EARLY-DOSE"}


@pytest.mark.parametrize("code", [code for code in BEFORE_THE_NEEDLE if code != "B-ROLE"])
def test_a_physician_who_edits_the_form_passes_only_what_a_physician_may(client, course, today_is, code):
    matter, changes = CODES_OF_THE_SCREEN.get(code, (None, {}))
    if matter:
        matter(course.patient)
    patient = _another_state(code, course.patient, today_is)
    client.force_login(a_physician(course.clinic))
    before = Injection.objects.count()
    answer = give(client, patient, **{**EDITED, "authorise": [code], **changes})
    passed = code in A_PHYSICIAN_MAY
    assert answer.status_code == (302 if passed else 422)
    assert Injection.objects.count() - before == passed
    assert Authorisation.objects.count() == passed


def test_a_day_written_into_the_form_of_a_dose_to_give_is_not_believed(nurse, course):
    tomorrow = {"given_on": "2026-01-06", "given_on_day": "6", "given_on_month": "1", "given_on_year": "2026"}
    assert give(nurse, course.patient, **tomorrow, already_given="on").status_code == 302
    dose = Injection.objects.get()
    assert (dose.given_on, dose.already_given) == (TODAY, False)


def test_a_patient_under_sixteen_is_not_treated_here(client):
    child = a_patient(born_on=date(2012, 1, 1))
    client.force_login(a_nurse(child.clinic))
    refused = give(client, child)
    assert codes_on(refused) >= {"B-AGE-U16", "B-PLAN-UNSIGNED"}


def test_ten_daily_doses_are_refused_once_nerves_are_involved(client):
    course = a_course(starts_on=TODAY, interval=months(3), loading=Loading.DAILY_X10)
    client.force_login(a_nurse(course.clinic))
    with_facts(course.patient, neuro="present")
    assert "B-DAILY10-NEURO" in codes_on(give(client, course.patient))


@pytest.mark.parametrize("facts", [{"neuro": "present"}, {"severe": True}])
def test_tablets_are_no_injection_and_the_rules_say_why(nurse, course, facts):
    with_facts(course.patient, **facts)
    refused = give(nurse, course.patient, "record_given", product="CYANOCOBALAMIN_ORAL", route="ORAL")
    assert refused.status_code == 422
    assert codes_on(refused) & {"B-ORAL-NEURO", "B-ORAL-SEVERE"}
    assert not Injection.objects.exists()


def test_an_unsigned_plan_lets_no_dose_pass_and_leads_a_physician_to_the_signature(client):
    plan = a_proposal(a_patient(), TODAY)
    patient = plan.course.patient
    client.force_login(a_nurse(patient.clinic))
    assert codes_on(client.get(page(patient))) == {"B-PLAN-UNSIGNED"}
    assert give(client, patient).status_code == 422
    client.force_login(a_physician(patient.clinic))
    refused = give(client, patient, authorise=["B-PLAN-UNSIGNED"], authorise_reason="I say so")
    assert refused.status_code == 422
    assert not Injection.objects.exists()


def test_a_patient_who_died_gets_no_dose(nurse, course):
    courses.record_death(patient=course.patient, on=TODAY, recorded_by=a_nurse(course.clinic))
    assert "B-INACTIVE" in codes_on(give(nurse, course.patient))


def test_a_paused_course_gets_no_dose(nurse, course):
    courses.pause(
        course=course,
        on=TODAY,
        until=date(2026, 2, 1),
        reason="Abroad",
        decided_by=a_physician(course.clinic),
    )
    assert "B-INACTIVE" in codes_on(give(nurse, course.patient))


def test_a_day_that_has_not_come_is_refused_even_as_already_given(nurse, course):
    tomorrow = {"given_on_day": "6", "given_on_month": "1", "given_on_year": "2026"}
    refused = give(nurse, course.patient, "record_given", **tomorrow)
    assert (refused.status_code, codes_on(refused)) == (422, {"B-FUTURE-DATE"})


def test_an_impossible_result_holds_the_dose(nurse, course):
    """Results are refused when they are typed; one that came by another way is refused here."""
    course.patient.results.create(analyte="PLT", value="9000", unit="10^9/L", collected_on=TODAY)
    assert "B-LAB-IMPLAUSIBLE" in codes_on(give(nurse, course.patient))


def test_every_code_that_the_checks_may_raise_is_reached_above():
    reached = {
        *CODES_OF_THE_SCREEN,
        "B-AGE-U16",
        "B-DAILY10-NEURO",
        "B-ORAL-NEURO",
        "B-ORAL-SEVERE",
        "B-PLAN-UNSIGNED",
        "B-INACTIVE",
        "B-FUTURE-DATE",
        "B-LAB-IMPLAUSIBLE",
        "B-SAME-DAY-DOSE",
        "B-EARLY-DOSE",
        "B-VIAL-RECALLED",
    }
    assert set(BEFORE_THE_NEEDLE) | {"B-ORAL-NEURO", "B-ORAL-SEVERE", "B-FUTURE-DATE"} == reached
    elsewhere = {  # asked when a plan is made, a course is ended, folic acid is ordered
        "B-STOP-LEVELS",
        "B-STOP-SYMPTOMS",
        "H-STOP-REFUSAL",
        "H-DEFICIENCY-UNCONFIRMED",
        "H-NEURO-UNKNOWN",
        "H-FOLATE-IN-LOADING",
    }
    stops = {code for code in CODES if code[0] in "BH"}
    assert stops - reached == elsewhere


# -- Passing a finding ----------------------------------------------------------------------------------


def test_the_buttock_needs_a_reason_and_both_confirmations(nurse, course):
    for missing in (
        {"upper_outer": "on"},
        {"anterior": "on"},
        {"upper_outer": "on", "anterior": "on", "site_reason": " "},
    ):
        refused = give(nurse, course.patient, site="GLUTEAL", **{"site_reason": "Arms amputated", **missing})
        assert codes_on(refused) == {"B-SITE-GLUTEAL"}
    saved = give(
        nurse, course.patient, site="GLUTEAL", site_reason="Arms amputated", upper_outer="on", anterior="on"
    )
    assert saved.status_code == 302
    assert not Injection.objects.get().incident_codes


def test_a_physician_lets_an_early_dose_pass_with_a_reason_on_the_same_page(course, client, today_is):
    on_maintenance(course, today_is)
    today_is(date(2026, 3, 2))
    client.force_login(a_physician(course.clinic))
    assert codes_on(client.get(page(course.patient))) == {"B-EARLY-DOSE"}
    refused = give(client, course.patient, authorise=["B-EARLY-DOSE"], site="VASTUS_LATERALIS_L")
    assert "authorise_reason" in refused.context["form"].errors
    assert not Authorisation.objects.exists()
    saved = give(
        client,
        course.patient,
        authorise=["B-EARLY-DOSE"],
        authorise_reason="Travels",
        site="VASTUS_LATERALIS_L",
    )
    assert saved.status_code == 302
    assert Injection.objects.latest("pk").authorisation == Authorisation.objects.get()


def test_no_leave_stays_behind_when_the_dose_is_refused_all_the_same(course, client, today_is):
    on_maintenance(course, today_is)
    today_is(date(2026, 3, 2))
    client.force_login(a_physician(course.clinic))
    refused = give(client, course.patient, authorise=["B-EARLY-DOSE"], authorise_reason="Travels", route="IV")
    assert codes_on(refused) == {"B-EARLY-DOSE", "B-ROUTE-IV"}
    assert not Authorisation.objects.exists()


def test_a_replay_authorises_nothing_twice(course, client, today_is):
    on_maintenance(course, today_is)
    today_is(date(2026, 3, 2))
    client.force_login(a_physician(course.clinic))
    sent = filled(client, course.patient, authorise=["B-EARLY-DOSE"], authorise_reason="Travels")
    assert client.post(page(course.patient), sent).url == client.post(page(course.patient), sent).url
    assert Authorisation.objects.count() == 1


def test_a_nurse_cannot_let_a_dose_pass_by_editing_the_form(nurse, course):
    with_results(course.patient, plt("20"))
    refused = give(nurse, course.patient, authorise=["H-PLT-10-24"], authorise_reason="It will be fine")
    assert refused.status_code == 422
    assert "Your role may not do this" in refused.content.decode()
    assert not Injection.objects.exists()
    assert not Authorisation.objects.exists()


@pytest.mark.parametrize("code", ["B-ALLERGY-COBALAMIN", "B-ROUTE-IV", "B-PLAN-UNSIGNED", "nonsense"])
def test_nobody_lets_pass_what_nobody_may(physician, course, code):
    with_facts(course.patient, allergies=["hydroxocobalamin"])
    refused = give(physician, course.patient, authorise=[code], authorise_reason="I say so")
    assert refused.status_code == 422
    assert not Injection.objects.exists()


def test_poor_kidneys_are_passed_by_a_physician_from_50_to_59_only(physician, course):
    """The product stays off the clinic's list, so the dose is offered no way through but the leave is not offered either."""
    with_results(course.patient, egfr("45"))
    refused = give(
        physician, course.patient, authorise=["B-CYANO-RENAL"], authorise_reason="No other", **CYANO
    )
    assert codes_on(refused) == {"B-CYANO-RENAL"}
    with_results(course.patient, egfr("55"), on=TODAY)
    saved = give(physician, course.patient, authorise=["B-CYANO-RENAL"], authorise_reason="No other", **CYANO)
    assert saved.status_code == 302
    assert not Injection.objects.get().counts


def test_after_one_partial_dose_a_physician_authorises_the_repeat(course, client):
    an_injection(course, TODAY, partial=True)
    client.force_login(a_nurse(course.clinic))
    assert codes_on(give(client, course.patient)) == {"B-SAME-DAY-DOSE"}
    client.force_login(a_physician(course.clinic))
    again = {"authorise": ["B-SAME-DAY-DOSE"], "authorise_reason": "Half was lost", "site": "DELTOID_R"}
    assert give(client, course.patient, **again).status_code == 302
    assert codes_on(give(client, course.patient, **again)) == {"B-SAME-DAY-DOSE"}
    assert Injection.objects.count() == 2


def test_a_nurse_asks_a_physician_from_the_screen_and_keeps_what_was_typed(nurse, course):
    with_results(course.patient, plt("20"))
    sent = filled(nurse, course.patient, note="Typed before.", question="Shall I wait?")
    del sent["save"]
    asked = nurse.post(page(course.patient), {**sent, "ask": "yes"})
    request = Request.objects.get()
    assert (request.kind, request.codes, request.text) == ("hold", ["H-PLT-10-24"], "Shall I wait?")
    assert asked.status_code == 200
    assert "Typed before." in asked.content.decode()
    again = nurse.post(page(course.patient), {**sent, "ask": "yes"})
    assert "asked this already" in again.content.decode()
    assert Request.objects.count() == 1


def test_asking_does_not_complain_about_what_nobody_has_filled_in_yet(nurse, course):
    with_results(course.patient, plt("20"))
    asked = nurse.post(page(course.patient), {"ask": "yes"})
    assert asked.status_code == 200
    assert not asked.context["form"].errors
    assert Request.objects.get().codes == ["H-PLT-10-24"]


def test_the_refused_form_goes_on_as_already_given_with_what_was_typed(nurse, course):
    sent = filled(nurse, course.patient, note="Typed before.", **EXPIRED)
    del sent["save"]
    switched = nurse.post(page(course.patient, "record_given"), {**sent, "switch": "yes"})
    assert switched.status_code == 200
    assert not Injection.objects.exists()
    saved = nurse.post(page(course.patient, "record_given"), {**sent_by(switched), "save": "yes"})
    assert saved.status_code == 302
    dose = Injection.objects.get()
    assert (dose.note, dose.incident_codes, dose.counts) == ("Typed before.", ["B-VIAL-EXPIRED"], False)


# -- Already given --------------------------------------------------------------------------------------


def test_a_dose_from_elsewhere_says_where_and_by_whom(nurse, course):
    elsewhere = {
        "source": "elsewhere",
        "given_on_day": "2",
        "given_on_month": "Jan",
        "given_on_year": "2026",
        "given_at": "09:30",
        "site": "",
        "lot": "",
        "expires_on_day": "",
        "expires_on_month": "",
        "expires_on_year": "",
    }
    refused = give(nurse, course.patient, "record_given", **elsewhere)
    assert "source_name" in refused.context["form"].errors
    saved = give(
        nurse,
        course.patient,
        "record_given",
        source_name="Harbour Clinic",
        given_by_name="Sister Mary",
        **elsewhere,
    )
    assert saved.status_code == 302
    dose = Injection.objects.get()
    assert (dose.source_name, dose.given_by_name, dose.given_by) == ("Harbour Clinic", "Sister Mary", None)
    assert (dose.given_on, f"{dose.given_at:%H:%M}", dose.expires_on) == (date(2026, 1, 2), "09:30", None)


def test_who_gave_and_who_records_may_differ(nurse, course):
    colleague = a_member(course.clinic, Role.NURSE)
    give(nurse, course.patient, "record_given", given_by=str(colleague.pk))
    dose = Injection.objects.get()
    assert (dose.given_by, dose.recorded_by) == (colleague, a_nurse(course.clinic))


def test_only_nurses_and_physicians_of_this_clinic_can_have_given_it(nurse, course):
    stranger = a_nurse(a_clinic())
    assert give(nurse, course.patient, "record_given", given_by=str(stranger.pk)).status_code == 422


def test_a_second_dose_of_the_day_can_be_recorded_and_does_not_count(nurse, course):
    give(nurse, course.patient)
    give(nurse, course.patient, "record_given", site="DELTOID_R")
    assert [dose.counts for dose in Injection.objects.order_by("pk")] == [True, False]


def test_a_day_before_the_birth_is_a_typing_error(nurse, course):
    refused = give(nurse, course.patient, "record_given", given_on_year="1926")
    assert "given_on" in refused.context["form"].errors


# -- Voiding --------------------------------------------------------------------------------------------


def test_undo_needs_a_reason_and_gives_the_date_back(nurse, course):
    dose = an_injection(course, TODAY)
    address = reverse("void_injection", args=[course.patient.pk, dose.pk])
    assert nurse.get(address).status_code == 200
    assert nurse.post(address, {"reason": " "}).status_code == 422
    assert nurse.post(address, {"reason": "Wrong patient"}).url == reverse(
        "patient", args=[course.patient.pk]
    )
    course.refresh_from_db()
    assert course.next_due_on == TODAY
    assert nurse.post(address, {"reason": "Again"}).status_code == 422
    shown = nurse.get(reverse("injection", args=[course.patient.pk, dose.pk])).content.decode()
    assert "Wrong patient" in shown


def test_a_nurse_voids_nothing_of_yesterday_and_a_physician_may(course, client, today_is):
    dose = an_injection(course, TODAY)
    today_is(date(2026, 1, 6))
    address = reverse("void_injection", args=[course.patient.pk, dose.pk])
    client.force_login(a_nurse(course.clinic))
    assert address not in client.get(reverse("injection", args=[course.patient.pk, dose.pk])).content.decode()
    assert client.post(address, {"reason": "Wrong patient"}).status_code == 422
    client.force_login(a_physician(course.clinic))
    assert client.post(address, {"reason": "Wrong patient"}).status_code == 302


# -- Who may, and what it costs -------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["record_injection", "record_given"])
@pytest.mark.parametrize("role", [Role.RECEPTION, Role.MANAGER, Role.AUDITOR])
def test_only_nurses_and_physicians_open_the_dose_screen(course, client, role, name):
    client.force_login(a_member(course.clinic, role))
    assert client.get(page(course.patient, name)).status_code == 403
    assert client.post(page(course.patient, name), {"save": "yes"}).status_code == 403


def test_another_clinics_patient_is_not_there(course, client):
    dose = an_injection(course, TODAY)
    client.force_login(a_nurse(a_clinic()))
    pk = course.patient.pk
    for address in (
        page(course.patient),
        page(course.patient, "record_given"),
        reverse("injection", args=[pk, dose.pk]),
        reverse("void_injection", args=[pk, dose.pk]),
    ):
        assert client.get(address).status_code == 404
        assert client.post(address, {"save": "yes", "reason": "x"}).status_code == 404


def test_a_record_of_one_patient_is_not_found_under_another(nurse, course):
    dose = an_injection(course, TODAY)
    other = a_patient(course.clinic)
    assert nurse.get(reverse("injection", args=[other.pk, dose.pk])).status_code == 404
    assert nurse.post(reverse("void_injection", args=[other.pk, dose.pk]), {"reason": "x"}).status_code == 404


def test_nothing_about_the_patient_stands_in_the_title(nurse, course):
    shown = nurse.get(page(course.patient)).content.decode()
    assert "<title>Log an injection · B12 Clinic</title>" in shown


def test_a_long_history_costs_no_more_queries_than_none(nurse, course, today_is):
    nurse.get(page(course.patient))
    with CaptureQueriesContext(connection) as before:
        nurse.get(page(course.patient))
    on_maintenance(course, today_is)
    nurse.force_login(a_nurse(course.clinic))
    with CaptureQueriesContext(connection) as after:
        nurse.get(page(course.patient))
    assert len(after) == len(before) <= 40


@pytest.mark.parametrize(
    "nonsense",
    [
        {"site": "EAR"},
        {"route": "EAR"},
        {"micrograms": "1" * 40},
        {"micrograms": "-1"},
        {"needle_gauge": "x"},
        {"lot": "\x00"},
        {"note": "x" * 501},
        {"reaction": "none\x00"},
        {"product": "x" * 25},
        {"expires_on_year": "99999"},
        {"given_at": "25:00", "expires_on_day": "32"},
    ],
)
def test_nonsense_is_refused_and_never_breaks_the_page(nurse, course, nonsense):
    assert give(nurse, course.patient, **nonsense).status_code == 422
    assert give(nurse, course.patient, "record_given", **nonsense).status_code == 422
    assert not Injection.objects.exists()


# -- The questions of every visit (D-31), the kit, the authority -----------------------------------------


def test_nothing_is_recorded_before_the_patient_was_asked(nurse, course):
    refused = give(nurse, course.patient, asked="")
    assert refused.status_code == 422
    assert "asked" in refused.context["form"].errors
    assert not Injection.objects.exists()
    give(nurse, course.patient)
    assert Injection.objects.get().questions_asked


def test_something_has_changed_must_say_what(nurse, course):
    refused = give(nurse, course.patient, asked="changed")
    assert refused.context["form"].errors["asked"] == ["Say below what has changed."]
    assert not Injection.objects.exists()


def test_a_new_blood_thinner_is_recorded_and_the_rules_are_asked_again_before_the_dose(nurse, course):
    learnt = give(nurse, course.patient, asked="changed", **{"changed-anticoagulant": "yes"})
    assert learnt.status_code == 200
    assert not Injection.objects.exists()
    assert clinical.latest_answers(course.patient)["anticoagulant"] is True
    assert "W-ANTICOAG" in {found.code for found in learnt.context["warnings"]}
    kept = sent_by(learnt)
    assert (kept["lot"], kept["identity"], kept["asked"]) == ("LOT1", ["name+born"], "recorded")
    assert nurse.post(page(course.patient), {**kept, "save": "yes"}).status_code == 302
    dose = Injection.objects.get()
    assert dose.questions_asked
    assert "W-ANTICOAG" in dose.finding_codes


def test_a_new_allergy_to_b12_stops_the_dose_and_is_kept_though_nothing_was_given(nurse, course):
    learnt = give(nurse, course.patient, asked="changed", **{"changed-new_allergies": ["cyanocobalamin"]})
    assert "B-ALLERGY-COBALAMIN" in codes_on(learnt)
    assert nurse.post(page(course.patient), {**sent_by(learnt), "save": "yes"}).status_code == 422
    assert not Injection.objects.exists()
    assert clinical.latest_answers(course.patient)["allergies"] == ["cyanocobalamin"]


def test_symptoms_are_a_report_and_nerves_that_are_worse_ask_a_physician_today(nurse, course):
    give(
        nurse,
        course.patient,
        asked="changed",
        **{"changed-gait": "new", "changed-fatigue": "better", "changed-mood": "not-asked"},
    )
    report = course.patient.symptom_reports.get()
    assert (report.gait, report.fatigue, report.mood) == ("new", "better", "")
    assert Request.objects.get().kind == "symptoms"


@pytest.mark.parametrize("answer", ["", "not-asked"])
def test_symptoms_that_were_not_asked_about_are_no_report(nurse, course, answer):
    give(nurse, course.patient, asked="changed", **{"changed-gait": answer, "changed-pregnant": "no"})
    assert not course.patient.symptom_reports.exists()


def test_what_has_changed_sent_twice_is_one_report_and_one_question(nurse, course):
    told = {"changed-gait": "new", "changed-bleeding": "Gums"}
    sent = filled(nurse, course.patient, asked="changed", **told)
    for _tap in (1, 2):
        assert nurse.post(page(course.patient), sent).status_code == 200
    assert course.patient.symptom_reports.count() == 1
    assert sorted(Request.objects.values_list("kind", flat=True)) == ["hold", "symptoms"]
    more = nurse.post(page(course.patient), {**sent, "changed-gait": "worse", "changed-bleeding": ""})
    assert more.status_code == 200
    assert course.patient.symptom_reports.count() == 2


def test_nobody_says_that_a_change_is_recorded_who_has_recorded_none(nurse, course):
    refused = give(nurse, course.patient, asked="recorded")
    assert "asked" in refused.context["form"].errors
    another = a_course(a_patient(course.clinic), starts_on=TODAY, interval=months(3)).patient
    give(nurse, another, asked="changed", **{"changed-pregnant": "no"})
    assert give(nurse, course.patient, asked="recorded").status_code == 422
    assert not Injection.objects.exists()


def test_a_senseless_answer_is_refused_and_nothing_is_recorded(nurse, course):
    refused = give(nurse, course.patient, asked="changed", **{"changed-gait": "nonsense"})
    assert refused.context["changes"].errors["gait"]
    assert not course.patient.symptom_reports.exists()
    assert not Injection.objects.exists()


def test_bleeding_asks_a_physician_today_in_the_patients_words(nurse, course):
    give(nurse, course.patient, asked="changed", **{"changed-bleeding": "Gums, since Friday"})
    request = Request.objects.get()
    assert (request.same_day, request.text) == (True, "Bleeding: Gums, since Friday")


def test_a_pregnancy_is_a_fact_from_today(nurse, course):
    give(nurse, course.patient, asked="changed", **{"changed-pregnant": "yes"})
    assert clinical.latest_answers(course.patient)["pregnant"] is True


def test_what_has_changed_is_recorded_even_where_the_rest_of_the_form_is_not_ready(nurse, course):
    give(nurse, course.patient, asked="changed", identity=[], lot="", **{"changed-pregnant": "no"})
    assert clinical.latest_answers(course.patient)["pregnant"] is False


def test_the_anaphylaxis_kit_is_looked_at_once_a_day(nurse, course, today_is):
    refused = give(nurse, course.patient, kit="")
    assert "kit" in refused.context["form"].errors
    give(nurse, course.patient)
    assert "kit" not in nurse.get(page(course.patient)).context["form"].fields
    nurse.force_login(a_physician(course.clinic))
    assert "kit" in nurse.get(page(course.patient)).context["form"].fields


def test_the_routine_is_one_tap_for_who_one_for_the_questions_and_one_to_record(nurse, course):
    give(nurse, course.patient, room="2")
    another = a_course(a_patient(course.clinic), starts_on=TODAY, interval=months(3)).patient
    proposed = sent_by(nurse.get(page(another)))
    taps = {"identity": ["name+born"], "asked": "nothing"}
    assert nurse.post(page(another), {**proposed, **taps, "save": "yes"}).status_code == 302
    assert Injection.objects.get(patient=another).room == "2"


def test_a_direction_says_whose_it_is(nurse, course):
    refused = give(nurse, course.patient, authority="direction")
    assert "authority_note" in refused.context["form"].errors
    give(nurse, course.patient, authority="direction", authority_note="Dr Lind, 2 January")
    dose = Injection.objects.get()
    assert (dose.authority, dose.authority_note) == ("direction", "Dr Lind, 2 January")
    shown = nurse.get(reverse("injection", args=[course.patient.pk, dose.pk])).content.decode()
    assert "A patient-specific direction: Dr Lind, 2 January" in shown


def test_no_authority_stands_above_a_plan_that_nobody_signed(client):
    patient = a_proposal(a_patient(), TODAY).course.patient
    client.force_login(a_nurse(patient.clinic))
    refused = give(client, patient, authority="prescription")
    assert "B-PLAN-UNSIGNED" in codes_on(refused)
    assert not Injection.objects.exists()


def test_one_who_records_for_another_says_who_gave_it(nurse, course):
    other = a_member(course.clinic, Role.PHYSICIAN)
    give(nurse, course.patient, given_by=other.pk)
    dose = Injection.objects.get()
    assert (dose.given_by, dose.recorded_by) == (other, a_nurse(course.clinic))


@pytest.mark.parametrize("role", [Role.NURSE, Role.PHYSICIAN])
def test_only_who_may_prescribe_gives_on_their_own_prescription(course, client, role):
    client.force_login(a_member(course.clinic, role))
    answer = give(client, course.patient, authority="prescription")
    if role == Role.NURSE:
        assert answer.context["form"].errors["authority"] == [
            "Only a physician gives on their own prescription."
        ]
        assert not Injection.objects.exists()
        recorded_for = a_member(course.clinic, Role.PHYSICIAN)
        answer = give(client, course.patient, authority="prescription", given_by=recorded_for.pk)
    assert answer.status_code == 302
    assert Injection.objects.get().authority == "prescription"


def test_the_service_knows_who_gives_injections_here_whatever_form_was_sent(course):
    for person in (a_member(course.clinic, Role.RECEPTION), a_nurse(a_clinic())):
        with pytest.raises(NotAllowed, match="does not give injections here"):
            injections.record_injection(
                patient=course.patient,
                given=given(TODAY),
                token=uuid4(),
                now=now(),
                recorded_by=a_nurse(course.clinic),
                given_by=person,
            )
    assert not Injection.objects.exists()
