"""What beat asks for. A task reads the clock and calls one function; it decides nothing and carries nothing."""

from celery import shared_task
from django.utils import timezone

from monitoring.messages.deliver import deliver
from monitoring.messages.queue import queue
from monitoring.outlooks import compare_outlooks
from regimens.services.clinic_calendar import keep_public_holidays


@shared_task
def queue_messages() -> None:
    """Write the row of every message that should exist by now and does not."""
    queue(now=timezone.now())


@shared_task
def deliver_messages() -> None:
    """Send what is queued, a leased batch at a time, until nothing is ready."""
    deliver(now=timezone.now())


@shared_task
def check_outlooks() -> None:
    """Prove once a day that every stored date is right and that nobody is without a next one."""
    compare_outlooks()


@shared_task
def add_public_holidays() -> None:
    """Close clinics on the public holidays of this year and the next, once they are known."""
    keep_public_holidays(timezone.now())
