"""The whole program with an invented clinic, and a browser for each person who signs in."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from playwright.sync_api import sync_playwright

from config.demo.accounts import DEMO_PASSWORD
from tests.servers.clinic import ROOT, running_clinic
from tests.servers.database import empty_database

CHROMIUM = "/usr/bin/chromium"
# A refused form answers 422 and a closed door 403, which the browser reports of any page that loads so.
BORNE = "status of (422|403)"
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@pytest.fixture(scope="session")
def demo_clinic(tmp_path_factory):
    """`manage.py run` over a small demo: web server, worker, beat and broker, all real."""
    folder = tmp_path_factory.mktemp("browser")
    with empty_database(folder) as url:
        environment = {
            "PATH": os.environ["PATH"],
            "HOME": str(folder),
            "ENV_FILE": os.devnull,
            "VAR_DIR": str(folder / "var"),
            "DATABASE_URL": url,
            "DEMO": "1",
        }
        for command in (
            ["migrate", "-v0"],
            ["demo", "--patients", "80", "--clinics", "1", "--seed", "3"],  # every story of the demo once
            ["shell", "-v0", "-c", "from tests.browser.examples import add; add()"],
        ):
            done = subprocess.run(
                [sys.executable, "manage.py", *command],
                cwd=ROOT,
                env=environment,
                check=True,
                stdout=subprocess.PIPE,
                text=True,
            )
        with running_clinic(folder, DATABASE_URL=url, DEMO="1") as running:
            running.example = done.stdout.splitlines()[-1]
            yield running


@pytest.fixture(scope="session")
def chromium():
    """One headless Chromium."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture
def sign_in(chromium, demo_clinic):
    """Give a page of its own to whoever signs in; whatever the console complains about fails the test."""
    contexts, complaints = [], []

    def enter(
        username: str,
        *,
        width: int = 1280,
        height: int = 900,
        scheme: str = "light",
        bears: str = BORNE,
        **options,
    ):
        context = chromium.new_context(
            viewport={"width": width, "height": height},
            color_scheme=scheme,
            base_url=f"http://127.0.0.1:{demo_clinic.port}",
            **options,
        )
        contexts.append(context)
        page = context.new_page()
        page.on(
            "console",
            lambda said: (
                complaints.append(said.text)
                if said.type == "error" and not re.search(bears, said.text)
                else None
            ),
        )
        page.goto("/accounts/login/")
        page.get_by_label("Username").fill(username)
        page.get_by_label("Password").fill(DEMO_PASSWORD)
        page.get_by_role("main").get_by_role("button", name="Sign in").click()
        page.wait_for_url("**/today/**" if username != "auditor" else "**")
        return page

    yield enter
    for context in contexts:
        context.close()
    assert complaints == []


@pytest.fixture(scope="session")
def screens():
    """Where pictures for the README go, when KEEP_SCREENS asks for them."""
    keep = os.environ.get("KEEP_SCREENS")
    return ROOT / "docs" / "screens" if keep else Path(os.devnull)
