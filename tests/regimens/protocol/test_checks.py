"""Checks of one dose: before the needle, and what counts of what was given."""

from datetime import date, timedelta

import pytest

from regimens.protocol import checks
from regimens.protocol.checks import DosesSoFar, PlannedDose, ProposedInjection, counts, may_pass
from regimens.protocol.codes import CODES, Passer, finding
from regimens.protocol.entries import Loading, Route
from regimens.protocol.facts import Allergy, Deficiency, FolicAcid, Neuro, PatientState
from regimens.protocol.requests import AskedRoute, Role, Site
from tests.regimens.protocol.people import (
    HEALTHY,
    MONDAY,
    YES,
    codes,
    count,
    dose,
    egfr,
    hb,
    person,
    potassium,
)

DAY = timedelta(days=1)
AFTER_A_FIRST = DosesSoFar(last_full_on=MONDAY - 60 * DAY, last_on=MONDAY - 60 * DAY)


def so_far(days_ago, site=None):
    day = MONDAY - days_ago * DAY
    return DosesSoFar(last_full_on=day, last_on=day, last_site=site)


def test_a_routine_dose_raises_nothing_and_counts():
    assert dose() == ()
    assert counts(ProposedInjection(given_on=MONDAY), ())


@pytest.mark.parametrize(
    ("given_on", "refused"), [(MONDAY, False), (MONDAY + DAY, True), (MONDAY - DAY, False)]
)
def test_a_dose_is_never_given_tomorrow(given_on, refused):
    assert codes(dose(given_on=given_on)) == ({"B-FUTURE-DATE"} if refused else set())


@pytest.mark.parametrize("planned", [None, PlannedDose(due_on=MONDAY, signed=False)])
@pytest.mark.parametrize("role", Role)
def test_no_dose_on_a_plan_that_nobody_signed(planned, role):
    assert codes(dose(planned=planned, role=role)) == {"B-PLAN-UNSIGNED"}


@pytest.mark.parametrize(
    ("facts", "code"),
    [
        ({"patient_state": PatientState.DECEASED}, "B-INACTIVE"),
        ({"patient_state": PatientState.TRANSFERRED_OUT}, "B-INACTIVE"),
        ({"born_on": date(2010, 3, 3)}, "B-AGE-U16"),
        ({"allergies": frozenset({Allergy.METHYLCOBALAMIN})}, "B-ALLERGY-COBALAMIN"),
        ({"allergies": frozenset({Allergy.COBALT})}, "W-COBALT"),
        ({"allergies": frozenset({Allergy.PARABENS})}, "W-EXCIPIENT"),
        ({"hb": hb(5)}, "B-LAB-IMPLAUSIBLE"),
        ({"pregnant": YES}, "W-PREGNANCY"),
        ({"platelets": count(9)}, "B-PLT-LT10"),
        ({"platelets": None}, "W-PLT-UNKNOWN"),
        ({"platelets": count(51, 91)}, "W-PLT-STALE"),
        ({"anticoagulant": YES}, "W-ANTICOAG"),
    ],
)
def test_the_patient_is_asked_about_at_every_dose(facts, code):
    assert code in codes(dose(person(**facts), so_far=AFTER_A_FIRST))


def test_what_only_a_plan_asks_is_not_asked_at_the_needle():
    assert dose(person(deficiency=Deficiency.INDETERMINATE, neuro=Neuro.PRESENT, leber=YES)) == ()


@pytest.mark.parametrize(("days_ago", "stale"), [(7, False), (8, True)])
def test_a_low_count_is_judged_on_the_day_of_the_needle(days_ago, stale):
    assert ("B-PLT-STALE" in codes(dose(person(platelets=count(38, days_ago))))) is stale
    the_day_before = dose(person(platelets=count(38, 8)), given_on=MONDAY - DAY)
    assert "B-PLT-STALE" not in codes(the_day_before)


@pytest.mark.parametrize(
    ("facts", "code"),
    [
        ({"allergies": None}, "B-ALLERGY-UNKNOWN"),
        ({"hb": hb(70)}, "W-K-MONITOR"),
        ({"hb": hb(70), "potassium": potassium(3.4)}, "H-K-LOW"),
        ({"folic_acid": FolicAcid.REQUESTED}, "B-FOLATE-BEFORE-B12"),
        ({"folic_acid": FolicAcid.CURRENT}, "W-FOLATE-CURRENT"),
    ],
)
def test_some_things_are_asked_before_the_first_dose_only(facts, code):
    assert code in codes(dose(person(**facts)))
    assert code not in codes(dose(person(**facts), so_far=AFTER_A_FIRST))


def test_a_partial_dose_is_not_a_first_dose():
    leaked = DosesSoFar(last_on=MONDAY - 2 * DAY)
    assert "B-ALLERGY-UNKNOWN" in codes(dose(person(allergies=None), so_far=leaked))


@pytest.mark.parametrize(
    ("full", "partial", "passer"),
    [
        (0, 0, None),
        (1, 0, Passer.NOBODY),
        (1, 1, Passer.NOBODY),
        (0, 1, Passer.PHYSICIAN),
        (0, 2, Passer.NOBODY),
    ],
)
def test_a_second_dose_on_one_day_is_refused_but_a_partial_one_may_be_repeated_once(full, partial, passer):
    found = dose(so_far=DosesSoFar(full_that_day=full, partial_that_day=partial))
    assert [each.passable_by for each in found] == ([passer] if passer else [])
    assert codes(found) <= {"B-SAME-DAY-DOSE"}
    if passer is Passer.PHYSICIAN:
        assert found[0].pass_with == "a physician authorises one repeat after the partial dose"


@pytest.mark.parametrize(
    ("opens_on", "early"), [(MONDAY, False), (MONDAY - DAY, False), (MONDAY + DAY, True), (None, False)]
)
def test_maintenance_waits_for_its_window(opens_on, early):
    planned = PlannedDose(due_on=date(2026, 3, 16), opens_on=opens_on)
    found = dose(planned=planned, so_far=AFTER_A_FIRST)
    assert codes(found) == ({"B-EARLY-DOSE"} if early else set())
    assert [each.detail for each in found] == (["due on 16 March 2026"] if early else [])


@pytest.mark.parametrize("that_day", [{"full_that_day": 1}, {"partial_that_day": 1}])
def test_a_second_dose_is_not_called_early_as_well(that_day):
    planned = PlannedDose(due_on=date(2026, 5, 2), opens_on=date(2026, 4, 18))
    assert codes(dose(planned=planned, so_far=DosesSoFar(**that_day))) == {"B-SAME-DAY-DOSE"}


@pytest.mark.parametrize(
    ("loading", "days_ago", "due_in", "early"),
    [
        (Loading.STD_3X_WEEK_2W, 1, 1, True),
        (Loading.STD_3X_WEEK_2W, 2, 0, False),
        (Loading.STD_3X_WEEK_2W, 2, 1, False),
        (Loading.NEURO_ALT_DAYS, 1, 1, True),
        (Loading.NEURO_ALT_DAYS, 1, 0, False),
        (Loading.DAILY_X10, 1, 1, False),
        (Loading.NONE, 1, 1, False),
        (Loading.STD_3X_WEEK_2W, 0, 1, False),
        (Loading.STD_3X_WEEK_2W, -1, 1, False),
    ],
)
def test_loading_doses_less_than_two_days_apart_warn_off_the_plan(loading, days_ago, due_in, early):
    planned = PlannedDose(due_on=MONDAY + due_in * DAY, loading=loading)
    found = dose(planned=planned, so_far=so_far(days_ago))
    assert codes(found) == ({"W-EARLY-LOAD"} if early else set())


def test_ten_daily_doses_are_refused_once_nerves_are_involved():
    daily = PlannedDose(due_on=MONDAY, loading=Loading.DAILY_X10)
    assert codes(dose(person(neuro=Neuro.SEVERE), planned=daily)) == {"B-DAILY10-NEURO"}
    assert codes(dose(planned=daily)) == set()
    six = PlannedDose(due_on=MONDAY, loading=Loading.STD_3X_WEEK_2W)
    assert codes(dose(person(neuro=Neuro.SEVERE), planned=six)) == set()


@pytest.mark.parametrize(
    ("reason", "confirmed", "refused"),
    [
        ("", False, True),
        ("", True, True),
        ("   ", True, True),
        ("both arms sore", False, True),
        ("sore", True, False),
    ],
)
def test_the_buttock_needs_a_reason_and_both_confirmations(reason, confirmed, refused):
    found = dose(site=Site.GLUTEAL, site_reason=reason, site_confirmed=confirmed)
    assert codes(found) == ({"B-SITE-GLUTEAL"} if refused else set())
    assert all(may_pass(each, Role.NURSE) for each in found)


@pytest.mark.parametrize(
    ("days_ago", "site", "warned"),
    [
        (6, Site.DELTOID_L, True),
        (7, Site.DELTOID_L, False),
        (8, Site.DELTOID_L, False),
        (60, Site.DELTOID_L, False),
        (1, Site.DELTOID_R, False),
        (-6, Site.DELTOID_L, True),
        (-7, Site.DELTOID_L, False),
        (1, None, False),
    ],
)
def test_sites_rotate(days_ago, site, warned):
    found = dose(so_far=so_far(days_ago, site))
    assert codes(found) == ({"W-SITE-ROTATE"} if warned else set())


def test_a_site_nobody_named_cannot_be_the_same():
    assert dose(so_far=so_far(1), site=None) == ()


def test_a_last_site_of_an_unknown_day_says_nothing():
    assert dose(so_far=DosesSoFar(last_site=Site.DELTOID_L)) == ()


@pytest.mark.parametrize(
    ("proposed", "facts", "blocks"),
    [
        ({"micrograms": 100}, {}, {"B-DOSE-NOT-1MG"}),
        ({"micrograms": 999}, {}, {"B-DOSE-NOT-1MG"}),
        ({"micrograms": 2000}, {}, {"B-DOSE-NOT-1MG"}),
        ({"route": AskedRoute.IV}, {}, {"B-ROUTE-IV"}),
        ({"product": "CYANOCOBALAMIN_IM"}, {}, {"B-PRODUCT-UNKNOWN"}),
        ({"product": "CYANOCOBALAMIN_IM"}, {"egfr": egfr(55)}, {"B-CYANO-RENAL", "W-RENAL-HCY"}),
        ({"product": "CYANOCOBALAMIN_IM"}, {"leber": YES}, {"B-CYANO-LEBER"}),
        ({"product": "METHYLCOBALAMIN"}, {}, {"W-METHYL-NO-REGIMEN", "B-PRODUCT-UNKNOWN"}),
        ({"product": "VITAMIN C"}, {}, {"B-PRODUCT-UNKNOWN"}),
    ],
)
def test_the_form_of_a_dose_is_the_protocols(proposed, facts, blocks):
    assert codes(dose(person(**facts), **proposed)) == blocks


TABLET = {"product": "CYANOCOBALAMIN_ORAL", "route": AskedRoute.ORAL}


def test_a_tablet_has_no_needle():
    assert dose(person(platelets=count(5), anticoagulant=YES), **TABLET) == ()
    assert codes(dose(person(neuro=Neuro.PRESENT, hb=hb(70)), so_far=AFTER_A_FIRST, **TABLET)) == {
        "B-ORAL-NEURO",
        "B-ORAL-SEVERE",
    }
    assert dose(micrograms=2000, **TABLET) == ()


@pytest.mark.parametrize(
    ("role", "planned", "blocked"),
    [
        (Role.NURSE, PlannedDose(due_on=MONDAY), {"B-ROLE"}),
        (Role.NURSE, PlannedDose(due_on=MONDAY, route=Route.SC_DEEP), set()),
        (
            Role.NURSE,
            PlannedDose(due_on=MONDAY, route=Route.SC_DEEP, signed=False),
            {"B-ROLE", "B-PLAN-UNSIGNED"},
        ),
        (Role.NURSE, None, {"B-ROLE", "B-PLAN-UNSIGNED"}),
        (Role.PHYSICIAN, PlannedDose(due_on=MONDAY), set()),
    ],
)
def test_deep_under_the_skin_needs_a_prescriber_or_a_signed_plan(role, planned, blocked):
    found = dose(role=role, planned=planned, route=AskedRoute.SC_DEEP)
    assert codes(found) == blocked | {"W-SC-OFFLABEL"}


def test_an_injection_into_the_muscle_needs_no_prescriber():
    planned = PlannedDose(due_on=MONDAY, route=Route.SC_DEEP)
    assert dose(planned=planned) == ()


@pytest.mark.parametrize(
    ("expires_on", "refused"), [(MONDAY, False), (MONDAY - DAY, True), (MONDAY + DAY, False), (None, False)]
)
def test_an_expired_vial_is_refused_and_does_not_count(expires_on, refused):
    found = dose(expires_on=expires_on)
    assert codes(found) == ({"B-VIAL-EXPIRED"} if refused else set())
    assert counts(ProposedInjection(given_on=MONDAY), found) is not refused
    if refused:
        assert found[0].detail == "expired on 01 March 2026"
        assert not may_pass(found[0], Role.PHYSICIAN)


def test_a_vial_of_a_recalled_lot_is_refused_and_one_that_was_given_counts_until_a_physician_decides():
    found = dose(recalled=True)
    assert codes(found) == {"B-VIAL-RECALLED"}
    assert not may_pass(found[0], Role.PHYSICIAN)
    assert counts(ProposedInjection(given_on=MONDAY), found)


def test_every_check_speaks_together():
    found = dose(
        person(platelets=count(20, 8), anticoagulant=YES, folic_acid=FolicAcid.REQUESTED),
        planned=None,
        site=Site.GLUTEAL,
        micrograms=100,
        route=AskedRoute.IV,
        expires_on=MONDAY,
        given_on=MONDAY + DAY,
    )
    assert codes(found) == {
        "B-FUTURE-DATE", "B-PLAN-UNSIGNED", "H-PLT-10-24", "B-PLT-STALE", "H-BLEED-COMBINED", "W-PLT-25-50",
        "W-ANTICOAG", "B-FOLATE-BEFORE-B12", "B-SITE-GLUTEAL", "B-DOSE-NOT-1MG", "B-ROUTE-IV", "B-VIAL-EXPIRED",
    }  # fmt: skip


# Who may pass, and with what: the table of the case format

WHO_MAY_PASS = {
    Passer.NOBODY: """B-AGE-U16 B-ALLERGY-COBALAMIN B-INACTIVE B-ROLE B-LAB-IMPLAUSIBLE B-CYANO-RENAL B-CYANO-LEBER
        B-ROUTE-IV B-ORAL-NEURO B-ORAL-SEVERE B-DOSE-NOT-1MG B-DAILY10-NEURO B-PRODUCT-UNKNOWN B-SAME-DAY-DOSE
        B-FUTURE-DATE B-STOP-LEVELS B-STOP-SYMPTOMS B-VIAL-EXPIRED B-VIAL-RECALLED B-ALLERGY-UNKNOWN
        H-NEURO-UNKNOWN""",
    Passer.PHYSICIAN: """H-DEFICIENCY-UNCONFIRMED B-PLT-LT10 H-PLT-10-24 B-PLT-STALE H-BLEED-COMBINED H-K-LOW
        B-FOLATE-BEFORE-B12 B-EARLY-DOSE B-PLAN-UNSIGNED H-STOP-REFUSAL H-FOLATE-IN-LOADING""",
    Passer.NURSE: "B-SITE-GLUTEAL",
}


@pytest.mark.parametrize("passer", WHO_MAY_PASS)
def test_who_may_pass_which_code(passer):
    for code in WHO_MAY_PASS[passer].split():
        found = finding(code)
        assert found.passable_by is passer, code
        assert may_pass(found, Role.NURSE) is (passer is Passer.NURSE), code
        assert may_pass(found, Role.PHYSICIAN) is (passer is not Passer.NOBODY), code
        assert found.may_be_passed is (passer is not Passer.NOBODY), code
        assert bool(found.pass_with) or passer is Passer.NOBODY, code


def test_every_stop_is_in_the_table_of_who_may_pass():
    listed = {code for row in WHO_MAY_PASS.values() for code in row.split()}
    assert listed == {code for code in CODES if code[0] in "BH"}


def test_a_warning_stops_nobody():
    assert may_pass(finding("W-ANTICOAG"), Role.NURSE)
    assert not finding("W-ANTICOAG").stops


# What counts


@pytest.mark.parametrize(
    ("proposed", "counted"),
    [
        ({}, True),
        ({"route": AskedRoute.SC_DEEP}, True),
        ({"site": Site.GLUTEAL}, True),
        ({"partial": True}, False),
        ({"micrograms": 999}, False),
        ({"micrograms": 2000}, False),
        ({"product": "CYANOCOBALAMIN_IM"}, False),
        ({"product": "METHYLCOBALAMIN"}, False),
        ({"route": AskedRoute.IV}, False),
        ({"route": AskedRoute.ORAL, "product": "CYANOCOBALAMIN_ORAL"}, False),
        ({"route": AskedRoute.ORAL}, False),
    ],
)
def test_a_full_protocol_dose_counts(proposed, counted):
    assert counts(ProposedInjection(given_on=MONDAY, **proposed), ()) is counted


@pytest.mark.parametrize(
    "code",
    ["B-EARLY-DOSE", "B-PLAN-UNSIGNED", "B-SITE-GLUTEAL", "B-ALLERGY-COBALAMIN", "H-PLT-10-24", "W-COBALT"],
)
def test_another_incident_counts_all_the_same(code):
    assert counts(ProposedInjection(given_on=MONDAY), (finding(code),))


def test_a_second_full_dose_does_not_count_but_the_repeat_of_a_partial_one_does():
    repeat = dose(so_far=DosesSoFar(partial_that_day=1))
    second = dose(so_far=DosesSoFar(full_that_day=1))
    assert counts(ProposedInjection(given_on=MONDAY), repeat)
    assert not counts(ProposedInjection(given_on=MONDAY), second)


def test_a_proposed_injection_is_the_protocols_unless_told_otherwise():
    plain = ProposedInjection(given_on=MONDAY)
    assert (plain.product, plain.micrograms, plain.route) == ("HYDROXOCOBALAMIN", 1000, AskedRoute.IM)
    assert (plain.site, plain.site_reason, plain.site_confirmed, plain.partial) == (None, "", False, False)
    assert plain.form.product == plain.product
    assert checks.PlannedDose(due_on=MONDAY) == PlannedDose(
        due_on=MONDAY, signed=True, loading=Loading.NONE, opens_on=None, route=Route.IM
    )
    assert HEALTHY.patient_state is PatientState.ACTIVE
