"""How log lines are written: one line each, with the request's reference, and nothing about a patient.

What an exception says may quote a name or a date of birth (a database error prints the row it refused), and
so may the query of an address. A line gives the kind of an error and where it arose, never its words.
"""

import json
import logging
import re
import traceback
from contextvars import ContextVar
from datetime import UTC, datetime

# The request at hand, as staff can read it out to whoever looks after the server.
reference: ContextVar[str] = ContextVar("reference", default="-")

QUERY = re.compile(r"\?[^\s'\"]*")


class OneLine(logging.Formatter):
    """For people: a demo's terminal."""

    def format(self, record: logging.LogRecord) -> str:
        """Give the line."""
        line = f"{record.levelname.lower()} {record.name} [{reference.get()}] {discreet_message(record)}"
        if record.exc_info and record.exc_info[1]:
            line += f" | {' < '.join(where(record.exc_info[1]))}"
        return line.replace("\r", "\\r").replace("\n", "\\n")


class JsonLine(logging.Formatter):
    """For machines: production."""

    def format(self, record: logging.LogRecord) -> str:
        """Give the line."""
        line = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "reference": reference.get(),
            "event": discreet_message(record),
        }
        if record.exc_info and record.exc_info[1]:
            line["error"] = where(record.exc_info[1])
        return json.dumps(line)


def discreet_message(record: logging.LogRecord) -> str:
    """Give a record's message without the queries of addresses and without the words of its exception."""
    message = record.getMessage()
    if record.exc_info and record.exc_info[1]:
        for words in filter(None, (repr(record.exc_info[1]), str(record.exc_info[1]))):
            message = message.replace(words, type(record.exc_info[1]).__name__)
    return QUERY.sub("?...", message)


def where(error: BaseException) -> list[str]:
    """Give an exception and its causes as kinds and places, the newest first; no words, no values."""
    places = []
    seen = set()
    while error is not None and id(error) not in seen:
        seen.add(id(error))
        places.append(f"{type(error).__module__}.{type(error).__qualname__}")
        frames = reversed(traceback.extract_tb(error.__traceback__))
        places += [f"{frame.filename}:{frame.lineno} {frame.name}" for frame in frames]
        error = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    return places


def configuration(*, formatter: type[logging.Formatter], level: str) -> dict:
    """Give Django's LOGGING: everything to standard error through one formatter."""
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"line": {"()": formatter}},
        "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
        "root": {"handlers": ["console"], "level": level},
        # Django's own handlers would write the same lines again, with the words of the error.
        "loggers": {"django": {"handlers": [], "level": level, "propagate": True}},
    }
