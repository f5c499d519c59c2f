"""The few expressions that both engines must write in their own words, or that Django writes at great length."""

from django.db.models import CharField, DateField, Func, Value


class Text(Func):
    """Its parts, none of them null, written one after the other."""

    template = "(%(expressions)s)"
    arg_joiner = " || "
    output_field = CharField()


class IsoDay(Func):
    """A date as the text 2026-04-16."""

    output_field = CharField()

    def as_postgresql(self, compiler, connection, **context):
        """Ask for this form, whatever the server's DateStyle."""
        return super().as_sql(
            compiler, connection, template="to_char(%(expressions)s, 'YYYY-MM-DD')", **context
        )

    def as_sqlite(self, compiler, connection, **context):
        """SQLite keeps dates as text in this form."""
        return super().as_sql(compiler, connection, template="%(expressions)s", **context)


class DaysAfter(Func):
    """A date so many days after another: DaysAfter("due_on", 14)."""

    output_field = DateField()

    def __init__(self, day, days: int, **extra):
        super().__init__(day, Value(days), **extra)

    def as_postgresql(self, compiler, connection, **context):
        """A date and a whole number add up to a date."""
        return super().as_sql(compiler, connection, template="(%(expressions)s)", arg_joiner=" + ", **context)

    def as_sqlite(self, compiler, connection, **context):
        """SQLite adds days as a text modifier."""
        return super().as_sql(compiler, connection, template="date(%(expressions)s || ' days')", **context)
