"""Tests of the catalogue: the numbers of rules.md, read aloud."""

import pytest

from regimens.protocol import catalogue
from regimens.protocol.entries import Loading, Product, Route
from regimens.protocol.intervals import days, months


@pytest.mark.parametrize(
    ("kind", "doses", "apart", "most_in_seven"),
    [
        (Loading.STD_3X_WEEK_2W, 6, 2, 3),
        (Loading.NEURO_ALT_DAYS, None, 2, None),
        (Loading.DAILY_X10, 10, 1, None),
        (Loading.NONE, 0, 1, None),
    ],
)
def test_loading_is_six_in_two_weeks_or_alternate_days_or_ten_daily(kind, doses, apart, most_in_seven):
    phase = catalogue.LOADINGS[kind]
    assert (phase.doses, phase.days_apart, phase.most_in_seven_days) == (doses, apart, most_in_seven)


@pytest.mark.parametrize(
    ("interval", "either_way"),
    [
        (days(1), 3),
        (days(27), 3),
        (days(28), 7),
        (months(1), 7),
        (days(45), 7),
        (days(46), 14),
        (months(2), 14),
    ],
)
def test_the_window_follows_the_length_of_the_interval(interval, either_way):
    window = catalogue.window_for(interval)
    assert (window.early, window.late) == (either_way, either_way)


def test_every_injection_is_one_milligram_of_hydroxocobalamin_into_a_muscle():
    injected = [entry for entry in catalogue.REGIMENS if entry.route is not Route.ORAL]
    assert {(e.product, e.route, e.micrograms) for e in injected} == {
        (Product.HYDROXOCOBALAMIN, Route.IM, (1000,))
    }


def test_tablets_are_one_or_two_milligrams_of_cyanocobalamin():
    oral = catalogue.regimen("cyanocobalamin-oral-1")
    assert (oral.product, oral.micrograms) == (Product.CYANOCOBALAMIN_ORAL, (1000, 2000))


def test_a_regimen_is_found_by_its_key_and_an_unknown_key_is_an_error():
    assert all(catalogue.regimen(entry.key) is entry for entry in catalogue.REGIMENS)
    with pytest.raises(KeyError):
        catalogue.regimen("hydroxocobalamin-standard-0")


def test_every_entry_and_every_number_cites_its_rules():
    tables = (
        *catalogue.REGIMENS,
        *catalogue.LOADINGS.values(),
        *catalogue.WINDOWS,
        *catalogue.LAB_TIMINGS,
        catalogue.YEARLY,
        catalogue.UNTIL_STEADY,
        catalogue.EXTRA_PANEL,
        catalogue.PREGNANCY_REVIEW,
        *catalogue.PRESETS,
        *catalogue.PLATELET_VALIDITY,
        *catalogue.GROUP_INTERVALS,
        *catalogue.FIGURES.values(),
    )
    assert all(entry.rules and all(rule.sources for rule in entry.rules) for entry in tables)


def test_every_number_has_a_unit_and_a_meaning():
    assert all(figure.unit and figure.means for figure in catalogue.FIGURES.values())


def test_the_neurological_interval_is_two_months_the_ileal_one_and_the_bariatric_three():
    assert {row.group.value: row.interval for row in catalogue.GROUP_INTERVALS} == {
        "neuro": months(2),
        "ileal": months(1),
        "bariatric": months(3),
    }
