"""What happened to one patient, as marks for the axis: one query for each lane, whatever the length of the story."""

from collections.abc import Iterator
from datetime import date
from functools import cached_property

from django.db.models import Min, OuterRef, Subquery
from django.db.models.functions import TruncDate

from monitoring.axis import kinds
from monitoring.axis.kinds import Bar, Mark
from monitoring.axis.span import A_DAY, Span
from monitoring.leases import Cause, State
from monitoring.message_rules import Purpose, Subject
from monitoring.models import Call, Message
from monitoring.models.call import Outcome
from monitoring.timeline import in_time, symptoms_said
from patients.models import Clinic, Patient, Result, SymptomReport
from patients.models.symptoms import SYMPTOMS, Change
from patients.templatetags.wording import day
from regimens import words
from regimens.course_values import NEURO_REVIEW
from regimens.models import Appointment, Course, Decision, Injection, NotGiven, Plan
from regimens.protocol.doses import days_since_dose
from regimens.protocol.entries import Route

DOSE_COLUMNS = (
    "given_on",
    "number",
    "due_on",
    "window_opens_on",
    "window_closes_on",
    "counts",
    "partial",
    "voided_at",
    "source",
)


class Doses:
    """Every injection of a patient, oldest first; one query. The other lanes and the plots ask it for days."""

    def __init__(self, keys: tuple[int, ...]):
        rows = Injection.objects.filter(patient__in=keys).order_by("given_on", "id")
        self.rows = list(rows.values_list(*DOSE_COLUMNS, named=True))

    @cached_property
    def standing(self) -> list[date]:
        """The days of all needles that were not voided."""
        return [row.given_on for row in self.rows if row.voided_at is None]

    @cached_property
    def counting(self) -> list[date]:
        """The days of the doses that move the schedule."""
        return [row.given_on for row in self.rows if row.voided_at is None and row.counts]

    def marks(self, span: Span) -> Iterator[Mark]:
        """Yield a mark for each injection on the line."""
        for row in self.rows:
            if span.holds(row.given_on):
                yield Mark(row.given_on, kind := _kind_of_dose(row), _of_dose(row, kind))


def _of_dose(row, kind: kinds.Kind) -> str:
    said = [f"dose {row.number}" if row.number else "injection", "partial" if row.partial else ""]
    if row.source != Injection.Source.CLINIC:
        said.append(Injection.Source(row.source).label.lower())
    placed = in_time(row) if kind in (kinds.IN_TIME, kinds.EARLY, kinds.LATE) else ""
    said.append(f"{placed[:1].lower()}{placed[1:]}" if placed else kind.word)
    return ", ".join(filter(None, said))


def _kind_of_dose(row) -> kinds.Kind:
    if row.voided_at is not None:
        return kinds.VOIDED
    if not row.counts:
        return kinds.UNCOUNTED
    if row.window_opens_on is None:
        return kinds.WINDOWLESS
    if row.given_on < row.window_opens_on:
        return kinds.EARLY
    return kinds.LATE if row.given_on > row.window_closes_on else kinds.IN_TIME


def first_day(keys: tuple[int, ...]) -> date | None:
    """Give the first day on which anything is on record for a patient; one query."""
    sources = (
        (Injection, "given_on"),
        (Result, "collected_on"),
        (SymptomReport, "reported_on"),
        (Course, "opened_on"),
    )
    earliest = {
        f"first_{number}": Subquery(
            model.objects.filter(patient__in=keys)
            .order_by()
            .values(one=OuterRef("pk"))
            .annotate(day=Min(column))
            .values("day")
        )
        for number, (model, column) in enumerate(sources)
    }
    days = Patient.objects.filter(pk=keys[0]).values_list(*earliest.values())[0]
    return min((day for day in days if day), default=None)


def not_given(keys: tuple[int, ...], span: Span) -> Iterator[Mark]:
    """Yield the planned doses that were not given, and why."""
    rows = NotGiven.objects.standing().filter(patient__in=keys, on__range=(span.first, span.last))
    for on, reason, note in rows.order_by("on", "id").values_list("on", "reason", "note"):
        said = f"not given: {NotGiven.Reason(reason).label.lower()}"
        yield Mark(on, kinds.NOT_GIVEN, f"{said} ({note})" if note else said)


def plans(keys: tuple[int, ...], clinic: Clinic, span: Span) -> tuple[list[Mark], list[Bar]]:
    """Give the plans with the days they were in force, pauses, reviews and the end; three queries."""
    courses = list(Course.objects.filter(patient__in=keys).order_by("pk"))
    rows = (
        Plan.objects.filter(course__patient__in=keys)
        .defer("facts", "recommendation", "asked_for")
        .annotate(proposed_on=TruncDate("proposed_at", tzinfo=clinic.zone))
        .annotate(superseded_on=TruncDate("superseded_at", tzinfo=clinic.zone))
        .order_by("course", "version")
    )
    ends = {course.pk: course.ended_on for course in courses}
    marks, bars = [], []
    for plan in rows:
        marks.append(_of_plan(plan))
        if plan.is_signed:
            until = min(plan.superseded_on or date.max, ends[plan.course_id] or date.max)
            bars.append(Bar(plan.signed_on, max(until, plan.signed_on), "plan", _how_often(plan)))
    marks += _reviews(keys, span)
    for course in courses:
        if course.paused_on:
            bars.append(Bar(course.paused_on, course.paused_until - A_DAY, "pause", "paused"))
            said = f"paused until {day(course.paused_until)}: {course.pause_reason}"
            marks.append(Mark(course.paused_on, kinds.PAUSED, said))
        if course.ended_on:
            marks.append(
                Mark(course.ended_on, kinds.ENDED, f"treatment ended: {course.get_end_reason_display()}")
            )
    return [mark for mark in marks if span.holds(mark.on)], bars


def _of_plan(plan: Plan) -> Mark:
    said = _how_often(plan)
    if plan.is_signed:
        return Mark(plan.signed_on, kinds.SIGNED, f"plan {plan.version} signed: {said}")
    return Mark(plan.proposed_on, kinds.PROPOSED, f"plan {plan.version} proposed: {said}")


def _how_often(plan: Plan) -> str:
    how_often = words.maintenance(plan)
    return f"tablets, {how_often}" if plan.route == Route.ORAL else how_often


def _reviews(keys: tuple[int, ...], span: Span) -> Iterator[Mark]:
    rows = Decision.objects.filter(
        patient__in=keys, code=NEURO_REVIEW, decided_on__range=(span.first, span.last)
    )
    for on, outcome in rows.order_by("decided_on", "id").values_list("decided_on", "outcome"):
        yield Mark(on, kinds.REVIEWED, f"neurological review: {outcome.replace('_', ' ')}")


def symptoms(keys: tuple[int, ...], span: Span, needles: list[date]) -> Iterator[Mark]:
    """Yield what the patient reported, each with the days since the injection before it."""
    rows = SymptomReport.objects.standing().filter(
        patient__in=keys, reported_on__range=(span.first, span.last)
    )
    columns = ("reported_on", "neurological_return", "note", *SYMPTOMS)
    for row in rows.order_by("reported_on", "id").values_list(*columns, named=True):
        days = days_since_dose(needles, row.reported_on)
        since = "" if days is None else f" ({days} day{'' if days == 1 else 's'} after an injection)"
        yield Mark(row.reported_on, _kind_of_report(row), f"{_of_report(row)}{since}")


def _of_report(row) -> str:
    """Say what was there; what was asked about and was not stands in the history."""
    answered = {name for name in SYMPTOMS if getattr(row, name)}
    there = symptoms_said(row, answered - {name for name in answered if getattr(row, name) == Change.NONE})
    return "; ".join(there) or (
        "none of the symptoms asked about" if answered else row.note or "nothing was asked"
    )


def _kind_of_report(row) -> kinds.Kind:
    if row.neurological_return:
        return kinds.RETURNED
    worse = {Change.WORSE, Change.NEW}.intersection(getattr(row, name) for name in SYMPTOMS)
    return kinds.WORSE if worse else kinds.REPORTED


LETTERS = {State.SENT: kinds.SENT, State.FAILED: kinds.UNSENT, State.IN_DOUBT: kinds.IN_DOUBT}


def letters(keys: tuple[int, ...], clinic: Clinic, span: Span) -> list[Mark]:
    """Give the letters at their end and the calls, by day; two queries. One that was kept back is no part of the story."""
    ended_on = TruncDate("ended_at", tzinfo=clinic.zone)
    rows = Message.objects.filter(patient__in=keys, state__in=LETTERS).annotate(went_on=ended_on)
    found = [
        Mark(on, LETTERS[state], _of_letter(subject, purpose, state, cause))
        for on, state, subject, purpose, cause in rows.filter(went_on__range=(span.first, span.last))
        .order_by("went_on", "id")
        .values_list("went_on", "state", "subject", "purpose", "cause")
    ]
    calls = Call.objects.standing().filter(patient__in=keys, called_on__range=(span.first, span.last))
    found += [
        Mark(on, kinds.PHONED, f"phoned: {Outcome(outcome).label.lower()}")
        for on, outcome in calls.order_by("called_on", "id").values_list("called_on", "outcome")
    ]
    return found


def _of_letter(subject: str, purpose: str, state: str, cause: str) -> str:
    became = {State.SENT: "sent", State.FAILED: "not sent", State.IN_DOUBT: "sent perhaps"}[state]
    why = f" ({Cause(cause).label})" if cause else ""
    return f"letter {became}: {Subject(subject).label}, {Purpose(purpose).label}".lower() + why


BOOKINGS = {
    Appointment.State.BOOKED: kinds.BOOKED,
    Appointment.State.KEPT: kinds.KEPT,
    Appointment.State.MOVED: kinds.MOVED,
    Appointment.State.CANCELLED: kinds.CANCELLED,
    Appointment.State.NO_SHOW: kinds.NO_SHOW,
}


def bookings(keys: tuple[int, ...], span: Span) -> Iterator[Mark]:
    """Yield the booked places, also those that were moved, cancelled or missed."""
    rows = Appointment.objects.filter(patient__in=keys, on__range=(span.first, span.last))
    for on, at, subject, state in rows.order_by("on", "at", "id").values_list("on", "at", "subject", "state"):
        said = f"{Appointment.Subject(subject).label}, {Appointment.State(state).label}".lower()
        yield Mark(on, BOOKINGS[state], f"{at:%H:%M} {said}")
