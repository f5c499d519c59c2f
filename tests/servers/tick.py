"""`manage.py tick` as a process of its own on the database of the running test, to be killed where it hurts."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from django.conf import settings
from django.db import connection

ROOT = Path(__file__).resolve().parents[2]


def this_database() -> str:
    """Give the DATABASE_URL of the database that the running test uses."""
    at = connection.settings_dict
    if connection.vendor == "sqlite":
        return f"sqlite:///{at['NAME']}"
    login = at["USER"] + (f":{at['PASSWORD']}" if at["PASSWORD"] else "")
    return f"postgres://{login}@{at['HOST']}:{at['PORT']}/{at['NAME']}"


@contextmanager
def a_tick(
    *arguments: str, mail_port: int | None = None, var_dir: Path | None = None
) -> Iterator[subprocess.Popen]:
    """Run a tick that posts to a mail server on this machine, or into files; it is killed at the end of the block."""
    environment = {
        "PATH": os.environ["PATH"],
        "ENV_FILE": os.devnull,
        "VAR_DIR": str(var_dir or settings.VAR_DIR),
        "SECRET_KEY": settings.SECRET_KEY,
        "DATABASE_URL": this_database(),
    }
    if mail_port:
        environment["EMAIL_URL"] = f"smtp://127.0.0.1:{mail_port}"
    tick = subprocess.Popen(
        [sys.executable, "manage.py", "tick", *arguments],
        cwd=ROOT,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    try:
        yield tick
    finally:
        tick.kill()
        tick.communicate()
