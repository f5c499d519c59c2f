"""The pages for when things break: no template, no session and no database stand behind them.

A middleware that catches a dead database is too late, for Django has turned the error into an answer before;
`handler500` is asked while the error is still at hand, and looks for its cause.
"""

import logging
import sys
from collections.abc import Iterator
from html import escape

from django.conf import settings
from django.db import DatabaseError, InterfaceError, OperationalError, ProgrammingError
from django.http import HttpRequest, HttpResponse

logger = logging.getLogger(__name__)

RETRY_AFTER = 30  # seconds

PAGE = """<!doctype html>
<html lang="en-GB">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title} · B12 Clinic</title>
<link rel="stylesheet" href="{static}vendor/bootstrap-5.3.9/bootstrap.min.css">
<link rel="stylesheet" href="{static}css/clinic.css">
</head>
<body>
<main class="container py-5">
<h1>{title}</h1>
{body}
<p class="text-body-secondary">Reference {reference}</p>
</main>
</body>
</html>
"""

DATABASE_AWAY = """<p><strong>Nothing was saved.</strong></p>
<p>The records cannot be reached at the moment. Write what you have just done on the paper sheet now:
patient, date and time, dose, batch and expiry, site, your name.</p>
<p>Try again in half a minute. When the patient’s page opens, look there first whether the entry stands,
and enter it from the sheet if it does not.</p>"""

SOMETHING_BROKE = """<p>The mistake is ours and has been noted. Go back and look whether your last entry
was saved before you make it again.</p>
<p>If it happens again, tell whoever looks after this system the reference below.</p>"""


def server_error(request: HttpRequest) -> HttpResponse:
    """Answer a request that raised: 503 when the database is away, locked, read-only or full, else 500."""
    if any(_database_is_away(error) for error in _causes(sys.exc_info()[1])):
        response = _page(request, 503, "The records are out of reach", DATABASE_AWAY)
        response.headers["Retry-After"] = str(RETRY_AFTER)
        return response
    return _page(request, 500, "Something went wrong", SOMETHING_BROKE)


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    """Yield an exception, what caused it, what caused that, and so on."""
    seen = set()
    while error is not None and id(error) not in seen:
        seen.add(id(error))
        yield error
        error = error.__cause__ or (None if error.__suppress_context__ else error.__context__)


def _database_is_away(error: BaseException) -> bool:
    """Tell whether the database could not do its work, as against having been asked something wrong."""
    if not isinstance(error, (DatabaseError, InterfaceError)):
        return False
    engine_error = error.__cause__
    if getattr(engine_error, "sqlite_errorname", "") == "SQLITE_ERROR":  # asked something wrong ...
        return "no such table" in str(engine_error)  # ... or the file was taken away and made anew, empty
    if isinstance(error, ProgrammingError):
        return getattr(engine_error, "sqlstate", "") in TABLE_OR_DATABASE_GONE
    # Read-only is an InternalError on PostgreSQL, a damaged file a plain DatabaseError on SQLite.
    return (
        isinstance(error, (OperationalError, InterfaceError))
        or getattr(engine_error, "sqlstate", "") == READ_ONLY
        or (type(error) is DatabaseError and engine_error is not None)
    )


TABLE_OR_DATABASE_GONE = {"42P01", "3D000"}
READ_ONLY = "25006"


def _page(request: HttpRequest, status: int, title: str, body: str) -> HttpResponse:
    """Write the page by hand; the reference finds its lines in the log."""
    reference = getattr(request, "reference", "unknown")
    text = PAGE.format(
        title=escape(title), body=body, static=escape(settings.STATIC_URL), reference=escape(reference)
    )
    return HttpResponse(text, status=status)
