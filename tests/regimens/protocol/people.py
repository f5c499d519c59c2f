"""A healthy person of fifty with a confirmed deficiency, and what the protocol answers when something differs."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

from regimens.protocol import checks
from regimens.protocol.facts import Answer, Deficiency, Facts, FolicAcid, Measured, Neuro
from regimens.protocol.recommend import Recommendation, Request, recommend
from regimens.protocol.requests import Form, Role, Site
from regimens.protocol.units import EGFR_UNIT

MONDAY = date(2026, 3, 2)
NO = Answer.NO
YES = Answer.YES
UNKNOWN = Answer.UNKNOWN


def count(value, days_ago=2, unit="10^9/L", comparator=None):
    return Measured(Decimal(str(value)), unit, MONDAY - timedelta(days=days_ago), comparator)


def hb(value):
    return Measured(Decimal(str(value)), "g/L")


def potassium(value):
    return Measured(Decimal(str(value)), "mmol/L")


def egfr(value, comparator=None):
    return Measured(Decimal(str(value)), EGFR_UNIT, None, comparator)


def b12(value, unit="pg/mL", comparator=None):
    return Measured(Decimal(str(value)), unit, None, comparator)


HEALTHY = Facts(
    born_on=date(1976, 1, 1),
    pregnant=NO,
    deficiency=Deficiency.CONFIRMED,
    neuro=Neuro.NONE,
    neuro_at_presentation=NO,
    hb=hb(125),
    egfr=egfr(85),
    platelets=count(220),
    pancytopenia=NO,
    severe_flag=NO,
    bariatric=NO,
    ileal_resection=NO,
    crohns_ileal=NO,
    renal_flag=NO,
    dialysis=NO,
    anticoagulant=NO,
    allergies=frozenset(),
    leber=NO,
    folic_acid=FolicAcid.NONE,
)


def person(**changes) -> Facts:
    return replace(HEALTHY, **changes)


def resection(centimetres=None) -> dict:
    return {
        "ileal_resection": YES,
        "ileal_resection_cm": None if centimetres is None else Decimal(str(centimetres)),
    }


def advice(facts: Facts = HEALTHY, on: date = MONDAY, **request) -> Recommendation:
    return recommend(facts, Request(**request), on)


def codes(findings) -> set[str]:
    return {found.code for found in findings}


def stops(recommendation: Recommendation) -> set[str]:
    return codes(recommendation.blocks)


def said(recommendation: Recommendation) -> set[str]:
    return codes(recommendation.warnings) | codes(recommendation.alerts)


def ask(product=None, route=None, micrograms=None) -> Form:
    return Form(product, route, micrograms)


SIGNED = checks.PlannedDose(due_on=MONDAY)


def dose(
    facts: Facts = HEALTHY,
    planned: checks.PlannedDose | None = SIGNED,
    so_far: checks.DosesSoFar | None = None,
    role: Role = Role.NURSE,
    today: date = MONDAY,
    **proposed,
):
    """Check a dose that is about to be given on Monday into the left upper arm, unless told otherwise."""
    injection = checks.ProposedInjection(**{"given_on": MONDAY, "site": Site.DELTOID_L} | proposed)
    return checks.check(injection, facts, planned, so_far or checks.DosesSoFar(), role, today)
