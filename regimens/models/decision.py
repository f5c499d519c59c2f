"""Somebody asks, a named person answers, a physician lets one dose pass."""

from functools import reduce
from operator import or_

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from patients.append_only import AppendOnly
from patients.models import Clinic, Patient, Result, SymptomReport
from regimens.models.course import Course
from regimens.models.plan import Plan


class RequestQuerySet(models.QuerySet):
    """Requests, by whether they wait."""

    def unanswered(self):
        """Nobody has settled it."""
        return self.filter(answered_at=None)


class Request(models.Model):
    """Somebody asks for a decision. Settled once, by the decision that answers it."""

    append_only = AppendOnly(once=("answered_at",))

    class Kind(models.TextChoices):
        HOLD = "hold", _("Held at the dose screen")
        INCIDENT = "incident", _("Given outside the rules")
        STOP = "stop", _("Wish to stop")
        SYMPTOMS = "symptoms", _("Returning or worse symptoms")
        INTERVAL = "interval", _("Wish for another interval")
        DEATH = "death", _("Reported as deceased")
        TRANSFER = "transfer", _("Has moved away")
        FOLATE = "folate", _("Folic acid before B12")
        ADVERSE = "adverse", _("Reaction after a dose")
        PATIENT = "patient", _("The patient's own report")
        MERGE = "merge", _("Two records, perhaps one person")

    patient = models.ForeignKey(Patient, models.PROTECT, related_name="requests")
    clinic = models.ForeignKey(Clinic, models.PROTECT, related_name="+")
    course = models.ForeignKey(Course, models.PROTECT, null=True, related_name="requests")
    injection = models.ForeignKey("regimens.Injection", models.PROTECT, null=True, related_name="requests")
    symptom_report = models.ForeignKey(SymptomReport, models.PROTECT, null=True, related_name="requests")
    # With a merge: the record that would be read as the patient's from then on.
    double = models.ForeignKey(Patient, models.PROTECT, null=True, related_name="+")
    kind = models.CharField(max_length=10, choices=Kind)
    codes = models.JSONField(default=list)
    text = models.CharField(max_length=500, blank=True)
    same_day = models.BooleanField(default=False)
    raised_on = models.DateField()
    raised_at = models.DateTimeField(db_default=Now())
    raised_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    # Set in the transaction of the Decision that settles it, so that the open ones are one index.
    answered_at = models.DateTimeField(null=True, editable=False)

    objects = RequestQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(
                fields=["clinic", "-same_day", "raised_at", "id"],
                condition=Q(answered_at=None),
                name="request_unanswered",
            )
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(kind="merge", double__isnull=False) | ~Q(kind="merge") & Q(double=None),
                name="a_merge_names_the_other_record",
            )
        ]


SUBJECTS = ("plan", "result", "symptom_report", "injection", "request", "course")


def _exactly_one(names) -> Q:
    return reduce(or_, (Q(**{f"{name}__isnull": name != chosen for name in names}) for chosen in names))


class Decision(models.Model):
    """A named person's answer to one plan, result, report, injection, request or passed date of a course."""

    append_only = AppendOnly()

    patient = models.ForeignKey(Patient, models.PROTECT, related_name="decisions")
    plan = models.ForeignKey(Plan, models.PROTECT, null=True, related_name="decisions")
    result = models.ForeignKey(Result, models.PROTECT, null=True, related_name="decisions")
    symptom_report = models.ForeignKey(SymptomReport, models.PROTECT, null=True, related_name="decisions")
    injection = models.ForeignKey("regimens.Injection", models.PROTECT, null=True, related_name="decisions")
    request = models.ForeignKey(Request, models.PROTECT, null=True, related_name="decisions")
    course = models.ForeignKey(Course, models.PROTECT, null=True, related_name="decisions")
    # With a course: the date that passed (a review due, a dose overdue, a lab check missed).
    passed_on = models.DateField(null=True)
    code = models.CharField(max_length=32)
    outcome = models.CharField(max_length=40)
    seen = models.JSONField(default=dict, help_text="What the page showed when it was decided.")
    reason = models.CharField(max_length=500, blank=True)
    decided_on = models.DateField()
    decided_at = models.DateTimeField(db_default=Now())
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    # Put off: it comes back on this day.
    until_on = models.DateField(null=True)

    class Meta:
        ordering = ["-decided_at", "-id"]
        constraints = [
            models.CheckConstraint(
                condition=_exactly_one(SUBJECTS), name="a_decision_has_exactly_one_subject"
            ),
            models.CheckConstraint(
                condition=Q(course=None, passed_on=None) | Q(course__isnull=False, passed_on__isnull=False),
                name="a_decision_about_a_course_names_the_date",
            ),
            *(
                models.UniqueConstraint(
                    fields=[subject, "code"],
                    condition=Q(until_on=None, **{f"{subject}__isnull": False}),
                    name=f"a_{subject}_is_decided_once",
                )
                for subject in ("plan", "result", "symptom_report", "injection", "request")
            ),
            models.UniqueConstraint(
                fields=["course", "code", "passed_on"],
                condition=Q(until_on=None, course__isnull=False),
                name="a_passed_date_is_decided_once",
            ),
        ]
        # Which dates somebody has answered, for good or until a day.
        indexes = [
            models.Index(fields=["code", "course", "passed_on"], name="decision_by_code"),
            # What is put off: few, among everything that was ever decided.
            models.Index(
                fields=["code", "until_on"], condition=Q(until_on__isnull=False), name="decision_put_off"
            ),
            # What was decided lately.
            models.Index(fields=["-decided_at", "-id"], name="decision_by_moment"),
        ]


class Authorisation(models.Model):
    """A physician lets one dose pass the named codes, for a while, while the facts stand."""

    append_only = AppendOnly()

    patient = models.ForeignKey(Patient, models.PROTECT, related_name="authorisations")
    request = models.ForeignKey(Request, models.PROTECT, null=True, related_name="authorisations")
    codes = models.JSONField()
    reason = models.CharField(max_length=500)
    facts_digest = models.CharField(max_length=64)
    authorised_at = models.DateTimeField(db_default=Now())
    authorised_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    expires_on = models.DateField()

    class Meta:
        ordering = ["-authorised_at", "-id"]
        indexes = [models.Index(fields=["-authorised_at", "-id"], name="authorisation_by_moment")]
        constraints = [models.CheckConstraint(condition=~Q(reason=""), name="an_authorisation_says_why")]
