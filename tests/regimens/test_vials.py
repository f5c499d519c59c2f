"""Choosing a vial of the stock on the dose screen: one tap, and nothing that has expired or was recalled."""

import re
from datetime import date, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from regimens import vials
from regimens.models import Injection, Lot, StockMovement
from regimens.protocol.intervals import months
from regimens.services import stock
from tests.browsing import codes_on, sent_by
from tests.factories import a_clinic, a_course, a_nurse, a_patient, an_injection, now

pytestmark = pytest.mark.django_db

TODAY = date(2026, 1, 5)
HYDROXO = "HYDROXOCOBALAMIN"
WHO = {"identity": ["name+born"], "asked": "nothing", "kit": "on", "site": "DELTOID_L", "save": "yes"}
TYPED = {"lot": "TYPED", "expires_on_day": "1", "expires_on_month": "1", "expires_on_year": "2028"}


@pytest.fixture
def course(today_is):
    today_is(TODAY)
    return a_course(starts_on=TODAY, interval=months(3))


@pytest.fixture
def nurse(course, client):
    client.force_login(a_nurse(course.clinic))
    return client


def received(clinic, lot="LOT1", expires_on=date(2028, 1, 31), number=10, product=HYDROXO, brand="") -> Lot:
    return stock.receive(
        clinic=clinic,
        product=product,
        lot=lot,
        expires_on=expires_on,
        vials=number,
        brand=brand,
        now=now(),
        recorded_by=a_nurse(clinic),
    )


def expired(clinic, lot="OLD") -> Lot:
    """A lot that came in time and has expired since."""
    row = Lot.objects.create(clinic=clinic, product=HYDROXO, lot=lot, expires_on=TODAY - timedelta(days=1))
    StockMovement.objects.create(lot=row, kind="received", vials=5, on=TODAY - timedelta(days=90))
    return row


def recalled(clinic, lot="GLASS") -> Lot:
    row = received(clinic, lot)
    stock.recall(lot=row, reason="Maker, glass in vials", recalled_by=a_nurse(clinic))
    return row


def page(patient, name="record_injection") -> str:
    return reverse(name, args=[patient.pk])


def another_course(course):
    return a_course(a_patient(course.clinic), starts_on=TODAY, interval=months(3))


def give(client, patient, **changes):
    return client.post(page(patient), {**sent_by(client.get(page(patient))), **WHO, **changes})


def radios(response) -> list[str]:
    return re.findall(r'type="radio" name="vial" value="([^"]*)"', response.content.decode())


def test_the_vials_in_stock_are_radios_the_first_to_expire_first(nurse, course):
    later = received(course.clinic, "LATER", date(2028, 1, 31), 12, brand="Ours")
    sooner = received(course.clinic, "SOONER", date(2026, 3, 31), 3)
    received(a_clinic(), "THEIRS")
    shown = nurse.get(page(course.patient))
    assert radios(shown) == [str(sooner.pk), str(later.pk), "another"]
    said = shown.content.decode()
    assert "Lot LATER, expires 31-Jan-2028, Ours, 12 left" in said
    assert "Lot SOONER, expires 31-Mar-2026, 3 left" in said
    assert not shown.context["form"]["vial"].value()


def test_one_tap_takes_lot_expiry_and_brand_from_the_stock_and_counts_the_vial(nurse, course):
    lot = received(course.clinic, brand="Ours")
    assert give(nurse, course.patient, vial=str(lot.pk)).status_code == 302
    dose = Injection.objects.get()
    assert (dose.lot, dose.expires_on, dose.brand) == ("LOT1", date(2028, 1, 31), "Ours")
    [offered] = vials.on_offer(course.clinic, HYDROXO, TODAY, vials.Vial())
    assert offered.left == 9


def test_without_a_choice_nothing_is_recorded(nurse, course):
    received(course.clinic)
    refused = give(nurse, course.patient)
    assert refused.status_code == 422
    assert refused.context["form"].errors["vial"] == ["Choose the vial you hold."]
    assert not Injection.objects.exists()


def test_the_vial_of_today_stays_first_and_chosen_so_that_the_routine_asks_for_no_tap(nurse, course):
    received(course.clinic, "SOONER", date(2026, 3, 31))
    lot = received(course.clinic, "MINE")
    give(nurse, course.patient, vial=str(lot.pk), room="3")
    another = another_course(course).patient
    shown = nurse.get(page(another))
    assert radios(shown)[0] == str(lot.pk)
    assert sent_by(shown)["vial"] == str(lot.pk)
    assert "The vial of today: lot MINE, expires 31-Jan-2028, room 3" in shown.content.decode()
    routine = {name: value for name, value in WHO.items() if name not in ("site", "kit")}
    assert nurse.post(page(another), {**sent_by(shown), **routine}).status_code == 302
    dose = Injection.objects.get(patient=another)
    assert (dose.lot, dose.room) == ("MINE", "3")


def test_another_vial_is_typed_and_then_is_the_vial_of_today(nurse, course):
    received(course.clinic)
    for missing in ("lot", "expires_on_year"):
        refused = give(nurse, course.patient, vial="another", **{**TYPED, missing: ""})
        assert set(refused.context["form"].errors) == {missing.removesuffix("_year")}
    assert give(nurse, course.patient, vial="another", **TYPED).status_code == 302
    assert Injection.objects.get().lot == "TYPED"
    shown = nurse.get(page(another_course(course).patient))
    assert radios(shown)[0] == sent_by(shown)["vial"] == "today"
    assert "Lot TYPED, expires 01-Jan-2028 (the vial of today)" in shown.content.decode()


def test_a_vial_that_was_typed_beside_a_chosen_one_is_asked_about(nurse, course):
    """Without a script nobody ticks “another vial” for the nurse; the wrong lot must not be recorded silently."""
    lot = received(course.clinic)
    for typed in (TYPED, {"brand": "Theirs"}, {"expires_on_day": "40"}):
        refused = give(nurse, course.patient, vial=str(lot.pk), **typed)
        assert "typed a vial as well" in refused.content.decode()
    assert not Injection.objects.exists()


def test_expired_and_recalled_vials_are_shown_with_the_reason_and_cannot_be_chosen(nurse, course):
    good, old, glass = received(course.clinic), expired(course.clinic), recalled(course.clinic)
    shown = nurse.get(page(course.patient))
    assert radios(shown) == [str(good.pk), "another"]
    said = shown.content.decode()
    assert "Lot OLD, 5 in the cupboard. Expired on 04-Jan-2026." in said
    assert "Lot GLASS, 10 in the cupboard. Recalled: Maker, glass in vials." in said
    for lot, reason in ((old, "Expired on 04-Jan-2026"), (glass, "Recalled: Maker, glass in vials")):
        refused = give(nurse, course.patient, vial=str(lot.pk))
        assert refused.status_code == 422
        assert refused.context["form"].errors["vial"] == [f"{reason}: do not use it. Take another vial."]
    assert not Injection.objects.exists()


def test_a_form_edited_to_name_another_vial_is_refused(nurse, course):
    received(course.clinic)
    theirs = received(a_clinic(), "THEIRS")
    cyano = received(course.clinic, "CYANO", product="CYANOCOBALAMIN_IM")
    for key in (str(theirs.pk), str(cyano.pk), "0", "-1", "today", "x" * 400, "1 OR 1=1", "\x00"):
        assert give(nurse, course.patient, vial=key).status_code == 422, key
    assert not Injection.objects.exists()


def test_what_expired_long_ago_is_not_shown_for_ever_and_refused_all_the_same(nurse, course, today_is):
    good, old = received(course.clinic), expired(course.clinic)
    today_is(date(2026, 4, 10))
    nurse.force_login(a_nurse(course.clinic))
    assert "OLD" not in nurse.get(page(course.patient)).content.decode()
    refused = give(nurse, course.patient, vial=str(old.pk))
    assert "Expired on 04-Jan-2026" in refused.context["form"].errors["vial"][0]
    assert radios(refused) == [str(good.pk), "another"]


@pytest.mark.parametrize("make", [expired, recalled])
def test_the_number_of_a_refused_vial_typed_with_another_date_is_refused_by_the_rules(nurse, course, make):
    received(course.clinic)
    lot = make(course.clinic)
    refused = give(nurse, course.patient, vial="another", **{**TYPED, "lot": lot.lot.lower()})
    assert codes_on(refused) == {"B-VIAL-EXPIRED" if make is expired else "B-VIAL-RECALLED"}
    assert not Injection.objects.exists()


def test_a_lot_whose_delivery_was_entered_by_mistake_is_not_offered_and_its_date_not_believed(nurse, course):
    lot = expired(course.clinic, "LOT1")
    movement = lot.movements.get()
    received(course.clinic, "GOOD")
    stock.void_movement(movement=movement, voided_by=a_nurse(course.clinic), reason="Wrong year")
    assert "LOT1" not in nurse.get(page(course.patient)).content.decode()
    assert give(nurse, course.patient, vial="another", **{**TYPED, "lot": "LOT1"}).status_code == 302


@pytest.mark.parametrize("number", [0, 1])
def test_a_clinic_that_has_nothing_in_stock_types_the_vial(nurse, course, number):
    if number:  # all of it used up
        received(course.clinic, number=1)
        an_injection(another_course(course), TODAY, lot="LOT1")
    shown = nurse.get(page(course.patient))
    assert radios(shown) == []
    assert "vial" not in shown.context["form"].fields
    assert give(nurse, course.patient, **TYPED).status_code == 302


def test_a_double_tap_with_the_last_vial_gives_the_first_answer_again(nurse, course):
    received(course.clinic, "OTHER")
    lot = received(course.clinic, "LAST", number=1)
    sent = {**sent_by(nurse.get(page(course.patient))), **WHO, "vial": str(lot.pk)}
    first = nurse.post(page(course.patient), sent)
    session = nurse.session  # the answer was lost, and the second tap does not know the vial of today
    session["vials"] = {}
    session.save()
    assert nurse.post(page(course.patient), sent).url == first.url
    assert Injection.objects.count() == 1


def test_the_vial_of_today_is_not_proposed_once_it_was_recalled(nurse, course):
    received(course.clinic, "GOOD")
    lot = received(course.clinic)
    give(nurse, course.patient, vial=str(lot.pk))
    stock.recall(lot=lot, reason="Maker", recalled_by=a_nurse(course.clinic))
    another = another_course(course).patient
    shown = nurse.get(page(another))
    assert not shown.context["form"]["vial"].value()
    assert str(lot.pk) not in radios(shown)
    assert "Recalled: Maker" in shown.content.decode()


def test_asking_a_physician_keeps_the_vial_and_already_given_takes_it_along(nurse, course):
    lot = received(course.clinic, brand="Ours")
    sent = {**sent_by(nurse.get(page(course.patient))), **WHO, "vial": str(lot.pk), "route": "IV"}
    del sent["save"]
    asked = nurse.post(page(course.patient), {**sent, "ask": "yes"})
    assert asked.context["form"]["vial"].value() == str(lot.pk)
    switched = nurse.post(page(course.patient, "record_given"), {**sent, "switch": "yes"})
    kept = sent_by(switched)
    assert (kept["lot"], kept["brand"], kept["expires_on_year"]) == ("LOT1", "Ours", "2028")


@pytest.mark.parametrize("product", ["CYANOCOBALAMIN_IM", "OTHER", "\x00", "x" * 30])
def test_another_product_is_not_taken_from_this_ones_vials(nurse, course, product):
    lot = received(course.clinic)
    refused = give(nurse, course.patient, vial=str(lot.pk), product=product)
    assert refused.status_code == 422
    assert str(lot.pk) not in radios(refused)
    assert not Injection.objects.exists()


def test_many_lots_cost_no_more_queries_and_the_screen_stays_small(nurse, course):
    received(course.clinic)
    nurse.get(page(course.patient))
    with CaptureQueriesContext(connection) as few:
        nurse.get(page(course.patient))
    for number in range(30):
        received(course.clinic, f"LOT{number:02}X", brand="A brand with a long name")
    with CaptureQueriesContext(connection) as many:
        answer = nurse.get(page(course.patient))
    assert len(many) == len(few) <= 40
    assert len(answer.content) < 60_000
