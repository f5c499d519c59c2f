"""`manage.py open_clinic NAME`: makes a clinic, with the public holidays of its country as closures."""

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction
from django.utils import timezone
from django.utils.text import slugify

from patients import audit
from patients.models import Clinic
from regimens.services.clinic_calendar import keep_public_holidays


class Command(BaseCommand):
    """The first step of an installation; `add_staff` is the second."""

    help = "Make a clinic. What is not given here can be changed on its pages."

    def add_arguments(self, parser) -> None:
        """Take what a date depends on, and where patients turn to."""
        parser.add_argument("name")
        parser.add_argument("--time-zone", default="Europe/London", help="for example Europe/London")
        parser.add_argument("--weekdays", default="01234", help="opening days, Monday = 0 (default: 01234)")
        parser.add_argument(
            "--holidays", default="", metavar="COUNTRY[-REGION]", help="for example GB-ENG; default: none"
        )
        parser.add_argument("--address", default="")
        parser.add_argument("--phone", default="")
        parser.add_argument("--email", default="", help="where a patient's answer to a letter goes")

    @transaction.atomic
    def handle(self, *args, name: str, holidays: str, **options) -> None:
        """Refuse what the clinic's pages would refuse."""
        country, _, region = holidays.partition("-")
        clinic = Clinic(
            name=name,
            slug=slugify(name),
            time_zone=options["time_zone"],
            open_weekdays=options["weekdays"],
            holidays_country=country,
            holidays_region=region,
            address=options["address"],
            phone=options["phone"],
            email=options["email"],
        )
        try:
            clinic.full_clean()
            clinic.save()
            clinic.refresh_from_db()
            keep_public_holidays(timezone.now())
        except ValidationError as error:
            raise CommandError("; ".join(error.messages)) from error
        except NotImplementedError as error:  # what the table of holidays says of a country it does not know
            raise CommandError(f"No public holidays are known for {holidays}.") from error
        audit.record(None, "opened a clinic", clinic=clinic)
        self.stdout.write(f"{clinic.name} is open. Its short name is {clinic.slug}; add its staff with")
        self.stdout.write(f"    manage.py add_staff USERNAME ROLE --clinic {clinic.slug}")
