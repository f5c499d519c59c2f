"""Answers one profile of a case file: what the protocol says to a request, or to a dose about to be given."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from enum import StrEnum

from dateutil.relativedelta import relativedelta

from regimens.protocol import catalogue, checks, maintenance
from regimens.protocol.codes import Finding, Kind
from regimens.protocol.entries import Loading
from regimens.protocol.facts import (
    Allergy,
    Answer,
    BariatricProcedure,
    Deficiency,
    Facts,
    FolicAcid,
    Measured,
    Neuro,
    PatientState,
)
from regimens.protocol.form_rules import allowed_form
from regimens.protocol.intervals import months
from regimens.protocol.recommend import loading_for, recommend
from regimens.protocol.recommendation import Proposal, Recommendation, Status
from regimens.protocol.requests import Action, AskedRoute, Form, Request, Role, Site, StopReason
from regimens.protocol.situation import situation
from regimens.protocol.units import EGFR_UNIT

from .replay import clinic_days

# fmt: off
WORDS = frozenset((
    "age", "pregnant", "bariatric", "crohns_ileal", "renal_flag", "anticoagulant", "leber", "deficiency",
    "neuro", "b12", "hb_g_l", "potassium", "egfr", "ileal_resection_cm", "platelets", "allergies",
    "folic_acid", "action", "reason", "role", "route_request", "product_request", "dose_request_mcg",
    "loading_request", "physician_choice_months", "patient_state", "site", "last_site",
    "days_since_last_dose", "plan_signed", "administered_on", "today", "clinic_days", "start_date",
    "site_reason", "site_confirmed",
))
# fmt: on
ADMINISTER = "administer"
SYMPTOMS_RETURNED = "symptoms_returned"
HOLDS_A_DOSE = frozenset(
    {"B-LAB-IMPLAUSIBLE", "B-PLT-LT10", "H-PLT-10-24", "B-PLT-STALE", "H-BLEED-COMBINED", "H-K-LOW"}
)
NOTHING = {
    "product": None,
    "dose_mcg": None,
    "dose_mcg_allowed": None,
    "route": None,
    "loading": None,
    "loading_doses": None,
    "maintenance": None,
    "labs": None,
}


def answer(given: Mapping, expected: Mapping | tuple = ()) -> dict:
    """Return what the protocol says to the input of a profile; a word with an unknown value raises ValueError."""
    facts = _facts(given)
    if given["action"] == ADMINISTER:
        return _dose_answer(given, facts)
    found = recommend(facts, _request(given), _day(given["start_date"]))
    if _wants_a_reason(given, found):
        found = replace(found, status=Status.BLOCKED, proposal=None)
    return {
        **NOTHING,
        **(_proposal_answer(found.proposal) if found.proposal else {}),
        **_findings_answer(found.findings),
        "plan_status": found.status,
        "override_allowed": found.override_allowed,
        "plan_continues": found.plan_continues,
        "creates_task": found.creates_task,
        "platelets_10e9_l": _platelets(found),
    }


def _wants_a_reason(given: Mapping, found: Recommendation) -> bool:
    """Say whether an interval is changed past the cap for no reason given: refused, nothing changes (D-24)."""
    over_the_cap = "W-EXCEEDS-50PCT" in {each.code for each in found.findings}
    return given["action"] == Action.INTERVAL_CHANGE and given["reason"] is None and over_the_cap


def _facts(given: Mapping) -> Facts:
    start_on = _day(given["start_date"])
    resection, length = _resection(given["ileal_resection_cm"])
    return Facts(
        born_on=_birthday(given["age"], start_on),
        patient_state=PatientState(given["patient_state"]),
        pregnant=_yes_no(given["pregnant"]),
        deficiency=_one_of(Deficiency, given["deficiency"]),
        neuro=_one_of(Neuro, given["neuro"]),
        neuro_at_presentation=Answer.NO,
        b12=_measured(given["b12"]),
        hb=_number(given["hb_g_l"], "g/L"),
        potassium=_number(given["potassium"], "mmol/L"),
        egfr=_number(given["egfr"], EGFR_UNIT),
        platelets=_count(given["platelets"], start_on),
        pancytopenia=Answer.NO,
        severe_flag=Answer.NO,
        bariatric=_yes_no(given["bariatric"]),
        bariatric_procedure=BariatricProcedure.UNKNOWN,
        ileal_resection=resection,
        ileal_resection_cm=length,
        crohns_ileal=_yes_no(given["crohns_ileal"]),
        renal_flag=_yes_no(given["renal_flag"]),
        dialysis=Answer.NO,
        anticoagulant=_yes_no(given["anticoagulant"]),
        allergies=frozenset(Allergy(name) for name in given["allergies"]),
        leber=_yes_no(given["leber"]),
        folic_acid=_one_of(FolicAcid, given["folic_acid"]),
    )


def _request(given: Mapping) -> Request:
    loading, choice, reason = given["loading_request"], given["physician_choice_months"], given["reason"]
    if choice not in (None, 1, 2, 3):
        raise ValueError(f"physician_choice_months is 1, 2 or 3, not {choice!r}.")
    if loading == Loading.NONE:
        raise ValueError("NONE is not a loading to ask for.")
    stops = reason is not None and reason != SYMPTOMS_RETURNED
    if reason == StopReason.INFORMED_REFUSAL:
        raise ValueError(f"{reason!r} is not a reason of the format.")
    return Request(
        action=Action(given["action"]),
        role=Role(given["role"]),
        form=_form(given),
        loading=Loading(loading) if loading else None,
        interval=months(choice) if choice else None,
        stop_reason=StopReason(reason) if stops else None,
        symptoms_returned=reason == SYMPTOMS_RETURNED,
        clinic_days=clinic_days(given["clinic_days"]),
    )


def _form(given: Mapping) -> Form:
    route, micrograms = given["route_request"], given["dose_request_mcg"]
    if micrograms is not None and (
        isinstance(micrograms, bool) or not isinstance(micrograms, (int, Decimal))
    ):
        raise ValueError(f"dose_request_mcg is a number, not {micrograms!r}.")
    return Form(given["product_request"], AskedRoute(route) if route else None, micrograms)


def _proposal_answer(proposal: Proposal) -> dict:
    phase = catalogue.LOADINGS[proposal.loading]
    return {
        "product": proposal.product,
        "dose_mcg": proposal.micrograms,
        "dose_mcg_allowed": proposal.regimen.micrograms,
        "route": proposal.route,
        "loading": proposal.loading,
        "loading_doses": phase.doses,
        "maintenance": _maintenance_answer(proposal.maintenance),
        "labs": dict(proposal.labs) if proposal.labs is not None else None,
    }


def _maintenance_answer(terms: maintenance.Maintenance) -> dict:
    if terms.daily:
        return {"daily": True}
    if not terms.choice_required:
        return {"months": terms.interval.count, "physician_choice_required": False}
    return {
        "months": None,
        "allowed_months": [choice.count for choice in terms.choices],
        "provisional_months": terms.provisional.count,
        "physician_choice_required": True,
    }


def _findings_answer(found: tuple[Finding, ...]) -> dict:
    return {
        "blocks": [each.code for each in found if each.stops],
        "warnings": [each.code for each in found if each.kind is Kind.WARNING],
        "alerts": [each.code for each in found if each.kind is Kind.ALERT],
    }


def _platelets(found: Recommendation) -> Decimal | None:
    return found.platelets.shown if found.platelets else None


def _dose_answer(given: Mapping, facts: Facts) -> dict:
    """Put the dose to the same checks as the dose screen does (`checks.check`)."""
    proposed, found = _checked(given, facts)
    stops = {each.code for each in found if each.stops}
    status = Status.PROPOSED
    if stops:
        status = Status.HOLD if stops <= HOLDS_A_DOSE else Status.BLOCKED
    count = situation(facts, proposed.given_on).levels.get("platelets")
    return {
        **NOTHING,
        **({} if stops else _given_form(proposed, found)),
        **_findings_answer(found),
        "plan_status": status,
        "override_allowed": all(each.may_be_passed for each in found if each.stops) if stops else None,
        "plan_continues": None,
        "creates_task": None,
        "platelets_10e9_l": count.shown if count else None,
    }


def _given_form(proposed: checks.ProposedInjection, found: tuple[Finding, ...]) -> dict:
    product, route, micrograms = allowed_form(proposed.form, list(found))
    return {"product": product, "route": route, "dose_mcg": micrograms}


def _checked(given: Mapping, facts: Facts) -> tuple[checks.ProposedInjection, tuple[Finding, ...]]:
    asked, start_on = _form(given), _day(given["start_date"])
    given_on = _day(given.get("administered_on") or given["start_date"])
    days = given["days_since_last_dose"]
    last_on = None if days is None else start_on - timedelta(days=int(days))
    same_day = int(last_on == given_on)
    default = checks.ProposedInjection(given_on=given_on)
    route = asked.route or (AskedRoute.ORAL if asked.is_oral else default.route)
    proposed = checks.ProposedInjection(
        given_on=given_on,
        product=asked.product or _usual_product(asked, default),
        micrograms=default.micrograms if asked.micrograms is None else asked.micrograms,
        route=route,
        site=_site(given["site"]),
        site_reason=str(given.get("site_reason") or ""),
        site_confirmed=bool(_yes_no(given.get("site_confirmed") or False) is Answer.YES),
    )
    so_far = checks.DosesSoFar(
        last_full_on=last_on, last_on=last_on, last_site=_site(given["last_site"]), full_that_day=same_day
    )
    planned = _planned(given, facts, last_on, given_on)
    today = _day(given.get("today") or given["start_date"])
    return proposed, checks.check(proposed, facts, planned, so_far, Role(given["role"]), today)


def _usual_product(asked: Form, default: checks.ProposedInjection) -> str:
    return catalogue.regimen("cyanocobalamin-oral-1").product.value if asked.is_oral else default.product


def _planned(given: Mapping, facts: Facts, last_on: date | None, given_on: date) -> checks.PlannedDose:
    """Return the plan these facts would have been signed with, and the dose it has next.

    A profile does not say whether loading is over. A gap that loading would not bear without a physician's
    decision (D-21) is taken as maintenance, and so is any gap of somebody who never loads; others are loading.
    """
    request = _request({**given, "action": Action.NEW_PLAN.value, "reason": None})
    loading = _signed_loading(facts, request, given_on)
    signed = given.get("plan_signed", True)
    if not isinstance(signed, bool):
        raise ValueError(f"plan_signed is true or false, not {signed!r}.")
    if last_on is None or request.form.is_oral:
        return checks.PlannedDose(due_on=given_on, signed=signed, loading=loading)
    in_loading = (given_on - last_on).days <= catalogue.LOADING_RESTART_GAP.value
    if in_loading and loading is not Loading.NONE:
        due_on = last_on + timedelta(days=catalogue.LOADINGS[loading].days_apart)
        return checks.PlannedDose(due_on=due_on, signed=signed, loading=loading)
    interval = maintenance.terms(situation(facts, given_on), request.interval).in_use
    due_on = interval.after(last_on)
    opens_on = due_on - timedelta(days=catalogue.window_for(interval).early)
    return checks.PlannedDose(due_on=due_on, signed=signed, opens_on=opens_on)


def _signed_loading(facts: Facts, request: Request, given_on: date) -> Loading:
    """Return the loading such a plan has; one that was asked for stands, so that the check can refuse it."""
    if request.loading is Loading.DAILY_X10:
        return request.loading
    return loading_for(situation(facts, given_on), request)


def _birthday(age: int, start_on: date) -> date:
    """Return a birthday that makes somebody this old on the day."""
    if isinstance(age, bool) or not isinstance(age, int):
        raise ValueError(f"age is in whole years, not {age!r}.")
    return start_on - relativedelta(years=age)


def _resection(length: object) -> tuple[Answer, Decimal | None]:
    if length is None:
        return Answer.NO, None
    if length == "unknown":
        return Answer.YES, None
    centimetres = _decimal(length)
    return (Answer.YES, centimetres) if centimetres > 0 else (Answer.NO, None)


def _measured(given: Mapping | None) -> Measured | None:
    if given is None:
        return None
    if unknown := sorted(set(given) - {"value", "unit"}):
        raise ValueError(f"Not words of a result: {', '.join(unknown)}.")
    return Measured(_decimal(given["value"]), given["unit"])


def _number(value: object, unit: str) -> Measured | None:
    return None if value is None else Measured(_decimal(value), unit)


def _count(given: Mapping | None, start_on: date) -> Measured | None:
    """Return the platelet count; one without an age was collected nobody knows when."""
    if given is None:
        return None
    if unknown := sorted(set(given) - {"value", "unit", "age_days"}):
        raise ValueError(f"Not words of a platelet count: {', '.join(unknown)}.")
    days = given.get("age_days")
    collected_on = None if days is None else start_on - timedelta(days=int(days))
    return Measured(_decimal(given["value"]), given["unit"], collected_on)


def _decimal(value: object) -> Decimal:
    if isinstance(value, bool) or not isinstance(value, (int, Decimal)):
        raise ValueError(f"Not a number: {value!r}.")
    return Decimal(value)


def _yes_no(value: object) -> Answer:
    if not isinstance(value, bool):
        raise ValueError(f"Not true or false: {value!r}.")
    return Answer.YES if value else Answer.NO


def _one_of(words: type[StrEnum], value: str) -> StrEnum:
    """Return the member for a word of the format, which has no *unknown* for these questions."""
    if value == "unknown":
        raise ValueError(f"'unknown' is not a value of {words.__name__}.")
    return words(value)


def _site(word: str | None) -> Site | None:
    return Site(word) if word else None


def _day(text: str) -> date:
    return date.fromisoformat(text)
