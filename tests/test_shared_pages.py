"""The frame every page stands in, the pages of last resort, and the files written by others."""

import hashlib
import json
import re
from pathlib import Path

import pytest
from django.template.loader import render_to_string

ROOT = Path(__file__).resolve().parent.parent
VENDOR = ROOT / "static" / "vendor"


@pytest.mark.parametrize("page", ["400.html", "403.html", "403_csrf.html", "404.html"])
def test_a_page_of_last_resort_needs_nothing_at_all(page):
    shown = render_to_string(page)
    assert re.search(r"<h1>[^<]+</h1>", shown)
    assert 'href="/"' in shown


def test_htmx_may_not_run_texts_as_code_nor_keep_pages():
    config = re.search(r"name=\"htmx-config\" content='([^']+)'", render_to_string("base.html"))
    assert (
        json.loads(config[1]).items()
        >= {
            "allowEval": False,
            "allowScriptTags": False,
            "historyCacheSize": 0,
            "includeIndicatorStyles": False,
            "selfRequestsOnly": True,
        }.items()
    )


def test_no_page_carries_a_script_or_a_style_of_its_own():
    for template in (ROOT / "templates").rglob("*.html"):
        if "letters" in template.parts:  # a letter's style is inlined when it is built
            continue
        text = template.read_text()
        assert not re.search(r"<script(?![^>]*\ssrc=)|<style|\sstyle=|\son\w+=|javascript:", text), template


def test_every_template_says_first_what_it_is():
    for template in (ROOT / "templates").rglob("*.html"):
        assert template.read_text().startswith("{#"), template


def test_files_of_others_are_the_ones_that_were_taken():
    listed = dict(
        reversed(line.split("  "))
        for line in (VENDOR / "VENDORED.md").read_text().splitlines()
        if re.match(r"[0-9a-f]{64}  ", line)
    )
    present = {str(file.relative_to(VENDOR)): file for file in VENDOR.glob("*/**/*") if file.is_file()}
    assert listed == {name: hashlib.sha256(file.read_bytes()).hexdigest() for name, file in present.items()}
    assert not any(b"sourceMappingURL" in file.read_bytes() for file in present.values())
