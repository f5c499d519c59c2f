"""What every page needs beside its own: demo mode, the clinic at hand, where this person may go, and what is wrong."""

import logging
from datetime import date, datetime

from django.conf import settings
from django.db import Error
from django.utils import timezone
from django.utils.translation import gettext as _

from config.demo.accounts import DEMO_ACCOUNTS
from monitoring.decisions import same_day
from monitoring.messages.health import health
from patients import links
from patients.models import Clinic

logger = logging.getLogger(__name__)

# Label, name of the address, permission in the clinic at hand.
PLACES = (
    ("Today", "today", "monitoring.see_worklist"),
    ("Appointments", "appointments", "regimens.book_appointment"),
    ("To call", "calls", "monitoring.phone_patients"),
    ("Decisions", "decisions", "monitoring.see_decisions"),
    ("Blood tests", "blood_tests", "patients.see_clinical"),
    ("Register a patient", "register_patient", "patients.register_patient"),
    ("Stock", "stock", "regimens.keep_stock"),
    ("Dashboard", "dashboard", "monitoring.see_dashboard"),
    ("Messages", "messages", "monitoring.see_messages"),
    ("Protocol", "protocol", "monitoring.see_protocol"),
    ("Clinic", "clinic_settings", "patients.manage_clinic"),
    ("Audit trail", "audit", "patients.see_audit"),
)


def every_page(request) -> dict:
    """Give templates the demo flag and, to a signed-in person, their clinics, their places and the system's trouble.

    A physician also sees everywhere how many decisions are for today.
    """
    context = {"demo_mode": settings.DEMO}
    if settings.DEMO:
        context["demo_accounts"] = DEMO_ACCOUNTS
    clinic = getattr(request, "clinic", None)
    if clinic is None:
        return context
    now = timezone.now()
    return context | {
        "clinic": clinic,
        "clinics": Clinic.objects.visible_to(request.user),
        "today": clinic.day_of(now),
        "nav": _places(request, clinic),
        "for_today": _for_today(request, clinic, clinic.day_of(now)),
        "system_trouble": _trouble(now),
    }


def _trouble(now: datetime) -> list[str]:
    """Say what keeps letters from leaving; three small queries. A page never fails because this could not be asked."""
    try:
        return health(now).sentences
    except Error as error:
        logger.error("the health of the letters could not be asked: %s", type(error).__name__)
        return [_("Whether letters to patients leave could not be asked just now.")]


def _for_today(request, clinic, today: date) -> int | None:
    """Count what a physician of this clinic decides today; one query. None for others, and where it could not be asked."""
    if not request.user.has_perm("regimens.decide", clinic):
        return None
    try:
        return same_day.count(clinic, today)
    except Error as error:
        logger.error("what is to be decided today could not be counted: %s", type(error).__name__)
        return None


def _places(request, clinic) -> list[tuple[str, str, bool]]:
    """Give label, address and “is this page” of every place this person may go."""
    here = request.resolver_match.url_name if request.resolver_match else None
    return [
        (label, address, name == here)
        for label, name, permission in PLACES
        if request.user.has_perm(permission, clinic) and (address := links.to(name))
    ]
