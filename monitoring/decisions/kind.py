"""One kind of decision: which rows wait, how a row reads, which page settles it, and whether it can be put off."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from typing import NamedTuple

from django.db.models import Exists, F, OuterRef, QuerySet, Subquery

from patients.models import Clinic
from patients.paging import Order, row_number
from regimens.explained import cited
from regimens.models import Decision, Plan
from regimens.protocol.sources import Rule
from regimens.services.put_off import CODE
from regimens.to_decide import Named


class Act(NamedTuple):
    """A page about a row: its name, its label, its keys after the patient's."""

    name: str
    label: str
    keys: tuple = ()


@dataclass(frozen=True)
class About:
    """What a decision about a row names: its foreign key; with a course the code and the column of the date."""

    subject: str
    code: str = CODE
    passed_on: str = ""

    def later(self, today: date) -> QuerySet:
        """Give what puts a row off beyond today."""
        same = {self.subject: OuterRef("pk")}
        if self.passed_on:
            same["passed_on"] = OuterRef(self.passed_on)
        return Decision.objects.filter(until_on__gt=today, code=self.code, **same)


class Row(NamedTuple):
    """One thing to decide about one patient. `later`: until when it is put off, by whom, and why."""

    key: str
    patient: int
    family_name: str
    given_names: str
    born_on: date
    record_number: str
    what: str
    since: date | datetime
    codes: tuple[str, ...]
    rules: tuple[Rule, ...]
    act: Act
    put_off: Act | None
    later: tuple[date, int, str] | None = None


@dataclass(frozen=True)
class Kind:
    """One kind of decision. `rows` gives those of a clinic on a day that nobody has settled for good.

    since: the column they are ordered by. columns: those that `named` and `act` need. patient: the way to the patient.
    about: what puts a row off, with the word by which its page calls it; None where it is for today.
    """

    key: str
    title: str
    rows: Callable[[Clinic, date], QuerySet]
    since: str
    named: Callable[[dict, date], Named]
    act: Callable[[dict], Act]
    columns: tuple[str, ...] = ()
    patient: str = "patient"
    reads: Callable[[str], object] = date.fromisoformat
    about: About | None = None
    later_word: str = ""

    @property
    def same_day(self) -> bool:
        """It is decided today, and cannot be put off."""
        return self.about is None

    @property
    def order(self) -> Order:
        """Longest waiting first."""
        return Order((self.since, "pk"), (self.reads, row_number))

    def waiting(self, clinic: Clinic, today: date, signer=None) -> QuerySet:
        """Give the rows that stand in the queue; `signer`: only those of patients whose plan this person signed."""
        rows = self.rows(clinic, today)
        if self.about:
            rows = rows.filter(~Exists(self.about.later(today)))
        return rows.filter(self.signed_by(signer)) if signer else rows

    def put_off(self, clinic: Clinic, today: date) -> QuerySet:
        """Give the rows that are put off, each with the day it comes back."""
        if self.about is None:
            return self.rows(clinic, today).none()
        later = self.about.later(today).order_by("-pk")
        return self.rows(clinic, today).annotate(
            **{
                f"later_{name}": Subquery(later.values(name)[:1])
                for name in ("until_on", "decided_by", "reason")
            }
        )

    def signed_by(self, signer) -> Exists:
        """Keep the patients whose plan in force this person signed."""
        return Exists(
            Plan.objects.signed().filter(course__patient=OuterRef(f"{self.patient}_id"), signed_by=signer)
        )

    def values(self, rows: QuerySet, *more: str) -> QuerySet:
        """Give rows as plain values, with what identifies the patient."""
        names = ("pk", "family_name", "given_names", "born_on", "record_number")
        who = {f"patient_{name}": F(f"{self.patient}__{name}") for name in names}
        return rows.values("pk", self.since, *self.columns, *more, **who)

    def row(self, values: dict, today: date) -> Row:
        """Put the values of a row into words."""
        named = self.named(values, today)
        later = None
        if values.get("later_until_on"):
            later = (values["later_until_on"], values["later_decided_by"], values["later_reason"])
        return Row(
            f"{self.key}-{values['pk']}",
            values["patient_pk"],
            values["patient_family_name"],
            values["patient_given_names"],
            values["patient_born_on"],
            values["patient_record_number"],
            named.what,
            values[self.since],
            named.codes,
            cited(named.all_rules),
            self.act(values),
            self._put_off_act(values),
            later,
        )

    def _put_off_act(self, values: dict) -> Act | None:
        if self.about is None or not self.later_word:
            return None
        return Act("put_off_decision", "Put off", (self.later_word, values["pk"]))
