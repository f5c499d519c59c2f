"""Brings the lines of a file into the clinic, a batch at a time: each batch lands whole or not at all.

A second run adds nothing twice: a record number that is in the clinic already is left as it is, and told.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date
from itertools import islice

from django.db import DataError, IntegrityError

from patients import audit
from patients.models import Clinic, User
from regimens.imports.checking import NewPatient, checked
from regimens.imports.known import Known, known, national_id_of, person_of
from regimens.imports.proposals import proposed
from regimens.imports.reading import Row
from regimens.imports.remarks import Remark
from regimens.imports.rows import patient_row, rows_of
from regimens.imports.values import How
from regimens.services.in_bulk import write_patients

BATCH = 200  # a nurse's save waits for one batch on SQLite, well under a second
Landed = tuple[list, list[Remark]]  # the rows of one patient, and what is to be said of them


@dataclass
class Landing:
    """One run over the lines of a file, and what became of them so far. `today` is the clinic's day."""

    clinic: Clinic
    today: date
    how: How = How()
    dry_run: bool = False
    imported_by: User | None = None
    landed: int = 0
    known: int = 0
    refused: int = 0
    _lines: dict[int, int] = field(default_factory=dict)  # hash of a number, identifier or person -> line

    def run(self, rows: Iterable[Row | Remark]) -> Iterator[Remark]:
        """Land every good line and yield a remark for every cell that is wrong or worth a look, in order of lines."""
        rows = iter(rows)
        while batch := list(islice(rows, BATCH)):
            yield from sorted(self._batch(batch), key=lambda remark: remark.line)
        if not self.dry_run:
            counts = {"landed": self.landed, "known": self.known, "refused": self.refused}
            audit.record(self.imported_by, "imported a list", clinic=self.clinic, **counts)

    @property
    def lines(self) -> int:
        """How many lines were looked at."""
        return self.landed + self.known + self.refused

    def _batch(self, batch: list[Row | Remark]) -> list[Remark]:
        remarks, good = [], []
        for row in batch:
            new, said = (None, [row]) if isinstance(row, Remark) else checked(row, self.today, self.how)
            said = said or self._seen_before(new)
            remarks += said
            if any(remark.refuses for remark in said):
                self.refused += 1
            else:
                good.append(new)
        remarks += self._land(good)
        return remarks

    def _seen_before(self, new: NewPatient) -> list[Remark]:
        """Say where the file has this number, identifier or person already; only the person may be two people."""
        number, national_id, who = ("number", new.record_number), national_id_of(new), person_of(new)
        if line := self._lines.get(hash(number)):
            return [Remark(new.line, "record_number", f"stands in line {line} already")]
        if national_id and (line := self._lines.get(hash(national_id))):
            return [Remark(new.line, "national_id", f"stands in line {line} already")]
        namesake = self._lines.get(hash(who))
        for key in (number, national_id, who):
            self._lines.setdefault(hash(key), new.line)
        if namesake:
            return [_perhaps_twice(new, f"line {namesake}")]
        return []

    def _land(self, good: list[NewPatient]) -> list[Remark]:
        """Write those who are new, and give what is to be said of each."""
        here, remarks, ready = known(self.clinic, good), [], []
        for new in good:
            if new.record_number in here.by_number or national_id_of(new) in here.by_national_id:
                remarks += self._already_here(new, here)
                continue
            rows, said = self._prepare(new, here)
            remarks += said
            ready.append((new, rows))
        if self.dry_run:
            self.landed += len(ready)
            return remarks
        try:
            write_patients((row for _new, rows in ready for row in rows), self.today)
        except (IntegrityError, DataError):
            return remarks + [said for new, _rows in ready for said in self._land_alone(new)]
        self.landed += len(ready)
        return remarks

    def _already_here(self, new: NewPatient, here: Known) -> list[Remark]:
        patient = here.by_number.get(new.record_number)
        if patient is None:
            self.refused += 1
            number = here.by_national_id[national_id_of(new)]
            return [Remark(new.line, "national_id", f"belongs to record {number} of this clinic")]
        if patient.born_on != new.contact["born_on"]:
            self.refused += 1
            other = f"belongs to a patient of this clinic who was born on {patient.born_on}, not {new.contact['born_on']}"
            return [Remark(new.line, "record_number", other)]
        self.known += 1
        differences = ", ".join(here.differences(new))
        if not differences:
            return []
        return [
            Remark(
                new.line, "", f"known already, differs in {differences}; nothing was changed", refuses=False
            )
        ]

    def _prepare(self, new: NewPatient, here: Known) -> Landed:
        patient = patient_row(new, self.clinic, self.imported_by)
        decided = proposed(patient, new, self.today, self.clinic.days)
        said = [Remark(new.line, column, text, refuses=False) for column, text in decided.notes]
        if number := here.by_person.get(person_of(new)):
            said.append(_perhaps_twice(new, f"record {number}"))
        return list(rows_of(patient, new, decided, self.today, self.imported_by)), said

    def _land_alone(self, new: NewPatient) -> list[Remark]:
        """Land one patient of a batch that could not be written whole: somebody registered one of them meanwhile."""
        here = known(self.clinic, [new])
        if new.record_number in here.by_number or national_id_of(new) in here.by_national_id:
            return self._already_here(new, here)
        rows, _said = self._prepare(new, here)
        try:
            write_patients(rows, self.today)
        except (IntegrityError, DataError) as error:
            self.refused += 1
            return [Remark(new.line, "", f"the database refused it: {str(error).splitlines()[0]}")]
        self.landed += 1
        return []


def _perhaps_twice(new: NewPatient, where: str) -> Remark:
    text = f"same name and day of birth as {where}; is it the same person?"
    return Remark(new.line, "family_name", text, refuses=False)
