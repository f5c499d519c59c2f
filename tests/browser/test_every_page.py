"""Every page of the program, as everybody who may open it, looked at in Chromium: see inspection.py for what must hold."""

import re
from collections import Counter

import pytest

from patients.models import Role
from tests.browser.examples import EMPTY
from tests.browser.inspection import html_faults, paper_faults
from tests.browser.visiting import LOOKS, visiting
from tests.browser.walking import followed, links_of, roles_by_page, views, without_links

pytestmark = pytest.mark.slow

# Addresses that show nothing of their own, and why. Every other one is visited by each role that may open it.
NOT_PAGES = {
    "healthz": "a word for a machine",
    "readyz": "a word for a machine",
    "choose_clinic": "only a button, which leads back",
    "remove_closure": "only a button, which leads back",
    "add_holidays": "only a button, which leads back",
    "record_email_consent": "a form of the page edit_patient, refused and shown there",
    "echo_result": "a sentence for the page of results, not a page",
    "today_row": "a part of the page today, opened under its row: tests/monitoring/test_today_screen.py",
    "decisions_counts": "a part of the page decisions, which asks for it again once a row is settled",
    "confirm_email": "a form of the page edit_patient, refused and shown there",
}
# Pages that no link leads to, and where they are. Tests below open them.
WITHOUT_LINKS = {
    "find": "/find/",
    "account_login": "/accounts/login/",
    "account_logout": "/accounts/logout/",
    "account_reauthenticate": "/accounts/reauthenticate/",
    "account_signup": "/accounts/signup/",
    "account_inactive": "/accounts/inactive/",
}
# Pages of single rows that the demo does not have; tests of their own look at what they say.
SELDOM = {
    "follow_up": "something to do after a needle: tests/regimens/test_follow_up_page.py",
    "decide_merge": "two records proposed to be one: tests/regimens/test_merging.py",
    "unmerge": "two records that were merged: tests/regimens/test_merging.py",
    "compare_records": "two records that are alike: tests/regimens/test_merging.py",
    "settle_report": "symptoms that nobody asked about: tests/monitoring/test_unasked.py",
    "settle_potassium": "potassium not measured: tests/monitoring/test_unasked.py",
    "settle_folic_acid": "folic acid before B12: tests/monitoring/test_unasked.py",
    "call": "a patient to phone: tests/monitoring/test_calls_page.py",
    "void_call": "a call recorded by mistake: tests/monitoring/test_calls_page.py",
    "void_asked_call": "a call asked for by mistake: tests/monitoring/test_calls_page.py",
    "message_call": "a letter that did not arrive, on a list that reception does not see",
}
OPEN_TO_NOBODY = ("account_login", "account_signup", "account_inactive")
# Who looks closest at a page: the first of these that may open it. The others see the same with less in it ...
CLOSEST = (Role.NURSE, Role.PHYSICIAN, Role.MANAGER, Role.AUDITOR, Role.RECEPTION)
# ... but for these, which are another page for each role.
OF_ITS_OWN = {"today", "patient", "dashboard"}
# How many of one name are looked at, in other states of the demo; of all that were followed the HTML is checked.
STATES = {"patient": 3, "record_injection": 3, "propose_plan": 2, "sign_plan": 2, "settle_request": 2}
# Forms that may be sent as they are, and why.
COMPLETE_WHEN_EMPTY = {
    "sign_plan": "where the interval is fixed, nothing is asked for but the signature",
    "book_loading": "the places it offers may be taken as they are",
}


def looks_closest(role: Role, name: str) -> bool:
    may = roles_by_page().get(name, set(Role))
    return next(one for one in CLOSEST if one in may) == role


def good(visitor, folder) -> None:
    """Fail with everything that was found wrong, also in the HTML of what was seen."""
    faults = visitor.faults + html_faults(folder)
    assert not faults, "\n".join(faults)


def test_every_address_is_a_page_to_visit_or_says_why_not():
    named = {view.name for view in views()}
    visited = set(roles_by_page()) | set(WITHOUT_LINKS) | {"account_change_password"}
    assert named - visited - set(NOT_PAGES) == set()
    assert (set(NOT_PAGES) | set(WITHOUT_LINKS)) - named == set()


@pytest.mark.parametrize("role", CLOSEST)
def test_every_page_a_role_may_open_is_good(role, chromium, demo_clinic, tmp_path):
    names, looked = set(), Counter()
    with visiting(chromium, demo_clinic.port, tmp_path) as visitor:
        visitor.sign_in(role.value)
        demo_clinic.waits_for(lambda: any((demo_clinic.folder / "var" / "mail").glob("*")))
        for place in followed(visitor.fetch, demo_clinic.example):
            names.add(place.name)
            filtered = "?" in place.path
            looked[place.name, filtered] += 1
            if looked[place.name, filtered] > (1 if filtered else STATES.get(place.name, 1)):
                continue
            closest, first = looks_closest(role, place.name), looked[place.name, filtered] == 1
            visitor.look("desk", place.path, axe=closest or place.name in OF_ITS_OWN)
            if closest and first and not filtered and place.name not in COMPLETE_WHEN_EMPTY:
                visitor.refuse_each_form(place.name, place.path)
            if closest and not filtered:
                visitor.look("phone", place.path)
            if closest and first and not filtered:
                visitor.look("no script", place.path, axe=False)
        allowed = {name for name, roles in roles_by_page().items() if role in roles}
        left = allowed - names - set(NOT_PAGES) - set(WITHOUT_LINKS) - set(SELDOM)
        for place in without_links(left, patient=1):
            left.remove(place.name)
            visitor.fetch(place.path)
            visitor.look("desk", place.path)
            visitor.look("phone", place.path)
    good(visitor, tmp_path)
    assert not left, f"not visited: {left}"


def test_the_pages_around_signing_in_are_good(chromium, demo_clinic, tmp_path):
    with visiting(chromium, demo_clinic.port, tmp_path) as visitor:
        for name in OPEN_TO_NOBODY:
            visitor.fetch(WITHOUT_LINKS[name])
            visitor.look("phone", WITHOUT_LINKS[name])
            visitor.look("desk", WITHOUT_LINKS[name])
            visitor.refuse_each_form(name, WITHOUT_LINKS[name])
    good(visitor, tmp_path)


def test_the_pages_no_link_leads_to_are_good(chromium, demo_clinic, tmp_path):
    with visiting(chromium, demo_clinic.port, tmp_path) as visitor:
        visitor.sign_in("nurse")
        for name in set(WITHOUT_LINKS) - set(OPEN_TO_NOBODY):
            visitor.fetch(WITHOUT_LINKS[name])
            visitor.look("desk", WITHOUT_LINKS[name])
            visitor.look("phone", WITHOUT_LINKS[name])
        for how in LOOKS:
            page = visitor.page(how)
            page.goto("/protocol/")
            for typed in ("s", "nobody at all"):
                page.locator("#find").fill(typed)
                with page.expect_navigation() as found:
                    page.locator("form.find button").click()
                visitor.save(f"find-{typed}", found.value)
                visitor.inspect(page, axe=how != "no script")
    good(visitor, tmp_path)


def test_a_clinic_without_patients_says_so_on_good_pages(chromium, demo_clinic, tmp_path):
    for role in (Role.NURSE, Role.MANAGER):
        with visiting(chromium, demo_clinic.port, tmp_path / role) as visitor:
            visitor.sign_in(f"{EMPTY}{role}")
            for place in followed(visitor.fetch):
                if "?" not in place.path and place.name not in ("protocol", "account_change_password"):
                    visitor.look("desk", place.path)
                    visitor.look("phone", place.path, axe=False)
                assert not [link for link in links_of(place.html) if re.match(r"/patients/\d", link)], (
                    place.path
                )
        good(visitor, tmp_path / role)


def test_what_is_refused_is_refused_on_good_pages(chromium, demo_clinic, tmp_path):
    with visiting(chromium, demo_clinic.port, tmp_path) as visitor:
        visitor.sign_in("nurse")
        for how in ("desk", "phone"):
            visitor.look(how, "/audit/", status=403)
            visitor.look(how, "/patients/999999999/", status=404)
            visitor.look(how, "/nowhere/", status=404)
        ask = visitor.page("desk").context.request
        for path, answer in (
            ("not-allowed", ask.get("/audit/")),
            ("not-there", ask.get("/nowhere/")),
            ("without-token", ask.post("/find/", form={"q": "a"})),
            ("other-host", ask.get("/today/", headers={"Host": "elsewhere.example"})),
        ):
            assert answer.status in (400, 403, 404), path
            visitor.save(path, answer)
    good(visitor, tmp_path)


PRINTED = ("/today/", "/patients/1/", "/patients/1/results/", "/dashboard/", "/protocol/")


def test_paper_is_black_on_white_and_has_no_buttons(chromium, demo_clinic, tmp_path):
    with visiting(chromium, demo_clinic.port, tmp_path) as visitor:
        visitor.sign_in("nurse")
        page = visitor.page("phone")  # whose screen is dark
        for path in PRINTED:
            page.goto(path)
            assert paper_faults(page) == [], path
