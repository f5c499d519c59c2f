"""Writes many new patients at once, with all that belongs to them: for the import and the demo.

Rows that nothing points to are given as `Row` and inserted without a model instance each: ten times as fast as
bulk_create, which is what makes years of history of ten thousand patients a matter of a minute.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable
from datetime import date
from operator import attrgetter

from django.db import DEFAULT_DB_ALIAS, connections, models, transaction
from django.db.backends.base.base import BaseDatabaseWrapper

from patients.models import AuditEntry, ClinicalFact, EmailConsent, NameKey, Patient, Result, SymptomReport
from regimens.models import Appointment, Authorisation, Course, Decision, Injection, NotGiven, Plan, Request
from regimens.services.locking import lock_patients
from regimens.services.outlook import refresh_outlook

ABOUT_A_DOSE = "requests about a dose that was given"
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
    ABOUT_A_DOSE,
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
def write_patients(rows: Iterable[models.Model | Row], today: date) -> None:
    """Insert rows of new patients, all or none, and write the outlook of every course among them.

    The rows point to each other as objects; what a row points to is a model instance among them.
    `today` is the day in their clinic, for which the lab columns are computed.
    """
    instances, plain = defaultdict(list), defaultdict(list)
    for row in rows:
        if isinstance(row, Row):
            plain[_place(row.model, row.values.get("injection"))].append(row.values)
        else:
            instances[_place(type(row), getattr(row, "injection", None))].append(row)
    for place in ORDER:
        model = Request if place == ABOUT_A_DOSE else place
        model.objects.bulk_create(instances[place])
        insert_plainly(model, plain[place])
    refresh_outlook(*lock_patients([patient.pk for patient in instances[Patient]]), labs_as_of=today)


def _place(model: type[models.Model], injection: Injection | None) -> type[models.Model] | str:
    return ABOUT_A_DOSE if model is Request and injection is not None else model


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
    here = connections[DEFAULT_DB_ALIAS]
    pattern = [_default(field, here) for field in fields]
    varying = [
        (place, field.name, field.default if callable(pattern[place]) else None, _preparation(field, here))
        for place, field in enumerate(fields)
        if field.name in given or callable(pattern[place])
    ]
    names = ", ".join(here.ops.quote_name(field.column) for field in fields)
    marks = ", ".join(["%s"] * len(fields))
    with here.cursor() as cursor:
        cursor.executemany(
            f"INSERT INTO {here.ops.quote_name(model._meta.db_table)} ({names}) VALUES ({marks})",  # noqa: S608 - names only
            [_filled(pattern, varying, row) for row in rows],
        )


Varying = tuple[int, str, Callable[[], object] | None, Callable[[object], object] | None]


def _filled(pattern: list, varying: list[Varying], row: dict) -> list:
    """Give one row of values: the pattern, with what this row says and what every row has anew."""
    values = pattern.copy()
    for place, name, anew, prepare in varying:
        if name in row:
            value = row[name]
        elif anew:
            value = anew()
        else:
            continue
        values[place] = value if value is None or prepare is None else prepare(value)
    return values


def _default(field: models.Field, here: BaseDatabaseWrapper) -> object:
    """Give what the database gets where a row says nothing; a callable where every row has its own."""
    if field.has_default() and callable(field.default):
        return field.default
    value = field.get_default()
    return None if value is None else field.get_db_prep_save(value, here)


def _preparation(field: models.Field, here: BaseDatabaseWrapper) -> Callable[[object], object] | None:
    """Give how a value of this field goes to the database; None where it goes as it is."""
    if field.is_relation:
        return attrgetter("pk")
    if isinstance(field, KEPT_AS_THEY_ARE):
        return None
    if isinstance(field, models.DateTimeField):
        return here.ops.adapt_datetimefield_value
    if isinstance(field, models.DateField):
        return here.ops.adapt_datefield_value
    return lambda value: field.get_db_prep_save(value, here)
