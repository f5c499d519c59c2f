"""The interval of maintenance: what groups set, what a physician may choose, what exceeds the cap."""

from dataclasses import dataclass

from . import catalogue
from .codes import Finding, finding
from .entries import Group
from .facts import Answer
from .interval_changes import exceeds_cap
from .intervals import Interval
from .situation import Situation


@dataclass(frozen=True, slots=True)
class Maintenance:
    """Terms of maintenance: an interval, or choices with one that stands until a physician chooses; or daily."""

    interval: Interval | None = None
    choices: tuple[Interval, ...] = ()
    provisional: Interval | None = None
    daily: bool = False

    @property
    def choice_required(self) -> bool:
        """Tell whether a physician still has to choose."""
        return bool(self.choices)

    @property
    def in_use(self) -> Interval | None:
        """Return the interval that dates are counted with, so that nobody is without a next date."""
        return self.interval or self.provisional

    def to_json(self) -> dict:
        """Return plain values, intervals as ISO 8601 durations."""
        return {
            "interval": self.interval.iso if self.interval else None,
            "choices": [choice.iso for choice in self.choices],
            "provisional": self.provisional.iso if self.provisional else None,
            "daily": self.daily,
        }


DAILY = Maintenance(daily=True)
_SET_BY = {entry.group: entry.interval for entry in catalogue.GROUP_INTERVALS}


def protocol_interval(patient: Situation) -> Interval:
    """Return the shortest interval of the groups that apply, else two months (D-04)."""
    return min((_SET_BY[group] for group in patient.groups), key=_length, default=catalogue.DEFAULT_INTERVAL)


def choices(patient: Situation) -> tuple[Interval, ...]:
    """Return what a physician may choose from; empty where there is nothing to choose (D-02, D-04)."""
    if patient.resected_unknown_length and Group.ILEAL not in patient.groups:
        longest = protocol_interval(patient) if patient.groups else catalogue.ONE_TO_THREE[-1]
        return tuple(choice for choice in catalogue.ONE_TO_THREE if _length(choice) <= _length(longest))
    return () if patient.groups else catalogue.TWO_OR_THREE


def terms(patient: Situation, asked: Interval | None) -> Maintenance:
    """Return the terms for this patient, settled by the interval asked for where it may settle anything.

    Where there is a choice, one inside it settles it. A shorter interval than the protocol's is taken; a longer
    one is ignored (D-02, D-24, C-16).
    """
    allowed = choices(patient)
    base = allowed[0] if allowed else protocol_interval(patient)
    longest = allowed[-1] if allowed else base
    if asked is not None and _length(asked) <= _length(longest):
        return Maintenance(interval=asked)
    if allowed:
        return Maintenance(choices=allowed, provisional=base)
    return Maintenance(interval=base)


def findings(patient: Situation, settled: Maintenance) -> list[Finding]:
    """Return what must be said of the groups and of the interval settled (D-02, D-04, C-04, D-24)."""
    found = []
    if len(patient.groups) > 1:
        found.append(finding("W-MULTI-POP"))
    if patient.resected_exactly_limit or patient.resected_unknown_length:
        found.append(finding("W-ILEAL-BOUNDARY"))
    if patient.facts.crohns_ileal is Answer.YES and not patient.resected_over_limit:
        found.append(finding("W-CROHN-EVIDENCE"))
    if settled.choices == catalogue.TWO_OR_THREE:
        found.append(finding("W-MAINT-CHOOSE"))
    base = (choices(patient) or (protocol_interval(patient),))[0]
    if settled.interval and exceeds_cap(base, settled.interval):
        found.append(finding("W-EXCEEDS-50PCT", f"every {settled.interval} instead of every {base}"))
    return found


def _length(interval: Interval) -> float:
    return interval.nominal_days
