"""A file that remembers what was sent, outside the database, for the day after a restore from backup.

One line a letter: the moment, the digest of the message's key, the Message-ID. No name, no address.
"""

import os
from datetime import datetime
from pathlib import Path

from django.conf import settings


class Journal:
    """The file, open for adding. Raises OSError at once where it cannot be written, before any letter leaves."""

    def __init__(self, path: Path | None = None):
        self.path = path or settings.VAR_DIR / "sent.journal"
        self._file = os.open(self.path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)

    def __enter__(self) -> "Journal":
        return self

    def __exit__(self, *error) -> None:
        os.close(self._file)

    def note(self, moment: datetime, digests: list[str], message_id: str) -> None:
        """Add the lines of one letter and wait until the disk has them."""
        lines = "".join(f"{moment.isoformat()} {digest} {message_id}\n" for digest in digests)
        os.write(self._file, lines.encode())
        os.fsync(self._file)
