"""Plans that wait for a signature."""

from datetime import date

from django.db.models import Exists, OuterRef, QuerySet, TextField
from django.db.models.functions import Cast

from monitoring.decisions.kind import About, Act
from patients.models import Clinic
from patients.paging import moment
from regimens import to_decide
from regimens.models import Injection, Plan
from regimens.to_decide import Named

PLAN = {
    "since": "proposed_at",
    "columns": ("recommendation__status", "recommendation__findings"),
    "patient": "course__patient",
    "reads": moment,
}
LATER = {"about": About("plan"), "later_word": "plan"}
FOR_TODAY = '"same_day": true'


def _proposals(clinic: Clinic) -> QuerySet:
    """Give the unsigned plans of open courses; whether a finding is for today stands in the recommendation kept."""
    return (
        Plan.objects.proposed()
        .filter(course__clinic=clinic, course__ended_on=None)
        .annotate(said=Cast("recommendation", TextField()))
    )


def _imported() -> Exists:
    return Exists(
        Injection.objects.standing().filter(course=OuterRef("course"), source=Injection.Source.IMPORTED)
    )


def today(clinic: Clinic, _today: date) -> QuerySet:
    """Give those with a finding that is for today."""
    return _proposals(clinic).filter(said__contains=FOR_TODAY)


def others(clinic: Clinic, _today: date) -> QuerySet:
    """Give the others that were proposed here."""
    return _proposals(clinic).exclude(said__contains=FOR_TODAY).exclude(_imported())


def imports(clinic: Clinic, _today: date) -> QuerySet:
    """Give those that came with an import."""
    return _proposals(clinic).exclude(said__contains=FOR_TODAY).filter(_imported())


def named(values: dict, _today: date) -> Named:
    """Name a plan to sign."""
    return to_decide.plan(values["recommendation__status"], values["recommendation__findings"])


def act(_values: dict) -> Act:
    """Give the page of the signature."""
    return Act("sign_plan", "Look and sign")
