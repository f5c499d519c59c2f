"""The queue as a page: most urgent first, by key, filtered, counted; what is put off; what was decided lately."""

import re
from datetime import date, timedelta
from html import unescape

import pytest
from django.db import DatabaseError, OperationalError
from django.http import QueryDict
from django.urls import reverse

from monitoring.decisions import queue, same_day
from monitoring.decisions.kinds import BY_KEY, FOR_TODAY, KINDS
from monitoring.decisions.queue import Wanted
from patients.models import Role
from patients.paging import ROWS
from regimens.models import Authorisation, Course, Request
from regimens.protocol.intervals import months
from regimens.services import decisions, put_off, requests
from tests.factories import (
    a_clinic,
    a_course,
    a_member,
    a_nurse,
    a_patient,
    a_physician,
    a_proposal,
    an_injection,
)
from tests.monitoring.crowd import waiting_for_decisions

pytestmark = pytest.mark.django_db

MONDAY = date(2026, 1, 5)
TODAY = date(2026, 4, 14)  # 29 days after the dose that was due on 16 March


@pytest.fixture
def late(today_is):
    """On maintenance every two months, long overdue today."""
    today_is(date(2026, 1, 16))
    course = a_course(starts_on=date(2026, 1, 16), interval=months(2), loaded_elsewhere=True)
    an_injection(course, date(2026, 1, 16))
    today_is(TODAY)
    course.refresh_from_db()
    assert course.physician_from_on == TODAY
    return course


@pytest.fixture
def look(client, late):
    """Look at the queue as somebody of the clinic."""

    def get(role=Role.PHYSICIAN, name="decisions", **asked):
        client.force_login(a_member(late.clinic, role))
        return client.get(reverse(name), asked)

    return get


def ask(course, kind, **more):
    return requests.ask_physician(
        patient=course.patient, kind=kind, raised_on=TODAY, raised_by=a_nurse(course.clinic), **more
    )


def words(html: str) -> str:
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", html)).split())


def test_each_row_says_who_what_since_when_how_long_which_rule_and_source_and_leads_to_what_settles_it(
    look, late
):
    page = look()
    row = re.search(r'<li id="row-overdue-\d+".*?</li>', page.text, re.DOTALL).group()
    said = words(row)
    assert "Dose long overdue (A-OVERDUE-PHYSICIAN) EXAMPLE, " in said
    assert "Since 14-Apr-2026 (today). Rules: D-23 (POLICY, S35, S36)" in said
    where = f"/patients/{late.patient_id}/passed/A-OVERDUE-PHYSICIAN/?from=decisions"
    assert f'href="{where}"' in row
    assert f'data-hx-get="{where}"' in row
    assert "as of 14-Apr-2026 10:00" in words(page.text).replace("Apr-2026 11:00", "Apr-2026 10:00")


def test_what_is_for_today_stands_first_and_offers_no_way_to_put_it_off(look, late):
    ask(late, "symptoms", same_day=True)
    text = look().text
    assert text.index('id="symptoms"') < text.index('id="overdue"')
    assert [kind.same_day for kind in KINDS] == sorted((kind.same_day for kind in KINDS), reverse=True)
    of_today = re.search(r'<li id="row-symptoms-\d+".*?</li>', text, re.DOTALL).group()
    assert "Put off" not in of_today
    assert "Put off" in re.search(r'<li id="row-overdue-\d+".*?</li>', text, re.DOTALL).group()


def test_the_counts_are_the_parts_of_the_whole_and_the_filters_keep_to_them(look, late):
    ask(late, "symptoms", same_day=True)
    ask(late, "interval", text="Tired")
    assert "3 wait as of" in words(look().text)
    assert "1 for today, which nobody can put off, and 2 more" in words(look().text)
    only = look(today="yes").text
    assert "1 waits as of" in words(only).replace("wait s", "waits")
    assert 'id="symptoms"' in only
    assert 'id="overdue"' not in only
    assert 'id="requests"' in look(kind="requests").text
    assert 'id="overdue"' not in look(kind="requests").text
    assert words(look(name="decisions_counts").text).startswith("3 wait as of")


def test_mine_are_the_patients_whose_plan_in_force_i_signed(client, look, late):
    signer = a_physician(late.clinic)
    client.force_login(signer)
    assert 'id="overdue"' in client.get(reverse("decisions"), {"mine": "yes"}).text
    a_proposal(a_patient(late.clinic), TODAY)
    assert 'id="plans"' in client.get(reverse("decisions")).text
    assert 'id="plans"' not in client.get(reverse("decisions"), {"mine": "yes"}).text
    page = look(mine="yes").text
    assert "Nothing waits here" in page


@pytest.mark.parametrize("role", [Role.NURSE, Role.AUDITOR])
def test_nurses_and_auditors_see_it_without_the_acts(look, role):
    text = look(role).text
    assert "A-OVERDUE-PHYSICIAN" in text
    assert "/passed/" not in text
    assert look(role, "decisions_put_off").status_code == 200
    assert look(role, "decisions_lately").status_code == 200


@pytest.mark.parametrize("name", ["decisions", "decisions_counts", "decisions_put_off", "decisions_lately"])
@pytest.mark.parametrize("role", [Role.RECEPTION, Role.MANAGER])
def test_others_do_not_see_it(look, role, name):
    assert look(role, name).status_code == 403


def test_a_kind_has_an_address_of_its_own(look):
    assert "EXAMPLE" in look(kind="overdue").text
    assert "Nothing waits here" in look(kind="plans").text
    assert look(kind="nonsense").status_code == 404


@pytest.mark.parametrize(
    "key",
    [
        "nonsense",
        "overdue_2026-04-01",
        "overdue_2026-04-01_0",
        "overdue_2026-04-01_x",
        "_",
        "9" * 40,
        "plans_2026-04-01_5",
    ],
)
def test_a_spoilt_address_shows_the_first_page(look, key):
    assert "EXAMPLE" in look(after=key).text


def broken(_clinic, _today):
    raise DatabaseError("canceling statement due to statement timeout")


def test_a_kind_that_could_not_be_read_is_never_shown_as_empty_and_hides_no_other(look, late, monkeypatch):
    ask(late, "interval", text="Tired")
    kind = BY_KEY["overdue"]
    monkeypatch.setitem(kind.__dict__, "rows", broken)
    text = look().text
    assert "Long overdue: this could not be read." in words(text)
    assert "Not counted: long overdue" in words(text)
    assert 'id="requests"' in text
    for nothing in ("Nothing waits for a decision", "Nothing waits here"):
        assert nothing not in look(kind="overdue").text
    assert "Long overdue: this could not be read." in words(look(name="decisions_put_off").text)
    assert "Nothing is put off" not in look(name="decisions_put_off").text


def test_an_empty_queue_says_so_in_words(client, today_is):
    today_is(MONDAY)
    client.force_login(a_physician(a_clinic()))
    assert "Nothing waits for a decision" in client.get(reverse("decisions")).text
    assert "Nothing is put off" in client.get(reverse("decisions_put_off")).text
    assert "Nothing has been decided yet" in client.get(reverse("decisions_lately")).text


def test_pages_by_key_go_through_all_kinds_and_lose_nobody_in_either_direction(today_is):
    clinic, today = a_clinic(), date(2026, 6, 1)
    waiting_for_decisions(clinic, 500, today)
    counted = queue.counts(clinic, today, Wanted())

    def read(address):
        page = queue.page(clinic, today, Wanted(), QueryDict(address.removeprefix("?")), counted)
        keys = [row.key for _kind, rows in page.groups for row in rows]
        assert 0 < len(keys) <= ROWS
        return page, keys

    page, keys = read("")
    seen = [keys]
    while page.later_url:
        page, keys = read(page.later_url)
        seen.append(keys)
    forth = [key for keys in seen for key in keys]
    assert len(seen) > 2
    assert len(forth) == len(set(forth)) == counted.total
    places = [KINDS.index(BY_KEY[key.rpartition("-")[0]]) for key in forth]
    assert places == sorted(places), "the most urgent kind first"
    back = []
    while page.earlier_url:
        page, keys = read(page.earlier_url)
        back = keys + back
    assert back == forth[: -len(seen[-1])]


# -- Put off ----------------------------------------------------------------------------------------------


def test_what_is_put_off_stands_on_its_list_with_who_and_until_when_and_comes_back(
    client, look, late, today_is
):
    asked = ask(late, "interval", text="Tired")
    physician = a_physician(late.clinic)
    put_off.put_off(
        patient=late.patient,
        subject="request",
        row=asked,
        until_on=date(2026, 4, 21),
        on=TODAY,
        decided_by=physician,
        reason="Waits for the diary",
    )
    assert 'id="requests"' not in look().text
    text = words(look(name="decisions_put_off").text)
    assert f"Put off until 21-Apr-2026 by {physician.shown_name()}: “Waits for the diary”" in text
    today_is(date(2026, 4, 20))
    assert 'id="requests"' not in look().text
    today_is(date(2026, 4, 21))
    assert 'id="requests"' in look().text
    assert "Nothing is put off" in look(name="decisions_put_off").text


def test_what_is_put_off_can_be_settled_before_its_day(client, look, late):
    asked = ask(late, "patient", text="Feels odd")
    put_off.put_off(
        patient=late.patient,
        subject="request",
        row=asked,
        until_on=date(2026, 4, 21),
        on=TODAY,
        decided_by=a_physician(late.clinic),
    )
    page = look(name="decisions_put_off")
    where = unescape(re.search(r'href="(/patients/\d+/requests/[^"]+)"', page.text).group(1))
    assert "Put off" in client.get(where).text
    decisions.settle_request(request=asked, outcome="answered", on=TODAY, decided_by=a_physician(late.clinic))
    assert "Nothing is put off" in look(name="decisions_put_off").text


# -- Decided lately ---------------------------------------------------------------------------------------


def test_decided_lately_says_who_decided_what_when_and_what_they_saw(client, look, late):
    asked = ask(late, "patient", text="Feels odd")
    client.force_login(a_physician(late.clinic))
    where = reverse("settle_request", args=[late.patient_id, asked.pk])
    shown = re.search(r'name="shown" value="(\w+)"', client.get(where).text).group(1)
    client.post(where, {"shown": shown, "outcome": "answered", "reason": "Nothing new"})
    Authorisation.objects.create(
        patient=late.patient,
        codes=["B-EARLY-DOSE"],
        reason="Travels",
        facts_digest="x",
        authorised_by=a_physician(late.clinic),
        expires_on=TODAY,
    )
    text = words(look(name="decisions_lately").text)
    assert "The patient's own report: Feels odd" in text
    assert "Answered" in text
    assert "“Nothing new”" in text
    for seen in ("What was seen", "D-31", "Next dose due 16-Mar-2026", "Neurological involvement"):
        assert seen in text
    assert "Leave for one dose" in text
    assert "Signed, every 2 months" in text, "a signature is a decision"
    assert re.search(r"<h2>\w{3} \d\d-\w{3}-\d{4}</h2>", look(name="decisions_lately").text), "by day"


def test_decided_lately_steps_back_by_key_and_shows_no_other_clinic(client, late):
    physician = a_physician(late.clinic)
    Request.objects.bulk_create(
        Request(
            patient=late.patient,
            clinic=late.clinic,
            kind="patient",
            raised_on=TODAY,
            text=f"Number {number}.",
        )
        for number in range(ROWS + 20)
    )
    for request in Request.objects.all():
        decisions.settle_request(request=request, outcome="answered", on=TODAY, decided_by=physician)
    client.force_login(physician)
    page = client.get(reverse("decisions_lately"))
    first = page.text
    earlier = unescape(re.search(r'href="(\?before=[^"]+)"', first).group(1))
    second = client.get(reverse("decisions_lately") + earlier).text
    assert first.count("<strong>Answered</strong>") == ROWS
    assert second.count("<strong>Answered</strong>") == 20
    client.force_login(a_physician(a_clinic("Elsewhere")))
    assert "Nothing has been decided yet" in client.get(reverse("decisions_lately")).text
    assert client.get(reverse("decisions_lately"), {"before": "nonsense"}).status_code == 200


# -- In the navigation ------------------------------------------------------------------------------------


def test_every_page_of_a_physician_says_how_many_are_for_today_and_no_other_role_is_told(client, late):
    ask(late, "symptoms", same_day=True)
    for role, told in ((Role.PHYSICIAN, True), (Role.NURSE, False), (Role.AUDITOR, False)):
        client.force_login(a_member(late.clinic, role))
        page = client.get(reverse("protocol"))
        assert page.context["for_today"] == (1 if told else None)
        assert ("1 for today" in words(page.text)) is told


def test_the_count_of_the_navigation_is_that_of_the_queue(today_is):
    clinic, today = a_clinic(), date(2026, 6, 1)
    today_is(today)
    waiting_for_decisions(clinic, 200, today)
    counted = queue.counts(clinic, today, Wanted(today=True))
    assert same_day.count(clinic, today) == counted.total > 20
    assert {part.kind for part in counted.parts} == set(FOR_TODAY)
    other = a_clinic("Elsewhere")
    assert same_day.count(other, today) == 0
    assert same_day.count(clinic, today + timedelta(days=1)) >= counted.total


def test_a_page_stands_though_what_is_for_today_could_not_be_counted(client, late, monkeypatch):
    monkeypatch.setattr(same_day, "count", _fails)
    client.force_login(a_physician(late.clinic))
    page = client.get(reverse("protocol"))
    assert page.status_code == 200
    assert page.context["for_today"] is None


def _fails(_clinic, _today):
    raise OperationalError("locked")


def test_a_physicians_page_costs_one_query_for_it(client, late, django_assert_num_queries):
    assert Course.objects.count() == 1
    same_day.count(late.clinic, TODAY)  # the statement is written once in a process
    with django_assert_num_queries(1):
        same_day.count(late.clinic, TODAY)
