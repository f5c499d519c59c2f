"""What the tests of letters share: a course with its loading behind it, and a mail server that can be moody."""

from datetime import date

import pytest
import time_machine
from django.db import transaction

from regimens.models import Injection
from regimens.protocol.intervals import months
from regimens.services.locking import lock_patient
from regimens.services.outlook import refresh_outlook
from tests.factories import a_course, a_nurse, a_patient, at
from tests.servers.smtp import running_mail_server

LOADING_DAYS = [date(2026, 1, day) for day in (5, 7, 9, 12, 14, 16)]
# What follows from them at three months: the dose on 16 April with its window to 30 April, the check on 5 April.
DUE = date(2026, 4, 16)
WINDOW_END = date(2026, 4, 30)
CHECK_DUE = date(2026, 4, 5)


def with_doses(course, days):
    """Put doses on record that were given on these days, as an import does: in bulk, then one outlook."""
    nurse = a_nurse(course.clinic)
    Injection.objects.bulk_create(
        Injection(
            patient=course.patient,
            course=course,
            given_on=day,
            given_by=nurse,
            product="HYDROXOCOBALAMIN",
            micrograms=1000,
            route="IM",
        )
        for day in days
    )
    with transaction.atomic():
        refresh_outlook(lock_patient(course.patient), labs_as_of=days[-1])
    course.refresh_from_db()
    return course


@pytest.fixture
def treated(db):
    """Make a course whose loading is behind it, its next dose due on DUE; call it with a patient or without."""

    def make(patient=None):
        with time_machine.travel(at(LOADING_DAYS[0]), tick=False):
            course = a_course(patient or a_patient(), starts_on=LOADING_DAYS[0], interval=months(3))
            return with_doses(course, LOADING_DAYS)

    return make


@pytest.fixture
def course(treated):
    """One such course."""
    return treated()


@pytest.fixture
def mail_server(settings):
    """A real mail server on this machine."""
    with running_mail_server() as server:
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", server.port
        settings.EMAIL_TIMEOUT = 5
        yield server
