"""Results as a page shows them: as reported, converted, and what the protocol reads in them; never a “normal” in green."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from patients.models import ClinicalFact, Result
from patients.models.facts import Topic
from regimens.course_values import persons_of
from regimens.facts import measured
from regimens.models import Course, Injection
from regimens.protocol import catalogue, results
from regimens.protocol.codes import Finding
from regimens.protocol.levels import Band
from regimens.protocol.results import Reading, Treatment
from regimens.protocol.units import ANALYTES, Analyte

BANDS = {
    Band.DEFICIENT: "Before treatment: deficient",
    Band.INDETERMINATE: "Before treatment: indeterminate",
    Band.UNLIKELY: "Before treatment: deficiency unlikely",
}
TARGET = f"under {catalogue.HCY_TARGET.value} {catalogue.HCY_TARGET.unit}"
# The columns of a result that are read.
COLUMNS = (
    "pk", "patient_id", "analyte", "value", "unit", "comparator", "collected_on", "lab", "range_low", "range_high",
    "reviewed_at", "voided_at", "void_reason",
)  # fmt: skip


@dataclass(frozen=True)
class Shown:
    """One result for a table. `converted` is empty where the laboratory's unit is the protocol's own."""

    row: dict
    title: str
    reported: str
    converted: str
    lab_range: str
    # Whether it lies outside the laboratory's own range; None where that gave none, or a comparator leaves it open.
    is_outside: bool | None
    # The protocol's target, where it has one, to stand beside the laboratory's range.
    target: str
    said: str
    findings: tuple[Finding, ...]

    @property
    def seen(self) -> dict[str, object]:
        """What a physician who signs it off has seen, as plain values."""
        return {
            **{name: str(self.row[name]) for name in ("analyte", "value", "unit", "comparator")},
            "reported": self.reported,
            "converted": self.converted,
            "range": self.lab_range,
            "target": self.target,
            "said": self.said,
            "codes": [finding.code for finding in self.findings],
        }


class Treated:
    """What was given to one person, and their kidneys, to be asked for any day."""

    def __init__(self, doses, course: Course | None, answer: object, kidneys):
        # doses: (day, counts) of standing injections; kidneys: (value, unit, day, comparator); both oldest first.
        self._doses, self._course, self._answer = list(doses), course, answer
        self._kidneys = list(kidneys)

    def by(self, day: date) -> Treatment:
        """Give the treatment before a sample of that day; treated elsewhere is treated."""
        before = [(on, counts) for on, counts in self._doses if on <= day]
        counted = sum(counts for _on, counts in before)
        return Treatment(
            last_injection_on=before[-1][0] if before else None,
            doses_given=counted or (1 if self._elsewhere(day) else 0),
            loading_complete=self._is_loaded,
            egfr=next((measured(*found) for found in reversed(self._kidneys) if found[2] <= day), None),
        )

    @property
    def _is_loaded(self) -> bool:
        return self._course is not None and self._course.phase != Course.Phase.LOADING

    def _elsewhere(self, day: date) -> bool:
        course = self._course
        if course and (
            course.last_dose_unknown or (course.treated_since_on and course.treated_since_on <= day)
        ):
            return True
        return self._answer not in (None, "none") and date.fromisoformat(self._answer) <= day


def treated(patients: Iterable[int]) -> dict[int, Treated]:
    """Give {record: what was given to its person}, merged records included; a fixed number of queries."""
    person = persons_of(set(patients))
    doses, kidneys = defaultdict(list), defaultdict(list)
    courses, answers = {}, {}
    given = Injection.objects.standing().filter(patient__in=person).order_by("given_on")
    for record, on, counts in given.values_list("patient_id", "given_on", "counts"):
        doses[person[record]].append((on, counts))
    for course in Course.objects.filter(patient__in=person).order_by("opened_on", "pk"):
        courses[person[course.patient_id]] = course
    asked = ClinicalFact.objects.filter(patient__in=person, topic=Topic.PRIOR_TREATMENT)
    for record, answer in asked.order_by("observed_on", "id").values_list("patient_id", "answer"):
        answers[person[record]] = answer
    found = Result.objects.standing().filter(patient__in=person, analyte=Analyte.EGFR)
    columns = ("patient_id", "value", "unit", "collected_on", "comparator")
    for record, *values in found.order_by("collected_on", "id").values_list(*columns):
        kidneys[person[record]].append(tuple(values))
    return {
        record: Treated(doses[who], courses.get(who), answers.get(who), kidneys[who])
        for record, who in person.items()
    }


def shown(rows: Iterable[dict]) -> list[Shown]:
    """Give results, from `values(*COLUMNS)`, as they are shown, of one patient or many; a fixed number of queries."""
    rows = list(rows)
    of = treated(row["patient_id"] for row in rows)
    return [_shown(row, of[row["patient_id"]]) for row in rows]


def _shown(row: dict, of: Treated) -> Shown:
    analyte, day = Analyte(row["analyte"]), row["collected_on"]
    treatment = of.by(day)
    reading = results.read(analyte, measured(row["value"], row["unit"], day, row["comparator"]), treatment)
    findings = reading.findings
    if analyte is Analyte.FOLATE and _is_low(row):
        findings += results.folic_acid(treatment.doses_given, loading_complete=treatment.loading_complete)
    return Shown(
        row=row,
        title=ANALYTES[analyte].title,
        reported=reported(row),
        converted=_converted(reading, row["unit"]),
        lab_range=_lab_range(row),
        is_outside=is_outside(row),
        target=TARGET if analyte is Analyte.HCY else "",
        said=_said(reading),
        findings=findings,
    )


def reported(row: dict) -> str:
    """Write a value as the laboratory did: <180 ng/L."""
    return f"{row['comparator']}{row['value'].normalize():f} {row['unit']}"


def is_outside(row: dict) -> bool | None:
    """Tell whether a value lies outside the laboratory's own range; None where that cannot be told."""
    value, low, high, sign = row["value"], row["range_low"], row["range_high"], row["comparator"]
    if low is None and high is None:
        return None
    if sign != ">" and low is not None and (value < low or (sign == "<" and value == low)):
        return True
    if sign != "<" and high is not None and (value > high or (sign == ">" and value == high)):
        return True
    return None if sign else False


def _lab_range(row: dict) -> str:
    low, high = row["range_low"], row["range_high"]
    if low is None and high is None:
        return ""
    if low is None or high is None:
        return f"up to {high.normalize():f}" if low is None else f"from {low.normalize():f}"
    return f"{low.normalize():f} to {high.normalize():f}"


def _converted(reading: Reading, unit: str) -> str:
    level = reading.level
    return f"{level.comparator or ''}{level.shown} {level.unit}" if level and level.unit != unit else ""


def _said(reading: Reading) -> str:
    if reading.band:
        return BANDS[reading.band]
    return "Under the protocol's target of 10 umol/L" if reading.at_target else ""


def _is_low(row: dict) -> bool:
    """Low by the laboratory's own range; without one it may be, and folic acid may be thought of."""
    return row["range_low"] is None or row["value"] < row["range_low"]
