"""After the needle: what is raised with a dose, stays on Today until it is done, and what a reaction leads to."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from patients.models import Role
from regimens.models import FollowUp, Request
from regimens.protocol.intervals import months
from regimens.services import clinical, injections
from tests.factories import a_clinic, a_course, a_member, a_nurse, a_patient, a_physician, an_injection, now

pytestmark = pytest.mark.django_db

TODAY = date(2026, 1, 5)


@pytest.fixture
def course(today_is):
    today_is(TODAY)
    return a_course(starts_on=TODAY, interval=months(3))


@pytest.fixture
def nurse(course, client):
    client.force_login(a_nurse(course.clinic))
    return client


def low_platelets(course, count="120"):
    value = {"analyte": "PLT", "value": Decimal(count), "unit": "10^9/L"}
    clinical.record_results(
        patient=course.patient,
        collected_on=TODAY,
        values=[value],
        now=now(),
        recorded_by=a_nurse(course.clinic),
    )


def kinds(course) -> list[str]:
    return list(FollowUp.objects.waiting().filter(patient=course.patient).values_list("kind", flat=True))


def today_page(client) -> str:
    return client.get(reverse("today")).content.decode()


def page(follow_up) -> str:
    return reverse("follow_up", args=[follow_up.patient_id, follow_up.pk])


def test_the_first_dose_waits_on_today_until_somebody_says_how_it_went(nurse, course):
    an_injection(course, TODAY, observed_minutes=None)
    follow_up = FollowUp.objects.get()
    assert (follow_up.kind, follow_up.due_at) == ("observation", now() + timedelta(minutes=15))
    assert page(follow_up) in today_page(nurse)
    assert "Observe for 15 minutes" in nurse.get(page(follow_up)).content.decode()
    assert nurse.post(page(follow_up), {"outcome": "well", "save": "yes"}).status_code == 302
    follow_up.refresh_from_db()
    assert (follow_up.outcome, follow_up.done_by) == ("well", a_nurse(course.clinic))
    assert follow_up.done_at is not None
    assert page(follow_up) not in today_page(nurse)
    assert "Well: no reaction" in nurse.get(page(follow_up)).content.decode()
    assert not Request.objects.exists()


def test_what_was_seen_at_once_is_not_asked_for_again(course):
    low_platelets(course)
    an_injection(course, TODAY, observed_minutes=15, haematoma=False)
    assert kinds(course) == []


def test_fourteen_minutes_are_not_fifteen(course):
    an_injection(course, TODAY, observed_minutes=14)
    assert kinds(course) == ["observation"]


def test_a_later_dose_is_observed_only_when_the_brand_is_new(course, today_is):
    an_injection(course, TODAY, brand="Ours", observed_minutes=15)
    for day, brand in ((7, "OURS"), (9, ""), (12, "Theirs")):
        today_is(date(2026, 1, day))
        an_injection(course, date(2026, 1, day), brand=brand, site="DELTOID_R", observed_minutes=None)
    assert list(FollowUp.objects.values_list("injection__brand", "kind")) == [("Theirs", "observation")]


def test_low_platelets_ask_for_a_look_at_the_site_and_an_anticoagulant_for_advice(course):
    low_platelets(course)
    clinical.record_facts(
        patient=course.patient,
        answers={"anticoagulant": True},
        observed_on=TODAY,
        now=now(),
        recorded_by=a_nurse(course.clinic),
    )
    an_injection(course, TODAY, observed_minutes=20)
    assert kinds(course) == ["advice", "haematoma"]


def test_a_dose_entered_days_later_or_from_elsewhere_raises_nothing(course, today_is):
    today_is(date(2026, 1, 7))
    an_injection(course, TODAY, already_given=True)
    an_injection(
        course, date(2026, 1, 6), already_given=True, source="elsewhere", source_name="Harbour", site=""
    )
    assert not FollowUp.objects.exists()


@pytest.mark.parametrize("reaction", ["general", "anaphylaxis"])
def test_a_reaction_seen_afterwards_becomes_an_allergy_asks_today_and_holds_the_next_dose(
    nurse, course, today_is, reaction
):
    an_injection(course, TODAY, observed_minutes=None)
    nurse.post(page(FollowUp.objects.get()), {"outcome": reaction, "save": "yes"})
    assert clinical.latest_answers(course.patient)["allergies"] == ["hydroxocobalamin"]
    request = Request.objects.get()
    assert (request.kind, request.same_day, request.injection.given_on) == ("adverse", True, TODAY)
    today_is(date(2026, 1, 7))
    nurse.force_login(a_nurse(course.clinic))
    stopped = nurse.get(reverse("record_injection", args=[course.patient.pk]))
    assert "B-ALLERGY-COBALAMIN" in {found.code for found in stopped.context["stopping"]}


def test_a_reaction_recorded_with_the_dose_does_the_same_and_keeps_the_other_allergies(course):
    clinical.record_facts(
        patient=course.patient,
        answers={"allergies": ["parabens"]},
        observed_on=TODAY,
        now=now(),
        recorded_by=a_nurse(course.clinic),
    )
    an_injection(course, TODAY, reaction="general")
    assert clinical.latest_answers(course.patient)["allergies"] == ["hydroxocobalamin", "parabens"]
    assert Request.objects.get().kind == "adverse"


def test_a_local_reaction_is_noted_and_changes_nothing(nurse, course):
    an_injection(course, TODAY, observed_minutes=None)
    nurse.post(page(FollowUp.objects.get()), {"outcome": "local", "save": "yes"})
    assert clinical.latest_answers(course.patient)["allergies"] == []
    assert not Request.objects.exists()


def severely_anaemic(course):
    values = [
        {"analyte": "HB", "value": Decimal(70), "unit": "g/L"},
        {"analyte": "K", "value": Decimal("4.1"), "unit": "mmol/L"},
    ]
    clinical.record_results(
        patient=course.patient,
        collected_on=TODAY,
        values=values,
        now=now(),
        recorded_by=a_nurse(course.clinic),
    )


def test_potassium_waits_until_a_later_result_is_on_record(nurse, course, today_is):
    severely_anaemic(course)
    an_injection(course, TODAY, observed_minutes=15)
    follow_up = FollowUp.objects.get()
    assert (follow_up.kind, follow_up.due_at) == ("potassium", now() + timedelta(hours=48))
    assert kinds(course) == ["potassium"]  # the one before the dose does not settle it
    today_is(date(2026, 1, 7))
    nurse.force_login(a_nurse(course.clinic))
    value = {"analyte": "K", "value": Decimal("3.9"), "unit": "mmol/L"}
    clinical.record_results(
        patient=course.patient,
        collected_on=date(2026, 1, 7),
        values=[value],
        now=now(),
        recorded_by=a_nurse(course.clinic),
    )
    assert kinds(course) == []
    assert "the result is on record" in nurse.get(page(follow_up)).content.decode()


def test_a_potassium_of_the_same_day_settles_it_once_it_is_entered_after_the_dose(course):
    an_injection(course, TODAY, observed_minutes=15)
    assert kinds(course) == []
    injections.void_injection(
        injection=course.injections.get(), now=now(), voided_by=a_nurse(course.clinic), reason="Wrong day"
    )
    clinical.record_results(
        patient=course.patient,
        collected_on=TODAY,
        values=[{"analyte": "HB", "value": Decimal(70), "unit": "g/L"}],
        now=now(),
        recorded_by=a_nurse(course.clinic),
    )
    an_injection(course, TODAY, observed_minutes=15)
    assert kinds(course) == ["potassium"]
    clinical.record_results(
        patient=course.patient,
        collected_on=TODAY,
        values=[{"analyte": "K", "value": Decimal("4.1"), "unit": "mmol/L"}],
        now=now(),
        recorded_by=a_nurse(course.clinic),
    )
    assert kinds(course) == []


def test_potassium_that_nobody_could_measure_asks_a_physician_today(nurse, course):
    severely_anaemic(course)
    an_injection(course, TODAY, observed_minutes=15)
    address = page(FollowUp.objects.get())
    refused = nurse.post(address, {"outcome": "not_done", "save": "yes"})
    assert refused.status_code == 422
    assert "note" in refused.context["form"].errors
    nurse.post(address, {"outcome": "not_done", "note": "No vein found", "save": "yes"})
    request = Request.objects.get()
    assert (request.same_day, request.codes, request.text) == (True, ["W-K-MONITOR"], "No vein found")
    assert kinds(course) == []


def test_a_voided_injection_leaves_nothing_to_do(nurse, course):
    dose = an_injection(course, TODAY, observed_minutes=None)
    follow_up = FollowUp.objects.get()
    injections.void_injection(
        injection=dose, now=now(), voided_by=a_nurse(course.clinic), reason="Wrong patient"
    )
    assert kinds(course) == []
    assert page(follow_up) not in today_page(nurse)
    assert "was voided" in nurse.get(page(follow_up)).content.decode()


def test_it_is_done_once(nurse, course):
    an_injection(course, TODAY, observed_minutes=None)
    address = page(FollowUp.objects.get())
    nurse.post(address, {"outcome": "well", "save": "yes"})
    again = nurse.post(address, {"outcome": "anaphylaxis", "save": "yes"})
    assert again.status_code == 422
    assert FollowUp.objects.get().outcome == "well"
    assert not Request.objects.exists()


@pytest.mark.parametrize("outcome", ["no_haematoma", "", "nonsense"])
def test_only_an_outcome_of_this_kind_is_taken(nurse, course, outcome):
    an_injection(course, TODAY, observed_minutes=None)
    assert nurse.post(page(FollowUp.objects.get()), {"outcome": outcome}).status_code == 422
    assert FollowUp.objects.get().done_at is None


@pytest.mark.parametrize("role", [Role.RECEPTION, Role.MANAGER, Role.AUDITOR])
def test_only_nurses_and_physicians_do_it(course, client, role):
    an_injection(course, TODAY, observed_minutes=None)
    client.force_login(a_member(course.clinic, role))
    assert client.get(page(FollowUp.objects.get())).status_code == 403


def test_another_clinics_patient_is_not_there(course, client):
    an_injection(course, TODAY, observed_minutes=None)
    client.force_login(a_physician(a_clinic()))
    assert client.get(page(FollowUp.objects.get())).status_code == 404
    assert page(FollowUp.objects.get()) not in today_page(client)


def test_reception_sees_nothing_of_it_on_today(course, client):
    an_injection(course, TODAY, observed_minutes=None)
    client.force_login(a_member(course.clinic, Role.RECEPTION))
    assert "After the needle" not in today_page(client)


def test_what_is_late_stands_first_and_many_cost_one_query(nurse, course, today_is):
    def queries() -> int:
        with CaptureQueriesContext(connection) as asked:
            today_page(nurse)
        return len(asked)

    an_injection(course, TODAY, observed_minutes=None)
    few = queries()
    for _ in range(22):
        an_injection(
            a_course(a_patient(course.clinic), starts_on=TODAY, interval=months(3)),
            TODAY,
            observed_minutes=None,
        )
    assert queries() == few
    shown = nurse.get(reverse("today")).context["after_needle"]
    assert len(shown.rows) == 20
    assert shown.more
    assert [row.due_at for row in shown.rows] == sorted(row.due_at for row in shown.rows)
    assert not shown.rows[0].is_late
    today_is(date(2026, 1, 6))
    nurse.force_login(a_nurse(course.clinic))
    assert nurse.get(reverse("today")).context["after_needle"].rows[0].is_late
