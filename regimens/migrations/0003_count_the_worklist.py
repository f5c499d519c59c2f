"""Indexes from which the worklist is counted, and those who are paused are listed."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("regimens", "0002_find_the_doses_of_a_month")]

    operations = [
        migrations.AddIndex(
            model_name="course",
            index=models.Index(
                fields=["clinic", "paused_until", "id"],
                condition=models.Q(("ended_on", None), ("paused_until__isnull", False)),
                name="course_by_end_of_pause",
            ),
        ),
        migrations.AddIndex(
            model_name="course",
            index=models.Index(
                fields=[
                    "clinic",
                    "phase",
                    "paused_until",
                    "window_opens_on",
                    "window_closes_on",
                    "next_due_on",
                    "ended_on",
                ],
                condition=models.Q(("ended_on", None)),
                name="course_counted",
            ),
        ),
    ]
