"""System checks of ours: what must never be true of a clinic's installation."""

from ipaddress import ip_address

from django.conf import settings
from django.core.checks import Error
from django.db import connections

SQLITE_PROMISES = {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1}


def demo_stays_at_home(app_configs, **kwargs) -> list[Error]:
    """Refuse demo mode, with its published passwords, where another machine could reach it."""
    if not settings.DEMO:
        return []
    reachable = [host for host in [*settings.ALLOWED_HOSTS, settings.BIND] if not _is_loopback(host)]
    if not reachable:
        return []
    names = ", ".join(reachable)
    return [
        Error(
            f"Demo mode publishes its passwords and may be reached from this machine only, not as {names}.",
            hint="Unset DEMO, or take these out of ALLOWED_HOSTS and BIND.",
            id="config.E001",
        )
    ]


def sqlite_keeps_its_word(app_configs, databases=None, **kwargs) -> list[Error]:
    """Refuse an SQLite connection that could lose an acknowledged record or part a check from its insert."""
    return [
        Error(
            f"SQLite runs with {name} {found}, not {wanted}.",
            hint="config/settings.py sets this; DATABASE_URL must not override it.",
            id="config.E002",
        )
        for alias in databases or []
        if connections[alias].vendor == "sqlite"
        for name, wanted, found in _broken_promises(connections[alias])
    ]


def _broken_promises(connection):
    """Yield each promise that this connection does not keep: name, wanted value, found value."""
    with connection.cursor() as cursor:
        for name, wanted in SQLITE_PROMISES.items():
            found = cursor.execute(f"PRAGMA {name}").fetchone()[0]
            if found != wanted:
                yield name, wanted, found
    if connection.transaction_mode != "IMMEDIATE":
        yield "transaction_mode", "IMMEDIATE", connection.transaction_mode


def _is_loopback(host: str) -> bool:
    """Tell whether a host name or address means this machine and nothing else."""
    if host in {"localhost", "testserver"} or host.endswith(".localhost"):
        return True
    try:
        return ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False
