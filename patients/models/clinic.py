"""Where patients are treated: a clinic, its opening days, its closures."""

from datetime import date, datetime, time, timedelta
from functools import cached_property
from zoneinfo import ZoneInfo

import holidays
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator, RegexValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from regimens.protocol.clinic_days import ClinicDays


def known_time_zone(name: str) -> None:
    """Refuse a name that is no time zone."""
    try:
        ZoneInfo(name)
    except (KeyError, ValueError, OSError) as error:
        raise ValidationError(
            _("“%(name)s” is not a time zone. Example: Europe/London."), params={"name": name}
        ) from error


class ClinicQuerySet(models.QuerySet):
    """Clinics, as staff may see them."""

    def visible_to(self, user):
        """Only the clinics where this person works now."""
        return self.filter(memberships__user=user, memberships__ended_on=None).distinct()


class Clinic(models.Model):
    """A place with a time zone, opening days and slots. Staff belong to clinics and see only their patients."""

    name = models.CharField(max_length=120)
    slug = models.SlugField(unique=True)
    time_zone = models.CharField(max_length=64, default="Europe/London", validators=[known_time_zone])
    open_weekdays = models.CharField(
        max_length=7,
        default="01234",
        validators=[
            RegexValidator(r"^(?=.)0?1?2?3?4?5?6?$", _("Name at least one day, Monday = 0 to Sunday = 6."))
        ],
        help_text=_("Days of the week, Monday = 0."),
    )
    opens_at = models.TimeField(default="09:00")
    closes_at = models.TimeField(default="17:00")
    slots_per_hour = models.PositiveSmallIntegerField(
        default=6, validators=[MinValueValidator(1), MaxValueValidator(60)]
    )
    holidays_country = models.CharField(
        max_length=2, blank=True, help_text=_("Two letters, ISO 3166-1. Empty: none.")
    )
    holidays_region = models.CharField(max_length=6, blank=True)
    address = models.CharField(max_length=200, blank=True)
    phone = models.CharField(max_length=40, blank=True)
    email = models.EmailField(blank=True, help_text=_("Where a patient's answer to a letter goes."))
    # Words of a letter's sender line: never the clinic's speciality.
    letter_sender = models.CharField(
        max_length=80, blank=True, help_text=_("Shown as the sender of letters.")
    )
    sends_injection_reminders = models.BooleanField(default=True)
    sends_lab_reminders = models.BooleanField(default=True)
    letters_from = models.TimeField(default="08:00")
    letters_until = models.TimeField(default="20:00")

    objects = ClinicQuerySet.as_manager()

    class Meta:
        ordering = ["name"]
        constraints = [
            models.CheckConstraint(condition=~Q(open_weekdays=""), name="a_clinic_opens_on_some_day"),
            models.CheckConstraint(
                condition=Q(opens_at__lt=models.F("closes_at")), name="a_clinic_opens_before_it_closes"
            ),
            models.CheckConstraint(condition=Q(slots_per_hour__gte=1), name="a_clinic_has_slots"),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def zone(self) -> ZoneInfo:
        """The clinic's time zone."""
        return ZoneInfo(self.time_zone)

    def day_of(self, moment: datetime) -> date:
        """Give the clinic's calendar day at an aware moment."""
        return moment.astimezone(self.zone).date()

    def moments_of(self, day: date) -> tuple[datetime, datetime]:
        """Give the first moment of one of the clinic's days, and that of the day after."""
        midnight = time(tzinfo=self.zone)
        return datetime.combine(day, midnight), datetime.combine(day + timedelta(days=1), midnight)

    @cached_property
    def days(self) -> ClinicDays:
        """The opening days and closures as the protocol's value; one query."""
        return ClinicDays(
            weekdays=frozenset(int(day) for day in self.open_weekdays),
            closures=frozenset(closure.day for closure in self.closures.all()),
        )

    def public_holidays(self, year: int) -> dict[date, str]:
        """Give the public holidays of the clinic's country and region in a year; none where no country is set."""
        if not self.holidays_country:
            return {}
        return dict(
            holidays.country_holidays(self.holidays_country, subdiv=self.holidays_region or None, years=year)
        )


class Closure(models.Model):
    """A day on which a clinic is closed though its weekday is open."""

    clinic = models.ForeignKey(Clinic, models.PROTECT, related_name="closures")
    day = models.DateField()
    reason = models.CharField(max_length=120)

    class Meta:
        ordering = ["day"]
        constraints = [
            models.UniqueConstraint(fields=["clinic", "day"], name="one_closure_per_clinic_and_day")
        ]
