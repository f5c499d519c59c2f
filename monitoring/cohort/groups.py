"""A list behind a number, and a whole that is shared out into parts which add up to it."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date

from django.db.models import Case, CharField, Count, F, QuerySet, Value, When

from monitoring.cohort.scope import Scope
from patients.templatetags.wording import day
from regimens.models import Course
from regimens.models.course import EndReason

COURSE = {
    name: F(name)
    for name in ("phase", "next_due_on", "missed_lab_due_on", "last_given_on", "paused_until", "end_reason")
}
Cells = Callable[[dict, date], tuple[str, ...]]


def of_a_course(row: dict, today: date) -> tuple[str, ...]:
    """Give the cells of a treatment: its phase with the next date, how late, and the last injection."""
    return (
        _phase(row, today),
        _late(row, today),
        day(row["last_given_on"]) if row["last_given_on"] else "None yet",
    )


def _phase(row: dict, today: date) -> str:
    if row["end_reason"]:
        return f"Ended: {EndReason(row['end_reason']).label}"
    if row["paused_until"] and row["paused_until"] > today:
        return f"Paused until {day(row['paused_until'])}"
    return f"{Course.Phase(row['phase']).label}, next due {day(row['next_due_on'])}"


def _late(row: dict, today: date) -> str:
    if row["end_reason"] or (row["paused_until"] and row["paused_until"] > today):
        return "Not late"
    due_on = row["next_due_on"]
    if row["phase"] == Course.Phase.ORAL and row["missed_lab_due_on"]:
        due_on = row["missed_lab_due_on"]
    late = (today - due_on).days
    return f"{late} day{'' if late == 1 else 's'} past its date" if late > 0 else "Not late"


@dataclass(frozen=True)
class Group:
    """The rows behind one number, in the order of one date. `dated` says what that date is.

    order: the expression of that date, or a function that gives it for a scope.
    """

    word: str
    title: str
    rows: Callable[[Scope], QuerySet]
    dated: str = "Next due"
    order: object = field(default_factory=lambda: F("next_due_on"))
    patient: str = "patient_id"
    headings: tuple[str, ...] = ("Phase", "Late by", "Last injection")
    columns: dict[str, object] = field(default_factory=lambda: COURSE)
    cells: Cells = of_a_course

    def values(self, scope: Scope) -> QuerySet:
        """Give the rows as plain values, with the patient and the date they are listed by."""
        named = {f"shown_{name}": value for name, value in {"who": F(self.patient), **self.columns}.items()}
        order = self.order(scope) if callable(self.order) else self.order
        rows = self.rows(scope).annotate(ordered_on=order, **named)
        return rows.values("pk", "ordered_on", *named)

    def shown(self, values: dict, today: date) -> tuple[str, ...]:
        """Give the cells of one row."""
        row = {name.removeprefix("shown_"): value for name, value in values.items()}
        return self.cells(row, today)


@dataclass(frozen=True)
class Part:
    """One part of a whole: its word in addresses, its title, and which rows it holds."""

    word: str
    title: str
    holds: Callable[[Scope], object]


@dataclass(frozen=True)
class Number:
    """One count: what it counts, how many, and the word of the list behind it."""

    title: str
    count: int
    word: str = ""


@dataclass(frozen=True)
class Shared:
    """A whole as it was counted. `unplaced` stand in no part: then something is wrong."""

    title: str
    word: str
    parts: tuple[Number, ...]
    unplaced: int

    @property
    def total(self) -> int:
        """All of them, each counted once."""
        return sum(part.count for part in self.parts) + self.unplaced

    def of(self, *words: str) -> int:
        """How many stand in the parts of these words together."""
        return sum(part.count for part in self.parts if part.word.removeprefix(f"{self.word}-") in words)


@dataclass(frozen=True)
class Whole:
    """Rows that are shared out into parts; every number of it has its list."""

    word: str
    title: str
    rows: Callable[[Scope], QuerySet]
    parts: tuple[Part, ...]
    listing: dict[str, object] = field(default_factory=dict)

    def count(self, scope: Scope) -> Shared:
        """Count the parts in one statement, so that no row moves between two counts."""
        shared = dict(
            self.rows(scope)
            .annotate(part=self.part_of(scope))
            .order_by()
            .values_list("part")
            .annotate(n=Count("pk"))
        )
        return self.shared(shared)

    def shared(self, counted: dict[str, int]) -> Shared:
        """Lay out {word of a part: how many}."""
        parts = tuple(
            Number(part.title, counted.get(part.word, 0), f"{self.word}-{part.word}") for part in self.parts
        )
        return Shared(self.title, self.word, parts, counted.get("", 0))

    def part_of(self, scope: Scope) -> Case:
        """Give the word of the part a row stands in; empty where it stands in none."""
        return word_of(self.parts, scope)

    def groups(self) -> list[Group]:
        """Give the list behind each number."""
        whole = Group(self.word, self.title, self.rows, **self.listing)
        return [whole, *(self._group(part) for part in self.parts)]

    def _group(self, part: Part) -> Group:
        return Group(
            f"{self.word}-{part.word}",
            f"{self.title}: {part.title.lower()}",
            lambda scope: self.rows(scope).filter(part.holds(scope)),
            **self.listing,
        )


def word_of(parts: tuple[Part, ...], scope: Scope) -> Case:
    """Give the word of the first part that holds a row; empty where none does."""
    whens = [When(part.holds(scope), then=Value(part.word)) for part in parts]
    return Case(*whens, default=Value(""), output_field=CharField())
