"""Several people at once on one patient, through the pages and against the real database, on both engines."""

import re
from concurrent.futures import ThreadPoolExecutor
from datetime import time, timedelta
from threading import Barrier

import pytest
from django.db import IntegrityError, connection
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from patients.models import Role
from patients.refusals import NotAllowed
from regimens.models import Appointment, Authorisation, Injection, Plan
from regimens.protocol.intervals import months
from regimens.services import appointments, clinic_calendar, outlook
from tests.browsing import codes_on, sent_by
from tests.factories import (
    a_clinic,
    a_course,
    a_member,
    a_nurse,
    a_patient,
    a_physician,
    a_proposal,
    an_injection,
)

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


def test_the_last_place_taken_by_twenty_at_once_goes_to_one_and_nineteen_are_offered_others(clinic):
    today = clinic.day_of(timezone.now())
    tomorrow = today + timedelta(days=1)
    patients = [
        a_course(a_patient(clinic), starts_on=tomorrow, interval=months(3)).patient for _ in range(MANY)
    ]
    receptionist = a_member(clinic, Role.RECEPTION)
    client_of = {patient.pk: signed_in(receptionist) for patient in patients}
    sent = {"subject": "dose", "slot": f"{tomorrow}T10:00"}
    answers = all_at_once(
        [
            lambda patient=patient: client_of[patient.pk].post(
                reverse("book_appointment", args=[patient.pk]), sent
            )
            for patient in patients
        ]
    )
    assert sorted(answer.status_code for answer in answers) == [302, *[422] * 19]
    assert Appointment.objects.get(on=tomorrow, at=time(10)).state == "booked"
    refused = [
        (patient, answer)
        for patient, answer in zip(patients, answers, strict=True)
        if answer.status_code == 422
    ]
    for _patient, answer in refused:
        said = answer.content.decode()
        assert "Somebody has just taken this place" in said or "10:00 is not free any more" in said
        assert offered_on(answer)
        assert f"{tomorrow}T10:00" not in offered_on(answer)
        assert 'value="10:10"' in said
    # What is offered can be taken: each of the nineteen takes a place of their own in the end.
    for patient, answer in refused:
        client, page = client_of[patient.pk], answer
        while page.status_code != 302:
            sent = {"subject": "dose", "slot": offered_on(page)[0]}
            page = client.post(reverse("book_appointment", args=[patient.pk]), sent)
    assert Appointment.objects.booked().values("patient", "on", "at").distinct().count() == MANY


def offered_on(page) -> list[str]:
    """The free places a page offers with one tap. Read from the page: contexts of parallel requests get mixed."""
    return re.findall(r'name="slot" value="([^"]+)"', page.content.decode())


def test_the_last_place_of_a_full_day_sends_nineteen_to_the_days_after_it(clinic):
    clinic.opens_at, clinic.closes_at, clinic.slots_per_hour = time(10), time(11), 1
    clinic.save()
    tomorrow = clinic.day_of(timezone.now()) + timedelta(days=1)
    patients = [
        a_course(a_patient(clinic), starts_on=tomorrow, interval=months(3)).patient for _ in range(MANY)
    ]
    nurse = a_nurse(clinic)
    clients = [signed_in(nurse) for _ in patients]
    answers = all_at_once(
        [
            lambda client=client, patient=patient: client.post(
                reverse("book_appointment", args=[patient.pk]),
                {"subject": "dose", "on": tomorrow.isoformat(), "at": "10:00", "save": "yes"},
            )
            for client, patient in zip(clients, patients, strict=True)
        ]
    )
    assert sorted(answer.status_code for answer in answers) == [302, *[422] * 19]
    for answer in (answer for answer in answers if answer.status_code == 422):
        assert offered_on(answer)[0] == f"{tomorrow + timedelta(days=1)}T10:00"
        assert "After the window" in answer.content.decode()


def test_the_database_itself_refuses_a_second_booking_of_a_place(clinic):
    """Twenty writers that ask no service at all."""
    today = clinic.day_of(timezone.now())
    courses = [a_course(a_patient(clinic), starts_on=today, interval=months(3)) for _ in range(MANY)]

    def write(course):
        try:
            Appointment.objects.create(
                clinic=clinic,
                patient=course.patient,
                course=course,
                subject="dose",
                due_on=today,
                on=today,
                at=time(10),
            )
        except IntegrityError:
            return "refused"
        return "written"

    answers = all_at_once([lambda course=course: write(course) for course in courses])
    assert sorted(answers) == [*["refused"] * 19, "written"]


def test_a_day_closed_while_people_book_it_leaves_every_booking_on_the_list_of_those_to_be_moved(clinic):
    today = clinic.day_of(timezone.now())
    tomorrow = today + timedelta(days=1)
    courses = [a_course(a_patient(clinic), starts_on=today, interval=months(3)) for _ in range(6)]
    manager, nurse = a_member(clinic, Role.MANAGER), a_nurse(clinic)

    def booking(course, minute):
        try:
            appointments.book(
                course=course,
                subject="dose",
                on=tomorrow,
                at=time(10, minute),
                now=timezone.now(),
                booked_by=nurse,
            )
        except NotAllowed as refusal:
            return str(refusal)
        return "booked"

    def closing():
        clinic_calendar.add_closure(clinic=clinic, day=tomorrow, reason="Flood", changed_by=manager)
        return "closed"

    acts = [lambda course=course, n=n: booking(course, n * 10) for n, course in enumerate(courses)]
    answers = all_at_once([*acts, closing])
    assert "closed" in answers
    assert set(answers) <= {"closed", "booked", "The clinic is closed on this day."}
    assert Appointment.objects.booked().filter(on=tomorrow).count() == answers.count("booked")


def test_the_last_place_of_an_hour_goes_to_one_though_each_chooses_a_time_of_their_own(clinic):
    """Two bookings of earlier settings share one slot: the hour has room for one more, and two slots that are free."""
    clinic.slots_per_hour = 3
    clinic.save()
    tomorrow = clinic.day_of(timezone.now()) + timedelta(days=1)
    courses = [a_course(a_patient(clinic), starts_on=tomorrow, interval=months(3)) for _ in range(8)]
    Appointment.objects.bulk_create(
        Appointment(
            clinic=clinic,
            patient=course.patient,
            course=course,
            subject="dose",
            due_on=tomorrow,
            on=tomorrow,
            at=time(10, minute),
        )
        for course, minute in zip(courses[:2], (5, 10), strict=True)
    )
    nurse = a_nurse(clinic)

    def booking(course, minute):
        try:
            appointments.book(
                course=course,
                subject="dose",
                on=tomorrow,
                at=time(10, minute),
                now=timezone.now(),
                booked_by=nurse,
            )
        except NotAllowed as refusal:
            return str(refusal)
        return "booked"

    answers = all_at_once(
        [lambda course=course, n=n: booking(course, (20, 40)[n % 2]) for n, course in enumerate(courses[2:])]
    )
    assert sorted(answers) == [*[appointments.PLACE_TAKEN] * 5, "booked"]


def test_loading_doses_booked_by_many_at_once_are_all_booked_or_none(clinic):
    """Three places a day, eight patients who each want one on the same days."""
    clinic.opens_at, clinic.closes_at, clinic.slots_per_hour = time(10), time(11), 3
    clinic.save()
    tomorrow = clinic.day_of(timezone.now()) + timedelta(days=1)
    patients = [a_course(a_patient(clinic), starts_on=tomorrow, interval=months(3)).patient for _ in range(8)]
    nurse = a_nurse(clinic)
    clients = [signed_in(nurse) for _ in patients]
    addresses = [reverse("book_loading", args=[patient.pk]) for patient in patients]
    sent = sent_by(clients[0].get(addresses[0]))
    answers = all_at_once(
        [
            lambda client=client, address=address: client.post(address, sent)
            for client, address in zip(clients, addresses, strict=True)
        ]
    )
    assert sorted(answer.status_code for answer in answers) == [302, *[422] * 7]
    assert Appointment.objects.booked().count() == 6
    assert Appointment.objects.booked().values("patient").distinct().count() == 1


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


def waiting(course):
    """A proposal beside nothing signed, and the page of its signature as somebody opened it."""
    patient = course.patient
    a_proposal(patient, course.clinic.day_of(timezone.now()), interval=months(2), loaded_elsewhere=True)
    return reverse("sign_plan", args=[patient.pk])


def test_of_physicians_who_sign_at_the_same_instant_one_wins_and_the_others_see_what_was_decided(course):
    address = waiting(course)
    clients = [signed_in(a_member(course.clinic, Role.PHYSICIAN)) for _ in range(6)]
    forms = [sent_by(client.get(address)) for client in clients]
    answers = all_at_once(
        [
            lambda client=client, form=form: client.post(address, form)
            for client, form in zip(clients, forms, strict=True)
        ]
    )
    assert sorted(answer.status_code for answer in answers) == [302, *[422] * 5]
    signed = Plan.objects.signed().get(course=course)
    for refused in (answer for answer in answers if answer.status_code == 422):
        assert "Your signature was not written" in refused.text
        assert f"{signed.signed_by.username} signed the plan in force" in refused.text
    assert list(outlook.differences()) == []


def test_a_fact_a_nurse_changes_at_the_same_instant_is_signed_with_or_refuses_the_signature(course):
    address, patient = waiting(course), course.patient
    physician, nurse = signed_in(a_physician(course.clinic)), signed_in(a_nurse(course.clinic))
    form = sent_by(physician.get(address))
    facts = reverse("patient_facts", args=[patient.pk])
    changed = {**sent_by(nurse.get(facts)), "anticoagulant": "yes"}
    signed, recorded = all_at_once(
        [lambda: physician.post(address, form), lambda: nurse.post(facts, changed)]
    )
    assert recorded.status_code == 302
    plan = Plan.objects.current().filter(course=course).order_by("version").last()
    if signed.status_code == 302:
        assert plan.is_signed, "the signature came first, over the facts it showed"
    else:
        assert not plan.is_signed
        assert "Anticoagulant:</strong> was No, is now <strong>Yes" in signed.text
    assert plan.facts["anticoagulant"] == "no"


def test_of_physicians_who_change_the_interval_at_the_same_instant_one_wins(course):
    address = reverse("change_interval", args=[course.patient.pk])
    clients = [signed_in(a_member(course.clinic, Role.PHYSICIAN)) for _ in range(4)]
    forms = [{**sent_by(client.get(address)), "interval": "P2M"} for client in clients]
    answers = all_at_once(
        [
            lambda client=client, form=form: client.post(address, form)
            for client, form in zip(clients, forms, strict=True)
        ]
    )
    assert sorted(answer.status_code for answer in answers) == [302, 422, 422, 422]
    for refused in (answer for answer in answers if answer.status_code == 422):
        assert "Now: <strong>every 2 months</strong>" in refused.text
    assert Plan.objects.filter(course=course, interval_iso="P2M", signed_at__isnull=False).count() == 1
