"""Good lines land whole, as proposals, once; nothing else changes."""

from datetime import date

import pytest
from django.db import IntegrityError, connection
from django.test.utils import CaptureQueriesContext

from patients.models import AuditEntry, ClinicalFact, EmailConsent, NameKey, Patient
from patients.services import register_patient
from regimens.imports import landing as landing_module
from regimens.imports.checking import checked
from regimens.imports.landing import Landing
from regimens.imports.reading import Row
from regimens.models import Course, Injection, Plan, Request
from regimens.services import outlook
from tests.factories import a_clinic, a_nurse, a_signature
from tests.regimens.imports.files import a_line

pytestmark = pytest.mark.django_db

TODAY = date(2026, 6, 1)


@pytest.fixture(autouse=True)
def _every_outlook_is_what_its_rows_give(today_is):
    today_is(TODAY)
    yield
    assert list(outlook.differences()) == []


@pytest.fixture
def clinic():
    return a_clinic()


def land(clinic, *lines, dry_run=False):
    """Land lines numbered from 2; give the run and what it said."""
    run = Landing(clinic, TODAY, dry_run=dry_run)
    said = [str(remark) for remark in run.run(Row(number, line) for number, line in enumerate(lines, 2))]
    return run, said


def counts(run):
    return run.landed, run.known, run.refused


def test_a_treated_patient_lands_with_history_facts_and_an_unsigned_plan(clinic):
    run, said = land(
        clinic, a_line(email="zoe@example.org", email_consent="yes", email_confirmed_on="2026-01-05")
    )
    assert (counts(run), said) == ((1, 0, 0), [])
    patient = Patient.objects.get()
    assert (patient.family_name, patient.clinic, patient.email_consented) == ("Müller", clinic, True)
    assert patient.email_confirmed_at is not None
    assert EmailConsent.objects.get().given
    assert set(NameKey.objects.values_list("key", flat=True)) == {"muller", "zoe"}
    assert dict(ClinicalFact.objects.values_list("topic", "answer")) == {
        "neuro": "none",
        "deficiency": "confirmed",
        "allergies": [],
    }
    plan = Plan.objects.get()
    assert (plan.signed_at, plan.interval_iso, plan.regimen_key) == (
        None,
        "P3M",
        "hydroxocobalamin-maintenance-1",
    )
    course = Course.objects.get()
    assert (course.phase, course.next_due_on, course.last_given_on) == (
        "maintenance",
        date(2026, 7, 7),
        date(2026, 4, 7),
    )
    assert AuditEntry.objects.get(patient=patient).act == "imported"
    assert AuditEntry.objects.get(act="imported a list").detail == {"landed": 1, "known": 0, "refused": 0}


def test_imported_doses_have_no_plan_window_or_account_of_the_giver(clinic):
    land(clinic, a_line(doses_from="Old Mill Surgery"))
    for dose in Injection.objects.all():
        assert (dose.source, dose.source_name, dose.counts) == ("imported", "Old Mill Surgery", True)
        assert (dose.plan, dose.given_by, dose.due_on, dose.window_opens_on, dose.number) == (None,) * 5
        assert dose.course is not None


def test_a_physician_adopts_an_imported_plan_by_signing_it(clinic):
    land(clinic, a_line())
    assert a_signature(Plan.objects.get()).is_signed


def test_where_the_protocol_leaves_a_choice_and_the_file_says_nothing_the_physician_still_chooses(clinic):
    land(clinic, a_line(interval=""))
    assert (Plan.objects.get().interval_iso, Plan.objects.get().interval_chosen) == ("P2M", False)


def test_a_second_run_adds_nothing_twice(clinic):
    lines = [a_line(), a_line(record_number="A-2", given_names="Anne")]
    before = counts(land(clinic, *lines)[0])
    rows = {model: model.objects.count() for model in (Patient, ClinicalFact, Course, Plan, Injection)}
    run, said = land(clinic, *lines)
    assert (before, counts(run), said) == ((2, 0, 0), (0, 2, 0), [])
    assert {model: model.objects.count() for model in rows} == rows


def test_a_changed_line_for_a_known_patient_changes_nothing_and_says_what_differs(clinic):
    land(clinic, a_line())
    run, said = land(clinic, a_line(phone="07700 900123", neuro="present", doses="2026-01-05; 2026-05-20"))
    assert counts(run) == (0, 1, 0)
    assert said == [
        "note: line 2: known already, differs in phone, neuro, doses (2026-05-20); nothing was changed",
    ]
    assert Patient.objects.get().phone == ""
    assert Injection.objects.count() == 2


def test_a_known_number_with_another_birth_is_another_person_and_is_not_swallowed(clinic):
    land(clinic, a_line())
    run, said = land(clinic, a_line(born_on="1971-01-01"))
    assert counts(run) == (0, 0, 1)
    assert "belongs to a patient of this clinic who was born on 1960-02-29" in said[0]


def test_one_number_or_national_identifier_lands_once_in_a_file(clinic):
    nhs = {"national_id_system": "nhs", "national_id": "999 000 0018"}
    run, said = land(
        clinic,
        a_line(**nhs),
        a_line(given_names="Anne"),
        a_line(record_number="A-2", given_names="Anne", **nhs),
    )
    assert counts(run) == (1, 0, 2)
    assert said == [
        "line 3, record_number: stands in line 2 already",
        "line 4, national_id: stands in line 2 already",
    ]


def test_a_national_identifier_of_another_patient_here_is_refused(clinic):
    nhs = {"national_id_system": "nhs", "national_id": "9990000018"}
    land(clinic, a_line(**nhs))
    run, said = land(clinic, a_line(record_number="A-2", given_names="Anne", **nhs))
    assert (counts(run), said) == ((0, 0, 1), ["line 2, national_id: belongs to record A-1 of this clinic"])


def test_the_same_name_and_birth_lands_with_a_word_of_doubt(clinic):
    run, said = land(clinic, a_line(), a_line(record_number="A-2", family_name="MULLER", given_names="Zoe"))
    assert counts(run) == (2, 0, 0)
    assert said == ["note: line 3, family_name: same name and day of birth as line 2; is it the same person?"]
    _run, said = land(clinic, a_line(record_number="A-3"))
    assert "as record A-" in said[0]


def test_another_clinics_patient_of_the_same_number_is_somebody_else(clinic):
    land(clinic, a_line())
    run, _said = land(a_clinic(), a_line())
    assert counts(run) == (1, 0, 0)


def test_a_wrong_line_does_not_hold_up_the_others(clinic):
    run, said = land(
        clinic, a_line(), a_line(record_number="A-2", born_on="31/02/2026"), a_line(record_number="A-3")
    )
    assert counts(run) == (2, 0, 1)
    assert said[0] == "line 3, born_on: “31/02/2026” is not in the calendar"
    assert set(Patient.objects.values_list("record_number", flat=True)) == {"A-1", "A-3"}


def test_a_dry_run_says_the_same_and_writes_nothing(clinic):
    lines = [
        a_line(),
        a_line(record_number="A-2", neuro="not known"),
        a_line(record_number="A-3", given_names="Anne", interval="6 months"),
        a_line(record_number="A-4", born_on=""),
        a_line(),
    ]
    dry, said_dry = land(clinic, *lines, dry_run=True)
    assert Patient.objects.count() == Course.objects.count() == AuditEntry.objects.count() == 0
    run, said = land(clinic, *lines)
    assert (counts(dry), said_dry) == (counts(run), said)
    assert len(said) == 5


def test_nobody_on_treatment_is_without_a_next_date_though_a_question_is_open(clinic):
    run, said = land(clinic, a_line(neuro="not known", deficiency=""))
    assert counts(run) == (1, 0, 0)
    assert "before a physician can sign" in said[0]
    plan = Plan.objects.get()
    assert plan.course.next_due_on == date(2026, 7, 7)
    assert "neuro" in plan.recommendation["answer_before_signing"]
    assert plan.recommendation["status"] == "HOLD"


def test_an_unknown_last_dose_is_due_at_once(clinic):
    land(clinic, a_line(doses="", last_dose="not known", treated_since="2015-01-01"))
    course = Course.objects.get()
    assert (course.next_due_on, course.last_dose_unknown, course.treated_since_on) == (
        TODAY,
        True,
        date(2015, 1, 1),
    )
    assert Injection.objects.count() == 0


def test_loading_goes_on_where_it_stands(clinic):
    land(
        clinic,
        a_line(stage="loading", doses="2026-05-25 2026-05-27 2026-05-29", interval=""),
        a_line(
            record_number="A-2", stage="loading", doses="2026-05-25 2026-05-27", interval="", neuro="severe"
        ),
        a_line(record_number="A-3", stage="daily loading", doses="2026-05-28 2026-05-29", interval=""),
    )
    ordinary, neuro, daily = Course.objects.order_by("patient__record_number")
    assert (ordinary.phase, ordinary.next_number, ordinary.next_due_on) == ("loading", 4, date(2026, 6, 1))
    assert (neuro.phase, neuro.neurological, neuro.review_due_on) == ("loading", True, date(2026, 6, 15))
    assert (daily.next_number, daily.next_due_on) == (3, date(2026, 6, 1))


def test_whoever_takes_tablets_is_next_checked_not_injected(clinic):
    land(clinic, a_line(stage="tablets", doses="", interval="", treated_since="2026-03-01"))
    course = Course.objects.get()
    assert (course.phase, course.next_due_on) == ("oral", date(2026, 6, 1))
    assert Plan.objects.get().route == "ORAL"


def test_tablets_with_nerve_involvement_become_a_proposal_of_injections(clinic):
    _run, said = land(clinic, a_line(stage="tablets", doses="", interval="", neuro="present"))
    assert "tablets are refused, injections are proposed" in said[0]
    assert (Plan.objects.get().route, Course.objects.get().next_due_on) == ("IM", TODAY)


def test_an_interval_that_the_protocol_does_not_allow_is_told(clinic):
    _run, said = land(clinic, a_line(neuro_at_presentation="yes"))
    assert said == [
        "note: line 2, interval: the file says 3 months, the protocol 2 months: proposed as the protocol says"
    ]
    assert Course.objects.get().neurological


def test_a_child_lands_without_a_plan_and_one_under_treatment_is_put_before_a_physician(clinic):
    child = a_line(born_on="2012-01-01")
    _run, said = land(
        clinic, child, a_line(record_number="A-2", born_on="2012-01-01", stage="", doses="", interval="")
    )
    assert "lands without a plan" in said[0]
    assert Course.objects.count() == 0
    assert Injection.objects.filter(course=None).count() == 2
    asked = Request.objects.get()
    assert (asked.patient.record_number, asked.codes) == ("A-1", ["B-AGE-U16"])


def test_who_died_or_left_lands_with_history_and_without_a_course(clinic):
    land(
        clinic,
        a_line(status="deceased", status_on="2026-05-01"),
        a_line(record_number="A-2", given_names="Anne", status="transferred", status_on="2026-05-01"),
    )
    assert Course.objects.count() == Request.objects.count() == 0
    assert Injection.objects.count() == 4
    assert not Patient.objects.active().exists()


def test_a_batch_that_fails_midway_leaves_nothing_half_written(clinic, monkeypatch):
    def power_cut(*args, **kwargs):
        raise RuntimeError("the lights went out")

    monkeypatch.setattr(landing_module, "BATCH", 2)
    lines = [a_line(record_number=f"A-{n}", given_names=f"Anne {n}") for n in range(5)]
    run = Landing(clinic, TODAY)
    rows = (Row(n, line) for n, line in enumerate(lines, 2))
    written = landing_module.write_patients
    batches = iter([written, power_cut])
    monkeypatch.setattr(landing_module, "write_patients", lambda *args: next(batches)(*args))
    with pytest.raises(RuntimeError):
        list(run.run(rows))
    assert set(Patient.objects.values_list("record_number", flat=True)) == {"A-0", "A-1"}
    assert Course.objects.count() == Plan.objects.count() == 2
    monkeypatch.setattr(landing_module, "write_patients", written)
    again, _said = land(clinic, *lines)
    assert counts(again) == (3, 2, 0)


def test_a_patient_registered_while_the_file_lands_costs_no_other_line(clinic, monkeypatch):
    lines = [a_line(record_number=f"A-{n}", given_names=f"Anne {n}") for n in range(3)]
    looked_up = landing_module.known
    raced = []

    def and_then_somebody_registers_her(clinic, batch):
        found = looked_up(clinic, batch)
        if not raced:
            raced.append(
                register_patient(
                    clinic=clinic,
                    registered_by=a_nurse(clinic),
                    record_number="A-1",
                    family_name="Müller",
                    given_names="Anne 1",
                    born_on=date(1960, 2, 29),
                )
            )
        return found

    monkeypatch.setattr(landing_module, "known", and_then_somebody_registers_her)
    run, _said = land(clinic, *lines)
    assert counts(run) == (2, 1, 0)
    assert Patient.objects.count() == 3


def test_a_line_that_only_the_database_refuses_is_told(clinic, monkeypatch):
    def refuse(*args):
        raise IntegrityError("a constraint nobody thought of\nDETAIL: with the patient's name")

    monkeypatch.setattr(landing_module, "write_patients", refuse)
    run, said = land(clinic, a_line())
    assert (counts(run), said) == (
        (0, 0, 1),
        ["line 2: the database refused it: a constraint nobody thought of"],
    )


def test_a_batch_asks_the_same_number_of_questions_however_long_it_is(clinic):
    assert clinic.days  # read once a run

    def reads(count, start):
        lines = [a_line(record_number=f"B{start}-{n}", given_names=f"Anne {n} {start}") for n in range(count)]
        with CaptureQueriesContext(connection) as queries:
            land(clinic, *lines)
        return sum(1 for query in queries if query["sql"].startswith("SELECT"))

    assert reads(3, 0) == reads(60, 1)


def test_the_check_of_a_line_needs_no_database(django_assert_num_queries):
    with django_assert_num_queries(0):
        checked(Row(2, a_line()), TODAY, landing_module.How())
