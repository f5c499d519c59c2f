"""Keeps processes alive as one group: a part that dies is started again, or the whole group stops loudly.

One thread, one loop. Every part is its own session, so that Ctrl-C reaches only the supervisor and the parts
stop in order; and every part carries a parent-death signal, so that even a killed supervisor leaves nobody
behind.
"""

import ctypes
import os
import selectors
import signal
import subprocess
import sys
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from time import monotonic

TICK = 0.2  # seconds between two looks at the parts
FAILURES_ALLOWED = 4  # within FAILURE_WINDOW; one more stops the group
FAILURE_WINDOW = 60.0  # seconds
FIRST_PAUSE = 0.5  # seconds before a restart, doubled with each failure
LAST_LINES = 20

PR_SET_PDEATHSIG = 1
_libc = ctypes.CDLL(None) if sys.platform == "linux" else None


def die_with_parent(parent_pid: int, with_signal: int = signal.SIGKILL) -> None:
    """Ask the kernel to signal this process when its parent dies (Linux only; elsewhere nothing happens)."""
    if _libc is not None:
        _libc.prctl(PR_SET_PDEATHSIG, int(with_signal), 0, 0, 0)
        if os.getppid() != parent_pid:  # it died before we asked
            os.kill(os.getpid(), with_signal)


@dataclass(frozen=True)
class Part:
    """One process of the group."""

    name: str
    command: Sequence[str]
    grace: float  # seconds between being asked to stop and being killed
    environment: Mapping[str, str] = field(default_factory=dict)
    # Asked after a start until it says yes; a part that says no for `patience` seconds counts as dead.
    answers: Callable[[], bool] | None = None
    patience: float = 60.0


class PartKeepsFailing(Exception):
    """A part died too often to be started again."""


class Running:
    """A part and its process: its last lines, its failures, when it is to be started again."""

    def __init__(self, part: Part, folder: Path, tell: Callable[[str], None]):
        self.part = part
        self.folder = folder
        self.tell = tell
        self.process: subprocess.Popen | None = None
        self.lines: deque[str] = deque(maxlen=LAST_LINES)
        self.failures: list[float] = []
        self.start_at = 0.0
        self.started_at = 0.0
        self.answered = False
        self.speaks = False
        self._unfinished = b""

    def start(self) -> None:
        """Start the process, in a session of its own, bound to live no longer than this one."""
        supervisor = os.getpid()
        self.process = subprocess.Popen(  # noqa: S603, our own commands
            self.part.command,
            cwd=self.folder,
            bufsize=0,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            env={**os.environ, **self.part.environment},
            start_new_session=True,
            preexec_fn=lambda: die_with_parent(supervisor),  # safe: this program has one thread
        )
        os.set_blocking(self.process.stdout.fileno(), False)
        self.started_at = monotonic()
        self.answered = self.part.answers is None
        self.speaks = True
        self.tell(f"{self.part.name:<6} | process {self.process.pid}")

    def read(self) -> None:
        """Pass on what the process has printed, line by line, under its name."""
        while chunk := self.process.stdout.read(65536):
            *whole, self._unfinished = (self._unfinished + chunk).split(b"\n")
            if len(self._unfinished) > 65536:
                whole.append(self._unfinished)
                self._unfinished = b""
            for line in whole:
                self._pass_on(line)
        self.speaks = chunk is None  # nothing more for now, as against never again

    def _pass_on(self, line: bytes) -> None:
        text = line.decode(errors="replace").rstrip()
        self.lines.append(text)
        self.tell(f"{self.part.name:<6} | {text}")

    def is_dead(self) -> bool:
        """Tell whether the process has ended, or was given up because it never answered."""
        if self.process.poll() is not None:
            return True
        if not self.answered:
            self.answered = self.part.answers()
        return not self.answered and monotonic() - self.started_at > self.part.patience

    def bury(self) -> None:
        """Kill what is left of the process and of those it started, and print its last words."""
        with suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()
        self.read()
        if self._unfinished:
            self._pass_on(self._unfinished)
            self._unfinished = b""
        self.process.stdout.close()
        self.process = None

    def plan_restart(self) -> None:
        """Note a failure and when to try again; raise PartKeepsFailing when it was one too many."""
        now = monotonic()
        self.failures = [*(at for at in self.failures if now - at < FAILURE_WINDOW), now]
        if len(self.failures) > FAILURES_ALLOWED:
            raise PartKeepsFailing(self.part.name)
        pause = FIRST_PAUSE * 2 ** (len(self.failures) - 1)
        self.start_at = now + pause
        self.tell(f"{self.part.name} will be started again in {pause:g} s.")

    def stop(self, keep_reading: Callable[[], None], hurried: Callable[[], bool]) -> None:
        """Ask the process to end, wait for its grace, then kill what is left."""
        if self.process is None:
            return
        self.process.terminate()
        deadline = monotonic() + self.part.grace
        while self.process.poll() is None and monotonic() < deadline and not hurried():
            keep_reading()
        if self.process.poll() is None:
            self.tell(f"{self.part.name} did not stop by itself and is killed.")
        self.bury()


class Supervisor:
    """Runs the parts, given in the order in which they are to be stopped."""

    def __init__(self, parts: Sequence[Part], folder: Path, when_up: Callable[[], None] = lambda: None):
        self.running = [Running(part, folder, self.tell) for part in parts]
        self.when_up = when_up
        self.asked_to_stop = 0

    def run(self) -> int:
        """Keep the group alive until it is asked to stop (0) or a part keeps failing (1)."""
        for name in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            if name is not signal.SIGHUP or signal.getsignal(name) is not signal.SIG_IGN:  # nohup stays nohup
                signal.signal(name, self._ask_to_stop)
        try:
            return self._keep_alive()
        finally:
            self._stop_all()

    def tell(self, line: str) -> None:
        """Print a line; a reader who has gone away must not stop the clinic."""
        with suppress(OSError, ValueError):
            print(line, flush=True)

    def _ask_to_stop(self, *_) -> None:
        self.asked_to_stop += 1

    def _keep_alive(self) -> int:
        up = False
        while not self.asked_to_stop:
            try:
                for each in self.running:
                    self._look_at(each)
            except PartKeepsFailing as failing:
                self._complain(next(each for each in self.running if each.part.name == str(failing)))
                return 1
            if not up and all(each.process and each.answered for each in self.running):
                up = True
                self.when_up()
            self._read_for_a_while()
        self.tell("Stopping. Once more to stop at once.")
        return 0

    def _look_at(self, each: Running) -> None:
        if each.process is None:
            if monotonic() >= each.start_at and self._may_start(each):
                each.start()
        elif each.is_dead():
            code = each.process.poll()
            self.tell(f"{each.part.name} " + ("did not answer." if code is None else f"ended with {code}."))
            each.bury()
            each.plan_restart()

    def _may_start(self, each: Running) -> bool:
        """Let the parts that people wait for come up alone; the others then follow."""
        return each.part.answers is not None or all(
            other.answered for other in self.running if other.part.answers
        )

    def _read_for_a_while(self) -> None:
        """Wait a tick, or less when a part prints, and pass on what was printed."""
        with selectors.DefaultSelector() as selector:
            for each in self.running:
                if each.process and each.speaks:
                    selector.register(each.process.stdout, selectors.EVENT_READ, each)
            for key, _ in selector.select(TICK):
                key.data.read()

    def _complain(self, failing: Running) -> None:
        self.tell("")
        self.tell(f"{failing.part.name} keeps failing, so everything stops. Its last lines were:")
        for line in failing.lines:
            self.tell(f"    {line}")
        self.tell("")

    def _stop_all(self) -> None:
        for each in self.running:
            each.stop(self._read_for_a_while, lambda: self.asked_to_stop > 1)
