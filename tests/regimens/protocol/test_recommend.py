"""What is proposed for whom: loading, interval, product and route, with everything that must be said."""

from datetime import date
from decimal import Decimal

import pytest

from regimens.protocol.clinic_days import EVERY_DAY, ClinicDays
from regimens.protocol.codes import Passer
from regimens.protocol.entries import Loading, Product, Route
from regimens.protocol.facts import (
    Allergy,
    BariatricProcedure,
    Deficiency,
    FolicAcid,
    Neuro,
    PatientState,
)
from regimens.protocol.intervals import days, months
from regimens.protocol.recommendation import Status
from regimens.protocol.requests import Action, AskedRoute, Request, Role, StopReason
from tests.regimens.protocol.people import (
    HEALTHY,
    MONDAY,
    NO,
    UNKNOWN,
    YES,
    advice,
    ask,
    b12,
    codes,
    count,
    egfr,
    hb,
    person,
    potassium,
    resection,
    said,
    stops,
)

TABLETS = ask(route=AskedRoute.ORAL)
SATURDAY_CLOSED = ClinicDays(frozenset({0, 1, 2, 3, 4, 6}))


def plan(facts=HEALTHY, **request):
    return advice(facts, **request).proposal


def passer(recommendation, code):
    return next(found.passable_by for found in recommendation.blocks if found.code == code)


def test_an_adult_with_nothing_else_loads_for_two_weeks_and_the_physician_chooses_two_or_three_months():
    found = advice()
    assert found.status is Status.PROPOSED
    assert found.proposal.regimen.key == "hydroxocobalamin-standard-1"
    assert (found.proposal.product, found.proposal.micrograms) == (Product.HYDROXOCOBALAMIN, 1000)
    assert (found.proposal.route, found.proposal.loading) == (Route.IM, Loading.STD_3X_WEEK_2W)
    assert found.proposal.maintenance.choices == (months(2), months(3))
    assert found.proposal.maintenance.provisional == found.proposal.maintenance.in_use == months(2)
    assert codes(found.findings) == {"W-MAINT-CHOOSE"}
    assert found.answer_before_signing == ("interval",)
    assert found.override_allowed is None
    assert found.plan_continues is None
    assert found.creates_task is None


@pytest.mark.parametrize("neuro", [Neuro.PRESENT, Neuro.SEVERE])
def test_nerves_involved_load_on_alternate_days_and_get_two_months(neuro):
    found = advice(person(neuro=neuro))
    assert found.proposal.regimen.key == "hydroxocobalamin-neuro-1"
    assert found.proposal.maintenance.interval == months(2)
    assert not found.proposal.maintenance.choice_required
    assert said(found) == {"W-NEURO-REVIEW", "W-NEURO-SPECIALIST", "W-ALT-DAYS-WEEKEND"}
    assert found.answer_before_signing == ()


def test_nerves_once_involved_keep_two_months_but_load_by_what_is_there_now():
    found = advice(person(neuro_at_presentation=YES))
    assert found.proposal.loading is Loading.STD_3X_WEEK_2W
    assert found.proposal.maintenance.interval == months(2)
    assert said(found) == set()


def test_no_plan_before_somebody_answered_whether_nerves_are_involved():
    found = advice(person(neuro=Neuro.UNKNOWN))
    assert (found.status, found.proposal, stops(found)) == (Status.HOLD, None, {"H-NEURO-UNKNOWN"})
    assert found.answer_before_signing == ("neuro",)
    assert found.unanswered == ("neuro", "b12", "potassium", "bariatric_procedure")


@pytest.mark.parametrize(
    ("asked", "involved", "loading"),
    [
        (Loading.DAILY_X10, Neuro.NONE, Loading.DAILY_X10),
        (Loading.DAILY_X10, Neuro.PRESENT, Loading.NEURO_ALT_DAYS),
        (Loading.NEURO_ALT_DAYS, Neuro.NONE, Loading.STD_3X_WEEK_2W),
        (Loading.STD_3X_WEEK_2W, Neuro.NONE, Loading.STD_3X_WEEK_2W),
        (Loading.STD_3X_WEEK_2W, Neuro.SEVERE, Loading.NEURO_ALT_DAYS),
    ],
)
def test_nerve_status_alone_decides_the_loading(asked, involved, loading):
    found = advice(person(neuro=involved), loading=asked)
    assert found.proposal.loading is loading
    assert found.status is Status.PROPOSED
    refused = asked is Loading.DAILY_X10 and involved is Neuro.PRESENT
    assert stops(found) == ({"B-DAILY10-NEURO"} if refused else set())


@pytest.mark.parametrize(
    ("clinic", "on", "warned"),
    [
        (EVERY_DAY, MONDAY, False),
        (SATURDAY_CLOSED, MONDAY, True),
        (ClinicDays(frozenset(range(7)), frozenset({date(2026, 3, 11)})), MONDAY, True),
        (ClinicDays(frozenset(range(7)), frozenset({date(2026, 3, 12)})), MONDAY, False),
        (ClinicDays(frozenset(range(7)), frozenset({date(2026, 3, 2)})), MONDAY, True),
    ],
)
def test_ten_daily_doses_warn_when_they_cross_a_closed_day(clinic, on, warned):
    found = advice(on=on, loading=Loading.DAILY_X10, clinic_days=clinic)
    assert ("W-DAILY10-WEEKEND" in said(found)) is warned
    assert "W-ALT-DAYS-WEEKEND" not in said(found)


@pytest.mark.parametrize(
    ("closed", "warned"),
    [
        (set(), False),
        ({date(2026, 3, 3)}, False),
        ({date(2026, 3, 4)}, True),
        ({date(2026, 3, 22)}, True),
        ({date(2026, 3, 24)}, False),
    ],
)
def test_alternate_days_warn_of_closed_days_up_to_the_first_review(closed, warned):
    clinic = ClinicDays(frozenset(range(7)), frozenset(closed))
    found = advice(person(neuro=Neuro.PRESENT), clinic_days=clinic)
    assert ("W-ALT-DAYS-WEEKEND" in said(found)) is warned
    assert "W-DAILY10-WEEKEND" not in said(found)


@pytest.mark.parametrize(
    ("facts", "interval", "warnings"),
    [
        ({"bariatric": YES}, 3, {"W-BARIATRIC-ORAL-OPTION"}),
        ({"bariatric": YES, "neuro": Neuro.PRESENT}, 2, {"W-MULTI-POP"}),
        (resection(35), 1, set()),
        (resection(20.5), 1, set()),
        ({"crohns_ileal": YES}, 1, {"W-CROHN-EVIDENCE"}),
        ({"crohns_ileal": YES} | resection(35), 1, set()),
        ({"crohns_ileal": YES} | resection(20), 1, {"W-CROHN-EVIDENCE", "W-ILEAL-BOUNDARY"}),
        ({"crohns_ileal": YES} | resection(), 1, {"W-CROHN-EVIDENCE", "W-ILEAL-BOUNDARY"}),
        ({"crohns_ileal": YES, "neuro": Neuro.PRESENT}, 1, {"W-CROHN-EVIDENCE", "W-MULTI-POP"}),
        ({"bariatric": YES} | resection(35), 1, {"W-MULTI-POP", "W-BARIATRIC-ORAL-OPTION"}),
        ({"bariatric": YES} | resection(20), 3, {"W-ILEAL-BOUNDARY", "W-BARIATRIC-ORAL-OPTION"}),
        ({"neuro": Neuro.PRESENT} | resection(20), 2, {"W-ILEAL-BOUNDARY"}),
    ],
)
def test_the_shortest_interval_of_the_groups_is_used(facts, interval, warnings):
    found = advice(person(**facts))
    assert found.proposal.maintenance.interval == months(interval)
    assert not found.proposal.maintenance.choice_required
    of_loading = {"W-NEURO-REVIEW", "W-NEURO-SPECIALIST", "W-ALT-DAYS-WEEKEND"}
    assert said(found) - of_loading == warnings


@pytest.mark.parametrize(
    ("facts", "choices", "warnings"),
    [
        (resection(), (1, 2, 3), {"W-ILEAL-BOUNDARY"}),
        (resection() | {"bariatric": YES}, (1, 2, 3), {"W-ILEAL-BOUNDARY", "W-BARIATRIC-ORAL-OPTION"}),
        (resection() | {"neuro_at_presentation": YES}, (1, 2), {"W-ILEAL-BOUNDARY"}),
        (
            resection() | {"neuro_at_presentation": YES, "bariatric": YES},
            (1, 2),
            {"W-ILEAL-BOUNDARY", "W-MULTI-POP"},
        ),
        (resection(20), (2, 3), {"W-ILEAL-BOUNDARY", "W-MAINT-CHOOSE"}),
        (resection(19.9), (2, 3), {"W-MAINT-CHOOSE"}),
    ],
)
def test_where_the_physician_chooses_the_shortest_is_provisional(facts, choices, warnings):
    found = advice(person(**facts))
    terms = found.proposal.maintenance
    assert terms.choices == tuple(months(each) for each in choices)
    assert (terms.interval, terms.provisional) == (None, months(choices[0]))
    assert said(found) == warnings


NEURO = {"neuro": Neuro.PRESENT}
BARIATRIC = {"bariatric": YES}
ILEAL = {"crohns_ileal": YES}


@pytest.mark.parametrize(
    ("facts", "asked", "interval", "exceeds"),
    [
        ({}, months(2), months(2), False),
        ({}, months(3), months(3), False),
        ({}, months(1), months(1), True),
        ({}, days(42), days(42), False),
        ({}, days(40), days(40), True),
        ({}, days(84), days(84), False),
        ({}, months(4), None, False),
        (resection(), months(1), months(1), False),
        (resection(), months(2), months(2), False),
        (resection(), months(3), months(3), False),
        (resection() | NEURO, months(1), months(1), False),
        (resection() | NEURO, months(2), months(2), False),
        (resection() | NEURO, months(3), None, False),
        (resection() | BARIATRIC, months(3), months(3), False),
        (resection() | ILEAL, months(3), months(1), False),
        (NEURO, months(1), months(1), True),
        (NEURO, months(2), months(2), False),
        (NEURO, months(3), months(2), False),
        (BARIATRIC, months(1), months(1), True),
        (BARIATRIC, months(2), months(2), False),
        (BARIATRIC, months(3), months(3), False),
        (ILEAL, months(1), months(1), False),
        (ILEAL, months(2), months(1), False),
        (ILEAL, months(3), months(1), False),
        (ILEAL, days(21), days(21), False),
        (ILEAL, days(20), days(20), True),
        (NEURO | BARIATRIC | ILEAL, months(2), months(1), False),
    ],
)
def test_what_a_physicians_choice_settles(facts, asked, interval, exceeds):
    found = advice(person(**facts), interval=asked)
    assert found.proposal.maintenance.interval == interval
    assert found.proposal.maintenance.choice_required is (interval is None)
    assert ("W-EXCEEDS-50PCT" in said(found)) is found.needs_a_reason is exceeds
    if interval is not None:
        assert "W-MAINT-CHOOSE" not in said(found)


def test_a_choice_over_the_cap_says_what_it_replaces():
    warning = next(w for w in advice(interval=months(1)).warnings if w.code == "W-EXCEEDS-50PCT")
    assert warning.detail == "every 1 month instead of every 2 months"


@pytest.mark.parametrize(
    ("facts", "loading"),
    [
        ({"bariatric": YES}, Loading.NONE),
        (resection(35), Loading.NONE),
        (resection(), Loading.NONE),
        ({"crohns_ileal": YES}, Loading.NONE),
        ({"bariatric": YES, "neuro": Neuro.PRESENT}, Loading.NONE),
    ],
)
def test_prevention_in_a_special_group_starts_with_maintenance(facts, loading):
    found = advice(person(deficiency=Deficiency.NONE, **facts), loading=Loading.DAILY_X10)
    assert found.proposal.loading is loading
    assert found.proposal.regimen.key == "hydroxocobalamin-maintenance-1"
    assert "H-DEFICIENCY-UNCONFIRMED" not in stops(found)
    assert "W-NEURO-REVIEW" not in said(found)


@pytest.mark.parametrize(
    "facts",
    [
        {"deficiency": Deficiency.NONE},
        {"deficiency": Deficiency.NONE, "neuro": Neuro.PRESENT},
        {"deficiency": Deficiency.NONE} | resection(20),
        {"deficiency": Deficiency.NONE, "bariatric": YES, "pregnant": YES},
        {"deficiency": Deficiency.INDETERMINATE},
        {"deficiency": Deficiency.INDETERMINATE, "bariatric": YES},
        {"deficiency": Deficiency.UNKNOWN},
    ],
)
def test_an_unconfirmed_deficiency_waits_for_a_physician(facts):
    found = advice(person(**facts))
    assert (found.status, found.proposal) == (Status.HOLD, None)
    assert stops(found) == {"H-DEFICIENCY-UNCONFIRMED"}
    assert found.blocks[0].same_day is ("neuro" in facts)
    assert ("W-NEURO-SPECIALIST" in said(found)) is ("neuro" in facts)
    assert found.override_allowed is True
    assert found.reasons == found.rejected == ()


@pytest.mark.parametrize(("born_on", "young"), [(date(2010, 3, 2), False), (date(2010, 3, 3), True)])
def test_nobody_under_16_on_the_day_gets_a_plan(born_on, young):
    found = advice(person(born_on=born_on))
    assert stops(found) == ({"B-AGE-U16"} if young else set())
    assert found.status is (Status.BLOCKED if young else Status.PROPOSED)
    assert (found.proposal is None) is young
    if young:
        assert found.blocks[0].detail == "15 years old"
        assert found.override_allowed is False


@pytest.mark.parametrize("state", [PatientState.DECEASED, PatientState.TRANSFERRED_OUT])
def test_the_dead_and_the_departed_get_no_plan(state):
    found = advice(person(patient_state=state))
    assert (found.status, found.proposal, stops(found)) == (Status.BLOCKED, None, {"B-INACTIVE"})
    assert found.blocks[0].detail == state.value


@pytest.mark.parametrize("form", [Allergy.HYDROXOCOBALAMIN, Allergy.CYANOCOBALAMIN, Allergy.METHYLCOBALAMIN])
def test_an_allergy_to_any_cobalamin_blocks(form):
    found = advice(person(allergies=frozenset({form, Allergy.COBALT})))
    assert (found.status, found.proposal, stops(found)) == (Status.BLOCKED, None, {"B-ALLERGY-COBALAMIN"})
    assert found.blocks[0].detail == form.value
    assert "W-COBALT" in said(found)


@pytest.mark.parametrize(
    ("allergy", "warning"),
    [
        (Allergy.COBALT, "W-COBALT"),
        (Allergy.BENZYL_ALCOHOL, "W-EXCIPIENT"),
        (Allergy.PARABENS, "W-EXCIPIENT"),
    ],
)
def test_other_allergies_warn(allergy, warning):
    found = advice(person(allergies=frozenset({allergy})))
    assert found.status is Status.PROPOSED
    assert said(found) == {warning, "W-MAINT-CHOOSE"}


def test_allergies_nobody_asked_about_are_named_as_unanswered():
    found = advice(person(allergies=None))
    assert found.status is Status.PROPOSED
    assert "allergies" in found.unanswered


@pytest.mark.parametrize(
    "facts",
    [
        {"platelets": count(45000)},
        {"platelets": count(3001)},
        {"platelets": count(-1)},
        {"platelets": count(220, unit=None)},
        {"hb": hb(19.9)},
        {"hb": hb(250.1)},
        {"potassium": potassium(0.9)},
        {"potassium": potassium(10.1)},
        {"egfr": egfr(0.9)},
        {"egfr": egfr(200.1)},
        {"b12": b12(9.9)},
        {"b12": b12(50001)},
        {"b12": b12(200, unit=None)},
    ],
)
def test_an_impossible_result_holds_everything_until_it_is_corrected(facts):
    found = advice(person(**facts))
    assert (found.status, found.proposal, stops(found)) == (Status.HOLD, None, {"B-LAB-IMPLAUSIBLE"})
    assert said(found) == {"W-MAINT-CHOOSE"}
    assert found.override_allowed is False
    assert found.blocks[0].detail.endswith(".")


@pytest.mark.parametrize(
    "facts",
    [
        {"platelets": count(3000)},
        {"hb": hb(250)},
        {"potassium": potassium(10)},
        {"potassium": potassium(1)},
        {"egfr": egfr(200)},
        {"b12": b12(50000)},
    ],
)
def test_a_result_at_its_hard_limit_is_taken(facts):
    assert advice(person(**facts)).status is Status.PROPOSED


def test_all_refused_values_are_named_together():
    found = advice(person(hb=hb(5), potassium=potassium(45)))
    assert found.blocks[0].detail == "Haemoglobin 5 g/L is not possible. Potassium 45 mmol/L is not possible."


LOW = {"W-PLT-25-50"}
HOLDS = Status.HOLD


@pytest.mark.parametrize(
    ("platelets", "anticoagulated", "blocks", "warnings", "status"),
    [
        (count(9), False, {"B-PLT-LT10"}, set(), HOLDS),
        (count(9.9, 400), True, {"B-PLT-LT10"}, set(), HOLDS),
        (count(0), False, {"B-PLT-LT10"}, set(), HOLDS),
        (count(10), False, {"H-PLT-10-24"}, LOW, HOLDS),
        (count(10000, unit="/uL"), False, {"H-PLT-10-24"}, LOW, HOLDS),
        (count(10, 8), True, {"H-PLT-10-24", "B-PLT-STALE", "H-BLEED-COMBINED"}, LOW, HOLDS),
        (count(24.9, 7), False, {"H-PLT-10-24"}, LOW, HOLDS),
        (count(25, 7), False, set(), LOW, Status.PROPOSED),
        (count(25, 8), False, {"B-PLT-STALE"}, LOW, HOLDS),
        (count(50, 7), False, set(), LOW, Status.PROPOSED),
        (count(50000, 2, "/uL"), False, set(), LOW, Status.PROPOSED),
        (count(50, 2), True, {"H-BLEED-COMBINED"}, LOW, HOLDS),
        (count(50.4, 2), True, set(), {"W-PLT-51-149"}, Status.PROPOSED),
        (count(50400, 2, "/uL"), False, set(), {"W-PLT-51-149"}, Status.PROPOSED),
        (count(51, 90), False, set(), {"W-PLT-51-149"}, Status.PROPOSED),
        (count(51, 91), False, set(), {"W-PLT-51-149", "W-PLT-STALE"}, Status.PROPOSED),
        (count(149.9, 91), False, set(), {"W-PLT-51-149", "W-PLT-STALE"}, Status.PROPOSED),
        (count(149, 90, "K/uL"), False, set(), {"W-PLT-51-149"}, Status.PROPOSED),
        (count(150, 365), True, set(), set(), Status.PROPOSED),
        (count(150, 366, "10^3/uL"), False, set(), {"W-PLT-STALE"}, Status.PROPOSED),
        (None, True, set(), {"W-PLT-UNKNOWN"}, Status.PROPOSED),
        (None, False, set(), {"W-PLT-UNKNOWN"}, Status.PROPOSED),
    ],
)
def test_platelets_and_anticoagulants(platelets, anticoagulated, blocks, warnings, status):
    found = advice(
        person(platelets=platelets, anticoagulant=YES if anticoagulated else NO), interval=months(2)
    )
    assert stops(found) == blocks
    assert said(found) == warnings | ({"W-ANTICOAG"} if anticoagulated else set())
    assert found.status is status
    assert found.proposal is not None
    assert found.override_allowed is (True if blocks else None)


def test_a_low_count_of_an_unknown_day_is_stale():
    undated = person(platelets=count(38).__class__(Decimal(38), "10^9/L"))
    assert stops(advice(undated)) == {"B-PLT-STALE"}


@pytest.mark.parametrize(
    ("value", "comparator", "blocks"),
    [
        (10, "<", {"B-PLT-LT10"}),
        (25, "<", {"H-PLT-10-24"}),
        (50, ">", set()),
    ],
)
def test_a_count_reported_with_a_comparator_is_read_by_what_is_sure(value, comparator, blocks):
    assert stops(advice(person(platelets=count(value, 2, comparator=comparator)))) == blocks


def test_a_count_of_which_only_an_upper_border_is_known_gets_the_precautions():
    assert "W-PLT-25-50" in said(advice(person(platelets=count(200, 2, comparator="<"))))
    assert "W-PLT-51-149" in said(advice(person(platelets=count(60, 2, comparator=">"))))


@pytest.mark.parametrize(
    ("value", "days_ago", "urgent"),
    [(9, 2, True), (10, 2, True), (24.9, 2, True), (25, 2, False), (25, 8, False), (60, 2, False)],
)
def test_nerves_make_a_count_under_25_a_decision_of_the_same_day(value, days_ago, urgent):
    found = advice(person(neuro=Neuro.PRESENT, platelets=count(value, days_ago), anticoagulant=YES))
    assert ("W-PLT-NEURO-URGENT" in said(found)) is urgent
    assert all(block.same_day for block in found.blocks)
    calm = advice(person(platelets=count(value, days_ago), anticoagulant=YES))
    assert "W-PLT-NEURO-URGENT" not in said(calm)
    assert not any(block.same_day for block in calm.blocks)


def test_the_count_is_kept_as_converted():
    assert advice(person(platelets=count(50400, unit="/uL"))).platelets.shown == Decimal("50.4")


@pytest.mark.parametrize(
    ("haemoglobin", "level", "blocks", "monitored"),
    [
        (hb(79), potassium(3.4), {"H-K-LOW"}, True),
        (hb(79.9), potassium(3.5), set(), True),
        (hb(79), None, set(), True),
        (hb(80), potassium(3.4), set(), False),
        (None, potassium(3.4), set(), False),
    ],
)
def test_severe_anaemia_asks_for_potassium(haemoglobin, level, blocks, monitored):
    found = advice(person(hb=haemoglobin, potassium=level))
    assert stops(found) == blocks
    assert ("W-K-MONITOR" in said(found)) is monitored
    assert found.status is (Status.HOLD if blocks else Status.PROPOSED)
    assert found.proposal is not None


def test_a_physicians_word_that_it_is_severe_counts_for_potassium_too():
    found = advice(person(severe_flag=YES, potassium=potassium(3.4)))
    assert stops(found) == {"H-K-LOW"}
    assert found.blocks[0].same_day


def test_folic_acid_ordered_first_is_refused_and_the_plan_goes_on():
    found = advice(person(folic_acid=FolicAcid.REQUESTED))
    assert (found.status, stops(found)) == (Status.PROPOSED, {"B-FOLATE-BEFORE-B12"})
    assert passer(found, "B-FOLATE-BEFORE-B12") is Passer.PHYSICIAN


def test_folic_acid_nobody_asked_about_is_not_refused():
    assert stops(advice(person(folic_acid=FolicAcid.UNKNOWN))) == set()


def test_folic_acid_already_taken_is_told():
    found = advice(person(folic_acid=FolicAcid.CURRENT))
    assert (found.status, stops(found)) == (Status.PROPOSED, set())
    assert "W-FOLATE-CURRENT" in said(found)


# Tablets


@pytest.mark.parametrize("form", [TABLETS, ask(product="CYANOCOBALAMIN_ORAL")])
def test_tablets_without_a_reason_against_them_are_proposed(form):
    found = advice(form=form)
    assert found.proposal.regimen.key == "cyanocobalamin-oral-1"
    assert found.proposal.regimen.micrograms == (1000, 2000)
    assert (found.proposal.product, found.proposal.route) == (Product.CYANOCOBALAMIN_ORAL, Route.ORAL)
    assert (found.proposal.loading, found.proposal.micrograms) == (Loading.NONE, 1000)
    assert found.proposal.maintenance.daily
    assert found.proposal.maintenance.in_use is None
    assert codes(found.findings) == set()
    assert found.answer_before_signing == ()


@pytest.mark.parametrize(
    ("micrograms", "given", "blocks"),
    [(1000, 1000, set()), (2000, 2000, set()), (500, 1000, {"B-DOSE-NOT-1MG"})],
)
def test_one_or_two_tablets_a_day(micrograms, given, blocks):
    found = advice(form=ask(route=AskedRoute.ORAL, micrograms=micrograms))
    assert (found.proposal.route, found.proposal.micrograms) == (Route.ORAL, given)
    assert (found.status, stops(found)) == (Status.PROPOSED, blocks)


SEVERE_B12 = [
    b12(99.9),
    b12(73.9, "pmol/L"),
    b12("0.0999", "ng/mL"),
    b12(99.9, "ng/L"),
    b12(50, comparator="<"),
]
MILD_B12 = [b12(100), b12(74, "pmol/L"), b12("0.1", "ng/mL"), b12(400, comparator="<"), None]


@pytest.mark.parametrize("level", SEVERE_B12)
def test_a_severely_low_b12_refuses_tablets(level):
    found = advice(person(b12=level), form=TABLETS)
    assert stops(found) == {"B-ORAL-SEVERE"}
    assert (found.status, found.proposal.route) == (Status.PROPOSED, Route.IM)
    assert found.proposal.loading is Loading.STD_3X_WEEK_2W


@pytest.mark.parametrize("level", MILD_B12)
def test_a_b12_that_is_not_severely_low_allows_tablets(level):
    assert advice(person(b12=level), form=TABLETS).proposal.route is Route.ORAL


@pytest.mark.parametrize(
    ("facts", "blocks"),
    [
        ({"hb": hb(79)}, {"B-ORAL-SEVERE"}),
        ({"hb": hb(80)}, set()),
        ({"pancytopenia": YES}, {"B-ORAL-SEVERE"}),
        ({"severe_flag": YES}, {"B-ORAL-SEVERE"}),
        ({"neuro": Neuro.PRESENT}, {"B-ORAL-NEURO"}),
        ({"neuro": Neuro.SEVERE}, {"B-ORAL-NEURO"}),
        ({"neuro_at_presentation": YES}, {"B-ORAL-NEURO"}),
        ({"egfr": egfr(49.9)}, {"B-CYANO-RENAL"}),
        ({"egfr": egfr(59.9)}, {"B-CYANO-RENAL"}),
        ({"egfr": egfr(60)}, set()),
        ({"renal_flag": YES, "egfr": None}, {"B-CYANO-RENAL"}),
        ({"dialysis": YES, "egfr": None}, {"B-CYANO-RENAL"}),
        ({"leber": YES}, {"B-CYANO-LEBER"}),
        (
            {"neuro": Neuro.PRESENT, "hb": hb(70), "egfr": egfr(30), "leber": YES},
            {"B-ORAL-NEURO", "B-ORAL-SEVERE", "B-CYANO-RENAL", "B-CYANO-LEBER"},
        ),
    ],
)
def test_what_refuses_tablets(facts, blocks):
    found = advice(person(**facts), form=TABLETS)
    assert stops(found) == blocks
    assert found.proposal.route is (Route.IM if blocks else Route.ORAL)
    assert found.status is (Status.HOLD if "leber" in facts else Status.PROPOSED)


@pytest.mark.parametrize(
    ("facts", "override"),
    [
        ({"egfr": egfr(59.9)}, True),
        ({"egfr": egfr(50)}, True),
        ({"egfr": egfr(49.9)}, False),
        ({"egfr": egfr(55), "renal_flag": YES}, True),
        ({"egfr": egfr(85), "renal_flag": YES}, False),
        ({"egfr": None, "renal_flag": YES}, False),
        ({"egfr": egfr(55), "dialysis": YES}, False),
        ({"egfr": egfr(45, ">")}, False),
        ({"egfr": egfr(50, ">")}, True),
        ({"egfr": egfr(60, ">")}, None),
        ({"egfr": egfr(55), "hb": hb(70)}, False),
        ({"egfr": egfr(55), "folic_acid": FolicAcid.REQUESTED}, True),
    ],
)
def test_only_an_egfr_from_50_to_under_60_lets_a_physician_pass_the_kidneys(facts, override):
    found = advice(person(**facts), form=TABLETS)
    assert found.override_allowed is override


def test_the_pass_of_the_kidneys_asks_for_a_reason():
    block = advice(person(egfr=egfr(55)), form=TABLETS).blocks[0]
    assert (block.passable_by, block.pass_with) == (Passer.PHYSICIAN, "a physician gives a reason")
    block = advice(person(egfr=egfr(45)), form=TABLETS).blocks[0]
    assert (block.passable_by, block.pass_with) == (Passer.NOBODY, "")


@pytest.mark.parametrize(
    ("facts", "told"),
    [
        ({"egfr": egfr(59.9)}, True),
        ({"egfr": egfr(60)}, False),
        ({"egfr": None}, False),
        ({"egfr": None, "renal_flag": YES}, True),
        ({"dialysis": YES}, True),
    ],
)
def test_poor_kidneys_are_told_beside_homocysteine(facts, told):
    assert ("W-RENAL-HCY" in said(advice(person(**facts)))) is told


def test_unknown_kidneys_are_proposed_tablets_and_must_be_answered_before_signing():
    found = advice(person(egfr=None), form=TABLETS)
    assert found.proposal.route is Route.ORAL
    assert codes(found.findings) == {"W-RENAL-UNKNOWN"}
    assert found.answer_before_signing == ("egfr",)


def test_unknown_kidneys_are_no_question_for_an_injection():
    found = advice(person(egfr=None), interval=months(2))
    assert codes(found.findings) == set()
    assert found.answer_before_signing == ()


def test_a_plan_of_tablets_has_no_needle_and_so_no_bleeding():
    found = advice(person(platelets=count(5), anticoagulant=YES), form=TABLETS)
    assert codes(found.findings) == set()
    refused = advice(person(platelets=count(5), anticoagulant=YES, hb=hb(70)), form=TABLETS)
    assert stops(refused) == {"B-ORAL-SEVERE", "B-PLT-LT10"}
    assert "W-ANTICOAG" in said(refused)


@pytest.mark.parametrize(
    "against",
    [
        {"neuro": Neuro.PRESENT},
        {"hb": hb(70)},
        {"egfr": egfr(55)},
        {"leber": YES},
    ],
)
def test_tablets_are_not_offered_after_bariatric_surgery_where_they_are_refused(against):
    assert "W-BARIATRIC-ORAL-OPTION" not in said(advice(person(bariatric=YES, **against)))


def test_tablets_asked_for_are_not_offered_again():
    found = advice(person(bariatric=YES), form=TABLETS)
    assert found.proposal.route is Route.ORAL
    assert codes(found.findings) == set()


def test_nobody_else_is_offered_tablets():
    assert "W-BARIATRIC-ORAL-OPTION" not in said(advice(person(bariatric=UNKNOWN)))


# Other products, routes and strengths


@pytest.mark.parametrize(
    ("form", "facts", "blocks", "warnings"),
    [
        (ask(route=AskedRoute.IV), {}, {"B-ROUTE-IV"}, set()),
        (ask(route=AskedRoute.IM), {}, set(), set()),
        (ask(product="HYDROXOCOBALAMIN"), {}, set(), set()),
        (ask(product="METHYLCOBALAMIN"), {}, set(), {"W-METHYL-NO-REGIMEN"}),
        (ask(product="METHYLCOBALAMIN"), {"egfr": egfr(30)}, set(), {"W-METHYL-NO-REGIMEN", "W-RENAL-HCY"}),
        (ask(product="METHYLCOBALAMIN", route=AskedRoute.ORAL), {}, set(), {"W-METHYL-NO-REGIMEN"}),
        (ask(product="ADENOSYLCOBALAMIN"), {}, {"B-PRODUCT-UNKNOWN"}, set()),
        (ask(product="ADENOSYLCOBALAMIN", route=AskedRoute.ORAL), {}, {"B-PRODUCT-UNKNOWN"}, set()),
        (ask(product="CYANOCOBALAMIN_IM"), {}, {"B-PRODUCT-UNKNOWN"}, set()),
        (ask(product="CYANOCOBALAMIN_IM"), {"egfr": None}, {"B-PRODUCT-UNKNOWN"}, {"W-RENAL-UNKNOWN"}),
        (ask(product="CYANOCOBALAMIN_IM"), {"egfr": egfr(59)}, {"B-CYANO-RENAL"}, {"W-RENAL-HCY"}),
        (ask(product="CYANOCOBALAMIN_IM"), {"egfr": egfr(30)}, {"B-CYANO-RENAL"}, {"W-RENAL-HCY"}),
        (ask(product="CYANOCOBALAMIN_IM"), {"leber": YES}, {"B-CYANO-LEBER"}, {"W-LEBER-REGIMEN"}),
        (ask(product="CYANOCOBALAMIN_ORAL"), {"leber": YES}, {"B-CYANO-LEBER"}, {"W-LEBER-REGIMEN"}),
        (ask(product="HYDROXOCOBALAMIN", route=AskedRoute.ORAL), {"leber": YES}, {"B-CYANO-LEBER"}, {"W-LEBER-REGIMEN"}),
        (ask(product="HYDROXOCOBALAMIN"), {"leber": YES}, set(), {"W-LEBER-REGIMEN"}),
        (ask(), {"leber": YES}, set(), {"W-LEBER-REGIMEN"}),
        (ask(micrograms=1000), {}, set(), set()),
        (ask(micrograms=100), {}, {"B-DOSE-NOT-1MG"}, set()),
        (ask(micrograms=0), {}, {"B-DOSE-NOT-1MG"}, set()),
        (ask(micrograms=2000), {}, {"B-DOSE-NOT-1MG"}, set()),
    ],
)  # fmt: skip
def test_other_forms_are_answered_with_the_safe_alternative(form, facts, blocks, warnings):
    found = advice(person(**facts), form=form, interval=months(2))
    assert stops(found) == blocks
    assert said(found) == warnings
    assert found.status is (Status.HOLD if "leber" in facts else Status.PROPOSED)
    assert (found.proposal.product, found.proposal.route) == (Product.HYDROXOCOBALAMIN, Route.IM)
    assert found.proposal.micrograms == 1000


def test_a_refused_strength_is_named():
    assert advice(form=ask(micrograms=100)).blocks[0].detail == "100 micrograms"


def test_two_tablets_asked_for_where_tablets_are_refused_is_not_a_wrong_injection():
    found = advice(person(hb=hb(70)), form=ask(route=AskedRoute.ORAL, micrograms=2000))
    assert stops(found) == {"B-ORAL-SEVERE"}
    assert found.proposal.micrograms == 1000


def test_a_vein_asked_for_with_tablets_gives_the_injection():
    found = advice(form=ask(product="CYANOCOBALAMIN_ORAL", route=AskedRoute.IV))
    assert stops(found) == {"B-ROUTE-IV"}
    assert found.proposal.route is Route.IM


def test_a_physician_may_choose_deep_under_the_skin():
    found = advice(form=ask(route=AskedRoute.SC_DEEP), interval=months(2))
    assert (found.status, found.proposal.route) == (Status.PROPOSED, Route.SC_DEEP)
    assert codes(found.findings) == {"W-SC-OFFLABEL"}


# Who asks


@pytest.mark.parametrize(
    "request_",
    [
        {"interval": months(2)},
        {"loading": Loading.DAILY_X10},
        {"form": ask(route=AskedRoute.SC_DEEP)},
        {"form": ask(product="METHYLCOBALAMIN")},
        {"form": ask(micrograms=1000)},
    ],
)
def test_a_nurse_may_draft_a_plan_but_not_choose_in_it(request_):
    found = advice(role=Role.NURSE, **request_)
    assert (found.status, found.proposal, stops(found)) == (Status.BLOCKED, None, {"B-ROLE"})
    assert "B-ROLE" not in stops(advice(**request_))


def test_a_nurses_draft_is_a_plan():
    found = advice(role=Role.NURSE)
    assert (found.status, stops(found)) == (Status.PROPOSED, set())
    assert found.proposal is not None


def test_a_nurse_who_asks_for_tablets_sees_every_reason_against_them():
    found = advice(person(neuro=Neuro.PRESENT, platelets=count(18)), role=Role.NURSE, form=TABLETS)
    assert stops(found) == {"B-ROLE", "B-ORAL-NEURO", "H-PLT-10-24"}
    assert found.status is Status.BLOCKED


def test_no_check_stops_another():
    found = advice(
        person(
            born_on=date(2015, 1, 1),
            patient_state=PatientState.DECEASED,
            deficiency=Deficiency.INDETERMINATE,
            allergies=frozenset({Allergy.HYDROXOCOBALAMIN}),
            hb=hb(60),
            potassium=potassium(3),
            platelets=count(20, 8),
            anticoagulant=YES,
            folic_acid=FolicAcid.REQUESTED,
            b12=b12(1),
        ),
        form=ask(route=AskedRoute.IV, micrograms=5),
    )
    assert stops(found) == {
        "B-AGE-U16", "B-INACTIVE", "B-ALLERGY-COBALAMIN", "B-LAB-IMPLAUSIBLE", "H-DEFICIENCY-UNCONFIRMED",
        "H-K-LOW", "H-PLT-10-24", "B-PLT-STALE", "H-BLEED-COMBINED", "B-FOLATE-BEFORE-B12", "B-ROUTE-IV",
        "B-DOSE-NOT-1MG",
    }  # fmt: skip
    assert found.status is Status.BLOCKED


# Dates


@pytest.mark.parametrize(
    ("on", "pregnant", "labs"),
    [
        (MONDAY, NO, {"3m": "2026-06-02", "6m": "2026-09-02", "12m": "2027-03-02"}),
        (
            date(2026, 5, 31),
            YES,
            {"3m": "2026-08-31", "6m": "2026-11-30", "12m": "2027-05-31", "pregnancy_review": "2026-06-30"},
        ),
        (date(2028, 2, 29), NO, {"3m": "2028-05-29", "6m": "2028-08-29", "12m": "2029-02-28"}),
        (date(2026, 8, 31), NO, {"3m": "2026-11-30", "6m": "2027-02-28", "12m": "2027-08-31"}),
    ],
)
def test_lab_checks_count_calendar_months_from_the_start(on, pregnant, labs):
    found = advice(person(pregnant=pregnant), on=on)
    assert {name: day.isoformat() for name, day in found.proposal.labs} == labs
    assert ("W-PREGNANCY" in said(found)) is (pregnant is YES)


def test_tablets_have_the_same_lab_checks():
    assert plan(form=TABLETS).labs == plan().labs


# A change of interval


def change(facts=HEALTHY, **request):
    return advice(facts, action=Action.INTERVAL_CHANGE, **request)


def test_a_nurse_reports_returning_symptoms_and_a_physician_is_asked():
    found = change(role=Role.NURSE, symptoms_returned=True)
    assert (found.status, found.proposal, stops(found)) == (Status.BLOCKED, None, {"B-ROLE"})
    assert (found.plan_continues, found.creates_task) == (True, "A-SYMPTOM-RETURN")
    assert "A-SYMPTOM-RETURN" in codes(found.alerts)


def test_a_nurse_may_not_change_an_interval_for_any_other_reason_either():
    found = change(role=Role.NURSE, interval=months(2))
    assert (stops(found), found.creates_task) == ({"B-ROLE"}, None)


def test_a_physician_shortens_an_interval():
    found = change(person(bariatric=YES), interval=months(2), symptoms_returned=True)
    assert (found.status, found.creates_task) == (Status.PROPOSED, None)
    assert found.proposal.maintenance.interval == months(2)
    assert found.proposal.loading is Loading.NONE
    assert found.proposal.labs is None
    assert found.plan_continues is True
    assert codes(found.alerts) == {"A-SYMPTOM-RETURN"}


def test_a_change_past_the_cap_needs_a_reason():
    assert change(interval=months(1)).needs_a_reason
    assert codes(change(interval=months(1)).alerts) == set()


def test_a_change_asks_nothing_of_needles_deficiency_or_potassium():
    found = change(
        person(deficiency=Deficiency.NONE, platelets=count(5), hb=hb(60), potassium=potassium(3)),
        interval=months(2),
    )
    assert codes(found.findings) == set()


@pytest.mark.parametrize(
    ("facts", "block", "status"),
    [
        ({"patient_state": PatientState.DECEASED}, "B-INACTIVE", Status.BLOCKED),
        ({"allergies": frozenset({Allergy.CYANOCOBALAMIN})}, "B-ALLERGY-COBALAMIN", Status.BLOCKED),
        ({"hb": hb(5)}, "B-LAB-IMPLAUSIBLE", Status.HOLD),
    ],
)
def test_a_change_that_may_not_be_leaves_the_plan_as_it_is(facts, block, status):
    found = change(person(**facts), interval=months(2))
    assert (found.status, found.proposal, stops(found)) == (status, None, {block})
    assert found.plan_continues is True


def test_a_change_to_tablets_answers_for_the_form():
    assert stops(change(person(neuro=Neuro.PRESENT), form=TABLETS)) == {"B-ORAL-NEURO"}


# A wish to stop


def stop(reason, facts=HEALTHY, **request):
    return advice(facts, action=Action.STOP_REQUEST, stop_reason=reason, **request)


@pytest.mark.parametrize(
    ("reason", "status", "raised"),
    [
        (StopReason.LEVELS_NORMAL, Status.BLOCKED, {"B-STOP-LEVELS"}),
        (StopReason.SYMPTOMS_IMPROVED, Status.BLOCKED, {"B-STOP-SYMPTOMS"}),
        (StopReason.PATIENT_REQUEST, Status.HOLD, {"H-STOP-REFUSAL"}),
        (StopReason.REVERSIBLE_CAUSE_RESOLVED, Status.PROPOSED, {"W-STOP-REVERSIBLE"}),
        (StopReason.SWITCHED_TO_ORAL, Status.PROPOSED, set()),
        (StopReason.ALLERGY, Status.PROPOSED, set()),
        (StopReason.DIAGNOSIS_REVISED, Status.PROPOSED, set()),
        (StopReason.INFORMED_REFUSAL, Status.PROPOSED, set()),
        (StopReason.MOVED_AWAY, Status.PROPOSED, set()),
        (StopReason.DIED, Status.PROPOSED, {"A-REMINDERS-CANCELLED"}),
    ],
)
def test_a_physicians_reasons_to_stop(reason, status, raised):
    found = stop(reason, person(allergies=frozenset({Allergy.HYDROXOCOBALAMIN}), hb=hb(100)))
    assert (found.status, codes(found.findings)) == (status, raised)
    assert found.plan_continues is (status is not Status.PROPOSED)
    assert found.proposal is None


@pytest.mark.parametrize(
    ("reason", "status", "blocks"),
    [
        (StopReason.LEVELS_NORMAL, Status.BLOCKED, {"B-STOP-LEVELS", "B-ROLE"}),
        (StopReason.SYMPTOMS_IMPROVED, Status.BLOCKED, {"B-STOP-SYMPTOMS", "B-ROLE"}),
        (StopReason.PATIENT_REQUEST, Status.HOLD, {"H-STOP-REFUSAL"}),
        (StopReason.REVERSIBLE_CAUSE_RESOLVED, Status.BLOCKED, {"B-ROLE"}),
        (StopReason.SWITCHED_TO_ORAL, Status.BLOCKED, {"B-ROLE"}),
        (StopReason.ALLERGY, Status.BLOCKED, {"B-ROLE"}),
        (StopReason.DIAGNOSIS_REVISED, Status.BLOCKED, {"B-ROLE"}),
        (StopReason.MOVED_AWAY, Status.BLOCKED, {"B-ROLE"}),
        (StopReason.DIED, Status.PROPOSED, set()),
    ],
)
def test_a_nurse_records_a_wish_or_a_death_and_nothing_else(reason, status, blocks):
    found = stop(reason, role=Role.NURSE)
    assert (found.status, stops(found)) == (status, blocks)
    assert found.plan_continues is (status is not Status.PROPOSED)


def test_a_nurse_who_records_a_wish_may_not_choose_an_interval_with_it():
    found = stop(StopReason.PATIENT_REQUEST, role=Role.NURSE, interval=months(3))
    assert (found.status, stops(found)) == (Status.BLOCKED, {"H-STOP-REFUSAL", "B-ROLE"})


def test_a_switch_to_tablets_must_itself_be_allowed():
    found = stop(StopReason.SWITCHED_TO_ORAL, person(neuro=Neuro.PRESENT))
    assert (found.status, stops(found), found.plan_continues) == (Status.BLOCKED, {"B-ORAL-NEURO"}, True)


def test_only_a_switch_to_tablets_is_asked_about_tablets():
    for reason in (StopReason.SYMPTOMS_IMPROVED, StopReason.REVERSIBLE_CAUSE_RESOLVED):
        assert "B-ORAL-NEURO" not in stops(stop(reason, person(neuro=Neuro.PRESENT)))


def test_stopping_for_a_death_needs_no_living_patient():
    found = stop(StopReason.DIED, person(patient_state=PatientState.DECEASED))
    assert (found.status, stops(found)) == (Status.PROPOSED, set())


def test_a_stop_needs_a_reason():
    with pytest.raises(ValueError, match=r"A stop needs a reason\."):
        Request(action=Action.STOP_REQUEST)


# Reasons and rejected alternatives


def rules(recommendation):
    return [reason.rule for reason in recommendation.reasons]


ALWAYS = ["R-24a", "C-02", "R-50"]


@pytest.mark.parametrize(
    ("facts", "request_", "fired"),
    [
        ({}, {}, ["R-01", "R-02", "R-03", "R-12", "C-08", "R-15", "R-17"]),
        (NEURO, {}, ["R-01", "R-02", "R-03", "R-10", "D-01", "R-15", "R-16"]),
        (
            BARIATRIC | {"bariatric_procedure": BariatricProcedure.OTHER},
            {},
            ["R-01", "R-02", "R-03", "R-12", "C-08", "R-15", "R-18"],
        ),
        (BARIATRIC, {}, ["R-01", "R-02", "R-03", "R-12", "C-08", "R-15", "R-18", "C-06"]),
        (ILEAL, {}, ["R-01", "R-02", "R-03", "R-12", "C-08", "R-15", "R-19", "C-04"]),
        (resection(20), {}, ["R-01", "R-02", "R-03", "R-12", "C-08", "R-15", "R-17", "D-04"]),
        (resection(), {}, ["R-01", "R-02", "R-03", "R-12", "C-08", "R-15", "R-17", "D-04"]),
        (
            resection(30) | {"deficiency": Deficiency.NONE},
            {},
            ["R-01", "R-02", "R-03", "R-15", "R-19", "D-05"],
        ),
        ({}, {"loading": Loading.DAILY_X10}, ["R-01", "R-02", "R-03", "R-13", "R-15", "R-17"]),
        ({}, {"form": TABLETS}, ["R-40", "R-44", "C-07"]),
        (
            {},
            {"form": ask(route=AskedRoute.SC_DEEP)},
            ["R-01", "R-02", "R-03", "R-12", "C-08", "R-15", "R-17", "C-05"],
        ),
        (
            {"egfr": egfr(40), "pregnant": YES},
            {},
            ["R-01", "R-02", "R-03", "R-12", "C-08", "R-15", "R-17", "R-20", "C-03", "D-09"],
        ),
    ],
)
def test_every_proposal_says_which_facts_fired_which_rules(facts, request_, fired):
    assert rules(advice(person(**facts), **request_)) == fired + ALWAYS


def test_where_sources_disagree_a_reason_carries_both_voices():
    reasons = {reason.rule: reason for reason in advice(person(crohns_ileal=YES)).reasons}
    page, others = reasons["C-04"].voices
    assert page.startswith("Crohn's disease of the ileum means monthly")
    assert others.startswith("A systematic review found no higher risk")
    assert reasons["R-19"].voices is None
    assert reasons["R-19"].fact == "a long resection or Crohn's disease of the ileum"
    assert "20 cm" in reasons["R-19"].sentence


def test_a_reason_names_its_fact():
    facts = [reason.fact for reason in advice(person(egfr=egfr(55), bariatric=YES)).reasons]
    assert "kidneys: eGFR from 50 to under 60" in facts
    assert "bariatric operation: unknown" in facts
    malabsorptive = person(bariatric=YES, bariatric_procedure=BariatricProcedure.MALABSORPTIVE)
    assert "bariatric operation: malabsorptive" in [reason.fact for reason in advice(malabsorptive).reasons]


def rejected(recommendation):
    return {alternative.what: alternative.why for alternative in recommendation.rejected}


def test_what_was_not_proposed_is_told_with_why():
    why = rejected(advice())
    assert set(why) == {
        "Tablets", "Into a vein", "Cyanocobalamin by injection", "Deep under the skin",
        "Loading DAILY_X10", "Loading NEURO_ALT_DAYS", "Every 1 month",
    }  # fmt: skip
    assert why["Tablets"] == "An injection works faster; a physician may choose."
    assert why["Loading NEURO_ALT_DAYS"] == "Only when nerves are involved."


def test_tablets_are_rejected_with_every_reason_against_them():
    why = rejected(advice(person(neuro=Neuro.PRESENT, egfr=egfr(40))))
    assert why["Tablets"] == (
        "Nerves are involved, so tablets are refused: inject. "
        "Cyanocobalamin is not given when the kidneys work poorly; use hydroxocobalamin."
    )
    assert why["Loading STD_3X_WEEK_2W"] == "Six doses are too few when nerves are involved."
    assert why["Loading DAILY_X10"] == "It stops after ten doses, whatever the nerves say."
    assert why["Every 3 months"] == "Longer than the interval for this patient."
    assert why["Every 1 month"] == "More often than the protocol; a physician may shorten."
    assert "Every 2 months" not in why


def test_unknown_kidneys_alone_do_not_reject_tablets():
    assert (
        rejected(advice(person(egfr=None)))["Tablets"] == "An injection works faster; a physician may choose."
    )


def test_tablets_reject_only_the_injection():
    assert list(rejected(advice(form=TABLETS))) == ["An injection"]


def test_deep_under_the_skin_is_not_rejected_where_it_is_proposed():
    why = rejected(advice(form=ask(route=AskedRoute.SC_DEEP)))
    assert "Deep under the skin" not in why
    assert "Tablets" in why


def test_prevention_rejects_no_loading():
    why = rejected(advice(person(deficiency=Deficiency.NONE, **resection(35))))
    assert set(why) == {
        "Tablets", "Into a vein", "Cyanocobalamin by injection", "Deep under the skin",
        "Every 2 months", "Every 3 months",
    }  # fmt: skip


def test_a_choice_still_open_is_not_rejected():
    assert not any(what.startswith("Every") for what in rejected(advice(person(**resection()))))


# As stored


def test_a_recommendation_is_stored_as_plain_values():
    stored = advice(person(egfr=None), form=TABLETS).to_json()
    assert stored["status"] == "PROPOSED"
    assert stored["proposal"] == {
        "regimen": "cyanocobalamin-oral-1",
        "product": "CYANOCOBALAMIN_ORAL",
        "micrograms": 1000,
        "route": "ORAL",
        "loading": "NONE",
        "maintenance": {"interval": None, "choices": [], "provisional": None, "daily": True},
        "labs": {"3m": "2026-06-02", "6m": "2026-09-02", "12m": "2027-03-02"},
    }
    assert stored["findings"] == [
        {
            "code": "W-RENAL-UNKNOWN",
            "message": "Kidney function is not known: it must be answered before cyanocobalamin is signed.",
            "detail": "",
            "passable_by": "not needed",
            "pass_with": "",
            "same_day": False,
        }
    ]
    assert stored["answer_before_signing"] == ["egfr"]
    assert stored["unanswered"] == ["b12", "potassium", "egfr", "bariatric_procedure"]
    assert [reason["rule"] for reason in stored["reasons"]] == ["R-40", "R-44", "C-07", *ALWAYS]
    assert stored["reasons"][2]["fact"] == "a physician asks for tablets"
    assert stored["reasons"][2]["sentence"].startswith("Tablets only when a physician chooses")
    assert len(stored["reasons"][2]["voices"]) == 2
    assert stored["reasons"][0]["voices"] is None
    assert stored["rejected"] == [
        {
            "what": "An injection",
            "why": "A physician asks for tablets; an injection works faster.",
            "rules": ["R-41"],
        }
    ]
    assert (stored["override_allowed"], stored["needs_a_reason"]) == (None, False)
    assert (stored["plan_continues"], stored["creates_task"]) == (None, None)


def test_the_terms_of_maintenance_are_stored_as_durations():
    assert plan().to_json()["maintenance"] == {
        "interval": None,
        "choices": ["P2M", "P3M"],
        "provisional": "P2M",
        "daily": False,
    }
    assert plan(interval=days(42)).to_json()["maintenance"]["interval"] == "P42D"


def test_what_has_no_proposal_is_stored_without_one():
    stored = stop(StopReason.LEVELS_NORMAL).to_json()
    assert (stored["proposal"], stored["plan_continues"], stored["override_allowed"]) == (None, True, False)
    assert change(interval=months(2)).to_json()["proposal"]["labs"] is None


def test_holds_are_the_stops_that_wait_for_somebody():
    found = advice(person(platelets=count(18, 9)))
    assert codes(found.holds) == {"H-PLT-10-24"}
    assert stops(found) == {"H-PLT-10-24", "B-PLT-STALE"}


PASSING_THE_KIDNEYS = frozenset({"B-CYANO-RENAL"})


def test_a_physician_passes_borderline_kidneys_and_tablets_are_proposed_with_a_reason():
    found = advice(person(egfr=egfr(55)), form=TABLETS, overrides=PASSING_THE_KIDNEYS)
    assert (found.status, found.proposal.route) == (Status.PROPOSED, Route.ORAL)
    assert stops(found) == {"B-CYANO-RENAL"}, "the finding stays on the page"
    assert found.overridden == ("B-CYANO-RENAL",)
    assert found.needs_a_reason


@pytest.mark.parametrize(
    ("facts", "form"),
    [
        (person(egfr=egfr(49)), TABLETS),
        (person(egfr=egfr(55), leber=YES), TABLETS),
        (person(egfr=egfr(55), neuro=Neuro.PRESENT), TABLETS),
        (HEALTHY, ask(route=AskedRoute.IV)),
    ],
)
def test_nothing_else_is_passed_that_way(facts, form):
    everything = frozenset({"B-CYANO-RENAL", "B-CYANO-LEBER", "B-ORAL-NEURO", "B-ROUTE-IV"})
    assert advice(facts, form=form, overrides=everything).proposal.route is Route.IM


def test_a_nurse_passes_nothing_and_is_told_so():
    found = advice(person(egfr=egfr(55)), form=TABLETS, overrides=PASSING_THE_KIDNEYS, role=Role.NURSE)
    assert (found.status, found.overridden) == (Status.BLOCKED, ())
    assert "B-ROLE" in stops(found)


def test_passing_what_nobody_raised_changes_nothing():
    assert advice(overrides=PASSING_THE_KIDNEYS) == advice()
