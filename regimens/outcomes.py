"""What each thing to decide may be answered with: the outcomes that the rules allow, and no others.

An outcome that says something was done (“injections become more frequent”) is taken only once it has been done: an
answer alone changes no date.
"""

from collections.abc import Callable
from datetime import datetime
from typing import NamedTuple

from patients.models import Patient
from regimens.models import Course, Injection, Plan, Request
from regimens.protocol.reviews import Outcome as Review


class Done(NamedTuple):
    """What must be so before an outcome may say so, and what to tell whoever says it too early."""

    since: Callable[[Patient, datetime | None], bool]
    not_yet: str


class Outcome(NamedTuple):
    """One answer. `words`: it needs the reason in words. `done`: what it says must have been done."""

    value: str
    label: str
    words: bool = False
    done: Done | None = None


# -- What must have been done ------------------------------------------------------------------------------


def _changed_interval(patient: Patient, since: datetime | None) -> bool:
    """Another interval was signed since: the plan in force is younger than the question."""
    plans = Plan.objects.filter(course__patient__in=patient.record_keys, signed_at__isnull=False)
    now = plans.filter(superseded_at=None, signed_at__gte=since).first() if since else None
    before = plans.filter(signed_at__lt=since).order_by("-signed_at").first() if since else None
    return now is not None and (before is None or now.interval_iso != before.interval_iso)


def _more_often(patient: Patient, since: datetime | None) -> bool:
    """The plan in force is younger than the question, and its interval shorter than that of the one before."""
    if not _changed_interval(patient, since):
        return False
    plans = Plan.objects.filter(course__patient__in=patient.record_keys, signed_at__isnull=False)
    now = plans.filter(superseded_at=None).first()
    before = plans.filter(signed_at__lt=since).order_by("-signed_at").first()
    if before is None or before.interval is None or now.interval is None:
        return True
    return now.interval.nominal_days < before.interval.nominal_days


def _new_plan(patient: Patient, since: datetime | None) -> bool:
    """A plan was proposed since, and stands."""
    plans = Plan.objects.current().filter(course__patient__in=patient.record_keys, course__ended_on=None)
    return plans.filter(proposed_at__gte=since).exists() if since else plans.proposed().exists()


def _under_treatment(patient: Patient, _since: datetime | None) -> bool:
    """There is a plan, signed or to sign: the first dose has its date."""
    return Course.objects.open().filter(patient__in=patient.record_keys).exists()


def _ended(patient: Patient, since: datetime | None) -> bool:
    return not _under_treatment(patient, since)


def _no_dose_yet(patient: Patient, _since: datetime | None) -> bool:
    """No B12 has been given in this episode (D-13)."""
    course = Course.objects.open().filter(patient__in=patient.record_keys).first()
    if course:
        return course.last_given_on is None and course.phase != Course.Phase.ORAL
    return not Injection.objects.counting().filter(patient__in=patient.record_keys).exists()


def _in_loading(patient: Patient, since: datetime | None) -> bool:
    """Loading has begun and is not over."""
    loading = Course.objects.open().filter(patient__in=patient.record_keys, phase=Course.Phase.LOADING)
    return not _no_dose_yet(patient, since) and loading.exists()


def _loaded(patient: Patient, since: datetime | None) -> bool:
    return not _no_dose_yet(patient, since) and not _in_loading(patient, since)


def _status(*wanted: str) -> Callable[[Patient, datetime | None], bool]:
    def holds(patient: Patient, _since: datetime | None) -> bool:
        return Patient.objects.filter(pk=patient.pk, status__in=wanted).exists()

    return holds


CHANGED = Done(_changed_interval, "The interval has not been changed since this was asked. Change it first.")
MORE_OFTEN = Done(
    _more_often, "No shorter interval has been signed since this was asked. Change the interval first."
)
NEW_PLAN = Done(_new_plan, "No other plan has been proposed since. Propose it first.")
UNDER_TREATMENT = Done(
    _under_treatment, "There is no plan yet. Propose it first: B12 comes before folic acid."
)
TREATMENT_ENDED = Done(_ended, "The treatment has not been ended. End it first.")
DEAD = Done(_status(Patient.Status.DECEASED), "The death has not been recorded. Record it first.")
ALIVE = Done(
    _status(Patient.Status.ACTIVE, Patient.Status.TRANSFERRED),
    "The death has been recorded. If that was a mistake, undo it first.",
)
MOVED = Done(_status(Patient.Status.TRANSFERRED), "The transfer has not been recorded. Record it first.")
HERE = Done(_status(Patient.Status.ACTIVE), "The transfer has been recorded already.")
NO_DOSE_YET = Done(_no_dose_yet, "B12 has been given already.")
IN_LOADING = Done(_in_loading, "B12 loading is not under way.")
LOADED = Done(_loaded, "B12 loading is not complete.")

# -- Outcomes ----------------------------------------------------------------------------------------------

LET_PASS = "authorised"  # noqa: S105 - an outcome, no password
REFUSAL = "informed refusal"
PUT_OFF = "put off"
NOT_REACHED = "not reached"

# fmt: off
SYMPTOMS = (
    Outcome("no change", "Seen: no change of treatment", words=True),
    Outcome("more often", "Injections have become more frequent", done=MORE_OFTEN),
    Outcome("loading again", "Loading again, or another plan: it is proposed", done=NEW_PLAN),
    Outcome("referred", "Referred for another cause", words=True),
)
REQUESTS: dict[str, tuple[Outcome, ...]] = {
    Request.Kind.HOLD: (
        Outcome("wait", "Do not give the dose yet"),
        Outcome("go on", "The reason for the hold is gone: the dose may be given"),
    ),
    Request.Kind.STOP: (
        Outcome("goes on", "We talked: treatment goes on"),
        Outcome(REFUSAL, "We talked: the patient refuses, knowing the risk. Treatment ends", words=True),
    ),
    Request.Kind.SYMPTOMS: SYMPTOMS,
    Request.Kind.INTERVAL: (
        Outcome("unchanged", "The interval stays", words=True),
        Outcome("changed", "The interval has been changed", done=CHANGED),
    ),
    Request.Kind.DEATH: (
        Outcome("mistaken", "Mistaken: the patient is alive", done=ALIVE),
        Outcome("death recorded", "The death is recorded", done=DEAD),
    ),
    Request.Kind.TRANSFER: (
        Outcome("stays", "The patient stays with us", done=HERE),
        Outcome("transfer recorded", "The transfer is recorded", done=MOVED),
    ),
    Request.Kind.FOLATE: (
        Outcome("after B12", "Folic acid waits for B12"),
        Outcome("both together", "Emergency: both together", words=True, done=NO_DOSE_YET),
        Outcome("during loading", "Confirmed during loading", words=True, done=IN_LOADING),
        Outcome("free", "B12 treatment is adequate: folic acid may be given", done=LOADED),
    ),
    Request.Kind.ADVERSE: (
        Outcome("goes on", "Treatment goes on", words=True),
        Outcome("observe", "Treatment goes on, each dose observed"),
        Outcome("allergy", "Allergy: recorded among the facts, treatment is ended", done=TREATMENT_ENDED),
    ),
    Request.Kind.PATIENT: (Outcome("answered", "Answered"),),
    Request.Kind.INCIDENT: (Outcome("seen", "Seen"),),
    Request.Kind.MERGE: (
        Outcome("two persons", "Two persons: the records stay apart", words=True),
        Outcome("not needed", "Settled in another way", words=True),
    ),
}
TRY_AGAIN = Outcome(NOT_REACHED, "Not reached: try again (put it off to a day)")
GAP = (
    Outcome("goes on", "Loading goes on"),
    Outcome("start again", "Loading starts again: the new plan is proposed", done=NEW_PLAN),
)
PASSED: dict[str, tuple[Outcome, ...]] = {
    "A-OVERDUE-PHYSICIAN": (Outcome("arranged", "The patient was reached, the dose is arranged"), TRY_AGAIN),
    "A-LAPSED": (
        Outcome("dose now", "Dose now, no loading again"),
        Outcome("load again", "Load again: the new plan is proposed", done=NEW_PLAN),
        TRY_AGAIN,
    ),
    "A-LAPSED-12M": (
        Outcome("new episode", "A new episode: the new plan is proposed", done=NEW_PLAN),
        Outcome("dose now", "Dose now, no loading again"),
        TRY_AGAIN,
    ),
    "A-NEURO-GAP": (
        Outcome("dose today", "A dose today"),
        Outcome(NOT_REACHED, "Not reached: somebody goes on calling today", words=True),
    ),
    "A-LOAD-GAP-GT7": GAP,
    "A-LOAD-GAP-GT14": GAP,
    "A-NO-ANSWER": (
        Outcome("reached", "Reached in another way, the dose is arranged", words=True),
        Outcome("asked others", "Somebody else looks for the patient", words=True),
        TRY_AGAIN,
    ),
    "W-K-MONITOR": (
        Outcome("measured", "Measured elsewhere: value and day are written below", words=True),
        Outcome("without", "The first dose is given without it", words=True),
    ),
}
POTASSIUM_AFTER = (
    Outcome("measured", "Measured elsewhere: value and day are written below", words=True),
    Outcome("without", "It is not measured any more", words=True),
)
ON_FOLIC_ACID = (
    Outcome("B12 first", "B12 is started; folic acid is not stopped", done=UNDER_TREATMENT),
    Outcome("treated elsewhere", "B12 is treated elsewhere", words=True),
)
REVIEWS = (
    Outcome(Review.STILL_IMPROVING, "Still improving: loading goes on"),
    Outcome(Review.NO_FURTHER_IMPROVEMENT, "No further improvement: loading ends, maintenance begins"),
    Outcome(Review.WORSE, "Worse: loading goes on, and a physician acts the same day"),
)
# fmt: on


def not_done_yet(outcome: Outcome, patient: Patient, since: datetime | None) -> str:
    """Say what must be done before this outcome may be chosen; nothing where it may be."""
    done = outcome.done
    return "" if done is None or done.since(patient, since) else done.not_yet


def offered(outcomes: tuple[Outcome, ...], patient: Patient, since: datetime | None) -> tuple[Outcome, ...]:
    """Give the outcomes that may be chosen now; those that say what nobody has done yet are left out."""
    return tuple(each for each in outcomes if not not_done_yet(each, patient, since))


def named(outcomes: tuple[Outcome, ...], value: str) -> Outcome | None:
    """Give the outcome of this value among those allowed; None for any other."""
    return next((each for each in outcomes if each.value == value), None)
