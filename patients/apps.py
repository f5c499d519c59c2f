"""Registers patients with Django and puts the guards in place after every migrate."""

from django.apps import AppConfig
from django.db.models.signals import post_migrate, pre_migrate

from patients import guards


def _lift_guards(sender, using, **_rest) -> None:
    guards.lift(using)


def _put_guards_in_place(sender, using, **_rest) -> None:
    guards.put_in_place(using)


class PatientsConfig(AppConfig):
    """What is known. The two signals below are the only ones in the product."""

    name = "patients"

    def ready(self) -> None:
        """Lift the guards before a migration and restore them after it."""
        pre_migrate.connect(_lift_guards, sender=self, dispatch_uid="lift guards")
        post_migrate.connect(_put_guards_in_place, dispatch_uid="put guards in place")
