"""Statements that Django writes once and the database answers often.

For a list of a few rows Django takes several times longer to write a statement than the database to answer it, and
between two askings only the clinic, the day and a key differ. So a queryset is written once with stand-ins for them, and
asked again with their values. A day may be moved within the queryset by whole days (a week ahead, a window back).
"""

from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from functools import wraps

from django.db import connection, models

# They stand for a value while a statement is written: no row has such a key, day or time.
FIRST_KEY = 2**62
FIRST_DAY, BETWEEN_DAYS, REACH = (
    date(7000, 1, 1),
    40,
    timedelta(days=7000),
)  # years between two; days one may move
FIRST_TIME = time(23, 58, 0, 123456)


def written_once(rows: Callable[..., models.QuerySet]) -> Callable[..., list[tuple]]:
    """Turn a function that gives a queryset of tuples into one that gives the tuples.

    Its positional arguments say which statement it is and are handed on as they are. Its keywords are the values: a
    whole number, a day or a time each; the queryset may use them as they are, a day also moved by whole days. The
    columns must be plain columns: they are given as the database gives them, but instants always in UTC.
    """
    texts: dict[tuple, tuple[str, list, list[int]]] = {}

    @wraps(rows)
    def ask(*which, **values) -> list[tuple]:
        kinds = tuple((name, type(value)) for name, value in values.items())
        key = (connection.vendor, which, kinds)
        if key not in texts:
            texts[key] = _written(rows, which, values)
        text, parameters, instants = texts[key]
        with connection.cursor() as cursor:
            cursor.execute(text, [fill(values) for fill in parameters])
            found = cursor.fetchall()
        return [_in_utc(row, instants) for row in found] if instants else found

    return ask


Fill = Callable[[dict], object]


def _written(rows: Callable, which: tuple, values: dict) -> tuple[str, list[Fill], list[int]]:
    stand_ins = {name: _stand_in(number, value) for number, (name, value) in enumerate(values.items())}
    compiler = rows(*which, **stand_ins).query.get_compiler(connection=connection)
    text, parameters = compiler.as_sql()
    columns = [column for column, _sql, _alias in compiler.select]
    instants = [place for place, column in enumerate(columns) if _is_instant(column)]
    return text, [_filling(parameter, stand_ins) for parameter in parameters], instants


def _is_instant(column) -> bool:
    return isinstance(getattr(column, "output_field", None), models.DateTimeField)


def _in_utc(row: tuple, instants: list[int]) -> tuple:
    """SQLite keeps an instant in UTC without saying so."""
    values = list(row)
    for place in instants:
        if values[place] is not None and values[place].tzinfo is None:
            values[place] = values[place].replace(tzinfo=UTC)
    return tuple(values)


def _stand_in(number: int, value: object) -> object:
    if isinstance(value, bool | datetime):
        raise TypeError(f"not a whole number, a day or a time: {value!r}")
    if isinstance(value, int):
        return FIRST_KEY + number
    if isinstance(value, date):
        return FIRST_DAY.replace(year=FIRST_DAY.year + BETWEEN_DAYS * number)
    if isinstance(value, time):
        return FIRST_TIME.replace(second=number)
    raise TypeError(f"not a whole number, a day or a time: {value!r}")


def _filling(parameter: object, stand_ins: dict[str, object]) -> Fill:
    """Give how a parameter of the statement follows from the values; one that is no stand-in stays as it is."""
    meant = _read(parameter)
    for name, stand_in in stand_ins.items():
        if type(meant) is not type(stand_in):
            continue
        if isinstance(meant, date) and abs(meant - stand_in) <= REACH:
            return _moved(name, meant - stand_in)
        if meant == stand_in:
            return _plain(name)
    return lambda _values: parameter


def _read(parameter: object) -> object:
    """Give a parameter as Python has it: SQLite gets days and times as text."""
    if not isinstance(parameter, str):
        return parameter
    try:
        return date.fromisoformat(parameter) if len(parameter) == 10 else time.fromisoformat(parameter)
    except ValueError:
        return parameter


def _moved(name: str, by: timedelta) -> Fill:
    return lambda values: connection.ops.adapt_datefield_value(values[name] + by)


def _plain(name: str) -> Fill:
    def fill(values: dict) -> object:
        value = values[name]
        return connection.ops.adapt_timefield_value(value) if isinstance(value, time) else value

    return fill
