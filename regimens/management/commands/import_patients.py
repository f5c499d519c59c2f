"""`manage.py import_patients FILE.csv --clinic SLUG`: bring a clinic's list of patients in; docs/import.md explains it."""

import sys
from pathlib import Path

from django.core.management.base import BaseCommand, CommandError
from django.db import DatabaseError
from django.utils import timezone

from patients.models import Clinic
from regimens.imports.landing import Landing
from regimens.imports.reading import Sheet, open_sheet
from regimens.imports.remarks import UnusableFile, quoted
from regimens.imports.values import How

PROGRESS_EVERY = 5_000


class Command(BaseCommand):
    """Every wrong line is reported and every good one lands; a second run adds nothing twice."""

    help = "Import patients with their facts, treatment and dose history. Rows land as proposals: a physician signs."

    def add_arguments(self, parser) -> None:
        """Take the file, the clinic, and what the file cannot say of itself."""
        parser.add_argument("file", type=Path)
        parser.add_argument("--clinic", required=True, help="The clinic's short name (slug).")
        parser.add_argument("--dry-run", action="store_true", help="Report everything, write nothing.")
        parser.add_argument(
            "--day-first", action="store_true", help="14/07/2026 is a day in July in all of the file."
        )
        parser.add_argument("--encoding", help="Only where the file is not UTF-8, for example cp1252.")

    def handle(
        self, *args, file: Path, clinic: str, dry_run: bool, day_first: bool, encoding, **options
    ) -> None:
        """Exit 0 when every line landed or was known, 1 when any was refused or the file cannot be used."""
        try:
            clinic = Clinic.objects.get(slug=clinic)
        except Clinic.DoesNotExist as error:
            slugs = (
                ", ".join(Clinic.objects.order_by("slug").values_list("slug", flat=True)[:20]) or "none yet"
            )
            raise CommandError(f"There is no clinic {clinic}. Clinics: {slugs}.") from error
        try:
            sheet = open_sheet(file, encoding)
        except UnusableFile as refusal:
            raise CommandError(f"{refusal} Nothing was written.") from refusal
        self._describe(sheet)
        today = clinic.day_of(timezone.now())
        landing = Landing(clinic, today, How(day_first=day_first), dry_run=dry_run)
        self._run(landing, sheet)
        self.stdout.write(_summary(landing))
        if landing.refused:
            sys.exit(1)
        if not landing.lines:
            raise CommandError("The file has titles and not one patient.")

    def _describe(self, sheet: Sheet) -> None:
        """Say how the file is read, before the first line of it."""
        separator = {"\t": "tab"}.get(sheet.separator, sheet.separator)
        self.stdout.write(
            f"Reading {sheet.path} as {sheet.encoding.removesuffix('-sig').upper()}, separated by {separator}"
        )
        if sheet.unknown:
            titles = ", ".join(map(quoted, sheet.unknown))
            self.stdout.write(f"note: not read, for we know no such column: {titles}")
        if sheet.absent:
            self.stdout.write(f"note: not in the file, so not known of anybody: {', '.join(sheet.absent)}")

    def _run(self, landing: Landing, sheet: Sheet) -> None:
        reported = 0
        try:
            for remark in landing.run(self._with_progress(sheet, landing)):
                reported += 1
                self.stdout.write(str(remark))
        except KeyboardInterrupt:
            raise CommandError(f"Stopped. {_kept(landing)}", returncode=130) from None
        except (DatabaseError, OSError, UnicodeError) as error:
            raise CommandError(f"Stopped: {error} {_kept(landing)}") from error

    def _with_progress(self, sheet: Sheet, landing: Landing):
        """Pass the lines on, and say every few thousand how far it is."""
        for number, row in enumerate(sheet.rows(), 1):
            yield row
            if number % PROGRESS_EVERY == 0:
                self.stderr.write(f"{number:,} lines read, {landing.landed:,} landed", self.style.NOTICE)


def _summary(landing: Landing) -> str:
    counts = f"{landing.landed} landed, {landing.known} known already, {landing.refused} refused"
    return f"dry run, nothing was written: {counts}" if landing.dry_run else counts


def _kept(landing: Landing) -> str:
    return f"{_summary(landing)}. What landed is whole; run the same command again to go on."
