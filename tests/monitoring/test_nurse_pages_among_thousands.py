"""What a nurse opens all day: queries and bytes of worklist, search, patient and dose screen, among few and many."""

from datetime import date

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from regimens.models import Course
from tests.factories import a_clinic, a_nurse
from tests.monitoring.waiting_room import a_full_waiting_room

pytestmark = [pytest.mark.django_db, pytest.mark.slow]

TODAY = date(2026, 7, 14)
FEW, MANY = 100, 10_000
MOST_BYTES = 60_000
# The most queries a page may take, whoever asks and however many there are.
MOST = {"worklist": 19, "search": 20, "patient": 56, "dose screen": 40}


def opened(client, clinic) -> dict[str, tuple[int, int]]:
    """Open each page as a nurse, with lists as long as they get; give {page: (queries, bytes)}."""
    due = Course.objects.filter(
        clinic=clinic, phase="maintenance", paused_until=None, plans__signed_on__isnull=False
    )
    patient = due.order_by("next_due_on").first().patient_id
    client.force_login(a_nurse(clinic))
    client.get("/today/")
    found = {}
    for page, ask in {
        "worklist": lambda: client.get("/today/"),
        "search": lambda: client.post("/find/", {"q": "s"}, follow=True),  # two requests
        "patient": lambda: client.get(f"/patients/{patient}/"),
        "dose screen": lambda: client.get(f"/patients/{patient}/injections/new/"),
    }.items():
        with CaptureQueriesContext(connection) as caught:
            answer = ask()
        assert answer.status_code == 200
        found[page] = (len(caught), len(answer.content))
    return found


def test_ten_thousand_patients_cost_a_nurse_the_queries_of_a_hundred(client, today_is):
    today_is(TODAY)
    few_here = a_clinic("Few")
    a_full_waiting_room(few_here, FEW, TODAY)
    few = opened(client, few_here)
    many_here = a_clinic("Many")
    a_full_waiting_room(many_here, MANY, TODAY)
    many = opened(client, many_here)
    for page in few:
        print(
            f"{page}: {few[page][0]} queries at {FEW} patients, {many[page][0]} at {MANY:,}; "
            f"{many[page][1] / 1000:.0f} kB of HTML"
        )
    assert {page: queries for page, (queries, _size) in many.items()} == {
        page: queries for page, (queries, _size) in few.items()
    }
    assert [
        page for page, (queries, size) in many.items() if queries > MOST[page] or size >= MOST_BYTES
    ] == []
