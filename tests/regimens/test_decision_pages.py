"""A physician's answers on their pages: once each, with what was decided shown to whoever comes second."""

import re
from datetime import date, timedelta
from decimal import Decimal
from html import unescape
from uuid import uuid4

import pytest
from django.urls import reverse

from patients.models import Role
from regimens.models import Authorisation, Decision, Injection, Request
from regimens.protocol.intervals import months
from regimens.services import clinical, outlook, requests
from tests.factories import (
    a_clinic,
    a_course,
    a_member,
    a_nurse,
    a_patient,
    a_physician,
    an_injection,
    now,
)

pytestmark = pytest.mark.django_db

MONDAY = date(2026, 1, 5)
REVIEW = MONDAY + timedelta(days=21)


@pytest.fixture(autouse=True)
def every_outlook_is_what_its_rows_give():
    yield
    assert list(outlook.differences()) == []


@pytest.fixture
def neuro(today_is, client):
    """Loading on alternate days, one dose given; the day of the review, a physician is signed in."""
    today_is(MONDAY)
    course = a_course(starts_on=MONDAY, facts={"neuro": "present"})
    an_injection(course, MONDAY)
    today_is(REVIEW)
    client.force_login(a_physician(course.clinic))
    course.refresh_from_db()
    return course


@pytest.fixture
def course(today_is, client):
    """On maintenance every two months, the last dose on 5 January; a physician is signed in in February."""
    today_is(MONDAY)
    course = a_course(starts_on=MONDAY, interval=months(2), loaded_elsewhere=True)
    an_injection(course, MONDAY)
    today_is(date(2026, 2, 2))
    client.force_login(a_physician(course.clinic))
    course.refresh_from_db()
    return course


def address(name, patient, *more):
    return reverse(name, args=[patient.pk, *more])


def boxes(name, day):
    return {f"{name}_day": day.day, f"{name}_month": day.month, f"{name}_year": day.year}


def hidden_of(page):
    """Every hidden field of the page's own form."""
    main = page[page.index("<main") :]
    tags = re.findall(r'<input[^>]*type="hidden"[^>]*>', main)
    pairs = ((re.search(r'name="([^"]*)"', tag), re.search(r'value="([^"]*)"', tag)) for tag in tags)
    return {name.group(1): unescape(value.group(1)) for name, value in pairs if value}


def act(client, where, **typed):
    page = client.get(where).text
    return client.post(where, {**hidden_of(page), **typed})


def test_a_review_says_what_each_outcome_leads_to_and_only_one_ends_loading(client, neuro):
    where = address("record_review", neuro.patient)
    page = client.get(where).text
    assert "09-Feb-2026" in page, "the next review"
    assert "05-Mar-2026" in page, "the first maintenance dose"
    assert act(client, where, outcome="still_improving", **boxes("on", REVIEW)).status_code == 302
    neuro.refresh_from_db()
    assert (neuro.phase, neuro.review_due_on) == ("loading", date(2026, 2, 9))
    assert act(client, where, outcome="no_further_improvement", **boxes("on", REVIEW)).status_code == 302
    neuro.refresh_from_db()
    assert (neuro.phase, neuro.next_due_on) == ("maintenance", date(2026, 3, 5))


def test_worse_opens_a_request_for_today(client, neuro):
    act(client, address("record_review", neuro.patient), outcome="worse", **boxes("on", REVIEW))
    request = Request.objects.unanswered().get()
    assert request.same_day
    assert "A-SYMPTOM-RETURN" in request.codes


def test_of_two_physicians_the_second_sees_the_review_of_the_first(client, neuro):
    where = address("record_review", neuro.patient)
    shown = hidden_of(client.get(where).text)
    act(client, where, outcome="still_improving", reason="The first", **boxes("on", REVIEW))
    late = {**shown, "outcome": "no_further_improvement", **boxes("on", REVIEW)}
    answer = client.post(where, late)
    assert answer.status_code == 422
    assert "What this page showed has changed since it was opened" in answer.text
    assert "Still improving" in answer.text
    assert "The first" in answer.text
    assert Decision.objects.count() == 1


def test_a_review_is_not_recorded_for_a_day_to_come_nor_without_an_outcome(client, neuro):
    where = address("record_review", neuro.patient)
    tomorrow = boxes("on", REVIEW + timedelta(days=1))
    assert act(client, where, outcome="worse", **tomorrow).status_code == 422
    assert act(client, where, **boxes("on", REVIEW)).status_code == 422
    assert not Decision.objects.exists()


def test_where_no_review_is_due_the_page_says_so(client, course):
    where = address("record_review", course.patient)
    assert "No neurological review is due" in client.get(where).text
    assert client.post(where, {"outcome": "worse"}).status_code == 422


def test_a_blood_test_is_let_go_with_a_reason(client, course, today_is):
    today_is(date(2026, 4, 25))
    client.force_login(a_physician(course.clinic))
    where = address("waive_lab_check", course.patient)
    page = client.get(where).text
    check = re.search(r'name="check" value="([^"]+)"', page).group(1)
    assert check == "3m 2026-04-05"
    refused = act(client, where, check=check)
    assert refused.status_code == 422
    assert "Say why this check is not needed" in refused.text
    assert act(client, where, check=check, reason="Tested in hospital").status_code == 302
    course.refresh_from_db()
    assert course.lab_name == "6m"
    again = client.post(where, {"check": check, "reason": "Once more"})
    assert again.status_code == 422


def ask(course, kind, **more):
    return requests.ask_physician(
        patient=course.patient,
        kind=kind,
        raised_on=date(2026, 2, 2),
        raised_by=a_nurse(course.clinic),
        **more,
    )


def test_a_request_is_settled_once_and_the_second_physician_sees_the_answer(client, course):
    asked = ask(course, "interval", text="Tired in week seven")
    where = address("settle_request", course.patient, asked.pk)
    page = client.get(where).text
    assert "Tired in week seven" in page
    assert address("change_interval", course.patient) in page
    refused = act(client, where, outcome="unchanged")
    assert refused.status_code == 422
    assert "Write why" in refused.text
    assert act(client, where, outcome="unchanged", reason="Slept badly").status_code == 302
    answer = client.post(where, {"outcome": "unchanged", "reason": "Mine was longer"})
    assert answer.status_code == 422
    assert "Somebody has settled this already" in unescape(answer.text)
    assert "Slept badly" in answer.text
    assert "Mine was longer" in answer.text, "nothing typed is lost"
    decision = Decision.objects.get()
    assert (decision.outcome, decision.code) == ("unchanged", "interval")


# A merge names another record and has pages of its own: see test_merging.
@pytest.mark.parametrize("kind", [kind for kind in Request.Kind if kind != Request.Kind.MERGE])
def test_every_kind_of_request_can_be_settled(client, course, kind):
    asked = ask(course, kind)
    where = address("settle_request", course.patient, asked.pk)
    first = re.search(r'name="outcome" value="([^"]+)"', client.get(where).text).group(1)
    assert act(client, where, outcome=unescape(first), reason="So decided").status_code == 302
    assert not Request.objects.unanswered().exists()


def test_only_the_outcomes_of_its_kind_settle_a_request(client, course):
    asked = ask(course, "hold")
    where = address("settle_request", course.patient, asked.pk)
    assert act(client, where, outcome="death recorded").status_code == 422
    assert Request.objects.unanswered().exists()


def test_an_early_dose_passes_once_with_a_reason(client, course):
    asked = ask(course, "hold", codes=("B-EARLY-DOSE",), text="Travels")
    where = address("authorise_dose", course.patient) + f"?request={asked.pk}"
    page = client.get(where).text
    assert re.search(r'value="B-EARLY-DOSE"[^>]*checked', page)
    assert "16-Feb-2026" in page, "two weeks"
    refused = act(client, where, codes=["B-EARLY-DOSE"])
    assert refused.status_code == 422
    assert "Say why the dose may be given" in refused.text
    assert not Authorisation.objects.exists()
    assert act(client, where, codes=["B-EARLY-DOSE"], reason="Six weeks at sea").status_code == 302
    assert not Request.objects.unanswered().exists()
    assert an_injection(course, date(2026, 2, 2), site="DELTOID_R").authorisation is not None
    late = client.post(where, {"codes": ["B-EARLY-DOSE"], "reason": "Me too"})
    assert late.status_code == 422
    assert Authorisation.objects.count() == 1
    assert "Six weeks at sea" in late.text


def test_what_nobody_may_pass_is_not_offered_and_is_refused(client, course):
    where = address("authorise_dose", course.patient)
    page = client.get(where).text
    assert re.findall(r'name="codes" value="([^"]+)"', page) == ["B-EARLY-DOSE"]
    answer = act(client, where, codes=["B-ALLERGY-COBALAMIN"], reason="Please")
    assert answer.status_code == 422
    assert not Authorisation.objects.exists()


@pytest.mark.parametrize("number", ["x", "0", "999999", "9" * 30, "-1"])
def test_a_request_that_is_not_the_patients_is_not_there(client, course, number):
    where = address("authorise_dose", course.patient) + f"?request={number}"
    assert client.get(where).status_code == 404


@pytest.fixture
def incident(course):
    """An early dose that was given already."""
    return an_injection(course, date(2026, 2, 2), already_given=True, site="DELTOID_R", token=uuid4())


def test_an_incident_counts_or_not_once(client, course, incident):
    where = address("decide_incident", course.patient, incident.pk)
    page = client.get(where).text
    assert "B-EARLY-DOSE" in page
    assert "02-Apr-2026" in page, "the next dose if it counts"
    assert "05-Mar-2026" in page, "the next dose if not"
    assert act(client, where).status_code == 422
    assert act(client, where, counts="no", reason="Half was spilt").status_code == 302
    incident.refresh_from_db()
    assert not incident.counts
    assert not Request.objects.unanswered().exists()
    course.refresh_from_db()
    assert course.next_due_on == date(2026, 3, 5), "the date stays without it"
    answer = client.post(where, {"counts": "yes"})
    assert answer.status_code == 422
    assert "Half was spilt" in answer.text
    assert not Injection.objects.get(pk=incident.pk).counts


def test_a_partial_dose_cannot_be_made_to_count(client, course):
    dose = an_injection(
        course, date(2026, 2, 2), already_given=True, partial=True, site="DELTOID_R", token=uuid4()
    )
    where = address("decide_incident", course.patient, dose.pk)
    assert re.findall(r'name="counts" value="(\w+)"', client.get(where).text) == ["no"]
    assert act(client, where, counts="yes").status_code == 422
    assert not Injection.objects.get(pk=dose.pk).counts


def test_the_second_dose_of_a_day_cannot_be_made_to_count_beside_the_first(client, course, today_is):
    an_injection(course, date(2026, 2, 2), already_given=True, site="DELTOID_R", token=uuid4())
    second = an_injection(course, date(2026, 2, 2), already_given=True, site="DELTOID_L", token=uuid4())
    where = address("decide_incident", course.patient, second.pk)
    assert re.findall(r'name="counts" value="(\w+)"', client.get(where).text) == ["no"]
    assert act(client, where, counts="yes").status_code == 422
    assert not Injection.objects.get(pk=second.pk).counts


def passed(course, code):
    return address("decide_passed_date", course.patient, code)


def test_a_long_overdue_dose_is_settled_once_or_put_off(client, course, today_is):
    today_is(date(2026, 4, 10))
    client.force_login(a_physician(course.clinic))
    where = passed(course, "A-OVERDUE-PHYSICIAN")
    page = client.get(where).text
    assert "D-23" in page
    refused = act(client, where, outcome="not reached")
    assert refused.status_code == 422
    assert "Say when somebody tries again" in refused.text
    later = boxes("until_on", date(2026, 4, 17))
    shown = hidden_of(page)
    assert act(client, where, outcome="not reached", **later).status_code == 302
    answer = client.post(where, {**shown, "outcome": "arranged"})
    assert answer.status_code == 422, "who has not seen that it was put off looks again"
    assert "It comes back on" in answer.text
    today_is(date(2026, 4, 17))
    client.force_login(a_physician(course.clinic))
    assert act(client, where, outcome="arranged").status_code == 302
    assert [each.outcome for each in Decision.objects.order_by("pk")] == ["not reached", "arranged"]
    late = act(client, where, outcome="arranged", reason="I too")
    assert late.status_code == 422
    assert "I too" in late.text


def test_what_was_put_off_may_be_settled_before_its_day_by_whoever_saw_it(client, course, today_is):
    today_is(date(2026, 4, 10))
    client.force_login(a_physician(course.clinic))
    where = passed(course, "A-OVERDUE-PHYSICIAN")
    act(client, where, outcome="not reached", **boxes("until_on", date(2026, 4, 17)))
    assert act(client, where, outcome="arranged").status_code == 302


@pytest.mark.parametrize("until_on", [date(2026, 4, 10), date(2026, 7, 11)])
def test_nothing_is_put_off_to_a_day_that_has_come_or_so_far_that_it_is_forgotten(
    client, course, today_is, until_on
):
    today_is(date(2026, 4, 10))
    client.force_login(a_physician(course.clinic))
    where = passed(course, "A-OVERDUE-PHYSICIAN")
    assert act(client, where, outcome="not reached", **boxes("until_on", until_on)).status_code == 422
    assert not Decision.objects.exists()


def test_what_is_decided_the_same_day_cannot_be_put_off(client, neuro):
    where = passed(neuro, "A-NEURO-GAP")
    assert 'name="until_on_day"' not in client.get(where).text
    later = boxes("until_on", REVIEW + timedelta(days=3))
    answer = act(client, where, outcome="dose today", **later)
    assert answer.status_code == 302
    assert Decision.objects.get().until_on is None


def test_a_date_that_moved_since_the_page_was_opened_is_looked_at_again(client, course, today_is):
    today_is(date(2026, 4, 10))
    client.force_login(a_physician(course.clinic))
    where = passed(course, "A-OVERDUE-PHYSICIAN")
    shown = hidden_of(client.get(where).text)
    an_injection(course, date(2026, 4, 10), site="DELTOID_R")
    answer = client.post(where, {**shown, "outcome": "arranged"})
    assert answer.status_code == 422
    assert "This is not so any more" in answer.text
    assert not Decision.objects.exists()


def test_a_code_without_a_date_has_no_page(client, course):
    assert client.get(passed(course, "B-STOP-LEVELS")).status_code == 404


def test_a_result_is_signed_off_as_it_was_seen(client, course):
    row = {"analyte": "HCY", "value": Decimal("130"), "unit": "umol/L", "confirmed": True}
    [result] = clinical.record_results(
        patient=course.patient,
        collected_on=date(2026, 2, 1),
        values=[row],
        now=now(),
        recorded_by=a_nurse(course.clinic),
    )
    where = address("review_result", course.patient, result.pk)
    assert "130 umol/L" in client.get(where).text
    assert act(client, where, outcome="acted").status_code == 422
    before = course.next_due_on
    assert act(client, where, outcome="acted", reason="Repeated on ice").status_code == 302
    assert Decision.objects.get().seen["value"] == "130.0000"
    course.refresh_from_db()
    assert course.next_due_on == before, "no number changes a schedule"
    late = client.post(where, {"outcome": "seen"})
    assert late.status_code == 422
    assert "Repeated on ice" in late.text


def pages_of(course, asked, dose, result):
    patient = course.patient
    return [
        address("record_review", patient),
        address("waive_lab_check", patient),
        address("authorise_dose", patient),
        address("settle_request", patient, asked.pk),
        address("decide_incident", patient, dose.pk),
        passed(course, "A-LAPSED"),
        address("review_result", patient, result),
    ]


def test_only_physicians_of_the_clinic_decide(client, course, incident):
    asked = ask(course, "patient")
    row = {"analyte": "HCY", "value": Decimal("130"), "unit": "umol/L", "confirmed": True}
    [result] = clinical.record_results(
        patient=course.patient,
        collected_on=date(2026, 2, 1),
        values=[row],
        now=now(),
        recorded_by=a_nurse(course.clinic),
    )
    pages = pages_of(course, asked, incident, result.pk)
    for role in Role:
        client.force_login(a_member(course.clinic, role))
        for page in pages:
            may = role == Role.PHYSICIAN
            assert client.get(page).status_code == (200 if may else 403), (role, page)
            if not may:
                assert client.post(page, {"outcome": "answered"}).status_code == 403, (role, page)
    client.force_login(a_physician(a_clinic("Elsewhere")))
    for page in pages:
        assert client.get(page).status_code == 404
        assert client.post(page, {"outcome": "answered"}).status_code == 404
    other = a_patient(course.clinic)
    client.force_login(a_physician(course.clinic))
    for name, key in (
        ("settle_request", asked.pk),
        ("decide_incident", incident.pk),
        ("review_result", result.pk),
    ):
        assert client.get(address(name, other, key)).status_code == 404, "another patient's row"
    assert not Decision.objects.exists()
