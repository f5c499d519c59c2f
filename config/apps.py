"""Registers config with Django, so that its commands and checks are found. It has no models."""

from django.apps import AppConfig
from django.core.checks import Tags, register

from config import checks


class ConfigConfig(AppConfig):
    """The composition root."""

    name = "config"

    def ready(self) -> None:
        """Put our own checks beside Django's."""
        register(checks.demo_stays_at_home, Tags.security)
        register(checks.sqlite_keeps_its_word, Tags.database)
