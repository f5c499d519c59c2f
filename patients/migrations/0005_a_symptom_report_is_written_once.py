from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("patients", "0004_when_results_were_signed_off"),
    ]

    operations = [
        migrations.AddField(
            model_name="symptomreport",
            name="request_token",
            field=models.UUIDField(editable=False, null=True, unique=True),
        ),
    ]
