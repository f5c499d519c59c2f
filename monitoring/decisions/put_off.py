"""What is put off: each row with the day it comes back, and who put it off. With the queue it is everything that waits."""

from dataclasses import dataclass
from datetime import date
from functools import partial

from monitoring.decisions.kind import Kind, Row
from monitoring.decisions.kinds import KINDS
from monitoring.decisions.queue import or_none
from patients.models import Clinic, User

SHOWN = 100  # of each kind; nobody puts off more


@dataclass(frozen=True)
class Later:
    """The rows of one kind that are put off; None where they could not be read. `more`: there are others."""

    kind: Kind
    rows: list[Row] | None
    more: bool = False


def listing(clinic: Clinic, today: date) -> tuple[list[Later], dict[int, str]]:
    """Give what is put off, kind by kind, soonest back first, and the names of those who put it off."""
    found = [_of(kind, clinic, today) for kind in KINDS if kind.about]
    keys = {row.later[1] for later in found for row in later.rows or ()}
    people = User.objects.in_bulk(keys) if keys else {}
    return found, {key: person.shown_name() for key, person in people.items()}


def _of(kind: Kind, clinic: Clinic, today: date) -> Later:
    values = or_none(kind, partial(_read, kind, clinic, today))
    if values is None:
        return Later(kind, None)
    return Later(kind, [kind.row(each, today) for each in values[:SHOWN]], len(values) > SHOWN)


def _read(kind: Kind, clinic: Clinic, today: date) -> list[dict]:
    rows = kind.put_off(clinic, today).filter(later_until_on__isnull=False).order_by("later_until_on", "pk")
    return list(kind.values(rows, "later_until_on", "later_decided_by", "later_reason")[: SHOWN + 1])
