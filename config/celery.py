"""The Celery app and its beat table. Tasks read the clock, call one function and carry nothing."""

import os
from datetime import UTC, datetime

from celery import Celery
from celery.signals import worker_init
from django.core.exceptions import ImproperlyConfigured

from config.start import refuse_without_guards

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

app = Celery("b12clinic")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()

# The daily work goes through every patient: it may wait for a worker and may take long.
EVERY_PATIENT = {"expires": 12 * 3_600, "soft_time_limit": 3 * 3_600, "time_limit": 3 * 3_600 + 60}

# Everything is due at every start: nobody waits a day for the first check, and staff see at once that letters leave.
NEVER_RUN = datetime(2000, 1, 1, tzinfo=UTC)

# Intervals, never hours on a wall: those go silent or double when a clock moves. A tick that waited too long in a
# dead broker is dropped; the next one does its work.
app.conf.beat_schedule = {
    # Every minute: what do we owe our patients that is not written down yet?
    "queue messages": {
        "task": "monitoring.tasks.queue_messages",
        "schedule": 60.0,
        "last_run_at": NEVER_RUN,
        "options": {"expires": 180},
    },
    # Twice a minute: send what is ready, so that a letter leaves within two minutes of being owed.
    "deliver messages": {
        "task": "monitoring.tasks.deliver_messages",
        "schedule": 30.0,
        "last_run_at": NEVER_RUN,
        "options": {"expires": 90},
    },
    # Once a day: is every stored date what the records give, and has everybody a next one?
    "check outlooks": {
        "task": "monitoring.tasks.check_outlooks",
        "schedule": 86_400.0,
        "last_run_at": NEVER_RUN,
        "options": EVERY_PATIENT,
    },
    # Once a day: are the public holidays of this year and the next among each clinic's closures?
    "add public holidays": {
        "task": "monitoring.tasks.add_public_holidays",
        "schedule": 86_400.0,
        "last_run_at": NEVER_RUN,
        "options": EVERY_PATIENT,
    },
}


@worker_init.connect
def refuse_to_work_without_guards(**_rest) -> None:
    """End the worker before its first task when the database does not guard the records."""
    try:
        refuse_without_guards()
    except ImproperlyConfigured as error:  # Celery would log any ordinary exception and go on
        raise SystemExit(str(error)) from error
