"""Today's worklist of a clinic: fifty rows at a time by their key, with the counts of the whole.

The list runs through its sections one after the other (with “neuro first”, through each in two stretches). Every
stretch is read along an index, never by an offset, and a page always takes the same number of queries.
"""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, time
from typing import NamedTuple

from django.db import DatabaseError
from django.db.models import F, QuerySet
from django.db.models.fields.tuple_lookups import TupleGreaterThan, TupleLessThan

from monitoring import sections, worklist_rows
from monitoring.sections import Counts, Section
from monitoring.worklist_rows import Row, Viewer
from patients.models import Clinic

logger = logging.getLogger(__name__)

ROWS = 50


class Key(NamedTuple):
    """Where a row stands: its stretch, the value it is ordered by, its own key. It is written into addresses."""

    stretch: int
    value: date | time
    pk: int

    def __str__(self) -> str:
        return f"{self.stretch}_{self.value.isoformat()}_{self.pk}"

    @classmethod
    def read(cls, text: str) -> "Key | None":
        """Read what `str` wrote; None for anything else."""
        try:
            stretch, value, pk = text.split("_")
            day_or_time = time.fromisoformat(value) if ":" in value else date.fromisoformat(value)
            key = cls(int(stretch), day_or_time, int(pk))
        except ValueError:
            return None
        return key if key.stretch >= 0 and 0 < key.pk < 2**63 else None


class Stretch(NamedTuple):
    """A run of rows in one order."""

    section: Section
    rows: QuerySet

    def holds(self, key: Key) -> bool:
        """Tell whether the key could be one of these rows'."""
        return isinstance(key.value, time) is (self.section is sections.BOOKED)


class Found(NamedTuple):
    """A row that is on the page."""

    key: Key
    course_id: int


@dataclass(frozen=True)
class Wanted:
    """What of the list somebody wants to see: which sections, of which phase, in which order, from which row on."""

    list: str = "today"
    phase: str = ""
    neuro_first: bool = False
    after: Key | None = None
    before: Key | None = None


@dataclass(frozen=True)
class Part:
    """The rows of one section on this page; is_empty once it is known that nobody stands in it at all."""

    section: Section
    rows: tuple[Row, ...]
    is_empty: bool


@dataclass(frozen=True)
class Page:
    """The rows, and the keys to step from."""

    parts: tuple[Part, ...]
    earlier: Key | None
    later: Key | None


@dataclass(frozen=True)
class Worklist:
    """Counts and rows. What the database could not read is None, and must never look like an empty list."""

    counts: Counts | None
    page: Page | None


def worklist(clinic: Clinic, today: date, wanted: Wanted, viewer: Viewer) -> Worklist:
    """Read a page of the list. Who sees names and dates only can filter by dates only."""
    return Worklist(
        counts=_or_none("counts", lambda: sections.count(clinic, today)),
        page=_or_none("rows", lambda: _page(clinic, today, wanted, viewer)),
    )


def _or_none(what: str, read: Callable):
    try:
        return read()
    except DatabaseError as error:
        logger.error("worklist: the %s could not be read: %s", what, type(error).__name__)
        return None


def _page(clinic: Clinic, today: date, wanted: Wanted, viewer: Viewer) -> Page:
    stretches = _stretches(clinic, today, wanted, viewer)
    key, backwards = wanted.before or wanted.after, wanted.before is not None
    if key and not (key.stretch < len(stretches) and stretches[key.stretch].holds(key)):
        key, backwards = None, False
    found = _found(stretches, key, backwards)
    there_is_more, shown = len(found) > ROWS, found[:ROWS]
    if backwards:
        shown.reverse()
    rows = worklist_rows.read(
        clinic, today, [(stretches[row.key.stretch].section, row.course_id) for row in shown], viewer
    )
    return Page(
        parts=_parts(stretches, shown, rows, found if key is None else None),
        earlier=shown[0].key if shown and (there_is_more if backwards else key) else None,
        later=shown[-1].key if shown and (backwards or there_is_more) else None,
    )


def _stretches(clinic: Clinic, today: date, wanted: Wanted, viewer: Viewer) -> list[Stretch]:
    found = []
    for section in sections.LISTS[wanted.list]:
        course = "course__" if section is sections.BOOKED else ""
        rows = section.rows(clinic, today)
        if viewer.clinical and wanted.phase:
            rows = rows.filter(**{f"{course}phase": wanted.phase})
        if viewer.clinical and wanted.neuro_first:
            found += [
                Stretch(section, rows.filter(**{f"{course}neurological": nerves})) for nerves in (True, False)
            ]
        else:
            found.append(Stretch(section, rows))
    return found


def _found(stretches: list[Stretch], key: Key | None, backwards: bool) -> list[Found]:
    """Give the rows beside a key, nearest first, one more than fit if there are; one query a stretch."""
    found: list[Found] = []
    for number, (section, rows) in (
        reversed(list(enumerate(stretches))) if backwards else enumerate(stretches)
    ):
        if key and (number > key.stretch if backwards else number < key.stretch):
            continue
        if key and number == key.stretch:
            beside = TupleLessThan if backwards else TupleGreaterThan
            rows = rows.filter(beside((F(section.order), F("pk")), (key.value, key.pk)))
        sign = "-" if backwards else ""
        course = "course_id" if section is sections.BOOKED else "id"
        ordered = rows.order_by(f"{sign}{section.order}", f"{sign}pk").values_list(
            section.order, "pk", course
        )
        found += [Found(Key(number, value, pk), course_id) for value, pk, course_id in ordered[: ROWS + 1]]
    return found


def _parts(
    stretches: list[Stretch], shown: list[Found], rows: list[Row], whole: list[Found] | None
) -> tuple[Part, ...]:
    """Put the rows under their sections. `whole` is what was found from the very beginning, None further down."""
    rows_of: dict[str, list[Row]] = {}
    section_of = {section.title: section for section, _rows in reversed(stretches)}
    for row, at in zip(rows, shown, strict=True):
        rows_of.setdefault(stretches[at.key.stretch].section.title, []).append(row)
    standing = None if whole is None else {stretches[at.key.stretch].section.title for at in whole}
    return tuple(
        Part(section_of[title], tuple(rows_of.get(title, ())), standing is not None and title not in standing)
        for title in dict.fromkeys(section.title for section, _rows in stretches)
    )
