"""Several people at once on one patient, through the pages and against the real database, on both engines."""

from concurrent.futures import ThreadPoolExecutor
from datetime import time
from threading import Barrier

import pytest
from django.db import connection
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from patients.models import Role
from regimens.models import Appointment, Authorisation, Injection
from regimens.protocol.intervals import months
from regimens.services import outlook
from tests.browsing import codes_on, sent_by
from tests.factories import a_clinic, a_course, a_member, a_nurse, a_patient, a_physician, an_injection

pytestmark = pytest.mark.django_db(transaction=True)

MANY = 20
VIAL = {"lot": "LOT1", "expires_on_day": "1", "expires_on_month": "1", "expires_on_year": "2199"}


@pytest.fixture
def clinic():
    return a_clinic(open_weekdays="0123456")


@pytest.fixture
def course(clinic):
    return a_course(a_patient(clinic), starts_on=clinic.day_of(timezone.now()), interval=months(3))


def signed_in(person) -> Client:
    client = Client()
    client.force_login(person)
    return client


def opened(client: Client, patient, **changes) -> dict:
    """The dose screen as it was opened and filled in, not sent yet."""
    response = client.get(reverse("record_injection", args=[patient.pk]))
    return {
        **sent_by(response),
        **VIAL,
        "identity": ["name+born"],
        "asked": "nothing",
        "kit": "on",
        "save": "yes",
        **changes,
    }


def all_at_once(acts: list) -> list:
    """Run every act in a thread of its own, all let go in the same instant; give the answers in order."""
    gate = Barrier(len(acts))

    def run(act):
        try:
            gate.wait(timeout=30)
            return act()
        finally:
            connection.close()

    with ThreadPoolExecutor(len(acts)) as pool:
        return list(pool.map(run, acts))


def test_twenty_identical_posts_make_one_injection_and_get_one_answer(course):
    nurse, patient = a_nurse(course.clinic), course.patient
    address = reverse("record_injection", args=[patient.pk])
    sent = opened(signed_in(nurse), patient)
    clients = [signed_in(nurse) for _ in range(MANY)]
    answers = all_at_once([lambda client=client: client.post(address, sent) for client in clients])
    assert [answer.status_code for answer in answers] == [302] * MANY
    assert {answer.url for answer in answers} == {
        reverse("injection", args=[patient.pk, Injection.objects.get().pk])
    }
    assert list(outlook.differences()) == []


def test_of_many_nurses_with_a_form_each_one_records_and_the_others_are_told(course):
    patient = course.patient
    address = reverse("record_injection", args=[patient.pk])
    clients = [signed_in(a_member(course.clinic, Role.NURSE)) for _ in range(8)]
    forms = [opened(client, patient) for client in clients]
    answers = all_at_once(
        [
            lambda client=client, form=form: client.post(address, form)
            for client, form in zip(clients, forms, strict=True)
        ]
    )
    assert sorted(answer.status_code for answer in answers) == [302, *[422] * 7]
    for refused in (answer for answer in answers if answer.status_code == 422):
        assert codes_on(refused) == {"B-SAME-DAY-DOSE"}
    assert Injection.objects.count() == 1


def test_a_form_that_went_stale_while_another_nurse_saved_is_refused(course):
    here, there = (signed_in(a_member(course.clinic, Role.NURSE)) for _ in range(2))
    stale = opened(here, course.patient)
    address = reverse("record_injection", args=[course.patient.pk])
    assert there.post(address, opened(there, course.patient)).status_code == 302
    assert codes_on(here.post(address, stale)) == {"B-SAME-DAY-DOSE"}


def test_one_leave_lets_one_repeat_pass_however_many_send_it(course):
    an_injection(course, course.clinic.day_of(timezone.now()), partial=True)
    address = reverse("record_injection", args=[course.patient.pk])
    clients = [signed_in(a_physician(course.clinic)) for _ in range(6)]
    leave = {"authorise": ["B-SAME-DAY-DOSE"], "authorise_reason": "Half was lost", "site": "DELTOID_R"}
    forms = [opened(client, course.patient, **leave) for client in clients]
    answers = all_at_once(
        [
            lambda client=client, form=form: client.post(address, form)
            for client, form in zip(clients, forms, strict=True)
        ]
    )
    assert sorted(answer.status_code for answer in answers) == [302, *[422] * 5]
    assert Injection.objects.counting().count() == 1
    assert Authorisation.objects.count() == 1


def test_a_dose_is_never_lost_to_a_no_show_typed_at_the_same_time(course):
    nurse, patient = a_nurse(course.clinic), course.patient
    giving, missing = signed_in(nurse), signed_in(nurse)
    form = opened(giving, patient)
    not_given = {**sent_by(missing.get(reverse("record_not_given", args=[patient.pk]))), "reason": "dna"}
    answers = all_at_once(
        [
            lambda: giving.post(reverse("record_injection", args=[patient.pk]), form),
            lambda: missing.post(reverse("record_not_given", args=[patient.pk]), not_given),
        ]
    )
    assert answers[0].status_code == 302
    assert answers[1].status_code in (302, 422)  # refused where the dose came first
    assert Injection.objects.count() == 1
    assert list(outlook.differences()) == []


def test_two_undo_at_once_and_one_is_told(course):
    dose = an_injection(course, course.clinic.day_of(timezone.now()))
    address = reverse("void_injection", args=[course.patient.pk, dose.pk])
    clients = [signed_in(a_nurse(course.clinic)) for _ in range(4)]
    answers = all_at_once(
        [lambda client=client: client.post(address, {"reason": "Wrong patient"}) for client in clients]
    )
    assert sorted(answer.status_code for answer in answers) == [302, 422, 422, 422]


def test_the_last_place_is_booked_once_and_the_others_are_told(clinic):
    today = clinic.day_of(timezone.now())
    patients = [a_course(a_patient(clinic), starts_on=today, interval=months(3)).patient for _ in range(8)]
    client_of = {patient.pk: signed_in(a_nurse(clinic)) for patient in patients}
    sent = {"subject": "dose", "on": today.isoformat(), "at": "10:00", "save": "yes"}
    answers = all_at_once(
        [
            lambda patient=patient: client_of[patient.pk].post(
                reverse("book_appointment", args=[patient.pk]), sent
            )
            for patient in patients
        ]
    )
    assert sorted(answer.status_code for answer in answers) == [302, *[422] * 7]
    assert Appointment.objects.get(at=time(10)).state == "booked"


def test_people_on_different_patients_never_wait_for_each_other_for_ever(clinic):
    """Every act locks one patient's row first, so that no two acts can hold what the other needs."""
    today = clinic.day_of(timezone.now())
    patients = [a_course(a_patient(clinic), starts_on=today, interval=months(3)).patient for _ in range(4)]
    nurse = a_nurse(clinic)
    acts = []
    for patient in patients * 3:
        client = signed_in(nurse)
        form, address = opened(client, patient), reverse("record_injection", args=[patient.pk])
        acts.append(lambda client=client, form=form, address=address: client.post(address, form))
    answers = all_at_once(acts)
    assert {answer.status_code for answer in answers} <= {302, 422}
    assert Injection.objects.counting().count() == len(patients)
