"""Today's worklist of a clinic: the screen of the day, or one list page by page, with the counts of the whole.

The screen shows the beginning of each of its sections, and each leads to its own list. A list runs through its
sections one after the other (with “neuro first”, through each in two stretches), thirty rows at a time by their key.
Every stretch is read along an index, never by an offset, and a page always takes the same number of queries.
"""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, time
from functools import partial
from typing import NamedTuple

from django.db import DatabaseError

from monitoring import counts, sections, worklist_rows
from monitoring.counts import Counts
from monitoring.sections import Section
from monitoring.worklist_columns import Found, Stretch
from monitoring.worklist_rows import Row, Viewer
from patients.models import Clinic

logger = logging.getLogger(__name__)

ROWS = 30
# How many of them each section of the screen has in any case; what one does not need goes to the others, in this order.
SHARES = {sections.BOOKED: 12, sections.OVERDUE: 8, sections.DUE: 6, sections.WEEK: 4}
SCREEN = "today"


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


class Place(NamedTuple):
    """A row that is on the page."""

    key: Key
    section: Section
    found: Found


@dataclass(frozen=True)
class Wanted:
    """What of the list somebody wants to see: which sections, of which phase, in which order, from which row on.

    nurse: of those booked today only the ones booked with this person (a key) or with nobody in particular.
    """

    list: str = SCREEN
    phase: str = ""
    neuro_first: bool = False
    nurse: int | None = None
    after: Key | None = None
    before: Key | None = None


@dataclass(frozen=True)
class Part:
    """The rows of one section on this page; is_empty once it is known that nobody stands in it at all.

    more: on the screen, that its own list goes on.
    """

    section: Section
    rows: tuple[Row, ...]
    is_empty: bool
    more: bool = False


@dataclass(frozen=True)
class Page:
    """The rows, and the keys to step from."""

    parts: tuple[Part, ...]
    earlier: Key | None = None
    later: Key | None = None


@dataclass(frozen=True)
class Worklist:
    """Counts and rows. What the database could not read is None, and must never look like an empty list."""

    counts: Counts | None
    page: Page | None


def worklist(clinic: Clinic, today: date, wanted: Wanted, viewer: Viewer) -> Worklist:
    """Read a page of the list. Who sees names and dates only can filter by dates and nurses only."""
    counted = _or_none("counts", lambda: counts.count(clinic, today))
    stretches = _stretches(wanted, viewer)
    if wanted.list == SCREEN:
        narrowed = wanted != Wanted()
        read = partial(_screen, clinic, today, stretches, None if narrowed else counted, viewer)
    else:
        read = partial(_page, clinic, today, stretches, wanted, viewer)
    return Worklist(counted, _or_none("rows", read))


def _or_none(what: str, read: Callable):
    try:
        return read()
    except DatabaseError as error:
        logger.error("worklist: the %s could not be read: %s", what, type(error).__name__)
        return None


def _stretches(wanted: Wanted, viewer: Viewer) -> list[Stretch]:
    phase = wanted.phase if viewer.clinical else ""
    nerves = (True, False) if viewer.clinical and wanted.neuro_first else (None,)
    apart = wanted.list == SCREEN
    return [
        Stretch(section, phase, involved, apart, wanted.nurse)
        for section in sections.LISTS[wanted.list]
        for involved in nerves
    ]


def _screen(
    clinic: Clinic, today: date, stretches: list[Stretch], counted: Counts | None, viewer: Viewer
) -> Page:
    """Read the beginning of every section, and share the page out among them.

    counted: how many stand in each, where that is known of what is asked for: nothing is read that has no room.
    """
    full = counted and all(counted.of(section) >= share for section, share in SHARES.items())
    standing: dict[Section, list[Found]] = {}
    for stretch in stretches:
        found = standing.setdefault(stretch.section, [])
        found += stretch.read(clinic.pk, today, 1 + (SHARES[stretch.section] if full else ROWS))
    room = _shared_out({section: len(found) for section, found in standing.items()})
    places = [(section, row) for section, found in standing.items() for row in found[: room[section]]]
    rows = iter(worklist_rows.rows(clinic, today, places, viewer))
    return Page(
        tuple(
            Part(
                section,
                rows=tuple(next(rows) for _row in found[: room[section]]),
                is_empty=not found,
                more=len(found) > room[section],
            )
            for section, found in standing.items()
        )
    )


def _shared_out(wanted: dict[Section, int]) -> dict[Section, int]:
    """Give each section as many rows as it wants, up to its share and what the others leave of the page."""
    given = {section: min(number, SHARES[section]) for section, number in wanted.items()}
    for section, number in wanted.items():
        given[section] += min(number - given[section], ROWS - sum(given.values()))
    return given


def _page(clinic: Clinic, today: date, stretches: list[Stretch], wanted: Wanted, viewer: Viewer) -> Page:
    """Read one page of a list, from a key on or up to it."""
    key, backwards = wanted.before or wanted.after, wanted.before is not None
    if key and not (key.stretch < len(stretches) and stretches[key.stretch].holds(key.value)):
        key, backwards = None, False
    found = _beside(clinic, today, stretches, key, backwards)
    there_is_more, shown = len(found) > ROWS, found[:ROWS]
    if backwards:
        shown.reverse()
    rows = worklist_rows.rows(clinic, today, [(place.section, place.found) for place in shown], viewer)
    return Page(
        parts=_parts(stretches, shown, rows, found if key is None else None),
        earlier=shown[0].key if shown and (there_is_more if backwards else key) else None,
        later=shown[-1].key if shown and (backwards or there_is_more) else None,
    )


def _beside(
    clinic: Clinic, today: date, stretches: list[Stretch], key: Key | None, backwards: bool
) -> list[Place]:
    """Give the rows beside a key, nearest first, one more than fit if there are; one query a stretch."""
    found: list[Place] = []
    for number, stretch in reversed(list(enumerate(stretches))) if backwards else enumerate(stretches):
        if key and (number > key.stretch if backwards else number < key.stretch):
            continue
        beside = key[1:] if key and number == key.stretch else None
        read = stretch.read(clinic.pk, today, ROWS + 1, beside, backwards=backwards)
        found += [Place(Key(number, row.order, row.row), stretch.section, row) for row in read]
    return found


def _parts(
    stretches: list[Stretch], shown: list[Place], rows: list[Row], whole: list[Place] | None
) -> tuple[Part, ...]:
    """Put the rows under their sections. `whole` is what was found from the very beginning, None further down."""
    rows_of: dict[str, list[Row]] = {}
    section_of = {stretch.section.title: stretch.section for stretch in reversed(stretches)}
    for row, place in zip(rows, shown, strict=True):
        rows_of.setdefault(place.section.title, []).append(row)
    standing = None if whole is None else {place.section.title for place in whole}
    return tuple(
        Part(section_of[title], tuple(rows_of.get(title, ())), standing is not None and title not in standing)
        for title in dict.fromkeys(stretch.section.title for stretch in stretches)
    )
