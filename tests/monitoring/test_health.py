"""Who notices that letters do not leave; whom somebody has to phone."""

from datetime import time, timedelta

import pytest
from django.utils import timezone

from monitoring.messages.deliver import deliver
from monitoring.messages.health import health
from monitoring.messages.queue import queue
from monitoring.models import Heartbeat, Message
from monitoring.outlooks import compare_outlooks
from patients.models import Clinic, Patient
from regimens.models import Course
from tests.factories import a_nurse, at
from tests.monitoring.conftest import DUE, with_doses

pytestmark = pytest.mark.django_db
DAY = DUE - timedelta(10)


def heard(moment, *names):
    for name in names or ("queue", "deliver"):
        Heartbeat.objects.update_or_create(name=name, defaults={"at": moment})


def needing_a_call():
    return list(Message.objects.needing_a_call().filter(subject="dose"))


@pytest.fixture
def unreachable(course):
    """A patient without consent, whose letter fell silent."""
    Patient.objects.filter(pk=course.patient_id).update(email_consented=False)
    queue(now=at(DAY))
    return Message.objects.get(subject="dose")


def test_without_a_heartbeat_there_is_trouble():
    assert not health(timezone.now()).ok


def test_a_queue_and_a_delivery_of_a_moment_ago_are_well():
    now = timezone.now()
    queue(now=now)
    deliver(now=now)
    found = health(timezone.now())
    assert found.ok
    assert found.sentences == []


@pytest.mark.parametrize("silent", ["queue", "deliver"])
def test_either_of_the_two_falling_silent_for_ten_minutes_is_trouble(silent):
    now = at(DAY)
    heard(now)
    heard(now - timedelta(minutes=11), silent)
    assert "more than ten minutes" in health(now).sentences[0]
    heard(now - timedelta(minutes=9), silent)
    assert health(now).ok


def test_a_heartbeat_from_the_future_is_trouble():
    heard(at(DAY) + timedelta(hours=1))
    assert not health(at(DAY)).ok


def test_a_letter_that_waits_for_two_hours_is_trouble(course):
    queue(now=at(DAY))
    for minutes, unsent in ((119, 0), (121, 2)):
        now = at(DAY) + timedelta(minutes=minutes)
        heard(now)
        assert health(now).unsent == unsent
    assert health(now).sentences == ["2 letters to patients have waited for more than two hours."]


def test_a_letter_that_waits_for_the_morning_is_no_trouble(course):
    Clinic.objects.update(letters_from=time(8), letters_until=time(20))
    queue(now=at(DAY, hour=21))
    for hour, unsent in ((23, 0), (7, 0), (9, 0), (11, 2)):
        now = at(DAY + timedelta(days=hour < 20), hour=hour)
        assert health(now).unsent == unsent, hour


def test_a_nightly_check_that_found_a_wrong_date_is_trouble(course):
    now = timezone.now()
    heard(now)
    assert compare_outlooks() == 0
    assert health(now).ok
    Course.objects.update(next_due_on=DUE + timedelta(1))
    assert compare_outlooks() == 1
    assert not health(now).ok


def test_a_patient_who_cannot_be_written_to_needs_a_call(unreachable):
    assert needing_a_call() == [unreachable]


def test_only_the_newest_letter_about_a_thing_asks_for_the_call(unreachable):
    queue(now=at(DUE - timedelta(2)))
    assert [message.purpose for message in needing_a_call()] == ["soon"]


def test_a_dose_that_was_given_needs_no_call(unreachable):
    with_doses(unreachable.course, [DAY])
    assert needing_a_call() == []


def test_a_letter_too_late_needs_a_call_unless_another_is_on_its_way(course):
    queue(now=at(DUE + timedelta(1)))
    assert [message.purpose for message in needing_a_call()] == ["soon"]
    queue(now=at(DUE + timedelta(17)))
    assert Message.objects.get(subject="dose", state="queued").purpose == "missed"
    assert needing_a_call() == []


def test_the_dead_are_not_phoned(unreachable):
    Patient.objects.update(status="deceased", status_on=DAY)
    assert needing_a_call() == []


def test_a_person_sees_only_messages_of_clinics_where_they_work(unreachable, treated):
    stranger = a_nurse(treated().clinic)
    assert unreachable not in Message.objects.visible_to(stranger)
    assert unreachable in Message.objects.visible_to(a_nurse(unreachable.clinic))
