"""What every page needs beside its own: demo mode, the clinic at hand."""

from django.conf import settings


def every_page(request) -> dict:
    """Give templates the demo banner flag."""
    return {"demo_mode": settings.DEMO}
