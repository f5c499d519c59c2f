"""What web and worker ask before their first piece of work: is there a key, does the database guard the records?"""

import logging

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.db import InterfaceError, OperationalError, connections

from patients import guards

logger = logging.getLogger(__name__)


def refuse_without_a_key() -> None:
    """Raise ImproperlyConfigured when a clinic's pages would be served with a key that nobody chose."""
    if not (settings.SECRET_KEY_CHOSEN or settings.DEMO or settings.DEBUG):
        raise ImproperlyConfigured("SECRET_KEY is not set. See .env.example.")


def refuse_without_guards() -> None:
    """Raise ImproperlyConfigured when a table that is append-only by promise lacks its triggers.

    A database that cannot be asked is no reason to stay down: the pages then say so, with what to do instead.
    Every connection is closed again, for the process is about to fork.
    """
    try:
        lost = guards.missing()
    except (OperationalError, InterfaceError):
        logger.error("The database cannot be reached; starting all the same, to say so on every page.")
        return
    finally:
        connections.close_all()
    if lost:
        raise ImproperlyConfigured(
            f"The database does not guard the records: {', '.join(lost)} missing. Run manage.py migrate."
        )
