"""How a message is taken, kept and given up by a deliverer; the lease is counted on the database's clock.

Never lost: a row leaves these states only for an end with a reason, or back to the queue. An extra copy goes out
only where a worker died, hung beyond its lease, or lost the mail server's answer between the final dot and our note;
then the letter is sent once more, and after that a person decides.
"""

from datetime import datetime, timedelta
from uuid import UUID, uuid4

from django.db import models, transaction
from django.db.models import Exists, F, OuterRef, Q
from django.db.models.functions import Coalesce, Now
from django.utils.translation import gettext_lazy as _

# Longer than the slowest conversation with a mail server: six answers of 30 s each.
LEASE = timedelta(minutes=10)
BATCH = 20


class State(models.TextChoices):
    """Where a message is in its life."""

    QUEUED = "queued", _("Waiting")
    CLAIMED = "claimed", _("Being prepared")
    SENDING = "sending", _("Being sent")
    SENT = "sent", _("Sent")
    SUPPRESSED = "suppressed", _("Not sent")
    FAILED = "failed", _("Failed")
    IN_DOUBT = "in_doubt", _("In doubt")


class Cause(models.TextChoices):
    """Why a message did not go out. The sentence is what staff read."""

    DECEASED = "deceased", _("The patient has died")
    TRANSFERRED = "transferred", _("The patient has been handed over to another clinic")
    MERGED = "merged", _("This record has been merged into another")
    PAUSED = "paused", _("Treatment is paused")
    SWITCHED_OFF = "switched_off", _("The clinic does not send letters of this kind")
    NO_CONSENT = "no_consent", _("The patient has not agreed to be emailed")
    NO_ADDRESS = "no_address", _("No email address is on record")
    UNCONFIRMED = "unconfirmed", _("The patient has not confirmed this address")
    ADDRESS_REFUSED = "address_refused", _("The mail server refused this address")
    ENDED = "ended", _("Treatment has ended")
    UNSIGNED = "unsigned", _("No physician has signed the plan")
    GIVEN = "given", _("The dose was given")
    DONE = "done", _("The check was done")
    CHANGED = "changed", _("The date has changed")
    TOO_LATE = "too_late", _("It could not be sent while it was of use")
    NOT_NEUTRAL = "not_neutral", _("The letter would have said what treatment this is")
    REFUSED_CONTENT = "refused_content", _("The mail server refused the letter")
    GAVE_UP = "gave_up", _("The mail server did not take the letter after many attempts")
    LOST_ANSWER = "lost_answer", _("The mail server's answer was lost twice; ask the patient")


HELD = (State.CLAIMED, State.SENDING)
LIVING = (State.QUEUED, *HELD)
RELEASED = {"lease_token": None, "lease_until": None}


class LeaseQuerySet(models.QuerySet):
    """Steps between the states. Each is one conditional UPDATE: the rows it changed are ours."""

    def ready(self, now: datetime, clinics):
        """Waiting, not put off, and in a clinic that may write to patients at this hour."""
        return self.filter(state=State.QUEUED, ready_at__lte=now, clinic__in=clinics)

    def claim(self, now: datetime, clinics, token: UUID, limit: int = BATCH) -> list[list]:
        """Take the next letters, each a list of messages of one patient, its carrier first; nobody else has them.

        A patient with a letter in somebody's hands waits, so that two workers never write to one person at once.
        """
        with transaction.atomic():
            heads = list(self._heads(now, clinics).select_for_update(skip_locked=True, of=("self",))[:limit])
            fresh = [head.patient_id for head in heads if not head.doubts]
            doubtful = [head.letter for head in heads if head.doubts]
            same_letter = Q(patient__in=fresh, doubts=0) | Q(letter__in=doubtful, doubts__gt=0)
            rows = (
                self.ready(now, clinics)
                .annotate(letter=Coalesce("carrier_id", "pk"))
                .filter(same_letter)
                .order_by("pk")
            )
            letters = _letters(rows.select_for_update(skip_locked=True, of=("self",)))
            for letter in letters:
                self.filter(pk__in=[message.pk for message in letter]).update(
                    state=State.CLAIMED, lease_token=token, lease_until=Now() + LEASE
                )
                self.carry(letter)
        return letters

    def _heads(self, now: datetime, clinics):
        """The first waiting message of each patient of whom nobody holds a letter."""
        of_patient = self.model.objects.filter(patient=OuterRef("patient"))
        return (
            self.ready(now, clinics)
            .filter(
                ~Exists(of_patient.filter(state__in=HELD)),
                ~Exists(of_patient.ready(now, clinics).filter(pk__lt=OuterRef("pk"))),
            )
            .annotate(letter=Coalesce("carrier_id", "pk"))
            .order_by("ready_at", "pk")
        )

    def carry(self, letter: list) -> None:
        """Make the first message of a letter the carrier of the others."""
        carrier, *riders = letter
        if carrier.carrier_id is not None:
            self.filter(pk=carrier.pk).update(carrier=None)
            carrier.carrier = None
        astray = [rider for rider in riders if rider.carrier_id != carrier.pk]
        if astray:
            self.filter(pk__in=[rider.pk for rider in astray]).update(carrier=carrier)
        for rider in astray:
            rider.carrier = carrier

    def fence(self, letter: list, token: UUID) -> bool:
        """Step from claimed to sending, with a new lease. True for exactly one worker, while its lease holds."""
        keys = [message.pk for message in letter]
        mine = self.filter(pk__in=keys, lease_token=token, state=State.CLAIMED, lease_until__gt=Now())
        with transaction.atomic():
            passed = mine.update(state=State.SENDING, attempts=F("attempts") + 1, lease_until=Now() + LEASE)
            if passed != len(keys):
                transaction.set_rollback(True)
        return passed == len(keys)

    def release(self, token: UUID) -> None:
        """Give back what was claimed and not begun; nothing was handed to a mail server."""
        self.filter(lease_token=token, state=State.CLAIMED).update(state=State.QUEUED, **RELEASED)

    def settle(self, letter: list, token: UUID, state: State, **columns) -> None:
        """Write how a letter in our hands ended, or that it waits again."""
        keys = [message.pk for message in letter]
        self.filter(pk__in=keys, lease_token=token, state__in=HELD).update(state=state, **RELEASED, **columns)

    def take_up_abandoned(self, now: datetime) -> None:
        """Free what a dead worker held. Not begun: it waits again. Begun: once more, and then a person decides."""
        # A lease further ahead than any we grant was written before a clock was set back.
        over = self.filter(Q(lease_until__lte=Now()) | Q(lease_until__gt=Now() + 2 * LEASE))
        over.filter(state=State.CLAIMED).update(state=State.QUEUED, **RELEASED)
        begun = over.filter(state=State.SENDING)
        begun.filter(doubts__gt=0).update(
            state=State.IN_DOUBT,
            cause=Cause.LOST_ANSWER,
            reason=Cause.LOST_ANSWER.label,
            ended_at=now,
            **RELEASED,
        )
        begun.filter(doubts=0).update(state=State.QUEUED, doubts=1, ready_at=now, **RELEASED)


def new_token() -> UUID:
    """Give the name under which one run of a deliverer holds its letters."""
    return uuid4()


def _letters(rows) -> list[list]:
    """Put together what goes to one patient; the oldest carries, as it did when the letter went out before."""
    letters: dict[int, list] = {}
    for message in rows:
        letters.setdefault(message.patient_id, []).append(message)
    return list(letters.values())
