"""The nightly proof that every course's stored dates are what its rows give, and that nobody is without a next date."""

import logging

from monitoring.models import Heartbeat
from regimens.services import outlook

log = logging.getLogger(__name__)


def compare_outlooks() -> int:
    """Recount every course, leave a heartbeat that says what was found, and give the number of differences."""
    found = 0
    for sentence in outlook.differences():
        found += 1
        log.error("outlook: %s", sentence)
    trouble = f"{found} dates differ from what the records give. Run check_outlooks." if found else ""
    Heartbeat.objects.beat(Heartbeat.Name.OUTLOOKS, trouble)
    return found
