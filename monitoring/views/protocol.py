"""The protocol page: what the program goes by, for clinicians to read and to sign, and who follows which entry."""

import logging

from django.db import DatabaseError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone

from monitoring.cohort import followers
from monitoring.cohort.scope import Scope
from monitoring.protocol_page import protocol_page
from patients.gate import clinic_page

logger = logging.getLogger(__name__)


@clinic_page("monitoring.see_protocol")
def protocol(request: HttpRequest) -> HttpResponse:
    """Show regimens, numbers, codes, rules, disagreements and references, each with an anchor of its own."""
    now = timezone.now()
    counts = request.user.has_perm("monitoring.see_dashboard", request.clinic)
    context = {
        "page": protocol_page(),
        "now": now,
        "counts": counts,
        "following": _following(request, now) if counts else None,
        "see_names": request.user.has_perm("patients.see_clinical", request.clinic),
    }
    return render(request, "monitoring/protocol.html", context)


def _following(request: HttpRequest, now) -> followers.Following | None:
    """Count who follows what; None where the database could not be asked, which must not hide the protocol."""
    try:
        return followers.count(Scope((request.clinic,), now, request.clinic.day_of(now)))
    except DatabaseError as error:
        logger.error("protocol: followers could not be counted: %s", type(error).__name__)
        return None
