"""System checks of ours."""

import pytest
from django.core.checks import run_checks
from django.db import connection, connections

from config import checks
from config.demo.accounts import DEMO_ACCOUNTS, DEMO_PASSWORD
from patients.models import User


def ids(found) -> set[str]:
    """Give the identifiers of what the checks found."""
    return {each.id for each in found}


@pytest.mark.parametrize("host", ["localhost", "clinic.localhost", "127.0.0.1", "127.3.2.1", "[::1]"])
def test_a_demo_may_be_reached_from_this_machine(settings, host):
    settings.DEMO, settings.ALLOWED_HOSTS = True, [host]
    assert checks.demo_stays_at_home(None) == []


@pytest.mark.parametrize(
    "host", ["*", ".localhost.example.org", "clinic.example.org", "192.168.1.5", "[::]", ""]
)
def test_a_demo_may_not_be_reached_from_elsewhere(settings, host):
    settings.DEMO, settings.ALLOWED_HOSTS = True, ["127.0.0.1", host]
    assert ids(checks.demo_stays_at_home(None)) == {"config.E001"}


def test_a_real_clinic_may_be_reached_from_anywhere(settings):
    settings.DEMO, settings.ALLOWED_HOSTS = False, ["clinic.example.org"]
    assert checks.demo_stays_at_home(None) == []


@pytest.mark.django_db
class TestDemoAccounts:
    """An account that anybody could sign in with has no place in a clinic."""

    def test_are_refused_outside_the_demo(self, settings):
        settings.DEMO = False
        User.objects.create_user(DEMO_ACCOUNTS[0].username, password=DEMO_PASSWORD)
        found = run_checks(tags=["security"], include_deployment_checks=True)
        assert "config.E003" in ids(found)

    def test_stand_in_a_demo(self, settings):
        settings.DEMO = True
        User.objects.create_user(DEMO_ACCOUNTS[0].username, password=DEMO_PASSWORD)
        assert checks.demo_accounts_stay_in_the_demo(None) == []

    def test_are_known_by_their_password_not_their_name_alone(self, settings):
        settings.DEMO = False
        User.objects.create_user(DEMO_ACCOUNTS[0].username, password="another one, kept to herself")
        User.objects.create_user(DEMO_ACCOUNTS[1].username, password=DEMO_PASSWORD, is_active=False)
        assert checks.demo_accounts_stay_in_the_demo(None) == []


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    ("pragma", "broken"), [("journal_mode = DELETE", True), ("synchronous = NORMAL", True), (None, False)]
)
def test_an_sqlite_connection_that_could_lose_a_record_is_refused(pragma, broken):
    if connection.vendor != "sqlite":
        assert checks.sqlite_keeps_its_word(None, databases=["default"]) == []
        return
    connection.close()
    try:
        with connection.cursor() as cursor:
            if pragma:
                cursor.execute(f"PRAGMA {pragma}")
        found = checks.sqlite_keeps_its_word(None, databases=["default"])
        assert ids(found) == ({"config.E002"} if broken else set())
    finally:
        connection.close()


def test_sqlite_that_takes_the_lock_late_is_refused(db, monkeypatch):
    monkeypatch.setattr(connections["default"], "transaction_mode", "DEFERRED", raising=False)
    refused = "config.E002" in ids(checks.sqlite_keeps_its_word(None, databases=["default"]))
    assert refused == (connection.vendor == "sqlite")
