"""What every page needs beside its own: demo mode, the clinic at hand, and where this person may go."""

from django.conf import settings
from django.utils import timezone

from config.demo.accounts import DEMO_ACCOUNTS
from patients import links
from patients.models import Clinic

# Label, name of the address, permission in the clinic at hand.
PLACES = (
    ("Today", "today", "monitoring.see_worklist"),
    ("Decisions", "decisions", "monitoring.see_decisions"),
    ("Register a patient", "register_patient", "patients.register_patient"),
    ("Dashboard", "dashboard", "monitoring.see_dashboard"),
    ("Messages", "messages", "monitoring.see_messages"),
    ("Protocol", "protocol", "monitoring.see_protocol"),
)


def every_page(request) -> dict:
    """Give templates the demo flag and, to a signed-in person, their clinics and their places."""
    context = {"demo_mode": settings.DEMO}
    if settings.DEMO:
        context["demo_accounts"] = DEMO_ACCOUNTS
    clinic = getattr(request, "clinic", None)
    if clinic is None:
        return context
    return context | {
        "clinic": clinic,
        "clinics": Clinic.objects.visible_to(request.user),
        "today": clinic.day_of(timezone.now()),
        "nav": _places(request, clinic),
    }


def _places(request, clinic) -> list[tuple[str, str, bool]]:
    """Give label, address and “is this page” of every place this person may go."""
    here = request.resolver_match.url_name if request.resolver_match else None
    return [
        (label, address, name == here)
        for label, name, permission in PLACES
        if request.user.has_perm(permission, clinic) and (address := links.to(name))
    ]
