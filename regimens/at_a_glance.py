"""What a list shows of a course beside its dates: the plan in force, the last needle, what matters before the next one.

A list is read every few minutes and its facts change a few times a year, so they are kept with the outlook, by its one
writer. Nothing here depends on today: every answer and every count stands with its day, and a reader for whom that day
has not come yet (`Glance.newest_on`) asks the rows themselves.
"""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import lru_cache

from patients.models import Analyte, Patient
from patients.models.facts import Topic
from regimens.course_values import CourseValues, values_of
from regimens.facts import MEASUREMENTS, facts_from, measured
from regimens.models import Course
from regimens.protocol import units
from regimens.protocol.facts import Facts, Measured

# What the badges of a row ask about; the rest of a patient's facts is not kept for lists.
TOPICS = (Topic.ALLERGIES, Topic.ANTICOAGULANT, Topic.RENAL, Topic.DIALYSIS, Topic.NEURO)
COUNTS = (Analyte.PLT, Analyte.EGFR)
REMEMBERED = 4_096


@dataclass(frozen=True, eq=False, slots=True)
class Glance:
    """What is kept of a course, as values. `newest_on`: the last day anything of it was observed, None for nothing.

    One object stands for one text as long as it is remembered, so that what follows from it can be remembered by it.
    answers: {topic: answer} for `regimens.facts`; measured: {name of the fact: value}. site is empty where the last
    injection says none, needle_on None before the first one, whether or not it counted.
    """

    regimen_key: str
    product: str
    route: str
    micrograms: int
    interval_iso: str
    is_signed: bool
    is_to_sign: bool
    site: str
    needle_on: date | None
    answers: dict[str, object]
    measured: dict[str, Measured]
    newest_on: date | None

    def facts(self, born_on: date) -> Facts:
        """Give the facts that lists ask about, of somebody under treatment; all others stay unknown."""
        return facts_from(Patient(born_on=born_on), self.answers, self.measured)


def to_json(values: CourseValues, on: date | None = None) -> dict:
    """Give what is kept of a course read with TOPICS, as plain values; `on` leaves out what was observed after a day."""
    plan = values.current
    standing = [each for each in values.plans if each.superseded_at is None]
    day, site = values.last_needle or (None, "")
    return {
        "plan": [plan.regimen_key, plan.product, plan.route, plan.micrograms, plan.interval_iso],
        "signed": any(each.is_signed for each in standing),
        "to_sign": any(not each.is_signed for each in standing),
        "needle": [site, day.isoformat() if day else None],
        "answers": {
            topic: [answer, observed_on.isoformat()]
            for topic, observed_on, answer in values.answers  # the newest comes last and holds
            if on is None or observed_on <= on
        },
        "counts": {analyte.value: count for analyte in COUNTS if (count := _newest(values, analyte, on))},
    }


def _newest(values: CourseValues, analyte: Analyte, on: date | None) -> list[str] | None:
    """Give value, unit, comparator and day of the newest result, as reported."""
    key = units.Analyte(analyte)
    days = [day for day, panel in values.measured.items() if key in panel and (on is None or day <= on)]
    if not days:
        return None
    found = values.measured[max(days)][key]
    comparator = found.comparator.value if found.comparator else ""
    return [f"{found.value.normalize():f}", found.unit, comparator, max(days).isoformat()]


@lru_cache(REMEMBERED)
def read(kept: str) -> Glance:
    """Read what is kept, from the text of its column."""
    plain = json.loads(kept)
    answers, counts, (site, needle_on) = plain["answers"], plain["counts"], plain["needle"]
    days = [*(day for _answer, day in answers.values()), *(count[-1] for count in counts.values())]
    return Glance(
        *plain["plan"],
        is_signed=plain["signed"],
        is_to_sign=plain["to_sign"],
        site=site,
        needle_on=date.fromisoformat(needle_on) if needle_on else None,
        answers={topic: answer for topic, (answer, _day) in answers.items()},
        measured={
            MEASUREMENTS[analyte]: measured(Decimal(value), unit, date.fromisoformat(day), comparator)
            for analyte, (value, unit, comparator, day) in counts.items()
        },
        newest_on=date.fromisoformat(max(days)) if days else None,
    )


def afresh(courses: Iterable[Course], on: date) -> dict[int, Glance]:
    """Give {course id: glance} from the rows themselves as a day knows them; a fixed number of queries."""
    return {key: read(json.dumps(to_json(values, on))) for key, values in values_of(courses, TOPICS).items()}
