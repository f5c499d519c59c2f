"""Facts: every answer may be unknown, is stored as plain values, and shows when it changed."""

import json
from dataclasses import fields, replace
from datetime import date
from decimal import Decimal

import pytest

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
    age_on,
)
from regimens.protocol.units import Analyte, Comparator
from tests.regimens.protocol.people import HEALTHY, count, person


@pytest.mark.parametrize(
    ("born_on", "on", "age"),
    [
        (date(2010, 3, 2), date(2026, 3, 2), 16),
        (date(2010, 3, 3), date(2026, 3, 2), 15),
        (date(2010, 4, 1), date(2026, 3, 2), 15),
        (date(2010, 2, 28), date(2026, 3, 2), 16),
        (date(2012, 2, 29), date(2028, 2, 28), 15),
        (date(2012, 2, 29), date(2028, 2, 29), 16),
        (date(2012, 2, 29), date(2029, 2, 28), 16),
        (date(2012, 2, 29), date(2029, 3, 1), 17),
    ],
)
def test_age_is_in_whole_years_on_the_day(born_on, on, age):
    assert age_on(born_on, on) == age


FULL = Facts(
    born_on=date(1944, 12, 31),
    patient_state=PatientState.TRANSFERRED_OUT,
    pregnant=Answer.NO,
    deficiency=Deficiency.CONFIRMED,
    neuro=Neuro.SEVERE,
    neuro_at_presentation=Answer.YES,
    b12=Measured(Decimal("50.0"), "pg/mL", date(2026, 1, 2), Comparator.BELOW),
    hb=Measured(Decimal(62), "g/L", date(2026, 1, 2)),
    potassium=Measured(Decimal("3.4"), "mmol/L"),
    egfr=Measured(Decimal(55), None),
    platelets=count(18),
    pancytopenia=Answer.YES,
    severe_flag=Answer.NO,
    bariatric=Answer.YES,
    bariatric_procedure=BariatricProcedure.MALABSORPTIVE,
    ileal_resection=Answer.YES,
    ileal_resection_cm=Decimal("20.5"),
    crohns_ileal=Answer.NO,
    renal_flag=Answer.YES,
    dialysis=Answer.NO,
    anticoagulant=Answer.YES,
    allergies=frozenset({Allergy.PARABENS, Allergy.COBALT}),
    leber=Answer.NO,
    folic_acid=FolicAcid.CURRENT,
)
UNKNOWN = Facts(born_on=date(1980, 2, 29))


@pytest.mark.parametrize("facts", [FULL, UNKNOWN, HEALTHY])
def test_facts_survive_being_stored(facts):
    assert Facts.from_json(json.loads(json.dumps(facts.to_json()))) == facts


def test_facts_are_stored_in_plain_words():
    stored = FULL.to_json()
    assert stored["born_on"] == "1944-12-31"
    assert stored["allergies"] == ["cobalt", "parabens"]
    assert stored["ileal_resection_cm"] == "20.5"
    assert stored["neuro"] == "severe"
    assert stored["b12"] == {
        "value": "50.0",
        "unit": "pg/mL",
        "collected_on": "2026-01-02",
        "comparator": "<",
    }
    assert stored["egfr"] == {"value": "55", "unit": None, "collected_on": None, "comparator": None}
    assert UNKNOWN.to_json()["allergies"] is None


def test_nothing_is_known_of_a_new_patient_but_the_birthday():
    known = {field.name for field in fields(UNKNOWN) if getattr(UNKNOWN, field.name) not in (None, "unknown")}
    assert known == {"born_on", "patient_state"}


def test_the_order_in_which_allergies_were_entered_makes_no_difference():
    other = replace(FULL, allergies=frozenset({Allergy.COBALT, Allergy.PARABENS}))
    assert other.to_json() == FULL.to_json()


def test_a_fact_that_is_not_ours_or_missing_is_refused():
    with pytest.raises(TypeError, match=r"Not facts: a, b\."):
        Facts.from_json(HEALTHY.to_json() | {"b": 1, "a": 2})
    with pytest.raises(KeyError):
        Facts.from_json({"born_on": "1980-01-01"})


def test_a_change_since_the_page_was_opened_is_named():
    changed = person(anticoagulant=Answer.YES, platelets=count(45))
    assert changed.changed_since(HEALTHY) == ("platelets", "anticoagulant")
    assert HEALTHY.changed_since(person()) == ()


def test_the_same_number_written_otherwise_is_no_change():
    assert person(platelets=count("220.0")).changed_since(person(platelets=count("220"))) == ()


def test_a_result_is_converted_when_it_is_asked_for():
    assert count(50400, unit="/uL", comparator="<").converted(Analyte.PLT).value == Decimal("50.4")
    assert count(50, comparator="<").converted(Analyte.PLT).comparator is Comparator.BELOW
