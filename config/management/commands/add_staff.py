"""`manage.py add_staff USERNAME ROLE --clinic SHORT-NAME`: gives a person an account and a role in a clinic."""

import secrets

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction

from patients import audit
from patients.models import Clinic, Membership, Role, User


class Command(BaseCommand):
    """One account for one person; who works in two clinics has two memberships."""

    help = "Give a person an account, unless they have one, and a role in a clinic."

    def add_arguments(self, parser) -> None:
        """Take who, as what, and where."""
        parser.add_argument("username")
        parser.add_argument("role", choices=Role.values)
        parser.add_argument("--clinic", required=True, metavar="SHORT-NAME")
        parser.add_argument("--first-name", default="")
        parser.add_argument("--last-name", default="")
        parser.add_argument("--number", default="", help="with the professional register")

    @transaction.atomic
    def handle(self, *args, username: str, role: str, clinic: str, **options) -> None:
        """Print the first password of a new account, once; nobody can read it again."""
        where = Clinic.objects.filter(slug=clinic).first()
        if where is None:
            raise CommandError(
                f"There is no clinic {clinic}. There are: {', '.join(_short_names()) or 'none'}."
            )
        password = secrets.token_urlsafe(12)
        try:
            user = User.objects.filter(username=username).first() or _new(username, password, options)
            membership = Membership(user=user, clinic=where, role=role, registration_number=options["number"])
            membership.full_clean()
        except ValidationError as error:
            raise CommandError("; ".join(error.messages)) from error
        membership.save()
        audit.record(None, "added to the staff", clinic=where, user=user.pk, role=role)
        self.stdout.write(f"{username} is {role} at {where.name}.")
        if user.check_password(password):
            self.stdout.write(f"First password: {password}  (change it after signing in)")


def _new(username: str, password: str, options: dict) -> User:
    user = User(username=username, first_name=options["first_name"], last_name=options["last_name"])
    user.set_password(password)
    user.full_clean()
    user.save()
    return user


def _short_names() -> list[str]:
    return list(Clinic.objects.values_list("slug", flat=True))
