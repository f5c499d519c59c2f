"""Queueing asks the same number of questions of a hundred patients and of ten thousand, and finds them by index."""

from datetime import date

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from monitoring.message_rules import RULES
from monitoring.messages.deliver import deliver
from monitoring.messages.owed import LOOK_BACK, owed
from monitoring.messages.queue import queue
from monitoring.models import Message
from tests.factories import a_clinic, at
from tests.monitoring.crowd import a_crowd

pytestmark = [pytest.mark.django_db, pytest.mark.slow]
TODAY = date(2026, 5, 1)


def questions(work) -> int:
    with CaptureQueriesContext(connection) as captured:
        work()
    return len(captured)


def test_ten_thousand_patients_cost_as_many_questions_as_a_hundred():
    clinic = a_clinic()
    a_crowd(clinic, 100, TODAY)
    few = questions(lambda: queue(now=at(TODAY)))
    written = Message.objects.count()
    Message.objects.all().delete()
    a_crowd(clinic, 9_900, TODAY)
    assert questions(lambda: queue(now=at(TODAY))) == few
    assert Message.objects.count() > 50 * written
    assert questions(lambda: queue(now=at(TODAY))) == few

    if connection.vendor == "postgresql":
        for rule in RULES:
            plan = owed(rule, TODAY, [clinic.pk], look_back=LOOK_BACK).explain()
            assert "Seq Scan on regimens_course" not in plan, f"{rule}\n{plan}"


def test_a_batch_costs_as_many_questions_about_truth_for_one_letter_as_for_many(mailoutbox):
    def asked(size: int) -> int:
        Message.objects.all().delete()
        clinic = a_clinic()
        a_crowd(clinic, size, TODAY)
        queue(now=at(TODAY))
        Message.objects.exclude(purpose="coming", subject="dose", state="queued").delete()
        with CaptureQueriesContext(connection) as captured:
            deliver(now=at(TODAY))
        return sum("regimens_plan" in query["sql"] for query in captured)

    few = asked(40)
    sent = len(mailoutbox)
    assert 1 < sent < 20
    assert asked(100) <= 2 * few
    assert len(mailoutbox) > 2 * sent
