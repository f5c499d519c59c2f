"""`manage.py run`: one command starts everything, keeps it alive, and leaves nothing behind."""

import os
import signal
import socket
import subprocess
import sys

import pytest

from tests.servers import free_port
from tests.servers.clinic import PATIENCE, ROOT, running_clinic
from tests.servers.database import empty_database
from tests.servers.redis import running_redis

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def first_start(tmp_path_factory):
    """A program that was started on an empty database, answered, and was stopped; for others to start again."""
    folder = tmp_path_factory.mktemp("clinic")
    with empty_database(folder) as url:
        with running_clinic(folder, DATABASE_URL=url) as running:
            ready = running.get("/readyz")
            assert ready.status == 200, ready.body
        running.printed = running.text()  # the next start writes over it
        yield running


@pytest.fixture
def database_url(first_start):
    """A database that has its tables, on the engine of this run."""
    return first_start.environment["DATABASE_URL"]


@pytest.fixture
def clinic(first_start, database_url):
    """The whole program, up."""
    with running_clinic(first_start.folder, DATABASE_URL=database_url) as running:
        yield running


def test_one_command_starts_web_beat_worker_and_broker(clinic):
    assert set(clinic.parts()) == {"web", "beat", "worker", "valkey"}
    assert clinic.get("/healthz").status == 200
    assert clinic.get("/accounts/login/").status == 200
    assert f"B12 Clinic is at http://127.0.0.1:{clinic.port}/" in clinic.text()
    assert (clinic.folder / "var/valkey/appendonlydir").is_dir()


def test_a_killed_worker_comes_back(clinic):
    first = clinic.parts()["worker"]
    os.kill(first, signal.SIGKILL)
    clinic.waits_for(lambda: clinic.parts().get("worker", first) != first)
    assert "worker ended with -9." in clinic.text()
    assert clinic.get("/healthz").status == 200


def test_a_killed_web_server_comes_back_on_the_same_port(clinic):
    first = clinic.parts()["web"]
    os.kill(first, signal.SIGKILL)
    clinic.waits_for(lambda: clinic.parts().get("web", first) != first)
    clinic.waits_for(lambda: answers(clinic))


def answers(clinic) -> bool:
    """Tell whether the pages are back."""
    try:
        return clinic.get("/healthz").status == 200
    except OSError:
        return False


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGINT])
def test_stopping_leaves_no_process(clinic, how):
    assert clinic.processes()
    clinic.process.send_signal(how)
    assert clinic.process.wait(PATIENCE) == 0
    assert clinic.processes() == set()


def test_even_a_killed_supervisor_leaves_no_process(clinic):
    clinic.waits_for(
        lambda: len(clinic.processes()) == 9
    )  # itself, web and two, beat, worker and two, valkey
    clinic.process.kill()
    clinic.process.wait(PATIENCE)
    clinic.waits_for(lambda: clinic.processes() == set())


def test_a_second_group_on_the_same_folder_is_refused(clinic, database_url):
    second = run_to_its_end(clinic.environment | {"PORT": str(free_port())})
    assert second.returncode == 1
    assert f"already runs on {clinic.folder / 'var'} (process {clinic.process.pid})" in second.stderr
    assert clinic.get("/healthz").status == 200


def test_a_second_start_finds_the_data_of_the_first(first_start, clinic):
    assert "Preparing the database" in first_start.printed
    assert "Preparing the database" not in clinic.text()
    assert "Collecting the static files" not in clinic.text()
    assert clinic.get("/readyz").status == 200


def test_with_redis_url_the_embedded_broker_stays_away(tmp_path, database_url):
    with running_redis() as redis_url:
        environment = {"DATABASE_URL": database_url, "REDIS_URL": redis_url}
        with running_clinic(tmp_path / "clinic", **environment) as running:
            assert set(running.parts()) == {"web", "beat", "worker"}


def test_a_deep_folder_with_a_space_in_its_name_will_do(tmp_path, database_url):
    deep = tmp_path / "a folder" / ("deep" * 12) / ("down" * 12)
    with running_clinic(deep, DATABASE_URL=database_url) as running:
        assert "valkey" in running.parts()
        assert running.get("/readyz").status == 200
    assert "Cannot connect" not in running.text()


def run_to_its_end(environment: dict[str, str]) -> subprocess.CompletedProcess:
    """Start the program where it should refuse, and wait for it."""
    command = [sys.executable, "manage.py", "run"]
    return subprocess.run(
        command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=PATIENCE
    )


@pytest.fixture
def environment(tmp_path):
    """What a start needs, for starts that are refused."""
    return {
        "PATH": os.environ["PATH"],
        "ENV_FILE": os.devnull,
        "VAR_DIR": str(tmp_path / "var"),
        "PORT": str(free_port()),
        "SECRET_KEY": "only-for-tests-" + "x" * 50,
        "ALLOWED_HOSTS": "127.0.0.1",
    }


def test_a_port_in_use_is_told_before_anything_starts(environment, tmp_path):
    with socket.socket() as somebody_else:
        somebody_else.bind(("127.0.0.1", int(environment["PORT"])))
        somebody_else.listen()
        refused = run_to_its_end(environment)
    assert refused.returncode == 1
    assert f"127.0.0.1:{environment['PORT']} cannot be used (Address already in use)" in refused.stderr
    assert not (tmp_path / "var/b12clinic.sqlite3").exists()


@pytest.mark.parametrize("port", ["", "0", "65536", "eighty", "-1"])
def test_a_port_that_is_none_is_told(environment, port):
    refused = run_to_its_end(environment | {"PORT": port})
    assert refused.returncode == 1
    assert "PORT must be a number from 1 to 65535" in refused.stderr


@pytest.mark.parametrize(
    "url", ["postgres://nobody@127.0.0.1:{port}/clinic", "sqlite:////no/such/folder/clinic.sqlite3"]
)
def test_a_database_that_cannot_be_used_is_told_and_nothing_starts(environment, url):
    refused = run_to_its_end(environment | {"DATABASE_URL": url.format(port=free_port())})
    assert refused.returncode == 1
    assert "The database cannot be used, so nothing was started" in refused.stderr
    assert "Traceback" not in refused.stderr


def test_a_clinic_without_a_key_of_its_own_does_not_start(environment, tmp_path):
    refused = run_to_its_end(environment | {"SECRET_KEY": ""})
    assert refused.returncode == 1
    assert "SECRET_KEY is not set" in refused.stderr
    assert "Preparing" not in refused.stdout


def test_missing_guards_are_told_and_nothing_starts(first_start):
    lift = "import django; django.setup(); from patients import guards; guards.lift()"
    environment = first_start.environment | {"DJANGO_SETTINGS_MODULE": "config.settings"}
    subprocess.run([sys.executable, "-c", lift], cwd=ROOT, env=environment, check=True, timeout=PATIENCE)
    refused = run_to_its_end(environment)
    assert refused.returncode == 1
    assert "The database does not guard the records" in refused.stderr
    for part, ending in (("gunicorn", ["config.wsgi"]), ("celery", ["--app", "config", "worker"])):
        alone = subprocess.run(
            [sys.executable, "-m", part, *ending],
            cwd=ROOT, env=environment, capture_output=True, text=True, timeout=PATIENCE,
        )  # fmt: skip
        assert alone.returncode != 0
        assert "The database does not guard the records" in alone.stdout + alone.stderr
    restore = [sys.executable, "manage.py", "migrate", "--verbosity", "0"]
    subprocess.run(restore, cwd=ROOT, env=environment, check=True, timeout=PATIENCE)
