"""What a decision would change: dates before and after, booked places, letters, vials; nothing is written.

A page shows it before the signature, and the same value is computed again under the patient's lock when the signature
comes: its fingerprint must be the one that was shown (regimens.services.as_shown).
"""

import hashlib
import json
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass
from datetime import date, timedelta
from itertools import zip_longest

from regimens.course_values import CourseValues
from regimens.explained import lab_name
from regimens.models import Appointment
from regimens.protocol import schedule
from regimens.protocol.intervals import months
from regimens.protocol.labs import LabCheck
from regimens.what_follows import Ahead, ahead_of

REVIEW = "Neurological review"


@dataclass(frozen=True, slots=True)
class Moved:
    """One line of a before-and-after list; either side may be empty. The window is the one after, where there is one."""

    what: str
    before: date | None
    after: date | None
    opens_on: date | None = None
    closes_on: date | None = None

    @property
    def change(self) -> str:
        """The difference in words."""
        if self.before is None:
            return "added"
        if self.after is None:
            return "dropped"
        days = (self.after - self.before).days
        if not days:
            return "as before"
        return f"{abs(days)} day{'s' if abs(days) > 1 else ''} {'later' if days > 0 else 'earlier'}"

    @property
    def stays(self) -> bool:
        """Nothing changes here."""
        return self.before == self.after


@dataclass(frozen=True, slots=True)
class Place:
    """A booked place and where it would stand to the window of what it was booked for."""

    booking: Appointment
    fits: bool
    why: str


@dataclass(frozen=True, slots=True)
class Letter:
    """One letter as a page names it: what it is, the clinical date it is about, the day it may go out from."""

    what: str
    about: date
    on: date | None = None


@dataclass(frozen=True, slots=True)
class Letters:
    """What becomes of a patient's letters; foreseen by monitoring, which alone knows them.

    withdrawn: they wait now and would not be sent. written: owed from today and not there yet. told: sent already,
    about a date that would not hold. coming: those about the next dose and blood test, before and after.
    silent_because: why this patient gets no letters at all.
    """

    withdrawn: tuple[Letter, ...] = ()
    written: tuple[Letter, ...] = ()
    told: tuple[Letter, ...] = ()
    coming: tuple[Moved, ...] = ()
    silent_because: str = ""

    @property
    def moved(self) -> tuple[Moved, ...]:
        """Those to come whose day changes."""
        return tuple(line for line in self.coming if not line.stays)


Foresee = Callable[[CourseValues, CourseValues, date], Letters]


@dataclass(frozen=True, slots=True)
class Change:
    """One way to decide, and all that would change with it. `key` is what the form sends for it."""

    label: str
    key: str
    before: Ahead
    after: Ahead
    doses: tuple[Moved, ...]
    others: tuple[Moved, ...]
    places: tuple[Place, ...]
    letters: Letters | None = None

    @property
    def outside(self) -> tuple[Place, ...]:
        """The booked places that would fall outside."""
        return tuple(place for place in self.places if not place.fits)

    @property
    def moved(self) -> int:
        """How many doses get another day."""
        return sum(
            line.before is not None and line.after is not None and not line.stays for line in self.doses
        )

    @property
    def added(self) -> int:
        """How many doses come in addition."""
        return sum(line.before is None for line in self.doses)

    @property
    def dropped(self) -> int:
        """How many doses fall away."""
        return sum(line.after is None for line in self.doses)

    @property
    def first(self) -> Moved | None:
        """The next dose, before and after."""
        return self.doses[0] if self.doses else None

    def to_json(self) -> dict:
        """Give plain values of everything that was shown."""
        return {
            "key": self.key,
            "doses": [asdict(line) for line in self.doses],
            "others": [asdict(line) for line in self.others],
            "places": [[place.booking.pk, place.fits, place.why] for place in self.places],
            "letters": asdict(self.letters) if self.letters else None,
            "tablets": [self.before.tablets_from_on, self.after.tablets_from_on],
            "paused": [self.before.paused_until, self.after.paused_until],
        }


def fingerprint_of(changes: Iterable[Change]) -> str:
    """Give a fingerprint that differs when anything shown of these changes does."""
    shown = [change.to_json() for change in changes]
    return hashlib.sha256(json.dumps(shown, default=str, sort_keys=True).encode()).hexdigest()


def changes_to(
    before: CourseValues,
    options: Iterable[tuple[str, str, CourseValues]],
    today: date,
    foresee: Foresee | None = None,
) -> list[Change]:
    """Compare a course as it stands with each way to decide: (label, key, values as they would be)."""
    old = ahead_of(before, today)
    course = before.course
    booked = list(Appointment.objects.booked().filter(course=course.pk, on__gte=today)) if course.pk else []
    found = []
    for label, key, after in options:
        new = ahead_of(after, today)
        found.append(
            Change(
                label=label,
                key=key,
                before=old,
                after=new,
                doses=tuple(_doses(old, new)),
                others=tuple(_others(old, new, today)),
                places=tuple(_places(booked, new)),
                letters=foresee(before, after, today) if foresee else None,
            )
        )
    return found


def _doses(before: Ahead, after: Ahead) -> Iterable[Moved]:
    """Pair the doses of a year by their place: the next, the one after it, and so on."""
    pairs = zip_longest(before.in_a_year, after.in_a_year)
    for place, (old, new) in enumerate(pairs, start=1):
        window = (new.opens_on, new.closes_on) if new else ()
        yield Moved(f"Dose {place}", old and old.due_on, new and new.due_on, *window)


def _others(before: Ahead, after: Ahead, today: date) -> Iterable[Moved]:
    """Pair blood tests by their name, and the neurological review, as far as either side lies within a year."""
    last = months(12).after(today)
    old, new = ({check.name: check for check in ahead.checks} for ahead in (before, after))
    for name in dict.fromkeys((*old, *new)):
        line = _check(name, old.get(name), new.get(name))
        if any(day and day <= last for day in (line.before, line.after)):
            yield line
    if before.review_on or after.review_on:
        yield Moved(REVIEW, before.review_on, after.review_on)


def _check(name: str, old: LabCheck | None, new: LabCheck | None) -> Moved:
    window = (new.opens_on, new.closes_on) if new else ()
    return Moved(f"Blood test, {lab_name(name)}", old and old.due_on, new and new.due_on, *window)


def _places(booked: list[Appointment], after: Ahead) -> Iterable[Place]:
    """Judge each booked place by the window of what it would serve, in the order of their days."""
    left = list(after.in_a_year)
    for booking in sorted(booked, key=lambda each: (each.on, each.at)):
        if booking.subject == Appointment.Subject.LAB:
            yield _lab_place(booking, after)
            continue
        dose = _served(booking.on, left)
        if dose is None:
            yield Place(booking, fits=False, why="no injection is due any more")
            continue
        left.remove(dose)
        fits, why = _against(booking.on, dose.opens_on, dose.closes_on)
        yield Place(booking, fits, why)


def _served(on: date, left: list[schedule.DueDose]) -> schedule.DueDose | None:
    """Give the dose a place would serve: a loading dose of that day, else the next one of maintenance, else the next."""
    that_day = (dose for dose in left if dose.phase is schedule.Phase.LOADING and dose.due_on == on)
    maintenance = (dose for dose in left if dose.phase is not schedule.Phase.LOADING)
    return next(that_day, None) or next(maintenance, None) or next(iter(left), None)


def _lab_place(booking: Appointment, after: Ahead) -> Place:
    judged = [(check, *_against(booking.on, check.opens_on, check.closes_on)) for check in after.checks]
    if not judged:
        return Place(booking, fits=False, why="no blood test is due any more")
    fitting = next((each for each in judged if each[1]), None)
    _check, fits, why = fitting or judged[0]
    return Place(booking, fits, why)


def _against(on: date, opens_on: date, closes_on: date) -> tuple[bool, str]:
    if opens_on <= on <= closes_on:
        return True, "in the window"
    if on < opens_on:
        return False, _days(opens_on - on, "before the window opens")
    return False, _days(on - closes_on, "after the window closes")


def _days(time: timedelta, words: str) -> str:
    return f"{time.days} day{'s' if time.days > 1 else ''} {words}"
