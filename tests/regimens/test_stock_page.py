"""Vials counted down by injections, what is needed, and who had a lot that was recalled."""

from datetime import date, timedelta
from uuid import uuid4

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from patients.models import Role
from patients.refusals import NotAllowed
from regimens import stock
from regimens.models import Injection, Lot, StockMovement
from regimens.protocol.intervals import months
from regimens.services import injections
from regimens.services import stock as services
from tests.browsing import sent_by
from tests.factories import a_clinic, a_course, a_member, a_nurse, a_patient, an_injection, now

pytestmark = pytest.mark.django_db

TODAY = date(2026, 1, 5)
EXPIRES = date(2028, 1, 31)
HYDROXO = "HYDROXOCOBALAMIN"


@pytest.fixture
def course(today_is):
    today_is(TODAY)
    return a_course(starts_on=TODAY, interval=months(3))


@pytest.fixture
def nurse(course, client):
    client.force_login(a_nurse(course.clinic))
    return client


def received(clinic, vials=10, lot="LOT1", expires_on=EXPIRES, **details) -> Lot:
    return services.receive(
        clinic=clinic,
        product=HYDROXO,
        lot=lot,
        expires_on=expires_on,
        vials=vials,
        now=now(),
        recorded_by=a_nurse(clinic),
        **details,
    )


def left(clinic, lot="LOT1") -> int:
    return next(level.left for level in stock.levels(clinic, TODAY) if level.lot.lot == lot)


def delivery(**changes) -> dict:
    expires = {"expires_on_day": "31", "expires_on_month": "1", "expires_on_year": "2028"}
    return {
        "product": HYDROXO,
        "lot": "LOT1",
        **expires,
        "vials": "10",
        "token": str(uuid4()),
        "receive": "yes",
        **changes,
    }


def test_an_injection_takes_a_vial_and_a_voided_one_gives_it_back(course):
    received(course.clinic)
    dose = an_injection(course, TODAY, lot="lot1")
    assert left(course.clinic) == 9
    injections.void_injection(
        injection=dose, now=now(), voided_by=a_nurse(course.clinic), reason="Wrong patient"
    )
    assert left(course.clinic) == 10


def test_a_partial_dose_uses_a_whole_vial_and_one_from_elsewhere_none(course):
    received(course.clinic)
    an_injection(course, TODAY, partial=True)
    an_injection(
        course,
        TODAY - timedelta(days=1),
        already_given=True,
        source="elsewhere",
        source_name="Harbour",
        site="",
        lot="LOT1",
    )
    assert left(course.clinic) == 9


def test_another_clinics_doses_and_lots_are_their_own(course):
    received(course.clinic)
    other = a_course(a_patient(a_clinic()), starts_on=TODAY, interval=months(3))
    received(other.clinic)
    an_injection(other, TODAY)
    assert (left(course.clinic), left(other.clinic)) == (10, 9)


def test_a_delivery_is_entered_and_more_of_a_lot_adds_to_it(nurse, course):
    assert nurse.post(reverse("stock"), delivery()).status_code == 302
    assert nurse.post(reverse("stock"), delivery(lot="lot1", vials="5")).status_code == 302
    assert Lot.objects.count() == 1
    assert left(course.clinic) == 15
    assert "LOT1" in nurse.get(reverse("stock")).content.decode()


def test_a_double_tap_on_a_delivery_enters_it_once_and_a_form_without_its_token_never(nurse, course):
    sent = delivery()
    assert [nurse.post(reverse("stock"), sent).status_code for _tap in (1, 2)] == [302, 302]
    assert left(course.clinic) == 10
    for token in ("", "nonsense"):
        assert nurse.post(reverse("stock"), {**sent, "token": token}).status_code == 422
    opened = sent_by(nurse.get(reverse("stock")))
    assert nurse.post(reverse("stock"), {**delivery(), "token": opened["token"]}).status_code == 302
    assert left(course.clinic) == 20


def test_the_token_of_one_clinics_delivery_enters_nothing_in_another(nurse, course):
    elsewhere, token = a_clinic(), uuid4()
    received(elsewhere, token=token)
    with pytest.raises(NotAllowed, match="sent before"):
        received(course.clinic, token=token)
    assert StockMovement.objects.count() == 1


def test_a_lot_entered_with_the_wrong_date_is_entered_afresh_once_its_entries_are_voided(nurse, course):
    lot = received(course.clinic, expires_on=date(2026, 1, 31))
    refused = nurse.post(reverse("stock"), delivery())
    assert "void its entries first" in refused.context["form"].errors["expires_on"][0]
    movement = StockMovement.objects.get()
    nurse.post(reverse("void_movement", args=[movement.pk]), {"reason": "Wrong year", "save": "yes"})
    assert nurse.post(reverse("stock"), delivery()).status_code == 302
    [level] = stock.levels(course.clinic, TODAY)
    assert (level.lot.expires_on, level.left) == (EXPIRES, 10)
    mistake = reverse("stock_lot", args=[lot.pk])
    assert "Entered by mistake" in nurse.get(mistake).content.decode()
    assert nurse.post(mistake, {"count-vials": "7", "count": "yes"}).status_code == 422
    assert nurse.post(mistake, {"recall-reason": "Maker", "recall": "yes"}).status_code == 422


def test_a_recall_stands_though_every_entry_of_the_lot_was_voided(nurse, course):
    lot = received(course.clinic)
    services.recall(lot=lot, reason="Maker", recalled_by=a_nurse(course.clinic))
    movement = StockMovement.objects.get()
    nurse.post(reverse("void_movement", args=[movement.pk]), {"reason": "Wrong", "save": "yes"})
    with pytest.raises(NotAllowed) as refusal:
        an_injection(course, TODAY)
    assert refusal.value.code == "B-VIAL-RECALLED"


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"vials": "0"}, "vials"),
        ({"vials": "100001"}, "vials"),
        ({"lot": ""}, "lot"),
        ({"expires_on_year": "2025"}, "expires_on"),
        ({"expires_on_day": "32"}, "expires_on"),
        ({"product": "CYANOCOBALAMIN_ORAL"}, "product"),
    ],
)
def test_a_wrong_delivery_is_refused_at_its_field(nurse, changes, field):
    refused = nurse.post(reverse("stock"), delivery(**changes))
    assert refused.status_code == 422
    assert field in refused.context["form"].errors
    assert not StockMovement.objects.exists()


def test_one_lot_cannot_expire_on_two_days(nurse, course):
    received(course.clinic)
    refused = nurse.post(reverse("stock"), delivery(expires_on_month="2", expires_on_day="28"))
    assert "31 January 2028" in refused.context["form"].errors["expires_on"][0]


def test_the_cupboard_is_counted_and_the_difference_stands_in_the_books(nurse, course):
    lot = received(course.clinic)
    an_injection(course, TODAY)
    address = reverse("stock_lot", args=[lot.pk])
    nurse.post(address, {"count-vials": "7", "count": "yes"})
    assert left(course.clinic) == 7
    assert StockMovement.objects.get(kind="counted").vials == -2
    nurse.post(address, {"count-vials": "7", "count": "yes"})
    assert StockMovement.objects.filter(kind="counted").count() == 1


def test_what_is_discarded_says_why(nurse, course):
    lot = received(course.clinic)
    address = reverse("stock_lot", args=[lot.pk])
    token = {"discard-token": str(uuid4())}
    refused = nurse.post(address, {"discard-vials": "2", "discard-note": "", "discard": "yes", **token})
    assert refused.status_code == 422
    for _tap in (1, 2):
        sent = {"discard-vials": "2", "discard-note": "Dropped", "discard": "yes", **token}
        assert nurse.post(address, sent).status_code == 302
    assert left(course.clinic) == 8
    without = {"discard-vials": "2", "discard-note": "Dropped", "discard": "yes"}
    assert nurse.post(address, without).status_code == 422


def test_a_wrong_entry_is_voided_and_stays_visible(nurse, course):
    lot = received(course.clinic)
    movement = StockMovement.objects.get()
    nurse.post(reverse("void_movement", args=[movement.pk]), {"reason": "Counted twice", "save": "yes"})
    assert stock.levels(course.clinic, TODAY) == []
    assert "Counted twice" in nurse.get(reverse("stock_lot", args=[lot.pk])).content.decode()


def test_a_recalled_lot_lists_everybody_who_had_it_and_is_refused_before_the_needle(nurse, course):
    lot = received(course.clinic)
    an_injection(course, TODAY, lot=" lot1".strip())
    other = a_course(a_patient(course.clinic, family_name="Aoki"), starts_on=TODAY, interval=months(3))
    an_injection(other, TODAY, lot="LOT2")
    address = reverse("stock_lot", args=[lot.pk])
    assert nurse.post(address, {"recall-reason": "", "recall": "yes"}).status_code == 422
    nurse.post(address, {"recall-reason": "Maker, glass in vials", "recall": "yes"})
    shown = nurse.get(address).content.decode()
    assert course.patient.name in shown
    assert "AOKI" not in shown
    assert "glass in vials" in shown
    third = a_course(a_patient(course.clinic), starts_on=TODAY, interval=months(3))
    with pytest.raises(NotAllowed) as refusal:
        an_injection(third, TODAY, lot="Lot1")
    assert refusal.value.code == "B-VIAL-RECALLED"
    assert nurse.post(address, {"recall-reason": "Again", "recall": "yes"}).status_code == 422
    assert nurse.post(reverse("stock"), delivery()).status_code == 422


def test_a_recalled_vial_that_was_given_is_recorded_as_an_incident(course):
    lot = received(course.clinic)
    services.recall(lot=lot, reason="Maker", recalled_by=a_nurse(course.clinic))
    dose = an_injection(course, TODAY, already_given=True)
    assert dose.incident_codes == ["B-VIAL-RECALLED"]


def test_the_form_says_at_once_that_the_vial_was_recalled(nurse, course):
    lot = received(course.clinic)
    services.recall(lot=lot, reason="Maker", recalled_by=a_nurse(course.clinic))
    address = reverse("record_injection", args=[course.patient.pk])
    vial = {"lot": "LOT1", "expires_on_day": "31", "expires_on_month": "1", "expires_on_year": "2028"}
    taps = {"identity": ["name+born"], "asked": "nothing", "kit": "on", "site": "DELTOID_L", "save": "yes"}
    refused = nurse.post(address, {**sent_by(nurse.get(address)), **vial, **taps})
    assert refused.status_code == 422
    assert "B-VIAL-RECALLED" in {found.code for found in refused.context["stopping"]}
    assert not Injection.objects.exists()


def test_lots_say_what_to_look_out_for(course):
    received(course.clinic, lot="SOON", expires_on=TODAY + timedelta(days=42))
    received(course.clinic, lot="LATER", expires_on=TODAY + timedelta(days=43))
    received(course.clinic, lot="FEW", vials=1, expires_on=EXPIRES)
    an_injection(course, TODAY, lot="FEW")
    another = a_course(a_patient(course.clinic), starts_on=TODAY, interval=months(3))
    an_injection(another, TODAY, lot="FEW")
    words = {
        level.lot.lot: [word for word, _tone in level.badges] for level in stock.levels(course.clinic, TODAY)
    }
    assert words == {"SOON": ["Expires soon"], "LATER": [], "FEW": ["More used than received"]}
    after = {
        level.lot.lot: [word for word, _tone in level.badges]
        for level in stock.levels(course.clinic, TODAY + timedelta(days=43))
    }
    assert after["SOON"] == ["Expired: discard"]


def test_a_loading_and_the_maintenance_after_it_are_what_is_needed(course):
    # Six doses in two weeks from Monday, then every three months: the next is beyond the twelve weeks.
    assert stock.needed(course.clinic, TODAY) == {0: 3, 1: 3}
    an_injection(course, TODAY)
    assert sum(stock.needed(course.clinic, TODAY).values()) == 5


def test_maintenance_is_needed_at_its_dates_and_an_overdue_dose_now(today_is):
    today_is(TODAY)
    monthly = a_course(
        starts_on=TODAY, interval=months(1), loaded_elsewhere=True, facts={"ileal_resection": 35}
    )
    an_injection(monthly, TODAY)
    assert stock.needed(monthly.clinic, TODAY) == {4: 1, 8: 1}
    assert stock.needed(monthly.clinic, date(2026, 3, 1))[0] == 1


def test_stock_that_runs_out_or_expires_is_short_from_that_week_on(course):
    received(course.clinic, vials=4)
    found = stock.weeks(course.clinic, TODAY, stock.levels(course.clinic, TODAY))
    assert [(week.needed, week.left) for week in found[:3]] == [(3, 1), (3, -2), (0, -2)]
    received(course.clinic, lot="SHORT", vials=50, expires_on=TODAY + timedelta(days=6))
    found = stock.weeks(course.clinic, TODAY, stock.levels(course.clinic, TODAY))
    assert [week.left for week in found[:2]] == [4, 1]


def test_the_page_costs_the_same_with_many_patients_and_lots(nurse, course):
    def queries() -> int:
        with CaptureQueriesContext(connection) as asked:
            assert nurse.get(reverse("stock")).status_code == 200
        return len(asked)

    received(course.clinic)
    few = queries()
    for number in range(5):
        a_course(a_patient(course.clinic), starts_on=TODAY, interval=months(3))
        received(course.clinic, lot=f"MORE{number}")
    assert queries() == few


@pytest.mark.parametrize("role", [Role.RECEPTION, Role.PHYSICIAN, Role.AUDITOR])
def test_stock_is_kept_by_nurses_and_the_manager(course, client, role):
    lot = received(course.clinic)
    client.force_login(a_member(course.clinic, role))
    for address in (reverse("stock"), reverse("stock_lot", args=[lot.pk])):
        assert client.get(address).status_code == 403
    client.force_login(a_member(course.clinic, Role.MANAGER))
    assert client.get(reverse("stock")).status_code == 200


def test_another_clinics_lot_is_not_there(course, client):
    lot = received(course.clinic)
    client.force_login(a_nurse(a_clinic()))
    assert client.get(reverse("stock_lot", args=[lot.pk])).status_code == 404
    assert client.get(reverse("void_movement", args=[StockMovement.objects.get().pk])).status_code == 404


def test_the_database_keeps_the_books(course):
    lot = received(course.clinic)
    for change in ({"vials": 99}, {"kind": "discarded"}):
        with pytest.raises(Exception, match="append-only|never|changed"), transaction.atomic():
            StockMovement.objects.update(**change)
    with pytest.raises(IntegrityError), transaction.atomic():
        StockMovement.objects.create(lot=lot, kind="received", vials=-1, on=TODAY)
    with pytest.raises(IntegrityError), transaction.atomic():
        Lot.objects.create(clinic=course.clinic, product=HYDROXO, lot="lot1", expires_on=EXPIRES)
