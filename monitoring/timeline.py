"""The story of one patient, newest first: everything given, decided, measured, reported and booked, by key."""

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from heapq import merge
from itertools import groupby, islice

from django.db.models import F, Q, QuerySet
from django.db.models.functions import Coalesce, TruncDate
from django.urls import reverse

from monitoring.leases import Cause, State
from monitoring.models import AskedCall, Call, Message
from patients.models import Clinic, Result, SymptomReport
from patients.models.symptoms import SYMPTOMS, Change
from patients.templatetags.wording import day
from regimens import words
from regimens.models import Appointment, BloodSample, Decision, Injection, NotGiven, Plan, Request
from regimens.protocol.codes import CODES

PAGE = 20
BY = ("recorded_by", "voided_by")


@dataclass(frozen=True)
class Entry:
    """One thing that happened. `key` is its place in the story: day, kind, row."""

    on: date
    rank: int
    pk: int
    tone: str
    what: str
    details: tuple[str, ...] = ()
    by: str = ""
    address: str = ""
    row: object = None

    @property
    def key(self) -> tuple[date, int, int]:
        """Newest first means the greatest key first."""
        return self.on, self.rank, self.pk

    @property
    def voided(self) -> bool:
        """Somebody marked the record as wrong; it stays visible."""
        return getattr(self.row, "voided_at", None) is not None


@dataclass(frozen=True)
class Source:
    """One kind of row: which rows, on which day, how told. `clinical` rows are not for every role."""

    rank: int
    rows: Callable[[tuple[int, ...]], QuerySet]
    day: object
    told: Callable[[object], dict]
    clinical: bool = True


def page_of(
    keys: tuple[int, ...], clinic: Clinic, *, clinical: bool, before: tuple[date, int, int] | None = None
) -> tuple[list[Entry], tuple[date, int, int] | None]:
    """Give one page of the story and the key from which the next goes on (None at its end); one query a kind."""
    sources = [source for source in SOURCES if clinical or not source.clinical]
    told = merge(
        *(_entries(source, keys, clinic, before) for source in sources), key=lambda e: e.key, reverse=True
    )
    entries = list(islice(told, PAGE + 1))
    more = entries[PAGE - 1].key if len(entries) > PAGE else None
    return _panels(entries[:PAGE]), more


def read_key(text: str) -> tuple[date, int, int] | None:
    """Read a key from an address; anything else is no key."""
    try:
        day, rank, pk = text.split(".")
        key = date.fromisoformat(day), int(rank), int(pk)
    except ValueError:
        return None
    return key if key[2] < 2**63 else None


def write_key(key: tuple[date, int, int]) -> str:
    """Write a key for an address: a date and numbers."""
    return f"{key[0].isoformat()}.{key[1]}.{key[2]}"


def _entries(source: Source, keys, clinic: Clinic, before) -> list[Entry]:
    rows = source.rows(keys).annotate(day=source.day(clinic) if callable(source.day) else F(source.day))
    if before:
        day, rank, pk = before
        earlier = Q(day__lt=day)
        if source.rank < rank:
            earlier |= Q(day=day)
        elif source.rank == rank:
            earlier |= Q(day=day, pk__lt=pk)
        rows = rows.filter(earlier)
    return [
        Entry(on=row.day, rank=source.rank, pk=row.pk, row=row, **source.told(row))
        for row in rows.order_by("-day", "-pk")[: PAGE + 1]
    ]


def _panels(entries: list[Entry]) -> list[Entry]:
    """Fold the standing results of one day into one entry."""
    folded = []
    for (rank, _on, voided), group in groupby(entries, key=lambda e: (e.rank, e.on, e.voided)):
        group = list(group)
        if rank != RESULTS or voided or len(group) == 1:
            folded += group
            continue
        first = group[0]
        details = tuple(entry.what for entry in group)
        folded.append(
            Entry(first.on, rank, first.pk, first.tone, "Results", details, first.by, row=first.row)
        )
    return folded


def _name(person) -> str:
    return person.shown_name() if person else ""


def in_time(dose: Injection) -> str:
    """Say how a dose, or a row with its dates, stood to its window, as that was known when it was recorded."""
    if dose.due_on is None:
        return ""
    if dose.given_on < dose.window_opens_on:
        return f"{_days(dose.window_opens_on - dose.given_on)} before its window"
    if dose.given_on > dose.window_closes_on:
        return f"{_days(dose.given_on - dose.window_closes_on)} after its window"
    return "In time"


def _days(span: timedelta) -> str:
    return f"{span.days} day{'' if span.days == 1 else 's'}"


def _injection(dose: Injection) -> dict:
    here = dose.source == Injection.Source.CLINIC
    number = f"Dose {dose.number}" if dose.number else "Dose"
    given = (
        f"{number}: {words.product(dose.product)} {dose.micrograms:,} micrograms {words.route(dose.route)}"
    )
    details = [
        "" if here else f"{dose.get_source_display()}: {dose.source_name}".strip(": "),
        in_time(dose),
        f"{dose.get_site_display()}{f': {dose.site_reason}' if dose.site_reason else ''}"
        if dose.site
        else "",
        f"Lot {dose.lot}" if dose.lot else "",
        "Only part of the dose went in" if dose.partial else "",
        "" if dose.counts else "Does not count",
        f"Incident: {', '.join(dose.incident_codes)}" if dose.incident_codes else "",
        f"Reaction: {dose.get_reaction_display()}" if dose.reaction != Injection.Reaction.NONE else "",
        "Haematoma" if dose.haematoma else "",
        dose.note,
    ]
    doubtful = dose.incident_codes or not dose.counts
    return {
        "tone": "hold" if doubtful else "good",
        "what": given,
        "details": tuple(detail for detail in details if detail),
        "by": _name(dose.given_by) or dose.given_by_name or _name(dose.recorded_by),
        "address": reverse("injection", args=(dose.patient_id, dose.pk)),
    }


def _not_given(row: NotGiven) -> dict:
    return {
        "tone": "warning",
        "what": f"Not given: {row.get_reason_display()}",
        "details": (row.note,) if row.note else (),
        "by": _name(row.recorded_by),
        "address": reverse("not_given", args=(row.patient_id, row.pk)),
    }


def _plan(plan: Plan) -> dict:
    state = "signed" if plan.is_signed else "proposed"
    said = [words.maintenance(plan).capitalize(), plan.reason, plan.signature_note]
    return {
        "tone": "alert",
        "what": f"Plan {plan.version} {state}: {plan.regimen.title}",
        "details": tuple(dict.fromkeys(text for text in said if text)),
        "by": _name(plan.signed_by or plan.proposed_by),
    }


def _result(row: Result) -> dict:
    value = f"{row.value.normalize():f}"
    return {
        "tone": "plain",
        "what": f"{row.get_analyte_display()} {row.comparator}{value} {row.unit}",
        "by": _name(row.recorded_by),
    }


def symptoms_said(report: SymptomReport, names: Collection[str] = SYMPTOMS) -> list[str]:
    """Write the answers of a report, or of a row with its columns: each of these symptoms that was asked about."""
    return [
        f"{name.replace('_', ' ').capitalize()}: {Change(answer).label.lower()}"
        for name in SYMPTOMS
        if name in names and (answer := getattr(report, name))
    ]


def _blood_sample(sample: BloodSample) -> dict:
    lost = f"Lost: {sample.lost_reason}" if sample.lost_at else ""
    check = f"Check {words.check(sample.check_name)}" if sample.check_name else ""
    return {
        "tone": "hold" if lost else "plain",
        "what": "Blood taken",
        "details": tuple(detail for detail in (check, sample.lab, lost, sample.note) if detail),
        "by": sample.taken_by_name or _name(sample.recorded_by),
        "address": reverse("blood_sample", args=(sample.patient_id, sample.pk)),
    }


def _symptoms(report: SymptomReport) -> dict:
    return {
        "tone": "block" if report.neurological_return else "plain",
        "what": "Symptoms",
        "details": (*symptoms_said(report), *([report.note] if report.note else [])),
        "by": _name(report.recorded_by) or "The patient",
    }


def _request(request: Request) -> dict:
    said = [CODES[code].message for code in request.codes if code in CODES]
    return {
        "tone": "hold",
        "what": f"A physician was asked: {request.get_kind_display().lower()}",
        "details": (*([request.text] if request.text else []), *said),
        "by": _name(request.raised_by),
    }


DECIDED = {
    "NEURO-REVIEW": "Neurological review",
    "LAB-WAIVED": "Blood test let go",
    "INCIDENT": "Incident decided",
    "STOP": "Treatment ended",
    "RESULT-REVIEW": "Result looked at",
    "merge": "Two records, perhaps one person",
    "UNMERGE": "Merged record",
}


def _decision(decision: Decision) -> dict:
    about = DECIDED.get(decision.code) or (
        CODES[decision.code].message if decision.code in CODES else f"Answered: {decision.code}"
    )
    return {
        "tone": "alert",
        "what": f"{about}: {decision.outcome.replace('_', ' ')}",
        "details": (decision.reason,) if decision.reason else (),
        "by": _name(decision.decided_by),
    }


def _appointment(booking: Appointment) -> dict:
    return {
        "tone": "plain",
        "what": f"Appointment at {booking.at:%H:%M}: {booking.get_state_display().lower()}",
        "details": tuple(
            filter(None, (booking.get_subject_display(), booking.get_cancelled_because_display()))
        ),
        "by": _name(booking.booked_by),
    }


LETTERS = {
    State.SENT: ("plain", "Letter sent"),
    State.FAILED: ("block", "Letter not sent"),
    State.IN_DOUBT: ("hold", "Letter sent perhaps"),
}


def _message(message: Message) -> dict:
    tone, became = LETTERS[message.state]
    about = f"{message.get_subject_display()}, {message.get_purpose_display()}".lower()
    return {
        "tone": tone,
        "what": f"{became}: {about}",
        "details": (str(Cause(message.cause).label),) if message.cause else (),
    }


def _letters(keys) -> QuerySet:
    """What became of letters; one that was kept back is no part of the story."""
    return Message.objects.filter(state__in=LETTERS, patient__in=keys)


def _ended_on(clinic: Clinic):
    """A letter's day: when it left or was given up."""
    return TruncDate("ended_at", tzinfo=clinic.zone)


def _call(call: Call) -> dict:
    again = f"Again on {day(call.again_on)}" if call.again_on else ""
    return {
        "tone": "plain",
        "what": f"Phoned: {str(call.get_outcome_display()).lower()}",
        "details": tuple(detail for detail in (call.note, again) if detail),
        "by": _name(call.called_by),
        "address": reverse("call", args=(call.patient_id, call.pk)),
    }


def _asked_call(asked: AskedCall) -> dict:
    who = "The patient asked to be phoned" if asked.by_patient else "To be phoned"
    return {
        "tone": "plain",
        "what": f"{who} from {day(asked.call_on)} on",
        "details": (asked.reason,),
        "by": _name(asked.asked_by),
    }


def _planned_on(clinic: Clinic):
    """A plan's day: when it was signed, else when it was proposed in the clinic's time zone."""
    return Coalesce("signed_on", TruncDate("proposed_at", tzinfo=clinic.zone))


def _of(model, *people) -> Callable[[tuple[int, ...]], QuerySet]:
    return lambda keys: model.objects.filter(patient__in=keys).select_related(*people)


def _plans(keys) -> QuerySet:
    return Plan.objects.filter(course__patient__in=keys).select_related("signed_by", "proposed_by")


RESULTS = 5
# On one day the later in this table stands first.
SOURCES: Iterable[Source] = (
    Source(0, _letters, _ended_on, _message, clinical=False),
    Source(1, _of(Appointment, "booked_by"), "on", _appointment, clinical=False),
    Source(2, _plans, _planned_on, _plan),
    Source(3, _of(Decision, "decided_by"), "decided_on", _decision),
    Source(4, _of(Request, "raised_by"), "raised_on", _request),
    Source(RESULTS, _of(Result, *BY), "collected_on", _result),
    Source(6, _of(SymptomReport, *BY), "reported_on", _symptoms),
    Source(7, _of(NotGiven, *BY), "on", _not_given),
    Source(8, _of(Injection, "given_by", *BY), "given_on", _injection),
    Source(9, _of(AskedCall, "asked_by", "voided_by"), "asked_on", _asked_call, clinical=False),
    Source(10, _of(Call, "called_by", "voided_by"), "called_on", _call, clinical=False),
    Source(11, _of(BloodSample, *BY), "taken_on", _blood_sample),
)
