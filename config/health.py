"""For whoever watches the server: /healthz, is the process alive; /readyz, can a day's work be done."""

from collections.abc import Callable
from time import monotonic

from django.contrib.auth.decorators import login_not_required
from django.db import Error, connection
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, JsonResponse
from django.utils import timezone
from django.views.decorators.http import require_safe

from monitoring.messages.health import SILENT_AFTER, health
from patients import guards

STARTED_AT = monotonic()


@login_not_required
@require_safe
def healthz(request: HttpRequest) -> JsonResponse:
    """Answer as long as the process can; it asks nobody, least of all the database."""
    return JsonResponse({"alive": True})


@login_not_required
@require_safe
def readyz(request: HttpRequest) -> JsonResponse:
    """Answer 200 when each thing asked is well, else 503; words without details, for anybody may ask."""
    found = {name: _ask(question) for name, question in QUESTIONS.items()}
    ready = all(answer == "ok" for answer in found.values())
    return JsonResponse({"ready": ready, **found}, status=200 if ready else 503)


def database_answers() -> bool:
    """Tell whether the database takes a question."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
        return cursor.fetchone() == (1,)


def migrations_are_applied() -> bool:
    """Tell whether the tables are those the code was written for."""
    executor = MigrationExecutor(connection)
    return not executor.migration_plan(executor.loader.graph.leaf_nodes())


def letters_leave() -> bool:
    """Tell whether worker and clock were heard lately; a program that has just started gets the time to."""
    found = health(timezone.now())
    lately = [age is not None and age <= SILENT_AFTER for age in (found.queue_age, found.deliver_age)]
    return all(lately) or monotonic() - STARTED_AT < SILENT_AFTER.total_seconds()


def records_are_guarded() -> bool:
    """Tell whether every append-only table has its triggers."""
    return not guards.missing()


QUESTIONS: dict[str, Callable[[], bool]] = {
    "database": database_answers,
    "migrations": migrations_are_applied,
    "guards": records_are_guarded,
    "letters": letters_leave,
}


def _ask(question: Callable[[], bool]) -> str:
    try:
        return "ok" if question() else "failed"
    except Error:
        return "failed"
