"""From facts to a recommendation: regimen, reasons, warnings, holds, blocks and rejected alternatives.

Every rule is asked, in the order of section 4 of the rules, and none stops the others, so that all codes are seen
together. Giving a dose is not asked here: see `checks`.
"""

from collections.abc import Iterable, Iterator
from datetime import date, timedelta

from . import catalogue, explanation, maintenance, patient_rules, stopping
from .codes import Finding, Passer, finding
from .entries import Loading, Product, Regimen, Route
from .facts import Answer, Facts, Neuro
from .form_rules import allowed_form, form_findings
from .levels import Kidneys
from .maintenance import Maintenance
from .recommendation import Proposal, Recommendation, Status
from .requests import Action, Form, Request, Role
from .situation import Situation, situation

__all__ = (
    "Action",
    "Form",
    "Recommendation",
    "Request",
    "Role",
    "Status",
    "loading_for",
    "overridden",
    "recommend",
)

BLOCKS_AND_HIDES = frozenset({"B-AGE-U16", "B-ALLERGY-COBALAMIN", "B-INACTIVE", "B-ROLE"})
HOLDS_AND_HIDES = frozenset({"B-LAB-IMPLAUSIBLE", "H-DEFICIENCY-UNCONFIRMED", "H-NEURO-UNKNOWN"})
HOLDS_AND_SHOWS = frozenset(
    {"B-PLT-LT10", "H-PLT-10-24", "B-PLT-STALE", "H-BLEED-COMBINED", "H-K-LOW", "W-LEBER-REGIMEN"}
)
NEW_PLAN_RULES = (
    *patient_rules.ALWAYS,
    patient_rules.deficiency,
    patient_rules.nerves,
    patient_rules.leber,
    patient_rules.potassium,
    patient_rules.folic_acid,
)


def recommend(facts: Facts, request: Request, on: date) -> Recommendation:
    """Return what the protocol says to a request for this patient on a day (rules R-, C- and D-)."""
    patient = situation(facts, on)
    match request.action:
        case Action.NEW_PLAN:
            return _new_plan(patient, request)
        case Action.INTERVAL_CHANGE:
            return _interval_change(patient, request)
        case Action.STOP_REQUEST:
            return stopping.stop(patient, request)


def _new_plan(patient: Situation, request: Request) -> Recommendation:
    proposal, found = _propose(patient, request, loading_for(patient, request))
    found = [*patient_rules.raised(NEW_PLAN_RULES, patient), *found]
    if proposal.route is not Route.ORAL:
        found.extend(patient_rules.bleeding(patient))
        found.extend(_bariatric_option(patient))
    found.extend(_loading_findings(patient, request, proposal))
    if request.role is not Role.PHYSICIAN and request.asks_for_more:
        found.append(finding("B-ROLE"))
    codes = {each.code for each in found}
    if hidden := _hides(codes):
        return _answer(patient, hidden, found)
    status = Status.HOLD if codes & HOLDS_AND_SHOWS else Status.PROPOSED
    passed = overridden(form_findings(request.form, patient), request)
    return _answer(patient, status, found, proposal, overridden=passed)


def _interval_change(patient: Situation, request: Request) -> Recommendation:
    """Answer a change to a running plan: it loads nothing, and moves no lab check."""
    proposal, found = _propose(patient, request, Loading.NONE)
    found = [*patient_rules.raised(patient_rules.ALWAYS, patient), *found]
    if request.symptoms_returned:
        found.append(finding("A-SYMPTOM-RETURN"))
    may_change = request.role is Role.PHYSICIAN
    if not may_change:
        found.append(finding("B-ROLE"))
    hidden = _hides({each.code for each in found})
    return _answer(
        patient,
        hidden or Status.PROPOSED,
        found,
        None if hidden else proposal,
        plan_continues=True,
        creates_task="A-SYMPTOM-RETURN" if request.symptoms_returned and not may_change else None,
    )


def _hides(codes: set[str]) -> Status | None:
    """Return the status under which nothing is proposed, or None."""
    if codes & BLOCKS_AND_HIDES:
        return Status.BLOCKED
    return Status.HOLD if codes & HOLDS_AND_HIDES else None


def _propose(patient: Situation, request: Request, loading: Loading) -> tuple[Proposal, list[Finding]]:
    """Put a plan together, whatever speaks against it, with the findings of its form and interval."""
    found = form_findings(request.form, patient)
    passed = overridden(found, request)
    product, route, micrograms = allowed_form(
        request.form, [each for each in found if each.code not in passed]
    )
    if route is Route.ORAL:
        loading, terms = Loading.NONE, maintenance.DAILY
    else:
        terms = maintenance.terms(patient, request.interval)
        found.extend(maintenance.findings(patient, terms))
    proposal = Proposal(
        regimen=_regimen(product, loading),
        product=product,
        micrograms=micrograms,
        route=route,
        loading=loading,
        maintenance=terms,
        labs=_labs(patient) if request.action is Action.NEW_PLAN else None,
    )
    return proposal, found


def overridden(found: Iterable[Finding], request: Request) -> tuple[str, ...]:
    """Return the codes raised that the request lets pass: a physician's, and passable by one here (D-06)."""
    if request.role is not Role.PHYSICIAN:
        return ()
    return tuple(
        each.code
        for each in found
        if each.code in request.overrides and each.stops and each.passable_by is Passer.PHYSICIAN
    )


def loading_for(patient: Situation, request: Request) -> Loading:
    """Return the loading, which nerve status alone decides; ten daily doses only without (D-04, D-05, D-20, R-13)."""
    if patient.is_for_prevention or request.loaded_elsewhere:
        return Loading.NONE
    if patient.nerves_involved:
        return Loading.NEURO_ALT_DAYS
    return Loading.DAILY_X10 if request.loading is Loading.DAILY_X10 else Loading.STD_3X_WEEK_2W


def _loading_findings(patient: Situation, request: Request, proposal: Proposal) -> Iterator[Finding]:
    """Say what goes with a loading: reviews, closed days, ten daily doses refused (D-01, D-14)."""
    if request.loading is Loading.DAILY_X10 and patient.nerves_involved:
        yield finding("B-DAILY10-NEURO")
    clinic, phase = request.clinic_days, catalogue.LOADINGS[proposal.loading]
    if proposal.loading is Loading.DAILY_X10:
        days = (patient.on + timedelta(days=day) for day in range(phase.doses))
        if not all(map(clinic.is_open, days)):
            yield finding("W-DAILY10-WEEKEND")
    if proposal.loading is Loading.NEURO_ALT_DAYS:
        yield finding("W-NEURO-REVIEW")
        until_review = range(0, catalogue.REVIEW_FIRST.value, phase.days_apart)
        if not all(clinic.is_open(patient.on + timedelta(days=day)) for day in until_review):
            yield finding("W-ALT-DAYS-WEEKEND")


def _bariatric_option(patient: Situation) -> Iterator[Finding]:
    """Offer tablets after bariatric surgery, where nothing speaks against them (R-18)."""
    against = form_findings(stopping.TABLETS, patient)
    if patient.facts.bariatric is Answer.YES and not any(found.stops for found in against):
        yield finding("W-BARIATRIC-ORAL-OPTION")


def _regimen(product: Product, loading: Loading) -> Regimen:
    """Return the entry of the catalogue that is in use for a product and a loading."""
    return next(
        entry
        for entry in catalogue.REGIMENS
        if entry.product is product and entry.loading.kind is loading and entry.retired_on is None
    )


def _labs(patient: Situation) -> tuple[tuple[str, date], ...]:
    """Return the first year's checks from the day the plan would start (R-24a), and at one month in pregnancy."""
    timings = catalogue.LAB_TIMINGS
    if patient.facts.pregnant is Answer.YES:
        timings = (*timings, catalogue.PREGNANCY_REVIEW)
    return tuple((timing.name, timing.after.after(patient.on)) for timing in timings)


def _answer(
    patient: Situation, status: Status, found: list[Finding], proposal: Proposal | None = None, **more
) -> Recommendation:
    """Wrap the answer with its reasons, and with the questions that must be answered before signing."""
    return Recommendation(
        status=status,
        proposal=proposal,
        findings=tuple(found),
        reasons=explanation.reasons(patient, proposal) if proposal else (),
        rejected=explanation.rejected(patient, proposal) if proposal else (),
        unanswered=explanation.unanswered(patient),
        answer_before_signing=tuple(_answers_due(patient, proposal.maintenance if proposal else None)),
        platelets=patient.levels.get("platelets"),
        **more,
    )


def _answers_due(patient: Situation, terms: Maintenance | None) -> Iterator[str]:
    if patient.facts.neuro is Neuro.UNKNOWN:
        yield "neuro"
    if terms is not None and terms.daily and patient.kidneys is Kidneys.UNKNOWN:
        yield "egfr"
    if terms is not None and terms.choice_required:
        yield "interval"
