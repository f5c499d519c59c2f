"""Requests that nobody has answered."""

from collections.abc import Callable
from datetime import date

from django.db.models import QuerySet

from monitoring.decisions.kind import About, Act
from patients.models import Clinic
from patients.paging import moment
from regimens import to_decide
from regimens.models import Request
from regimens.to_decide import Named

REQUEST = {
    "since": "raised_at",
    "columns": ("kind", "codes", "text", "injection_id"),
    "reads": moment,
}
LATER = {"about": About("request"), "later_word": "request"}


def asked(same_day: bool, *kinds: str) -> Callable[[Clinic, date], QuerySet]:
    """Give the unanswered requests of some kinds."""

    def rows(clinic: Clinic, _today: date) -> QuerySet:
        return Request.objects.unanswered().filter(clinic=clinic, same_day=same_day, kind__in=kinds)

    return rows


def named(values: dict, _today: date) -> Named:
    """Name a request."""
    return to_decide.request(values["kind"], values["text"], values["codes"])


def act(values: dict) -> Act:
    """Give the page that settles a request."""
    if values["kind"] == Request.Kind.INCIDENT and values["injection_id"]:
        return Act("decide_incident", "Decide", (values["injection_id"],))
    if values["kind"] == Request.Kind.MERGE:
        return Act("decide_merge", "Compare", (values["pk"],))
    return Act("settle_request", "Decide", (values["pk"],))
