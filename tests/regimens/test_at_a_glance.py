"""What lists show of a course is kept with its outlook, says what the rows say, and never runs ahead of a day."""

import json
from datetime import date

import pytest
from django.db import transaction

from patients.models import ClinicalFact, Result
from patients.models.facts import Topic
from regimens import at_a_glance
from regimens.facts import facts_of
from regimens.models import Course
from regimens.protocol.intervals import months
from regimens.services import clinical, injections, intervals, outlook, plans
from regimens.services.locking import lock_patient
from tests.factories import a_course, a_nurse, a_patient, a_physician, a_proposal, an_injection, now

pytestmark = pytest.mark.django_db

MONDAY = date(2026, 1, 5)
TUESDAY = date(2026, 1, 6)


@pytest.fixture
def course(today_is):
    today_is(MONDAY)
    return a_course(a_patient(), starts_on=MONDAY, interval=months(3))


def kept(course) -> dict:
    return Course.objects.values_list("at_a_glance", flat=True).get(pk=course.pk)


def counted(course, value, day=MONDAY, analyte="PLT", unit="10^9/L"):
    return clinical.record_results(
        patient=course.patient,
        collected_on=day,
        values=[{"analyte": analyte, "value": value, "unit": unit}],
        now=now(),
        recorded_by=a_nurse(course.clinic),
    )[0]


def test_every_act_writes_what_a_list_shows(course):
    assert kept(course)["needle"] == ["", None]
    an_injection(course, MONDAY, site="DELTOID_R")
    assert kept(course)["needle"] == ["DELTOID_R", "2026-01-05"]
    row = counted(course, 45)
    counted(course, 80, analyte="EGFR", unit="mL/min/1.73 m2")
    assert kept(course)["counts"] == {
        "PLT": ["45", "10^9/L", "", "2026-01-05"],
        "EGFR": ["80", "mL/min/1.73 m2", "", "2026-01-05"],
    }
    clinical.void_result(result=row, voided_by=a_nurse(course.clinic), reason="Another patient's")
    assert list(kept(course)["counts"]) == ["EGFR"]
    clinical.record_facts(
        patient=course.patient,
        answers={"anticoagulant": True},
        observed_on=MONDAY,
        now=now(),
        recorded_by=a_nurse(course.clinic),
    )
    assert kept(course)["answers"]["anticoagulant"] == [True, "2026-01-05"]
    assert list(outlook.differences()) == []


def test_the_last_needle_is_the_one_that_stands_also_when_it_did_not_count(course, today_is):
    an_injection(course, MONDAY, site="DELTOID_R")
    today_is(TUESDAY)
    partial = an_injection(course, TUESDAY, site="DELTOID_L", partial=True, already_given=True)
    assert kept(course)["needle"] == ["DELTOID_L", "2026-01-06"]
    injections.void_injection(
        injection=partial, now=now(), voided_by=a_physician(course.clinic), reason="Another patient's"
    )
    assert kept(course)["needle"] == ["DELTOID_R", "2026-01-05"]


def test_a_signature_a_proposal_and_its_withdrawal_show(course):
    assert (kept(course)["signed"], kept(course)["to_sign"]) == (True, False)
    proposal = a_proposal(course.patient, MONDAY)
    assert (kept(course)["signed"], kept(course)["to_sign"]) == (True, True)
    plans.withdraw_proposal(plan=proposal, decided_by=a_physician(course.clinic))
    assert (kept(course)["signed"], kept(course)["to_sign"]) == (True, False)
    referred = a_proposal(a_patient(course.clinic), MONDAY).course
    assert (kept(referred)["signed"], kept(referred)["to_sign"]) == (False, True)


def test_the_plan_that_holds_is_kept(course):
    assert kept(course)["plan"] == ["hydroxocobalamin-standard-1", "HYDROXOCOBALAMIN", "IM", 1000, "P3M"]
    intervals.change_interval(
        course=course,
        interval=months(2),
        reason="Symptoms return early",
        now=now(),
        decided_by=a_physician(course.clinic),
    )
    assert kept(course)["plan"][-1] == "P2M"


def test_a_fact_alone_makes_no_page_about_the_dates_stale(course):
    before = Course.objects.get(pk=course.pk)
    counted(course, 45)
    after = Course.objects.get(pk=course.pk)
    assert after.at_a_glance != before.at_a_glance
    assert (after.version, after.changed_at) == (before.version, before.changed_at)


def test_what_is_observed_on_a_later_day_does_not_count_before_it(course):
    """A service refuses such a day; a list brought from elsewhere may still hold one."""
    counted(course, 200)
    Result.objects.create(
        patient=course.patient, analyte="PLT", value=12, unit="10^9/L", collected_on=TUESDAY
    )
    for day, answer in ((TUESDAY, True), (MONDAY, False)):
        ClinicalFact.objects.create(
            patient=course.patient, topic=Topic.ANTICOAGULANT, answer=answer, observed_on=day
        )
    with transaction.atomic():
        outlook.refresh_outlook(lock_patient(course.patient))
    for day, platelets, thinned in ((MONDAY, 200, "no"), (TUESDAY, 12, "yes")):
        known = at_a_glance.afresh([course], day)[course.pk].facts(course.patient.born_on)
        assert (known.platelets.value, known.anticoagulant) == (platelets, thinned)
        assert known.platelets == facts_of(course.patient, day).platelets
    assert at_a_glance.read(json.dumps(kept(course))).newest_on == TUESDAY


@pytest.mark.parametrize("left", [None, 2])
def test_what_an_earlier_version_left_empty_is_written_by_the_worker(course, left):
    for _ in range(3):
        a_proposal(a_patient(course.clinic), MONDAY)
    before = dict(Course.objects.values_list("pk", "at_a_glance"))
    empty = list(before)[:left]
    Course.objects.filter(pk__in=empty).update(at_a_glance=None)
    assert list(outlook.differences()) == []  # not written is not written wrongly
    assert outlook.write_missing() == len(empty)
    assert dict(Course.objects.values_list("pk", "at_a_glance")) == before
    assert outlook.write_missing() == 0


def test_a_glance_that_its_rows_do_not_give_is_found_at_night(course):
    Course.objects.filter(pk=course.pk).update(at_a_glance={**kept(course), "signed": False})
    assert [sentence for sentence in outlook.differences() if "at_a_glance" in sentence]


def test_a_patient_of_whom_nothing_is_known_is_read_too(course):
    unknown = {**kept(course), "answers": {}, "counts": {}}
    glance = at_a_glance.read(json.dumps(unknown))
    assert glance.newest_on is None
    assert glance.facts(course.patient.born_on).allergies is None
