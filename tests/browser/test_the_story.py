"""One patient's story along one axis in a real browser: by keyboard, by link, on a phone, with scripts and without."""

import re

import pytest
from playwright.sync_api import expect

from tests.browser.inspection import axe_violations, measured

pytestmark = pytest.mark.slow

PATIENT = "/patients/1/"


@pytest.fixture(params=["with scripts", "without"])
def page(request, sign_in):
    page = sign_in("physician", java_script_enabled=request.param == "with scripts")
    page.goto(PATIENT)
    return page


def test_a_mark_leads_by_keyboard_to_its_row_in_words(page):
    mark = page.locator(".lifeline svg a").first
    label = mark.locator("title").text_content()
    mark.focus()
    page.keyboard.press("Enter")
    row = page.locator("tr:target")
    expect(row).to_be_visible()
    assert re.search(r"\d\d-\w{3}-\d{4}", label)[0] in row.inner_text()


def test_one_key_passes_a_lane(page):
    skip = page.locator(".skip").first
    skip.focus()
    expect(skip).to_be_in_viewport()
    lane = skip.get_attribute("href").removeprefix("#after-")
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.closest('.lane')?.id") != f"lane-{lane}"


def test_years_and_lanes_are_chosen_by_link(page):
    page.get_by_role("link", name="Whole life").click()
    expect(page.get_by_role("link", name="Whole life")).to_have_attribute("aria-current", "true")
    assert "years=all" in page.url
    page.get_by_text("What is drawn", exact=True).click()
    page.get_by_role("link", name="Hide injections").click()
    expect(page.get_by_text("Not drawn: Injections.")).to_be_visible()
    assert page.locator("#lane-doses").count() == 0
    page.get_by_role("link", name="Draw everything").click()
    expect(page.locator("#lane-doses")).to_be_visible()
    assert "years=all" in page.url


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_on_a_phone_the_axis_begins_at_today_and_the_page_stays_in_its_width(sign_in, scheme):
    page = sign_in("physician", width=360, height=740, scheme=scheme, has_touch=True, is_mobile=True)
    page.goto(PATIENT)
    now = page.locator(".lifeline-frame .now").bounding_box()
    assert 0 < now["x"] < 360
    assert measured(page) == []
    assert axe_violations(page) == []
    page.goto(f"{PATIENT}?years=all")
    assert measured(page) == []
    assert axe_violations(page) == []
