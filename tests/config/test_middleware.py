"""What every answer carries."""

import io
import logging

import pytest


@pytest.fixture
def written():
    """Everything that is logged meanwhile, as text."""
    heard = logging.StreamHandler(io.StringIO())
    logging.getLogger().addHandler(heard)
    yield heard.stream
    logging.getLogger().removeHandler(heard)


def test_no_answer_may_be_kept_by_a_cache(client, db):
    for path in ("/accounts/login/", "/healthz", "/no-such-page"):
        assert client.get(path).headers["Cache-Control"] == "no-store, private", path


def test_each_request_has_a_reference_of_its_own(client):
    references = {client.get("/healthz").headers["X-Request-Reference"] for _ in range(3)}
    assert len(references) == 3


def test_the_log_names_the_page_and_never_the_address(client, db, written):
    client.get("/accounts/login/", {"next": "/patients/Miller/"})
    assert "GET account_login 200" in written.getvalue()
    assert "Miller" not in written.getvalue()


def test_the_browser_is_told_to_run_nothing_foreign(client, db):
    headers = client.get("/accounts/login/").headers
    assert "default-src 'none'" in headers["Content-Security-Policy"]
    assert "unsafe" not in headers["Content-Security-Policy"]
    assert headers["X-Frame-Options"] == "DENY"
    assert "camera=()" in headers["Permissions-Policy"]
