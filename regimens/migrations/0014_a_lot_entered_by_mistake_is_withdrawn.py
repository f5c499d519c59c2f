import django.db.models.functions.text
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("patients", "0005_a_symptom_report_is_written_once"),
        ("regimens", "0013_a_stock_entry_is_made_once"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name="lot",
            name="a_lot_stands_once_in_a_clinic",
        ),
        migrations.AddField(
            model_name="lot",
            name="withdrawn_at",
            field=models.DateTimeField(editable=False, null=True),
        ),
        migrations.AddConstraint(
            model_name="lot",
            constraint=models.UniqueConstraint(
                models.F("clinic"),
                models.F("product"),
                django.db.models.functions.text.Upper("lot"),
                condition=models.Q(("withdrawn_at", None)),
                name="a_lot_stands_once_in_a_clinic",
            ),
        ),
    ]
