"""Who is to be phoned because somebody asked for it, and what came of each phone call."""

from django.conf import settings
from django.db import models
from django.db.models import Exists, F, OuterRef, Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from patients.append_only import VOIDING, AppendOnly
from patients.models import Patient
from patients.models.voiding import StandingQuerySet, void_reason, voided_at, voided_by, voided_together
from regimens.models import Course, Request


class Outcome(models.TextChoices):
    """What came of a phone call. Each decides a day, a booking or a request; none of them is the end by itself."""

    BOOKED = "booked", _("Reached: books a place now")
    WILL_COME = "will_come", _("Reached: will come without a booking")
    SPOKEN = "spoken", _("Reached: settled, nothing to book")
    AGAIN = "again", _("Call again on a day")
    LEFT_MESSAGE = "message", _("Left a message")
    WRONG_NUMBER = "wrong", _("Wrong number")
    MOVED = "moved", _("Has moved away")
    REFUSED = "refused", _("Wishes to stop treatment")
    DIED = "died", _("Is reported to have died")


# With a day on which the patient is on the list again, if what was due has not been done by then.
WITH_A_DAY = (Outcome.WILL_COME, Outcome.AGAIN, Outcome.LEFT_MESSAGE)
# With a request that stands on the physicians' list.
FOR_A_PHYSICIAN = (Outcome.MOVED, Outcome.REFUSED, Outcome.DIED)
# Somebody was spoken to: what the clinic was asked to phone about has been said.
CONCLUDING = (Outcome.BOOKED, Outcome.WILL_COME, Outcome.SPOKEN, *FOR_A_PHYSICIAN)


class About(models.TextChoices):
    """What was due when the patient was phoned."""

    NOTHING = "", _("Nothing due")
    DOSE = "dose", _("Injection")
    LAB = "lab", _("Blood test")


class AskedCall(models.Model):
    """Somebody asked that a patient be phoned from a day on. It stands until a call has answered it.

    Append-only: one that was wrong is voided.
    """

    append_only = AppendOnly(once=VOIDING)

    patient = models.ForeignKey(Patient, models.PROTECT, related_name="asked_calls")
    reason = models.CharField(max_length=200)
    call_on = models.DateField(help_text=_("From this day on the patient is on the list."))
    by_patient = models.BooleanField(default=False, help_text=_("The patient asked for it."))
    asked_on = models.DateField()
    asked_at = models.DateTimeField(db_default=Now())
    asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    voided_at = voided_at()
    voided_by = voided_by()
    void_reason = void_reason()

    objects = StandingQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(condition=~Q(reason=""), name="an_asked_call_says_why"),
            voided_together("asked_call"),
        ]
        indexes = [
            models.Index(fields=["patient", "id"], condition=Q(voided_at=None), name="asked_call_of_patient"),
            models.Index(fields=["call_on"], condition=Q(voided_at=None), name="asked_call_by_day"),
        ]


class CallQuerySet(StandingQuerySet):
    """Calls, by what they mean for the list."""

    def newest(self):
        """The last standing call of each patient: it alone decides when the patient is phoned again."""
        newer = Call.objects.standing().filter(patient=OuterRef("patient"), pk__gt=OuterRef("pk"))
        return self.standing().filter(~Exists(newer))


class Call(models.Model):
    """One phone call to one patient, and what came of it. Append-only: a wrong one is voided, and the patient is back."""

    append_only = AppendOnly(once=VOIDING)

    patient = models.ForeignKey(Patient, models.PROTECT, related_name="calls")
    # What was due then; without a course nothing was.
    course = models.ForeignKey(Course, models.PROTECT, null=True, related_name="calls")
    about = models.CharField(max_length=4, choices=About, blank=True, default=About.NOTHING)
    due_on = models.DateField(null=True)
    # The wish to be phoned that this call deals with, if there was one.
    asked = models.ForeignKey(AskedCall, models.PROTECT, null=True, related_name="calls")
    phone = models.CharField(max_length=40, blank=True, help_text=_("The number as it was on record."))
    outcome = models.CharField(max_length=10, choices=Outcome)
    note = models.CharField(max_length=200, blank=True)
    again_on = models.DateField(null=True)
    request = models.ForeignKey(Request, models.PROTECT, null=True, related_name="+")
    # False where a physician had been asked the same already: voiding this call then takes nothing back.
    opened_request = models.BooleanField(default=False)
    called_on = models.DateField()
    called_at = models.DateTimeField(db_default=Now())
    called_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    voided_at = voided_at()
    voided_by = voided_by()
    void_reason = void_reason()

    objects = CallQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(outcome__in=Outcome.values), name="a_call_has_a_known_outcome"
            ),
            models.CheckConstraint(
                condition=Q(outcome__in=WITH_A_DAY, again_on__isnull=False, again_on__gte=F("called_on"))
                | ~Q(outcome__in=WITH_A_DAY) & Q(again_on=None),
                name="an_outcome_that_waits_has_its_day",
            ),
            models.CheckConstraint(
                condition=Q(outcome__in=FOR_A_PHYSICIAN, request__isnull=False)
                | ~Q(outcome__in=FOR_A_PHYSICIAN) & Q(request=None),
                name="an_outcome_for_a_physician_has_its_request",
            ),
            models.CheckConstraint(
                condition=Q(about="", course=None, due_on=None)
                | Q(about__in=["dose", "lab"], course__isnull=False, due_on__isnull=False),
                name="a_call_about_something_says_about_what",
            ),
            models.CheckConstraint(
                condition=~Q(outcome="spoken") | Q(about=""), name="nothing_due_is_settled_by_talking"
            ),
            voided_together("call"),
        ]
        indexes = [
            models.Index(fields=["patient", "id"], condition=Q(voided_at=None), name="call_of_patient"),
            models.Index(fields=["course", "id"], condition=Q(voided_at=None), name="call_of_course"),
        ]
