"""Do the letters leave? Answers for the header of every page, for /readyz, and for the dashboard."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from monitoring.messages.hours import clinics_writing
from monitoring.models import Heartbeat, Message

SILENT_AFTER = timedelta(minutes=10)
UNSENT_AFTER = timedelta(hours=2)


@dataclass(frozen=True)
class Health:
    """Ages of the heartbeats (none: never heard), how many letters wait too long, and the last troubles met."""

    queue_age: timedelta | None
    deliver_age: timedelta | None
    unsent: int
    trouble: str = ""
    dates_trouble: str = ""

    @property
    def ok(self) -> bool:
        """Nothing needs a person."""
        return not self.sentences

    @property
    def sentences(self) -> list[str]:
        """Say what is wrong, in words for every member of staff."""
        said = []
        if _is_silent(self.queue_age) or _is_silent(self.deliver_age):
            said.append(_("Letters to patients have not been prepared or sent for more than ten minutes."))
        if self.unsent:
            said.append(
                ngettext(
                    "%(count)d letter to a patient has waited for more than two hours.",
                    "%(count)d letters to patients have waited for more than two hours.",
                    self.unsent,
                )
                % {"count": self.unsent}
            )
        if self.dates_trouble:
            said.append(
                _(
                    "The nightly check found dates that are not what the records give. Tell whoever runs the system."
                )
            )
        return said


def health(now: datetime) -> Health:
    """Ask the heartbeats and the queue. A heartbeat from the future is as bad as an old one: a clock is wrong."""
    beats = {beat.name: beat for beat in Heartbeat.objects.all()}
    age = {name: abs(now - beat.at) for name, beat in beats.items()}
    # Letters rest at night: a clinic counts once it has been writing for as long.
    writing = clinics_writing(now, since=UNSENT_AFTER)
    unsent = Message.objects.unsent_since(now - UNSENT_AFTER).filter(clinic__in=writing)
    trouble = {name: beat.trouble for name, beat in beats.items()}
    return Health(
        queue_age=age.get(Heartbeat.Name.QUEUE),
        deliver_age=age.get(Heartbeat.Name.DELIVER),
        unsent=unsent.count(),
        trouble=trouble.get(Heartbeat.Name.DELIVER, ""),
        dates_trouble=trouble.get(Heartbeat.Name.OUTLOOKS, ""),
    )


def _is_silent(age: timedelta | None) -> bool:
    return age is None or age > SILENT_AFTER
