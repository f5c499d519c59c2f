"""What was measured, as small plots under the axis: values in the protocol's unit, the laboratory's own range beside them.

On treatment a number is never called normal, and serum B12 is never set beside the bands for diagnosis (H-05,
section 5 of the rules): ranges are drawn in grey, and the only line of the protocol is its target for homocysteine (C-03).
"""

from bisect import bisect_right
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from monitoring.axis.scale import Scale, scale
from monitoring.axis.span import Span
from patients.models import Result
from regimens.facts import measured
from regimens.protocol import catalogue, results, units
from regimens.protocol.results import Treatment
from regimens.protocol.units import ANALYTES, Analyte, Comparator
from regimens.readings import reported

PLOTTED = (Analyte.B12, Analyte.HCY, Analyte.HB, Analyte.MCV, Analyte.PLT)
TARGETS = {Analyte.HCY: Decimal(catalogue.HCY_TARGET.value)}
COLUMNS = ("analyte", "value", "unit", "comparator", "collected_on", "range_low", "range_high")
AFTER_A_DOSE = "W-B12-POSTDOSE"


@dataclass(frozen=True, slots=True)
class Limits:
    """A laboratory's own range in the protocol's unit; either end may be open."""

    low: Decimal | None
    high: Decimal | None

    @property
    def words(self) -> str:
        """Write it: 115 to 165, up to 15, from 150."""
        if self.low is None or self.high is None:
            return f"up to {written(self.high)}" if self.low is None else f"from {written(self.low)}"
        return f"{written(self.low)} to {written(self.high)}"

    def place(self, value: Decimal) -> str:
        """Say where a number lies beside the range; empty inside it."""
        if self.low is not None and value < self.low:
            return "below the laboratory's range"
        return "above the laboratory's range" if self.high is not None and value > self.high else ""


@dataclass(frozen=True, slots=True)
class Point:
    """One value on one day, in the protocol's unit. `days` are those since the injection before it, 0 on the same day."""

    on: date
    value: Decimal
    comparator: Comparator | None
    reported: str
    unit: str
    limits: Limits | None
    days: int | None
    after_a_dose: bool
    at_target: bool | None

    @property
    def number(self) -> str:
        """The value as it stands beside its point: <150, 412.3, 138."""
        return f"{self.comparator or ''}{written(self.value)}"

    @property
    def text(self) -> str:
        """The value in full, with the unit it came in and what must be known of it."""
        said = [f"{self.number} {self.unit}"]
        if not self.reported.endswith(f" {self.unit}"):
            said[0] += f" (reported {self.reported})"
        if self.after_a_dose:
            said.append(
                "on the day of an injection" if not self.days else f"{self.days} days after an injection"
            )
        if self.limits and not self.comparator and (where := self.limits.place(self.value)):
            said.append(where)
        if self.at_target is not None:
            said.append("under the protocol target" if self.at_target else "not under the protocol target")
        return ", ".join(said)


@dataclass(frozen=True, slots=True)
class Series:
    """All values of one analyte on the line, oldest first, with the scale they are drawn on."""

    analyte: Analyte
    points: tuple[Point, ...]
    scale: Scale
    # What could not be drawn: a value that is not possible in its unit.
    refused: tuple[tuple[date, str], ...]

    @property
    def told(self) -> bool:
        """Say whether there is anything to tell."""
        return bool(self.points or self.refused)

    @property
    def title(self) -> str:
        """The name of the analyte."""
        return ANALYTES[self.analyte].title

    @property
    def unit(self) -> str:
        """The protocol's unit."""
        return ANALYTES[self.analyte].canonical

    @property
    def target(self) -> Decimal | None:
        """The value the protocol wants it under, where it names one."""
        return TARGETS.get(self.analyte)

    @property
    def limits(self) -> Limits | None:
        """The range that came with the newest value that carried one."""
        return next((point.limits for point in reversed(self.points) if point.limits), None)


def rows_of(keys: tuple[int, ...], span: Span) -> list[dict]:
    """Read every standing result on the line, oldest first; one query."""
    rows = Result.objects.standing().filter(patient__in=keys, collected_on__range=(span.first, span.last))
    return list(rows.order_by("collected_on", "id").values(*COLUMNS))


def series(analyte: Analyte, rows: Iterable[dict], needles: list[date]) -> Series:
    """Give the values of one analyte; `needles` are the days of all injections that stand, oldest first."""
    points, refused = [], []
    for row in rows:
        if row["analyte"] != analyte:
            continue
        on = row["collected_on"]
        before = bisect_right(needles, on)
        given = Treatment(last_injection_on=needles[before - 1] if before else None, doses_given=before)
        reading = results.read(analyte, measured(row["value"], row["unit"], on, row["comparator"]), given)
        if reading.level is None:
            refused.append((on, f"{reported(row)}: {reading.refusal}"))
        else:
            points.append(_point(row, reading))
    return Series(analyte, tuple(points), _scale(analyte, points), tuple(refused))


def _point(row: dict, reading: results.Reading) -> Point:
    level, low, high = reading.level, row["range_low"], row["range_high"]
    factor = level.reported_unit.factor
    return Point(
        on=row["collected_on"],
        value=level.value,
        comparator=level.comparator,
        reported=reported(row),
        unit=level.unit,
        limits=None
        if low is None and high is None
        else Limits(None if low is None else low * factor, None if high is None else high * factor),
        days=reading.days_since_injection,
        after_a_dose=any(found.code == AFTER_A_DOSE for found in reading.findings),
        at_target=reading.at_target,
    )


def _scale(analyte: Analyte, points: list[Point]) -> Scale:
    """Show the values, their ranges and the target. What the clinic would confirm before it believes it caps the scale."""
    soft = ANALYTES[analyte].soft
    ends = (end for point in points if point.limits for end in (point.limits.low, point.limits.high))
    beside = [end for end in ends if end is not None]
    if analyte in TARGETS:
        beside.append(TARGETS[analyte])
    return scale((point.value for point in points), beside=beside, caps=(soft.low, soft.high))


def runs_of_limits(points: Iterable[Point]) -> list[tuple[Point, Point]]:
    """Give the first and last point of each run of values that came with the same range."""
    runs: list[tuple[Point, Point]] = []
    before = None
    for point in points:
        if point.limits and before and before.limits == point.limits:
            runs[-1] = (runs[-1][0], point)
        elif point.limits:
            runs.append((point, point))
        before = point
    return runs


def written(value: Decimal) -> str:
    """Write a value with at most one decimal, half up, and no trailing nought."""
    return f"{units.shown(value).normalize():f}"
