"""The protocol page: everything the rules compute with, each with an anchor, and no number of its own."""

import re
from dataclasses import replace
from datetime import date
from html.parser import HTMLParser
from pathlib import Path

import pytest
from django.db import DatabaseError

from monitoring.cohort import followers
from monitoring.protocol_page import protocol_page
from patients import guards
from patients.models import Role
from regimens.models import Plan
from regimens.protocol import catalogue
from regimens.protocol.codes import CODES
from regimens.protocol.entries import LabTiming
from regimens.protocol.intervals import months
from regimens.protocol.sources import REFERENCES, RULES
from regimens.protocol.units import ANALYTES
from regimens.services import courses
from tests.factories import a_clinic, a_course, a_member, a_patient, a_physician, a_proposal

TEMPLATES = Path(__file__).resolve().parents[2] / "templates" / "monitoring"


class Anchors(HTMLParser):
    """Collects what may be linked to, and what is."""

    def __init__(self):
        super().__init__()
        self.ids, self.links = [], set()

    def handle_starttag(self, tag, attributes):
        given = dict(attributes)
        if given.get("id"):
            self.ids.append(given["id"])
        if tag == "a" and given.get("href", "").startswith("#"):
            self.links.add(given["href"][1:])


@pytest.fixture
def page(db, client):
    client.force_login(a_member(a_clinic(), Role.PHYSICIAN))
    response = client.get("/protocol/")
    assert response.status_code == 200
    return response.content.decode()


def anchors(page) -> Anchors:
    found = Anchors()
    found.feed(page)
    return found


def test_every_rule_code_and_reference_has_one_anchor(page):
    ids = anchors(page).ids
    for name in (*RULES, *CODES, *REFERENCES):
        assert ids.count(name) == 1, name


def test_no_link_within_the_page_leads_nowhere(page):
    found = anchors(page)
    assert found.links <= set(found.ids)


def test_no_anchor_is_used_twice(page):
    ids = anchors(page).ids
    assert len(ids) == len(set(ids))


def cells() -> str:
    return "\n".join(cell for table in protocol_page().tables for row in table.rows for cell in row.cells)


def test_every_number_of_the_catalogue_is_on_the_page():
    shown = cells()
    for figure in catalogue.FIGURES.values():
        assert f"{figure.value} {figure.unit}" in shown
        assert figure.means[1:] in shown
    for regimen in catalogue.REGIMENS:
        assert regimen.key in shown
    timings = {entry.name for entry in vars(catalogue).values() if isinstance(entry, LabTiming)}
    labs = next(table for table in protocol_page().tables if table.anchor == "labs")
    assert len(labs.rows) == len(catalogue.LAB_TIMINGS) + len(timings)
    for measure in ANALYTES.values():
        assert f"{measure.hard.low} to {measure.hard.high}" in shown


def test_a_changed_number_changes_the_page(monkeypatch):
    window = catalogue.WINDOWS[0]
    monkeypatch.setattr(
        catalogue,
        "WINDOWS",
        (type(window)(window.up_to_days, 77, window.late, window.rules), *catalogue.WINDOWS[1:]),
    )
    assert "up to 77 days" in cells()


def test_each_line_of_a_table_cites_something():
    bare = [
        row.cells[0] for table in protocol_page().tables for row in table.rows if not row.rules + row.sources
    ]
    assert bare == []


def test_each_heading_is_short_enough_to_stand_beside_its_value_on_a_phone():
    long = [
        heading for table in protocol_page().tables for heading in table.headings[1:] if len(heading) > 14
    ]
    assert long == []


def test_both_voices_of_a_disagreement_are_heard(page):
    text = " ".join(re.sub(r"<[^>]+>", " ", page).split())
    for rule in RULES.values():
        if rule.page_says:
            for voice in (rule.page_says, rule.others_say, rule.text):
                assert " ".join(voice.replace("'", "&#x27;").split()) in text, rule.id


def test_who_decides_who_may_pass_and_what_is_only_recalled_is_said(page):
    assert "Who decides otherwise" in page
    assert "recalled, not seen" in page
    assert "May be passed by: <strong>nobody</strong>" in page
    assert page.count("To be decided the same day") == sum(code.same_day for code in CODES.values())


def test_it_says_at_once_that_nobody_has_approved_it(page):
    head = page.split("Contents")[0]
    assert catalogue.PROTOCOL_VERSION in head
    assert "Not approved for clinical use" in head
    assert "A named clinician must sign it" in head


def test_the_templates_hold_no_number_of_their_own():
    for path in TEMPLATES.glob("*protocol*.html"):
        words = re.sub(r"{[{%#].*?[}%#]}|<[^>]*>", "", path.read_text())
        assert re.findall(r"\d+", words.replace("B12 Clinic", "").replace("R-50", "")) == [], path.name


@pytest.mark.django_db
@pytest.mark.parametrize("role", list(Role))
def test_everybody_who_works_in_a_clinic_may_read_it(client, role):
    client.force_login(a_member(a_clinic(), role))
    assert client.get("/protocol/").status_code == 200


# -- Who follows what ---------------------------------------------------------------------------------------


TODAY = date(2026, 7, 14)


@pytest.fixture
def followed(db, client, today_is):
    """A clinic with four treatments: two signed, one of them under an older version, one proposed, one ended."""
    today_is(TODAY)
    clinic = a_clinic()
    old, new, gone = (a_course(a_patient(clinic), starts_on=TODAY, interval=months(3)) for _ in range(3))
    a_proposal(a_patient(clinic), TODAY)
    a_proposal(new.patient, TODAY)  # beside a signed plan: it is not followed yet
    with guards.lifted():
        Plan.objects.filter(course=old).update(protocol_version="2025.3")
    courses.stop(course=gone, reason="allergy", on=TODAY, decided_by=a_physician(clinic))
    return clinic, old


def seen(client, clinic, role):
    client.force_login(a_member(clinic, role))
    return client.get("/protocol/")


def test_each_open_treatment_is_counted_under_one_entry_and_version(client, followed):
    clinic, old = followed
    following = seen(client, clinic, Role.PHYSICIAN).context["following"]
    standard = {row.version: (row.signed, row.proposed) for row in following.rows if "standard" in row.key}
    assert standard == {"2025.3": (1, 0), "2026.1": (1, 1)}
    assert (following.open, following.adds_up) == (3, True)
    assert {row.key for row in following.rows} == {entry.key for entry in catalogue.REGIMENS}
    listed = client.get("/dashboard/follows-hydroxocobalamin-standard-1-v2025-3/")
    assert [row["name"] for row in listed.context["rows"]] == [old.patient.name]


def test_every_count_opens_a_list_of_that_many(client, followed):
    page = seen(client, followed[0], Role.PHYSICIAN).content.decode()
    links = re.findall(r'href="(/dashboard/(?:follows|proposed)-[^"]+)" aria-label="[^"]*: (\d+)"', page)
    assert len(links) == 2 * (len(catalogue.REGIMENS) + 1)
    for url, number in links:
        assert client.get(url).context["count"] == int(number), url


def test_a_retired_entry_is_still_shown_with_who_follows_it(client, followed, monkeypatch):
    entries = tuple(replace(entry, retired_on=date(2026, 6, 1)) for entry in catalogue.REGIMENS)
    monkeypatch.setattr(catalogue, "REGIMENS", entries)
    page = seen(client, followed[0], Role.PHYSICIAN).content.decode()
    assert "hydroxocobalamin-standard-1, retired" in page


def test_numbers_are_for_those_of_the_dashboard_and_names_for_those_who_treat(client, followed):
    clinic, _old = followed
    assert "Who follows" not in seen(client, clinic, Role.RECEPTION).content.decode()
    manager = seen(client, clinic, Role.MANAGER).content.decode()
    assert "3 open treatments" in manager
    assert "/dashboard/follows-" not in manager


def test_followers_that_could_not_be_counted_are_said_to_be_missing_and_hide_no_rule(
    client, followed, monkeypatch
):
    def fails(_scope):
        raise DatabaseError("statement timeout")

    monkeypatch.setattr(followers, "count", fails)
    page = seen(client, followed[0], Role.PHYSICIAN).content.decode()
    assert "could not be counted" in page
    assert 'id="D-01"' in page


def test_every_default_names_who_must_sign_it():
    [table] = [table for table in protocol_page().tables if table.anchor == "signatures"]
    assert [row.cells[0][0] for row in table.rows] == ["P", "C", "S"]
    signed = {rule.id for row in table.rows for rule in row.rules}
    assert signed == {rule.id for rule in RULES.values() if rule.id.startswith("D-")}
