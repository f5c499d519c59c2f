"""What an imported patient is treated with from now on: a plan as the protocol proposes it, for a physician to adopt."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date

from patients.models import Patient
from regimens.facts import facts_from
from regimens.imports.checking import NewPatient, Stage
from regimens.models import Course, Plan
from regimens.protocol.clinic_days import ClinicDays
from regimens.protocol.entries import Loading, Route
from regimens.protocol.facts import Deficiency, Facts, Neuro
from regimens.protocol.recommend import recommend
from regimens.protocol.recommendation import Recommendation, Status
from regimens.protocol.requests import AskedRoute, Form
from regimens.protocol.requests import Request as Asked
from regimens.services.plans import asked_to_json, terms_of


@dataclass(frozen=True, slots=True)
class Proposed:
    """The course and the unsigned plan of one patient, or why there is none; `notes` are (column, text)."""

    course: Course | None = None
    plan: Plan | None = None
    blocked: tuple[str, ...] = ()
    notes: tuple[tuple[str, str], ...] = ()


def proposed(patient: Patient, new: NewPatient, today: date, clinic_days: ClinicDays) -> Proposed:
    """Give what the protocol proposes for a patient of the file; nothing is written.

    Whoever is treated already gets a plan even where a question is open that must be answered before signing:
    nobody on treatment is without a next date (H-03). Age under 16 or an allergy leaves no plan to propose.
    """
    if new.status != Patient.Status.ACTIVE:
        return Proposed()
    facts = facts_from(patient, new.answers, {})
    asked = _asked(new, clinic_days)
    advice = recommend(facts, asked, today)
    if advice.proposal is None and new.is_treated and advice.status is Status.HOLD:
        advice = _as_if_answered(advice, facts, asked, today)
    if advice.proposal is None:
        why = " ".join(found.message for found in advice.blocks)
        return Proposed(
            blocked=tuple(found.code for found in advice.blocks),
            notes=(("", f"lands without a plan: {why}"),),
        )
    course = _course(new, today, is_oral=advice.proposal.route is Route.ORAL)
    plan = Plan(
        course=course,
        version=1,
        starts_on=today,
        counts_from_on=course.history_from_on,
        asked_for=asked_to_json(asked),
        **terms_of(facts, advice, today),
    )
    return Proposed(course, plan, notes=tuple(_notes(new, plan, advice)))


def _asked(new: NewPatient, clinic_days: ClinicDays) -> Asked:
    """Ask for what the clinic does today: its interval, tablets, ten daily doses, no loading for who had it (D-20)."""
    return Asked(
        form=Form(route=AskedRoute.ORAL) if new.stage is Stage.TABLETS else Form(),
        loading=Loading.DAILY_X10 if new.stage is Stage.DAILY_LOADING else None,
        loaded_elsewhere=new.stage in (Stage.MAINTENANCE, Stage.TABLETS),
        interval=new.interval,
        clinic_days=clinic_days,
    )


def _as_if_answered(advice: Recommendation, facts: Facts, asked: Asked, today: date) -> Recommendation:
    """Put the plan beside the hold: as for a shown deficiency without nerve involvement, until somebody answers."""
    assumed = replace(
        facts,
        deficiency=Deficiency.CONFIRMED,
        neuro=Neuro.NONE if facts.neuro is Neuro.UNKNOWN else facts.neuro,
    )
    provisional = recommend(assumed, asked, today)
    open_questions = dict.fromkeys((*advice.answer_before_signing, *provisional.answer_before_signing))
    return replace(advice, proposal=provisional.proposal, answer_before_signing=tuple(open_questions))


def _course(new: NewPatient, today: date, *, is_oral: bool) -> Course:
    first_on = min(new.doses, default=today)
    since = new.treated_since_on
    # Tablets go on since the last injection, or since treatment began, as far as the file says.
    tablets_since = max((day for day in (since, *new.doses) if day), default=today)
    oral_on = tablets_since if is_oral and new.stage is Stage.TABLETS else None
    return Course(
        opened_on=today,
        history_from_on=first_on,
        treated_since_on=since if since and since < first_on else None,
        last_dose_unknown=new.last_dose_unknown,
        oral_decided_on=oral_on,
        oral_confirmed_on=oral_on,
        next_due_on=today,
    )


def _notes(new: NewPatient, plan: Plan, advice: Recommendation) -> Iterator[tuple[str, str]]:
    """Yield where the proposal is not what the file says, and what waits for an answer."""
    if new.interval and plan.interval and plan.interval != new.interval:
        yield (
            "interval",
            f"the file says {new.interval}, the protocol {plan.interval}: proposed as the protocol says",
        )
    if new.stage is Stage.TABLETS and plan.route != Route.ORAL:
        why = " ".join(found.message for found in advice.blocks)
        yield "stage", f"tablets are refused, injections are proposed: {why}"
    if new.is_treated and (why := " ".join(found.message for found in advice.holds)):
        yield "", f"before a physician can sign: {why}"
