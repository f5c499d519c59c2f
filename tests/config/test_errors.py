"""A dead database answers 503 with what to do; any other error 500 without details."""

from contextlib import closing

import pytest
from django.contrib.auth.decorators import login_not_required
from django.db import IntegrityError, connection
from django.test import Client
from django.urls import path

from config.urls import urlpatterns as pages_of_the_product
from patients.models import User
from tests.servers import free_port

SIGN_IN = "/accounts/login/"
PASSWORD = "a password that is long enough"


@login_not_required
def breaks(request):
    """A page with a mistake of ours in it, that quotes a patient."""
    raise ValueError("Agnes Miller, born 1 February 1950")


@login_not_required
def breaks_a_constraint(request):
    """A page that asks the database something wrong."""
    raise IntegrityError("Key (record_number)=(12345) already exists")


@login_not_required
def asks_for_no_such_column(request):
    """A page with a mistake in its query."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT no_such_column FROM patients_user")


urlpatterns = [
    *pages_of_the_product,
    path("breaks", breaks),
    path("breaks-a-constraint", breaks_a_constraint),
    path("asks-for-no-such-column", asks_for_no_such_column),
]
handler500 = "config.errors.server_error"


@pytest.fixture
def browser():
    """A browser that carries a session cookie, so that every page has to ask the database who this is."""
    browser = Client(raise_request_exception=False)
    browser.cookies["sessionid"] = "a" * 32
    return browser


@pytest.fixture
def database_is_gone(transactional_db, monkeypatch):
    """Nothing listens where the database was; the file lies in a folder that is not there."""
    with connected_anew():
        away = (
            {"HOST": "127.0.0.1", "PORT": free_port()} if on_postgresql() else {"NAME": "/no/such/folder/db"}
        )
        for name, value in away.items():
            monkeypatch.setitem(connection.settings_dict, name, value)
        yield
        monkeypatch.undo()


class connected_anew:  # noqa: N801
    """Drop the connection before and after a block, so that what the block changes is what the next one meets."""

    def __enter__(self):
        connection.close()

    def __exit__(self, *_):
        connection.close()


def on_postgresql() -> bool:
    """Tell which engine this run is on."""
    return connection.vendor == "postgresql"


def the_page_says_what_to_do(response) -> None:
    """Assert that a nurse knows what happened and what to do now."""
    assert response.status_code == 503
    assert response.headers["Retry-After"] == "30"
    assert "no-store" in response.headers["Cache-Control"]
    text = response.content.decode()
    assert "Nothing was saved." in text
    assert "paper sheet" in text
    assert response.headers["X-Request-Reference"] in text


@pytest.mark.parametrize("method", ["get", "post"])
def test_a_database_that_is_gone_answers_503_on_every_page(browser, database_is_gone, method):
    the_page_says_what_to_do(getattr(browser, method)(SIGN_IN))


def test_nobody_signs_in_while_the_database_is_gone_but_learns_why(database_is_gone):
    browser = Client(raise_request_exception=False)
    the_page_says_what_to_do(browser.post(SIGN_IN, {"login": "nurse", "password": PASSWORD}))


def test_the_page_for_a_dead_database_needs_no_template(browser, database_is_gone, settings):
    settings.TEMPLATES = []
    the_page_says_what_to_do(browser.get(SIGN_IN))


def test_a_read_only_database_answers_503(transactional_db):
    User.objects.create_user("nurse", password=PASSWORD)
    make_read_only = (
        "SET SESSION CHARACTERISTICS AS TRANSACTION READ ONLY"
        if on_postgresql()
        else "PRAGMA query_only = ON"
    )
    with connected_anew():
        with connection.cursor() as cursor:
            cursor.execute(make_read_only)
        browser = Client(raise_request_exception=False)
        the_page_says_what_to_do(browser.post(SIGN_IN, {"login": "nurse", "password": PASSWORD}))


def test_a_database_locked_by_somebody_else_answers_503(transactional_db, monkeypatch):
    User.objects.create_user("nurse", password=PASSWORD)
    browser = Client(raise_request_exception=False)
    with closing(connection.copy()) as somebody_else, connected_anew(), somebody_else.cursor() as cursor:
        if on_postgresql():
            cursor.execute("BEGIN; LOCK TABLE patients_user IN ACCESS EXCLUSIVE MODE")
            with connection.cursor() as ours:
                ours.execute("SET lock_timeout = '200ms'")
        else:
            cursor.execute("BEGIN IMMEDIATE")
            monkeypatch.setitem(connection.settings_dict["OPTIONS"], "timeout", 0.2)
        the_page_says_what_to_do(browser.post(SIGN_IN, {"login": "nurse", "password": PASSWORD}))
        monkeypatch.undo()


@pytest.mark.urls(__name__)
@pytest.mark.parametrize("page", ["/breaks", "/breaks-a-constraint", "/asks-for-no-such-column"])
def test_any_other_error_answers_500_without_details(transactional_db, page):
    response = Client(raise_request_exception=False).get(page)
    assert response.status_code == 500
    assert "Retry-After" not in response.headers
    text = response.content.decode()
    assert response.headers["X-Request-Reference"] in text
    for detail in ("Agnes", "record_number", "no_such_column", "Traceback", "ValueError"):
        assert detail not in text
