"""The queue: the kinds one after the other, the most urgent first, fifty rows a page by their key, with every count."""

import logging
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import partial
from urllib.parse import urlencode

from django.db import DatabaseError

from monitoring.decisions.kind import Kind, Row
from monitoring.decisions.kinds import KINDS
from patients.models import Clinic
from patients.paging import BETWEEN, ROWS

logger = logging.getLogger(__name__)

COUNTED = 1000  # nobody reads further; “more than 1000”


@dataclass(frozen=True)
class Wanted:
    """What of the queue somebody wants to see: one kind, only what is for today, only patients whose plan they signed."""

    kind: str = ""
    today: bool = False
    signer: object = None

    def kinds(self) -> tuple[Kind, ...]:
        """Give the kinds that are shown."""
        return tuple(
            kind
            for kind in KINDS
            if (not self.kind or kind.key == self.kind) and (kind.same_day or not self.today)
        )

    @property
    def kept(self) -> dict[str, str]:
        """What stays in the addresses of the steps."""
        asked = {
            "kind": self.kind,
            "today": "yes" if self.today else "",
            "mine": "yes" if self.signer else "",
        }
        return {name: value for name, value in asked.items() if value}


@dataclass(frozen=True)
class Counted:
    """How many of one kind wait; None where the database could not be asked, which is not nought."""

    kind: Kind
    count: int | None

    @property
    def words(self) -> str:
        """The count in words: beyond the cap nobody counts."""
        if self.count is None:
            return "not read"
        return f"more than {COUNTED:,}" if self.count > COUNTED else str(self.count)


@dataclass(frozen=True)
class Counts:
    """Every kind that is shown, with its count; the parts are the whole."""

    parts: tuple[Counted, ...]

    @property
    def unread(self) -> tuple[Counted, ...]:
        """The kinds that could not be counted."""
        return tuple(part for part in self.parts if part.count is None)

    @property
    def total(self) -> int:
        """The sum of what was counted."""
        return sum(part.count or 0 for part in self.parts)

    @property
    def for_today(self) -> int:
        """The sum of what is for today."""
        return sum(part.count or 0 for part in self.parts if part.kind.same_day)

    @property
    def later(self) -> int:
        """The sum of everything else."""
        return self.total - self.for_today

    @property
    def is_capped(self) -> bool:
        """One kind is larger than anybody counts, and so is the sum."""
        return any((part.count or 0) > COUNTED for part in self.parts)


@dataclass
class Page:
    """Rows under their kinds, the addresses of what stands before and after, and the kinds that could not be read."""

    groups: list[tuple[Kind, list[Row]]] = field(default_factory=list)
    unread: list[Kind] = field(default_factory=list)
    earlier_url: str = ""
    later_url: str = ""


def counts(clinic: Clinic, today: date, wanted: Wanted) -> Counts:
    """Count every kind that is shown, up to one more than a person reads; one query a kind."""
    return Counts(
        tuple(
            Counted(kind, or_none(kind, partial(_count, kind, clinic, today, wanted.signer)))
            for kind in wanted.kinds()
        )
    )


def _count(kind: Kind, clinic: Clinic, today: date, signer) -> int:
    return kind.waiting(clinic, today, signer).order_by()[: COUNTED + 1].count()


def page(clinic: Clinic, today: date, wanted: Wanted, asked, counted: Counts) -> Page:
    """Read one page; at most one query a kind, and none of a kind that nobody waits in.

    asked: the query of the address (after, before): a kind, the value it is ordered by and the key of a row.
    """
    sizes = {part.kind.key: part.count for part in counted.parts}
    kinds = [kind for kind in wanted.kinds() if sizes.get(kind.key) != 0]
    before, after = _key(asked.get("before", ""), kinds), _key(asked.get("after", ""), kinds)
    forwards, key = before is None, before or after
    found, unread = _found(clinic, today, wanted, kinds, key, forwards)
    more, shown = len(found) > ROWS, found[:ROWS]
    if not forwards:
        shown.reverse()
    result = Page(unread=unread)
    for kind, values in shown:
        if not result.groups or result.groups[-1][0] is not kind:
            result.groups.append((kind, []))
        result.groups[-1][1].append(kind.row(values, today))
    if shown and (key if forwards else more):
        result.earlier_url = _address(wanted, before=shown[0])
    if shown and (more if forwards else key):
        result.later_url = _address(wanted, after=shown[-1])
    return result


def _found(clinic, today, wanted, kinds, key, forwards) -> tuple[list[tuple[Kind, dict]], list[Kind]]:
    """Give the rows beside a key, nearest first, one more than fit if there are."""
    found, unread = [], []
    order = kinds if forwards else kinds[::-1]
    start = next((place for place, kind in enumerate(order) if key and kind is key[0]), 0)
    for kind in order[start:]:
        beside = key[1] if key and kind is key[0] else None
        rows = or_none(kind, partial(_read, kind, clinic, today, wanted, beside, forwards, len(found)))
        if rows is None:
            unread.append(kind)
            continue
        found += [(kind, values) for values in rows]
        if len(found) > ROWS:
            break
    return found, unread


def _read(kind: Kind, clinic, today, wanted, key, forwards: bool, have: int) -> list[dict]:
    rows = kind.values(kind.waiting(clinic, today, wanted.signer))
    if key:
        rows = kind.order.beside(rows, key, forwards)
    return list(kind.order.sorted(rows, forwards)[: ROWS + 1 - have])


def _key(text: str, kinds: Iterable[Kind]) -> tuple[Kind, tuple] | None:
    """Read a key from an address; anything else is no key."""
    name, _between, rest = text.partition(BETWEEN)
    kind = next((kind for kind in kinds if kind.key == name), None)
    value = kind.order.read(rest) if kind else None
    return (kind, value) if value else None


def _address(wanted: Wanted, **step) -> str:
    [(name, (kind, values))] = step.items()
    return f"?{urlencode(wanted.kept | {name: f'{kind.key}{BETWEEN}{kind.order.write(values)}'})}"


def or_none(kind: Kind, read: Callable):
    """Read, or give None and say so in the log: one kind that fails must not hide the others, nor look empty."""
    try:
        return read()
    except DatabaseError:
        logger.exception("The decisions of kind %s could not be read.", kind.key)
        return None


def days_waiting(since: date | datetime, clinic: Clinic, today: date) -> int:
    """Give for how many days something has waited."""
    since_on = clinic.day_of(since) if isinstance(since, datetime) else since
    return max(0, (today - since_on).days)
