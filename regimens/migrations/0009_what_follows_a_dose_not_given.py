import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("patients", "0003_records_are_merged"),
        ("regimens", "0008_vials_of_a_clinic"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name="notgiven",
            name="call_on",
            field=models.DateField(null=True),
        ),
        migrations.AddField(
            model_name="notgiven",
            name="request",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="regimens.request",
            ),
        ),
        migrations.AlterField(
            model_name="request",
            name="kind",
            field=models.CharField(
                choices=[
                    ("hold", "Held at the dose screen"),
                    ("incident", "Given outside the rules"),
                    ("stop", "Wish to stop"),
                    ("symptoms", "Returning or worse symptoms"),
                    ("interval", "Wish for another interval"),
                    ("death", "Reported as deceased"),
                    ("transfer", "Has moved away"),
                    ("folate", "Folic acid before B12"),
                    ("adverse", "Reaction after a dose"),
                    ("patient", "The patient's own report"),
                    ("merge", "Two records, perhaps one person"),
                ],
                max_length=10,
            ),
        ),
        migrations.AddIndex(
            model_name="notgiven",
            index=models.Index(
                condition=models.Q(("voided_at", None)), fields=["course", "on"], name="not_given_standing"
            ),
        ),
    ]
