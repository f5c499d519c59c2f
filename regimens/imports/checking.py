"""Turns a line of cells into a patient to be written, or into every reason why it cannot be; no database here."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum

from patients.models import Patient
from patients.models.facts import Topic
from patients.national_ids import SYSTEMS
from regimens.imports import columns
from regimens.imports.columns import COLUMNS, WHO
from regimens.imports.reading import Row
from regimens.imports.remarks import Remark, quoted
from regimens.imports.values import NOT_KNOWN, How, is_not_known, tidied
from regimens.protocol import catalogue
from regimens.protocol.entries import Loading
from regimens.protocol.intervals import Interval

OLDEST_AGE = 120


class Stage(StrEnum):
    """Where a patient stands on the day of the import."""

    NOT_STARTED = columns.NOT_STARTED
    LOADING = columns.LOADING
    DAILY_LOADING = columns.DAILY_LOADING
    MAINTENANCE = columns.MAINTENANCE
    TABLETS = columns.TABLETS

    @property
    def is_loading(self) -> bool:
        """Loading has begun and goes on."""
        return self in (Stage.LOADING, Stage.DAILY_LOADING)


@dataclass(frozen=True, slots=True)
class NewPatient:
    """One line that can be written. `contact` holds columns of Patient; a fact answered with None is “not known”."""

    line: int
    contact: dict[str, object]
    stage: Stage = Stage.NOT_STARTED
    status: str = Patient.Status.ACTIVE
    status_on: date | None = None
    email_consent: bool | None = None
    email_confirmed_on: date | None = None
    doses: tuple[date, ...] = ()
    last_dose_unknown: bool = False
    treated_since_on: date | None = None
    interval: Interval | None = None
    doses_from: str = ""
    facts_on: date | None = None
    answers: dict[str, object] = field(default_factory=dict)

    @property
    def record_number(self) -> str:
        """The clinic's own number."""
        return self.contact["record_number"]

    @property
    def is_treated(self) -> bool:
        """Treatment goes on: this patient must not be without a next date."""
        return self.stage is not Stage.NOT_STARTED and self.status == Patient.Status.ACTIVE


def checked(row: Row, today: date, how: How) -> tuple[NewPatient | None, list[Remark]]:
    """Give the patient of a line, or None and every remark that refuses it. Days are compared with the clinic's today."""
    found, remarks = _read(row, how)
    remarks += [Remark(row.line, column, text) for column, text in _contradictions(found, today)]
    if remarks:
        return None, remarks
    return _patient(row.line, found, today), []


def _read(row: Row, how: How) -> tuple[dict[str, object], list[Remark]]:
    """Read every cell that is filled; one that says “not known” of anything but a clinical question is empty."""
    found, remarks = {}, []
    for name, cell in row.cells.items():
        column = COLUMNS[name]
        try:
            text = tidied(cell)
            if text and (column.topic or name == "last_dose" or not is_not_known(text)):
                found[name] = column.reads(text, how)
            elif column.filled:
                raise ValueError("must be filled in")
        except ValueError as error:
            remarks.append(Remark(row.line, name, str(error)))
            found[name] = _UNREADABLE
    return found, remarks


class _Unreadable:
    """Stands for a cell that was refused already, so that no second remark is made of it."""


_UNREADABLE = _Unreadable()


def _contradictions(found: dict, today: date) -> Iterator[tuple[str, str]]:
    """Yield what cells say against each other, or against the calendar; unreadable cells are left out."""
    known = {name: value for name, value in found.items() if value is not _UNREADABLE}
    # A rule that misses a cell because it was unreadable says nothing: the cell was reported.
    blank = {name for name in COLUMNS if name not in found}
    yield from _days_in_order(known, today)
    yield from _who(known, blank)
    yield from _doses(known, today)
    if isinstance(found.get("stage", columns.NOT_STARTED), str):
        yield from _stage(Stage(found.get("stage", columns.NOT_STARTED)), known, blank)


def _days_in_order(known: dict, today: date) -> Iterator[tuple[str, str]]:
    born_on = known.get("born_on")
    for name in ("born_on", "email_confirmed_on", "status_on", "treated_since", "facts_on", "last_dose"):
        value = known.get(name)
        if isinstance(value, date) and value > today:
            yield name, f"{value} has not come yet"
        elif isinstance(value, date) and born_on and value < born_on:
            yield name, f"{value} is before the birth"
    if born_on and born_on <= today and today.year - born_on.year > OLDEST_AGE:
        yield "born_on", f"{born_on} is more than {OLDEST_AGE} years ago"


def _who(known: dict, blank: set[str]) -> Iterator[tuple[str, str]]:
    if "national_id" in known and "national_id_system" in blank:
        yield "national_id_system", f"must say which identifier it is: {', '.join(SYSTEMS)}"
    if "national_id_system" in known and "national_id" in blank:
        yield "national_id", "is empty, though its system is named"
    if "national_id" in known and "national_id_system" in known:
        title, holds = SYSTEMS[known["national_id_system"]]
        if not holds(known["national_id"]):
            yield "national_id", f"{quoted(known['national_id'])} is not a valid {title}"
    if "email_confirmed_on" in known and "email" in blank:
        yield "email_confirmed_on", "there is no address to be confirmed"
    left = known.get("status", Patient.Status.ACTIVE) != Patient.Status.ACTIVE
    if left and "status_on" in blank:
        yield "status_on", "must say when, for a patient who left or died"
    if "status_on" in known and not left and "status" not in _unreadable(known, blank):
        yield "status_on", "belongs to a patient who left or died"


def _unreadable(known: dict, blank: set[str]) -> set[str]:
    return set(COLUMNS) - set(known) - blank


def _doses(known: dict, today: date) -> Iterator[tuple[str, str]]:
    doses, last = known.get("doses", ()), known.get("last_dose")
    born_on = known.get("born_on")
    for day in doses:
        if day > today:
            yield "doses", f"{day} has not come yet"
        elif born_on and day < born_on:
            yield "doses", f"{day} is before the birth"
        elif known.get("status") and known.get("status_on") and day > known["status_on"]:
            yield "doses", f"{day} is after the patient left or died"
    if doses and isinstance(last, date) and last < doses[-1]:
        yield "last_dose", f"{last} is before a dose that is listed, {doses[-1]}"
    first = min([*doses, *([last] if isinstance(last, date) else [])], default=None)
    if first and known.get("treated_since") and known["treated_since"] > first:
        yield "treated_since", f"{known['treated_since']} is after a dose that was given, {first}"


def _stage(stage: Stage, known: dict, blank: set[str]) -> Iterator[tuple[str, str]]:
    """Yield what does not go with where the patient is said to stand."""
    any_dose = "doses" in known or "last_dose" in known
    if stage is Stage.NOT_STARTED and (any_dose or "interval" in known or "treated_since" in known):
        yield (
            "stage",
            "says that treatment has not started, but doses, a day or an interval are filled in; write "
            + ("loading, daily loading, maintenance or tablets"),
        )
    if stage is Stage.MAINTENANCE and {"doses", "last_dose"} <= blank:
        yield "last_dose", f"must say when the last dose was, or “{NOT_KNOWN[0]}”"
    if stage.is_loading:
        yield from _loading(stage, known, blank)


def _loading(stage: Stage, known: dict, blank: set[str]) -> Iterator[tuple[str, str]]:
    """A loading course goes on where it stands only if its doses and the state of the nerves are known (R-07, R-10)."""
    if "doses" in blank:
        yield "doses", "must list every loading dose given so far"
    if known.get("last_dose") == NOT_KNOWN[0]:
        yield "last_dose", "must be known of a patient in loading"
    neuro = known.get("neuro")
    if neuro is None and "neuro" not in _unreadable(known, blank):
        yield (
            "neuro",
            "must be none, present or severe for a patient in loading: it decides how loading goes on",
        )
    involved = neuro in ("present", "severe")
    if involved and stage is Stage.DAILY_LOADING:
        yield "stage", "ten daily doses are not given to a patient with nerve involvement; write loading"
    kind = Loading.DAILY_X10 if stage is Stage.DAILY_LOADING else Loading.STD_3X_WEEK_2W
    whole = catalogue.LOADINGS[kind].doses
    if neuro == "none" and len(known.get("doses", ())) >= whole:
        yield "stage", f"{len(known['doses'])} doses are listed, loading has {whole}; write maintenance"


def _patient(line: int, found: dict, today: date) -> NewPatient:
    last = found.get("last_dose")
    doses = set(found.get("doses", ())) | ({last} if isinstance(last, date) else set())
    own = ("email_confirmed_on", "email_consent", "status", "status_on")
    topics = {topic.value for topic in Topic}
    answers = {name: value for name, value in found.items() if name in topics}
    if "treated_since" in found:
        answers[Topic.PRIOR_TREATMENT.value] = found["treated_since"].isoformat()
    return NewPatient(
        line=line,
        contact={name: found[name] for name in WHO if name in found and name not in own},
        stage=Stage(found.get("stage", columns.NOT_STARTED)),
        status=found.get("status", Patient.Status.ACTIVE),
        status_on=found.get("status_on"),
        email_consent=found.get("email_consent"),
        email_confirmed_on=found.get("email_confirmed_on"),
        doses=tuple(sorted(doses)),
        last_dose_unknown=last == NOT_KNOWN[0],
        treated_since_on=found.get("treated_since"),
        interval=found.get("interval"),
        doses_from=found.get("doses_from", ""),
        facts_on=found.get("facts_on", today),
        answers=answers,
    )
