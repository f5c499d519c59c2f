"""What a decision that is not made yet would do to a patient's letters, by the rule table that the queue writes from.

`owed` asks the database about courses as they are. A preview has a course that is nowhere in it, so the same table is read
here from values; tests/monitoring/test_foreseen.py holds the two together over random courses.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from itertools import zip_longest

from django.db.models import F, Value

from monitoring.leases import LIVING, Cause, State
from monitoring.message_rules import RULES, CountedFrom, MessageRule, Purpose, Subject
from monitoring.messages.owed import STANDING
from monitoring.messages.silence import first_cause, silencing
from monitoring.models import Channel, Message
from regimens.course_values import CourseValues
from regimens.models import Appointment, Course
from regimens.services.outlook import outlook_as_written
from regimens.what_changes import Letter, Letters, Moved

MISSED = (Purpose.MISSED, Purpose.STILL_MISSED)


@dataclass(frozen=True, slots=True)
class Owed:
    """One letter that the table gives for a course, with the days between which it may go out."""

    subject: Subject
    purpose: Purpose
    due_on: date
    round: int
    opens_on: date
    closes_on: date | None

    @property
    def words(self) -> str:
        """What it is, as the list of messages names it."""
        return f"{self.subject.label}: {self.purpose.label.lower()}"

    def key(self, course: int) -> str:
        """The key under which the queue writes it (monitoring.messages.owed)."""
        return f"{course}:{self.subject}:{self.due_on}:{self.purpose}:{Channel.EMAIL}:{self.round}"

    def is_owed(self, day: date) -> bool:
        """Its window is open on this day."""
        return self.opens_on <= day and self.may_still_go(day)

    def may_still_go(self, day: date) -> bool:
        """Its window has not closed before this day."""
        return self.closes_on is None or self.closes_on >= day


def foresee(before: CourseValues, after: CourseValues, day: date) -> Letters:
    """Tell what becomes of the letters of a course if it stood as `after`; four queries."""
    course = before.course.pk
    booked = list(Appointment.objects.filter(course=course, state__in=STANDING)) if course else []
    old = list(letters_for(before, booked))
    new = list(letters_for(after, () if after.course.ended_on else booked))
    rows = {row.key: row for row in Message.objects.filter(course=course)} if course else {}
    owed = {letter.key(course): letter for letter in new if letter.is_owed(day)}
    silent = {subject: _silence(course, subject, after, day) for subject in Subject}
    return Letters(
        withdrawn=tuple(
            Letter(_words(row), row.due_on)
            for key, row in rows.items()
            if row.state in LIVING and (key not in owed or silent[row.subject])
        ),
        written=tuple(
            Letter(letter.words, letter.due_on, day)
            for key, letter in owed.items()
            if not silent[letter.subject] and (key not in rows or rows[key].state == State.SUPPRESSED)
        ),
        told=tuple(
            Letter(_words(row), row.due_on, row.ended_at.date())
            for row in rows.values()
            if row.state == State.SENT and not row.round and _no_longer(row, old, new)
        ),
        coming=tuple(_coming(old, new, day)),
        silent_because=silent[Subject.DOSE],
    )


def letters_for(values: CourseValues, booked: Iterable[Appointment]) -> Iterator[Owed]:
    """Yield every letter that the rule table gives for a course with these places, whatever the day."""
    outlook = outlook_as_written(values)
    if not values.current.is_signed:
        return
    for rule in RULES:
        if outlook["phase"] not in rule.phases or (rule.subject == Subject.DOSE and values.course.ended_on):
            continue
        serving = [place for place in booked if place.subject == rule.subject and _serves(place, outlook)]
        about = _booked(rule, serving) if rule.counted_from.is_booked else _unbooked(rule, serving, outlook)
        for counted_from_on, due_on, round_ in about:
            yield Owed(
                rule.subject,
                rule.purpose,
                due_on,
                round_,
                rule.opens_on(counted_from_on),
                rule.closes_on(counted_from_on),
            )


def _unbooked(rule: MessageRule, serving: list, outlook: dict) -> Iterator[tuple[date, date, int]]:
    """Yield what the window is counted from and the clinical date, where nothing is booked for it."""
    oldest_check = outlook["missed_lab_due_on"] or outlook["lab_due_on"]
    counted, clinical = {
        (Subject.DOSE, CountedFrom.DUE_DATE): (outlook["next_due_on"], outlook["next_due_on"]),
        (Subject.DOSE, CountedFrom.WINDOW_END): (outlook["window_closes_on"], outlook["next_due_on"]),
        (Subject.LAB, CountedFrom.DUE_DATE): (outlook["lab_due_on"], outlook["lab_due_on"]),
        (Subject.LAB, CountedFrom.MISSED_CHECK): (oldest_check, oldest_check),
    }[rule.subject, rule.counted_from]
    if counted and not serving:
        yield counted, clinical, 0


def _booked(rule: MessageRule, serving: list[Appointment]) -> Iterator[tuple[date, date, int]]:
    """Yield each place that serves; a missed one only where it is the latest for the earliest date."""
    if rule.counted_from is not CountedFrom.MISSED_BOOKING:
        for place in serving:
            if place.state == Appointment.State.BOOKED:
                yield place.on, place.due_on, place.round
        return
    for place in serving:
        if not any(
            other.due_on < place.due_on or (other.due_on == place.due_on and other.round > place.round)
            for other in serving
        ):
            yield place.on, place.due_on, place.round


def _serves(place: Appointment, outlook: dict) -> bool:
    """The same question as monitoring.messages.owed._serves, of values."""
    if place.subject == Subject.DOSE:
        return _reaches(place.due_on, outlook["next_due_on"]) or _reaches(
            place.on, outlook["window_opens_on"]
        )
    return (
        place.due_on == outlook["missed_lab_due_on"]
        or _reaches(place.due_on, outlook["lab_due_on"])
        or _reaches(place.on, outlook["lab_opens_on"])
    )


def _reaches(day: date, limit: date | None) -> bool:
    return limit is not None and day >= limit


def _silence(course: int | None, subject: Subject, after: CourseValues, day: date) -> str:
    """Say why this patient would get no letter whatever it is about; empty where one may go out."""
    if after.course.paused_until and after.course.paused_until > day:
        return str(Cause.PAUSED.label)
    asked = Course.objects.filter(pk=course).annotate(course=F("pk"), subject=Value(subject.value))
    cause = asked.values_list(first_cause(silencing(day)), flat=True).first()
    return str(Cause(cause).label) if cause and cause != Cause.PAUSED else ""


def _no_longer(row: Message, old: list[Owed], new: list[Owed]) -> bool:
    """The letter named a date that was the next one and would not be."""
    return any(each.subject == row.subject and each.due_on == row.due_on for each in old) and not any(
        each.subject == row.subject and each.due_on == row.due_on for each in new
    )


def _coming(old: list[Owed], new: list[Owed], day: date) -> Iterator[Moved]:
    """Pair the letters still to come by what they are, the first with the first."""
    before, after = _by_words(old, day), _by_words(new, day)
    for words in dict.fromkeys((*before, *after)):
        for was, will_be in zip_longest(before.get(words, ()), after.get(words, ())):
            yield Moved(words, was, will_be)


def _by_words(letters: list[Owed], day: date) -> dict[str, list[date]]:
    found = defaultdict(list)
    for each in sorted(letters, key=lambda letter: letter.opens_on):
        if each.purpose not in MISSED and each.may_still_go(day):
            found[each.words].append(each.opens_on)
    return found


def _words(row: Message) -> str:
    return f"{row.get_subject_display()}: {row.get_purpose_display().lower()}"
