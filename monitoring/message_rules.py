"""Which letters a patient is owed, as a table of windows: days counted from a date, never a date that must match."""

from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from django.db import models
from django.utils.translation import gettext_lazy as _


class Subject(models.TextChoices):
    """What a letter is about. The words of regimens.models.Appointment.Subject."""

    DOSE = "dose", _("Injection")
    LAB = "lab", _("Blood test")


class Purpose(models.TextChoices):
    """Why a letter is sent."""

    COMING = "coming", _("Two weeks before")
    SOON = "soon", _("Two days before")
    DUE = "due", _("On the day it is due")
    MISSED = "missed", _("Missed")
    STILL_MISSED = "still_missed", _("Still missed")
    CARD = "card", _("Appointment card")


class CountedFrom(StrEnum):
    """The date a window is counted from."""

    DUE_DATE = "the clinical date, while nothing is booked"
    WINDOW_END = "the last day of the window, when nothing was booked"
    BOOKING = "the day that is booked"
    MISSED_BOOKING = "the day that was booked and not kept"
    MISSED_CHECK = "the clinical date of the oldest check not done, when nothing was booked"

    @property
    def is_booked(self) -> bool:
        """The date comes from an appointment."""
        return self in (CountedFrom.BOOKING, CountedFrom.MISSED_BOOKING)


@dataclass(frozen=True)
class MessageRule:
    """A letter is owed from `opens` to `closes`, both included; without `closes`, until the reason for it is gone."""

    subject: Subject
    purpose: Purpose
    counted_from: CountedFrom
    phases: frozenset[str]
    opens: int
    closes: int | None

    def opens_on(self, counted_from_on: date) -> date:
        """Give the first day on which the letter may go out."""
        return counted_from_on + timedelta(days=self.opens)

    def closes_on(self, counted_from_on: date) -> date | None:
        """Give the last day on which the letter is of use; none where it always is."""
        return None if self.closes is None else counted_from_on + timedelta(days=self.closes)


# The values of regimens.models.Course.Phase.
MAINTENANCE = frozenset({"maintenance"})
INJECTED = frozenset({"loading", "maintenance"})
ORAL = frozenset({"oral"})
ANY = frozenset({"loading", "maintenance", "oral", "ended"})

DOSE, LAB = Subject
DUE_DATE, WINDOW_END, BOOKING, MISSED_BOOKING, MISSED_CHECK = CountedFrom

# 14 and 2 days before, 3 and 10 days after a missed date (D-32); checks 14 days before, at due, 14 days after.
# In loading a letter for every second day would be noise: what is booked is announced once, what is missed always.
# The last of each kind never closes: nobody is forgotten because nobody wrote in time (H-03).
# Every window is three days wide or more, so that two days of outage change nothing.
# fmt: off
RULES = (
    #           subject  purpose               counted from    phases       opens  closes
    MessageRule(DOSE,    Purpose.COMING,       DUE_DATE,       MAINTENANCE, -14,   -3),
    MessageRule(DOSE,    Purpose.COMING,       BOOKING,        MAINTENANCE, -14,   -3),
    MessageRule(DOSE,    Purpose.SOON,         DUE_DATE,       MAINTENANCE, -2,    0),
    MessageRule(DOSE,    Purpose.SOON,         BOOKING,        INJECTED,    -2,    0),
    MessageRule(DOSE,    Purpose.MISSED,       WINDOW_END,     INJECTED,    +3,    +9),
    MessageRule(DOSE,    Purpose.MISSED,       MISSED_BOOKING, INJECTED,    +3,    +9),
    MessageRule(DOSE,    Purpose.STILL_MISSED, WINDOW_END,     INJECTED,    +10,   None),
    MessageRule(DOSE,    Purpose.STILL_MISSED, MISSED_BOOKING, INJECTED,    +10,   None),
    MessageRule(LAB,     Purpose.COMING,       DUE_DATE,       ANY,         -14,   -1),
    MessageRule(LAB,     Purpose.COMING,       BOOKING,        ANY,         -14,   -3),
    MessageRule(LAB,     Purpose.SOON,         BOOKING,        ANY,         -2,    0),
    MessageRule(LAB,     Purpose.DUE,          DUE_DATE,       ANY,         0,     +13),
    MessageRule(LAB,     Purpose.MISSED,       MISSED_CHECK,   ANY,         +14,   None),
    MessageRule(LAB,     Purpose.MISSED,       MISSED_BOOKING, ANY,         +14,   None),
)
# fmt: on

# Written only when somebody asks for it (monitoring.messages.card), any time before the day it is about.
LONG_BEFORE = -3 * 366
# fmt: off
ON_REQUEST = (
    #           subject  purpose               counted from    phases       opens        closes
    MessageRule(DOSE,    Purpose.CARD,         DUE_DATE,       INJECTED,    LONG_BEFORE, 0),
    MessageRule(DOSE,    Purpose.CARD,         BOOKING,        INJECTED,    LONG_BEFORE, 0),
    MessageRule(LAB,     Purpose.CARD,         DUE_DATE,       ORAL,        LONG_BEFORE, 0),
    MessageRule(LAB,     Purpose.CARD,         BOOKING,        ANY,         LONG_BEFORE, 0),
)
# fmt: on

_BY_NAME = {(rule.subject, rule.purpose, rule.counted_from.is_booked): rule for rule in (*RULES, *ON_REQUEST)}


def rule_for(subject: str, purpose: str, booked: bool) -> MessageRule:
    """Give the rule that a message was queued under. Raises KeyError where the table has none."""
    return _BY_NAME[Subject(subject), Purpose(purpose), booked]
