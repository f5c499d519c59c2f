"""Results as a page shows them: as reported, converted, and what the protocol reads in them; never a “normal” in green."""

from dataclasses import dataclass
from datetime import date

from patients.models import ClinicalFact, Patient, Result
from patients.models.facts import Topic
from regimens.facts import measured
from regimens.models import Course, Injection
from regimens.protocol import results
from regimens.protocol.codes import Finding
from regimens.protocol.facts import Measured
from regimens.protocol.levels import Band
from regimens.protocol.results import Reading, Treatment
from regimens.protocol.units import ANALYTES, Analyte

BANDS = {
    Band.DEFICIENT: "Before treatment: deficient",
    Band.INDETERMINATE: "Before treatment: indeterminate",
    Band.UNLIKELY: "Before treatment: deficiency unlikely",
}


@dataclass(frozen=True)
class Shown:
    """One result for a table. `converted` is empty where the laboratory's unit is the protocol's own."""

    row: dict
    title: str
    reported: str
    converted: str
    lab_range: str
    said: str
    findings: tuple[Finding, ...]


class Treated:
    """What was given to a patient, to be asked for any day; three queries."""

    def __init__(self, patient: Patient):
        doses = Injection.objects.standing().filter(patient__in=patient.record_keys).order_by("given_on")
        self._doses = list(doses.values_list("given_on", "counts"))
        self._course = (
            Course.objects.filter(patient__in=patient.record_keys).order_by("-opened_on", "-pk").first()
        )
        asked = ClinicalFact.objects.filter(patient__in=patient.record_keys, topic=Topic.PRIOR_TREATMENT)
        self._answer = asked.newest_first().values_list("answer", flat=True).first()

    def by(self, day: date, egfr: Measured | None) -> Treatment:
        """Give the treatment before a sample of that day; treated elsewhere is treated."""
        before = [(on, counts) for on, counts in self._doses if on <= day]
        counted = sum(counts for _on, counts in before)
        return Treatment(
            last_injection_on=before[-1][0] if before else None,
            doses_given=counted or (1 if self._elsewhere(day) else 0),
            loading_complete=self._is_loaded,
            egfr=egfr,
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


def shown(patient: Patient, rows: list[dict]) -> list[Shown]:
    """Give results, from `values()` with the columns of Result, as they are shown; a fixed number of queries."""
    treated = Treated(patient)
    kidneys = list(
        Result.objects.standing()
        .filter(patient__in=patient.record_keys, analyte=Analyte.EGFR)
        .order_by("collected_on", "id")
        .values_list("value", "unit", "collected_on", "comparator")
    )
    return [_shown(row, treated, kidneys) for row in rows]


def _shown(row: dict, treated: Treated, kidneys: list[tuple]) -> Shown:
    analyte, day = Analyte(row["analyte"]), row["collected_on"]
    egfr = next((measured(*found) for found in reversed(kidneys) if found[2] <= day), None)
    treatment = treated.by(day, egfr)
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
        said=_said(reading),
        findings=findings,
    )


def reported(row: dict) -> str:
    """Write a value as the laboratory did: <180 ng/L."""
    return f"{row['comparator']}{row['value'].normalize():f} {row['unit']}"


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
