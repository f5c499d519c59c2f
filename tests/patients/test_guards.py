"""Append-only means that the database itself refuses."""

from datetime import date
from functools import partial

import pytest
from django.apps import apps
from django.db import DatabaseError, connection, transaction

from patients import guards
from patients.models import AuditEntry, ClinicalFact, EmailConsent
from regimens.models import Decision, Injection
from regimens.services import decisions
from tests.factories import a_course, a_nurse, a_patient, a_physician, an_injection

pytestmark = pytest.mark.django_db


@pytest.fixture
def course(today_is):
    today_is(date(2026, 1, 5))
    return a_course(starts_on=date(2026, 1, 5))


def refuses(act) -> bool:
    """Whether the database refuses the act as a breach of the promise."""
    said = ""
    try:
        with transaction.atomic():
            act()
    except DatabaseError as error:
        said = str(error)
    return "append-only" in said


def test_every_promise_has_its_guards():
    assert guards.missing() == []
    promised = {model.__name__ for model in guards.guarded_models()}
    assert promised == {
        "AskedCall",
        "AuditEntry",
        "Authorisation",
        "BloodSample",
        "Call",
        "ClinicalFact",
        "Decision",
        "EmailConsent",
        "FollowUp",
        "Injection",
        "Lot",
        "NotGiven",
        "Plan",
        "Request",
        "Result",
        "StockMovement",
        "SymptomReport",
    }


def test_a_lifted_guard_is_missed_and_comes_back():
    with guards.lifted():
        assert "guard_regimens_injection_update" in guards.missing()
    assert guards.missing() == []


def test_the_columns_named_in_a_promise_exist():
    for model in guards.guarded_models():
        columns = {field.column for field in model._meta.concrete_fields}
        named = set(model.append_only.once) | {name for pair in model.append_only.with_key for name in pair}
        assert named <= columns, model


def test_no_row_of_a_guarded_table_can_be_deleted(course):
    an_injection(course, date(2026, 1, 5))
    tables = [model for model in guards.guarded_models() if model.objects.exists()]
    assert {Injection, ClinicalFact, EmailConsent, AuditEntry} <= set(tables)
    for model in tables:
        key = model.objects.order_by("pk").first().pk
        assert refuses(lambda model=model, key=key: model.objects.filter(pk=key)._raw_delete("default")), (
            model
        )


def test_no_column_of_an_injection_can_be_changed(course):
    injection = an_injection(course, date(2026, 1, 5))
    other = {
        "given_on": date(2025, 1, 1),
        "micrograms": 1,
        "lot": "OTHER",
        "note": "changed",
        "incident_codes": ["B-X"],
        "counts": False,
        "given_by_id": a_physician(course.clinic).pk,
        "due_on": None,
    }
    rows = Injection.objects.filter(pk=injection.pk)
    for column, value in other.items():
        assert refuses(partial(rows.update, **{column: value})), column


def test_a_void_is_written_once(course):
    injection = an_injection(course, date(2026, 1, 5))
    nurse = a_nurse(course.clinic)
    row = Injection.objects.filter(pk=injection.pk)
    row.update(voided_at="2026-01-05T10:00Z", voided_by=nurse, void_reason="Wrong patient")
    assert refuses(lambda: row.update(void_reason="Another reason"))
    assert refuses(lambda: row.update(voided_at=None, voided_by=None, void_reason=""))


def test_a_void_without_a_reason_is_no_void(course):
    injection = an_injection(course, date(2026, 1, 5))
    with pytest.raises(DatabaseError, match="a_voided_injection_says_who_and_why"), transaction.atomic():
        Injection.objects.filter(pk=injection.pk).update(voided_at="2026-01-05T10:00Z")


def test_whether_a_dose_counts_changes_only_with_the_decision(course):
    injection = an_injection(course, date(2026, 1, 5), expires_on=date(2026, 1, 1), already_given=True)
    row = Injection.objects.filter(pk=injection.pk)
    assert refuses(lambda: row.update(counts=True))
    decisions.decide_incident(
        injection=injection, counts=True, on=date(2026, 1, 5), decided_by=a_physician(course.clinic)
    )
    assert row.get().counts
    assert Decision.objects.get(injection=injection).outcome == "counts"
    assert refuses(lambda: row.update(counts=False))


def test_a_second_counting_dose_of_the_day_is_refused_by_the_database(course):
    first = an_injection(course, date(2026, 1, 5))
    copy = Injection.objects.get(pk=first.pk)
    copy.pk = None
    copy.request_token = "00000000-0000-0000-0000-000000000001"  # noqa: S105
    with pytest.raises(DatabaseError), transaction.atomic():
        copy.save(force_insert=True)


def test_an_open_course_without_a_next_date_is_refused_by_the_database(course):
    with pytest.raises(DatabaseError, match="an_open_course_has_a_next_date"), transaction.atomic():
        type(course).objects.filter(pk=course.pk).update(next_due_on=None)


def test_a_guard_survives_a_rebuilt_table(course):
    """SQLite rebuilds a table to alter it, and drops its triggers with the old one."""
    model = apps.get_model("patients", "Result")
    with connection.cursor() as cursor:
        for statement in guards._removal(connection.vendor, model._meta.db_table):
            cursor.execute(statement)
    assert guards.missing()
    guards.put_in_place()
    assert guards.missing() == []


def test_a_patient_cannot_be_deleted(course):
    with pytest.raises(Exception, match="protected"):
        a_patient(course.clinic).delete()
