"""How much longer Today takes than a signed-in page with nothing in it, at 10,000 patients of one clinic.

The two pages take turns, so that whatever else the machine does slows both. Compare nothing but their ratio.
"""

from datetime import date
from statistics import median
from time import perf_counter

import pytest
from django.core.handlers.wsgi import WSGIHandler
from django.db import connection
from django.test import RequestFactory
from django.test.utils import CaptureQueriesContext

from tests.factories import a_clinic, a_nurse
from tests.monitoring.waiting_room import a_full_waiting_room

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.urls("tests.benchmarks.addresses")]

TODAY = date(2026, 7, 14)
PATIENTS = 10_000
ROUNDS = 100
AIM, MOST = 1.5, 2.5


@pytest.fixture
def ask(client, today_is, benchmark):
    """Ask for a page as a server does, signed in as a nurse; the ordinary suite only sees that the pages answer."""
    today_is(TODAY)
    clinic = a_clinic()
    a_full_waiting_room(clinic, 100 if benchmark.disabled else PATIENTS, TODAY)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    client.force_login(a_nurse(clinic))
    cookie = f"sessionid={client.cookies['sessionid'].value}"
    serve = WSGIHandler()

    def asked(address: str) -> bytes:
        response = serve(RequestFactory(HTTP_COOKIE=cookie).get(address).environ, lambda *_args: None)
        assert response.status_code == 200
        response.close()
        return response.content

    return asked


def test_today_beside_a_page_with_nothing_in_it(ask, benchmark, capsys):
    empty = []

    def take_turns():
        began = perf_counter()
        ask("/nothing/")
        empty.append(perf_counter() - began)

    shown = benchmark.pedantic(lambda: ask("/today/"), setup=take_turns, rounds=ROUNDS, warmup_rounds=10)
    assert b"Overdue" in shown
    if benchmark.disabled:
        return
    asked = {}
    for address in ("/today/", "/nothing/"):
        with CaptureQueriesContext(connection) as caught:
            ask(address)
        asked[address] = len(caught)
    ours, theirs = benchmark.stats.stats.median, median(empty[-ROUNDS:])
    with capsys.disabled():
        print(
            f"\nToday at {PATIENTS:,} patients on {connection.vendor}: {ours * 1000:.1f} ms, {asked['/today/']} queries, "
            f"{len(shown) / 1000:.0f} kB; a signed-in page with an empty body: {theirs * 1000:.1f} ms, "
            f"{asked['/nothing/']} queries. {ours / theirs:.2f} times as long (aim {AIM}, at most {MOST}). How many wait "
            f"for a call is asked for by itself, afterwards."
        )
