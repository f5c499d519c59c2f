"""In a real browser: what appears while one types a name or a result, and the keys that lead through it."""

import re

import pytest
from playwright.sync_api import expect

pytestmark = pytest.mark.slow


def test_a_patient_is_found_without_the_mouse_and_no_name_stands_in_an_address(sign_in):
    page = sign_in("nurse")
    asked = []
    page.on("request", lambda request: asked.append(request.url))
    page.keyboard.press("/")
    expect(page.locator("#find")).to_be_focused()
    page.keyboard.type("mar", delay=30)
    first = page.locator("#found a").first
    expect(first).to_be_visible()
    page.keyboard.press("ArrowDown")
    expect(first).to_be_focused()
    page.keyboard.press("Escape")
    expect(page.locator("#found a")).to_have_count(0)
    expect(page.locator("#find")).to_be_focused()
    page.keyboard.type("g", delay=30)
    page.locator("#found a").first.wait_for()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    page.wait_for_url("**/patients/*/")
    assert [url for url in asked if "mar" in url] == []


def test_a_tap_opens_what_was_found_on_a_phone(sign_in):
    page = sign_in("nurse", width=360, height=740, scheme="dark", has_touch=True, is_mobile=True)
    page.locator("#find").tap()
    page.keyboard.type("mar", delay=30)
    found = page.locator("#found a").first
    found.wait_for()
    assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")
    assert found.bounding_box()["height"] >= 44
    found.tap()
    page.wait_for_url("**/patients/*/")


def test_without_a_script_the_box_leads_to_the_list(sign_in):
    page = sign_in("nurse", java_script_enabled=False)
    page.locator("#find").fill("a")
    page.get_by_role("button", name="Find").first.click()
    expect(page.get_by_role("heading", name="Find a patient")).to_be_visible()
    assert page.url.endswith("/find/")


def test_a_result_is_echoed_in_the_protocols_unit_and_doubted_while_one_types(sign_in):
    page = sign_in("nurse")
    page.goto("/patients/1/results/")
    page.locator("[name=B12]").press_sequentially("180", delay=30)
    page.locator("[name=B12_unit]").select_option("ng/L")
    expect(page.get_by_text("180 ng/L = 132.8 pmol/L")).to_be_visible()
    page.locator("[name=HB]").press_sequentially("12.5", delay=30)
    page.locator("[name=HB_unit]").select_option("g/L")
    expect(
        page.get_by_text("Haemoglobin 12.5 g/L is not possible. The number would fit g/dL.")
    ).to_be_visible()
    page.locator("[name=HCY]").press_sequentially("60", delay=30)
    page.locator("[name=HCY_unit]").select_option("umol/L")
    expect(page.get_by_label("Homocysteine: compared with the report")).to_be_visible()


def test_whoever_was_signed_out_meanwhile_is_told_and_sees_no_second_page_in_the_list(sign_in):
    page = sign_in("nurse")
    page.context.clear_cookies(name=re.compile("session"))
    page.locator("#find").press_sequentially("mar", delay=30)
    expect(page.get_by_text("You have been signed out.")).to_be_visible()
    expect(page.locator("#found *")).to_have_count(0)


def test_a_dropped_line_never_takes_the_keyboard_from_somebody_who_types(sign_in):
    page = sign_in("nurse", bears="ERR_INTERNET_DISCONNECTED|htmx:(sendError|afterRequest)")
    page.goto("/patients/1/results/")
    page.context.set_offline(True)
    box = page.locator("[name=B12]")
    box.press_sequentially("180", delay=30)
    page.wait_for_timeout(800)
    expect(box).to_be_focused()
    expect(box).to_have_value("180")
    page.context.set_offline(False)
