"""Who gets no letter, with which reason on record, and that silence never outlives its cause."""

from datetime import date, timedelta
from uuid import uuid4

import pytest
from django.core import mail

from monitoring.messages.deliver import deliver
from monitoring.messages.queue import queue
from monitoring.models import Message
from patients import services as patient_services
from patients.models import Clinic, Patient
from regimens.models import Course
from regimens.services import courses, injections
from tests.factories import a_nurse, a_physician, at, given
from tests.monitoring.conftest import DUE, with_doses

pytestmark = pytest.mark.django_db
DAY = DUE - timedelta(10)

SILENCED = {
    "deceased": ({"status": "deceased", "status_on": DAY}, "The patient has died"),
    "transferred": (
        {"status": "transferred", "status_on": DAY, "handover_confirmed_on": DAY},
        "The patient has been handed over to another clinic",
    ),
    "no_consent": ({"email_consented": False}, "The patient has not agreed to be emailed"),
    "no_address": ({"email": ""}, "No email address is on record"),
    "unconfirmed": ({"email_confirmed_at": None}, "The patient has not confirmed this address"),
    "address_refused": ({"email_refused_at": at(DAY)}, "The mail server refused this address"),
}
SPEAKING = {
    "status": "active",
    "status_on": None,
    "handover_confirmed_on": None,
    "email_consented": True,
    "email": "pat@example.org",
    "email_refused_at": None,
    "email_confirmed_at": at(DAY),
    "merged_into": None,
}


def tick(day=DAY):
    queue(now=at(day))
    deliver(now=at(day))


def the_letter():
    return Message.objects.get(subject="dose", purpose="coming")


def be(course, **columns):
    Patient.objects.filter(pk=course.patient_id).update(**columns)


@pytest.mark.parametrize("cause", SILENCED)
def test_the_reason_for_silence_is_kept_and_the_letter_goes_when_it_has_gone(course, cause):
    columns, reason = SILENCED[cause]
    be(course, **columns)
    tick()
    letter = the_letter()
    assert (letter.state, letter.cause, letter.reason) == ("suppressed", cause, reason)
    assert mail.outbox == []
    be(course, **SPEAKING)
    tick(DAY + timedelta(1))
    assert the_letter().state == "sent"
    assert [email.to for email in mail.outbox] == [["pat@example.org"]]


@pytest.mark.parametrize("cause", SILENCED)
def test_what_happens_between_queue_and_delivery_is_seen_before_the_letter_speaks(course, cause):
    queue(now=at(DAY))
    columns, reason = SILENCED[cause]
    be(course, **columns)
    deliver(now=at(DAY))
    assert mail.outbox == []
    assert (the_letter().state, the_letter().reason) == ("suppressed", reason)


def test_a_record_merged_into_another_is_silent(course, treated):
    be(course, merged_into=treated().patient)
    tick()
    assert {message.cause for message in Message.objects.filter(course=course)} == {"merged"}


def test_a_transfer_silences_nobody_before_the_handover_is_confirmed(course):
    be(course, status="transferred", status_on=DAY)
    tick()
    assert the_letter().state == "sent"


def test_a_paused_course_is_silent_and_speaks_when_the_pause_ends(course, today_is):
    today_is(DAY)
    physician = a_physician(course.clinic)
    courses.pause(course=course, on=DAY, until=DAY + timedelta(3), reason="Travels", decided_by=physician)
    tick()
    assert (the_letter().state, the_letter().cause) == ("suppressed", "paused")
    tick(DAY + timedelta(2))
    assert the_letter().state == "suppressed"
    tick(DAY + timedelta(3))
    assert the_letter().state == "sent"


def test_a_pause_between_queue_and_delivery_is_named_with_its_end(course, today_is):
    today_is(DAY)
    queue(now=at(DAY))
    physician = a_physician(course.clinic)
    courses.pause(course=course, on=DAY, until=DAY + timedelta(3), reason="Travels", decided_by=physician)
    deliver(now=at(DAY))
    assert the_letter().reason == "paused until 9 April 2026"


def test_a_clinic_may_switch_off_either_kind_of_letter(course):
    Clinic.objects.update(sends_injection_reminders=False)
    tick(DUE - timedelta(14))
    assert {message.subject: message.cause for message in Message.objects.all()} == {
        "dose": "switched_off",
        "lab": "",
    }
    Message.objects.all().delete()
    Clinic.objects.update(sends_injection_reminders=True, sends_lab_reminders=False)
    tick(DUE - timedelta(14))
    assert {message.subject: message.cause for message in Message.objects.all()} == {
        "dose": "",
        "lab": "switched_off",
    }


def test_a_letter_that_is_no_longer_true_is_not_sent(course):
    Clinic.objects.update(sends_lab_reminders=False)
    queue(now=at(DAY))
    with_doses(course, [DUE - timedelta(8)])
    deliver(now=at(DUE - timedelta(7)))
    assert mail.outbox == []
    assert the_letter().reason == "given on 8 April 2026"


def test_a_wrongly_logged_dose_does_not_silence_the_patient(course, today_is):
    Clinic.objects.update(sends_lab_reminders=False)
    queue(now=at(DAY))
    today_is(DAY)
    wrong = injections.record_injection(
        patient=course.patient,
        given=given(DAY),
        token=uuid4(),
        now=at(DAY),
        recorded_by=a_nurse(course.clinic),
    )
    deliver(now=at(DAY))
    assert the_letter().cause == "given"
    injections.void_injection(
        injection=wrong, now=at(DAY), voided_by=a_nurse(course.clinic), reason="Wrong patient"
    )
    tick(DAY + timedelta(1))
    assert the_letter().state == "sent"
    assert len(mail.outbox) == 1


def test_a_done_check_is_not_written_about(course, today_is):
    queue(now=at(date(2026, 4, 1)))
    Course.objects.filter(pk=course.pk).update(lab_due_on=date(2026, 7, 5))
    deliver(now=at(date(2026, 4, 1)))
    check = Message.objects.get(subject="lab")
    assert (check.cause, check.reason) == ("done", "the check of 5 April 2026 is done or waived")


def test_a_stopped_course_is_silent_and_a_reversed_death_speaks_again(course, today_is):
    today_is(DAY)
    queue(now=at(DAY))
    courses.record_death(patient=course.patient, on=DAY, recorded_by=a_nurse(course.clinic))
    deliver(now=at(DAY))
    assert the_letter().cause == "deceased"
    Patient.objects.filter(pk=course.patient_id).update(status="active", status_on=None)
    Course.objects.filter(pk=course.pk).update(
        ended_on=None, end_reason="", ended_by=None, phase="maintenance", next_due_on=DUE
    )
    tick(DAY + timedelta(1))
    assert the_letter().state == "sent"


def test_a_silence_that_lasts_is_not_disturbed_by_every_queue(course):
    be(course, email_consented=False)
    assert queue(now=at(DAY)) > 0
    before = list(Message.objects.values())
    assert queue(now=at(DAY, hour=11)) == 0
    assert list(Message.objects.values()) == before


def test_a_sent_letter_is_never_sent_again_whatever_is_taken_back(course):
    tick()
    be(course, email_consented=False)
    tick(DAY + timedelta(1))
    be(course, email_consented=True)
    tick(DAY + timedelta(2))
    assert len(mail.outbox) == 1


def test_a_letter_too_late_to_be_of_use_stays_silent_when_consent_comes_back(course):
    be(course, email_consented=False)
    tick()
    be(course, email_consented=True)
    tick(DUE - timedelta(2))
    assert the_letter().state == "suppressed"
    assert [message.purpose for message in Message.objects.filter(subject="dose", state="sent")] == ["soon"]


def test_an_address_that_was_mended_hears_once_the_patient_has_confirmed_it(course):
    be(course, email_refused_at=at(DAY))
    tick()
    nurse = a_nurse(course.clinic)
    patient = Patient.objects.get(pk=course.patient_id)
    patient_services.change_contact(
        patient=patient, version=patient.version, changed_by=nurse, email="new@example.org"
    )
    tick(DAY + timedelta(1))
    assert the_letter().state == "suppressed"
    patient.refresh_from_db()
    patient_services.confirm_email(patient=patient, confirmed_by=nurse)
    tick(DAY + timedelta(1))
    assert the_letter().sent_to == "new@example.org"
