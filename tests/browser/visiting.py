"""Looks at pages as people do who signed in: on a desk, on a phone in the dark, and without scripts."""

import re
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

from playwright.sync_api import APIResponse, Browser, BrowserContext, Page, Response

from config.demo.accounts import DEMO_PASSWORD
from tests.browser.inspection import axe_violations, measured, refusal_faults, send_empty

PHONE = {"viewport": {"width": 360, "height": 740}, "has_touch": True, "is_mobile": True}
LOOKS = {
    "desk": {"viewport": {"width": 1280, "height": 900}, "color_scheme": "light"},
    "phone": {**PHONE, "color_scheme": "dark"},
    "no script": {**PHONE, "color_scheme": "light", "java_script_enabled": False},
}
FILLED_IN = "input:not([type=hidden]):not([type=submit]), select, textarea"
FORMS = "main form[method=post]"
# The account library answers 200 to a form that it refuses.
REFUSED = {"account_change_password": 200, "account_login": 200, "account_reauthenticate": 200}


class Visitor:
    """Somebody who signed in, or nobody; what they found wrong, and every page they saw, saved in a folder."""

    def __init__(self, browser: Browser, port: int, folder: Path):
        self.faults: list[str] = []
        self._browser, self._base, self._folder = browser, f"http://127.0.0.1:{port}", folder
        self._looks: dict[str, Page] = {}
        self._at, self._saved, self._state = "", 0, None
        folder.mkdir(exist_ok=True)

    def sign_in(self, username: str) -> None:
        """Sign in by the form; every look shares the session."""
        context = self._context(LOOKS["desk"])
        answer = context.request.get("/accounts/login/")
        token = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', answer.text())[1]
        form = {"csrfmiddlewaretoken": token, "login": username, "password": DEMO_PASSWORD}
        answer = context.request.post("/accounts/login/", form=form, headers={"Referer": self._base})
        assert urlsplit(answer.url).path != "/accounts/login/", f"{username} could not sign in"
        self._state = context.storage_state()
        context.close()

    def fetch(self, path: str) -> str:
        """Give the HTML behind a link; one that leads nowhere is a fault."""
        answer = self.page("desk").context.request.get(path)
        if answer.status != 200:
            self._at = path
            self._note(f"a link leads here, and it answers {answer.status}")
        self.save(path, answer)
        return answer.text()

    def save(self, path: str, answer: APIResponse | Response) -> None:
        """Keep a page for the checker of HTML."""
        if answer.headers.get("content-type", "").startswith("text/html"):
            self._saved += 1
            name = re.sub(r"\W+", "-", f"{path}-{answer.status}").strip("-")
            (self._folder / f"{self._saved:03}-{name}.html").write_text(answer.text())

    def look(self, how: str, path: str, *, axe: bool = True, status: int = 200) -> Page:
        """Open a page and note what is wrong with it; every row of its lists is looked at on the desk."""
        self._at = f"{path} ({how})"
        page = self.page(how)
        answer = page.goto(path)
        if answer.status != status:
            self._note(f"answers {answer.status}")
        self.inspect(page, axe=axe, every_row=how == "desk" and "/protocol/" not in path)
        return page

    def inspect(self, page: Page, *, axe: bool = True, every_row: bool = False) -> None:
        """Note what is wrong with the page that is open."""
        for fault in measured(page) + (axe_violations(page, every_row=every_row) if axe else []):
            self._note(fault)
        if re.search(r"\d{2}-\w{3}-\d{4}|[A-Z]{2,}, ", page.title()):
            self._note(f"the title says something about a patient: {page.title()}")

    def refuse_each_form(self, name: str, path: str) -> None:
        """Send each form of the page that is open on the desk empty; look at the page that says what is missing."""
        page = self.page("desk")
        asking = [form.locator(FILLED_IN).count() > 0 for form in page.locator(FORMS).all()]
        for number in (number for number, asks in enumerate(asking) if asks):
            self._at = f"{path} (form {number + 1}, sent empty)"
            if page.url != f"{self._base}{path}" or page.locator(".error-summary").count():
                page.goto(path)
            with page.expect_response(lambda answer: answer.request.method == "POST") as sending:
                send_empty(page, page.locator(FORMS).nth(number))
            if sending.value.status != REFUSED.get(name, 422):
                self._note(f"answers {sending.value.status} to an empty form")
                page.wait_for_load_state()
                continue
            page.locator(".error-summary").first.wait_for(state="attached")
            page.wait_for_load_state()
            self.save(path, sending.value)
            self.inspect(page)
            for fault in refusal_faults(page):
                self._note(fault)

    def page(self, how: str) -> Page:
        """Give the page of one look; whatever it complains about is noted."""
        if how not in self._looks:
            page = self._looks[how] = self._context(LOOKS[how]).new_page()
            page.on("console", lambda said: self._complain(said.type, said.text))
            page.on("pageerror", lambda error: self._note(f"script error: {error}"))
            page.on("requestfailed", self._miss)
        return self._looks[how]

    def close(self) -> None:
        """Leave."""
        for page in self._looks.values():
            page.context.close()

    def _context(self, look: dict) -> BrowserContext:
        return self._browser.new_context(base_url=self._base, storage_state=self._state, **look)

    def _complain(self, kind: str, text: str) -> None:
        # The browser reports an answer of 4xx that was asked for; which it is, is looked at elsewhere.
        if kind in ("error", "warning") and not re.search(r"status of (400|403|404|422)", text):
            self._note(f"console: {text}")

    def _miss(self, request) -> None:
        # What was still on its way when the next page was opened has not failed.
        if request.failure != "net::ERR_ABORTED":
            self._note(f"failed request: {request.url}")

    def _note(self, fault: str) -> None:
        self.faults.append(f"{self._at}: {fault}")


@contextmanager
def visiting(browser: Browser, port: int, folder: Path):
    """Give a visitor for the length of a block."""
    visitor = Visitor(browser, port, folder)
    try:
        yield visitor
    finally:
        visitor.close()
