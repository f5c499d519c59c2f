"""Append-only triggers on both engines: the database itself refuses to edit or delete what was recorded.

A model asks for them with `append_only = AppendOnly(...)`. They are put in place after every migrate, because
SQLite rebuilds a table and drops its triggers, and lifted before, so that a migration may touch old rows.
"""

from collections.abc import Iterator
from contextlib import contextmanager

from django.apps import apps
from django.db import connections, models

PREFIX = "guard_"


def guarded_models() -> list[type[models.Model]]:
    """Give every model that promises to be append-only."""
    return [model for model in apps.get_models() if hasattr(model, "append_only")]


def put_in_place(using: str = "default") -> None:
    """Create the triggers of every guarded table that exists; safe to repeat."""
    connection = connections[using]
    with connection.cursor() as cursor:
        present = set(connection.introspection.table_names(cursor))
        for model in guarded_models():
            if model._meta.db_table in present:
                for statement in _removal(connection.vendor, model._meta.db_table):
                    cursor.execute(statement)
                for statement in _creation(connection.vendor, model):
                    cursor.execute(statement)


def lift(using: str = "default") -> None:
    """Remove the triggers of every guarded table that exists."""
    connection = connections[using]
    with connection.cursor() as cursor:
        present = set(connection.introspection.table_names(cursor))
        for model in guarded_models():
            if model._meta.db_table in present:
                for statement in _removal(connection.vendor, model._meta.db_table):
                    cursor.execute(statement)


@contextmanager
def lifted(using: str = "default") -> Iterator[None]:
    """Lift the guards for the length of a block: migrations, test teardown, approved deletion."""
    lift(using)
    try:
        yield
    finally:
        put_in_place(using)


def missing(using: str = "default") -> list[str]:
    """Give the names of the guards that should be in place and are not; one query."""
    connection = connections[using]
    query = (
        "SELECT tgname FROM pg_trigger WHERE NOT tgisinternal AND tgenabled <> 'D'"
        if connection.vendor == "postgresql"
        else "SELECT name FROM sqlite_master WHERE type = 'trigger'"
    )
    with connection.cursor() as cursor:
        cursor.execute(query)
        present = {name for (name,) in cursor.fetchall()}
    wanted = {name for model in guarded_models() for name in _names(connection.vendor, model._meta.db_table)}
    return sorted(wanted - present)


def _names(vendor: str, table: str) -> list[str]:
    acts = ["update", "delete", "truncate"] if vendor == "postgresql" else ["update", "delete"]
    return [f"{PREFIX}{table}_{act}" for act in acts]


def _removal(vendor: str, table: str) -> list[str]:
    if vendor == "postgresql":
        return [f'DROP TRIGGER IF EXISTS {name} ON "{table}"' for name in _names(vendor, table)]
    return [f"DROP TRIGGER IF EXISTS {name}" for name in _names(vendor, table)]


def _creation(vendor: str, model: type[models.Model]) -> list[str]:
    return _on_postgresql(model) if vendor == "postgresql" else _on_sqlite(model)


def _forbidden_change(model: type[models.Model], differs: str, empty: str) -> str:
    """Give the SQL condition of an UPDATE that breaks the promise.

    differs: how the engine says “a is not the same as b”, nulls included; empty: “the old column has no value yet”.
    """
    promise = model.append_only
    keys = dict(promise.with_key)
    broken = []
    for field in model._meta.concrete_fields:
        changed = differs.format(a=f'OLD."{field.column}"', b=f'NEW."{field.column}"')
        if field.column in promise.once:
            nothing = (
                empty.format(a=f'OLD."{field.column}"', text="''")
                if _is_text(field)
                else f'OLD."{field.column}" IS NULL'
            )
            broken.append(f"({changed} AND NOT ({nothing}))")
        elif field.column in keys:
            key = differs.format(a=f'OLD."{keys[field.column]}"', b=f'NEW."{keys[field.column]}"')
            broken.append(f"({changed} AND NOT ({key}))")
        elif field.column not in keys.values():
            broken.append(f"({changed})")
    return " OR ".join(broken)


def _is_text(field: models.Field) -> bool:
    return isinstance(field, models.CharField | models.TextField) and not field.null


def _on_sqlite(model: type[models.Model]) -> list[str]:
    table = model._meta.db_table
    # SQLite's IS NOT compares nulls as values; a stored number and its text are told apart by type, as they should.
    condition = _forbidden_change(model, "{a} IS NOT {b}", "{a} = {text}")
    return [
        f'CREATE TRIGGER {PREFIX}{table}_update BEFORE UPDATE ON "{table}" WHEN {condition} '
        f"BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END",
        f'CREATE TRIGGER {PREFIX}{table}_delete BEFORE DELETE ON "{table}" '
        f"BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END",
    ]


def _on_postgresql(model: type[models.Model]) -> list[str]:
    table = model._meta.db_table
    differs = "{a}::text IS DISTINCT FROM {b}::text"  # text: json has no equality of its own
    condition = _forbidden_change(model, differs, "{a} = {text}")
    refuse = (
        "CREATE OR REPLACE FUNCTION guard_refuse() RETURNS trigger LANGUAGE plpgsql AS $$ "
        "BEGIN RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'restrict_violation'; END $$"
    )
    return [
        refuse,
        f'CREATE TRIGGER {PREFIX}{table}_update BEFORE UPDATE ON "{table}" '
        f"FOR EACH ROW WHEN ({condition}) EXECUTE FUNCTION guard_refuse()",
        f'CREATE TRIGGER {PREFIX}{table}_delete BEFORE DELETE ON "{table}" '
        f"FOR EACH ROW EXECUTE FUNCTION guard_refuse()",
        f'CREATE TRIGGER {PREFIX}{table}_truncate BEFORE TRUNCATE ON "{table}" '
        f"FOR EACH STATEMENT EXECUTE FUNCTION guard_refuse()",
    ]
