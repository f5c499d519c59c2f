"""The badges of a row say what the dose screen would say: for random patients, whatever their records hold."""

from datetime import date, timedelta
from random import Random

import pytest
from django.db import transaction
from django.db.models.functions import Now

from monitoring import badges
from monitoring.badges import Badge
from monitoring.sections import OVERDUE
from monitoring.worklist_columns import Stretch
from monitoring.worklist_rows import Viewer, rows
from patients.models import ClinicalFact, Patient, Result
from regimens.facts import facts_of
from regimens.models import Course, Plan
from regimens.services.locking import lock_patients
from regimens.services.outlook import refresh_outlook
from tests.factories import a_clinic, a_patient, a_physician, a_proposal

pytestmark = pytest.mark.django_db

TODAY = date(2026, 7, 14)
NURSE, PATIENTS = Viewer(clinical=True), 30
ANSWERS = {
    "allergies": [None, [], ["cobalt"], ["hydroxocobalamin"], ["parabens", "benzyl alcohol"]],
    "anticoagulant": [True, False, None],
    "renal": [True, False],
    "dialysis": [True, False],
    "neuro": ["none", "present", "severe", None],
}
# Among them values that are not possible, and one without a unit that the rules accept.
COUNTS = ["3", "9.9", "10", "24", "25", "50", "51", "149", "150", "400", "2999", "5000"]
RATES = ["12", "45", "55", "60", "90", "900"]


def a_record(patient: Patient, rng: Random) -> None:
    """Write what is known of a patient in any order, some of it twice, some voided, some of a day to come."""

    def on() -> date:
        return TODAY - timedelta(days=rng.choice([-3, 0, 1, 5, 8, 40, 100, 200, 400]))

    ClinicalFact.objects.bulk_create(
        ClinicalFact(patient=patient, topic=topic, answer=rng.choice(answers), observed_on=on())
        for topic, answers in ANSWERS.items()
        for _ in range(rng.choice([0, 1, 1, 2]))
    )
    for analyte, values, unit in (
        ("PLT", COUNTS, "10^9/L"),
        ("EGFR", RATES, "mL/min/1.73 m2"),
        ("PLT", COUNTS, "G/L"),
    ):
        for value in rng.sample(values, rng.choice([0, 1, 2])):
            result = Result.objects.create(
                patient=patient,
                analyte=analyte,
                value=value,
                unit=unit,
                comparator=rng.choice(["", "", "<", ">"]),
                collected_on=on(),
            )
            if rng.random() < 0.2:
                Result.objects.filter(pk=result.pk).update(
                    voided_at=Now(), voided_by=a_physician(patient.clinic), void_reason="Wrong tube"
                )


@pytest.fixture
def clinic(today_is):
    """Random patients under a proposed plan, overdue; every fifth has a second record that was merged into theirs."""
    today_is(TODAY - timedelta(days=30))
    rng, clinic = Random(12), a_clinic()
    for number in range(PATIENTS):
        patient = a_patient(clinic)
        a_proposal(patient, TODAY - timedelta(days=30))
        a_record(patient, rng)
        if number % 5 == 0:
            double = Patient.objects.create(
                clinic=clinic, family_name="Double", born_on=patient.born_on, record_number=f"D{number}"
            )
            a_record(double, rng)
            Patient.objects.filter(pk=double.pk).update(merged_into=patient)
    with transaction.atomic():
        keys = list(Patient.objects.filter(merged_into=None).values_list("pk", flat=True))
        refresh_outlook(*lock_patients(keys))
    today_is(TODAY)
    return clinic


def shown(clinic, today) -> dict[int, set[Badge]]:
    found = Stretch(OVERDUE).read(clinic.pk, today, PATIENTS)
    return {
        row.patient_id: set(row.badges)
        for row in rows(clinic, today, [(OVERDUE, row) for row in found], NURSE)
    }


def expected(clinic, today) -> dict[int, set[Badge]]:
    """What the facts say through the same query as the dose screen's, and the plan through its own rows."""
    found = {}
    for course in Course.objects.filter(clinic=clinic).select_related("patient"):
        said = set(badges.of_facts(facts_of(course.patient, today), today, first_dose=True))
        if course.neurological:
            said.add(badges.NERVES)
        if not Plan.objects.signed().filter(course=course).exists():
            said.add(badges.NOT_SIGNED)
        found[course.patient_id] = said
    return found


@pytest.mark.parametrize("days", [0, 1, 3, 60])
def test_the_badges_of_a_row_are_those_of_the_facts(clinic, days):
    today = TODAY + timedelta(days=days)
    assert shown(clinic, today) == expected(clinic, today)
    words = {badge.word.split(" ")[0] for found in shown(clinic, today).values() for badge in found}
    assert {"Platelets", "Platelet", "No", "Anticoagulant", "Allergy:", "Allergies", "Poor", "A"} <= words


def test_they_are_so_before_the_worker_has_written_what_is_kept(clinic):
    Course.objects.update(at_a_glance=None)
    assert shown(clinic, TODAY) == expected(clinic, TODAY)


def test_what_is_kept_is_asked_for_in_a_fixed_number_of_queries(clinic, django_assert_num_queries):
    found = [(OVERDUE, row) for row in Stretch(OVERDUE).read(clinic.pk, TODAY + timedelta(days=9), PATIENTS)]
    rows(clinic, TODAY + timedelta(days=9), found, NURSE)
    for some in (found[:1], found):
        with django_assert_num_queries(3):
            rows(clinic, TODAY + timedelta(days=9), some, NURSE)


def test_the_finding_of_the_dose_screen_stands_behind_every_badge_of_a_fact(clinic):
    for course in Course.objects.filter(clinic=clinic).select_related("patient"):
        facts = facts_of(course.patient, TODAY)
        said = {
            badge
            for badge in badges.of_facts(facts, TODAY, first_dose=False)
            if badge.word != "Allergies not known"
        }
        assert bool(said) is bool(badges.findings(facts, TODAY))
