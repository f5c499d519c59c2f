"""A cancelled booking, and only a cancelled one, says why."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("regimens", "0005_earlier_cancellations_have_no_reason_on_record")]

    operations = [
        migrations.AddConstraint(
            model_name="appointment",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("state", "cancelled"), models.Q(("cancelled_because", ""), _negated=True)),
                    models.Q(models.Q(("state", "cancelled"), _negated=True), ("cancelled_because", "")),
                    _connector="OR",
                ),
                name="a_cancelled_appointment_says_why",
            ),
        ),
    ]
