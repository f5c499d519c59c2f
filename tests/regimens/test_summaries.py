"""The rows beside the outlook: each check and what the figures ask, written with every act and compared every night."""

from datetime import date
from decimal import Decimal

import pytest

from regimens.models import Course, CourseSummary, LabCheck
from regimens.protocol.intervals import months
from regimens.services import clinical, outlook
from tests.factories import a_course, a_nurse, an_injection, now

pytestmark = pytest.mark.django_db

FIRST = date(2026, 1, 5)
PANEL = {"B12": "300 pmol/L", "HB": "130 g/L", "MCV": "88 fL", "PLT": "220 10^9/L", "HCY": "9 umol/L"}


@pytest.fixture
def course(today_is):
    today_is(FIRST)
    course = a_course(starts_on=FIRST, interval=months(3), facts={"cause": "diet", "bariatric": "bypass"})
    an_injection(course, FIRST)
    return course


def results(course, on, **changed):
    values = [
        {"analyte": name, "value": Decimal(value), "unit": unit, "confirmed": True}
        for name, text in (PANEL | changed).items()
        for value, unit in [text.split(" ", 1)]
    ]
    return clinical.record_results(
        patient=course.patient, collected_on=on, values=values, now=now(), recorded_by=a_nurse(course.clinic)
    )


def summary(course):
    return CourseSummary.objects.get(pk=course.pk)


def test_a_course_has_its_checks_and_its_summary_from_the_start(course):
    assert set(LabCheck.objects.values_list("kind", "due_on")) == {
        ("3m", date(2026, 4, 5)),
        ("6m", date(2026, 7, 5)),
        ("12m", date(2027, 1, 5)),
    }
    row = summary(course)
    assert (row.interval_iso, row.cause, row.bariatric, row.ileal) == ("P3M", "diet", True, False)
    assert (row.loading_began_on, row.loading_gap_on) == (FIRST, date(2026, 1, 13))


def test_the_newest_homocysteine_on_treatment_is_kept_and_goes_with_a_void(course, today_is):
    results(course, FIRST)
    assert summary(course).hcy_result is None, "drawn before the first dose"
    today_is(date(2026, 4, 7))
    results(course, date(2026, 4, 7))
    assert summary(course).hcy_at_target is True
    today_is(date(2026, 7, 7))
    rows = results(course, date(2026, 7, 7), HCY="10 umol/L")
    assert summary(course).hcy_at_target is False, "10.0 is not at target"
    hcy = next(row for row in rows if row.analyte == "HCY")
    clinical.void_result(result=hcy, voided_by=a_nurse(course.clinic), reason="Another patient's")
    assert summary(course).hcy_at_target is True
    assert list(outlook.differences()) == []


def test_every_difference_beside_the_outlook_is_told(course):
    assert list(outlook.differences()) == []
    CourseSummary.objects.update(cause="surgery")
    LabCheck.objects.filter(kind="3m").update(drawn_on=date(2026, 4, 4))
    LabCheck.objects.filter(kind="6m").delete()
    assert sorted(outlook.differences()) == [
        f"course {course.pk}: cause is 'surgery', should be 'diet'",
        f"course {course.pk}: the check 3m of 2026-04-05 is not as it should be",
        f"course {course.pk}: the check 6m of 2026-07-05 is not as it should be",
    ]


def test_what_was_never_written_is_written_by_the_next_round(course):
    LabCheck.objects.all().delete()
    CourseSummary.objects.all().delete()
    Course.objects.update(labs_as_of_on=None)
    assert list(outlook.differences()) != []
    assert outlook.roll_lab_checks(now()) == 1
    assert list(outlook.differences()) == []
    assert outlook.roll_lab_checks(now()) == 0
