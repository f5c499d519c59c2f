"""Writes down and sends the letters owed, once or every minute, without Celery and without a broker."""

import logging
import signal
from threading import Event

from django.core.management.base import BaseCommand
from django.db import DatabaseError, InterfaceError, close_old_connections
from django.utils import timezone

from monitoring.messages.deliver import deliver
from monitoring.messages.queue import queue

log = logging.getLogger(__name__)
EVERY_SECONDS = 60


class Command(BaseCommand):
    """The same two functions that Celery's tasks call; both may run at once, on any number of machines."""

    help = __doc__

    def add_arguments(self, parser) -> None:
        """Take --loop."""
        parser.add_argument("--loop", action="store_true", help="Go on every minute until stopped.")

    def handle(self, *args, loop: bool, **options) -> None:
        """Tick once, and fail if that fails; or tick until told to stop, whatever happens to the database."""
        if not loop:
            self._tick()
            return
        stopped = Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_signal: stopped.set())
        while not stopped.is_set():
            close_old_connections()
            try:
                self._tick()
            except (DatabaseError, InterfaceError) as error:
                log.error("the database did not answer, trying again: %s", type(error).__name__)
            stopped.wait(EVERY_SECONDS)

    def _tick(self) -> None:
        written = queue(now=timezone.now())
        sent = deliver(now=timezone.now())
        self.stdout.write(f"{written} letters written down, {sent} sent.")
