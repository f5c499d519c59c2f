"""The pages that say what a decision would change: the acts are those of regimens, the letters are foreseen here."""

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_http_methods

from monitoring.messages.foreseen import foresee
from patients.gate import patient_page
from patients.models import Patient
from regimens.views import intervals, signing

READ_OR_ACT = require_http_methods(["GET", "HEAD", "POST"])


@patient_page("regimens.sign_plan")
@READ_OR_ACT
def sign_plan(request: HttpRequest, patient: Patient) -> HttpResponse:
    """Sign a proposal, or see what stands against it."""
    return signing.sign_plan(request, patient, foresee)


@patient_page("regimens.propose_plan")
@READ_OR_ACT
def change_interval(request: HttpRequest, patient: Patient) -> HttpResponse:
    """Change the interval; a nurse puts a wish for another one before a physician."""
    return intervals.change_interval(request, patient, foresee)
