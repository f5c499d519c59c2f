"""The door for gunicorn."""

import os

from django.core.wsgi import get_wsgi_application

from config.start import refuse_without_a_key, refuse_without_guards

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
os.environ.setdefault("STATEMENT_TIMEOUT", "15s")

application = get_wsgi_application()
refuse_without_a_key()
refuse_without_guards()
