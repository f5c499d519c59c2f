"""The letters owed to patients, one row each, and the heartbeats of those who write and send them."""

from django.db import models
from django.db.models import Exists, F, OuterRef, Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from monitoring.leases import HELD, LIVING, Cause, LeaseQuerySet, State
from monitoring.message_rules import MessageRule, Purpose, Subject, rule_for
from patients.models import Clinic, Patient
from regimens.models import Course


class Channel(models.TextChoices):
    """How a message reaches a patient."""

    EMAIL = "email", _("Email")


# Somebody has to pick up the phone: the patient cannot be written to, or nobody knows whether the letter arrived.
UNREACHABLE = (Cause.NO_CONSENT, Cause.NO_ADDRESS, Cause.UNCONFIRMED, Cause.ADDRESS_REFUSED)

NOT_DELIVERED = Q(state__in=(State.FAILED, State.IN_DOUBT)) | Q(
    state=State.SUPPRESSED, cause__in=(*UNREACHABLE, Cause.TOO_LATE)
)


class MessageQuerySet(LeaseQuerySet):
    """Messages, by what a list asks."""

    def visible_to(self, user):
        """Only messages of the clinics where this person works now."""
        return self.filter(clinic__in=Clinic.objects.visible_to(user))

    def waiting(self):
        """Not at an end yet."""
        return self.filter(state__in=LIVING)

    def sent(self):
        """The mail server took it."""
        return self.filter(state=State.SENT)

    def unsent_since(self, moment):
        """Owed since before this moment and not at an end yet."""
        return self.waiting().filter(queued_at__lte=moment)

    def newest(self):
        """No later letter about the same thing went out, waits, or fell silent for a reason that asks for a call."""
        newer = Message.objects.filter(
            course=OuterRef("course"), subject=OuterRef("subject"), due_on=OuterRef("due_on")
        )
        better = newer.filter(pk__gt=OuterRef("pk")).filter(
            Q(state__in=(*LIVING, State.SENT, State.FAILED, State.IN_DOUBT))
            | Q(cause__in=(*UNREACHABLE, Cause.TOO_LATE))
        )
        return self.filter(~Exists(better))

    def undelivered(self):
        """It did not reach the patient, or nobody knows whether it did, and the cause asks for a person."""
        return self.filter(NOT_DELIVERED)

    def needing_a_call(self):
        """The newest letter of its kind did not reach the patient, and what it was about still stands.

        A letter that only became too late is no reason while another about the same thing is on its way or has gone.
        """
        found = self.undelivered().newest().filter(_still_stands(), patient__merged_into=None)
        return found.exclude(patient__status=Patient.Status.DECEASED)


def _still_stands() -> Q:
    """The dose or check that the message is about is still the next one, or the oldest that was missed."""
    dose = Q(subject=Subject.DOSE, due_on=F("course__next_due_on"), course__ended_on=None)
    lab = Q(subject=Subject.LAB) & (
        Q(due_on=F("course__lab_due_on")) | Q(due_on=F("course__missed_lab_due_on"))
    )
    return dose | lab


class Message(models.Model):
    """One email to one patient about one thing. It is a row before it is an email."""

    clinic = models.ForeignKey(Clinic, models.PROTECT, related_name="messages")
    patient = models.ForeignKey(Patient, models.PROTECT, related_name="messages")
    course = models.ForeignKey(Course, models.PROTECT, related_name="messages")
    # What it is about; the key says the same in one text, so that the same thing is never owed twice.
    key = models.CharField(max_length=120, unique=True, editable=False)
    subject = models.CharField(max_length=4, choices=Subject)
    purpose = models.CharField(max_length=12, choices=Purpose)
    channel = models.CharField(max_length=5, choices=Channel, default=Channel.EMAIL, db_default=Channel.EMAIL)
    due_on = models.DateField(help_text=_("The clinical date."))
    # The number of the booking for this date; 0 while nothing is booked.
    round = models.PositiveSmallIntegerField(db_default=0)
    opens_on = models.DateField()
    closes_on = models.DateField(null=True)

    state = models.CharField(max_length=10, choices=State, default=State.QUEUED, db_default=State.QUEUED)
    cause = models.CharField(max_length=16, choices=Cause, blank=True, default="", db_default="")
    reason = models.CharField(max_length=300, blank=True, default="", db_default="")
    # Several things for one patient are one letter: this one goes out with that one.
    carrier = models.ForeignKey("self", models.PROTECT, null=True, related_name="riders")
    attempts = models.PositiveSmallIntegerField(default=0, db_default=0)
    # How often nobody knows whether a copy left.
    doubts = models.PositiveSmallIntegerField(default=0, db_default=0)
    lease_token = models.UUIDField(null=True, editable=False)
    lease_until = models.DateTimeField(null=True, editable=False)
    queued_at = models.DateTimeField()
    ready_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    sent_to = models.EmailField(blank=True, default="", db_default="")

    objects = MessageQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(condition=~Q(key=""), name="a_message_has_a_key"),
            models.CheckConstraint(condition=Q(state__in=State.values), name="a_message_is_in_a_known_state"),
            models.CheckConstraint(
                condition=Q(state__in=["suppressed", "failed", "in_doubt"]) & ~Q(cause="") & ~Q(reason="")
                | Q(state__in=["queued", "claimed", "sending", "sent"], cause=""),
                name="a_message_that_fell_silent_says_why",
            ),
            models.CheckConstraint(
                condition=Q(state="sent") & ~Q(sent_to="") | ~Q(state="sent") & Q(sent_to=""),
                name="a_sent_message_says_to_whom",
            ),
            models.CheckConstraint(
                condition=Q(state__in=HELD, lease_token__isnull=False, lease_until__isnull=False)
                | ~Q(state__in=HELD) & Q(lease_token=None, lease_until=None),
                name="a_message_in_hand_has_a_lease",
            ),
            models.CheckConstraint(
                condition=Q(state__in=LIVING, ended_at=None)
                | ~Q(state__in=LIVING) & Q(ended_at__isnull=False),
                name="a_message_at_its_end_has_the_moment",
            ),
        ]
        indexes = [
            models.Index(fields=["ready_at", "id"], condition=Q(state="queued"), name="message_waiting"),
            models.Index(
                fields=["patient", "id"], condition=Q(state__in=LIVING), name="message_of_patient_living"
            ),
            models.Index(fields=["lease_until"], condition=Q(state__in=HELD), name="message_in_hand"),
            models.Index(
                fields=["purpose", "closes_on"], condition=Q(state="suppressed"), name="message_silent"
            ),
            models.Index(fields=["clinic", "-id"], name="message_of_clinic"),
            models.Index(fields=["clinic", "state", "-id"], name="message_of_clinic_by_state"),
            models.Index(fields=["clinic", "ended_at", "id"], name="message_of_clinic_by_end"),
            models.Index(fields=["course", "subject", "due_on", "id"], name="message_of_thing"),
        ]

    @property
    def rule(self) -> MessageRule:
        """The row of the table under which it was queued."""
        return rule_for(self.subject, self.purpose, booked=self.round > 0)


class HeartbeatQuerySet(models.QuerySet):
    """Signs of life."""

    def turn_of(self, name: str) -> None:
        """Wait until no other transaction does this work; the turn ends with the transaction."""
        self.bulk_create([Heartbeat(name=name, at=Now())], ignore_conflicts=True)
        self.select_for_update().get(name=name)

    def beat(self, name: str, trouble: str = "") -> None:
        """Note on the database's clock that a piece of work was done, and what went wrong in it."""
        self.bulk_create(
            [Heartbeat(name=name, at=Now(), trouble=trouble[:300])],
            update_conflicts=True,
            unique_fields=["name"],
            update_fields=["at", "trouble"],
        )


class Heartbeat(models.Model):
    """When a piece of work was last done: whoever stops being heard has stopped working."""

    class Name(models.TextChoices):
        QUEUE = "queue", _("Writing letters down")
        DELIVER = "deliver", _("Sending letters")
        OUTLOOKS = "outlooks", _("Checking every date")

    name = models.CharField(max_length=12, primary_key=True, choices=Name)
    at = models.DateTimeField()
    trouble = models.CharField(max_length=300, blank=True, default="")

    objects = HeartbeatQuerySet.as_manager()
