"""A named person's answer: reviews, requests, incidents, and leave for one dose to pass."""

from datetime import date, datetime, timedelta

from django.db import IntegrityError, transaction
from django.db.models.functions import Now

from patients import audit
from patients.models import Patient
from patients.refusals import NotAllowed, Stale, require
from regimens.course_values import NEURO_REVIEW
from regimens.facts import digest, facts_of
from regimens.models import Authorisation, Course, Decision, Injection, Request
from regimens.outcomes import LET_PASS, REQUESTS, named, not_done_yet
from regimens.outcomes import Outcome as Answer
from regimens.protocol.codes import CODES, Passer
from regimens.protocol.reviews import Outcome
from regimens.services.locking import PatientLock, lock_patient, must_be_active
from regimens.services.outlook import refresh_outlook
from regimens.services.requests import raise_request

AUTHORISATION_DAYS = 14
# A repeat after a partial dose; an eGFR of 50 to 59.
PASSABLE = {"B-SAME-DAY-DOSE", "B-CYANO-RENAL"}
# Passed by another act: signing, confirming the deficiency, a recorded conversation, an emergency order.
PASSED_ELSEWHERE = {
    "B-PLAN-UNSIGNED",
    "H-DEFICIENCY-UNCONFIRMED",
    "H-STOP-REFUSAL",
    "B-FOLATE-BEFORE-B12",
    "H-FOLATE-IN-LOADING",
}
SETTLED_BEFORE = "Somebody has settled this already. Open the page again to see what was decided."


@transaction.atomic
def record_neuro_review(
    *,
    course: Course,
    outcome: str,
    on: date,
    now: datetime,
    decided_by,
    reason: str = "",
    seen: dict | None = None,
) -> Decision:
    """Record a neurological review. Only “no further improvement” ends loading; “worse” opens a request (D-01)."""
    require(decided_by, "regimens.decide", course)
    lock = lock_patient(course.patient)
    must_be_active(lock.patient)
    course.refresh_from_db()
    if course.phase != Course.Phase.LOADING or not course.neurological:
        raise NotAllowed("This course is not in neurological loading.")
    if course.review_due_on is None:
        raise NotAllowed("The first dose has not been given yet: there is nothing to review.")
    if on > lock.patient.clinic.day_of(now):
        raise NotAllowed("This day has not come yet.", field="on", code="B-FUTURE-DATE")
    outcome = Outcome(outcome)
    decision = write(
        lock.patient,
        course=course,
        passed_on=course.review_due_on,
        code=NEURO_REVIEW,
        outcome=outcome,
        reason=reason,
        seen=seen or {},
        decided_on=on,
        decided_by=decided_by,
    )
    if outcome == Outcome.WORSE:
        raise_request(
            lock,
            kind=Request.Kind.SYMPTOMS,
            codes=["A-SYMPTOM-RETURN"],
            same_day=True,
            text="Worse at the neurological review.",
            raised_on=on,
            raised_by=decided_by,
        )
    refresh_outlook(lock)
    audit.record(decided_by, "reviewed loading", patient=lock.patient, course=course.pk, outcome=str(outcome))
    return decision


@transaction.atomic
def settle_request(
    *, request: Request, outcome: str, on: date, decided_by, reason: str = "", seen: dict | None = None
) -> Decision:
    """Answer a request once, with an outcome its kind allows. Two physicians on one row: one wins, one is told."""
    require(decided_by, "regimens.decide", request)
    lock = lock_patient(request.patient, merged=True)
    if Request.objects.unanswered().filter(pk=request.pk).exists():
        must_be_allowed(REQUESTS[request.kind], outcome, lock.patient, since=request.raised_at, reason=reason)
    decision = settle(lock, request, outcome=outcome, on=on, decided_by=decided_by, reason=reason, seen=seen)
    refresh_outlook(lock)
    return decision


def must_be_allowed(
    outcomes: tuple[Answer, ...], value: str, patient: Patient, *, since: datetime | None, reason: str
) -> None:
    """Refuse an outcome that is not among those allowed, lacks its words, or says what was not done yet."""
    outcome = named(outcomes, value)
    if outcome is None:
        raise NotAllowed("The rules do not allow this answer here.", field="outcome")
    if outcome.words and not reason.strip():
        raise NotAllowed("Write why.", field="reason")
    if not_yet := not_done_yet(outcome, patient, since):
        raise NotAllowed(not_yet, field="outcome")


def withdraw_request(
    lock: PatientLock, request: Request, *, on: date, withdrawn_by, reason: str
) -> Decision | None:
    """Take back a request inside the act that voids what opened it; one that a physician has answered stays."""
    if Request.objects.unanswered().filter(pk=request.pk).exists():
        return settle(lock, request, outcome="withdrawn", on=on, decided_by=withdrawn_by, reason=reason)
    return None


@transaction.atomic
def decide_incident(
    *, injection: Injection, counts: bool, on: date, decided_by, reason: str = "", seen: dict | None = None
) -> Decision:
    """Decide whether a dose given outside the rules counts; a partial dose never does (D-25)."""
    require(decided_by, "regimens.decide", injection.patient)
    lock = lock_patient(injection.patient, merged=True)
    injection.refresh_from_db()
    if injection.voided_at:
        raise NotAllowed("This record has been voided.")
    if counts and injection.partial:
        raise NotAllowed("A partial dose never counts.", field="counts")
    if counts and another_counts(injection, lock.patient):
        raise NotAllowed("Another dose of the same day counts already.", field="counts")
    decision = write(
        lock.patient,
        injection=injection,
        code="INCIDENT",
        outcome="counts" if counts else "does not count",
        reason=reason,
        seen=seen or {"codes": injection.incident_codes},
        decided_on=on,
        decided_by=decided_by,
    )
    Injection.objects.filter(pk=injection.pk).update(counts=counts, counts_decision=decision)
    for request in Request.objects.unanswered().filter(injection=injection, kind=Request.Kind.INCIDENT):
        settle(
            lock, request, outcome=decision.outcome, on=on, decided_by=decided_by, reason=reason, seen=seen
        )
    refresh_outlook(lock)
    audit.record(decided_by, "decided incident", patient=lock.patient, injection=injection.pk, counts=counts)
    return decision


def another_counts(injection: Injection, person: Patient) -> bool:
    """Tell whether another dose of the same person and day counts already: two never do."""
    others = Injection.objects.counting().filter(patient__in=person.record_keys, given_on=injection.given_on)
    return others.exclude(pk=injection.pk).exists()


@transaction.atomic
def authorise_dose(
    *,
    patient: Patient,
    codes: tuple[str, ...],
    reason: str,
    on: date,
    decided_by,
    request: Request | None = None,
    seen: dict | None = None,
) -> Authorisation:
    """Let one dose pass the named codes, for two weeks, while the facts stand. Codes that nobody may pass are refused."""
    require(decided_by, "regimens.decide", patient)
    lock = lock_patient(patient)
    must_be_active(lock.patient)
    if not codes:
        raise NotAllowed("Name what the dose may pass.", field="codes")
    if not reason.strip():
        raise NotAllowed("Say why the dose may be given.", field="reason")
    closed = [code for code in codes if code not in CODES or not may_be_authorised(code)]
    if closed:
        raise NotAllowed(f"Nobody may pass {', '.join(closed)}.", field="codes")
    authorisation = Authorisation.objects.create(
        patient=lock.patient,
        request=request,
        codes=sorted(set(codes)),
        reason=reason.strip(),
        facts_digest=digest(facts_of(lock.patient, on)),
        authorised_by=decided_by,
        expires_on=on + timedelta(days=AUTHORISATION_DAYS),
    )
    if request:
        settle(lock, request, outcome=LET_PASS, on=on, decided_by=decided_by, reason=reason, seen=seen)
    audit.record(
        decided_by, "authorised dose", patient=patient, authorisation=authorisation.pk, codes=list(codes)
    )
    return authorisation


def standing_authorisations(patient: Patient, on: date) -> list[Authorisation]:
    """Give the authorisations that still hold on a day: unused, not expired, and no fact changed since."""
    rows = Authorisation.objects.filter(patient=patient, used_by=None, expires_on__gte=on)
    today = digest(facts_of(patient, on))
    return [row for row in rows if row.facts_digest == today]


def may_be_authorised(code: str) -> bool:
    """Tell whether a physician may ever let one dose pass this code (case-format.md, who may pass).

    Whether it passes at this dose is asked again when the dose is recorded: two of them pass in one case only.
    """
    return code in PASSABLE or (CODES[code].passable_by is Passer.PHYSICIAN and code not in PASSED_ELSEWHERE)


def settle(
    lock: PatientLock,
    request: Request,
    *,
    outcome: str,
    on: date,
    decided_by,
    reason: str = "",
    seen: dict | None = None,
) -> Decision:
    """Answer a request inside another act that holds the lock; the first answer wins."""
    answered = Request.objects.unanswered().filter(pk=request.pk).update(answered_at=Now())
    if not answered:
        raise Stale(SETTLED_BEFORE)
    audit.record(decided_by, "settled request", patient=lock.patient, request=request.pk, outcome=outcome)
    return write(
        lock.patient,
        request=request,
        code=request.kind,
        outcome=outcome,
        reason=reason,
        seen=seen or {"codes": request.codes},
        decided_on=on,
        decided_by=decided_by,
    )


def write(patient: Patient, **columns) -> Decision:
    """Insert a decision; the constraint says that the first one wins."""
    try:
        with transaction.atomic():
            return Decision.objects.create(patient=patient, **columns)
    except IntegrityError as error:
        raise Stale(SETTLED_BEFORE) from error
