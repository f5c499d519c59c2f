"""The days a clinic is open, as a value: weekdays, less the dates it is closed."""

from dataclasses import dataclass
from datetime import date, timedelta

ONE_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class ClinicDays:
    """Weekdays (Monday is 0) and closures. Raises ValueError for a clinic that is never open."""

    weekdays: frozenset[int]
    closures: frozenset[date] = frozenset()

    def __post_init__(self) -> None:
        if not self.weekdays or not self.weekdays <= frozenset(range(7)):
            raise ValueError("A clinic is open on at least one day of the week, Monday (0) to Sunday (6).")

    def is_open(self, day: date) -> bool:
        """Say whether the clinic sees patients on this day."""
        return day.weekday() in self.weekdays and day not in self.closures

    def next_open(self, day: date) -> date:
        """Return this day if the clinic is open, else the next day that it is."""
        while not self.is_open(day):
            day += ONE_DAY
        return day

    def previous_open(self, day: date) -> date:
        """Return this day if the clinic is open, else the last day before it that it was."""
        while not self.is_open(day):
            day -= ONE_DAY
        return day


MONDAY_TO_FRIDAY = ClinicDays(frozenset(range(5)))
EVERY_DAY = ClinicDays(frozenset(range(7)))
