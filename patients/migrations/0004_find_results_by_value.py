"""An index by which results are found by their value."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("patients", "0003_find_by_national_identifier"),
    ]

    operations = [
        migrations.AddIndex(
            model_name="result",
            index=models.Index(
                condition=models.Q(("voided_at", None)),
                fields=["analyte", "unit", "value"],
                name="result_by_value",
            ),
        ),
    ]
