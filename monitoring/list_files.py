"""A list behind a number as a file that a spreadsheet opens, and that cannot act in one."""

import csv
import io
from collections.abc import Iterable

from django.db.models import F

from monitoring.cohort.groups import Group
from monitoring.cohort.scope import Scope

WHO = ("family_name", "given_names", "born_on", "record_number")
# A cell that begins with one of these would be taken for a formula (controls.md, Export).
FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")


def headings(group: Group, *, clinical: bool) -> list[str]:
    """Give the first line: who and the date; what is clinical only for those who may see it."""
    first = ["Family name", "Given names", "Born", "Record number", group.dated]
    return [*first, *group.headings] if clinical else first


def rows_of(group: Group, scope: Scope, *, clinical: bool) -> list[list[str]]:
    """Read the whole list, in its order; one statement."""
    person = group.patient.removesuffix("_id")
    named = {f"person_{name}": F(f"{person}__{name}") for name in WHO}
    values = group.values(scope).annotate(**named).order_by("ordered_on", "pk")
    return [_row(group, row, scope, clinical=clinical) for row in values]


def _row(group: Group, row: dict, scope: Scope, *, clinical: bool) -> list[str]:
    who = [row[f"person_{name}"] for name in WHO]
    cells = group.shown(row, scope.today) if clinical else ()
    return [_safe(_plain(cell)) for cell in (*who, row["ordered_on"], *cells)]


def as_csv(first: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    """Write the lines of a file. It begins with a byte order mark, so that a spreadsheet reads letters right."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(first)
    writer.writerows(rows)
    return "\ufeff" + out.getvalue()


def _plain(cell: object) -> str:
    if cell is None:
        return ""
    return cell.isoformat() if hasattr(cell, "isoformat") else str(cell)


def _safe(cell: str) -> str:
    return f"'{cell}" if cell.startswith(FORMULA) else cell
