"""The settings, read from an environment: what is refused, what is assumed, what production gets."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PRODUCTION = {
    "SECRET_KEY": "a-key-of-a-clinic-0123456789-abcdefghijklmnopqrstuvwxyz-ABCDEFGHIJ",
    "SITE_URL": "https://clinic.example.org",
    "ALLOWED_HOSTS": "clinic.example.org",
    "BEHIND_PROXY": "1",
    "DATABASE_URL": "postgres://b12clinic@127.0.0.1:1/b12clinic",
    "REDIS_URL": "redis://127.0.0.1:1/0",
    "EMAIL_URL": "smtp+tls://clinic:a%2Bb@mail.example.org:587",
    "FROM_EMAIL": "appointments@clinic.example.org",
}


@pytest.fixture
def python(tmp_path):
    """Run Python on the product with this environment and no other."""

    def run(*arguments: str, **environment: str) -> subprocess.CompletedProcess:
        kept = {"PATH": os.environ["PATH"], "ENV_FILE": os.devnull, "VAR_DIR": str(tmp_path / "var")}
        command = [sys.executable, *arguments]
        return subprocess.run(
            command, cwd=ROOT, env=kept | environment, capture_output=True, text=True, timeout=60
        )

    return run


@pytest.fixture
def settings_of(python):
    """Give some settings as they are under an environment."""

    def read(names: str, **environment: str) -> list:
        ask = f"import json; from config import settings as s; print(json.dumps([{names}], default=str))"
        answer = python("-c", ask, **environment)
        assert answer.returncode == 0, answer.stderr
        return json.loads(answer.stdout)

    return read


@pytest.mark.parametrize(
    "command", [("manage.py", "run"), ("manage.py", "check", "--deploy"), ("-c", "import config.wsgi")]
)
def test_a_clinic_is_not_served_with_a_key_that_nobody_chose(python, command):
    refused = python(*command)
    assert refused.returncode == 1
    assert "SECRET_KEY is not set." in refused.stderr
    assert "See .env.example." in refused.stderr


def test_a_command_that_signs_nothing_needs_no_key(python):
    asked = python("manage.py", "protocol_cases", "tests/clinical/cases.json")
    assert asked.stdout.endswith("75 passed, 0 failed\n"), asked.stderr


def test_production_settings_pass_every_check(python):
    checked = python("manage.py", "check", "--deploy", "--fail-level", "WARNING", **PRODUCTION)
    assert checked.returncode == 0, checked.stderr


def test_nothing_is_debug_or_demo_unless_it_is_said(settings_of):
    assert settings_of("s.DEBUG, s.DEMO", **PRODUCTION) == [False, False]


def test_demo_mode_makes_its_own_key_once_and_keeps_it_private(settings_of, tmp_path):
    (first,) = settings_of("s.SECRET_KEY", DEMO="1")
    (second,) = settings_of("s.SECRET_KEY", DEMO="1")
    assert first == second
    assert len(first) >= 50
    assert (tmp_path / "var/secret-key").stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize(
    "reachable", [{"ALLOWED_HOSTS": "clinic.example.org"}, {"ALLOWED_HOSTS": "*"}, {"BIND": "192.0.2.1"}]
)
def test_demo_mode_that_others_could_reach_is_refused(python, reachable):
    for command in (["check"], ["migrate"], ["run"]):
        refused = python("manage.py", *command, DEMO="1", **reachable)
        assert refused.returncode == 1, command
        assert "config.E001" in refused.stderr


def test_demo_mode_on_this_machine_is_fine(python):
    assert python("manage.py", "check", DEMO="1").returncode == 0


def test_a_key_may_begin_with_a_dollar_sign(settings_of):
    assert settings_of("s.SECRET_KEY", SECRET_KEY="$HOME-and-more") == ["$HOME-and-more"]


@pytest.mark.parametrize("url", ["mysql://127.0.0.1/clinic", "oracle://127.0.0.1/clinic"])
def test_another_database_engine_is_refused(python, url):
    refused = python("manage.py", "check", SECRET_KEY="x", DATABASE_URL=url)
    assert refused.returncode == 1
    assert "DATABASE_URL must begin with postgres:// or sqlite:///" in refused.stderr


def test_without_a_database_url_the_records_are_kept_in_sqlite_in_the_folder_for_all_that_is_written(
    settings_of, tmp_path
):
    awkward = tmp_path / "a folder, 100% + #1?"
    (database,) = settings_of("s.DATABASES['default']", SECRET_KEY="x", VAR_DIR=str(awkward))
    assert database["ENGINE"] == "django.db.backends.sqlite3"
    assert database["NAME"] == str(awkward / "b12clinic.sqlite3")


def test_sqlite_waits_for_the_lock_takes_it_early_and_loses_nothing(settings_of):
    (options,) = settings_of("s.DATABASES['default']['OPTIONS']", SECRET_KEY="x")
    assert options["transaction_mode"] == "IMMEDIATE"
    assert options["timeout"] == 10
    assert set(re.findall(r"PRAGMA (\w+=\w+)", options["init_command"])) == {
        "journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON"
    }  # fmt: skip


def test_postgresql_keeps_the_options_of_its_address(settings_of):
    url = "postgres://u@h/d?sslmode=verify-full&options=-c%20work_mem%3D8MB"
    (options,) = settings_of("s.DATABASES['default']['OPTIONS']", SECRET_KEY="x", DATABASE_URL=url)
    assert options["sslmode"] == "verify-full"
    assert options["options"] == "-c work_mem=8MB -c lock_timeout=5s -c jit=off"
    assert options["connect_timeout"] == 3


def test_a_page_gives_up_on_a_slow_statement_and_a_command_does_not(settings_of, python):
    options = "s.DATABASES['default']['OPTIONS']['options']"
    (of_a_command,) = settings_of(options, **PRODUCTION)
    assert "statement_timeout" not in of_a_command
    ask = "import config.wsgi; from django.conf import settings as s; print(" + options + ")"
    of_a_page = python("-c", ask, **PRODUCTION)
    assert "statement_timeout=15s" in of_a_page.stdout, of_a_page.stderr


def test_connections_are_kept_and_looked_at_before_they_are_used_again(settings_of):
    (database,) = settings_of("s.DATABASES['default']", **PRODUCTION)
    assert database["CONN_MAX_AGE"] == 60
    assert database["CONN_HEALTH_CHECKS"] is True


def test_without_an_email_url_letters_are_files(settings_of, tmp_path):
    backend, folder = settings_of("s.EMAIL_BACKEND, s.EMAIL_FILE_PATH", SECRET_KEY="x")
    assert backend == "django.core.mail.backends.filebased.EmailBackend"
    assert folder == str(tmp_path / "var/mail")


def test_the_email_url_names_the_server(settings_of):
    names = (
        "s.EMAIL_BACKEND, s.EMAIL_HOST, s.EMAIL_PORT, s.EMAIL_USE_TLS, s.EMAIL_HOST_PASSWORD, s.EMAIL_TIMEOUT"
    )
    assert settings_of(names, **PRODUCTION) == [
        "django.core.mail.backends.smtp.EmailBackend", "mail.example.org", 587, True, "a+b", 30
    ]  # fmt: skip


def test_links_follow_the_port_of_a_trial(settings_of):
    assert settings_of("s.SITE_URL", DEMO="1", PORT="9000") == ["http://127.0.0.1:9000"]


def test_a_file_fills_in_what_the_environment_leaves_out(settings_of, tmp_path):
    env_file = tmp_path / "clinic.env"
    env_file.write_text("SECRET_KEY=from-the-file\nPORT=9001\n")
    found = settings_of("s.SECRET_KEY, s.PORT", ENV_FILE=str(env_file), PORT="9002")
    assert found == ["from-the-file", "9002"]


def test_the_example_explains_every_setting_that_is_read():
    read = set(
        re.findall(r'(?:env\.\w+|environ\.get)\(\s*"([A-Z_]+)"', (ROOT / "config/settings.py").read_text())
    )
    explained = set(re.findall(r"^#?([A-Z_]+)=", (ROOT / ".env.example").read_text(), re.MULTILINE))
    assert (
        read - {"ENV_FILE", "STATEMENT_TIMEOUT"} == explained
    )  # the one names the file, web and worker set the other


def test_the_example_is_a_valid_file_that_lacks_only_the_key(python):
    refused = python("manage.py", "check", "--deploy", ENV_FILE=str(ROOT / ".env.example"))
    assert "SECRET_KEY is not set" in refused.stderr
    example = {"ENV_FILE": str(ROOT / ".env.example"), "SECRET_KEY": PRODUCTION["SECRET_KEY"]}
    checked = python("manage.py", "check", "--deploy", "--fail-level", "WARNING", **example)
    assert checked.returncode == 0, checked.stderr
