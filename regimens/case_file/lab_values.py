"""Answers one lab value of a case file, or one panel against its due date."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal

from regimens.protocol.codes import Kind
from regimens.protocol.facts import Measured
from regimens.protocol.results import Reading, Treatment, folic_acid, panel_status, read
from regimens.protocol.units import EGFR_UNIT, Analyte, Comparator, shown

PANEL_WORDS = frozenset(("panel_due", "window_days", "collected", "as_of"))
# fmt: off
VALUE_WORDS = frozenset((
    "analyte", "value", "unit", "comparator", "collected", "last_injection", "egfr", "b12_doses_given",
))
# fmt: on
WORDS = PANEL_WORDS | VALUE_WORDS
VALUE_KEYS = {
    Analyte.B12: (("pmol_l", "pmol/L"), ("pg_ml", "pg/mL")),
    Analyte.ACTIVE_B12: (("pmol_l", "pmol/L"),),
    Analyte.HCY: (("umol_l", "umol/L"),),
    Analyte.FOLATE: (("nmol_l", "nmol/L"),),
    Analyte.PLT: (("10e9_l", "10^9/L"),),
    Analyte.HB: (("g_l", "g/L"),),
}
NO_VALUES = dict.fromkeys(("pmol_l", "pg_ml", "umol_l", "umol_l_unrounded", "nmol_l", "10e9_l", "g_l"))


def answer(given: Mapping, expected: Mapping | tuple = ()) -> dict:
    """Return what the protocol says to the input of a lab case; an unknown word raises ValueError."""
    if "panel_due" in given:
        return _panel_answer(given)
    analyte = Analyte(given["analyte"])
    reading = read(analyte, _measured(given), _treatment(given))
    return {
        **NO_VALUES,
        **_values(reading),
        "band": reading.band,
        "at_target": reading.at_target,
        "severe_deficiency": reading.severe_deficiency,
        "comparator": given.get("comparator"),
        "days_since_injection": reading.days_since_injection,
        "blocks": [found.code for found in reading.findings if found.stops],
        "warnings": [found.code for found in reading.findings if found.kind is Kind.WARNING],
        "alerts": [],
        "suggest_unit": reading.refusal.suggest_unit if reading.refusal else None,
        "blocks_for_order_folic_acid": _folic_acid(analyte, given),
        "changes_schedule": reading.changes_schedule,
        "status": None,
    }


def _panel_answer(given: Mapping) -> dict:
    collected_on = _day(given.get("collected"))
    as_of = _day(given.get("as_of")) or collected_on
    if as_of is None:
        raise ValueError("A panel case says when it was collected, or as of which day it is asked.")
    status = panel_status(_day(given["panel_due"]), given["window_days"], collected_on, as_of)
    return {"status": status, "blocks": [], "warnings": [], "alerts": [], "changes_schedule": False}


def _measured(given: Mapping) -> Measured:
    value, comparator = given["value"], given.get("comparator")
    if isinstance(value, bool) or not isinstance(value, (int, Decimal)):
        raise ValueError(f"value is a number, not {value!r}.")
    return Measured(
        value=Decimal(value),
        unit=given.get("unit"),
        collected_on=_day(given.get("collected")),
        comparator=Comparator(comparator) if comparator else None,
    )


def _treatment(given: Mapping) -> Treatment:
    egfr = given.get("egfr")
    return Treatment(
        last_injection_on=_day(given.get("last_injection")),
        doses_given=given.get("b12_doses_given"),
        egfr=None if egfr is None else Measured(Decimal(egfr), EGFR_UNIT),
    )


def _values(reading: Reading) -> dict:
    if reading.level is None:
        return {}
    keys = VALUE_KEYS.get(reading.analyte, ())
    values = {key: shown(reading.level.within(unit)) for key, unit in keys}
    if reading.analyte is Analyte.HCY:
        values["umol_l_unrounded"] = reading.level.value
    return values


def _folic_acid(analyte: Analyte, given: Mapping) -> list[str] | None:
    """Return what refuses folic acid after a folate result; a physician's confirmation is no code of the format."""
    if analyte is not Analyte.FOLATE:
        return None
    found = folic_acid(given.get("b12_doses_given"), loading_complete=False)
    return [each.code for each in found if each.kind is Kind.BLOCK]


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None
