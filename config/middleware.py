"""What every request gets: a reference to read out, a line in the log, and an answer no cache keeps."""

import logging
import secrets
from time import monotonic

from django.utils import timezone

from config import logs
from patients.gate import clinic_at_hand

logger = logging.getLogger(__name__)


class RequestReference:
    """Name each request, and log which page answered it and how; its address is left out, as it names patients."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        request.reference = secrets.token_hex(4)
        token = logs.reference.set(request.reference)
        began = monotonic()
        try:
            response = self.get_response(request)
            page = request.resolver_match.view_name if request.resolver_match else "-"
            took = (monotonic() - began) * 1000
            logger.info("%s %s %d in %.0f ms", request.method, page, response.status_code, took)
        finally:
            logs.reference.reset(token)
        response.headers["X-Request-Reference"] = request.reference
        return response


class PrivatePages:
    """Keep every page out of the caches of browsers and proxies, and powerful browser features away from it.

    It asks nothing of the session or the user: that would be a query, also when the database is what failed.
    """

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        response = self.get_response(request)
        response.headers["Cache-Control"] = "no-store, private"
        response.headers["Permissions-Policy"] = "camera=(), geolocation=(), microphone=(), usb=()"
        return response


class ClinicAtHand:
    """Give each page of a signed-in person the clinic they work in now, and its time zone."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        request.clinic = None
        with timezone.override(None):
            return self.get_response(request)

    def process_view(self, request, view, *_rest):
        """Ask for the clinic only where a login is asked for: /healthz must not need the database."""
        if getattr(view, "login_required", True):
            request.clinic = clinic_at_hand(request)
            if request.clinic:
                timezone.activate(request.clinic.zone)
