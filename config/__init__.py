"""The composition root: settings, addresses, the Celery app, roles, and the commands that need every app."""

from config.celery import app as celery_app

__all__ = ["celery_app"]
