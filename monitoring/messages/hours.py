"""At which hours a clinic writes to patients, and which day it is there."""

from collections import defaultdict
from datetime import date, datetime, timedelta

from patients.models import Clinic


def may_write(clinic: Clinic, moment: datetime) -> bool:
    """Tell whether patients may be written to at this moment; the same hour twice means the whole day."""
    at, begins, ends = moment.astimezone(clinic.zone).time(), clinic.letters_from, clinic.letters_until
    if begins < ends:
        return begins <= at < ends
    return begins == ends or at >= begins or at < ends


def clinics_writing(now: datetime, since: timedelta = timedelta()) -> list[int]:
    """Give the clinics that may write now and could at every hour since; one query."""
    moments = [now - timedelta(hours=hours) for hours in range(int(since / timedelta(hours=1)) + 1)]
    return [
        clinic.pk for clinic in Clinic.objects.all() if all(may_write(clinic, moment) for moment in moments)
    ]


def clinics_by_day(now: datetime) -> dict[date, list[int]]:
    """Group the clinics by their calendar day: three groups at most, wherever on earth they are; one query."""
    days = defaultdict(list)
    for clinic in Clinic.objects.only("pk", "time_zone"):
        days[clinic.day_of(now)].append(clinic.pk)
    return dict(days)
