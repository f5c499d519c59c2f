"""What is still to be done for patients who have had their injection: on Today until somebody has done it."""

import logging
from dataclasses import dataclass
from datetime import datetime

from django.db import DatabaseError
from django.db.models import QuerySet

from monitoring.statements import written_once
from patients.models import Clinic
from patients.templatetags.wording import family_first
from regimens.models import FollowUp

logger = logging.getLogger(__name__)

ROWS = 20
COLUMNS = (
    "pk",
    "patient_id",
    "patient__family_name",
    "patient__given_names",
    "kind",
    "due_at",
    "injection__room",
)


@dataclass(frozen=True)
class Waiting:
    """One thing to do. `is_late` once its time has passed."""

    pk: int
    patient_id: int
    name: str
    what: str
    due_at: datetime
    is_late: bool
    room: str


@dataclass(frozen=True)
class AfterNeedle:
    """The most urgent ones, and whether there are more. None could be read when rows is None."""

    rows: tuple[Waiting, ...] | None
    more: bool = False


def after_needle(clinic: Clinic, now: datetime) -> AfterNeedle:
    """Read what waits in a clinic, the earliest due first; one query along its index."""
    try:
        found = [dict(zip(COLUMNS, row, strict=True)) for row in _waiting(clinic=clinic.pk)]
    except DatabaseError as error:
        logger.error("after the needle: it could not be read: %s", type(error).__name__)
        return AfterNeedle(None)
    return AfterNeedle(tuple(_row(values, now) for values in found[:ROWS]), len(found) > ROWS)


@written_once
def _waiting(*, clinic: int) -> QuerySet:
    return (
        FollowUp.objects.waiting()
        .filter(clinic=clinic)
        .order_by("due_at", "pk")
        .values_list(*COLUMNS)[: ROWS + 1]
    )


def _row(values: dict, now: datetime) -> Waiting:
    return Waiting(
        pk=values["pk"],
        patient_id=values["patient_id"],
        name=family_first(values["patient__family_name"], values["patient__given_names"]),
        what=FollowUp.Kind(values["kind"]).label,
        due_at=values["due_at"],
        is_late=values["due_at"] < now,
        room=values["injection__room"],
    )
