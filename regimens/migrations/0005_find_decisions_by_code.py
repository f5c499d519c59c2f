"""An index by which is found what somebody has answered already."""

from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("patients", "0004_find_results_by_value"),
        ("regimens", "0004_find_who_lapsed"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddIndex(
            model_name="decision",
            index=models.Index(fields=["code", "course", "passed_on"], name="decision_by_code"),
        ),
    ]
