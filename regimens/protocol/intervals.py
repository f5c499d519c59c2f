"""Intervals between doses: whole days or calendar months, always counted from one anchor."""

import re
from calendar import monthrange
from dataclasses import dataclass
from datetime import date, timedelta

NOMINAL_DAYS_IN_A_MONTH = 30.4375  # 365.25 / 12, exact in binary (rules.md D-24)

_ISO = re.compile(r"P([1-9][0-9]*)([MD])")
_UNITS = {"M": "months", "D": "days"}


@dataclass(frozen=True, slots=True)
class Interval:
    """A positive number of calendar months or of days. Raises ValueError for anything else."""

    count: int
    unit: str

    def __post_init__(self) -> None:
        if self.unit not in ("months", "days"):
            raise ValueError(f"An interval is in months or days, not {self.unit!r}.")
        if isinstance(self.count, bool) or not isinstance(self.count, int) or self.count < 1:
            raise ValueError(f"An interval is a whole number from 1, not {self.count!r}.")

    def after(self, anchor: date, times: int = 1) -> date:
        """Return the date `times` intervals after the anchor; a short month gives its last day (D-08)."""
        if self.unit == "days":
            return anchor + timedelta(days=self.count * times)
        year, month = divmod(anchor.year * 12 + anchor.month - 1 + self.count * times, 12)
        month += 1
        if anchor.day <= 28:
            return date(year, month, anchor.day)
        return date(year, month, min(anchor.day, monthrange(year, month)[1]))

    @property
    def nominal_days(self) -> float:
        """The length to compare intervals by, in days, so that a short February decides nothing (D-24)."""
        return self.count * (NOMINAL_DAYS_IN_A_MONTH if self.unit == "months" else 1.0)

    @property
    def iso(self) -> str:
        """The ISO 8601 duration: P3M, P42D."""
        return f"P{self.count}{self.unit[0].upper()}"

    @classmethod
    def from_iso(cls, text: str) -> "Interval":
        """Read what `iso` wrote. Raises ValueError for any other text."""
        match = _ISO.fullmatch(text)
        if match is None:
            raise ValueError(f"Not an interval in months or days: {text!r}.")
        return cls(int(match[1]), _UNITS[match[2]])

    def __str__(self) -> str:
        return f"{self.count} {self.unit if self.count > 1 else self.unit[:-1]}"


def months(count: int) -> Interval:
    """Return an interval of calendar months."""
    return Interval(count, "months")


def days(count: int) -> Interval:
    """Return an interval of days."""
    return Interval(count, "days")
