"""An empty database on the engine of this test run, for programs that run beside the tests."""

import uuid
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import psycopg
from django.conf import settings
from psycopg import sql


@contextmanager
def empty_database(folder: Path) -> Iterator[str]:
    """Make a database for the length of a block; give its DATABASE_URL."""
    default = settings.DATABASES["default"]
    if default["ENGINE"] == "django.db.backends.sqlite3":
        yield f"sqlite:///{folder / 'clinic.sqlite3'}"
        return
    name = f"clinic_{uuid.uuid4().hex}"
    server = psycopg.connect(
        host=default["HOST"],
        port=default["PORT"],
        user=default["USER"],
        password=default["PASSWORD"],
        dbname="postgres",
        autocommit=True,
    )
    with closing(server):
        server.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
        try:
            login = default["USER"] + (f":{default['PASSWORD']}" if default["PASSWORD"] else "")
            yield f"postgres://{login}@{default['HOST']}:{default['PORT']}/{name}"
        finally:
            server.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))
