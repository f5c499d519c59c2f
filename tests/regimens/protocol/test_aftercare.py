"""What the protocol asks for once the needle is out."""

from datetime import timedelta

import pytest

from regimens.protocol.aftercare import LOW_PLATELETS, Care, after_dose
from regimens.protocol.codes import CODES
from regimens.protocol.sources import RULES


def asked(*codes, first_ever=False, new_brand=False) -> list[tuple[Care, timedelta]]:
    return [(each.care, each.after) for each in after_dose(codes, first_ever=first_ever, new_brand=new_brand)]


def test_an_ordinary_dose_asks_for_nothing():
    assert asked() == []
    assert asked("W-PLT-UNKNOWN", "W-PLT-STALE", "A-OVERDUE") == []


@pytest.mark.parametrize("why", ["first_ever", "new_brand"])
def test_a_first_dose_and_a_new_brand_are_observed_for_a_quarter_of_an_hour(why):
    assert asked(**{why: True}) == [(Care.OBSERVATION, timedelta(minutes=15))]


@pytest.mark.parametrize("code", sorted(LOW_PLATELETS))
def test_any_low_platelet_count_asks_to_look_at_the_site(code):
    assert code in CODES
    assert asked(code) == [(Care.HAEMATOMA, timedelta(minutes=10))]


def test_severe_anaemia_asks_for_potassium_within_two_days_of_the_first_dose_only():
    assert (Care.POTASSIUM, timedelta(hours=48)) in asked("W-K-MONITOR", first_ever=True)
    assert asked("W-K-MONITOR") == []


def test_advice_names_what_it_is_about_and_is_one_thing_to_do():
    texts = {
        codes: [each.text for each in after_dose(codes, first_ever=False, new_brand=False)]
        for codes in (("W-COBALT",), ("W-ANTICOAG",), ("W-COBALT", "W-ANTICOAG"))
    }
    assert all(len(said) == 1 for said in texts.values())
    assert "72 hours" in texts["W-COBALT",][0]
    assert "haematoma" not in texts["W-COBALT",][0]
    assert "haematoma" in texts["W-ANTICOAG",][0]
    assert "72 hours" not in texts["W-ANTICOAG",][0]
    assert "72 hours" in texts["W-COBALT", "W-ANTICOAG"][0]
    assert "haematoma" in texts["W-COBALT", "W-ANTICOAG"][0]


def test_everything_is_asked_the_most_urgent_first_and_names_its_rules():
    everything = after_dose(["W-ANTICOAG", "W-PLT-25-50", "W-K-MONITOR"], first_ever=True, new_brand=True)
    assert [each.care for each in everything] == [
        Care.ADVICE,
        Care.HAEMATOMA,
        Care.OBSERVATION,
        Care.POTASSIUM,
    ]
    assert [each.after for each in everything] == sorted(each.after for each in everything)
    assert all(rule in RULES for each in everything for rule in each.rules)
