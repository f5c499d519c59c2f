from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("monitoring", "0001_initial"),
        ("patients", "0001_initial"),
        ("regimens", "0001_initial"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.RemoveIndex(
            model_name="message",
            name="message_that_may_need_a_call",
        ),
        migrations.AlterField(
            model_name="message",
            name="cause",
            field=models.CharField(
                blank=True,
                choices=[
                    ("deceased", "The patient has died"),
                    ("transferred", "The patient has been handed over to another clinic"),
                    ("merged", "This record has been merged into another"),
                    ("paused", "Treatment is paused"),
                    ("switched_off", "The clinic does not send letters of this kind"),
                    ("no_consent", "The patient has not agreed to be emailed"),
                    ("no_address", "No email address is on record"),
                    ("unconfirmed", "The patient has not confirmed this address"),
                    ("address_refused", "The mail server refused this address"),
                    ("ended", "Treatment has ended"),
                    ("unsigned", "No physician has signed the plan"),
                    ("given", "The dose was given"),
                    ("done", "The check was done"),
                    ("changed", "The date has changed"),
                    ("too_late", "It could not be sent while it was of use"),
                    ("not_neutral", "The letter would have said what treatment this is"),
                    ("refused_content", "The mail server refused the letter"),
                    ("gave_up", "The mail server did not take the letter after many attempts"),
                    ("lost_answer", "The mail server's answer was lost twice; ask the patient"),
                ],
                db_default="",
                default="",
                max_length=16,
            ),
        ),
        migrations.AddIndex(
            model_name="message",
            index=models.Index(
                condition=models.Q(
                    ("called_at", None),
                    models.Q(
                        ("state__in", ["failed", "in_doubt"]),
                        models.Q(
                            (
                                "cause__in",
                                ["no_consent", "no_address", "unconfirmed", "address_refused", "too_late"],
                            ),
                            ("state", "suppressed"),
                        ),
                        _connector="OR",
                    ),
                ),
                fields=["clinic", "id"],
                name="message_that_may_need_a_call",
            ),
        ),
    ]
