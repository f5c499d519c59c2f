"""What is read of a course for its row, along the index of its section, and what stands beside it on the day."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, time
from operator import itemgetter
from typing import NamedTuple

from django.db.models import F, Q, QuerySet
from django.db.models.fields.tuple_lookups import TupleGreaterThan, TupleLessThan

from monitoring import sections
from monitoring.sections import Section
from monitoring.statements import written_once
from patients.models import Clinic, Closure
from regimens import givers as staff
from regimens.models import Appointment, Request
from regimens.protocol.clinic_days import ClinicDays

# How many keys a statement about the rows of a page takes; those that are not needed ask for nobody.
SLOTS = (32, 512)
NOBODY = 0


class Found(NamedTuple):
    """A course as its row needs it; in BOOKED each booking of the day is a row of its own.

    order, row: what it is ordered by, and the key that breaks ties. subject, nurse_id and the names are those of the
    booking, empty elsewhere.
    """

    order: date | time
    row: int
    pk: int
    patient_id: int
    family_name: str
    given_names: str
    born_on: date
    record_number: str
    status: str
    phase: str
    neurological: bool
    next_number: int
    next_due_on: date | None
    window_opens_on: date | None
    window_closes_on: date | None
    physician_from_on: date | None
    lapses_on: date | None
    twelve_months_on: date | None
    last_given_on: date | None
    last_dose_unknown: bool
    ended_on: date | None
    paused_until: date | None
    pause_reason: str
    missed_lab_name: str
    missed_lab_due_on: date | None
    lab_name: str
    lab_due_on: date | None
    lab_closes_on: date | None
    blood_taken_on: date | None
    at_a_glance: str | None
    subject: str = ""
    nurse_id: int | None = None
    nurse_first_name: str = ""
    nurse_last_name: str = ""
    nurse_username: str = ""

    @property
    def is_open(self) -> bool:
        """The treatment has not ended."""
        return self.ended_on is None

    @property
    def nurse(self) -> str:
        """With whom the place is booked; empty for nobody in particular."""
        if self.nurse_id is None:
            return ""
        return f"{self.nurse_first_name} {self.nurse_last_name}".strip() or self.nurse_username


PLACE = itemgetter(0, 1)
FIELDS = Found._fields.index("subject")  # so many of every row; the rest of a booking
OF_PATIENT = {"family_name", "given_names", "born_on", "record_number", "status"}
COURSE = [f"patient__{name}" if name in OF_PATIENT else name for name in Found._fields[2:FIELDS]]
BOOKING = ["subject", "nurse_id", "nurse__first_name", "nurse__last_name", "nurse__username"]


class Stretch(NamedTuple):
    """A run of rows in one order: a section, or those in it whose nerves are (not) involved.

    phase: only this one, where given. apart: without those who have a place for a dose today, as on the screen of the
    day, where they stand under BOOKED. nurse: of the bookings only theirs and those with nobody in particular.
    """

    section: Section
    phase: str = ""
    neurological: bool | None = None
    apart: bool = False
    nurse: int | None = None

    def holds(self, key: date | time) -> bool:
        """Tell whether a value could be one that this stretch is ordered by."""
        return isinstance(key, time) is (self.section is sections.BOOKED)

    def read(
        self,
        clinic: int,
        today: date,
        most: int,
        beside: tuple[date | time, int] | None = None,
        *,
        backwards: bool = False,
    ) -> list[Found]:
        """Give at most so many rows from the beginning, or after (backwards: before) a place; nearest first, one query."""
        values = {"clinic": clinic, "today": today}
        if beside:
            values |= dict(zip(("order", "row"), beside, strict=True))
        if self.nurse:
            values["nurse"] = self.nurse
        which = self._replace(nurse=None)
        found = [Found(*row) for row in _rows(which, most, backwards, **values)]
        return sorted(found, key=PLACE, reverse=backwards)


@written_once
def _rows(
    stretch: Stretch,
    most: int,
    backwards: bool,
    *,
    clinic: int,
    today: date,
    order: date | time | None = None,
    row: int | None = None,
    nurse: int | None = None,
) -> QuerySet:
    section = stretch.section
    course = "course__" if section is sections.BOOKED else ""
    rows = section.rows(clinic, today)
    if stretch.phase:
        rows = rows.filter(**{f"{course}phase": stretch.phase})
    if stretch.neurological is not None:
        rows = rows.filter(**{f"{course}neurological": stretch.neurological})
    if stretch.apart and section is not sections.BOOKED:
        dose = sections.BOOKED.rows(clinic, today).filter(subject=Appointment.Subject.DOSE)
        rows = rows.exclude(pk__in=dose.values("course_id"))
    if nurse is not None and section is sections.BOOKED:
        rows = rows.filter(Q(nurse=nurse) | Q(nurse=None))
    if order is not None:
        compare = TupleLessThan if backwards else TupleGreaterThan
        rows = rows.filter(compare((F(section.order), F("pk")), (order, row)))
    sign = "-" if backwards else ""
    columns = [f"{course}{name}" for name in COURSE] + (BOOKING if course else [])
    # First the keys along the index, then the few rows themselves: joined at once, PostgreSQL reads every patient.
    keys = rows.order_by(f"{sign}{section.order}", f"{sign}pk").values("pk")[:most]
    return rows.model.objects.filter(pk__in=keys).order_by().values_list(section.order, "pk", *columns)


def asked_physician(patients: Iterable[int]) -> dict[int, list[str]]:
    """Give {patient: kinds} of what waits for a physician, oldest first, of their merged records too; one query."""
    found: dict[int, list[str]] = defaultdict(list)
    for keys in _in_slots(patients):
        for _pk, patient, kind in sorted(_requests(len(keys), **keys)):
            found[patient].append(kind)
    return found


@written_once
def _requests(_slots: int, **keys: int) -> QuerySet:
    waiting = Request.objects.unanswered().order_by()
    own = waiting.filter(patient__in=keys.values())
    merged = waiting.filter(patient__merged_into__in=keys.values())
    return own.values_list("pk", "patient_id", "kind").union(
        merged.values_list("pk", "patient__merged_into_id", "kind"), all=True
    )


def hours(courses: Iterable[int], today: date) -> dict[int, list[tuple[time, str]]]:
    """Give {course: (time, subject)} of the places booked on the day, by time; one query."""
    found: dict[int, list[tuple[time, str]]] = defaultdict(list)
    for keys in _in_slots(courses):
        for course, at, subject in _hours(len(keys), today=today, **keys):
            found[course].append((at, subject))
    return found


@written_once
def _hours(_slots: int, *, today: date, **keys: int) -> QuerySet:
    booked = Appointment.objects.booked().filter(course__in=keys.values(), on=today)
    return booked.order_by("at", "pk").values_list("course_id", "at", "subject")


def givers(clinic: int) -> list[tuple[int, str]]:
    """Give (key, name) of those who give injections in a clinic, by name; one query."""
    return [
        (pk, f"{first} {last}".strip() or username) for pk, first, last, username in _givers(clinic=clinic)
    ]


@written_once
def _givers(*, clinic: int) -> QuerySet:
    return staff.givers(clinic).values_list("pk", "first_name", "last_name", "username")


def next_open(clinic: Clinic, today: date) -> date:
    """Give the day, or the next one on which the clinic is open; one query."""
    closed = frozenset(day for (day,) in _closed(clinic=clinic.pk, today=today))
    return ClinicDays(frozenset(map(int, clinic.open_weekdays)), closed).next_open(today)


@written_once
def _closed(*, clinic: int, today: date) -> QuerySet:
    return Closure.objects.filter(clinic=clinic, day__gte=today).order_by().values_list("day")


def _in_slots(keys: Iterable[int]) -> Iterator[dict[str, int]]:
    keys = sorted(set(keys))
    slots = SLOTS[0] if len(keys) <= SLOTS[0] else SLOTS[1]
    for start in range(0, len(keys), slots) if keys else (0,):
        padded: Sequence[int] = (keys[start : start + slots] + [NOBODY] * slots)[:slots]
        yield {f"key{number}": key for number, key in enumerate(padded)}
