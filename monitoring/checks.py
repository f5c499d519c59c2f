"""System checks of letters: their sender's address must give nothing away."""

from django.conf import settings
from django.core.checks import Error, register

from monitoring.messages.neutral import is_neutral


@register
def sender_gives_nothing_away(app_configs, **kwargs) -> list[Error]:
    """Refuse a sender's address that tells what patients are treated for: every letter would be held back."""
    if is_neutral(settings.DEFAULT_FROM_EMAIL):
        return []
    return [
        Error(
            f"Letters would come from {settings.DEFAULT_FROM_EMAIL}, which tells what the treatment is.",
            hint="Set FROM_EMAIL to an address without such a word, for example appointments@northgate.example.",
            id="monitoring.E001",
        )
    ]
