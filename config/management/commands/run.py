"""Starts B12 Clinic: prepares database and static files, then keeps web, beat, worker and broker alive."""

import fcntl
import os
import signal
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from django.conf import settings
from django.core.checks import Tags
from django.core.exceptions import ImproperlyConfigured
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.db import InterfaceError, OperationalError, connections

from config.checks import BEFORE_START
from config.collected import collect_static_files
from config.demo.accounts import DEMO_ACCOUNTS, DEMO_PASSWORD
from config.health import migrations_are_applied
from config.parts import parts
from config.start import refuse_without_guards
from config.supervisor import Supervisor, die_with_parent


class Command(BaseCommand):
    """Ctrl-C stops all of it and leaves no process behind."""

    help = __doc__
    requires_system_checks = [Tags.security]  # the others cost a second, and only a developer can answer them

    def add_arguments(self, parser) -> None:
        """Take --with-parent, for make: when it is killed, stop too."""
        parser.add_argument(
            "--with-parent", action="store_true", help="Stop when the process that started this one ends."
        )

    def handle(self, *args, with_parent: bool, **options) -> None:
        """Run until stopped; exit 1 when a part keeps failing."""
        os.umask(0o077)  # what is written below VAR_DIR is for this user alone
        # Until the supervisor listens, Ctrl-C ends this process at once; transactions roll back.
        signal.signal(signal.SIGINT, signal.SIG_DFL)
        if with_parent:
            die_with_parent(os.getppid(), signal.SIGTERM)
        with _only_one(settings.VAR_DIR):
            _refuse_a_taken_port(settings.BIND, settings.PORT)
            self._prepare()
            code = Supervisor(parts(), folder=settings.BASE_DIR, when_up=self._welcome).run()
        raise SystemExit(code)

    def _prepare(self) -> None:
        """Bring database and static files to the state of this version of the code."""
        try:
            self.check(tags=[BEFORE_START], include_deployment_checks=True)
            if not migrations_are_applied():
                self._say("Preparing the database ...")
                call_command("migrate", interactive=False, verbosity=0)
            refuse_without_guards()
            self.check(tags=[Tags.database], databases=["default"])
        except (OperationalError, InterfaceError) as error:
            raise CommandError(f"The database cannot be used, so nothing was started: {error}") from error
        except ImproperlyConfigured as error:
            raise CommandError(str(error)) from error
        if settings.DEMO:
            call_command("demo", if_empty=True, stdout=self.stdout)
        collect_static_files(tell=self._say)
        connections.close_all()  # no connection crosses a fork

    def _welcome(self) -> None:
        """Say where the pages are, who may sign in when it is a demo, and where letters go."""
        self._say(f"\nB12 Clinic is at {settings.SITE_URL}/  (Ctrl-C stops it)\n")
        if settings.DEMO:
            names = ", ".join(account.username for account in DEMO_ACCOUNTS)
            self._say(f"This is a demonstration. Sign in as {names}; the password is {DEMO_PASSWORD}\n")
        if settings.EMAIL_BACKEND.endswith("filebased.EmailBackend"):
            self._say(f"Letters are written to {settings.EMAIL_FILE_PATH}; set EMAIL_URL to send them.\n")

    def _say(self, text: str) -> None:
        self.stdout.write(text)
        self.stdout.flush()


@contextmanager
def _only_one(var_dir: Path) -> Iterator[None]:
    """Hold the folder for this group alone: two groups would share one socket and one schedule."""
    with (var_dir / "run.lock").open("a+") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            lock.seek(0)
            raise CommandError(
                f"B12 Clinic already runs on {var_dir} (process {lock.read().strip()}). "
                "Stop it first, or give this one another VAR_DIR."
            ) from None
        lock.truncate(0)
        lock.write(str(os.getpid()))
        lock.flush()
        yield


def _refuse_a_taken_port(host: str, port: str) -> None:
    """Raise CommandError when nothing could listen there."""
    if not (port.isdecimal() and 0 < int(port) < 65536):
        raise CommandError(f"PORT must be a number from 1 to 65535, not {port!r}.")
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as trial:
        trial.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            trial.bind((host, int(port)))
            trial.listen(1)
        except OSError as error:
            raise CommandError(
                f"Nothing was started: {host}:{port} cannot be used ({error.strerror}). "
                "Choose another port with PORT=... make run."
            ) from error
