"""Which tests make a lab check, and when two panels in a row are steady (D-28)."""

from datetime import date
from decimal import Decimal

import pytest

from regimens.protocol.panels import (
    PANEL,
    Reading,
    Steadiness,
    complete_days,
    criteria,
    is_steady,
    judged,
    wanted,
)
from regimens.protocol.units import Analyte, Comparator


def reading(value, unit, low=None, high=None, comparator=None):
    return Reading(
        Decimal(str(value)),
        unit,
        comparator,
        None if low is None else Decimal(str(low)),
        None if high is None else Decimal(str(high)),
    )


def a_panel(**changed):
    """A panel with nothing wrong in it, every range given by the laboratory."""
    panel = {
        Analyte.B12: reading(300, "pmol/L", 150, 600),
        Analyte.HB: reading(130, "g/L", 120, 150),
        Analyte.MCV: reading(88, "fL", 80, 96),
        Analyte.PLT: reading(220, "10^9/L", 150, 400),
        Analyte.HCY: reading(9, "umol/L", 5, 14),
    }
    return panel | {Analyte[name]: value for name, value in changed.items()}


def test_a_check_is_b12_blood_count_and_homocysteine():
    assert set(PANEL) == {"B12", "HB", "MCV", "PLT", "HCY"}
    assert wanted(tests_b12=True) == set(PANEL)
    assert wanted(tests_b12=False) == set(PANEL) - {"B12"}


def test_a_day_counts_only_with_every_wanted_test():
    whole, without_b12, bare = a_panel(), a_panel(), {Analyte.HB: reading(130, "g/L")}
    del without_b12[Analyte.B12]
    days = {date(2026, 7, 1): whole, date(2026, 4, 1): without_b12, date(2026, 5, 1): bare}
    assert complete_days(days) == (date(2026, 7, 1),)
    assert complete_days(days, tests_b12=False) == (date(2026, 4, 1), date(2026, 7, 1))


def test_one_panel_says_nothing_and_two_good_ones_are_steady():
    assert is_steady([], neuro_symptoms=False) is None
    assert is_steady([a_panel()], neuro_symptoms=False) is None
    assert is_steady([a_panel(), a_panel()], neuro_symptoms=False) is True


def test_neurological_symptoms_are_never_steady():
    assert is_steady([a_panel(), a_panel()], neuro_symptoms=True) is False


@pytest.mark.parametrize(
    ("name", "low", "high"), [("HB", (120, "g/L"), (150, "g/L")), ("MCV", (80, "fL"), (96, "fL"))]
)
def test_the_laboratorys_range_holds_its_own_limits(name, low, high):
    for value, unit in (low, high):
        inside = reading(value, unit, low[0], high[0])
        assert is_steady([a_panel(), a_panel(**{name: inside})], neuro_symptoms=False) is True
    for value, unit in ((low[0] - 1, low[1]), (high[0] + 1, high[1])):
        outside = reading(value, unit, low[0], high[0])
        assert is_steady([a_panel(), a_panel(**{name: outside})], neuro_symptoms=False) is False
        assert is_steady([a_panel(**{name: outside}), a_panel()], neuro_symptoms=False) is False


def test_a_range_may_have_one_end():
    assert is_steady([a_panel(), a_panel(HB=reading(500, "g/L", low=120))], neuro_symptoms=False) is True
    assert is_steady([a_panel(), a_panel(HB=reading(119, "g/L", low=120))], neuro_symptoms=False) is False
    assert is_steady([a_panel(), a_panel(HB=reading(1, "g/L", high=150))], neuro_symptoms=False) is True
    assert is_steady([a_panel(), a_panel(HB=reading(151, "g/L", high=150))], neuro_symptoms=False) is False


@pytest.mark.parametrize(
    ("name", "unit", "inside", "outside"),
    [("MCV", "fL", (80, 96), (79, 97)), ("PLT", "10^9/L", (150, 400), (149, 401))],
)
def test_without_a_range_the_usual_one_is_used(name, unit, inside, outside):
    for value in inside:
        assert is_steady([a_panel(), a_panel(**{name: reading(value, unit)})], neuro_symptoms=False) is True
    for value in outside:
        assert is_steady([a_panel(), a_panel(**{name: reading(value, unit)})], neuro_symptoms=False) is False


def test_the_usual_range_is_compared_in_its_own_unit():
    few = a_panel(PLT=reading(149_000, "/uL"))
    assert is_steady([a_panel(), few], neuro_symptoms=False) is False
    assert is_steady([a_panel(), a_panel(PLT=reading(150_000, "/uL"))], neuro_symptoms=False) is True


def test_haemoglobin_without_a_range_cannot_be_told():
    assert is_steady([a_panel(), a_panel(HB=reading(130, "g/L"))], neuro_symptoms=False) is None
    bad = a_panel(HB=reading(130, "g/L"), MCV=reading(120, "fL"))
    assert is_steady([a_panel(), bad], neuro_symptoms=False) is False


def test_b12_must_not_be_low():
    assert is_steady([a_panel(), a_panel(B12=reading(150, "pmol/L", 150))], neuro_symptoms=False) is True
    assert is_steady([a_panel(), a_panel(B12=reading(149, "pmol/L", 150))], neuro_symptoms=False) is False
    assert is_steady([a_panel(), a_panel(B12=reading(133, "pmol/L"))], neuro_symptoms=False) is True
    assert is_steady([a_panel(), a_panel(B12=reading(132, "pmol/L"))], neuro_symptoms=False) is False


def test_a_b12_reported_only_as_above_a_number_is_judged_by_that_number():
    above = Comparator.ABOVE
    assert is_steady([a_panel(), a_panel(B12=reading(1000, "pmol/L", comparator=above))], False) is True
    assert is_steady([a_panel(), a_panel(B12=reading(133, "pmol/L", comparator=above))], False) is True
    assert is_steady([a_panel(), a_panel(B12=reading(100, "pmol/L", comparator=above))], False) is None


def test_a_b12_left_out_by_the_physician_cannot_be_low():
    panel = a_panel()
    del panel[Analyte.B12]
    assert is_steady([panel, panel], neuro_symptoms=False) is True


def test_homocysteine_must_not_rise_in_whatever_unit():
    higher = a_panel(HCY=reading("9.1", "umol/L", 5, 14))
    assert is_steady([a_panel(), higher], neuro_symptoms=False) is False
    assert is_steady([higher, a_panel()], neuro_symptoms=False) is True
    in_milligrams = a_panel(HCY=reading("1.3", "mg/L"))
    assert is_steady([a_panel(), in_milligrams], neuro_symptoms=False) is False


def test_only_the_last_two_panels_are_looked_at():
    bad = a_panel(MCV=reading(120, "fL"))
    assert is_steady([bad, a_panel(), a_panel()], neuro_symptoms=False) is True


def verdicts(panels, neuro_symptoms=False):
    return {each.asks: each.is_met for each in criteria(panels, neuro_symptoms)}


def test_each_condition_of_a_steady_course_is_answered_by_itself():
    asked = set(Steadiness) - {Steadiness.TWO_PANELS}
    assert verdicts([a_panel(), a_panel()]) == dict.fromkeys(asked, True)
    for asks, changed in {
        Steadiness.HB: {"HB": reading(170, "g/L", 120, 150)},
        Steadiness.MCV: {"MCV": reading(101, "fL", 80, 96)},
        Steadiness.PLT: {"PLT": reading(120, "10^9/L", 150, 400)},
        Steadiness.B12: {"B12": reading(120, "pmol/L")},
        Steadiness.HCY: {"HCY": reading(9.5, "umol/L")},
    }.items():
        assert verdicts([a_panel(), a_panel(**changed)]) == dict.fromkeys(asked, True) | {asks: False}
    symptoms = verdicts([a_panel(), a_panel()], neuro_symptoms=True)
    assert symptoms == dict.fromkeys(asked, True) | {Steadiness.NO_SYMPTOMS: False}


def test_a_condition_that_cannot_be_told_is_not_called_met():
    without = a_panel(HB=reading(130, "g/L"))
    assert verdicts([without, without])[Steadiness.HB] is None
    assert verdicts([a_panel()]) == {Steadiness.TWO_PANELS: None}
    assert judged(()) is None


def test_a_condition_names_the_two_values_it_compared():
    panels = [a_panel(HCY=reading(9, "umol/L")), a_panel(HCY=reading(9.5, "umol/L"))]
    rose = next(each for each in criteria(panels, False) if each.asks is Steadiness.HCY)
    assert [str(each.value) for each in rose.readings] == ["9", "9.5"]
