"""The day on paper: everybody booked today, then who is overdue and due, to work from when the screen is dark."""

from dataclasses import dataclass
from datetime import date

from monitoring import sections, worklist_rows
from monitoring.sections import Section
from monitoring.worklist_columns import Found, Stretch
from monitoring.worklist_rows import Row, Viewer
from patients.models import Clinic

PARTS = (sections.BOOKED, sections.OVERDUE, sections.DUE)
ROWS = 150  # of each part: some ten sheets of paper at most


@dataclass(frozen=True)
class SheetPart:
    """One part of the sheet; `more` tells that it did not fit."""

    section: Section
    rows: tuple[Row, ...]
    more: bool


def day_sheet(clinic: Clinic, today: date, viewer: Viewer) -> tuple[SheetPart, ...]:
    """Read the sheet; nobody stands on it twice. A fixed number of queries."""
    seen: set[int] = set()
    read: list[tuple[Section, list[Found], bool]] = []
    for section in PARTS:
        found = Stretch(section).read(clinic.pk, today, ROWS + 1)
        fresh = {row.pk: row for row in reversed(found[:ROWS]) if row.pk not in seen}
        seen.update(fresh)
        read.append((section, list(reversed(fresh.values())), len(found) > ROWS))
    places = [(section, row) for section, found, _more in read for row in found]
    shown = iter(worklist_rows.rows(clinic, today, places, viewer))
    return tuple(
        SheetPart(section, tuple(next(shown) for _row in found), more) for section, found, more in read
    )
