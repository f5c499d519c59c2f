"""Registers regimens with Django."""

from django.apps import AppConfig


class RegimensConfig(AppConfig):
    """See the package's docstring."""

    name = "regimens"
