"""Indexes by which lapsed courses are found, and those a year without a dose."""

from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("patients", "0004_find_results_by_value"),
        ("regimens", "0003_count_the_worklist"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddIndex(
            model_name="course",
            index=models.Index(
                condition=models.Q(("ended_on", None), ("lapses_on__isnull", False)),
                fields=["clinic", "lapses_on", "id"],
                name="course_by_lapse",
            ),
        ),
        migrations.AddIndex(
            model_name="course",
            index=models.Index(
                condition=models.Q(("ended_on", None), ("twelve_months_on__isnull", False)),
                fields=["clinic", "twelve_months_on", "id"],
                name="course_by_twelve_months",
            ),
        ),
    ]
