"""A log line says what happened and where, and nothing about a patient."""

import json
import logging
import sys

import pytest
from django.test import Client
from django.urls import path

from config import logs
from config.urls import urlpatterns as pages_of_the_product

MISTAKE = "Agnes Miller, born 1 February 1950"


def breaks(request, name):
    """A page with a mistake of ours in it, that quotes a patient."""
    try:
        raise ValueError(MISTAKE)
    except ValueError as error:
        raise RuntimeError(f"wrapped {MISTAKE}") from error


breaks.login_required = False
urlpatterns = [*pages_of_the_product, path("breaks/<str:name>", breaks)]
handler500 = "config.errors.server_error"


def record(message: str, *args, error: BaseException | None = None) -> logging.LogRecord:
    """Give a log record as Python's logging would."""
    exc_info = (type(error), error, error.__traceback__) if error else None
    return logging.LogRecord("some.logger", logging.ERROR, __file__, 1, message, args, exc_info)


def raised() -> BaseException:
    """Give an exception that has been raised."""
    try:
        raise ValueError(MISTAKE)
    except ValueError:
        return sys.exc_info()[1]


FORMATTERS = [logs.OneLine(), logs.JsonLine()]


@pytest.mark.parametrize("formatter", FORMATTERS)
def test_the_words_of_an_error_are_left_out_and_its_kind_and_place_are_not(formatter):
    line = formatter.format(record("Task failed: %s", repr(raised()), error=raised()))
    assert "Agnes" not in line
    assert "builtins.ValueError" in line
    assert "test_logs.py" in line


@pytest.mark.parametrize("formatter", FORMATTERS)
def test_the_query_of_an_address_is_left_out(formatter):
    line = formatter.format(record("Error handling request %s", "/patients/?name=Miller&born=1950-02-01"))
    assert "Miller" not in line
    assert "/patients/" in line


@pytest.mark.parametrize("formatter", FORMATTERS)
def test_one_event_is_one_line_whatever_is_in_it(formatter):
    assert "\n" not in formatter.format(record("signed in\r\nERROR root forged line", error=raised()))


def test_a_line_for_machines_can_be_read_by_them():
    line = json.loads(logs.JsonLine().format(record("sent %d", 3)))
    assert {
        "level": "error",
        "logger": "some.logger",
        "event": "sent 3",
        "reference": "-",
    }.items() <= line.items()


@pytest.mark.urls(__name__)
def test_a_page_that_breaks_leaves_a_line_with_its_reference_and_no_patient(caplog):
    caplog.set_level(logging.INFO)
    lines = []
    caplog.handler.setFormatter(logs.JsonLine())
    caplog.handler.emit = lambda record: lines.append(logs.JsonLine().format(record))
    answer = Client(raise_request_exception=False).get("/breaks/reference?name=Miller")
    assert answer.status_code == 500
    assert lines
    for line in lines:
        assert json.loads(line)["reference"] == answer.headers["X-Request-Reference"]
        assert "Agnes" not in line
        assert "Miller" not in line
    assert any("builtins.RuntimeError" in line and "builtins.ValueError" in line for line in lines)
