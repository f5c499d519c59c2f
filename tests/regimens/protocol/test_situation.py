"""A patient on a day: what is read of the facts once, for every rule."""

from regimens.protocol.levels import Kidneys, Platelets
from regimens.protocol.situation import situation
from tests.regimens.protocol.people import MONDAY, YES, count, egfr, person


def test_a_count_that_is_not_there_is_not_stale():
    for platelets in (None, count(45000, 900)):
        patient = situation(person(platelets=platelets), MONDAY)
        assert (patient.platelets, patient.platelets_are_stale) == (None, False)


def test_a_count_is_as_old_as_the_day_it_is_asked_on():
    assert not situation(person(platelets=count(38, 7)), MONDAY).platelets_are_stale
    assert situation(person(platelets=count(38, 8)), MONDAY).platelets is Platelets.FROM_25
    assert situation(person(platelets=count(38, 8)), MONDAY).platelets_are_stale


def test_kidneys_are_read_from_number_dialysis_and_flag():
    for facts, kidneys in (
        ({"egfr": egfr(60)}, Kidneys.GOOD),
        ({"egfr": egfr("59.9")}, Kidneys.BORDERLINE),
        ({"egfr": egfr(50)}, Kidneys.BORDERLINE),
        ({"egfr": egfr("49.9")}, Kidneys.POOR),
        ({"egfr": None}, Kidneys.UNKNOWN),
        ({"egfr": None, "renal_flag": YES}, Kidneys.POOR),
        ({"egfr": egfr(85), "renal_flag": YES}, Kidneys.POOR),
        ({"egfr": egfr(55), "dialysis": YES}, Kidneys.POOR),
        ({"egfr": egfr(90, "<")}, Kidneys.POOR),
    ):
        assert situation(person(**facts), MONDAY).kidneys is kidneys
