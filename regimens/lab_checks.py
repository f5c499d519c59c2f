"""Which blood checks a course owes on a day, and why the next one comes when it does."""

from dataclasses import dataclass
from datetime import date, timedelta

from regimens.course_values import CourseValues
from regimens.explained import lab_name
from regimens.models.course import EndReason
from regimens.protocol.labs import EXTRA, LabCheck, extra_check
from regimens.protocol.panels import Criterion, Reading, Steadiness

# A practical limit of this program, not a clinical rule: after so many days somebody asks the laboratory.
RESULTS_WITHIN = timedelta(days=7)
IN_WORDS = {
    Steadiness.TWO_PANELS: "two whole panels in a row",
    Steadiness.NO_SYMPTOMS: "no nerve symptoms since the earlier panel",
    Steadiness.HB: "haemoglobin in range in both",
    Steadiness.MCV: "MCV in range in both",
    Steadiness.PLT: "platelets in range in both",
    Steadiness.B12: "B12 not low in both",
    Steadiness.HCY: "homocysteine not rising",
}
NO_RANGE = "the laboratory gave no range"


@dataclass(frozen=True)
class Owed:
    """The oldest check whose window closed, and the next one, open or coming; None where there is none."""

    missed: LabCheck | None
    next: LabCheck | None

    def open_on(self, on: date) -> LabCheck | None:
        """Give the check that a panel of this day is for: the oldest missed, else the next once its window is open."""
        if self.missed:
            return self.missed
        return self.next if self.next and self.next.opens_on <= on else None


@dataclass(frozen=True)
class Asked:
    """One condition of D-28 in words: met, not met, or not to be told, with what was read."""

    what: str
    verdict: str
    tone: str
    read: str


@dataclass(frozen=True)
class NextCheck:
    """The next check, and why it comes then. `asked` is empty where the date does not depend on steadiness."""

    check: LabCheck
    why: str
    asked: tuple[Asked, ...]

    @property
    def name(self) -> str:
        """The check in words: 6 months."""
        return lab_name(self.check.name)


def owed(values: CourseValues, as_of: date) -> Owed:
    """Give the checks of a course, open or ended, as a day sees them."""
    course = values.course
    if course.ended_on is None:
        labs = values.labs(as_of)
        return Owed(labs.oldest_overdue, labs.next)
    if course.end_reason != EndReason.REVERSIBLE_CAUSE_RESOLVED:
        return Owed(None, None)
    recheck = extra_check(course.ended_on)
    if recheck.name in values.waived or any(day >= recheck.opens_on for day in values.panels):
        return Owed(None, None)
    return Owed(recheck, None) if recheck.closes_on < as_of else Owed(None, recheck)


def next_check(values: CourseValues, as_of: date) -> NextCheck | None:
    """Explain the next check: of the first year, after a change of treatment, every three months, or yearly (D-28)."""
    check = owed(values, as_of).next
    if check is None:
        return None
    if check.name == EXTRA:
        return NextCheck(check, "Three months after the treatment changed.", ())
    number = int(check.name.removesuffix("m"))
    if number <= 12:
        return NextCheck(check, "The first year has checks at 3, 6 and 12 months.", ())
    asked = tuple(_asked(each) for each in values.criteria)
    if values.steady is False:
        return NextCheck(
            check, f"Every three months and not yearly: {_because(values.criteria, False)}.", asked
        )
    if values.steady is None:
        return NextCheck(
            check,
            f"Yearly. Whether levels are steady cannot be told: {_because(values.criteria, None)}.",
            asked,
        )
    return NextCheck(check, "Yearly: the last two panels were steady.", asked)


def _because(criteria: tuple[Criterion, ...], verdict: bool | None) -> str:
    return ", ".join(_sentence(each) for each in criteria if each.is_met is verdict)


def _sentence(each: Criterion) -> str:
    read = _read(each)
    asks = IN_WORDS[each.asks]
    if each.asks is Steadiness.HCY:
        return f"homocysteine rose, {read}"
    if each.asks is Steadiness.NO_SYMPTOMS:
        return "nerve symptoms were reported since the earlier panel"
    if each.asks is Steadiness.TWO_PANELS:
        return f"there are not yet {asks}"
    return f"not {asks} ({read})" if each.is_met is False else f"{asks}: {NO_RANGE} ({read})"


def _asked(each: Criterion) -> Asked:
    verdict, tone = {
        True: ("met", "plain"),
        False: ("not met", "warning"),
        None: ("cannot be told", "plain"),
    }[each.is_met]
    what = IN_WORDS[each.asks]
    return Asked(what[:1].upper() + what[1:], verdict, tone, _read(each))


def _read(each: Criterion) -> str:
    return " then ".join(_value(reading) for reading in each.readings)


def _value(reading: Reading) -> str:
    return f"{reading.comparator or ''}{reading.value.normalize():f} {reading.unit}"
