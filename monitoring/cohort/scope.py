"""Whom and when the figures are about: clinics, a period, a cause of the deficiency."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property, reduce
from operator import or_

from django.db.models import Q
from django.db.models.functions import TruncDate

from patients.clinical_facts import BY_TOPIC
from patients.models import Clinic
from patients.models.facts import Topic
from regimens.protocol.intervals import months

ALL = "all"
UNKNOWN = "unknown"
YEARS_SHOWN = 5
ROLLING = {"3": "The last 3 months", "12": "The last 12 months", "24": "The last 24 months"}

# What may be asked for as a cause: an answer to the question for it, or what sets an interval of its own.
CAUSES: dict[str, tuple[str, Q]] = {
    **{
        str(value).replace("_", "-"): (f"Cause: {label}", Q(summary__cause=value))
        for value, label in BY_TOPIC[Topic.CAUSE].choices
    },
    UNKNOWN: ("Cause: none known", Q(summary__cause="")),
    "ileal": ("Ileal resection", Q(summary__ileal=True)),
    "crohns": ("Crohn's disease of the ileum", Q(summary__crohns=True)),
    "bariatric": ("Bariatric surgery", Q(summary__bariatric=True)),
    "nerves": ("Nerves involved", Q(neurological=True)),
}


@dataclass(frozen=True)
class Scope:
    """The clinics whose figures are wanted, at one moment; the period from `begins_on` to before `ends_on`.

    A period that runs still has no end: what is to come of it is counted as such.
    """

    clinics: tuple[Clinic, ...]
    now: datetime
    begins_on: date
    ends_on: date | None = None
    cause: str = ""

    @property
    def keys(self) -> list[int]:
        """The keys of the clinics."""
        return [clinic.pk for clinic in self.clinics]

    @cached_property
    def today(self) -> date:
        """The day in the first of the clinics, for words; comparisons ask each clinic's own day."""
        return self.clinics[0].day_of(self.now)

    def here(self, way: str = "clinic") -> Q:
        """Keep the rows of these clinics; `way` leads from a row to its clinic."""
        return Q(**{way: self.keys[0]}) if len(self.clinics) == 1 else Q(**{f"{way}__in": self.keys})

    def about(self, way: str = "") -> Q:
        """Keep the courses of the cause that was asked for; `way` leads from a row to its course."""
        if not self.cause:
            return Q()
        [(name, value)] = CAUSES[self.cause][1].children
        return Q(**{f"{way}{name}": value})

    def each_day(self, holds: Callable[[date], Q], way: str = "clinic") -> Q:
        """Give a comparison with today, for each clinic with the day it is there."""
        days: dict[date, list[int]] = {}
        for clinic in self.clinics:
            days.setdefault(clinic.day_of(self.now), []).append(clinic.pk)
        if len(days) == 1:
            return holds(*days)
        return reduce(or_, (Q(**{f"{way}__in": keys}) & holds(day) for day, keys in days.items()))

    def day_of(self, column: str) -> TruncDate:
        """Give the clinic-local day of a moment, for lists; several clinics are listed by the day of the first."""
        return TruncDate(column, tzinfo=self.clinics[0].zone)

    def during(self, column: str) -> Q:
        """Keep the rows whose date lies in the period."""
        found = Q(**{f"{column}__gte": self.begins_on})
        return found & Q(**{f"{column}__lt": self.ends_on}) if self.ends_on else found

    def moment_during(self, column: str, way: str = "clinic") -> Q:
        """Keep the rows whose moment lies in the period, by each clinic's own midnight."""

        def of(clinic: Clinic) -> Q:
            found = Q(**{f"{column}__gte": clinic.moments_of(self.begins_on)[0]})
            if self.ends_on:
                found &= Q(**{f"{column}__lt": clinic.moments_of(self.ends_on)[0]})
            return found if len(self.clinics) == 1 else found & Q(**{way: clinic.pk})

        return reduce(or_, (of(clinic) for clinic in self.clinics))

    @property
    def months(self) -> list[date]:
        """The first days of the months of the period that have begun, newest first."""
        last = self.today.replace(day=1)
        if self.ends_on:
            last = min(last, months(1).after(self.ends_on, -1))
        found = []
        while last >= self.begins_on:
            found.append(last)
            last = months(1).after(last, -1)
        return found


def periods(today: date) -> dict[str, str]:
    """Give the periods that may be chosen: the last months, and whole years."""
    years = (today.year - back for back in range(YEARS_SHOWN))
    return ROLLING | {str(year): f"The year {year}" for year in years}


def period_of(word: str, today: date) -> tuple[date, date | None]:
    """Give the first day of a period and the day after its last; none where it runs still."""
    if word in ROLLING:
        return months(1).after(today.replace(day=1), -(int(word) - 1)), None
    year = int(word)
    return date(year, 1, 1), None if year == today.year else date(year + 1, 1, 1)
