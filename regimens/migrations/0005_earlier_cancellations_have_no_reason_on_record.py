"""Bookings that were cancelled before anybody was asked why say so."""

from django.db import migrations


def say_not_recorded(apps, schema_editor):
    """Name the reason of every cancelled booking that has none."""
    bookings = apps.get_model("regimens", "Appointment").objects.using(schema_editor.connection.alias)
    bookings.filter(state="cancelled", cancelled_because="").update(cancelled_because="unknown")


class Migration(migrations.Migration):
    dependencies = [("regimens", "0004_bookings_say_why_and_from_where")]

    operations = [migrations.RunPython(say_not_recorded, migrations.RunPython.noop)]
