"""What needs a physician's decision in a clinic: every row and every passed date that has none, most urgent kind first.

There is no table of tasks. Each kind is one query along an index, read fifty rows at a time by key; a kind that could
not be read is None, and must never look like an empty list (H-18).
"""

import logging
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import NamedTuple

from django.db import DatabaseError
from django.db.models import Exists, F, OuterRef, Q, QuerySet, TextField
from django.db.models.functions import Cast, Coalesce

from monitoring import urgent_results
from patients.models import Clinic
from patients.paging import Order, Page, moment, page_of, row_number
from regimens.explained import cited, lab_name
from regimens.models import Course, Decision, Injection, Plan, Request
from regimens.protocol import catalogue
from regimens.protocol.codes import CODES
from regimens.protocol.entries import Loading
from regimens.protocol.sources import Rule
from regimens.services.passed_dates import DATE_OF

logger = logging.getLogger(__name__)

FIRST_ROWS = 5  # of each kind, where all kinds stand on one page
COUNTED = 1000  # nobody reads further; “more than 1000”
RESTART_GAP = catalogue.LOADING_RESTART_GAP.value
GAPS = {kind: phase.review_gap_days for kind, phase in catalogue.LOADINGS.items()}


class Act(NamedTuple):
    """The page that settles a row: its name, its keys after the patient's, its label, what its address asks."""

    name: str
    label: str
    keys: tuple = ()
    query: str = ""


class Row(NamedTuple):
    """One thing to decide about one patient."""

    patient: int
    family_name: str
    given_names: str
    born_on: date
    record_number: str
    what: str
    since: date | datetime
    codes: tuple[str, ...]
    rules: tuple[Rule, ...]
    act: Act


class Words(NamedTuple):
    """What a row says, and the page that settles it."""

    what: str
    codes: tuple[str, ...]
    act: Act
    rules: tuple[str, ...] = ()


@dataclass(frozen=True)
class Kind:
    """One kind of decision. `rows` gives those of a clinic on a day; `since` is the column they are ordered by.

    `columns` are those that `words` needs; `patient` is the way from a row to the patient.
    """

    key: str
    title: str
    rows: Callable[[Clinic, date], QuerySet]
    since: str
    words: Callable[[dict], Words]
    columns: tuple[str, ...] = ()
    patient: str = "patient"
    reads: Callable[[str], object] = date.fromisoformat
    same_day: bool = False

    @property
    def order(self) -> Order:
        """Longest waiting first."""
        return Order((self.since, "pk"), (self.reads, row_number))

    def values(self, clinic: Clinic, today: date) -> QuerySet:
        """Give the rows as plain values, with what identifies the patient."""
        names = ("pk", "family_name", "given_names", "born_on", "record_number")
        who = {f"patient_{name}": F(f"{self.patient}__{name}") for name in names}
        return self.rows(clinic, today).values("pk", self.since, *self.columns, **who)

    def row(self, values: dict) -> Row:
        """Put the values of a row into words."""
        said = self.words(values)
        rules = dict.fromkeys((*said.rules, *(rule for code in said.codes for rule in CODES[code].rules)))
        return Row(
            values["patient_pk"],
            values["patient_family_name"],
            values["patient_given_names"],
            values["patient_born_on"],
            values["patient_record_number"],
            said.what,
            values[self.since],
            said.codes,
            cited(rules),
            said.act,
        )


@dataclass(frozen=True)
class Listed:
    """One kind as the page shows it. `count` and `rows` are None where the database could not be asked."""

    kind: Kind
    count: int | None
    rows: list[Row] | None

    @property
    def counted(self) -> str:
        """The count in words: beyond the cap nobody counts."""
        if self.count is None:
            return "not read"
        return f"more than {COUNTED:,}" if self.count > COUNTED else str(self.count)


def overview(clinic: Clinic, today: date) -> list[Listed]:
    """Give every kind with its count and its first rows; two queries a kind, however many there are."""
    return [
        Listed(
            kind,
            _or_none(kind, lambda kind=kind: count(kind, clinic, today)),
            _or_none(kind, lambda kind=kind: _first(kind, clinic, today)),
        )
        for kind in KINDS
    ]


def count(kind: Kind, clinic: Clinic, today: date) -> int:
    """Count the rows of one kind, up to one more than a person reads."""
    return kind.rows(clinic, today).order_by()[: COUNTED + 1].count()


def _first(kind: Kind, clinic: Clinic, today: date) -> list[Row]:
    rows = kind.order.sorted(kind.values(clinic, today), forwards=True)[:FIRST_ROWS]
    return [kind.row(values) for values in rows]


def listing(kind: Kind, clinic: Clinic, today: date, asked) -> tuple[Listed, Page | None]:
    """Give one page of one kind, by key, with its count; `asked` is the query of the address."""
    total = _or_none(kind, lambda: count(kind, clinic, today))
    page = _or_none(kind, lambda: page_of(kind.values(clinic, today), kind.order, asked, {"kind": kind.key}))
    rows = [kind.row(values) for values in page.rows] if page else None
    return Listed(kind, total, rows), page


def _or_none(kind: Kind, read: Callable):
    """Read, or give None and say so in the log: one kind that fails must not hide the others, nor look empty."""
    try:
        return read()
    except DatabaseError:
        logger.exception("The decisions of kind %s could not be read.", kind.key)
        return None


# -- Requests ----------------------------------------------------------------------------------------------


def _requests(same_day: bool, *kinds: str) -> Callable[[Clinic, date], QuerySet]:
    """Give the unanswered requests of some kinds; without any, of all."""

    def rows(clinic: Clinic, _today: date) -> QuerySet:
        waiting = Request.objects.unanswered().filter(clinic=clinic, same_day=same_day)
        return waiting.filter(kind__in=kinds) if kinds else waiting

    return rows


# Rules that speak of a request that names no code of its own.
RULES_OF_REQUESTS = {
    Request.Kind.ADVERSE: ("D-11",),
    Request.Kind.INCIDENT: ("D-25",),
    Request.Kind.DEATH: ("D-20",),
    Request.Kind.TRANSFER: ("D-20",),
    Request.Kind.INTERVAL: ("D-24",),
    Request.Kind.SYMPTOMS: ("R-26", "D-24"),
    Request.Kind.HOLD: ("D-03",),
    Request.Kind.STOP: ("D-16",),
    Request.Kind.FOLATE: ("R-21", "D-13"),
    Request.Kind.MERGE: ("H-01",),
}


def _of_request(values: dict) -> Words:
    kind = Request.Kind(values["kind"])
    codes = tuple(code for code in values["codes"] if code in CODES)
    what = f"{kind.label}: {values['text']}" if values["text"] else str(kind.label)
    if kind is Request.Kind.INCIDENT and values["injection_id"]:
        act = Act("decide_incident", "Decide whether it counts", (values["injection_id"],))
    elif kind is Request.Kind.HOLD:
        act = Act("authorise_dose", "Decide about the dose", (), f"request={values['pk']}")
    elif kind is Request.Kind.MERGE:
        act = Act("decide_merge", "Compare and decide", (values["pk"],))
    else:
        act = Act("settle_request", "Settle", (values["pk"],))
    return Words(what, codes, act, () if codes else RULES_OF_REQUESTS.get(kind, ()))


# -- Plans -------------------------------------------------------------------------------------------------


def _proposals(clinic: Clinic, _today: date) -> QuerySet:
    """Give the unsigned plans of open courses; whether a finding is for today stands in the recommendation kept."""
    return (
        Plan.objects.proposed()
        .filter(course__clinic=clinic, course__ended_on=None)
        .annotate(said=Cast("recommendation", TextField()))
    )


FOR_TODAY = '"same_day": true'
_imported = Exists(
    Injection.objects.standing().filter(course=OuterRef("course"), source=Injection.Source.IMPORTED)
)


def _plans_today(clinic: Clinic, today: date) -> QuerySet:
    return _proposals(clinic, today).filter(said__contains=FOR_TODAY)


def _plans(clinic: Clinic, today: date) -> QuerySet:
    return _proposals(clinic, today).exclude(said__contains=FOR_TODAY).exclude(_imported)


def _imports(clinic: Clinic, today: date) -> QuerySet:
    return _proposals(clinic, today).exclude(said__contains=FOR_TODAY).filter(_imported)


def _of_plan(values: dict) -> Words:
    held = values["recommendation__status"] == "HOLD"
    named = (found["code"] for found in values["recommendation__findings"] if _speaks(found))
    codes = tuple(code for code in named if code in CODES)
    what = "Plan to sign, held for a decision" if held else "Plan to sign"
    return Words(what, codes, Act("sign_plan", "Look and sign"), ("D-02",))


def _speaks(found: dict) -> bool:
    return found["same_day"] or found["code"][0] in "BH"


# -- Dates that passed -------------------------------------------------------------------------------------


def _undecided(courses: QuerySet, code: str, today: date) -> QuerySet:
    """Keep the courses whose date nobody has decided about, or was put off to a day that has come."""
    standing = Q(until_on=None) | Q(until_on__gt=today)
    decided = Decision.objects.filter(
        standing, course=OuterRef("pk"), code=code, passed_on=OuterRef(DATE_OF[code])
    )
    return courses.exclude(Exists(decided))


def _running(clinic: Clinic, today: date) -> QuerySet:
    return Course.objects.running(today).filter(clinic=clinic)


def _reviews(clinic: Clinic, today: date) -> QuerySet:
    return _running(clinic, today).filter(review_due_on__lte=today)


def _twelve_months(clinic: Clinic, today: date) -> QuerySet:
    late = _running(clinic, today).filter(twelve_months_on__lte=today)
    return _undecided(late, "A-LAPSED-12M", today)


def _lapsed(clinic: Clinic, today: date) -> QuerySet:
    late = _running(clinic, today).filter(lapses_on__lte=today)
    return _undecided(late.exclude(twelve_months_on__lte=today), "A-LAPSED", today)


def _overdue(clinic: Clinic, today: date) -> QuerySet:
    late = _running(clinic, today).filter(physician_from_on__lte=today)
    worse = Q(lapses_on__lte=today) | Q(twelve_months_on__lte=today)
    return _undecided(late.exclude(worse), "A-OVERDUE-PHYSICIAN", today)


def _neuro_gap(clinic: Clinic, today: date) -> QuerySet:
    """Loading on alternate days is the one that has reviews."""
    latest = today - timedelta(days=GAPS[Loading.NEURO_ALT_DAYS] + 1)
    loading = _running(clinic, today).filter(review_due_on__isnull=False, last_given_on__lte=latest)
    return _undecided(loading, "A-NEURO-GAP", today)


def _other_loading(clinic: Clinic, today: date) -> QuerySet:
    """Loading that has begun and counts its doses; what is long overdue stands there already."""
    loading = _running(clinic, today).filter(phase=Course.Phase.LOADING, review_due_on=None)
    return loading.filter(last_given_on__isnull=False).exclude(physician_from_on__lte=today)


def _long_gap(clinic: Clinic, today: date) -> QuerySet:
    latest = today - timedelta(days=RESTART_GAP + 1)
    return _undecided(
        _other_loading(clinic, today).filter(last_given_on__lte=latest), "A-LOAD-GAP-GT14", today
    )


def _gap(clinic: Clinic, today: date) -> QuerySet:
    daily_keys = [each.key for each in catalogue.REGIMENS if each.loading.kind is Loading.DAILY_X10]
    daily = Exists(Plan.objects.signed().filter(course=OuterRef("pk"), regimen_key__in=daily_keys))
    latest = {kind: today - timedelta(days=days + 1) for kind, days in GAPS.items()}
    loading = _other_loading(clinic, today).filter(last_given_on__gte=today - timedelta(days=RESTART_GAP))
    gaps = Q(last_given_on__lte=latest[Loading.STD_3X_WEEK_2W]) | Q(
        daily, last_given_on__lte=latest[Loading.DAILY_X10]
    )
    return _undecided(loading.filter(gaps), "A-LOAD-GAP-GT7", today)


def _missed_labs(clinic: Clinic, today: date) -> QuerySet:
    """Give courses with a check whose window closed, whether or not the columns were rolled forward since."""
    missed = Q(clinic=clinic, missed_lab_due_on__isnull=False) | Q(clinic=clinic, lab_closes_on__lt=today)
    return Course.objects.filter(missed).annotate(missed_on=Coalesce("missed_lab_due_on", "lab_due_on"))


def _passed(code: str, what: str) -> Callable[[dict], Words]:
    """Give the words of a date that passed."""
    act = Act("decide_passed_date", "Settle", (code,))
    return lambda _values: Words(what, (code,), act)


def _of_review(_values: dict) -> Words:
    return Words("Neurological review", (), Act("record_review", "Record the review"), ("R-10", "D-01"))


def _of_lab(values: dict) -> Words:
    name = values["missed_lab_name"] or values["lab_name"]
    what = f"Blood test missed: {lab_name(name)}"
    return Words(what, (), Act("waive_lab_check", "Let it go"), ("R-24a", "R-25", "D-26"))


def _of_result(values: dict) -> Words:
    act = Act("review_result", "Look and sign off", (values["pk"],))
    return Words(urgent_results.in_words(values), (urgent_results.code_of(values),), act)


REQUEST = {"since": "raised_at", "words": _of_request, "columns": ("kind", "codes", "text", "injection_id")}
REQUEST |= {"reads": moment}
PLAN = {"since": "proposed_at", "words": _of_plan, "patient": "course__patient", "reads": moment}
PLAN |= {"columns": ("recommendation__status", "recommendation__findings")}

# fmt: off
KINDS = (
    Kind("today", "Asked today", _requests(True), same_day=True, **REQUEST),
    Kind("neuro-gap", "Loading with nerves involved has a gap", _neuro_gap, "last_given_on",
         _passed("A-NEURO-GAP", "Last loading dose"), same_day=True),
    Kind("plans-today", "Plans to sign today", _plans_today, same_day=True, **PLAN),
    Kind("results", "Results that need a look", urgent_results.unseen, "collected_on", _of_result,
         columns=("analyte", "value", "unit", "comparator"), same_day=True),
    Kind("holds", "Held at the dose screen", _requests(False, Request.Kind.HOLD), **REQUEST),
    Kind("plans", "Plans to sign", _plans, **PLAN),
    Kind("reviews", "Neurological reviews due", _reviews, "review_due_on", _of_review),
    Kind("twelve-months", "A year without a dose", _twelve_months, "twelve_months_on",
         _passed("A-LAPSED-12M", "A year since the last dose")),
    Kind("lapsed", "Lapsed", _lapsed, "lapses_on", _passed("A-LAPSED", "A whole interval missed")),
    Kind("overdue", "Long overdue", _overdue, "physician_from_on",
         _passed("A-OVERDUE-PHYSICIAN", "Dose long overdue")),
    Kind("long-gaps", "Loading with a gap of over 14 days", _long_gap, "last_given_on",
         _passed("A-LOAD-GAP-GT14", "Last loading dose")),
    Kind("gaps", "Loading with a gap", _gap, "last_given_on", _passed("A-LOAD-GAP-GT7", "Last loading dose")),
    Kind("stops", "Wishes to stop", _requests(False, Request.Kind.STOP), **REQUEST),
    Kind("incidents", "Given outside the rules", _requests(False, Request.Kind.INCIDENT), **REQUEST),
    Kind("requests", "Other requests", _requests(False, *(
        kind for kind in Request.Kind
        if kind not in (Request.Kind.HOLD, Request.Kind.STOP, Request.Kind.INCIDENT, Request.Kind.MERGE))),
         **REQUEST),
    Kind("merges", "Two records, perhaps one person", _requests(False, Request.Kind.MERGE), **REQUEST),
    Kind("labs", "Blood tests missed", _missed_labs, "missed_on", _of_lab,
         columns=("missed_lab_name", "lab_name")),
    Kind("imports", "Imported plans to adopt", _imports, **PLAN),
)
# fmt: on
BY_KEY = {kind.key: kind for kind in KINDS}


def same_day_kinds() -> Iterator[Kind]:
    """Yield the kinds that are decided today and cannot be put off."""
    return (kind for kind in KINDS if kind.same_day)
