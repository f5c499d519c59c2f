"""Workers that are killed, run side by side, or lose their mail server: nothing is lost and nothing is sent twice unseen."""

import signal
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

import pytest
from django.db import connections
from django.db.models.functions import Now
from django.utils import timezone

from monitoring.messages.deliver import deliver
from monitoring.messages.queue import queue
from monitoring.models import Heartbeat, Message
from tests.factories import a_clinic, a_patient, at
from tests.monitoring.conftest import DUE
from tests.servers.script import SAY_NOTHING, scripted_mail_server
from tests.servers.tick import a_tick

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]
DAY = DUE - timedelta(14)
PATIENCE = 60
# Programs beside the test read the real clock, on which the course of these tests is long overdue.


def side_by_side(work, times: int) -> list:
    """Do the same at the same moment in several threads, each with a connection of its own."""
    together = Barrier(times)

    def one(_number):
        together.wait()
        try:
            return work()
        finally:
            connections.close_all()

    with ThreadPoolExecutor(times) as pool:
        return list(pool.map(one, range(times)))


def wait_until(condition) -> None:
    end = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.1)


def killed_when(condition, mail_port: int) -> None:
    """Start a tick and kill it at this point of its work."""
    with a_tick(mail_port=mail_port) as tick:
        wait_until(lambda: condition() or tick.poll() is not None)
        assert tick.poll() is None, tick.stdout.read()


def ticked(**where) -> str:
    """Let a tick run to its end; give what it printed."""
    with a_tick(**where) as tick:
        output, _nothing = tick.communicate(timeout=PATIENCE)
        assert tick.returncode == 0, output
        return output


def let_the_leases_run_out() -> None:
    Message.objects.exclude(lease_until=None).update(lease_until=Now() - timedelta(seconds=1))


def ends():
    return set(Message.objects.values_list("state", flat=True))


def test_queues_that_run_at_once_write_what_one_would(treated):
    clinic = a_clinic()
    for _number in range(4):
        treated(a_patient(clinic))
    side_by_side(lambda: queue(now=at(DAY)), times=4)
    found = set(Message.objects.values_list("key", "state"))
    Message.objects.all().delete()
    queue(now=at(DAY))
    assert found == set(Message.objects.values_list("key", "state"))
    assert len(found) == 8


def test_deliverers_that_run_at_once_send_each_letter_once(treated, mail_server):
    clinic = a_clinic()
    for _number in range(6):
        treated(a_patient(clinic))
    queue(now=at(DAY))
    sent = side_by_side(lambda: deliver(now=at(DAY)), times=4)
    sent.append(deliver(now=at(DAY)))
    assert sum(sent) == 6
    assert sorted(letter["To"] for letter in mail_server.letters) == sorted(
        Message.objects.order_by().values_list("patient__email", flat=True).distinct()
    )
    assert ends() == {"sent"}


def test_a_worker_killed_before_the_fence_loses_nothing_and_doubles_nothing(course):
    with scripted_mail_server(greeting=SAY_NOTHING) as (port, _letters):
        killed_when(lambda: ends() == {"claimed"}, port)
    assert ends() == {"claimed"}
    let_the_leases_run_out()
    with scripted_mail_server() as (port, letters):
        ticked(mail_port=port)
        assert len(letters) == 1
    assert ends() == {"sent"}
    assert set(Message.objects.values_list("doubts", flat=True)) == {0}


def test_a_worker_killed_after_the_fence_costs_one_more_copy_that_a_mailbox_can_fold(course):
    with scripted_mail_server(dot=SAY_NOTHING) as (port, first):
        killed_when(lambda: first, port)
    with scripted_mail_server() as (port, before_its_time):
        ticked(mail_port=port)
    assert before_its_time == []
    let_the_leases_run_out()
    with scripted_mail_server() as (port, second):
        ticked(mail_port=port)
        ticked(mail_port=port)
    assert len(second) == 1
    assert message_id(first[0]) == message_id(second[0])
    assert ends() == {"sent"}


def test_after_a_second_death_a_person_decides_and_nobody_hears_a_third_time(course):
    for _death in range(2):
        with scripted_mail_server(dot=SAY_NOTHING) as (port, letters):
            killed_when(lambda letters=letters: letters, port)
        let_the_leases_run_out()
    with scripted_mail_server() as (port, letters):
        ticked(mail_port=port)
    assert letters == []
    assert ends() == {"in_doubt"}
    assert Message.objects.needing_a_call().count() == Message.objects.count()


def test_a_tick_without_a_broker_writes_a_letter_into_a_file(course, tmp_path):
    assert "1 sent" in ticked(var_dir=tmp_path)
    (file,) = (tmp_path / "mail").iterdir()
    assert course.patient.email in file.read_text()


def test_a_loop_ticks_and_stops_when_told(course, tmp_path):
    with a_tick("--loop", var_dir=tmp_path) as loop:
        wait_until(lambda: ends() == {"sent"} or loop.poll() is not None)
        loop.send_signal(signal.SIGTERM)
        output, _nothing = loop.communicate(timeout=PATIENCE)
    assert loop.returncode == 0, output
    assert abs(timezone.now() - Heartbeat.objects.get(name="deliver").at) < timedelta(minutes=2)


def message_id(letter: bytes) -> bytes:
    return next(line for line in letter.splitlines() if line.startswith(b"Message-ID"))
