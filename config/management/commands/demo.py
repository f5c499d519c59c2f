"""`manage.py demo --patients N --clinics K --seed S`: an invented population to try the program with."""

import gc
import time

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from config.demo.accounts import DEMO_ACCOUNTS, DEMO_PASSWORD
from config.demo.population import populate
from patients.models import Clinic


class Command(BaseCommand):
    """Only in demo mode. The same seed on the same day gives the same population."""

    help = "Make clinics with invented patients and years of history. Only in demo mode (DEMO=1)."

    def add_arguments(self, parser) -> None:
        """Take how many, and the seed."""
        parser.add_argument("--patients", type=int, default=200)
        parser.add_argument("--clinics", type=int, default=2)
        parser.add_argument("--seed", type=int, default=1)
        parser.add_argument("--if-empty", action="store_true", help="Do nothing when there is any clinic.")

    def handle(self, *args, patients: int, clinics: int, seed: int, if_empty: bool, **options) -> None:
        """Refuse outside demo mode, whatever the arguments are."""
        if not settings.DEMO:
            raise CommandError(
                "Demo mode is off. This command writes invented patients and accounts with a published password: "
                "set DEMO=1, with a database of its own."
            )
        if if_empty and Clinic.objects.exists():
            return
        if clinics < 1 or patients < 0:
            raise CommandError("At least one clinic, and no negative number of patients.")
        began = time.monotonic()
        self._say(f"Inventing {patients:,} patients in {clinics} clinics ...")
        usual = gc.get_threshold()
        gc.set_threshold(
            200_000
        )  # lives hold few cycles; looking for them so often takes a quarter of the time
        try:
            populate(patients=patients, clinics=clinics, seed=seed, now=timezone.now(), tell=self._say)
        finally:
            gc.set_threshold(*usual)
        self._say(f"{patients:,} invented patients in {time.monotonic() - began:.0f} s")
        names = ", ".join(account.username for account in DEMO_ACCOUNTS)
        self._say(f"Sign in as {names}; the password of each is {DEMO_PASSWORD}")

    def _say(self, line: str) -> None:
        self.stdout.write(line)
        self.stdout.flush()
