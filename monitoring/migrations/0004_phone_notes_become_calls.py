"""What was noted on a letter that somebody phoned instead becomes a call of its own.

Such a note had no outcome. It is kept as “call again”, due at once: somebody phones once more rather than nobody.
"""

from datetime import UTC

from django.db import migrations


def move_notes(apps, _schema_editor):
    """Write a call for every letter that says who phoned and when."""
    message, call = apps.get_model("monitoring", "Message"), apps.get_model("monitoring", "Call")
    phoned = (
        message.objects.filter(called_at__isnull=False).select_related("patient").order_by("called_at", "pk")
    )
    for letter in phoned.iterator(500):
        called_on = letter.called_at.astimezone(UTC).date()
        call.objects.create(
            patient=letter.patient,
            course_id=letter.course_id,
            about=letter.subject,
            due_on=letter.due_on,
            phone=letter.patient.phone,
            outcome="again",
            note=letter.call_note,
            again_on=called_on,
            called_on=called_on,
            called_at=letter.called_at,
            called_by_id=letter.called_by_id,
        )


class Migration(migrations.Migration):
    dependencies = [("monitoring", "0003_calls")]

    operations = [migrations.RunPython(move_notes, migrations.RunPython.noop)]
