"""Units: nothing is guessed, nothing is rounded before it is compared, nothing impossible is taken."""

from decimal import Decimal

import pytest

from regimens.protocol.units import (
    ANALYTES,
    Analyte,
    Comparator,
    Implausible,
    UnitMissing,
    accepted,
    convert,
    shown,
    suggestion,
)


def level(analyte, value, unit, comparator=None):
    return convert(Analyte(analyte), Decimal(value), unit, comparator)


@pytest.mark.parametrize(
    ("analyte", "value", "unit", "canonical"),
    [
        ("B12", "200", "pg/mL", "147.6"),
        ("B12", "200", "ng/L", "147.6"),
        ("B12", "0.2", "ng/mL", "147.6"),
        ("B12", "200", "pmol/L", "200"),
        ("ACTIVE_B12", "60", "pmol/L", "60"),
        ("HCY", "1.5", "mg/L", "11.0955"),
        ("HCY", "10", "umol/L", "10"),
        ("FOLATE", "2", "ng/mL", "4.532"),
        ("FOLATE", "2", "ug/L", "4.532"),
        ("FOLATE", "2", "nmol/L", "2"),
        ("PLT", "48", "10^9/L", "48"),
        ("PLT", "48", "K/uL", "48"),
        ("PLT", "48", "10^3/uL", "48"),
        ("PLT", "50400", "/uL", "50.4"),
        ("HB", "12.5", "g/dL", "125"),
        ("HB", "125", "g/L", "125"),
        ("MCV", "90", "fL", "90"),
        ("K", "3.9", "mmol/L", "3.9"),
        ("K", "3.9", "mEq/L", "3.9"),
        ("EGFR", "59", "mL/min/1.73 m2", "59"),
    ],
)
def test_a_value_is_converted_exactly(analyte, value, unit, canonical):
    assert level(analyte, value, unit).value == Decimal(canonical)


def test_every_accepted_unit_is_in_its_order():
    assert accepted(Analyte.B12) == ("pg/mL", "ng/L", "ng/mL", "pmol/L")
    assert accepted(Analyte.PLT) == ("10^9/L", "K/uL", "10^3/uL", "/uL")
    assert accepted(Analyte.HCY) == ("umol/L", "mg/L")
    assert accepted(Analyte.FOLATE) == ("nmol/L", "ng/mL", "ug/L")


@pytest.mark.parametrize(
    ("analyte", "unit", "low", "high", "step"),
    [
        ("B12", "pg/mL", "10", "50000", "0.1"),
        ("B12", "ng/L", "10", "50000", "0.1"),
        ("B12", "ng/mL", "0.01", "50", "0.001"),
        ("B12", "pmol/L", "7.38", "36900", "0.01"),
        ("ACTIVE_B12", "pmol/L", "1", "500", "0.1"),
        ("HCY", "umol/L", "0.5", "500", "0.1"),
        ("FOLATE", "nmol/L", "0.5", "200", "0.1"),
        ("PLT", "10^9/L", "0", "3000", "1"),
        ("PLT", "/uL", "0", "3000000", "1"),
        ("HB", "g/L", "20", "250", "0.1"),
        ("HB", "g/dL", "2", "25", "0.01"),
        ("MCV", "fL", "40", "160", "0.1"),
        ("K", "mmol/L", "1", "10", "0.1"),
        ("EGFR", "mL/min/1.73 m2", "1", "200", "0.1"),
    ],
)
def test_hard_limits_are_inclusive(analyte, unit, low, high, step):
    assert level(analyte, low, unit).reported == Decimal(low)
    assert level(analyte, high, unit).reported == Decimal(high)
    with pytest.raises(Implausible):
        level(analyte, Decimal(low) - Decimal(step), unit)
    with pytest.raises(Implausible):
        level(analyte, Decimal(high) + Decimal(step), unit)


@pytest.mark.parametrize(
    ("analyte", "unit", "low", "high"),
    [
        ("B12", "pg/mL", "100", "2000"),
        ("ACTIVE_B12", "pmol/L", "10", "200"),
        ("HCY", "umol/L", "4", "50"),
        ("FOLATE", "nmol/L", "3", "100"),
        ("PLT", "10^9/L", "20", "1000"),
        ("HB", "g/L", "60", "200"),
        ("MCV", "fL", "70", "130"),
        ("K", "mmol/L", "2.5", "6.5"),
        ("EGFR", "mL/min/1.73 m2", "10", "130"),
    ],
)
def test_soft_limits_ask_for_a_second_look_only_outside(analyte, unit, low, high):
    assert not level(analyte, low, unit).needs_confirming
    assert not level(analyte, high, unit).needs_confirming
    assert level(analyte, Decimal(low) - Decimal("0.1"), unit).needs_confirming
    assert level(analyte, Decimal(high) + Decimal("0.1"), unit).needs_confirming


@pytest.mark.parametrize("unit", [None, "", "mg/dL", "PG/ML"])
def test_there_is_no_default_unit(unit):
    with pytest.raises(UnitMissing) as refusal:
        level("B12", "200", unit)
    assert refusal.value.suggest_unit == "pg/mL"


def test_a_missing_unit_and_a_wrong_one_are_told_apart():
    with pytest.raises(UnitMissing, match=r"Serum B12: the unit is missing\."):
        level("B12", "200", None)
    with pytest.raises(UnitMissing, match=r"Serum B12: unit g/L is not accepted\."):
        level("B12", "200", "g/L")
    with pytest.raises(Implausible, match=r"Platelets 45000 10\^9/L is not possible\."):
        level("PLT", "45000", "10^9/L")


@pytest.mark.parametrize(
    ("analyte", "value", "unit", "suggested"),
    [
        ("PLT", "45000", "10^9/L", "/uL"),
        ("HB", "12.5", "g/L", "g/dL"),
        ("B12", "0.3", "pg/mL", "ng/mL"),
        ("B12", "5", "pg/mL", None),
        ("HCY", "0.4", "umol/L", None),
        ("HCY", "0.4", None, None),
        ("HCY", "2", None, "mg/L"),
        ("MCV", "900", "fL", None),
        ("B12", "90", None, "pmol/L"),
        ("B12", "99", None, "pmol/L"),
        ("B12", "100", None, "pg/mL"),
        ("PLT", "20", None, "10^9/L"),
        ("PLT", "19", None, None),
        ("PLT", "20000", None, "/uL"),
    ],
)
def test_the_unit_that_would_make_sense_is_suggested(analyte, value, unit, suggested):
    with pytest.raises((Implausible, UnitMissing)) as refusal:
        level(analyte, value, unit)
    assert refusal.value.suggest_unit == suggested


def test_a_suggestion_is_made_on_the_soft_limits_not_the_hard_ones():
    assert suggestion(Analyte.HB, Decimal(59)) is None
    assert suggestion(Analyte.HB, Decimal(60)) == "g/L"


def test_the_micro_sign_and_the_greek_letter_are_the_same_unit():
    assert level("HCY", "12", "\N{MICRO SIGN}mol/L").value == 12
    assert level("HCY", "12", "\N{GREEK SMALL LETTER MU}mol/L").value == 12
    assert level("EGFR", "80", "mL/min/1.73 m\N{SUPERSCRIPT TWO}").value == 80


@pytest.mark.parametrize(
    ("analyte", "unit"),
    [
        ("EGFR", "mL/min/1.73m2"),
        ("PLT", "x10^9/L"),
        ("PLT", "x 10^9/L"),
        ("PLT", "\N{MULTIPLICATION SIGN} 10\N{SUPERSCRIPT NINE}/L"),
    ],
)
def test_blanks_and_signs_make_no_other_unit(analyte, unit):
    assert level(analyte, "48", unit).value == 48


@pytest.mark.parametrize(("analyte", "unit"), [("HB", "G/L"), ("HB", "xg/L"), ("EGFR", "mL/min")])
def test_capitals_and_what_is_left_out_make_another_unit(analyte, unit):
    with pytest.raises(UnitMissing):
        level(analyte, "80", unit)


@pytest.mark.parametrize(
    ("value", "shown_as"),
    [("2.25", "2.3"), ("2.24", "2.2"), ("2.35", "2.4"), ("11.0955", "11.1"), ("48", "48.0")],
)
def test_one_decimal_is_shown_rounded_half_up(value, shown_as):
    assert str(shown(Decimal(value))) == shown_as


def test_what_is_shown_is_the_canonical_value():
    assert level("B12", "200.05", "pg/mL").shown == Decimal("147.6")


def test_a_value_reads_back_exactly_in_the_unit_it_came_in():
    assert level("B12", "137", "pg/mL").within("pg/mL") == 137
    assert level("B12", "0.137", "ng/mL").within("ng/L") == 137
    assert level("B12", "137", "pg/mL").within("ng/mL") == Decimal("0.137")
    assert shown(level("B12", "133", "pmol/L").within("pg/mL")) == Decimal("180.2")
    assert level("B12", "200", "pg/mL").within("pmol/L") == Decimal("147.6")
    with pytest.raises(ValueError, match="g/L is not a unit of B12"):
        level("B12", "200", "pg/mL").within("g/L")


def test_a_float_and_a_truth_value_are_no_laboratory_values():
    for value in (1.5, True):
        with pytest.raises(TypeError, match="never a float"):
            convert(Analyte.K, value, "mmol/L")
    for value in ("NaN", "Infinity"):
        with pytest.raises(ValueError, match="is a number"):
            convert(Analyte.K, Decimal(value), "mmol/L")


def test_a_whole_number_is_a_value_too():
    assert convert(Analyte.K, 4, "mmol/L").value == 4


@pytest.mark.parametrize(
    ("value", "comparator", "under", "over", "at_least"),
    [
        ("9", None, True, False, False),
        ("10", None, False, False, True),
        ("11", None, False, True, True),
        ("10", "<", True, False, False),
        ("9", "<", True, False, False),
        ("11", "<", False, False, False),
        ("10", ">", False, True, True),
        ("11", ">", False, True, True),
        ("9", ">", False, False, False),
    ],
)
def test_a_comparator_says_only_what_is_sure(value, comparator, under, over, at_least):
    read = level("HCY", value, "umol/L", Comparator(comparator) if comparator else None)
    assert (read.under(10), read.over(10), read.at_least(10)) == (under, over, at_least)


def test_every_analyte_says_where_its_limits_come_from():
    assert all(measure.sources and measure.title for measure in ANALYTES.values())
    assert set(ANALYTES) == set(Analyte)
    assert [source.code for source in ANALYTES[Analyte.B12].sources] == ["S33", "S32", "K05"]
    assert {analyte: measure.canonical for analyte, measure in ANALYTES.items()} == {
        Analyte.B12: "pmol/L",
        Analyte.ACTIVE_B12: "pmol/L",
        Analyte.HCY: "umol/L",
        Analyte.FOLATE: "nmol/L",
        Analyte.PLT: "10^9/L",
        Analyte.HB: "g/L",
        Analyte.MCV: "fL",
        Analyte.K: "mmol/L",
        Analyte.EGFR: "mL/min/1.73 m2",
    }


def test_a_converted_value_names_its_unit_and_keeps_its_comparator():
    read = level("HCY", "1.5", "mg/L", Comparator.ABOVE)
    assert (read.unit, read.comparator, read.reported) == ("umol/L", Comparator.ABOVE, Decimal("1.5"))


def test_a_comparator_may_come_as_it_is_printed_and_an_empty_one_is_none():
    assert level("HCY", "10", "umol/L", "<").comparator is Comparator.BELOW
    assert level("HCY", "10", "umol/L", "").comparator is None
    with pytest.raises(ValueError, match="about"):
        level("HCY", "10", "umol/L", "about")
