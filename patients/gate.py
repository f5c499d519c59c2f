"""The gate of every page: a permission in the clinic at hand, or in the clinic of the patient asked for.

Another clinic's patient is not there at all (404); a role that may not is told so (403).
"""

from collections.abc import Callable
from functools import wraps

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse

from patients import audit
from patients.models import Clinic, Patient

SESSION_KEY = "clinic"


def clinic_at_hand(request: HttpRequest) -> Clinic | None:
    """Give the clinic this person works in now: the one chosen, else the first; None without any."""
    if not request.user.is_authenticated:
        return None
    clinics = list(Clinic.objects.visible_to(request.user))
    chosen = request.session.get(SESSION_KEY)
    return next((clinic for clinic in clinics if clinic.pk == chosen), clinics[0] if clinics else None)


def clinic_page(permission: str) -> Callable:
    """Open a page about the clinic at hand (request.clinic) to those who hold the permission there."""

    def gate(view: Callable) -> Callable:
        @wraps(view)
        def guarded(request: HttpRequest, *args, **kwargs):
            if request.clinic is None or not request.user.has_perm(permission, request.clinic):
                raise PermissionDenied
            return view(request, *args, **kwargs)

        guarded.permission = permission
        return guarded

    return gate


def patient_page(permission: str) -> Callable:
    """Open a page about one patient, handing the view the patient in the place of `pk`; every look is audited.

    The page of a record that was merged leads to that of the record that stays; only pages about one of its rows
    (with a key of their own in the address) still open.
    """

    def gate(view: Callable) -> Callable:
        @wraps(view)
        def guarded(request: HttpRequest, pk: int, *args, **kwargs):
            visible = Patient.objects.visible_to(request.user).select_related("clinic")
            patient = get_object_or_404(visible, pk=pk)
            if not request.user.has_perm(permission, patient):
                raise PermissionDenied
            if patient.merged_into_id and not args and not kwargs and request.method in ("GET", "HEAD"):
                return _to_the_one_that_stays(request, patient)
            if request.method == "GET":
                audit.opened(request.user, patient, page=view.__name__)
            return view(request, patient, *args, **kwargs)

        guarded.permission = permission
        return guarded

    return gate


def _to_the_one_that_stays(request: HttpRequest, patient: Patient):
    """Lead on to the same page of the record this one was merged into; the address names nobody."""
    messages.info(
        request, f"Record {patient.record_number} was merged into this one. What it held is read with it."
    )
    address = reverse(request.resolver_match.view_name, args=[patient.merged_into_id])
    asked = request.META.get("QUERY_STRING", "")
    return redirect(f"{address}?{asked}" if asked else address)
