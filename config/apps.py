"""Registers config with Django, so that its commands and checks are found. It has no models."""

from django.apps import AppConfig
from django.utils.module_loading import autodiscover_modules


class ConfigConfig(AppConfig):
    """The composition root."""

    name = "config"

    def ready(self) -> None:
        """Put our own checks beside Django's, now that there are models to ask."""
        autodiscover_modules("checks")
