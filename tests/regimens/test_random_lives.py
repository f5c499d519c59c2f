"""Random lives: whatever is done in whatever order, nobody on treatment is without a next date."""

from datetime import date, timedelta
from decimal import Decimal
from uuid import uuid4

import pytest
import time_machine
from django.db import transaction
from django.db.models import Count
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from patients.models import Patient
from patients.refusals import NotAllowed
from regimens.course_values import values_of
from regimens.models import Course, Injection, NotGiven
from regimens.protocol.intervals import days, months
from regimens.protocol.requests import AskedRoute, Form
from regimens.services import (
    clinic_calendar,
    clinical,
    courses,
    decisions,
    injections,
    intervals,
    lab_checks,
    not_given,
    outlook,
)
from tests import factories
from tests.factories import a_clinic, a_member, a_nurse, a_patient, a_physician, a_proposal, a_signature, at

pytestmark = pytest.mark.django_db

TABLETS = Form(route=AskedRoute.ORAL)
START = date(2026, 1, 26)  # so that the first weeks cross the ends of short months


def gives(life, choice):
    back = choice % 4 if choice % 3 == 0 else 0
    factories.an_injection(
        life.course(),
        life.today - timedelta(days=back),
        already_given=bool(choice % 2),
        partial=choice % 7 == 0,
        site=("DELTOID_L", "DELTOID_R", "VASTUS_LATERALIS_L")[choice % 3],
    )


def gives_as_planned(life, choice):
    life.travel_to(max(life.today, life.course().next_due_on or life.today))
    factories.an_injection(life.course(), life.today, site=("DELTOID_L", "DELTOID_R")[choice % 2])


def given_elsewhere(life, choice):
    factories.an_injection(
        life.course(),
        life.today - timedelta(days=choice),
        already_given=True,
        source="elsewhere",
        source_name="Ward 3",
    )


def voids(life, choice):
    rows = list(Injection.objects.standing().filter(patient=life.patient))
    if rows:
        injections.void_injection(
            injection=rows[choice % len(rows)], now=life.now, voided_by=life.physician, reason="Wrong patient"
        )


def misses(life, choice):
    not_given.record_not_given(
        course=life.course(),
        on=life.today,
        reason=list(NotGiven.Reason)[choice % len(NotGiven.Reason)],
        now=life.now,
        recorded_by=life.nurse,
    )


def changes_the_interval(life, choice):
    interval = (months(1), months(2), months(3), days(42), days(21))[choice % 5]
    intervals.change_interval(
        course=life.course(), interval=interval, reason="Symptoms", now=life.now, decided_by=life.physician
    )


def pauses(life, choice):
    courses.pause(
        course=life.course(),
        on=life.today,
        until=life.today + timedelta(days=1 + choice * 5),
        reason="Abroad",
        decided_by=life.physician,
    )


def resumes(life, choice):
    courses.resume(course=life.course(), on=life.today, decided_by=life.physician)


def reviews(life, choice):
    decisions.record_neuro_review(
        course=life.course(),
        outcome=("still_improving", "no_further_improvement", "worse")[choice % 3],
        on=life.today,
        now=life.now,
        decided_by=life.physician,
    )


def learns(life, choice):
    facts = ({"neuro": "present"}, {"bariatric": "bypass"}, {"anticoagulant": True}, {"neuro": "none"})
    clinical.record_facts(
        patient=life.patient,
        answers=facts[choice % 4],
        observed_on=life.today,
        now=life.now,
        recorded_by=life.nurse,
    )


def plans_again(life, choice):
    a_signature(a_proposal(life.patient, life.today + timedelta(days=choice % 5)))


def proposes(life, choice):
    a_proposal(life.patient, life.today + timedelta(days=choice % 9))


def closes(life, choice):
    clinic_calendar.add_closure(
        clinic=life.patient.clinic,
        day=life.today + timedelta(days=choice),
        reason="Training",
        changed_by=life.manager,
    )


def draws_blood(life, choice):
    panel = {
        "B12": (300, "pmol/L"),
        "HB": (130, "g/L"),
        "MCV": (88, "fL"),
        "PLT": (220, "10^9/L"),
        "HCY": (9, "umol/L"),
    }
    names = list(panel)[: 5 if choice % 2 else 3]
    clinical.record_results(
        patient=life.patient,
        collected_on=life.today,
        values=[{"analyte": name, "value": panel[name][0], "unit": panel[name][1]} for name in names],
        now=life.now,
        recorded_by=life.nurse,
    )


def waives(life, choice):
    course = life.course()
    lab_checks.waive_lab_check(
        course=course,
        name=course.lab_name,
        due_on=course.lab_due_on,
        on=life.today,
        reason="Not wanted",
        decided_by=life.physician,
    )


def takes_tablets(life, choice):
    clinical.record_results(
        patient=life.patient,
        collected_on=life.today,
        values=[{"analyte": "EGFR", "value": Decimal(80 + choice), "unit": "mL/min/1.73 m2"}],
        now=life.now,
        recorded_by=life.nurse,
    )
    a_signature(a_proposal(life.patient, life.today, form=TABLETS))
    if choice % 2:
        courses.confirm_oral(course=life.course(), on=life.today, decided_by=life.physician)


def begins_neurological_loading(life, choice):
    clinical.record_facts(
        patient=life.patient,
        answers={"neuro": "present"},
        observed_on=life.today,
        now=life.now,
        recorded_by=life.nurse,
    )
    a_signature(a_proposal(life.patient, life.today))
    factories.an_injection(life.course(), life.today, site="VASTUS_LATERALIS_L")
    life.travel_to(life.today + timedelta(days=choice))


def dies_and_comes_back(life, choice):
    courses.record_death(patient=life.patient, on=life.today, recorded_by=life.nurse)
    life.must_be_consistent()
    if choice % 4:
        life.patient.refresh_from_db()
        courses.reverse_death(patient=life.patient, decided_by=life.physician)


def moves_away(life, choice):
    courses.transfer_out(patient=life.patient, on=life.today, decided_by=life.physician)
    if choice % 5 == 0:
        courses.confirm_handover(patient=life.patient, on=life.today, decided_by=life.physician)


def decides(life, choice):
    rows = Injection.objects.filter(patient=life.patient, counts_decision=None).exclude(incident_codes=[])
    if row := rows.first():
        decisions.decide_incident(
            injection=row, counts=bool(choice % 2), on=life.today, decided_by=life.physician, reason="Seen"
        )


def time_passes(life, choice):
    life.travel_to(life.today + timedelta(days=choice * choice))
    outlook.roll_lab_checks(life.now)


MOVES = (
    gives,
    gives_as_planned,
    gives_as_planned,
    given_elsewhere,
    voids,
    misses,
    changes_the_interval,
    pauses,
    resumes,
    reviews,
    learns,
    plans_again,
    proposes,
    closes,
    draws_blood,
    waives,
    takes_tablets,
    begins_neurological_loading,
    reviews,
    dies_and_comes_back,
    moves_away,
    decides,
    time_passes,
    time_passes,
)


class Life:
    """One patient's story, told move by move."""

    def __init__(self, traveller):
        self.traveller, self.today = traveller, START
        clinic = a_clinic()
        self.patient = a_patient(clinic)
        self.nurse, self.physician = a_nurse(clinic), a_physician(clinic)
        self.manager = a_member(clinic, "manager", f"manager-{uuid4()}")
        self.course_pk = a_signature(a_proposal(self.patient, START)).course_id

    @property
    def now(self):
        return at(self.today)

    def travel_to(self, day):
        self.today = day
        self.traveller.move_to(at(day))

    def course(self):
        self.patient = Patient.objects.get(pk=self.patient.pk)
        return Course.objects.select_related("patient", "clinic").get(pk=self.course_pk)

    def must_be_consistent(self):
        course = self.course()
        assert list(outlook.differences()) == []
        if course.is_open:
            assert course.next_due_on is not None
            dose = values_of([course])[course.pk].next_dose()
            assert dose is not None or course.oral_confirmed_on
        doubles = (
            Injection.objects.counting()
            .values("given_on")
            .annotate(doses=Count("pk"))
            .filter(doses__gt=1, patient=self.patient)
        )
        assert not doubles.exists()


@settings(
    max_examples=40,
    deadline=None,
    derandomize=True,
    suppress_health_check=list(HealthCheck),
    phases=[Phase.explicit, Phase.generate],
)
@given(moves=st.lists(st.tuples(st.sampled_from(MOVES), st.integers(0, 20)), min_size=5, max_size=25))
def test_whatever_happens_nobody_on_treatment_is_without_a_next_date(moves):
    with time_machine.travel(at(START), tick=False) as traveller, transaction.atomic():
        life = Life(traveller)
        for move, choice in moves:
            try:
                with transaction.atomic():
                    move(life, choice)
            except NotAllowed:
                pass  # a refusal writes nothing; that is looked at below
            life.must_be_consistent()
        transaction.set_rollback(True)
