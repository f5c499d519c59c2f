"""/healthz and /readyz: for whoever watches the server, without signing in and without a word too many."""

from datetime import timedelta
from time import monotonic

import pytest
from django.db import connection
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder
from django.utils import timezone

from config import health
from monitoring.models import Heartbeat
from patients import guards
from tests.servers import free_port


def test_healthz_asks_nobody_not_even_the_database(client):
    # No django_db mark: a query would fail this test.
    assert client.get("/healthz").json() == {"alive": True}


@pytest.mark.django_db
class TestReadyz:
    """Can a day's work be done?"""

    def test_all_is_well(self, client):
        answer = client.get("/readyz")
        assert answer.status_code == 200
        assert answer.json() == {
            "ready": True, "database": "ok", "migrations": "ok", "guards": "ok", "letters": "ok"
        }  # fmt: skip

    def test_a_migration_that_was_not_applied_is_told(self, client):
        newest = MigrationLoader(connection).graph.leaf_nodes("patients")[0]
        MigrationRecorder(connection).record_unapplied(*newest)
        answer = client.get("/readyz")
        assert answer.status_code == 503
        assert answer.json()["migrations"] == "failed"

    def test_a_missing_guard_is_told_without_its_name(self, client):
        with connection.cursor() as cursor:
            name = next(name for name in guard_names() if name.endswith("_update"))
            table = name.removeprefix("guard_").removesuffix("_update")
            on_table = f'ON "{table}"' if connection.vendor == "postgresql" else ""
            cursor.execute(f"DROP TRIGGER {name} {on_table}")
        answer = client.get("/readyz")
        assert answer.status_code == 503
        assert answer.json()["guards"] == "failed"
        assert name not in answer.content.decode()

    def test_a_worker_that_has_not_been_heard_for_long_is_told(self, client, monkeypatch):
        monkeypatch.setattr(health, "STARTED_AT", monotonic() - 601)
        assert client.get("/readyz").json()["letters"] == "failed"  # it was never heard
        now = timezone.now()
        Heartbeat.objects.create(name=Heartbeat.Name.QUEUE, at=now)
        Heartbeat.objects.create(name=Heartbeat.Name.DELIVER, at=now)
        assert client.get("/readyz").json()["letters"] == "ok"
        Heartbeat.objects.update(at=now - timedelta(minutes=11))
        assert client.get("/readyz").json()["letters"] == "failed"

    def test_a_program_that_has_just_started_may_first_draw_breath(self, client):
        Heartbeat.objects.create(name=Heartbeat.Name.QUEUE, at=timezone.now() - timedelta(days=2))
        assert client.get("/readyz").json()["letters"] == "ok"


def guard_names() -> list[str]:
    """Give the name of every guard."""
    return [
        name
        for model in guards.guarded_models()
        for name in [f"guard_{model._meta.db_table}_update", f"guard_{model._meta.db_table}_delete"]
    ]


@pytest.mark.django_db(transaction=True)
def test_a_dead_database_is_told_without_its_address(client, monkeypatch):
    connection.close()
    port = free_port()
    away = (
        {"HOST": "127.0.0.1", "PORT": port} if connection.vendor == "postgresql" else {"NAME": "/no/such/db"}
    )
    for name, value in away.items():
        monkeypatch.setitem(connection.settings_dict, name, value)
    answer = client.get("/readyz")
    monkeypatch.undo()
    assert answer.status_code == 503
    assert set(answer.json().values()) == {False, "failed"}


@pytest.mark.parametrize("path", ["/healthz", "/readyz"])
def test_watching_changes_nothing(client, path):
    assert client.post(path).status_code == 405
