"""An index by which a patient is found by national identifier."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("patients", "0002_find_the_audit_trail_of_a_clinic")]

    operations = [
        migrations.AddIndex(
            model_name="patient",
            index=models.Index(
                fields=["clinic", "national_id"],
                condition=models.Q(("national_id", ""), _negated=True),
                name="patient_by_national_id",
            ),
        ),
    ]
