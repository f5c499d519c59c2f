"""System checks of ours: what must never be true of a clinic's installation."""

from ipaddress import ip_address

from django.conf import settings
from django.contrib.auth import get_user_model
from django.core.checks import Error, Tags, register
from django.db import OperationalError, ProgrammingError, connections

from config.demo.accounts import DEMO_ACCOUNTS

# What `manage.py run` asks before it starts, beside what every command asks.
BEFORE_START = "start"

SQLITE_PROMISES = {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1}


@register(Tags.security)
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


@register(Tags.security, BEFORE_START, deploy=True)
def demo_accounts_stay_in_the_demo(app_configs, **kwargs) -> list[Error]:
    """Refuse a clinic in which somebody could sign in with a password that is published."""
    open_to_all = [] if settings.DEMO else _accounts_with_published_passwords()
    if not open_to_all:
        return []
    return [
        Error(
            f"The passwords of these accounts are published: {', '.join(open_to_all)}.",
            hint="This is the database of a demonstration. A clinic starts with an empty one.",
            id="config.E003",
        )
    ]


@register(Tags.security, BEFORE_START, deploy=True)
def a_clinic_chooses_its_key(app_configs, **kwargs) -> list[Error]:
    """Refuse to serve a clinic's pages with a key that nobody chose: another machine, another key."""
    if settings.SECRET_KEY_CHOSEN or settings.DEMO or settings.DEBUG:
        return []
    return [Error("SECRET_KEY is not set.", hint="See .env.example.", id="config.E004")]


@register(Tags.database)
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


def _accounts_with_published_passwords() -> list[str]:
    """Give the user names; none when the database has no accounts yet or cannot be asked."""
    published = {account.username: account.password for account in DEMO_ACCOUNTS}
    try:
        users = list(get_user_model().objects.filter(username__in=published, is_active=True))
    except (OperationalError, ProgrammingError):
        return []
    return [user.username for user in users if user.check_password(published[user.username])]


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
