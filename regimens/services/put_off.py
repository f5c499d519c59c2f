"""Putting something off to a day: it leaves the queue until then and comes back by itself. Never what is for today."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from operator import attrgetter

from django.db import transaction

from patients import audit
from patients.models import Analyte, Patient, Result
from patients.refusals import NotAllowed, Stale, require
from regimens.models import Course, Decision, Plan, Request
from regimens.outcomes import PUT_OFF
from regimens.protocol.codes import CODES
from regimens.protocol.intervals import months
from regimens.services.lab_checks import RESULT_REVIEW
from regimens.services.locking import lock_patient

# A row of its own that is put off, and the dates of a course that have no code in the protocol.
CODE = "PUT-OFF"
REVIEW = "A-NEURO-REVIEW-OVERDUE"
# The date of a course that each code is about; a decision names it, so that the next one asks again.
DATE_OF = {
    "A-OVERDUE-PHYSICIAN": "physician_from_on",
    "A-LAPSED": "lapses_on",
    "A-LAPSED-12M": "twelve_months_on",
    "A-NEURO-GAP": "last_given_on",
    "A-LOAD-GAP-GT7": "last_given_on",
    "A-LOAD-GAP-GT14": "last_given_on",
    "A-NO-ANSWER": "next_due_on",
    "W-K-MONITOR": "opened_on",
}
# Potassium is asked of before the first dose: nobody can wait with it.
TODAY = frozenset({"W-K-MONITOR", *(code for code in DATE_OF if CODES[code].same_day)})
MISSED_LAB = "LAB-MISSED"
TABLETS = "TABLETS-WAIT"
# No rule of medicine: longer than this is forgetting (H-03).
FURTHEST = months(3)
FOR_TODAY = "This is decided today; it cannot be put off."
GONE = "This does not wait any more. Open the list again to see what was decided."


@dataclass(frozen=True)
class Waiting:
    """One kind of row that may be put off. `waits`: nobody has settled it; `for_today`: it cannot be put off."""

    model: type
    waits: Callable[[object], bool]
    for_today: Callable[[object], bool] = lambda _row: False
    code: str = CODE
    passed_on: Callable[[object], date | None] | None = None


def _plan_is_for_today(plan: Plan) -> bool:
    return any(found["same_day"] for found in plan.recommendation["findings"])


def _result_waits(result: Result) -> bool:
    settled = Decision.objects.filter(result=result, code=RESULT_REVIEW, until_on=None)
    return result.voided_at is None and not settled.exists()


def _dated(code: str, date_of: Callable[[Course], date | None]) -> Waiting:
    def waits(course: Course) -> bool:
        about = {"course": course, "code": code, "passed_on": date_of(course), "until_on": None}
        return date_of(course) is not None and not Decision.objects.filter(**about).exists()

    return Waiting(Course, waits, lambda _course: code in TODAY, code, date_of)


def missed_lab_on(course: Course) -> date | None:
    """Give the date of the blood test that was missed, or that closes before its columns are rolled forward."""
    return course.missed_lab_due_on or course.lab_due_on


# By the word in the address.
WAITING = {
    "request": Waiting(Request, lambda row: row.answered_at is None, lambda row: row.same_day),
    "plan": Waiting(
        Plan, lambda row: row.signed_at is None and row.superseded_at is None, _plan_is_for_today
    ),
    # Other results that ask for a look are for today, each by a limit of the protocol.
    "result": Waiting(Result, _result_waits, lambda row: row.analyte != Analyte.FOLATE),
    "review": _dated(REVIEW, lambda course: course.review_due_on),
    "lab": _dated(MISSED_LAB, missed_lab_on),
    "tablets": _dated(TABLETS, lambda course: None if course.oral_confirmed_on else course.oral_decided_on),
    **{code: _dated(code, attrgetter(column)) for code, column in DATE_OF.items()},
}


@transaction.atomic
def put_off(
    *,
    patient: Patient,
    subject: str,
    row,
    until_on: date,
    on: date,
    decided_by,
    reason: str = "",
    seen: dict | None = None,
) -> Decision:
    """Put one thing off to a day. What must be decided the same day is refused."""
    require(decided_by, "regimens.decide", patient)
    lock = lock_patient(patient, merged=True)
    waiting = WAITING[subject]
    row.refresh_from_db()
    if not waiting.waits(row):
        raise Stale(GONE)
    if waiting.for_today(row):
        raise NotAllowed(FOR_TODAY, field="until_on")
    must_be_near(until_on, on)
    about = {waiting.model._meta.model_name: row}
    if waiting.passed_on:
        about["passed_on"] = waiting.passed_on(row)
    decision = Decision.objects.create(
        patient=lock.patient,
        **about,
        code=waiting.code,
        outcome=PUT_OFF,
        reason=reason.strip(),
        seen=seen or {},
        decided_on=on,
        decided_by=decided_by,
        until_on=until_on,
    )
    audit.record(
        decided_by,
        "put off a decision",
        patient=lock.patient,
        subject=subject,
        row=row.pk,
        until=str(until_on),
    )
    return decision


def must_be_near(until_on: date, on: date) -> None:
    """Refuse a day that is not to come, or so far away that nobody would remember why."""
    if until_on <= on:
        raise NotAllowed("Put it off to a later day.", field="until_on")
    if until_on > FURTHEST.after(on):
        raise NotAllowed(
            "Put it off by three months at most; then it can be put off again.", field="until_on"
        )
