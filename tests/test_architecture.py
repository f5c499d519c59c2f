"""The house rules as tests: imports run downhill, no clock below the edge, no door without a lock."""

import ast
import sys
from pathlib import Path

import pytest
from django.apps import apps
from django.core.management import call_command
from django.urls import get_resolver

from config.roles import MAY
from patients.models import User

ROOT = Path(__file__).resolve().parent.parent
ROOMS = ("config", "monitoring", "regimens", "patients")

# What each room may import of our own (design: “who may import whom”).
MAY_IMPORT = {
    "regimens.protocol": {"regimens.protocol"},
    "patients": {"patients", "regimens.protocol"},
    "regimens": {"patients", "regimens", "regimens.protocol"},
    "monitoring": {"patients", "regimens", "regimens.protocol", "monitoring"},
    "config": {"patients", "regimens", "regimens.protocol", "monitoring", "config"},
}
PURE_MAY_IMPORT = {"dateutil"}
OPEN_TO_ALL = {"healthz", "readyz", "account_login", "account_signup", "account_inactive"}
OPEN_TO_ANYBODY_SIGNED_IN = {
    "account_logout",
    "account_change_password",
    "account_reauthenticate",
}
CLOCKS = {"now", "today", "localdate", "localtime", "utcnow", "time_ns"}
EDGES = ("views", "tasks", "management", "context", "middleware")


def sources() -> list[Path]:
    return [
        path
        for room in ROOMS
        for path in sorted((ROOT / room).rglob("*.py"))
        if "migrations" not in path.parts
    ]


def room_of(module: str) -> str:
    return "regimens.protocol" if module.startswith("regimens.protocol") else module.split(".")[0]


def module_of(path: Path) -> str:
    return ".".join(path.relative_to(ROOT).with_suffix("").parts)


def imported(path: Path) -> set[str]:
    """Every module a file imports, relative names resolved."""
    found = set()
    package = module_of(path).split(".") if path.name == "__init__.py" else module_of(path).split(".")[:-1]
    package = [part for part in package if part != "__init__"]
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.level:
            base = package[: len(package) - node.level + 1]
            found.add(".".join([*base, node.module] if node.module else base))
        elif isinstance(node, ast.ImportFrom):
            found |= {f"{node.module}.{alias.name}" for alias in node.names} | {node.module}
    return found


def test_imports_run_downhill():
    uphill = [
        f"{module_of(path)} imports {name}"
        for path in sources()
        for name in imported(path)
        if name.split(".")[0] in ROOMS
        and room_of(name) not in MAY_IMPORT[room_of(module_of(path))]
        # The package above the protocol is only its doorway.
        and not (name == "regimens" and room_of(module_of(path)) == "patients")
    ]
    assert uphill == []


def test_the_protocol_knows_no_framework_no_clock_and_no_database():
    strange = set()
    for path in (ROOT / "regimens" / "protocol").rglob("*.py"):
        for name in imported(path):
            top = name.split(".")[0]
            if top not in PURE_MAY_IMPORT | {"regimens"} and not _is_standard(top):
                strange.add(f"{path.name} imports {name}")
    assert strange == set()


def _is_standard(top: str) -> bool:
    return top in sys.stdlib_module_names or top == ""


def test_only_views_tasks_and_commands_read_a_clock():
    readers = []
    for path in sources():
        if any(edge in path.parts or edge == path.stem for edge in EDGES) or path.parts[-2] == "config":
            continue
        for node in ast.walk(ast.parse(path.read_text())):
            if (
                isinstance(node, ast.Call)
                and isinstance(node.func, ast.Attribute)
                and node.func.attr in CLOCKS
                # localtime(moment) only moves a moment that somebody handed in.
                and not (node.func.attr.startswith("local") and node.args)
                and isinstance(node.func.value, ast.Name)
                and node.func.value.id in {"timezone", "datetime", "date", "time"}
            ):
                readers.append(f"{path.relative_to(ROOT)}:{node.lineno}")
    assert readers == []


def test_no_file_is_called_after_nothing():
    names = {"utils", "helpers", "common", "base", "misc"}
    assert [str(path) for path in sources() if path.stem in names or names & set(path.parts)] == []


def test_there_are_three_apps():
    ours = {config.name for config in apps.get_app_configs() if config.name in ROOMS}
    assert ours == set(ROOMS)
    assert not apps.get_app_config("config").models


def pages(patterns, prefix: str = "/") -> list[tuple[str, object]]:
    """Every address with made-up numbers in it, and the view behind it."""
    found = []
    for pattern in patterns:
        route = prefix + str(pattern.pattern)
        if hasattr(pattern, "url_patterns"):
            found += pages(pattern.url_patterns, route)
        else:
            found.append((route, pattern))
    return found


def concrete(route: str) -> str:
    """Put a number, or a word, where an address has a place for one."""
    parts = [
        ("1" if "<int" in part else "word") if part.startswith("<") and part.endswith(">") else part
        for part in route.split("/")
    ]
    return "/".join(parts).replace("^", "").replace("$", "")


def test_every_page_says_which_permission_it_needs():
    bare = [
        route
        for route, pattern in pages(get_resolver().url_patterns)
        if pattern.name not in OPEN_TO_ALL | OPEN_TO_ANYBODY_SIGNED_IN
        and getattr(pattern.callback, "permission", None) not in MAY
    ]
    assert bare == []


@pytest.mark.django_db
def test_no_door_without_a_lock(client):
    locked = [
        concrete(route)
        for route, pattern in pages(get_resolver().url_patterns)
        if pattern.name not in OPEN_TO_ALL | OPEN_TO_ANYBODY_SIGNED_IN
    ]
    assert locked, "the walk found no page"
    for path in locked:
        assert client.get(path).status_code == 302, f"{path} opens without a login"
    client.force_login(User.objects.create_user("nobody-in-particular"))
    for path in locked:
        assert client.get(path).status_code in (403, 404), f"{path} opens for anyone"


@pytest.mark.django_db
def test_no_migration_is_missing():
    call_command("makemigrations", check=True, dry_run=True, verbosity=0)
