"""Results: bands, targets, timing after a dose; and no result ever moves a date."""

from datetime import date, timedelta
from decimal import Decimal

import pytest

from regimens.protocol.facts import Measured
from regimens.protocol.results import Band, PanelStatus, Treatment, folic_acid, panel_status, read
from regimens.protocol.units import Analyte, Comparator
from tests.regimens.protocol.people import codes, egfr

DRAWN = date(2026, 4, 15)


def reading(analyte, value, unit, comparator=None, **treatment):
    measured = Measured(Decimal(str(value)), unit, DRAWN, Comparator(comparator) if comparator else None)
    return read(Analyte(analyte), measured, Treatment(**treatment))


@pytest.mark.parametrize(
    ("value", "unit", "comparator", "band"),
    [
        ("179.9", "pg/mL", None, Band.DEFICIENT),
        ("180", "pg/mL", None, Band.INDETERMINATE),
        ("350", "pg/mL", None, Band.INDETERMINATE),
        ("350.1", "pg/mL", None, Band.UNLIKELY),
        ("180", "ng/L", None, Band.INDETERMINATE),
        ("0.1799", "ng/mL", None, Band.DEFICIENT),
        ("0.18", "ng/mL", None, Band.INDETERMINATE),
        ("0.3501", "ng/mL", None, Band.UNLIKELY),
        ("132.9", "pmol/L", None, Band.DEFICIENT),
        ("133", "pmol/L", None, Band.INDETERMINATE),
        ("258", "pmol/L", None, Band.INDETERMINATE),
        ("258.1", "pmol/L", None, Band.UNLIKELY),
        ("400", "pg/mL", "<", Band.INDETERMINATE),
        ("181", "pg/mL", "<", Band.INDETERMINATE),
        ("180", "pg/mL", "<", Band.DEFICIENT),
        ("100", "pg/mL", "<", Band.DEFICIENT),
        ("349", "pg/mL", ">", Band.INDETERMINATE),
        ("350", "pg/mL", ">", Band.UNLIKELY),
        ("100", "pg/mL", ">", Band.INDETERMINATE),
    ],
)
def test_a_b12_before_treatment_is_banded_in_the_unit_reported(value, unit, comparator, band):
    assert reading("B12", value, unit, comparator).band is band


@pytest.mark.parametrize(
    ("value", "band"),
    [
        ("24.9", Band.DEFICIENT),
        ("25", Band.INDETERMINATE),
        ("70", Band.INDETERMINATE),
        ("70.1", Band.UNLIKELY),
    ],
)
def test_active_b12_has_bands_of_its_own(value, band):
    assert reading("ACTIVE_B12", value, "pmol/L").band is band


@pytest.mark.parametrize("given", [{"doses_given": 1}, {"last_injection_on": DRAWN - timedelta(days=60)}])
def test_a_b12_on_treatment_is_not_banded(given):
    assert reading("B12", "150", "pg/mL", **given).band is None


def test_no_dose_given_is_before_treatment():
    assert reading("B12", "150", "pg/mL", doses_given=0).band is Band.DEFICIENT


def test_only_b12_is_banded():
    assert reading("HCY", "5", "umol/L").band is None


@pytest.mark.parametrize(
    ("value", "unit", "comparator", "severe"),
    [
        ("99.9", "pg/mL", None, True),
        ("100", "pg/mL", None, False),
        ("73.9", "pmol/L", None, True),
        ("74", "pmol/L", None, False),
        ("0.0999", "ng/mL", None, True),
        ("0.1", "ng/mL", None, False),
        ("50", "pg/mL", "<", True),
        ("99.9", "pg/mL", "<", True),
        ("100", "pg/mL", "<", False),
        ("74", "pmol/L", "<", False),
        ("0.1", "ng/mL", "<", False),
        ("400", "pg/mL", "<", False),
        ("101", "pg/mL", "<", False),
        ("50", "pg/mL", ">", False),
    ],
)
def test_a_severely_low_b12(value, unit, comparator, severe):
    assert reading("B12", value, unit, comparator).severe_deficiency is severe


def test_haemoglobin_under_80_is_severe_and_asks_for_potassium_before_treatment():
    assert reading("HB", "79.9", "g/L").severe_deficiency is True
    assert reading("HB", "80", "g/L").severe_deficiency is False
    assert codes(reading("HB", "7.9", "g/dL").findings) == {"W-K-MONITOR"}
    assert codes(reading("HB", "80", "g/L").findings) == set()
    assert codes(reading("HB", "79", "g/L", doses_given=3).findings) == set()
    assert reading("K", "4", "mmol/L").severe_deficiency is None


@pytest.mark.parametrize(
    ("value", "unit", "comparator", "at_target", "raised"),
    [
        ("9.99", "umol/L", None, True, set()),
        ("10.0", "umol/L", None, False, {"W-HCY-ABOVE-TARGET"}),
        ("1.3518", "mg/L", None, True, set()),
        ("1.3519", "mg/L", None, False, {"W-HCY-ABOVE-TARGET"}),
        ("100", "umol/L", None, False, {"W-HCY-ABOVE-TARGET"}),
        ("100.1", "umol/L", None, False, {"W-HCY-ABOVE-TARGET", "W-HCY-URGENT"}),
        ("100", "umol/L", ">", False, {"W-HCY-ABOVE-TARGET", "W-HCY-URGENT"}),
        ("10", "umol/L", "<", True, set()),
        ("15", "umol/L", "<", None, set()),
        ("5", "umol/L", ">", None, set()),
    ],
)
def test_homocysteine_against_its_target(value, unit, comparator, at_target, raised):
    found = reading("HCY", value, unit, comparator)
    assert (found.at_target, codes(found.findings)) == (at_target, raised)


@pytest.mark.parametrize(("kidneys", "warned"), [(59.9, True), (60, False), (None, False), (0.1, False)])
def test_poor_kidneys_are_told_beside_homocysteine(kidneys, warned):
    found = reading("HCY", "8", "umol/L", egfr=None if kidneys is None else egfr(kidneys))
    assert codes(found.findings) == ({"W-RENAL-HCY"} if warned else set())


def test_kidneys_say_nothing_of_other_results():
    assert codes(reading("FOLATE", "8", "nmol/L", egfr=egfr(40)).findings) == set()


@pytest.mark.parametrize(
    ("value", "unit", "raised"),
    [
        ("9", "10^9/L", set()),
        ("10", "10^9/L", {"W-PLT-25-50"}),
        ("50000", "/uL", {"W-PLT-25-50"}),
        ("50400", "/uL", {"W-PLT-51-149"}),
        ("149.9", "K/uL", {"W-PLT-51-149"}),
        ("150", "10^9/L", set()),
    ],
)
def test_a_lone_platelet_count_raises_only_its_warnings(value, unit, raised):
    assert codes(reading("PLT", value, unit).findings) == raised


@pytest.mark.parametrize(("days", "flagged"), [(-1, False), (0, True), (14, True), (15, False)])
def test_a_b12_up_to_14_days_after_an_injection_says_nothing(days, flagged):
    found = reading("B12", "300", "pg/mL", last_injection_on=DRAWN - timedelta(days=days))
    assert found.days_since_injection == days
    assert ("W-B12-POSTDOSE" in codes(found.findings)) is flagged


def test_days_since_an_injection_are_counted_for_every_result():
    assert reading("K", "4", "mmol/L", last_injection_on=DRAWN).days_since_injection == 0
    assert reading("K", "4", "mmol/L").days_since_injection is None
    assert codes(reading("K", "4", "mmol/L", last_injection_on=DRAWN).findings) == set()


def test_active_b12_soon_after_an_injection_is_flagged_too():
    found = reading("ACTIVE_B12", "150", "pmol/L", last_injection_on=DRAWN)
    assert codes(found.findings) == {"W-B12-POSTDOSE"}


@pytest.mark.parametrize(
    ("value", "unit", "comparator", "expected"),
    [
        ("350", "pg/mL", None, False),
        ("350.1", "pg/mL", None, True),
        ("258", "pmol/L", None, False),
        ("258.1", "pmol/L", None, True),
        ("2000", "pg/mL", ">", True),
        ("300", "pg/mL", ">", False),
        ("2000", "pg/mL", "<", False),
    ],
)
def test_a_high_b12_is_expected_on_treatment(value, unit, comparator, expected):
    found = reading("B12", value, unit, comparator, doses_given=6)
    assert codes(found.findings) == ({"W-B12-HIGH-EXPECTED"} if expected else set())


def test_a_high_b12_is_not_expected_before_treatment():
    assert codes(reading("B12", "900", "pg/mL", doses_given=0).findings) == set()
    assert codes(reading("B12", "900", "pg/mL").findings) == set()


def test_an_impossible_value_is_refused_in_the_reading_and_says_nothing_else():
    found = reading("PLT", "45000", "10^9/L")
    assert (found.level, found.band, found.severe_deficiency) == (None, None, None)
    assert codes(found.findings) == {"B-LAB-IMPLAUSIBLE"}
    assert found.findings[0].detail == "Platelets 45000 10^9/L is not possible."
    assert found.refusal.suggest_unit == "/uL"
    assert found.analyte is Analyte.PLT


def test_a_refused_value_still_says_how_long_after_an_injection_it_was_drawn():
    found = reading("B12", "5", "pg/mL", last_injection_on=DRAWN - timedelta(days=3))
    assert found.days_since_injection == 3


def test_no_result_ever_changes_a_schedule():
    assert reading("B12", "2000", "pg/mL", ">").changes_schedule is False
    assert reading("PLT", "45000", "10^9/L").changes_schedule is False


@pytest.mark.parametrize(
    ("analyte", "unit"), [("K", "mmol/L"), ("MCV", "fL"), ("PLT", "10^9/L"), ("B12", "pg/mL")]
)
def test_only_homocysteine_has_a_target(analyte, unit):
    value = {"K": 4, "MCV": 90, "PLT": 8, "B12": 200}[analyte]
    assert reading(analyte, value, unit).at_target is None


def test_active_b12_says_nothing_of_severity():
    assert reading("ACTIVE_B12", 12, "pmol/L").severe_deficiency is None


def test_treatment_nobody_told_of_has_not_begun():
    nothing = Treatment()
    assert (nothing.begun, nothing.loading_complete) == (False, False)


def test_a_reading_without_any_treatment_known():
    assert read(Analyte.K, Measured(Decimal(4), "mmol/L")).level.value == 4


@pytest.mark.parametrize(
    ("doses", "complete", "raised"),
    [
        (None, False, {"B-FOLATE-BEFORE-B12"}),
        (0, False, {"B-FOLATE-BEFORE-B12"}),
        (1, False, {"H-FOLATE-IN-LOADING"}),
        (6, True, set()),
    ],
)
def test_folic_acid_waits_for_b12(doses, complete, raised):
    assert codes(folic_acid(doses, loading_complete=complete)) == raised


DUE = date(2026, 4, 5)


@pytest.mark.parametrize(
    ("collected", "as_of", "status"),
    [
        (date(2026, 4, 19), date(2026, 4, 19), PanelStatus.DONE),
        (date(2026, 3, 22), date(2026, 3, 22), PanelStatus.DONE),
        (date(2026, 5, 30), date(2026, 6, 1), PanelStatus.DONE),
        (date(2026, 3, 21), date(2026, 3, 21), PanelStatus.NOT_DUE),
        (date(2026, 3, 21), date(2026, 4, 5), PanelStatus.DUE),
        (date(2026, 4, 10), date(2026, 4, 9), PanelStatus.DUE),
        (None, date(2026, 3, 21), PanelStatus.NOT_DUE),
        (None, date(2026, 3, 22), PanelStatus.DUE),
        (None, date(2026, 4, 19), PanelStatus.DUE),
        (None, date(2026, 4, 20), PanelStatus.OVERDUE),
    ],
)
def test_a_panel_against_its_due_date(collected, as_of, status):
    assert panel_status(DUE, 14, collected, as_of) is status
