"""When a clinic is open. A closure moves loading dates, so every open course of the clinic is refreshed with it.

Each act locks the clinic's book first: nobody books a day that is being closed.
"""

from collections.abc import Callable
from datetime import date, datetime

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.db.models import QuerySet

from patients import audit
from patients.models import Clinic, Closure
from patients.refusals import NotAllowed, Stale, require
from regimens.calendar_preview import Change, preview
from regimens.models import Course
from regimens.services.locking import lock_clinic, lock_patients
from regimens.services.outlook import refresh_outlook

CHANGED = "What this would move has changed since you looked. This is how it stands now: look again."


@transaction.atomic
def add_closure(*, clinic: Clinic, day: date, reason: str, changed_by) -> Closure:
    """Close the clinic on a day. Maintenance dates stand; loading dates move to open days (D-14)."""
    require(changed_by, "patients.manage_clinic", clinic)
    lock_clinic(clinic)
    try:
        with transaction.atomic():
            closure = Closure.objects.create(clinic=clinic, day=day, reason=reason)
    except IntegrityError as error:
        raise NotAllowed("The clinic is closed on this day already.", field="day") from error
    _refresh(clinic)
    audit.record(changed_by, "added closure", clinic=clinic, day=str(day))
    return closure


@transaction.atomic
def remove_closure(*, closure: Closure, changed_by) -> None:
    """Open the clinic on a day after all."""
    require(changed_by, "patients.manage_clinic", closure.clinic)
    clinic, day = closure.clinic, closure.day
    lock_clinic(clinic)
    closure.delete()
    _refresh(clinic)
    audit.record(changed_by, "removed closure", clinic=clinic, day=str(day))


@transaction.atomic
def change_opening_days(*, clinic: Clinic, open_weekdays: str, changed_by) -> None:
    """Set the days of the week on which the clinic is open, Monday = 0."""
    require(changed_by, "patients.manage_clinic", clinic)
    lock_clinic(clinic)
    clinic.open_weekdays = open_weekdays
    try:
        clinic.clean_fields(exclude={field.name for field in Clinic._meta.fields} - {"open_weekdays"})
    except ValidationError as error:
        raise NotAllowed(" ".join(error.messages), field="open_weekdays") from error
    clinic.save(update_fields=["open_weekdays"])
    _refresh(clinic)
    audit.record(changed_by, "changed opening days", clinic=clinic)


@transaction.atomic
def add_public_holidays(*, clinic: Clinic, year: int, changed_by=None) -> int:
    """Close the clinic on the public holidays of a year that are not closures yet; give how many were added."""
    if changed_by is not None:
        require(changed_by, "patients.manage_clinic", clinic)
    lock_clinic(clinic)
    known = set(clinic.closures.filter(day__year=year).values_list("day", flat=True))
    added = Closure.objects.bulk_create(
        [
            Closure(clinic=clinic, day=day, reason=name[:120])
            for day, name in clinic.public_holidays(year).items()
            if day not in known
        ],
        ignore_conflicts=True,
    )
    if added:
        _refresh(clinic)
        audit.record(changed_by, "added public holidays", clinic=clinic, year=year)
    return len(added)


@transaction.atomic
def change_as_shown(
    *, clinic: Clinic, change: Change, shown: str, now: datetime, doing: Callable, changed_by, **arguments
):
    """Do a change of the calendar while it moves exactly what was shown; raises Stale where that is another by now.

    The book and everybody in loading are locked first, so that nobody books, and no dose is recorded, in between.
    """
    require(changed_by, "patients.manage_clinic", clinic)
    clinic = lock_clinic(clinic)
    lock_patients(_loading(clinic).values("patient_id"))
    if preview(clinic, change, now, proposing=False).shown != shown:
        raise Stale(CHANGED)
    return doing(clinic=clinic, changed_by=changed_by, **arguments)


def keep_public_holidays(now: datetime) -> int:
    """Add the public holidays of this year and the next to clinics that have none of that year yet; give how many.

    A clinic that opens on one of them after all removes that closure, and it does not come back.
    """
    added = 0
    for clinic in Clinic.objects.exclude(holidays_country=""):
        this_year = clinic.day_of(now).year
        for year in (this_year, this_year + 1):
            if not clinic.closures.filter(day__in=list(clinic.public_holidays(year))).exists():
                added += add_public_holidays(clinic=clinic, year=year)
    return added


def _refresh(clinic: Clinic) -> None:
    """Only loading dates depend on open days."""
    refresh_outlook(*lock_patients(_loading(clinic).values("patient_id")))


def _loading(clinic: Clinic) -> QuerySet:
    return Course.objects.open().filter(clinic=clinic, phase=Course.Phase.LOADING)
