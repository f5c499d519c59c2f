"""What needs a decision: each kind appears when it should, and leaves only when somebody decided."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.db import transaction

from monitoring.decisions import queue
from monitoring.decisions.kinds import BY_KEY
from monitoring.decisions.queue import Wanted
from patients.models import Result
from regimens.models import Injection
from regimens.protocol.entries import Loading
from regimens.protocol.intervals import months
from regimens.services import clinical, courses, lab_checks, passed_dates, put_off, requests
from regimens.services.locking import lock_patient
from regimens.services.outlook import refresh_outlook
from tests.factories import (
    a_clinic,
    a_course,
    a_nurse,
    a_patient,
    a_physician,
    a_proposal,
    an_injection,
    now,
)

pytestmark = pytest.mark.django_db

MONDAY = date(2026, 1, 5)
LOADED = [MONDAY + timedelta(days=days) for days in (0, 2, 4, 7, 9, 11)]


def waiting(clinic, today):
    """{kind: [family names]} of everything that waits; the counts say the same."""
    wanted = Wanted()
    counted = queue.counts(clinic, today, wanted)
    page = queue.page(clinic, today, wanted, {}, counted)
    found = {kind.key: [row.family_name for row in rows] for kind, rows in page.groups}
    assert {part.kind.key: part.count for part in counted.parts if part.count} == {
        key: len(names) for key, names in found.items()
    }
    assert counted.total == counted.for_today + counted.later == sum(map(len, found.values()))
    return found


def rows_of(key, clinic, today):
    """The rows of one kind as the page reads them."""
    kind = BY_KEY[key]
    values = kind.order.sorted(kind.values(kind.waiting(clinic, today)), forwards=True)
    return [kind.row(each, today) for each in values]


@pytest.fixture
def loaded(today_is):
    """A patient who was loaded and gets a dose every two months; the last one on 16 January."""
    today_is(MONDAY)
    course = a_course(starts_on=MONDAY, interval=months(2))
    for number, day in enumerate(LOADED):
        today_is(day)
        an_injection(course, day, site="DELTOID_L" if number % 2 else "DELTOID_R")
    course.refresh_from_db()
    return course


@pytest.fixture
def neuro(today_is):
    """A patient in loading on alternate days, one dose given."""
    today_is(MONDAY)
    course = a_course(starts_on=MONDAY, facts={"neuro": "present"})
    an_injection(course, MONDAY)
    course.refresh_from_db()
    return course


def test_nothing_waits_in_a_clinic_where_everything_is_decided(loaded):
    assert waiting(loaded.clinic, LOADED[-1]) == {}


def test_a_proposal_waits_for_a_signature_and_no_longer_once_signed(today_is):
    today_is(MONDAY)
    patient = a_patient()
    plan = a_proposal(patient, MONDAY)
    assert waiting(patient.clinic, MONDAY) == {"plans": ["Example"]}
    [row] = rows_of("plans", patient.clinic, MONDAY)
    assert (row.what, row.act.name, row.since) == ("Plan to sign", "sign_plan", plan.proposed_at)
    assert [rule.id for rule in row.rules][:1] == ["D-02"]
    a_course(a_patient(patient.clinic), starts_on=MONDAY)
    assert waiting(patient.clinic, MONDAY) == {"plans": ["Example"]}


def test_a_plan_that_cannot_wait_stands_among_todays(today_is):
    today_is(MONDAY)
    patient = a_patient(facts={"neuro": "present"})
    a_proposal(patient, MONDAY)
    assert waiting(patient.clinic, MONDAY) == {"plans-today": ["Example"]}
    [row] = rows_of("plans-today", patient.clinic, MONDAY)
    assert "W-NEURO-SPECIALIST" in row.codes
    assert "R-11" in {rule.id for rule in row.rules}


def test_an_imported_plan_is_adopted_under_its_own_heading(today_is):
    today_is(MONDAY)
    patient = a_patient()
    plan = a_proposal(patient, MONDAY)
    Injection.objects.create(
        patient=patient,
        course=plan.course,
        source=Injection.Source.IMPORTED,
        given_on=date(2025, 12, 1),
        product="HYDROXOCOBALAMIN",
        micrograms=1000,
        route="IM",
    )
    assert waiting(patient.clinic, MONDAY) == {"imports": ["Example"]}


def test_returning_symptoms_stand_among_todays(loaded, today_is):
    clinical.record_symptoms(
        patient=loaded.patient,
        reported_on=LOADED[-1],
        now=now(),
        recorded_by=a_nurse(loaded.clinic),
        gait="worse",
    )
    assert waiting(loaded.clinic, LOADED[-1]) == {"symptoms": ["Example"]}
    [row] = rows_of("symptoms", loaded.clinic, LOADED[-1])
    assert row.codes == ("A-SYMPTOM-RETURN",)
    assert {"R-26", "D-24"} <= {rule.id for rule in row.rules}


@pytest.mark.parametrize(
    ("kind", "key", "act"),
    [
        ("hold", "holds", "settle_request"),
        ("interval", "requests", "settle_request"),
        ("patient", "patients", "settle_request"),
        ("death", "requests", "settle_request"),
    ],
)
def test_a_request_waits_under_its_kind(loaded, kind, key, act):
    requests.ask_physician(
        patient=loaded.patient, kind=kind, raised_on=LOADED[-1], raised_by=a_nurse(loaded.clinic), text="Why"
    )
    assert waiting(loaded.clinic, LOADED[-1]) == {key: ["Example"]}
    [row] = rows_of(key, loaded.clinic, LOADED[-1])
    assert row.act.name == act
    assert row.what.endswith(": Why")


def test_a_wish_to_stop_waits(loaded):
    courses.ask_to_stop(
        patient=loaded.patient,
        reason="patient_request",
        text="No more",
        on=LOADED[-1],
        raised_by=a_nurse(loaded.clinic),
    )
    [row] = rows_of("stops", loaded.clinic, LOADED[-1])
    assert row.codes == ("H-STOP-REFUSAL",)


def test_a_dose_given_outside_the_rules_waits(loaded, today_is):
    today_is(date(2026, 2, 1))
    dose = an_injection(loaded, date(2026, 2, 1), already_given=True)
    [row] = rows_of("incidents", loaded.clinic, date(2026, 2, 1))
    assert row.act == ("decide_incident", "Decide", (dose.pk,))
    assert row.codes == ("B-EARLY-DOSE",)


def test_a_review_waits_from_its_day(neuro):
    due_on = MONDAY + timedelta(days=21)
    assert neuro.review_due_on == due_on
    assert "reviews" not in waiting(neuro.clinic, due_on - timedelta(days=1))
    assert waiting(neuro.clinic, due_on)["reviews"] == ["Example"]


def test_more_than_four_days_without_a_dose_while_nerves_are_involved_is_for_today(neuro):
    assert "neuro-gap" not in waiting(neuro.clinic, MONDAY + timedelta(days=4))
    assert "neuro-gap" in waiting(neuro.clinic, MONDAY + timedelta(days=5))
    assert BY_KEY["neuro-gap"].same_day


@pytest.mark.parametrize(
    ("loading", "quiet", "gap", "long_gap"), [(None, 7, 8, 15), (Loading.DAILY_X10, 3, 4, 15)]
)
def test_a_gap_in_loading_waits_and_then_a_long_one(today_is, loading, quiet, gap, long_gap):
    today_is(MONDAY)
    course = a_course(starts_on=MONDAY, **({"loading": loading} if loading else {}))
    an_injection(course, MONDAY)
    clinic = course.clinic
    assert waiting(clinic, MONDAY + timedelta(days=quiet)) == {}
    assert waiting(clinic, MONDAY + timedelta(days=gap)) == {"gaps": ["Example"]}
    assert waiting(clinic, MONDAY + timedelta(days=14)) == {"gaps": ["Example"]}
    assert waiting(clinic, MONDAY + timedelta(days=long_gap)) == {"long-gaps": ["Example"]}


def test_lateness_waits_under_the_gravest_of_its_names(loaded):
    due_on, clinic = loaded.next_due_on, loaded.clinic
    assert due_on == date(2026, 3, 16)
    late = {28: None, 29: "overdue", 60: "overdue", 61: "lapsed"}
    for days, key in late.items():
        found = {name for name in waiting(clinic, due_on + timedelta(days=days)) if name != "labs"}
        assert found == ({key} if key else set()), days
    assert "lapsed" in waiting(clinic, date(2027, 1, 15))
    assert "lapsed" not in waiting(clinic, date(2027, 1, 16))
    assert "twelve-months" in waiting(clinic, date(2027, 1, 16))


def test_who_is_paused_is_not_called_late(loaded, today_is):
    today_is(date(2026, 5, 1))
    courses.pause(
        course=loaded,
        on=date(2026, 5, 1),
        until=date(2026, 6, 1),
        reason="Abroad",
        decided_by=a_physician(loaded.clinic),
    )
    assert {"overdue", "lapsed"}.isdisjoint(waiting(loaded.clinic, date(2026, 5, 20)))
    courses.pause(
        course=loaded,
        on=date(2026, 5, 1),
        until=date(2027, 3, 1),
        reason="Abroad for longer",
        decided_by=a_physician(loaded.clinic),
    )
    assert "twelve-months" not in waiting(loaded.clinic, date(2027, 2, 28))
    assert "twelve-months" in waiting(loaded.clinic, date(2027, 3, 1))


def test_a_missed_blood_test_waits_whether_or_not_its_columns_were_rolled_forward(loaded):
    clinic = loaded.clinic
    assert loaded.lab_closes_on == date(2026, 4, 19)
    assert "labs" not in waiting(clinic, date(2026, 4, 19))
    assert "labs" in waiting(clinic, date(2026, 4, 20))
    with transaction.atomic():
        refresh_outlook(lock_patient(loaded.patient), labs_as_of=date(2026, 4, 20))
    loaded.refresh_from_db()
    assert loaded.missed_lab_name == "3m"
    [row] = rows_of("labs", clinic, date(2026, 4, 20))
    assert row.what == "Blood test missed: 3 months"
    assert row.since == date(2026, 4, 5)


def a_result(patient, analyte, value, unit, comparator=""):
    row = {
        "analyte": analyte,
        "value": Decimal(value),
        "unit": unit,
        "confirmed": True,
        "comparator": comparator,
    }
    [result] = clinical.record_results(
        patient=patient,
        collected_on=MONDAY,
        values=[row],
        now=now(),
        recorded_by=a_nurse(patient.clinic),
    )
    return result


@pytest.mark.parametrize(
    ("analyte", "value", "unit", "comparator", "code"),
    [
        ("HCY", "100", "umol/L", "", None),
        ("HCY", "100.1", "umol/L", "", "W-HCY-URGENT"),
        ("HCY", "100", "umol/L", ">", "W-HCY-URGENT"),
        ("HCY", "120", "umol/L", "<", None),
        ("HCY", "13.5", "mg/L", "", None),
        ("HCY", "13.6", "mg/L", "", "W-HCY-URGENT"),
        ("PLT", "25", "10^9/L", "", None),
        ("PLT", "24", "10^9/L", "", "H-PLT-10-24"),
        ("PLT", "9000", "/uL", "", "B-PLT-LT10"),
        ("K", "3.1", "mmol/L", "", None),
        ("B12", "40", "pmol/L", "", None),
    ],
)
def test_only_results_the_rules_name_need_a_look(today_is, analyte, value, unit, comparator, code):
    today_is(MONDAY)
    patient = a_patient()
    result = a_result(patient, analyte, value, unit, comparator)
    rows = rows_of("results", patient.clinic, MONDAY)
    assert [row.codes for row in rows] == ([(code,)] if code else [])
    if code:
        _rows, shown = lab_checks.as_shown(Result.objects.filter(pk=result.pk))
        said = {"outcome": "seen", "on": MONDAY, "decided_by": a_physician(patient.clinic)}
        lab_checks.review_result(result=result, shown=shown, **said)
        assert waiting(patient.clinic, MONDAY) == {}


def test_low_potassium_needs_a_look_in_severe_anaemia_before_the_first_dose(today_is):
    today_is(MONDAY)
    patient = a_patient()
    a_result(patient, "K", "3.4", "mmol/L")
    assert waiting(patient.clinic, MONDAY) == {}
    a_result(patient, "HB", "7.9", "g/dL")
    [row] = rows_of("results", patient.clinic, MONDAY)
    assert row.codes == ("H-K-LOW",)
    Injection.objects.create(
        patient=patient,
        source=Injection.Source.ELSEWHERE,
        given_on=MONDAY,
        product="HYDROXOCOBALAMIN",
        micrograms=1000,
        route="IM",
    )
    assert waiting(patient.clinic, MONDAY) == {}


def decide(course, code, today, **more):
    return passed_dates.decide_passed_date(
        course=course,
        code=code,
        passed_on=getattr(course, put_off.DATE_OF[code]),
        outcome="not reached" if more else "arranged",
        on=today,
        decided_by=a_physician(course.clinic),
        **more,
    )


def test_what_was_decided_leaves_until_the_next_date_passes(loaded):
    today = date(2026, 4, 14)
    assert "overdue" in waiting(loaded.clinic, today)
    decide(loaded, "A-OVERDUE-PHYSICIAN", today)
    assert "overdue" not in waiting(loaded.clinic, today)
    assert "lapsed" in waiting(loaded.clinic, date(2026, 5, 16)), "another date asks again"


def test_what_was_put_off_comes_back_on_its_day(loaded):
    today, back_on = date(2026, 4, 14), date(2026, 4, 21)
    decide(loaded, "A-OVERDUE-PHYSICIAN", today, until_on=back_on)
    assert "overdue" not in waiting(loaded.clinic, back_on - timedelta(days=1))
    assert "overdue" in waiting(loaded.clinic, back_on)


def test_another_clinics_rows_are_not_there(loaded):
    other = a_clinic("Elsewhere")
    assert waiting(other, date(2027, 6, 1)) == {}
