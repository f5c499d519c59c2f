"""Writes many new patients at once, with all that belongs to them: for the import and the demo.

Rows that nothing points to are given as `Row` and inserted without a model instance each: ten times as fast as
bulk_create, which is what makes years of history of ten thousand patients a matter of a minute.
"""

from collections import defaultdict
from collections.abc import Iterable
from datetime import date

from django.db import connection, models, transaction

from patients.models import AuditEntry, ClinicalFact, EmailConsent, NameKey, Patient, Result, SymptomReport
from regimens.models import Appointment, Authorisation, Course, Decision, Injection, NotGiven, Plan, Request
from regimens.services.locking import lock_patients
from regimens.services.outlook import refresh_outlook

# A row is written after those it points to.
ORDER = (
    Patient,
    NameKey,
    EmailConsent,
    ClinicalFact,
    Result,
    SymptomReport,
    Course,
    Plan,
    Request,
    Authorisation,
    Injection,
    NotGiven,
    Decision,
    Appointment,
    AuditEntry,
)
KEPT_AS_THEY_ARE = (models.CharField, models.IntegerField, models.BooleanField)


class Row:
    """One row to be inserted that no other row points to: the model, and its fields as a constructor takes them."""

    __slots__ = ("model", "values")

    def __init__(self, model: type[models.Model], **values):
        self.model, self.values = model, values


@transaction.atomic
def write_patients(rows: Iterable[models.Model | Row], labs_as_of: date | None = None) -> None:
    """Insert rows of new patients, all or none, and write the outlook of every course among them.

    The rows point to each other as objects, and come after those they point to where both are of one model.
    `labs_as_of` is the day the lab columns are computed for: today in the clinic where it is not given.
    """
    instances, plain = defaultdict(list), defaultdict(list)
    for row in rows:
        if isinstance(row, Row):
            plain[row.model].append(row.values)
        else:
            instances[type(row)].append(row)
    for model in ORDER:
        model.objects.bulk_create(instances[model])
        insert_plainly(model, plain[model])
    refresh_outlook(*lock_patients([patient.pk for patient in instances[Patient]]), labs_as_of=labs_as_of)


def insert_plainly(model: type[models.Model], rows: list[dict]) -> None:
    """Insert rows of which nobody needs the key. All of them give a moment that the database would set, or none."""
    if not rows:
        return
    given = set().union(*rows)
    fields = [
        field
        for field in model._meta.concrete_fields
        if not field.primary_key and (field.name in given or not field.has_db_default())
    ]
    varying = [
        (place, field)
        for place, field in enumerate(fields)
        if field.name in given or (field.has_default() and callable(field.default))
    ]
    pattern = [_prepared(field, field.get_default()) for field in fields]
    quote = connection.ops.quote_name
    names = ", ".join(quote(field.column) for field in fields)
    marks = ", ".join(["%s"] * len(fields))
    with connection.cursor() as cursor:
        cursor.executemany(
            f"INSERT INTO {quote(model._meta.db_table)} ({names}) VALUES ({marks})",  # noqa: S608 - names only
            [_filled(pattern, varying, row) for row in rows],
        )


def _filled(pattern: list, varying: list[tuple[int, models.Field]], row: dict) -> list:
    """Give one row of values: the pattern, with what this row says and what every row has anew."""
    values = pattern.copy()
    for place, field in varying:
        name = field.name
        values[place] = _prepared(field, row[name] if name in row else field.get_default())
    return values


def _prepared(field: models.Field, value: object) -> object:
    """Give a value as the database takes it."""
    if value is None:
        return None
    if field.is_relation:
        return value.pk
    if type(field) is models.DateField:
        return connection.ops.adapt_datefield_value(value)
    return value if isinstance(field, KEPT_AS_THEY_ARE) else field.get_db_prep_save(value, connection)
