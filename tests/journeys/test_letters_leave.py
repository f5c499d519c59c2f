"""Letters really leave: real web, worker and beat, a real Redis, a real mail server, and nobody asks for it."""

import datetime as dt
import time

import pytest
from django.utils import timezone

from monitoring.models import Heartbeat, Message
from regimens.models import Appointment
from tests.factories import a_clinic, a_course, a_patient
from tests.servers.clinic import running_clinic
from tests.servers.redis import running_redis
from tests.servers.smtp import running_mail_server
from tests.servers.tick import this_database

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]
TWO_MINUTES = 120  # what the product promises; the start of the processes comes on top


def booked_for_tomorrow(patient, hour: dt.time) -> Appointment:
    """A signed plan that begins tomorrow, with a place booked for the first dose."""
    tomorrow = patient.clinic.day_of(timezone.now()) + dt.timedelta(days=1)
    course = a_course(patient, starts_on=tomorrow)
    return Appointment.objects.create(
        clinic=patient.clinic,
        patient=patient,
        course=course,
        subject=Appointment.Subject.DOSE,
        due_on=course.next_due_on,
        on=tomorrow,
        at=hour,
    )


def test_a_patient_who_is_booked_gets_a_letter_because_worker_and_beat_run(tmp_path):
    clinic = a_clinic(letter_sender="Northgate Surgery", phone="0113 496 0000")
    silent = a_patient(clinic, emailed=False)
    booked_for_tomorrow(silent, dt.time(10, 0))
    with (
        running_redis() as redis,
        running_mail_server() as mail_server,
        running_clinic(
            tmp_path, DATABASE_URL=this_database(), REDIS_URL=redis, EMAIL_URL=mail_server.url
        ) as running,
    ):
        patient = a_patient(clinic)
        booked_for_tomorrow(patient, dt.time(10, 20))
        owed_since = time.monotonic()
        while not mail_server.letters:
            assert time.monotonic() < owed_since + TWO_MINUTES, running.text()
            time.sleep(0.5)
        (letter,) = mail_server.letters
        running.waits_for(lambda: Message.objects.sent().exists())

    assert letter["To"] == patient.email
    assert letter["From"].addresses[0].display_name == "Northgate Surgery"
    assert "10:20" in letter.get_body(("plain",)).get_content()
    assert "10:20" in letter.get_body(("html",)).get_content()
    sent = Message.objects.get(patient=patient)
    assert (sent.state, sent.sent_to, sent.attempts, sent.doubts) == ("sent", patient.email, 1, 0)
    assert Message.objects.get(patient=silent).cause == "no_consent"
    assert set(Heartbeat.objects.values_list("name", flat=True)) >= {"queue", "deliver"}
    assert patient.email not in running.text()
