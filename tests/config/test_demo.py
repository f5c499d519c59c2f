"""The demo: an invented population that holds what the services would have written, and only in demo mode."""

from collections import Counter
from datetime import UTC, date, datetime, timedelta

import pytest
import time_machine
from django.core.management import CommandError, call_command
from django.db import transaction
from django.db.models import Q

from config.demo.accounts import DEMO_ACCOUNTS, DEMO_PASSWORD
from config.demo.population import populate
from config.demo.stories import STORIES
from patients.models import Clinic, ClinicalFact, Membership, Patient, Result, User
from patients.national_ids import nhs_number_holds
from regimens import stock
from regimens.course_values import values_of
from regimens.facts import digest, facts_of
from regimens.models import Appointment, Course, Injection, NotGiven, Plan, Request
from regimens.protocol import schedule
from regimens.services import outlook, plans

NOW = datetime(2026, 3, 31, 10, tzinfo=UTC)
TODAY = NOW.date()


@pytest.fixture(scope="module")
def _demo(django_db_setup, django_db_blocker):
    """One population for every test of this file; each test runs in a savepoint inside."""
    with django_db_blocker.unblock(), time_machine.travel(NOW, tick=False), transaction.atomic():
        populate(patients=2 * len(STORIES), clinics=2, seed=3, now=NOW)
        yield
        transaction.set_rollback(True)


@pytest.fixture
def demo(_demo, db):
    with time_machine.travel(NOW, tick=False):
        yield


pytestmark = pytest.mark.usefixtures("demo")


def test_every_outlook_is_what_its_rows_give_and_nobody_is_without_a_next_date():
    assert list(outlook.differences()) == []
    assert Patient.objects.count() == 2 * len(STORIES)
    assert not Course.objects.open().filter(next_due_on=None).exists()


def test_every_dose_has_the_date_and_window_that_the_protocol_gave_on_that_day():
    values = values_of(Course.objects.select_related("clinic"))
    compared = 0
    for course, each in values.items():
        if each.course.plans.count() > 1 or each.course.injections_resumed_on:
            continue  # the plan in force on the day was another
        for dose in Injection.objects.filter(course=course, source="clinic"):
            before = each.history.up_to(dose.given_on - timedelta(days=1))
            if each.course.ended_on or each.course.paused_on:
                before = schedule.History(before.doses, before.reviews)
            due = schedule.next_dose(each.plan, before, each.clinic_days)
            recorded = (dose.number, dose.due_on, dose.window_opens_on, dose.window_closes_on)
            assert recorded == (each.number_of(due), due.due_on, due.opens_on, due.closes_on)
            compared += 1
    assert compared > 1000


def test_no_dose_broke_a_rule_unless_it_says_so():
    for dose in Injection.objects.filter(source="clinic").select_related("authorisation"):
        passed = {*dose.incident_codes, *(dose.authorisation.codes if dose.authorisation else ())}
        assert {code for code in dose.finding_codes if code[0] in "BH"} <= passed
        assert dose.given_on <= TODAY
        assert dose.recorded_at <= NOW
        assert dose.plan.signed_on <= dose.given_on


def test_every_lateness_is_there():
    days = [
        (course.next_due_on - TODAY).days
        for course in Course.objects.running(TODAY).filter(phase="maintenance")
    ]
    for low, high in [
        (30, 90),
        (3, 13),
        (0, 0),
        (-14, -1),
        (-28, -15),
        (-60, -29),
        (-330, -70),
        (-900, -366),
        (-3000, -1400),
    ]:
        assert any(low <= each <= high for each in days), (low, high)
    assert Course.objects.open().filter(lapses_on__lte=TODAY).exists()
    assert Course.objects.open().filter(twelve_months_on__lte=TODAY).exists()


def test_every_regimen_phase_and_state_is_there():
    assert set(Plan.objects.values_list("regimen_key", flat=True)) == {
        "hydroxocobalamin-standard-1",
        "hydroxocobalamin-neuro-1",
        "hydroxocobalamin-daily-1",
        "hydroxocobalamin-maintenance-1",
        "cyanocobalamin-oral-1",
    }
    assert set(Course.objects.values_list("phase", flat=True)) == {"loading", "maintenance", "oral", "ended"}
    assert set(Plan.objects.values_list("interval_iso", flat=True)) >= {
        "P1M",
        "P2M",
        "P3M",
        "P84D",
        "P42D",
        "",
    }
    assert set(Patient.objects.values_list("status", flat=True)) == {"active", "transferred", "deceased"}
    assert set(Course.objects.exclude(end_reason="").values_list("end_reason", flat=True)) == {
        "died",
        "moved_away",
        "informed_refusal",
        "reversible_cause_resolved",
    }
    assert Course.objects.filter(paused_until__gt=TODAY).exists()
    assert Course.objects.filter(last_dose_unknown=True).exists()
    assert Patient.objects.filter(courses=None).count() >= 4  # nothing could be proposed


def test_everything_that_waits_for_a_physician_is_there():
    waiting = Counter(Request.objects.unanswered().values_list("kind", flat=True))
    assert set(waiting) >= {"hold", "incident", "stop", "symptoms", "interval", "folate", "adverse"}
    assert Plan.objects.proposed().count() >= 5
    assert Course.objects.filter(review_due_on__lt=TODAY).exists()
    assert Course.objects.filter(review_due_on__gte=TODAY).exists()
    assert Course.objects.exclude(missed_lab_due_on=None).exists()
    assert Course.objects.filter(lab_opens_on__lte=TODAY, lab_closes_on__gte=TODAY).exists()
    assert (
        Course.objects.filter(ended_on__isnull=False)
        .exclude(lab_due_on=None, missed_lab_due_on=None)
        .exists()
    )


def test_what_goes_wrong_in_a_clinic_is_there():
    assert Injection.objects.filter(partial=True, counts=False).exists()
    assert Injection.objects.exclude(voided_at=None).exists()
    assert Injection.objects.exclude(authorisation=None).exists()
    assert Injection.objects.filter(reaction="general").exists()
    assert Injection.objects.exclude(counts_decision=None).exists()
    assert {row.reason for row in NotGiven.objects.all()} >= {"dna", "refused", "unwell", "held"}
    assert Result.objects.filter(analyte="PLT", value__lt=10).exists()
    assert ClinicalFact.objects.filter(topic="neuro", answer__isnull=True).exists()


def test_the_waiting_room_is_full_and_no_place_is_taken_twice():
    today = Appointment.objects.filter(on=TODAY, state="booked")
    assert today.count() >= 3
    for booked in Appointment.objects.filter(state="booked").select_related("course", "clinic"):
        assert booked.due_on == booked.course.next_due_on
        assert booked.clinic.days.is_open(booked.on)
    assert Appointment.objects.filter(state="kept").exists()
    assert Appointment.objects.filter(state="no_show").exists()


def test_somebody_may_be_written_to_today_about_a_date_that_comes_and_one_that_passed():
    reached = Q(
        patient__email_consented=True, patient__email_confirmed_at__isnull=False, patient__status="active"
    )
    signed = Course.objects.running(TODAY).filter(
        reached, phase="maintenance", plans__signed_at__isnull=False
    )
    assert signed.filter(next_due_on__range=(TODAY, TODAY + timedelta(days=14))).exists()
    assert signed.filter(window_closes_on__lt=TODAY - timedelta(days=3)).exists()
    for clinic in Clinic.objects.all():
        assert clinic.letters_from == clinic.letters_until  # the whole day


def test_nobody_in_the_demo_can_be_reached():
    for patient in Patient.objects.all():
        assert patient.email == "" or patient.email.endswith("@example.org")
        assert patient.phone.startswith("07700 900")
        assert patient.national_id == "" or (
            patient.national_id.startswith("999") and nhs_number_holds(patient.national_id)
        )
    assert any(not patient.family_name.isascii() for patient in Patient.objects.all())


def test_a_clinics_name_does_not_say_what_it_treats():
    for clinic in Clinic.objects.all():
        words = f"{clinic.name} {clinic.letter_sender} {clinic.email}".casefold()
        assert not any(word in words for word in ("b12", "vitamin", "anaemia", "haemat", "inject", "demo"))


def test_a_proposal_of_the_demo_can_be_signed():
    signed = 0
    for plan in Plan.objects.proposed().select_related("course__patient__clinic"):
        advice, patient = plan.recommendation, plan.course.patient
        if any(topic != "interval" for topic in advice["answer_before_signing"]):
            continue
        choices = plans.choices_of(plan) if not plan.interval_chosen else (None,)
        physician = User.objects.get(username="physician")
        fingerprint = digest(facts_of(patient, TODAY))
        plans.sign_plan(
            plan=plan,
            facts_digest=fingerprint,
            interval=choices[0],
            acknowledged=tuple(found["code"] for found in advice["findings"]),
            now=NOW,
            signed_by=physician,
            note="As read",
        )
        signed += 1
    assert signed >= 4
    assert list(outlook.differences()) == []


def test_each_role_signs_in_and_one_nurse_works_in_the_second_clinic_only():
    first, second = Clinic.objects.order_by("pk")
    for account in DEMO_ACCOUNTS:
        user = User.objects.get(username=account.username)
        assert user.check_password(DEMO_PASSWORD)
        assert not user.is_superuser
        here = dict(Membership.objects.filter(user=user).values_list("clinic_id", "role"))
        assert here == {second.pk: account.role} | ({first.pk: account.role} if account.everywhere else {})
    assert [account.username for account in DEMO_ACCOUNTS if not account.everywhere] == ["nurse-two"]


def test_it_does_nothing_where_there_is_a_clinic_already_and_refuses_outside_demo_mode(settings, capsys):
    before = Patient.objects.count()
    settings.DEMO = True
    call_command("demo", "--if-empty")
    assert capsys.readouterr().out == ""
    settings.DEMO = False
    with pytest.raises(CommandError, match="Demo mode is off"):
        call_command("demo", patients=1)
    assert (Patient.objects.count(), Clinic.objects.count()) == (before, 2)


def test_more_can_be_added_beside_what_is_there(settings, capsys):
    settings.DEMO = True
    call_command("demo", patients=5, clinics=1, seed=4)
    assert "5 invented patients" in capsys.readouterr().out
    assert Clinic.objects.count() == 3
    assert User.objects.filter(username="nurse").count() == 1
    assert list(outlook.differences()) == []


def _content(clinic: Clinic) -> list:
    doses = Injection.objects.filter(patient__clinic=clinic).order_by(
        "patient__record_number", "given_on", "number"
    )
    people = Patient.objects.filter(clinic=clinic).order_by("record_number")
    results = Result.objects.filter(patient__clinic=clinic)
    booked = Appointment.objects.filter(clinic=clinic).order_by("on", "at", "patient__record_number")
    return [
        *people.values_list(
            "record_number", "family_name", "given_names", "born_on", "email", "registered_at"
        ),
        *doses.values_list("patient__record_number", "given_on", "due_on", "request_token", "site"),
        *results.order_by("patient__record_number", "collected_on", "analyte").values_list(
            "analyte", "value", "unit"
        ),
        *booked.values_list("on", "at", "state", "booked_at"),
    ]


def _written(seed: int) -> list:
    """Give what a small population holds, and take it back."""
    with transaction.atomic():
        [clinic] = populate(patients=20, clinics=1, seed=seed, now=NOW)
        content = _content(clinic)
        transaction.set_rollback(True)
    return content


def test_the_same_seed_on_the_same_day_gives_the_same_population():
    assert _written(11) == _written(11)
    assert _written(11) != _written(12)


@pytest.mark.parametrize("day", [date(2028, 2, 29), date(2026, 12, 31), date(2027, 1, 1), date(2026, 10, 25)])
def test_it_can_be_made_on_any_day(day):
    now = datetime(day.year, day.month, day.day, 23, 30, tzinfo=UTC)
    with time_machine.travel(now, tick=False):
        populate(patients=len(STORIES), clinics=1, seed=day.day, now=now)
        assert list(outlook.differences()) == []


def test_the_cupboard_holds_what_the_doses_came_from_and_something_to_look_out_for():
    for clinic in Clinic.objects.all():
        found = stock.levels(clinic, TODAY)
        assert all(level.left >= 0 for level in found)
        assert any(level.used for level in found)
        words = {word for level in found for word, _tone in level.badges}
        assert {"Expires soon", "Expired: discard"} <= words
        assert stock.weeks(clinic, TODAY, found)[0].left > 0
