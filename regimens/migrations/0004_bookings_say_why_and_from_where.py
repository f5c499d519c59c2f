"""A booking points to the one it took the place of, and a cancelled one has room for its reason."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("regimens", "0003_what_is_done_at_and_after_the_needle")]

    operations = [
        migrations.AddField(
            model_name="appointment",
            name="cancelled_because",
            field=models.CharField(
                blank=True,
                choices=[
                    ("patient", "The patient cannot come"),
                    ("clinic", "The clinic cannot keep it"),
                    ("mistake", "Booked by mistake"),
                    ("given", "The dose was given on another day"),
                    ("elsewhere", "The dose was given elsewhere"),
                    ("not_given", "The dose was not given"),
                    ("replanned", "The loading doses were booked anew"),
                    ("ended", "Treatment ended"),
                    ("unknown", "Not recorded"),
                ],
                default="",
                max_length=10,
            ),
            preserve_default=False,
        ),
        migrations.AddField(
            model_name="appointment",
            name="moved_from",
            field=models.OneToOneField(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="moved_to",
                to="regimens.appointment",
            ),
        ),
    ]
