"""The protocol page: everything the rules compute with, each with an anchor, and no number of its own."""

import re
from html.parser import HTMLParser
from pathlib import Path

import pytest

from monitoring.protocol_page import protocol_page
from patients.models import Role
from regimens.protocol import catalogue
from regimens.protocol.codes import CODES
from regimens.protocol.entries import LabTiming
from regimens.protocol.sources import REFERENCES, RULES
from regimens.protocol.units import ANALYTES
from tests.factories import a_clinic, a_member

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
