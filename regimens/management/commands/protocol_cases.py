"""Runs a file of worked clinical cases through the protocol: manage.py protocol_cases FILE."""

from pathlib import Path

from django.core.management.base import BaseCommand, CommandError

from regimens import case_file


class Command(BaseCommand):
    """Print each case that differs with what was expected and what came, then the totals; exit 1 if any failed."""

    help = "Run a file of worked clinical cases through the protocol and show where the answers differ."
    requires_system_checks = []  # noqa: RUF012 - the cases need no database, no settings and no pages

    def add_arguments(self, parser):
        """Take the file."""
        parser.add_argument("file", type=Path, help="a case file in the format of tests/clinical/cases.json")

    def handle(self, *args, **options):
        """Run every case of the file."""
        try:
            outcomes = list(case_file.run(options["file"]))
        except case_file.BadCaseFile as problem:
            raise CommandError(str(problem)) from problem
        failed = [outcome for outcome in outcomes if not outcome.passed]
        for outcome in failed:
            self.stdout.write(f"{outcome.case_id}  {outcome.title}")
            for difference in outcome.differences:
                self.stdout.write(f"    {difference.word}")
                self.stdout.write(f"        expected {difference.expected}")
                self.stdout.write(f"        actual   {difference.actual}")
        self.stdout.write(f"{len(outcomes) - len(failed)} passed, {len(failed)} failed")
        if failed:
            raise SystemExit(1)
