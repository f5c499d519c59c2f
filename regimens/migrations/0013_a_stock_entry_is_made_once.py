from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("regimens", "0012_checks_and_figures_have_rows"),
    ]

    operations = [
        migrations.AddField(
            model_name="stockmovement",
            name="request_token",
            field=models.UUIDField(editable=False, null=True, unique=True),
        ),
    ]
