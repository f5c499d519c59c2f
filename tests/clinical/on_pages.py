"""A profile of a case file as people enter it: the fields of the real forms, page by page."""

import json
from datetime import date, timedelta
from pathlib import Path

from dateutil.relativedelta import relativedelta

from patients import services as patient_services
from patients.models import Patient
from regimens.protocol.units import EGFR_UNIT
from tests.factories import ORDINARY, a_clinic, a_nurse

CASES = json.loads(Path(__file__).with_name("cases.json").read_text())
DEFAULTS = CASES["meta"]["input_defaults"]
PROFILES = [{**case, "input": {**DEFAULTS, **case["input"]}} for case in CASES["profiles"]]
WEEKDAYS = {"Mon-Fri": "01234", "Mon-Sun": "0123456"}


def boxes(name: str, day: date) -> dict[str, str]:
    return {f"{name}_day": str(day.day), f"{name}_month": str(day.month), f"{name}_year": str(day.year)}


def start_of(given: dict) -> date:
    return date.fromisoformat(given["start_date"])


def registered(given: dict) -> Patient:
    """The patient of a profile, registered and nothing more."""
    clinic = a_clinic(open_weekdays=WEEKDAYS[given["clinic_days"]])
    return patient_services.register_patient(
        clinic=clinic,
        family_name="Example",
        given_names="Case",
        born_on=start_of(given) - relativedelta(years=given["age"]),
        record_number="CASE-1",
        registered_by=a_nurse(clinic),
    )


def facts_form(given: dict) -> dict:
    """What is chosen on the page of clinical facts."""
    resection = given["ileal_resection_cm"]
    length = isinstance(resection, (int, float))
    plain = {
        **{topic: "no" for topic, answer in ORDINARY.items() if answer is False},
        "neuro": given["neuro"],
        "deficiency": given["deficiency"],
        "pregnant": _yes_no(given["pregnant"]),
        "crohns_ileal": _yes_no(given["crohns_ileal"]),
        "renal": _yes_no(given["renal_flag"]),
        "anticoagulant": _yes_no(given["anticoagulant"]),
        "leber": _yes_no(given["leber"]),
        "folic_acid": given["folic_acid"],
        "bariatric": "bypass" if given["bariatric"] else "none",
        "ileal_resection": "given" if length else resection or "none",
        "allergies": "given" if given["allergies"] else "none",
        "cause": "not-known",
        "prior_treatment": "none",
        **boxes("observed_on", start_of(given)),
    }
    if length:
        plain["ileal_resection_length"] = str(resection)
    if given["allergies"]:
        plain["allergies_which"] = given["allergies"]
    return plain


def results_forms(given: dict) -> list[dict]:
    """What is typed on the page of results: one panel for each day on which blood was taken."""
    start, panels = start_of(given), {}
    values = {
        "HB": (given["hb_g_l"], "g/L", 0),
        "K": (given["potassium"], "mmol/L", 0),
        "EGFR": (given["egfr"], EGFR_UNIT, 0),
    }
    for analyte, name in (("B12", "b12"), ("PLT", "platelets")):
        measured = given[name] or {"value": None, "unit": None}
        values[analyte] = (measured["value"], measured["unit"], measured.get("age_days") or 0)
    for analyte, (value, unit, age) in values.items():
        if value is None:
            continue
        drawn = start - timedelta(days=age)
        panel = panels.setdefault(drawn, {**boxes("collected_on", drawn), "lab": "The laboratory"})
        panel |= {analyte: str(value), f"{analyte}_unit": unit, f"{analyte}_confirmed": "on"}
    return list(panels.values())


def request_form(given: dict) -> dict:
    """What is asked of the protocol; empty fields ask for what it says itself."""
    offered = ("METHYLCOBALAMIN", "CYANOCOBALAMIN_IM", "CYANOCOBALAMIN_ORAL", "HYDROXOCOBALAMIN")
    product, choice = given["product_request"], given["physician_choice_months"]
    asked = {
        "route": given["route_request"],
        "product": product if product in offered else None,
        "other_product": None if product in offered else product,
        "micrograms": given["dose_request_mcg"],
        "loading": given["loading_request"],
        "interval": f"P{choice}M" if choice else None,
    }
    said = {name: str(value) for name, value in asked.items() if value}
    return {**boxes("starts_on", start_of(given)), "last_dose": "known", "tests_b12": "on", **said}


def dose_form(given: dict) -> dict:
    """What a nurse types at the dose screen, beside what stands there."""
    typed = {
        "identity": ["name+born"],
        "asked": "nothing",
        "kit": "on",
        "lot": "LOT1",
        **boxes("expires_on", date(2030, 1, 31)),
    }
    if given["site"]:
        typed["site"] = given["site"]
    if given["dose_request_mcg"]:
        typed["micrograms"] = str(given["dose_request_mcg"])
    if given["product_request"]:
        typed["product"] = given["product_request"]
    if given["route_request"]:
        typed["route"] = given["route_request"]
    return typed


def _yes_no(value: bool) -> str:
    return "yes" if value else "no"
