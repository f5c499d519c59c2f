"""The pages of decisions among 10,000 patients: a bounded number of queries, each along an index."""

import re
from datetime import date

import pytest
from django.db import connection
from django.db.models import QuerySet
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from monitoring.decisions import lately, same_day
from monitoring.decisions.kinds import KINDS
from monitoring.models import Call, Message
from patients.models import ClinicalFact, Patient, Result, SymptomReport
from patients.paging import ROWS
from regimens.models import Authorisation, Course, Decision, FollowUp, Injection, Plan, Request
from tests.factories import a_clinic, a_physician
from tests.monitoring.copies import copied
from tests.monitoring.crowd import waiting_for_decisions

pytestmark = [pytest.mark.django_db, pytest.mark.slow]

TODAY = date(2026, 6, 1)
COPIED = (
    *(Patient, Course, Plan, Request, Decision, Injection, Result, Authorisation, ClinicalFact),
    *(SymptomReport, FollowUp, Message, Call),
)
PAGES = ("decisions", "decisions_counts", "decisions_put_off", "decisions_lately")
KEYLESS = ("merges", "imports", "plans-today", "neuro-gap", "long-gaps", "gaps")


def asked_by(client, *names) -> dict[str, int]:
    """The number of statements of each page."""
    found = {}
    for name in names:
        with CaptureQueriesContext(connection) as captured:
            assert client.get(reverse(name)).status_code == 200
        found[name] = len(captured.captured_queries)
    return found


def test_the_pages_take_no_more_queries_among_thousands_and_each_goes_along_an_index(client, today_is):
    today_is(TODAY)
    clinic, other = a_clinic(), a_clinic("Elsewhere")
    signer = a_physician(clinic)
    waiting_for_decisions(clinic, 600, TODAY)
    client.force_login(signer)
    few = asked_by(client, *PAGES)
    with copied(6, *COPIED):
        waiting_for_decisions(other, 600, TODAY)
        waiting_for_decisions(clinic, 800, TODAY)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    many = asked_by(client, *PAGES)
    assert {name: many[name] <= few[name] for name in PAGES} == dict.fromkeys(PAGES, True), (few, many)
    assert many["decisions"] <= 2 * len(KINDS) + 16
    faults = []
    for kind in KINDS:
        waiting = kind.waiting(clinic, TODAY)
        assert kind.key in KEYLESS or waiting.exists(), f"nobody waits in {kind.key}"
        for rows in (
            kind.order.sorted(kind.values(waiting), forwards=True)[: ROWS + 1],
            waiting.order_by()[:1001],
            kind.waiting(clinic, TODAY, signer).order_by()[:1001],
            kind.put_off(clinic, TODAY)[:100],
        ):
            faults += [f"{kind.key}: {line}" for line in full_scans(rows)]
    for source in lately.SOURCES:
        rows = source.order.sorted(source.rows(clinic), forwards=True)[: ROWS + 1]
        faults += [f"lately {source.at}: {line}" for line in full_scans(rows)]
    assert not faults, "\n".join(faults)
    with CaptureQueriesContext(connection) as captured:
        assert same_day.count(clinic, TODAY) > 100
    assert len(captured.captured_queries) == 1


def full_scans(rows: QuerySet) -> list[str]:
    """The lines of a plan that read a whole table. A partial index holds only what waits, and may be read whole.

    At ten thousand patients PostgreSQL may still hash the few names beside the rows; it must not need to.
    """
    if connection.vendor == "postgresql":
        scans = re.findall(r"Seq Scan on (\w+)", rows.explain())
        with connection.cursor() as cursor:
            cursor.execute("SET enable_seqscan = off")
            forced = re.findall(r"Seq Scan on (\w+)", rows.explain())
            cursor.execute("SET enable_seqscan = on")
        return [name for name in scans if name == rows.model._meta.db_table] + forced
    return [line for line in rows.explain().splitlines() if re.search(r"\bSCAN (?!.*USING)", line)]
