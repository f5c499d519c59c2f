"""The dashboard: numbers that add up, that equal a recount of the rows, and that lead to the names behind them."""

import random
import re
from collections import Counter
from datetime import date, timedelta

import pytest
from dateutil.relativedelta import relativedelta
from django.db import DatabaseError
from django.urls import reverse

from monitoring import dashboard
from monitoring.cohort.scope import Scope, period_of
from monitoring.models import Heartbeat, Message
from patients.models import Clinic, Role
from regimens.models import Course, Injection, Plan, Request
from regimens.models.course import EndReason
from regimens.protocol.intervals import months
from regimens.protocol.requests import AskedRoute, Form
from regimens.services import clinical, courses, injections, outlook
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
from tests.monitoring.waiting_room import a_full_waiting_room

pytestmark = pytest.mark.django_db

TODAY = date(2026, 7, 14)
URL = "/dashboard/"
DOSES = [date(2026, 1, day) for day in (5, 7, 9, 12, 14, 16)]


def scope_of(clinic, moment=None, **more):
    begins_on, ends_on = period_of("12", TODAY)
    return Scope((clinic,), moment or at(TODAY), **{"begins_on": begins_on, "ends_on": ends_on, **more})


def count(clinic, **more):
    return dashboard.dashboard(scope_of(clinic, **more))


def visit(client, clinic, role=Role.NURSE, url=URL):
    client.force_login(a_member(clinic, role))
    return client.get(url)


# A small population, lived through the services.


STORIES = ("waits", "loading", "maintenance", "maintenance", "paused", "stopped", "died", "tablets")


def lives(clinic, today_is, choose, first=None):
    """One patient with one story; give the course."""
    story = first or choose.choice(STORIES)
    patient = a_patient(clinic)
    start = choose.choice(DOSES) if story != "waits" else TODAY + timedelta(days=choose.randint(-9, 9))
    while start.weekday() > 4:
        start += timedelta(days=1)
    today_is(min(start, TODAY))
    if story == "tablets":
        start = TODAY - timedelta(days=choose.randint(0, 160))
        today_is(start)
        on_tablets(patient, start)
        return
    course = a_course(patient, starts_on=start, interval=months(choose.choice((2, 3))))
    if story in ("maintenance", "paused", "stopped"):
        gives_doses(course, today_is, choose)
    elif story == "loading":
        today_is(start)
        an_injection(course, start)
    today_is(TODAY)
    physician = a_physician(clinic)
    if story == "paused":
        until = TODAY + timedelta(days=choose.choice((1, 20)))
        courses.pause(course=course, on=TODAY, until=until, reason="Abroad", decided_by=physician)
    elif story == "stopped":
        reason = choose.choice((EndReason.DIAGNOSIS_REVISED, EndReason.REVERSIBLE_CAUSE_RESOLVED))
        courses.stop(course=course, reason=reason, on=TODAY, decided_by=physician)
    elif story == "died":
        courses.record_death(patient=patient, on=TODAY, recorded_by=physician)


def gives_doses(course, today_is, choose):
    """Six loading doses, then some of maintenance: on the day, early in the window, or late; one may be voided."""
    course.refresh_from_db()
    for _ in range(6 + choose.randint(0, 3)):
        course.refresh_from_db()
        day = course.next_due_on + timedelta(
            days=choose.choice((0, 0, 1, 20)) if course.phase == "maintenance" else 0
        )
        if day > TODAY:
            break
        today_is(day)
        elsewhere = {"source": "elsewhere", "source_name": "Ward 3", "already_given": True}
        dose = an_injection(
            course,
            day,
            site=choose.choice(("DELTOID_L", "DELTOID_R", "VASTUS_LATERALIS_L")),
            **(elsewhere if choose.random() < 0.2 else {}),
        )
        if choose.random() < 0.1:
            injections.void_injection(
                injection=dose, now=now(), voided_by=a_physician(course.clinic), reason="Wrong patient"
            )


def on_tablets(patient, start):
    egfr = [{"analyte": "EGFR", "value": 80, "unit": "mL/min/1.73 m2"}]
    clinical.record_results(
        patient=patient, collected_on=start, values=egfr, now=now(), recorded_by=a_nurse(patient.clinic)
    )
    course = a_course(patient, starts_on=start, form=Form(route=AskedRoute.ORAL))
    courses.confirm_oral(course=course, on=start, decided_by=a_physician(patient.clinic))


# A recount that knows the rows and the rules on paper, and nothing of the program's own arithmetic.


def recounted(course) -> tuple[str, str]:
    plan = Plan.objects.filter(course=course).last()
    if course.paused_until and course.paused_until > TODAY:
        return "Paused", ""
    if plan.route == "ORAL":
        due = course.oral_confirmed_on + relativedelta(months=3)
        return "On tablets", standing(due, 14, None)
    given = sorted(
        Injection.objects.filter(course=course, voided_at=None, counts=True).values_list(
            "given_on", flat=True
        )
    )
    if len(given) < 6:
        return "Loading", standing(loading_due(plan, given), 0, None)
    interval = relativedelta(months=int(plan.interval_iso[1:-1]))
    due = given[-1] + interval
    twice = given[-1] + relativedelta(months=2 * int(plan.interval_iso[1:-1]))
    return "Maintenance", standing(due, 14, max(due + interval, twice))


def loading_due(plan, given):
    """On weekdays, two days apart, three in any seven days."""
    if not given:
        return plan.starts_on
    day = given[-1] + timedelta(days=2)
    while day.weekday() > 4 or sum(day - timedelta(days=6) <= dose for dose in given) > 2:
        day += timedelta(days=1)
    return day


def standing(due, either_way, lapses):
    window = timedelta(days=either_way)
    if due - window > TODAY:
        return "Not due"
    if due + window >= TODAY:
        return "Due"
    return "Lapsed" if lapses and lapses <= TODAY else "Overdue"


@pytest.mark.parametrize("seed", range(2))
def test_the_numbers_equal_a_recount_of_the_rows(today_is, seed):
    clinic, choose = a_clinic(), random.Random(seed)
    today_is(DOSES[0])
    for _ in range(14):
        lives(clinic, today_is, choose)
    today_is(TODAY)
    outlook.roll_lab_checks(now())
    found = count(clinic)

    standing_now = Counter(recounted(course) for course in Course.objects.filter(ended_on=None))
    shown = {(row.title, cell.title): cell.count for row in found.courses.phases for cell in row.cells} | {
        ("Paused", ""): found.courses.paused.count
    }
    assert +Counter(shown) == standing_now
    assert found.courses.open == Course.objects.filter(ended_on=None).count() == sum(standing_now.values())
    ended = Counter(course.get_end_reason_display() for course in Course.objects.exclude(ended_on=None))
    assert +Counter({str(number.title): number.count for number in found.courses.ended}) == ended
    assert found.courses.all == Course.objects.count() == 14
    assert found.courses.adds_up

    months_of_doses = Counter()
    for dose in Injection.objects.filter(voided_at=None, counts=True, source="clinic"):
        how = "unplanned"
        if dose.window_opens_on:
            how = "early" if dose.given_on < dose.window_opens_on else "inside"
            how = "late" if dose.given_on > dose.window_closes_on else how
        months_of_doses[dose.given_on.replace(day=1), how] += 1
    assert months_of_doses == +Counter(
        {
            (m.begins_on, how): getattr(m, how)
            for m in found.doses
            for how in ("inside", "early", "late", "unplanned")
        }
    )


def test_every_story_of_the_recount_happens(today_is):
    clinic, choose = a_clinic(), random.Random(1)
    for story in dict.fromkeys(STORIES):
        today_is(DOSES[0])
        lives(clinic, today_is, choose, story)
    today_is(TODAY)
    outlook.roll_lab_checks(now())
    found = count(clinic)
    assert [row.total.count for row in found.courses.phases] == [2, 1, 1, 1]
    assert found.courses.ended_in_all == 2


def test_a_dose_from_elsewhere_and_a_voided_one_are_left_out(today_is):
    today_is(DOSES[0])
    course = a_course(starts_on=DOSES[0], interval=months(3))
    an_injection(course, DOSES[0])
    today_is(DOSES[1])
    an_injection(
        course, DOSES[1], already_given=True, source="elsewhere", source_name="Ward 3", site="DELTOID_R"
    )
    today_is(DOSES[2])
    wrong = an_injection(course, DOSES[2], site="VASTUS_LATERALIS_L")
    injections.void_injection(
        injection=wrong, now=now(), voided_by=a_physician(course.clinic), reason="Wrong"
    )
    january = count(course.clinic).doses[6]
    assert (january.begins_on, january.given, january.inside) == (date(2026, 1, 1), 1, 1)


def test_the_months_of_a_period_are_shown_newest_first():
    clinic = Clinic(pk=1, time_zone="UTC")

    def shown(word, today):
        begins_on, ends_on = period_of(word, today)
        return Scope((clinic,), at(today), begins_on, ends_on).months

    assert shown("12", date(2026, 3, 31)) == [
        date(2026, 3, 1), date(2026, 2, 1), date(2026, 1, 1), date(2025, 12, 1), date(2025, 11, 1), date(2025, 10, 1),
        date(2025, 9, 1), date(2025, 8, 1), date(2025, 7, 1), date(2025, 6, 1), date(2025, 5, 1), date(2025, 4, 1),
    ]  # fmt: skip
    assert shown("2026", date(2026, 3, 31)) == [date(2026, 3, 1), date(2026, 2, 1), date(2026, 1, 1)]
    assert shown("2025", date(2026, 3, 31))[::11] == [date(2025, 12, 1), date(2025, 1, 1)]


def a_message(course, number, **columns):
    details = {"state": "queued", "queued_at": at(TODAY, 8), "ready_at": at(TODAY, 8), **columns}
    if details["state"] == "sent":
        details.setdefault("sent_to", "somebody@example.org")
    if details["state"] != "queued":
        details.setdefault("ended_at", at(TODAY, 9))
    if details.get("cause"):
        details.setdefault("reason", "Because")
    return Message.objects.create(
        clinic=course.clinic,
        patient=course.patient,
        course=course,
        key=f"key-{number}",
        subject="dose",
        purpose="coming",
        due_on=details.pop("due_on", course.next_due_on),
        opens_on=TODAY,
        **details,
    )


def test_letters_of_today_add_up_to_those_that_were_due(today_is):
    today_is(TODAY)
    course = a_course(starts_on=TODAY, interval=months(3))
    yesterday = at(TODAY - timedelta(days=1), 23)
    a_message(course, 1, state="sent")
    a_message(course, 2, state="sent", ended_at=yesterday)
    a_message(course, 3)
    a_message(course, 4, state="suppressed", cause="given")
    a_message(course, 5, state="suppressed", cause="no_consent")
    a_message(course, 6, state="suppressed", cause="given", ended_at=yesterday)
    a_message(course, 7, state="failed", cause="gave_up")
    a_message(course, 8, state="in_doubt", cause="lost_answer")
    letters = count(course.clinic).letters
    assert (letters.sent, letters.waiting, letters.suppressed, letters.failed, letters.in_doubt) == (
        1,
        1,
        2,
        1,
        1,
    )
    assert letters.due == 6
    assert {str(number.title): number.count for number in letters.silent} == {
        "The dose was given": 1,
        "The patient has not agreed to be emailed": 1,
    }
    assert count(course.clinic).calls == 1  # the newest of those about one dose


def test_the_day_of_a_letter_is_the_clinics_day(today_is):
    today_is(TODAY)
    course = a_course(a_patient(a_clinic(time_zone="Pacific/Auckland")), starts_on=TODAY, interval=months(3))
    a_message(course, 1, state="sent", ended_at=at(TODAY - timedelta(days=1), 11))
    a_message(course, 2, state="sent", ended_at=at(TODAY - timedelta(days=1), 13))
    found = count(course.clinic, moment=at(TODAY, 3))
    assert found.letters.sent == 1


def test_requests_plans_and_reviews_that_wait_are_counted(today_is):
    today_is(TODAY)
    clinic = a_clinic()
    a_proposal(a_patient(clinic), TODAY)
    course = a_course(a_patient(clinic), starts_on=TODAY, interval=months(3))
    Request.objects.create(patient=course.patient, clinic=clinic, kind="hold", raised_on=TODAY, same_day=True)
    Request.objects.create(patient=course.patient, clinic=clinic, kind="stop", raised_on=TODAY)
    Request.objects.create(
        patient=course.patient, clinic=clinic, kind="stop", raised_on=TODAY, answered_at=at(TODAY)
    )
    Course.objects.filter(pk=course.pk).update(review_due_on=TODAY - timedelta(days=1))
    other = a_course(a_patient(clinic), starts_on=TODAY, interval=months(3))
    Course.objects.filter(pk=other.pk).update(
        review_due_on=TODAY, missed_lab_due_on=TODAY, missed_lab_name="3m"
    )
    waiting = count(clinic).waiting
    assert waiting.plans.count == 1
    assert (waiting.requests_in_all, waiting.requests_same_day) == (2, 1)
    assert [number.count for number in waiting.reviews] == [1, 1]
    assert [number.count for number in waiting.tests] == [1, 0]


def test_another_clinic_is_not_counted(client, today_is):
    today_is(TODAY)
    ours = a_course(starts_on=TODAY, interval=months(3))
    before = count(ours.clinic)
    elsewhere = a_clinic("Elsewhere")
    a_full_waiting_room(elsewhere, 30, TODAY)
    theirs = Course.objects.filter(clinic=elsewhere).first()
    a_message(theirs, 1)
    Request.objects.create(patient=theirs.patient, clinic=elsewhere, kind="hold", raised_on=TODAY)
    assert count(ours.clinic) == before
    page = visit(client, ours.clinic, url=reverse("dashboard_list", args=["open"]))
    assert [row["name"] for row in page.context["rows"]] == [ours.patient.name]


@pytest.mark.parametrize("part", ["count_courses", "count_doses", "count_waiting", "count_letters"])
def test_what_could_not_be_counted_is_said_to_be_missing_and_hides_nothing_else(
    client, today_is, monkeypatch, part
):
    today_is(TODAY)
    clinic = a_clinic()

    def fails(*_args):
        raise DatabaseError("statement timeout")

    monkeypatch.setattr(dashboard, part, fails)
    page = visit(client, clinic)
    assert page.status_code == 200
    assert page.content.decode().count("could not be counted") == 1
    assert "missing, not nought" in page.content.decode()


def test_a_course_in_no_part_is_said_aloud(client, today_is):
    today_is(TODAY)
    course = a_course(starts_on=TODAY, interval=months(3))
    Course.objects.filter(pk=course.pk).update(window_opens_on=None)
    assert not count(course.clinic).courses.adds_up
    assert "do not add up" in visit(client, course.clinic).content.decode()


def test_a_clinic_in_which_nothing_ever_wrote_letters_says_so(client, today_is):
    today_is(TODAY)
    clinic = a_clinic()
    assert "has ever run here" in visit(client, clinic).content.decode()
    Heartbeat.objects.beat("queue")
    assert "has ever run here" not in visit(client, clinic).content.decode()


def test_the_page_says_when_it_was_counted_in_the_clinics_time(client, today_is):
    today_is(TODAY)
    clinic = a_clinic(time_zone="Europe/London")
    assert "as of <strong>11:00</strong>" in visit(client, clinic).content.decode()


@pytest.mark.parametrize(
    ("role", "page", "names"),
    [
        ("nurse", 200, 200),
        ("physician", 200, 200),
        ("auditor", 200, 200),
        ("manager", 200, 200),
        ("reception", 403, 403),
    ],
)
def test_who_sees_numbers_and_who_sees_the_names_behind_them(client, today_is, role, page, names):
    today_is(TODAY)
    clinic = a_clinic()
    response = visit(client, clinic, role)
    assert response.status_code == page
    for url in (reverse("dashboard_list", args=["open"]), reverse("dashboard_doses", args=[2026, 7])):
        assert client.get(url).status_code == names
        assert page == 403 or (url in response.content.decode()) is (names == 200)


def test_every_number_leads_to_a_list_of_that_many_people(client, today_is):
    today_is(TODAY)
    clinic = a_clinic()
    a_full_waiting_room(clinic, 70, TODAY)
    page = visit(client, clinic).content.decode()
    links = set(re.findall(r'href="(/dashboard/[a-z-]+/)" aria-label="[^"]*: (\d+)"', page))
    links |= set(re.findall(r'href="(/dashboard/[a-z-]+/)"><span><strong>(\d+)', page))
    assert len(links) > 25
    for url, number in links:
        assert len(everybody(client, url)) == int(number), url


def test_the_doses_behind_a_month_are_listed(client, today_is):
    today_is(DOSES[0])
    course = a_course(starts_on=DOSES[0], interval=months(3))
    an_injection(course, DOSES[0])
    today_is(TODAY)
    assert len(everybody(client_of(client, course.clinic), "/dashboard/doses/2026/1/")) == 1
    assert len(everybody(client, "/dashboard/doses/2026/1/?timing=inside")) == 1
    assert everybody(client, "/dashboard/doses/2026/1/?timing=late") == []
    assert everybody(client, "/dashboard/doses/2026/2/") == []


def client_of(client, clinic):
    client.force_login(a_nurse(clinic))
    return client


def everybody(client, url):
    """Every row of a list, page by page."""
    rows, page = [], client.get(url)
    path = url.split("?")[0]
    while True:
        rows += page.context["rows"]
        if not page.context["page"].later_url:
            return rows
        page = client.get(path + page.context["page"].later_url)


def test_a_list_steps_forwards_and_back_by_its_key(client, today_is):
    today_is(TODAY)
    clinic = a_clinic()
    a_full_waiting_room(clinic, 120, TODAY)
    first = visit(client, clinic, url="/dashboard/open/")
    second = client.get("/dashboard/open/" + first.context["page"].later_url)
    assert first.context["page"].earlier_url == ""
    assert len(second.context["rows"]) == 50
    back = client.get("/dashboard/open/" + second.context["page"].earlier_url)
    assert back.context["rows"] == first.context["rows"]
    assert len({row["record_number"] for row in everybody(client, "/dashboard/open/")}) == 120


@pytest.mark.parametrize("url", ["/dashboard/nobody/", "/dashboard/doses/2026/13/", "/dashboard/doses/0/1/"])
def test_a_list_that_does_not_exist_is_not_found(client, today_is, url):
    today_is(TODAY)
    assert visit(client, a_clinic(), url=url).status_code == 404


@pytest.mark.parametrize(
    "key", ["x", "2026-01-01", "2026-01-01_99999999999999999999", "_", "2026-01-01_-1", "\x00_1"]
)
def test_a_key_that_is_none_begins_at_the_beginning(client, today_is, key):
    today_is(TODAY)
    course = a_course(starts_on=TODAY, interval=months(3))
    client.force_login(a_nurse(course.clinic))
    page = client.get("/dashboard/open/", {"after": key})
    assert [row["name"] for row in page.context["rows"]] == [course.patient.name]
