"""The whole program, started as people start it: `manage.py run` with web, beat, worker and broker."""

import http.client
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from tests.servers import free_port

ROOT = Path(__file__).resolve().parents[2]
STARTED = re.compile(r"^(\w+) +\| process (\d+)$", re.MULTILINE)
PATIENCE = 120  # seconds until a test gives up; a machine may be busy


class RunningClinic:
    """A started program: its port, its folder, its processes and what it has printed."""

    def __init__(self, folder: Path, environment: dict[str, str]):
        self.folder = folder
        self.port = free_port()
        self.environment = {
            "PATH": os.environ["PATH"],
            "HOME": str(folder),
            "ENV_FILE": os.devnull,
            "VAR_DIR": str(folder / "var"),
            "PORT": str(self.port),
            "SECRET_KEY": "only-for-tests-" + "x" * 50,
            "ALLOWED_HOSTS": "127.0.0.1",
            "SITE_URL": f"http://127.0.0.1:{self.port}",
            **environment,
        }
        folder.mkdir(parents=True, exist_ok=True)
        self.output = folder / "output"
        with self.output.open("w") as output:
            self.process = subprocess.Popen(
                [sys.executable, "manage.py", "run"],
                cwd=ROOT,
                env=self.environment,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
            )

    def text(self) -> str:
        """Give everything printed so far."""
        return self.output.read_text()

    def waits_for(self, condition) -> None:
        """Wait until something becomes true; fail with what was printed when it does not."""
        end = time.monotonic() + PATIENCE
        while not condition():
            assert time.monotonic() < end, self.text()
            time.sleep(0.1)

    def get(self, path: str, **headers: str) -> http.client.HTTPResponse:
        """Ask for a page; the answer has been read and has its `body`."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)
        try:
            connection.request("GET", path, headers=headers)
            answer = connection.getresponse()
            answer.body = answer.read().decode()
            return answer
        finally:
            connection.close()

    def is_up(self) -> bool:
        """Tell whether the address was announced and every part has begun."""
        return "B12 Clinic is at" in self.text() and {"beat", "worker"} <= set(self.parts())

    def parts(self) -> dict[str, int]:
        """Give the process of each part that was started, the latest one: its name and number."""
        return {name: int(number) for name, number in STARTED.findall(self.text())}

    def processes(self) -> set[int]:
        """Give the number of every living process of this program; each part is a session of its own."""
        sessions = {int(number) for _, number in STARTED.findall(self.text())}
        found = set()
        for process in Path("/proc").glob("[0-9]*"):
            with suppress(OSError):
                state, _parent, _group, session = (
                    (process / "stat").read_text().rpartition(")")[2].split()[:4]
                )
                if state != "Z" and (int(session) in sessions or int(process.name) == self.process.pid):
                    found.add(int(process.name))
        return found

    def stop(self) -> None:
        """Stop as Ctrl-C does, and wait."""
        self.process.send_signal(signal.SIGINT)
        self.process.wait(PATIENCE)


@contextmanager
def running_clinic(folder: Path, **environment: str) -> Iterator[RunningClinic]:
    """Run the program for the length of a block, until every part is up."""
    clinic = RunningClinic(folder, environment)
    try:
        clinic.waits_for(lambda: clinic.is_up() or clinic.process.poll() is not None)
        assert clinic.process.poll() is None, clinic.text()
        yield clinic
    finally:
        if clinic.process.poll() is None:
            clinic.stop()
