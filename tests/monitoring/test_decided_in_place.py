"""A decision in its row of the queue: the same form without the frame, once settled what became of it; of two, one wins."""

import re
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from html import unescape
from threading import Barrier

import pytest
from django.db import connection
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from monitoring.decisions import queue
from monitoring.decisions.kinds import BY_KEY
from monitoring.decisions.queue import Wanted
from patients.models import Role
from regimens.models import Authorisation, Decision, Request
from regimens.protocol.intervals import months
from regimens.services import clinical, outlook, requests
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

MONDAY = date(2026, 1, 5)
LATER = date(2026, 2, 2)


def hx(row: str) -> dict:
    """The headers with which htmx asks from a row."""
    return {"HX-Request": "true", "HX-Target": f"in-{row}"}


def hidden_of(page: str) -> dict:
    tags = re.findall(r'<input[^>]*type="hidden"[^>]*>', page)
    pairs = ((re.search(r'name="([^"]*)"', tag), re.search(r'value="([^"]*)"', tag)) for tag in tags)
    return {name.group(1): unescape(value.group(1)) for name, value in pairs if value}


def ask(course, kind, **more):
    return requests.ask_physician(
        patient=course.patient, kind=kind, raised_on=LATER, raised_by=a_nurse(course.clinic), **more
    )


@pytest.fixture
def course(db, today_is, client):
    """On maintenance every two months; a physician is signed in."""
    today_is(MONDAY)
    course = a_course(starts_on=MONDAY, interval=months(2), loaded_elsewhere=True)
    an_injection(course, MONDAY)
    today_is(LATER)
    client.force_login(a_physician(course.clinic))
    course.refresh_from_db()
    return course


def rows_of(client) -> list[tuple[str, str]]:
    """The key and the address of what settles each row of the queue."""
    text = client.get(reverse("decisions")).text
    found = re.findall(
        r'class="btn btn-primary decide" href="([^"]+)"[^>]*data-hx-target="#in-([a-z0-9-]+)"', text
    )
    return [(key, unescape(url)) for url, key in found]


def test_every_row_opens_in_its_place_as_on_its_page(client, course, today_is):
    ask(course, "hold", codes=("B-EARLY-DOSE",))
    ask(course, "stop", text="No more")
    ask(course, "symptoms", same_day=True)
    ask(course, "patient", text="Feels odd")
    an_injection(course, LATER, already_given=True, site="DELTOID_R")
    clinic = course.clinic
    a_proposal(a_patient(clinic), LATER)
    neuro = a_course(a_patient(clinic, facts={"neuro": "present"}), starts_on=LATER)
    an_injection(neuro, LATER)
    day = LATER + timedelta(days=90)
    today_is(day)
    client.force_login(a_physician(clinic))
    rows = rows_of(client)
    kinds = {key.rpartition("-")[0] for key, _url in rows}
    assert kinds >= {
        "holds",
        "stops",
        "symptoms",
        "patients",
        "incidents",
        "plans",
        "reviews",
        "neuro-gap",
        "labs",
    }
    for key, url in rows:
        answer = client.get(url, headers=hx(key))
        assert answer.status_code == 200, url
        assert "<html" not in answer.text, url
        assert "<h1" not in answer.text, url
        assert "Allergies" in answer.text, "whose decision it is stands above it"
        assert f'data-hx-target="#in-{key}"' in answer.text, url
        assert re.findall(r'<input type="radio"[^>]*id="([^"]+)"', answer.text) == [
            each
            for each in re.findall(r'<input type="radio"[^>]*id="([^"]+)"', answer.text)
            if each.startswith(key)
        ]
        assert f'href="#row-{key}"' in answer.text, "the way back closes the row"


def test_a_settled_row_says_what_was_done_by_whom_and_what_follows_and_the_count_falls(client, course):
    asked = ask(course, "patient", text="Feels odd")
    physician = a_physician(course.clinic)
    where, key = (
        reverse("settle_request", args=[course.patient_id, asked.pk]) + "?from=decisions",
        f"patients-{asked.pk}",
    )
    opened = client.get(where, headers=hx(key)).text
    before = queue.counts(course.clinic, LATER, Wanted()).total
    answer = client.post(where, {**hidden_of(opened), "outcome": "answered"}, headers=hx(key))
    assert answer.status_code == 200
    assert (answer["HX-Retarget"], answer["HX-Reswap"], answer["HX-Trigger"]) == (
        f"#row-{key}",
        "outerHTML",
        "settled",
    )
    for said in (
        f'id="row-{key}"',
        "The request is settled.",
        physician.shown_name(),
        "dose due",
        "05-Mar-2026",
    ):
        assert said in answer.text
    assert queue.counts(course.clinic, LATER, Wanted()).total == before - 1
    assert "The request is settled" not in client.get(reverse("decisions")).text, "said once"


def test_without_a_script_it_is_a_page_that_leads_back_to_the_queue_as_it_was(client, course):
    ask(course, "patient", text="Feels odd")
    page = client.get(reverse("decisions"), {"kind": "patients", "mine": "yes"}).text
    url = unescape(re.search(r'class="btn btn-primary decide" href="([^"]+)"', page).group(1))
    opened = client.get(url).text
    assert "<h1>" in opened
    main = opened[opened.index("<main") :]
    answer = client.post(url, {**hidden_of(main), "outcome": "answered"})
    assert answer.url == reverse("decisions") + "?kind=patients&mine=yes"


@pytest.mark.parametrize(
    "queue_kept", ["https://elsewhere.example/", "kind=plans&evil=%0d%0aX", "//elsewhere"]
)
def test_the_way_back_stays_in_the_house(client, course, queue_kept):
    asked = ask(course, "patient", text="Feels odd")
    where = reverse("settle_request", args=[course.patient_id, asked.pk])
    page = client.get(where, {"from": "decisions", "queue": queue_kept}).text
    assert re.search(r'<a class="btn btn-secondary" href="(/decisions/(\?kind=plans)?)">Cancel', page)


def test_a_refused_answer_stays_in_its_row_with_what_was_typed(client, course):
    asked = ask(course, "interval", text="Tired")
    where, key = reverse("settle_request", args=[course.patient_id, asked.pk]), f"requests-{asked.pk}"
    opened = client.get(where, headers=hx(key)).text
    assert (
        client.post(where, {**hidden_of(opened), "outcome": "unchanged"}, headers=hx(key)).status_code == 422
    )
    decided_elsewhere = Client()
    decided_elsewhere.force_login(a_member(course.clinic, Role.PHYSICIAN))
    other = decided_elsewhere.get(where).text
    sent = {**hidden_of(other[other.index("<main") :]), "outcome": "unchanged", "reason": "Slept badly"}
    assert decided_elsewhere.post(where, sent).status_code == 302
    late = client.post(
        where, {**hidden_of(opened), "outcome": "unchanged", "reason": "Mine was typed"}, headers=hx(key)
    )
    assert late.status_code == 422
    for said in ("Slept badly", "Mine was typed", "decided this on"):
        assert said in late.text


def a_fact_changes(course):
    clinical.record_facts(
        patient=course.patient,
        answers={"anticoagulant": True},
        observed_on=LATER,
        now=now(),
        recorded_by=a_nurse(course.clinic),
    )


def test_leave_for_a_dose_is_refused_where_a_nurse_changed_a_fact_since_the_page_was_opened(client, course):
    asked = ask(course, "hold", codes=("B-EARLY-DOSE",))
    where = reverse("settle_request", args=[course.patient_id, asked.pk])
    main = client.get(where).text
    sent = {**hidden_of(main[main.index("<main") :]), "outcome": "authorised"}
    sent |= {"codes": ["B-EARLY-DOSE"], "reason": "Six weeks at sea"}
    a_fact_changes(course)
    late = client.post(where, sent)
    assert late.status_code == 422
    assert "look again, then decide" in late.text
    assert "Six weeks at sea" in late.text
    assert not Authorisation.objects.exists()
    assert not Decision.objects.exists()
    again = {**sent, **hidden_of(late.text[late.text.index("<main") :])}
    assert client.post(where, again).status_code == 302
    assert {"label": "Anticoagulant", "value": "Yes", "on": "2026-02-02", "note": ""} in [
        {**fact, "value": fact["value"].capitalize()} for fact in Decision.objects.get().seen["facts"]
    ]


# -- Put off -----------------------------------------------------------------------------------------------


def boxes(day):
    return {"until_on_day": day.day, "until_on_month": day.month, "until_on_year": day.year}


def put_off(client, patient, subject, row, day):
    where = reverse("put_off_decision", args=[patient.pk, subject, row.pk])
    page = client.get(where).text
    return client.post(where, {**hidden_of(page[page.index("<main") :]), **boxes(day)})


def test_what_is_for_today_is_not_put_off_whoever_sends_it(client, course):
    asked = ask(course, "symptoms", same_day=True)
    plan = a_proposal(a_patient(course.clinic, facts={"neuro": "present"}), LATER)
    tomorrow = LATER + timedelta(days=1)
    assert put_off(client, course.patient, "request", asked, tomorrow).status_code == 422
    assert put_off(client, plan.course.patient, "plan", plan, tomorrow).status_code == 422
    assert put_off(client, course.patient, "A-NEURO-GAP", course, tomorrow).status_code == 422
    assert not Decision.objects.exists()


@pytest.mark.parametrize("days", [0, -1, 92])
def test_nothing_is_put_off_to_a_day_that_has_come_or_beyond_three_months(client, course, days):
    asked = ask(course, "patient", text="Feels odd")
    assert put_off(client, course.patient, "request", asked, LATER + timedelta(days=days)).status_code == 422
    assert not Decision.objects.exists()


@pytest.mark.parametrize("kind", ["hold", "stop", "patient", "interval", "transfer"])
def test_everything_else_is_put_off_and_comes_back(client, course, kind):
    asked = ask(course, kind)
    back_on = LATER + timedelta(days=7)
    assert put_off(client, course.patient, "request", asked, back_on).status_code == 302
    assert queue.counts(course.clinic, LATER, Wanted()).total == 0
    assert queue.counts(course.clinic, back_on - timedelta(days=1), Wanted()).total == 0
    assert queue.counts(course.clinic, back_on, Wanted()).total == 1
    assert put_off(client, course.patient, "request", a_request_elsewhere(), back_on).status_code == 404


def a_request_elsewhere():
    return Request(pk=999_999)


def test_a_plan_and_a_date_are_put_off_too(client, course, today_is):
    plan = a_proposal(a_patient(course.clinic), LATER)
    assert put_off(client, plan.course.patient, "plan", plan, LATER + timedelta(days=3)).status_code == 302
    day = course.physician_from_on
    today_is(day)
    client.force_login(a_physician(course.clinic))
    late = put_off(client, course.patient, "A-OVERDUE-PHYSICIAN", course, day + timedelta(days=3))
    assert late.status_code == 302
    assert course not in BY_KEY["overdue"].waiting(course.clinic, day)
    assert course in BY_KEY["overdue"].waiting(course.clinic, day + timedelta(days=3))
    assert plan in BY_KEY["plans"].waiting(course.clinic, day), "the plan came back"


# -- Two at once -------------------------------------------------------------------------------------------


def all_at_once(acts: list) -> list:
    """Run every act in a thread of its own, all let go in the same instant; give the answers in order."""
    gate = Barrier(len(acts))

    def run(act):
        try:
            gate.wait(timeout=30)
            return act()
        finally:
            connection.close()

    with ThreadPoolExecutor(len(acts)) as pool:
        return list(pool.map(run, acts))


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("what", ["a request", "a put-off", "the end"])
def test_of_several_physicians_on_one_row_one_wins_and_the_others_see_who_and_lose_no_word(what):
    clinic = a_clinic(open_weekdays="0123456")
    today = clinic.day_of(timezone.now())
    course = a_course(a_patient(clinic), starts_on=today, interval=months(3))
    asked = requests.ask_physician(
        patient=course.patient, kind="patient", raised_on=today, raised_by=a_nurse(clinic), text="Feels odd"
    )
    tomorrow = today + timedelta(days=1)
    where, typed = {
        "a request": (reverse("settle_request", args=[course.patient_id, asked.pk]), {"outcome": "answered"}),
        "a put-off": (
            reverse("put_off_decision", args=[course.patient_id, "request", asked.pk]),
            boxes(tomorrow),
        ),
        "the end": (
            reverse("stop_course", args=[course.patient_id]),
            {"reason": "allergy", "on_day": today.day, "on_month": today.month, "on_year": today.year},
        ),
    }[what]
    words = "conversation" if what == "the end" else "reason"
    acts = []
    for number in range(4):
        client = Client()
        client.force_login(a_member(clinic, Role.PHYSICIAN))
        page = client.get(where).text
        sent = {**hidden_of(page[page.index("<main") :]), **typed, words: f"Words of number {number}"}
        acts.append(lambda client=client, sent=sent: client.post(where, sent))
    answers = all_at_once(acts)
    assert sorted(answer.status_code for answer in answers) == [302, 422, 422, 422]
    [decision] = Decision.objects.all()
    for number, answer in enumerate(answers):
        if answer.status_code == 422:
            said = answer.content.decode()
            assert decision.decided_by.shown_name() in said
            assert f"Words of number {number}" in said
    assert list(outlook.differences()) == []
