"""Ten profiles of the case file in Chromium: what is typed into the forms gives on the page what the case expects."""

import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse
from playwright.sync_api import expect, sync_playwright

from patients.models import Role
from patients.templatetags.wording import day
from regimens.explained import lab_name
from regimens.models import Course, Plan
from tests.browser.conftest import CHROMIUM, FLAGS
from tests.browser.inspection import axe_violations, measured
from tests.clinical.on_pages import (
    PROFILES,
    dose_form,
    facts_form,
    registered,
    request_form,
    results_forms,
    start_of,
)
from tests.factories import a_member, a_nurse, a_physician
from tests.regimens.plan_pages import codes_on

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]

CHOSEN = ("P03", "P05", "P11", "P25", "P37", "P41", "P53", "P57", "P69", "P73")
CASES = [case for case in PROFILES if case["id"] in CHOSEN]

FILL = """(fields) => {
  document.querySelectorAll("details").forEach((fold) => (fold.open = true));
  for (const [name, value] of Object.entries(fields)) {
    const boxes = [...document.getElementsByName(name)];
    if (!boxes.length) throw new Error(`no field ${name}`);
    for (const box of boxes) {
      const ticks = [].concat(value).includes(box.value) || (box.type === "checkbox" && value === "on");
      if (box.type === "radio" || box.type === "checkbox") box.checked = ticks;
      else box.value = value;
      box.dispatchEvent(new Event("change", { bubbles: true }));
    }
  }
}"""


@pytest.fixture(scope="module")
def browser():
    """A Chromium of this module alone: its loop runs in the thread that asks the database, and must end with it."""
    with pytest.MonkeyPatch.context() as patch, sync_playwright() as playwright:
        patch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "true")
        chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield chromium
        chromium.close()


def _is_of_the_form(answer):
    """Not the sentence that is asked for while somebody types."""
    return answer.request.method == "POST" and "/echo/" not in answer.url


class Screen:
    """One person's browser on the running program."""

    def __init__(self, browser, live_server, patient):
        self.context = browser.new_context(base_url=live_server.url, viewport={"width": 1280, "height": 900})
        self.page, self.patient, self.url = self.context.new_page(), patient, live_server.url

    def sits_down(self, person):
        client = Client()
        client.force_login(person)
        session = client.cookies[settings.SESSION_COOKIE_NAME].value
        self.context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": session, "url": self.url}])

    def opens(self, name):
        self.page.goto(reverse(name, args=[self.patient.pk]))

    def fills(self, button, **fields):
        self.page.evaluate(FILL, fields)
        with self.page.expect_response(_is_of_the_form) as sending:
            self.page.get_by_role("main").get_by_role("button", name=button).first.click()
        self.page.wait_for_load_state()
        return sending.value.status

    def records(self, panel):
        """Type a panel; what is asked about is compared with the report and ticked, as somebody would."""
        typed = {name: value for name, value in panel.items() if not name.endswith("_confirmed")}
        status = self.fills("Record", **typed)
        asked = [box.get_attribute("name") for box in self.page.locator("[name$=_confirmed]").all()]
        return self.fills("Record", **dict.fromkeys(asked, "on")) if asked else status

    def is_good(self):
        assert measured(self.page) + axe_violations(self.page) == []

    def codes(self):
        return codes_on(self.page.get_by_role("main").inner_html())


@pytest.fixture
def screen(browser, live_server, today_is, request):
    """The profile's patient, registered, with everything known typed in by a nurse."""
    given = request.param["input"]
    today_is(start_of(given))
    screen = Screen(browser, live_server, registered(given))
    screen.sits_down(a_nurse(screen.patient.clinic))
    screen.opens("patient_facts")
    assert screen.fills("Save what changed", **facts_form(given)) == 302
    screen.case, screen.given, screen.refused = request.param, given, False
    for panel in results_forms(given):
        screen.opens("record_results")
        screen.refused |= screen.records(panel) == 422
    yield screen
    screen.context.close()


def of(action):
    chosen = [case for case in CASES if case["input"]["action"] == action]
    return pytest.mark.parametrize("screen", chosen, indirect=True, ids=lambda case: case["id"])


def stops_of(codes):
    return {code for code in codes if code[0] in "BH"}


def proposes_and_signs(screen, given):
    screen.sits_down(a_physician(screen.patient.clinic))
    screen.opens("propose_plan")
    assert screen.fills("Show what the protocol says", **request_form(given)) == 200
    shown = screen.codes()
    screen.is_good()
    assert screen.fills("Propose:") == 302
    assert screen.codes() >= stops_of(shown)
    screen.is_good()
    form = screen.page.locator("main form:has([name=plan])")
    fields = {"note": "So decided"}
    if form.locator("[name=interval]").count():
        fields["interval"] = form.locator("[name=interval]").first.get_attribute("value")
    if form.locator("[name=confirmed]").count():
        fields["confirmed"] = [box.get_attribute("value") for box in form.locator("[name=confirmed]").all()]
    assert screen.fills("Sign:", **fields) == 302
    return shown


@of("new_plan")
def test_a_plan_is_proposed_and_signed_as_the_case_expects(screen):
    expected = screen.case["expected"]
    if "B-LAB-IMPLAUSIBLE" in expected["blocks"]:
        assert screen.refused
        assert "B-LAB-IMPLAUSIBLE" in screen.codes()
        screen.is_good()
        return
    assert not screen.refused
    screen.sits_down(a_member(screen.patient.clinic, Role(screen.given["role"])))
    screen.opens("propose_plan")
    assert screen.fills("Show what the protocol says", **request_form(screen.given)) == 200
    raised, words = screen.codes(), screen.page.get_by_role("main").text_content()
    assert stops_of(raised) == set(expected["blocks"])
    assert set(expected["warnings"]) <= raised
    for name, due_on in expected["labs"].items():
        year, month, number = map(int, due_on.split("-"))
        assert f"{lab_name(name).lower()} {day(start_of(screen.given).replace(year, month, number))}" in words
    proposes_and_signs(screen, screen.given)
    signed = Plan.objects.signed().get()
    assert (signed.product, signed.route, signed.regimen.loading.kind) == tuple(
        expected[name] for name in ("product", "route", "loading")
    )


@of("administer")
def test_the_dose_screen_answers_as_the_case_expects(screen):
    proposes_and_signs(screen, {**screen.given, "dose_request_mcg": None})
    screen.sits_down(a_member(screen.patient.clinic, Role(screen.given["role"])))
    screen.opens("record_injection")
    assert screen.fills("Record the injection", **dose_form(screen.given)) == 422
    assert stops_of(screen.codes()) == set(screen.case["expected"]["blocks"])


@of("stop_request")
def test_a_wish_to_stop_is_answered_as_the_case_expects(screen):
    proposes_and_signs(screen, screen.given)
    screen.opens("stop_course")
    assert screen.fills("Go on with this reason", reason=screen.given["reason"]) == 422
    for code in screen.case["expected"]["blocks"]:
        expect(screen.page.get_by_role("main")).to_contain_text(code)
    assert Course.objects.get().is_open


@of("interval_change")
def test_a_change_of_the_interval_is_answered_as_the_case_expects(screen):
    proposes_and_signs(screen, screen.given)
    screen.sits_down(a_member(screen.patient.clinic, Role(screen.given["role"])))
    screen.opens("change_interval")
    screen.is_good()
    assert (
        screen.fills("Ask a physician", interval="P1M", symptoms_returned="on", text="Tingling again") == 422
    )
    assert {*screen.case["expected"]["blocks"], screen.case["expected"]["creates_task"]} <= screen.codes()
    screen.is_good()


def test_ten_are_chosen():
    assert len(CASES) == len(CHOSEN) == 10
