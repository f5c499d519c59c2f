"""What every test may use: one fixture sets today; the guards are lifted only to clean up."""

from collections.abc import Callable
from contextlib import ExitStack
from datetime import UTC, date, datetime, time

import pytest
import time_machine
from django.db import transaction
from hypothesis import settings

from patients import guards

# The same examples on every machine and every run; `--hypothesis-profile=default` looks for new ones.
settings.register_profile("steady", derandomize=True, deadline=None)
settings.load_profile("steady")


@pytest.fixture
def today_is():
    """Set the day: call it with a date, as often as the story needs. The clock stands at ten in the morning, UTC."""
    travellers = []

    def travel(day: date, at: time = time(10)) -> None:
        for traveller in travellers:
            traveller.stop()
        traveller = time_machine.travel(datetime.combine(day, at, UTC), tick=False)
        traveller.start()
        travellers[:] = [traveller]

    yield travel
    for traveller in travellers:
        traveller.stop()


@pytest.fixture(scope="module")
def kept_for_the_module(django_db_setup, django_db_blocker):
    """Call it with a function that writes rows which the tests of a module only read; they go after the last one."""
    with ExitStack() as kept:
        with django_db_blocker.unblock():
            kept.enter_context(transaction.atomic())

        def write(rows: Callable):
            with django_db_blocker.unblock():
                return rows()

        yield write
        with django_db_blocker.unblock():
            transaction.set_rollback(True)
            kept.close()


@pytest.fixture(autouse=True)
def _guards_lifted_before_the_flush(request):
    """A transactional test ends with a flush, which the guards would refuse. Flushing puts them back by itself."""
    marker = request.node.get_closest_marker("django_db")
    transactional = {"transactional_db", "live_server"} & set(request.fixturenames) or (
        marker and marker.kwargs.get("transaction")
    )
    if transactional:
        request.getfixturevalue("transactional_db")
    yield
    if transactional:
        guards.lift()


def pytest_terminal_summary(terminalreporter):
    """Say how many tests were skipped and why, also when it is none."""
    skipped = terminalreporter.stats.get("skipped", [])
    terminalreporter.section(f"skipped: {len(skipped)}")
    for report in skipped:
        terminalreporter.write_line(f"{report.nodeid}: {report.longrepr[2]}")
