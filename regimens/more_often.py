"""What speaks for injections more often: reports beside the days since the last injection, and the next step (D-24, R-26).

It is shown to a physician and decides nothing; no lab value is asked (D-30).
"""

from dataclasses import dataclass

from patients.models import Patient, SymptomReport
from patients.models.symptoms import NEUROLOGICAL, SYMPTOMS, Change
from regimens.course_values import CourseValues
from regimens.forms.symptoms import LABELS
from regimens.models import Injection, Plan
from regimens.protocol.interval_changes import Step, next_step
from regimens.protocol.wearing_off import Tagged, WearingOff, tagged, wearing_off

SHOWN = 12
RETURNED = (Change.WORSE, Change.NEW)


@dataclass(frozen=True, slots=True)
class Report:
    """One report with something new or worse in it, and where in the interval it fell."""

    row: SymptomReport
    words: tuple[str, ...]
    neurological: bool
    stands: Tagged


@dataclass(frozen=True, slots=True)
class MoreOften:
    """The reports, newest first; how they fall early against late; and the step D-24 offers, None where it has none."""

    reports: tuple[Report, ...]
    wears_off: WearingOff
    step: Step | None

    @property
    def nerves(self) -> bool:
        """The newest report is of nerves: it is for today, and loading again is offered (D-24)."""
        return bool(self.reports) and self.reports[0].neurological

    def is_new_since(self, plan: Plan) -> bool:
        """Something was recorded after the plan was signed, so nobody has answered it by a plan yet."""
        return any(report.row.recorded_at > plan.signed_at for report in self.reports)


def more_often(patient: Patient, plan: Plan, values: CourseValues) -> MoreOften:
    """Read the reports and put each beside the injection before it; two queries."""
    rows = (
        SymptomReport.objects.standing()
        .filter(patient__in=patient.record_keys)
        .order_by("-reported_on", "-pk")
    )
    given = sorted(
        Injection.objects.standing()
        .filter(patient__in=patient.record_keys)
        .values_list("given_on", flat=True)
    )
    reports = tuple(
        Report(
            row,
            tuple(_words(row, name) for name in SYMPTOMS if getattr(row, name) in RETURNED),
            any(getattr(row, name) in RETURNED for name in NEUROLOGICAL),
            tagged(values.plan, values.history, row.reported_on, given),
        )
        for row in rows
        if any(getattr(row, name) in RETURNED for name in SYMPTOMS)
    )
    return MoreOften(reports[:SHOWN], wearing_off(each.stands for each in reports), next_step(plan.interval))


def _words(row: SymptomReport, name: str) -> str:
    """Write one symptom in short: Gait worse."""
    return f"{LABELS[name].partition(':')[0]} {getattr(row, name)}"
