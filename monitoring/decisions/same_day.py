"""How many decisions of a clinic are for today: one query, for the count beside the place in the navigation."""

from collections.abc import Iterator
from datetime import date, timedelta
from functools import cache
from zoneinfo import ZoneInfo

from django.db import connection

from monitoring.decisions.kinds import FOR_TODAY
from patients.models import Clinic

# They stand for the clinic and the day while the statement is written: no row has this key or this day.
A_CLINIC, A_DAY = 2**62 + 1, date(9000, 1, 1)
# As far as any kind that is for today looks back, in days.
BACK = 31


def count(clinic: Clinic, today: date) -> int:
    """Count what is for today; one query along indexes.

    Its statement is written once: Django takes longer to write it than the database to answer it.
    """
    text, parameters = _written(connection.vendor, clinic.time_zone)
    # The same values in the same order, for the stand-ins and for what they stand for.
    meant = dict(
        zip(
            map(str, _values(A_CLINIC, A_DAY, clinic.zone)),
            _values(clinic.pk, today, clinic.zone),
            strict=True,
        )
    )
    with connection.cursor() as cursor:
        cursor.execute(text, [meant.get(str(each), each) for each in parameters])
        return cursor.fetchone()[0]


@cache
def _written(_vendor: str, time_zone: str) -> tuple[str, tuple]:
    clinic = Clinic(pk=A_CLINIC, time_zone=time_zone)
    first, *others = (kind.rows(clinic, A_DAY).order_by().values_list("pk") for kind in FOR_TODAY)
    text, parameters = first.union(*others, all=True).query.sql_with_params()
    return f"SELECT COUNT(*) FROM ({text}) AS waiting", parameters  # noqa: S608 - written by Django


def _values(clinic: int, today: date, zone: ZoneInfo) -> Iterator:
    """Yield whatever a statement may hold that depends on the clinic and the day, as the database takes it."""
    yield clinic
    for back in range(-1, BACK):
        yield connection.ops.adapt_datefield_value(today - timedelta(days=back))
    for moment in Clinic(time_zone=zone.key).moments_of(today):
        yield connection.ops.adapt_datetimefield_value(moment)
