"""Who works where, and as what."""

from django.contrib.auth.models import AbstractUser
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from patients.models.clinic import Clinic


class User(AbstractUser):
    """A person who signs in. What they may do comes from their memberships, never from flags here."""

    def shown_name(self) -> str:
        """Give the name that stands beside what this person did."""
        return self.get_full_name() or self.username


class Role(models.TextChoices):
    """The five roles; config.roles says what each may do."""

    RECEPTION = "reception", _("Reception")
    NURSE = "nurse", _("Nurse")
    PHYSICIAN = "physician", _("Physician")
    MANAGER = "manager", _("Manager")
    AUDITOR = "auditor", _("Auditor")


class Membership(models.Model):
    """One person's role in one clinic, for as long as it lasts."""

    user = models.ForeignKey(User, models.PROTECT, related_name="memberships")
    clinic = models.ForeignKey(Clinic, models.PROTECT, related_name="memberships")
    role = models.CharField(max_length=12, choices=Role)
    registration_number = models.CharField(
        max_length=40, blank=True, help_text=_("With the professional register.")
    )
    ended_on = models.DateField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["user", "clinic"], condition=Q(ended_on=None), name="one_role_per_person_and_clinic"
            ),
            models.CheckConstraint(condition=Q(role__in=Role.values), name="a_membership_has_a_known_role"),
        ]
