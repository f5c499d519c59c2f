"""The Celery app and its beat table. Tasks read the clock, call one function and carry nothing."""

import os

from celery import Celery
from celery.signals import worker_init
from django.core.exceptions import ImproperlyConfigured

from config.start import refuse_without_guards

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

app = Celery("b12clinic")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()

app.conf.beat_schedule = {}


@worker_init.connect
def refuse_to_work_without_guards(**_rest) -> None:
    """End the worker before its first task when the database does not guard the records."""
    try:
        refuse_without_guards()
    except ImproperlyConfigured as error:  # Celery would log any ordinary exception and go on
        raise SystemExit(str(error)) from error
