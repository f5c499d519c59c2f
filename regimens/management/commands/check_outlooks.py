"""`manage.py check_outlooks`: recompute every course and compare with what is stored."""

from django.core.management.base import BaseCommand, CommandError

from regimens.models import Course
from regimens.services import outlook


class Command(BaseCommand):
    """Exit 1 when any stored outlook differs, or any active course has no next date."""

    help = "Recompute the outlook of every course and compare it with what is stored."

    def handle(self, *args, **options) -> None:
        """Print each difference, then how many courses were looked at."""
        found = 0
        for sentence in outlook.differences():
            found += 1
            self.stdout.write(sentence)
        looked_at = Course.objects.count()
        if found:
            raise CommandError(f"{looked_at} courses, {found} differences")
        self.stdout.write(f"{looked_at} courses, 0 differences")
