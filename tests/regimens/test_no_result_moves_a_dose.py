"""No result changes a schedule (D-30): every value, low and high, is typed; only the panel done moves on."""

import pytest
from django.urls import reverse

from patients.models import Result
from regimens import what_follows
from regimens.models import Course
from regimens.protocol.intervals import months
from regimens.protocol.units import ANALYTES, Analyte
from regimens.services.outlook import COLUMNS
from tests.browsing import sent_by
from tests.factories import a_course, a_nurse, an_injection
from tests.regimens.plan_pages import LOADED, MONDAY, boxes

pytestmark = pytest.mark.django_db

# What a list shows of the newest counts is no date, and says what was just typed.
NO_DATES_OF_DOSES = {name for name in COLUMNS if "lab" in name} | {"at_a_glance"}
PANEL = {
    "B12": ("300", "pmol/L"),
    "HB": ("130", "g/L"),
    "MCV": ("88", "fL"),
    "PLT": ("220", "10^9/L"),
    "HCY": ("9", "umol/L"),
}


@pytest.fixture
def course(client, today_is):
    """On maintenance every three months since the middle of January; it is the day of the blood test."""
    today_is(MONDAY)
    course = a_course(starts_on=MONDAY, interval=months(3))
    for number, day in enumerate(LOADED):
        today_is(day)
        an_injection(course, day, site="DELTOID_L" if number % 2 else "DELTOID_R")
    course.refresh_from_db()
    today_is(course.lab_due_on)
    client.force_login(a_nurse(course.clinic))
    return course


def dates(course):
    row = Course.objects.filter(pk=course.pk).values(*COLUMNS).get()
    return {name: value for name, value in row.items() if name not in NO_DATES_OF_DOSES}


def doses(course, today):
    course.refresh_from_db()
    return what_follows.now(course, today).in_a_year


def types(client, course, drawn_on, **values):
    address = reverse("record_results", args=[course.patient_id])
    typed = {}
    for analyte, (value, unit) in values.items():
        typed |= {analyte: value, f"{analyte}_unit": unit, f"{analyte}_confirmed": "on"}
    sent = {**sent_by(client.get(address)), **boxes("collected_on", drawn_on), "lab": "Ours", **typed}
    return client.post(address, sent)


def extremes(analyte):
    """The lowest and the highest value that can be entered at all, and one between, in the first unit."""
    unit = ANALYTES[analyte].units[0]
    hard = ANALYTES[analyte].hard
    low, high = (limit / unit.factor for limit in (hard.low, hard.high))
    return [(f"{value:.4f}", unit.name) for value in (low, (low + high) / 2, high)]


@pytest.mark.parametrize("analyte", Analyte, ids=str)
def test_whatever_one_value_says_no_date_of_a_dose_moves(client, course, analyte):
    day = course.lab_due_on
    before, coming = dates(course), doses(course, day)
    for value in extremes(analyte):
        answer = types(client, course, day, **{analyte.value: value})
        assert answer.status_code == 302, value
        assert dates(course) == before
        assert doses(course, day) == coming
    assert Result.objects.count() == 3


def test_a_whole_panel_does_its_check_and_moves_nothing_else(client, course):
    day = course.lab_due_on
    before, coming, check = dates(course), doses(course, day), course.lab_name
    assert types(client, course, day, **PANEL).status_code == 302
    assert dates(course) == before
    assert doses(course, day) == coming
    assert (check, course.lab_name) == ("3m", "6m")
