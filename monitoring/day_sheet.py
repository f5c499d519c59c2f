"""The day on paper: everybody booked today, then who is overdue and due, to work from when the screen is dark."""

from dataclasses import dataclass
from datetime import date

from monitoring import sections, worklist_rows
from monitoring.sections import Section
from monitoring.worklist_rows import Row, Viewer
from patients.models import Clinic
from regimens.models import Appointment

PARTS = (sections.BOOKED, sections.OVERDUE, sections.DUE)
ROWS = 150  # of each part: some ten sheets of paper at most


@dataclass(frozen=True)
class SheetPart:
    """One part of the sheet: each row with whom it is booked, if with somebody; `more` tells that it did not fit."""

    section: Section
    rows: tuple[tuple[Row, str], ...]
    more: bool


def day_sheet(clinic: Clinic, today: date, viewer: Viewer) -> tuple[SheetPart, ...]:
    """Read the sheet; nobody stands on it twice. A fixed number of queries."""
    seen: set[int] = set()
    found: list[tuple[Section, list[int], bool]] = []
    for section in PARTS:
        course = "course_id" if section is sections.BOOKED else "pk"
        rows = section.rows(clinic, today).order_by(section.order, "pk")
        keys = list(rows.values_list(course, flat=True)[: ROWS + 1])
        fresh = [key for key in dict.fromkeys(keys[:ROWS]) if key not in seen]
        seen.update(fresh)
        found.append((section, fresh, len(keys) > ROWS))
    places = [(section, key) for section, keys, _more in found for key in keys]
    shown = iter(worklist_rows.read(clinic, today, places, viewer))
    names = _booked_with(clinic, today)
    return tuple(
        SheetPart(section, tuple((next(shown), names.get(key, "")) for key in keys), more)
        for section, keys, more in found
    )


def _booked_with(clinic: Clinic, today: date) -> dict[int, str]:
    """Give {course: names} of those with whom a place is booked today; one query."""
    names: dict[int, list[str]] = {}
    booked = Appointment.objects.booked().filter(clinic=clinic, on=today, nurse__isnull=False)
    for booking in booked.select_related("nurse").order_by("at", "pk"):
        names.setdefault(booking.course_id, []).append(booking.nurse.shown_name())
    return {course: ", ".join(dict.fromkeys(found)) for course, found in names.items()}
