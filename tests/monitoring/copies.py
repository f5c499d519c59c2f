"""Copies rows inside the database: thousands of patients in the time that hundreds take, for tests of speed."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.core.management.color import no_style
from django.db import connection, models

# What must not stand twice in a clinic gets the number of the copy (C17-3).
NUMBERED = {"record_number", "key"}
NEW_UUID = {"postgresql": "gen_random_uuid()", "sqlite": "lower(hex(randomblob(16)))"}


@contextmanager
def copied(times: int, *kinds: type[models.Model]) -> Iterator[None]:
    """Copy so many times what the block writes into the tables of these models; parents are named before children.

    A copy's keys follow those of the original at a fixed distance, so that its rows belong together as the original's
    do. Rows of models that are not named are shared by all copies.
    """
    before = {kind: _last_key(kind) for kind in kinds}
    yield
    spans = {kind: _last_key(kind) - before[kind] for kind in kinds}
    with connection.cursor() as cursor:
        for kind in kinds:
            cursor.execute(_copying(kind, spans), [times, before[kind]])
        for statement in connection.ops.sequence_reset_sql(no_style(), kinds):
            cursor.execute(statement)


def _last_key(kind: type[models.Model]) -> int:
    return kind._base_manager.aggregate(last=models.Max("pk"))["last"] or 0


def _copying(kind: type[models.Model], spans: dict[type[models.Model], int]) -> str:
    """Give the INSERT that copies the rows of one table after a key, so many times."""
    table, fields = kind._meta.db_table, kind._meta.concrete_fields
    key = f'"{table}"."{kind._meta.pk.column}"'
    columns = ", ".join(f'"{field.column}"' for field in fields)
    values = ", ".join(_copy(field, kind, spans) for field in fields)
    return (
        "WITH RECURSIVE copy(number) AS (SELECT 0 UNION ALL SELECT number + 1 FROM copy WHERE number < %s) "  # noqa: S608
        f'INSERT INTO "{table}" ({columns}) SELECT {values} FROM copy, "{table}" '
        f"WHERE copy.number > 0 AND {key} > %s ORDER BY copy.number, {key}"
    )


def _copy(field: models.Field, kind: type[models.Model], spans: dict[type[models.Model], int]) -> str:
    """Give the SQL of one column in a copy."""
    column = f'"{kind._meta.db_table}"."{field.column}"'
    parent = field.related_model or (kind if field.primary_key else None)
    if parent in spans:
        return f"{column} + copy.number * {spans[parent]}"
    if field.unique and isinstance(field, models.UUIDField):
        return NEW_UUID[connection.vendor]
    return f"{column} || '-' || copy.number" if field.name in NUMBERED else column
