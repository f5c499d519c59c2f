"""Where the embedded Valkey listens when REDIS_URL names no other server; config/parts.py starts it there."""

import hashlib
import os
import tempfile
from pathlib import Path
from urllib.parse import quote

# A socket's path holds 108 bytes on Linux and 104 on macOS, with the closing zero.
LONGEST_SOCKET_PATH = 100


def embedded_socket(var_dir: Path) -> Path:
    """Give the unix socket's path: in var_dir, or in a private temporary folder when that is too long."""
    beside_the_data = var_dir / "valkey.sock"
    if len(os.fsencode(beside_the_data)) <= LONGEST_SOCKET_PATH:
        return beside_the_data
    name = hashlib.sha256(os.fsencode(var_dir)).hexdigest()[:16]
    return Path(tempfile.gettempdir()) / f"b12clinic-{os.getuid()}" / f"{name}.sock"


def embedded_url(var_dir: Path) -> str:
    """Give Celery's address of the embedded server."""
    return f"redis+socket://{quote(str(embedded_socket(var_dir)))}"
