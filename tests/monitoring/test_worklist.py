"""The worklist in numbers: paging by key, sums, queries and indexes, with thousands of patients."""

import re
from datetime import date, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from monitoring import counts, sections
from monitoring.worklist import ROWS, SHARES, Key, Wanted, worklist
from monitoring.worklist_rows import Viewer
from regimens import at_a_glance
from regimens.course_values import values_of
from regimens.models import Course
from tests.factories import a_clinic, a_nurse
from tests.monitoring.waiting_room import a_full_waiting_room

pytestmark = pytest.mark.django_db

TODAY = date(2026, 7, 14)
CLINICAL = Viewer(clinical=True)
LISTS = ("booked", *(section.name for section in sections.WHOLE), "tests")


@pytest.fixture(scope="module")
def clinic(kept_for_the_module):
    """Written once: the tests that ask for it only read."""
    return kept_for_the_module(_a_clinic_of_four_hundred)


def _a_clinic_of_four_hundred():
    clinic = a_clinic()
    a_full_waiting_room(clinic, 400, TODAY)
    return clinic


def test_the_waiting_room_keeps_what_its_rows_give(clinic):
    for values in values_of(Course.objects.select_related("clinic"), at_a_glance.TOPICS).values():
        assert values.course.at_a_glance == at_a_glance.to_json(values)


def walk(clinic, *, backwards_from=None, **wanted):
    """Every page of a list, as lists of (section, patient)."""
    step = {"before": backwards_from} if backwards_from else {}
    while True:
        page = worklist(clinic, TODAY, Wanted(**wanted, **step), CLINICAL).page
        yield [(part.section.title, row.patient_id) for part in page.parts for row in part.rows], page
        key = page.earlier if backwards_from else page.later
        if key is None:
            return
        step = {"before" if backwards_from else "after": key}


@pytest.mark.parametrize("neuro_first", [False, True])
@pytest.mark.parametrize("name", LISTS)
def test_the_pages_of_a_list_hold_everybody_once(clinic, name, neuro_first):
    pages = [rows for rows, _page in walk(clinic, list=name, neuro_first=neuro_first)]
    shown = [patient for rows in pages for _title, patient in rows]
    expected = [
        row
        for section in sections.LISTS[name]
        for row in section.rows(clinic, TODAY).values_list("patient_id", flat=True)
    ]
    assert sorted(shown) == sorted(expected)
    assert len(shown) == len(set(shown))
    assert all(len(rows) == ROWS for rows in pages[:-1])


@pytest.mark.parametrize(
    "asked", [{"list": "overdue"}, {"list": "tests"}, {"list": "later", "neuro_first": True}]
)
def test_stepping_back_shows_the_same_pages(clinic, asked):
    forward = list(walk(clinic, **asked))
    assert len(forward) > 2
    _rows, last = forward[-1]
    back = [rows for rows, _page in walk(clinic, **asked, backwards_from=last.earlier)]
    assert [row for rows in reversed(back) for row in rows] == [
        row for rows, _page in forward[:-1] for row in rows
    ]


def screen(clinic, **wanted):
    """The parts of the screen of the day, as {section: patients}, and whether each goes on."""
    page = worklist(clinic, TODAY, Wanted(**wanted), CLINICAL).page
    parts = {part.section: [row.patient_id for row in part.rows] for part in page.parts}
    return parts, {part.section: part.more for part in page.parts}


@pytest.mark.parametrize("neuro_first", [False, True])
def test_the_screen_shows_the_beginning_of_each_section_and_nobody_twice(clinic, neuro_first):
    parts, more = screen(clinic, neuro_first=neuro_first)
    assert {section: len(rows) for section, rows in parts.items()} == SHARES
    assert more == {section: section is not sections.WEEK for section in parts}
    shown = [patient for rows in parts.values() for patient in rows]
    assert len(shown) == len(set(shown)) == ROWS
    booked = set(sections.BOOKED.rows(clinic, TODAY).values_list("patient_id", flat=True))
    for section, rows in parts.items():
        whole = [
            patient
            for rows, _page in walk(clinic, list=section.name, neuro_first=neuro_first)
            for _title, patient in rows
        ]
        standing = (
            whole if section is sections.BOOKED else [patient for patient in whole if patient not in booked]
        )
        assert rows == standing[: len(rows)]


def test_what_one_section_does_not_need_goes_to_the_others(clinic):
    Course.objects.filter(phase="loading").update(phase="oral")
    sections.BOOKED.rows(clinic, TODAY).filter(pk__gt=3).update(
        state="cancelled", cancelled_because="mistake"
    )
    parts, more = screen(clinic)
    given = [len(rows) for rows in parts.values()]
    booked = sections.BOOKED.rows(clinic, TODAY).count()
    assert given[0] == booked < SHARES[sections.BOOKED]
    assert sum(given) == ROWS
    assert given[1] > SHARES[sections.OVERDUE]
    assert not more[sections.BOOKED]


def test_a_small_clinic_has_everybody_on_the_screen(today_is):
    today_is(TODAY)
    clinic = a_clinic()
    a_full_waiting_room(clinic, 30, TODAY)
    parts, more = screen(clinic)
    assert not any(more.values())
    standing = [
        set(section.rows(clinic, TODAY).values_list("patient_id", flat=True)) for section in sections.SCREEN
    ]
    assert {patient for rows in parts.values() for patient in rows} == set.union(*standing)


def test_the_overdue_come_by_their_due_date(clinic):
    shown = [patient for rows, _page in walk(clinic, list="overdue") for _title, patient in rows]
    due = dict(Course.objects.values_list("patient_id", "next_due_on"))
    assert len(shown) > ROWS
    assert [due[patient] for patient in shown] == sorted(due[patient] for patient in shown)


def test_the_sections_share_out_the_open_courses(clinic):
    found = counts.count(clinic, TODAY)
    assert found.open == 400
    assert found.adds_up
    assert all(number for _section, number in found.parts)
    for section, number in found.parts:
        assert number == section.rows(clinic, TODAY).count()


@pytest.mark.parametrize("days", range(-400, 401, 37))
def test_on_any_day_every_open_course_stands_in_one_section(clinic, days):
    day = TODAY + timedelta(days=days)
    found = counts.count(clinic, day)
    assert found.adds_up
    assert found.parts == tuple((section, section.rows(clinic, day).count()) for section in sections.WHOLE)
    missed, closed, due = (section.rows(clinic, day).count() for section in sections.LABS)
    assert (found.tests_overdue, found.tests_due) == (missed + closed, due)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "1_2026-07-14",
        "1_2026-13-14_1",
        "-1_2026-07-14_1",
        "1_2026-07-14_0",
        "x_y_z",
        "1_2026-07-14_9223372036854775808",
    ],
)
def test_a_key_that_is_none_is_not_read(text):
    assert Key.read(text) is None


def test_a_key_reads_what_it_wrote():
    for key in (Key(1, TODAY, 7), Key.read("0_09:10:00_3")):
        assert Key.read(str(key)) == key


@pytest.mark.slow
def test_ten_thousand_patients_cost_the_queries_of_a_hundred(client, today_is):
    today_is(TODAY)
    small, *large = (a_clinic(name) for name in ("Small", "Large", "Larger", "Largest"))
    a_full_waiting_room(small, 400, TODAY)
    lists = ("today", "today&neuro=on", "overdue&phase=loading", "booked&with=1", *LISTS)
    asked = {name: _queries(client, small, name, full=False) for name in lists}
    for clinic in large:
        a_full_waiting_room(clinic, 3_400, TODAY)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    for name, few in asked.items():
        many = _queries(client, large[0], name, full=True)
        print(f"{name}: {len(few)} queries at 400 patients, {len(many)} at 10,600")
        assert len(many) == len(few) <= (23 if "neuro" in name else 19)
        for sql in many:
            _must_use_an_index(sql)


def _queries(client, clinic, name, *, full: bool) -> list[str]:
    client.force_login(a_nurse(clinic))
    client.get("/today/")
    with CaptureQueriesContext(connection) as caught:
        page = client.get(f"/today/?list={name}")
    rows = sum(len(part.rows) for part, _url, _number in page.context["parts"])
    assert rows == ROWS if full else rows
    assert len(page.content) < 60_000
    return [query["sql"] for query in caught.captured_queries]


GROWING = r"(regimens|patients)_(course|patient|injection|result|clinicalfact|plan|appointment)\b"


def _must_use_an_index(sql: str) -> None:
    """No table that grows with the patients is read from end to end, and no list is sorted by hand."""
    if not re.search(f'FROM "{GROWING}"', sql):
        return
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(f"EXPLAIN {sql}")
            plan = "\n".join(row[0] for row in cursor.fetchall())
            # A few pages of bookings are read whole, and rightly; without that way there must be an index too.
            assert not re.search(f"Seq Scan on (?!regimens_appointment){GROWING}", plan), plan
            for way in ("seqscan", "sort", "bitmapscan"):
                cursor.execute(f"SET LOCAL enable_{way} = off")
            cursor.execute(f"EXPLAIN {sql}")
            forced = "\n".join(row[0] for row in cursor.fetchall())
            for way in ("seqscan", "sort", "bitmapscan"):
                cursor.execute(f"SET LOCAL enable_{way} = on")
            assert not re.search(f"Seq Scan on {GROWING}", forced), forced
            if 'FROM "regimens_appointment"' in sql:
                return  # one day's bookings are bounded by the clinic's slots; sorting them grows with nothing
            plan = forced  # thirty rows are sorted sooner than read in order; the order must be there to read
        else:
            cursor.execute(f"EXPLAIN QUERY PLAN {sql}")
            plan = "\n".join(row[3] for row in cursor.fetchall())
            assert not re.search(rf"SCAN ({GROWING}|U0)", plan), plan
        keyset = re.search(r"LIMIT \d+", sql)
        assert not (keyset and re.search(r"TEMP B-TREE FOR ORDER BY|^\s*->\s+Sort", plan, re.MULTILINE)), plan
