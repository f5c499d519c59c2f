"""What a measured value means under the protocol: bands, targets, timing after a dose."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from . import catalogue
from .codes import Finding, finding
from .facts import Measured
from .levels import (
    Band,
    Kidneys,
    Platelets,
    band,
    is_high_b12,
    is_severe_anaemia,
    is_severe_b12,
    kidneys,
    platelets,
)
from .units import Analyte, Converted, Refused

PLATELET_WARNINGS = {
    Platelets.FROM_10: "W-PLT-25-50",
    Platelets.FROM_25: "W-PLT-25-50",
    Platelets.OVER_50: "W-PLT-51-149",
}


@dataclass(frozen=True, slots=True)
class Treatment:
    """What was given before the sample, as far as a result depends on it; None is not known."""

    last_injection_on: date | None = None
    doses_given: int | None = None
    loading_complete: bool = False
    egfr: Measured | None = None

    @property
    def begun(self) -> bool:
        """Tell whether any B12 is known to have been given."""
        return bool(self.doses_given) or self.last_injection_on is not None


@dataclass(frozen=True, slots=True)
class Reading:
    """One value, read. When it was refused `level` is None, and `refusal` says why and suggests a unit."""

    analyte: Analyte
    level: Converted | None
    refusal: Refused | None = None
    band: Band | None = None
    at_target: bool | None = None
    severe_deficiency: bool | None = None
    days_since_injection: int | None = None
    findings: tuple[Finding, ...] = ()

    changes_schedule = False  # no number ever does; it makes a task for a person (D-30)


def read(analyte: Analyte, measured: Measured, treatment: Treatment | None = None) -> Reading:
    """Read one reported value (section 5 of the rules, D-17, D-18, D-26, D-30).

    A value without a unit or outside the hard limits gives a reading with B-LAB-IMPLAUSIBLE, no exception.
    """
    treatment = treatment or Treatment()
    days = _days_between(treatment.last_injection_on, measured.collected_on)
    try:
        level = measured.converted(analyte)
    except Refused as refusal:
        found = (finding("B-LAB-IMPLAUSIBLE", str(refusal)),)
        return Reading(analyte, None, refusal, days_since_injection=days, findings=found)
    return Reading(
        analyte,
        level,
        band=None if treatment.begun or analyte not in (Analyte.B12, Analyte.ACTIVE_B12) else band(level),
        at_target=_at_target(level) if analyte is Analyte.HCY else None,
        severe_deficiency=_is_severe(level),
        days_since_injection=days,
        findings=tuple(finding(code) for code in _warnings(level, treatment, days)),
    )


def folic_acid(doses_given: int | None, *, loading_complete: bool) -> tuple[Finding, ...]:
    """Return what stands against ordering folic acid; B12 comes first, however low the folate (D-13)."""
    if not doses_given:
        return (finding("B-FOLATE-BEFORE-B12"),)
    return () if loading_complete else (finding("H-FOLATE-IN-LOADING"),)


class PanelStatus(StrEnum):
    """One lab check against its due date."""

    NOT_DUE = "NOT_DUE"
    DUE = "DUE"
    DONE = "DONE"
    OVERDUE = "OVERDUE"


def panel_status(due_on: date, window_days: int, collected_on: date | None, as_of: date) -> PanelStatus:
    """Return where a lab check stands; both ends of the window count, and a panel drawn late is done (D-26).

    A panel drawn before its window opens does not satisfy the check.
    """
    if collected_on is not None and collected_on <= as_of and (due_on - collected_on).days <= window_days:
        return PanelStatus.DONE
    if (due_on - as_of).days > window_days:
        return PanelStatus.NOT_DUE
    return PanelStatus.DUE if (as_of - due_on).days <= window_days else PanelStatus.OVERDUE


def _days_between(injected_on: date | None, collected_on: date | None) -> int | None:
    return (collected_on - injected_on).days if injected_on and collected_on else None


def _at_target(level: Converted) -> bool | None:
    """Tell whether homocysteine is under 10, exactly and unrounded; None when a comparator leaves it open."""
    if level.under(catalogue.HCY_TARGET.value):
        return True
    return False if level.at_least(catalogue.HCY_TARGET.value) else None


def _is_severe(level: Converted) -> bool | None:
    if level.analyte is Analyte.B12:
        return is_severe_b12(level)
    return is_severe_anaemia(level) if level.analyte is Analyte.HB else None


def _warnings(level: Converted, treatment: Treatment, days: int | None) -> list[str]:
    match level.analyte:
        case Analyte.B12 | Analyte.ACTIVE_B12:
            return _b12_warnings(level, treatment, days)
        case Analyte.HCY:
            return _homocysteine_warnings(level, treatment)
        case Analyte.PLT:
            warning = PLATELET_WARNINGS.get(platelets(level))
            return [warning] if warning else []
        case Analyte.HB:
            return ["W-K-MONITOR"] if is_severe_anaemia(level) and not treatment.begun else []
    return []


def _b12_warnings(level: Converted, treatment: Treatment, days: int | None) -> list[str]:
    found = []
    if days is not None and 0 <= days <= catalogue.B12_AFTER_DOSE.value:
        found.append("W-B12-POSTDOSE")
    if treatment.begun and level.analyte is Analyte.B12 and is_high_b12(level):
        found.append("W-B12-HIGH-EXPECTED")
    return found


def _homocysteine_warnings(level: Converted, treatment: Treatment) -> list[str]:
    found = []
    if level.at_least(catalogue.HCY_TARGET.value):
        found.append("W-HCY-ABOVE-TARGET")
    if level.over(catalogue.HCY_URGENT.value):
        found.append("W-HCY-URGENT")
    if _kidneys(treatment) in (Kidneys.BORDERLINE, Kidneys.POOR):
        found.append("W-RENAL-HCY")
    return found


def _kidneys(treatment: Treatment) -> Kidneys:
    """Return kidney function beside a homocysteine; an impossible eGFR says nothing."""
    try:
        egfr = treatment.egfr.converted(Analyte.EGFR) if treatment.egfr else None
    except Refused:
        egfr = None
    return kidneys(egfr, flagged=False)
