"""Steps through a long list by the key of its rows: never by an offset, never by counting what is there."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from urllib.parse import urlencode

from django.db import connections
from django.db.models import DateTimeField, F, QuerySet, Subquery, Value
from django.db.models.fields.tuple_lookups import TupleGreaterThan, TupleLessThan
from django.db.models.functions import Coalesce

ROWS = 50
# The days a list may be asked about; beyond them a day has no midnight in every time zone.
FIRST_DAY, LAST_DAY = date(1900, 1, 1), date(2199, 12, 31)
BETWEEN = "_"


@dataclass(frozen=True)
class Order:
    """The columns a list is ordered by, the last of them unique, and how each is read from an address."""

    columns: tuple[str, ...]
    reads: tuple[Callable[[str], object], ...]
    newest_first: bool = False

    def beside(self, rows: QuerySet, key: tuple, forwards: bool) -> QuerySet:
        """Keep the rows that follow the key, or those before it."""
        greater = forwards is not self.newest_first
        if len(self.columns) == 1:
            return rows.filter(**{f"{self.columns[0]}__{'gt' if greater else 'lt'}": key[0]})
        compare = TupleGreaterThan if greater else TupleLessThan
        return rows.filter(compare(tuple(F(name) for name in self.columns), self._as_stored(rows, key)))

    def _as_stored(self, rows: QuerySet, key: tuple) -> tuple:
        """Give a key as the database holds it.

        SQLite keeps an instant as text, with three decimals where its own clock wrote it and six where ours did: only
        the row's own text is equal to itself, and rows of one millisecond would be lost or come twice.
        """
        if connections[rows.db].vendor != "sqlite":
            return key
        row = rows.model._base_manager.filter(pk=key[-1])
        return tuple(
            Coalesce(Subquery(row.values(name)[:1]), Value(value, DateTimeField()))
            if isinstance(value, datetime)
            else value
            for name, value in zip(self.columns, key, strict=True)
        )

    def sorted(self, rows: QuerySet, forwards: bool) -> QuerySet:
        """Put the rows in order, or in the opposite one."""
        sign = "-" if forwards is self.newest_first else ""
        return rows.order_by(*(f"{sign}{name}" for name in self.columns))

    def read(self, text: str) -> tuple | None:
        """Read a key from an address; None for anything that is not one."""
        parts = text.split(BETWEEN)
        try:
            return tuple(read(part) for read, part in zip(self.reads, parts, strict=True))
        except ValueError:
            return None

    def write(self, row: dict) -> str:
        """Write the key of a row for an address."""
        values = (row[name] for name in self.columns)
        return BETWEEN.join(
            value.isoformat() if isinstance(value, date | datetime) else str(value) for value in values
        )


@dataclass(frozen=True)
class Page:
    """Rows of a list, and the addresses of those that stand before and after them; empty where there are none.

    In a list of the newest first, what stands after is what happened earlier: the page then swaps the two words.
    """

    rows: list[dict]
    earlier_url: str
    later_url: str


def row_number(text: str) -> int:
    """Read the key of a row. Raises ValueError for what no row can have."""
    number = int(text)
    if not 0 < number < 2**63:
        raise ValueError(text)
    return number


def moment(text: str) -> datetime:
    """Read an instant with its zone. Raises ValueError for anything else."""
    found = datetime.fromisoformat(text)
    if found.tzinfo is None or not FIRST_DAY <= found.date() <= LAST_DAY:
        raise ValueError(text)
    return found


def page_of(rows: QuerySet, order: Order, asked, kept: dict[str, object]) -> Page:
    """Read one page of `rows.values(...)`, which must hold the columns of the order; one query.

    `asked` is the query of the address (after, before); `kept` is what else stays in the addresses of the steps.
    """
    before, after = order.read(asked.get("before", "")), order.read(asked.get("after", ""))
    forwards, key = before is None, before or after
    if key:
        rows = order.beside(rows, key, forwards)
    found = list(order.sorted(rows, forwards)[: ROWS + 1])
    more, shown = len(found) > ROWS, found[:ROWS]
    if not forwards:
        shown.reverse()
    there_are_earlier = shown and (key if forwards else more)
    there_are_later = shown and (more if forwards else key)
    return Page(
        rows=shown,
        earlier_url=_address(kept, before=order.write(shown[0])) if there_are_earlier else "",
        later_url=_address(kept, after=order.write(shown[-1])) if there_are_later else "",
    )


def _address(kept: dict[str, object], **step: str) -> str:
    return (
        f"?{urlencode({name: value for name, value in {**kept, **step}.items() if value not in (None, '')})}"
    )
