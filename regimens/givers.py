"""The people of a clinic who give injections: its nurses and physicians who work there now."""

from django.db.models import QuerySet

from patients.models import Role, User


def givers(clinic_id: int) -> QuerySet:
    """Give the nurses and physicians who work in a clinic now, by name."""
    return User.objects.filter(
        is_active=True,
        memberships__clinic=clinic_id,
        memberships__ended_on=None,
        memberships__role__in=[Role.NURSE, Role.PHYSICIAN],
    ).order_by("first_name", "last_name", "username")


def gives_here(person: User, clinic_id: int) -> bool:
    """Tell whether somebody gives injections in a clinic now; one query."""
    return givers(clinic_id).filter(pk=person.pk).exists()
