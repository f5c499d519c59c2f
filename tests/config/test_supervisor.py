"""The supervisor: what dies is started again, what keeps dying stops everything, and nobody is left behind."""

import os
import signal
import subprocess
import sys
import time
from itertools import islice
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
WAIT = 60  # seconds until a test gives up; a machine may be busy


PROLOGUE = """
import signal
import sys
from dataclasses import replace
from pathlib import Path
from config import supervisor
from config.supervisor import Part, Supervisor

supervisor.FIRST_PAUSE = 0.05
signal.signal(signal.SIGHUP, signal.SIG_DFL)  # these tests may themselves run under nohup

def part(name, code, **more):
    return Part(name, ["sh", "-c", code], **{"grace": 5, **more})

def sleeper(name):  # writes down its own number and that of a child of its own
    return part(name, f"echo $$ > {folder}/{name}; sleep 600 & echo $! > {folder}/{name}-child; wait")

def run(*parts, **more):
    sys.exit(Supervisor(parts, folder, **more).run())
"""


class Group:
    """A supervisor in a process of its own, and what it has printed."""

    def __init__(self, script: str, folder: Path):
        self.output = folder / "output"
        program = f"{PROLOGUE}\nfolder = Path({str(folder)!r})\n{script}"
        with self.output.open("w") as output:
            self.process = subprocess.Popen(
                [sys.executable, "-c", program], cwd=ROOT, stdout=output, stderr=subprocess.STDOUT
            )

    def text(self) -> str:
        """Give everything printed so far."""
        return self.output.read_text()

    def waits_for(self, condition) -> None:
        """Wait until something becomes true; fail with the output when it does not."""
        end = time.monotonic() + WAIT
        while not condition():
            assert time.monotonic() < end, self.text()
            time.sleep(0.05)


def is_alive(pid: int) -> bool:
    """Tell whether a process runs; a zombie that nobody has collected does not."""
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except FileNotFoundError:
        return False
    return state != "Z"


@pytest.fixture
def group(tmp_path):
    """Start a supervisor from a script; it is stopped with the test, should it still run."""
    started = []

    def start(script: str) -> Group:
        started.append(Group(script, tmp_path))
        return started[-1]

    yield start
    for each in started:
        each.process.terminate()  # in order, so that its parts take their children along
        try:
            each.process.wait(WAIT)
        except subprocess.TimeoutExpired:
            each.process.kill()
            each.process.wait()


def pid_of(folder: Path, name: str) -> int:
    """Give the number a part wrote down, or 0."""
    written = folder / name
    return int(written.read_text() or 0) if written.exists() else 0


def test_a_part_that_dies_is_started_again(group, tmp_path):
    running = group("run(sleeper('one'))")
    running.waits_for(lambda: pid_of(tmp_path, "one"))
    first = pid_of(tmp_path, "one")
    os.kill(first, signal.SIGKILL)
    running.waits_for(lambda: pid_of(tmp_path, "one") not in (0, first))
    assert "one ended with -9." in running.text()
    assert "one will be started again in 0.05 s." in running.text()


def test_nothing_of_a_dead_part_lives_on_beside_its_successor(group, tmp_path):
    running = group("run(sleeper('one'))")
    running.waits_for(lambda: pid_of(tmp_path, "one-child"))
    child = pid_of(tmp_path, "one-child")
    os.kill(pid_of(tmp_path, "one"), signal.SIGKILL)
    running.waits_for(lambda: not is_alive(child))


def test_a_part_that_keeps_failing_stops_everything_loudly(group, tmp_path):
    running = group("run(sleeper('good'), part('bad', 'echo the disk is full; exit 3'))")
    assert running.process.wait(WAIT) == 1
    assert "bad keeps failing, so everything stops." in running.text()
    assert "    the disk is full" in running.text()
    assert not is_alive(pid_of(tmp_path, "good"))
    assert not is_alive(pid_of(tmp_path, "good-child"))


def test_a_part_that_never_answers_counts_as_dead(group):
    running = group("run(part('mute', 'sleep 600', answers=lambda: False, patience=0.1))")
    assert running.process.wait(WAIT) == 1
    assert "mute did not answer." in running.text()


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_the_parts_stop_one_after_the_other_in_their_order(group, how):
    running = group("""
slow = "trap 'sleep 0.3; echo gone; exit 0' TERM; echo here; while :; do sleep 0.05; done"
run(*[part(name, slow) for name in ("first", "second", "third")])
""")
    running.waits_for(lambda: running.text().count("here") == 3)
    running.process.send_signal(how)
    assert running.process.wait(WAIT) == 0
    goodbyes = [line.split()[0] for line in running.text().splitlines() if line.endswith("gone")]
    assert goodbyes == ["first", "second", "third"]


STUBBORN = "trap '' TERM; echo $$ > {folder}/stubborn; echo here; while :; do sleep 0.05; done"


def test_a_part_that_does_not_stop_within_its_grace_is_killed(group, tmp_path):
    running = group(f'run(part("stubborn", f"{STUBBORN}", grace=0.3))')
    running.waits_for(lambda: "here" in running.text())
    running.process.terminate()
    assert running.process.wait(WAIT) == 0
    assert "stubborn did not stop by itself and is killed." in running.text()
    assert not is_alive(pid_of(tmp_path, "stubborn"))


def test_a_second_ctrl_c_does_not_wait_for_anybody(group, tmp_path):
    running = group(f'run(part("stubborn", f"{STUBBORN}", grace=600))')
    running.waits_for(lambda: "here" in running.text())
    running.process.send_signal(signal.SIGINT)
    running.waits_for(lambda: "Stopping." in running.text())
    running.process.send_signal(signal.SIGINT)
    assert running.process.wait(WAIT) == 0
    assert not is_alive(pid_of(tmp_path, "stubborn"))


def test_a_killed_supervisor_takes_its_parts_along(group, tmp_path):
    running = group("""
run(*[part(name, f"echo $$ > {folder}/{name}; exec sleep 600") for name in ("one", "two")])
""")
    running.waits_for(lambda: pid_of(tmp_path, "one") and pid_of(tmp_path, "two"))
    running.process.kill()
    running.waits_for(lambda: not is_alive(pid_of(tmp_path, "one")))
    running.waits_for(lambda: not is_alive(pid_of(tmp_path, "two")))


def test_parts_without_an_address_wait_for_the_one_that_has_one(group, tmp_path):
    running = group("""
web = replace(sleeper("web"), answers=lambda: (folder / "answer").exists())
run(web, sleeper("worker"), when_up=lambda: print("UP", flush=True))
""")
    running.waits_for(lambda: pid_of(tmp_path, "web"))
    time.sleep(0.6)  # three looks of the supervisor
    assert not pid_of(tmp_path, "worker")
    assert "UP" not in running.text()
    (tmp_path / "answer").touch()
    running.waits_for(lambda: pid_of(tmp_path, "worker") and "UP" in running.text())


def test_a_reader_who_goes_away_does_not_stop_the_clinic(tmp_path):
    program = f"{PROLOGUE}\nfolder = Path({str(tmp_path)!r})\n"
    program += "run(part('chatty', f'echo $$ > {folder}/chatty; while :; do echo words; sleep 0.02; done'))"
    process = subprocess.Popen([sys.executable, "-c", program], cwd=ROOT, stdout=subprocess.PIPE)
    try:
        assert any(b"words" in line for line in islice(process.stdout, 3))  # the first may name the process
        process.stdout.close()
        time.sleep(1)
        assert process.poll() is None
        assert is_alive(pid_of(tmp_path, "chatty"))
    finally:
        process.terminate()
        process.wait(WAIT)
