"""What the tests of letters share: a course with its loading behind it, and a mail server that can be moody."""

from datetime import date

import pytest

from regimens.protocol.intervals import months
from tests.factories import a_course, an_injection
from tests.servers.smtp import running_mail_server

LOADING_DAYS = [date(2026, 1, day) for day in (5, 7, 9, 12, 14, 16)]


@pytest.fixture
def loaded(db, today_is):
    """A course of three-monthly maintenance: last dose on 16 January 2026, the next due on 16 April."""
    today_is(LOADING_DAYS[0])
    course = a_course(starts_on=LOADING_DAYS[0], interval=months(3))
    for number, day in enumerate(LOADING_DAYS):
        today_is(day)
        an_injection(course, day, site=("DELTOID_L", "DELTOID_R")[number % 2])
    course.refresh_from_db()
    return course


@pytest.fixture
def mail_server(settings):
    """A real mail server on this machine."""
    with running_mail_server() as server:
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", server.port
        settings.EMAIL_TIMEOUT = 5
        yield server
