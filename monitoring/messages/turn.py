"""On SQLite one deliverer works at a time: its clock is the process's clock, so a lease alone would not do."""

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager

from django.conf import settings
from django.db import connection


@contextmanager
def turn() -> Iterator[bool]:
    """Hold the right to deliver for the length of a block; False when another process holds it. Freed by its death."""
    if connection.vendor != "sqlite":
        yield True
        return
    with (settings.VAR_DIR / "deliver.lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield False
        else:
            yield True
