"""Registers config with Django, so that its commands are found. It has no models."""

from django.apps import AppConfig


class ConfigConfig(AppConfig):
    """The composition root."""

    name = "config"
