from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("monitoring", "0004_phone_notes_become_calls")]

    operations = [
        migrations.RemoveConstraint(
            model_name="message",
            name="a_call_says_who_and_when",
        ),
        migrations.RemoveIndex(
            model_name="message",
            name="message_that_may_need_a_call",
        ),
        migrations.RemoveField(
            model_name="message",
            name="call_note",
        ),
        migrations.RemoveField(
            model_name="message",
            name="called_at",
        ),
        migrations.RemoveField(
            model_name="message",
            name="called_by",
        ),
    ]
