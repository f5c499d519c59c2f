import django.db.models.deletion
import django.db.models.functions.datetime
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("patients", "0001_initial"),
        ("regimens", "0002_find_ended_courses_by_reason"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="FollowUp",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("observation", "Observe the patient"),
                            ("haematoma", "Look at the site for a haematoma"),
                            ("advice", "Give the advice"),
                            ("potassium", "Measure potassium"),
                        ],
                        max_length=12,
                    ),
                ),
                (
                    "due_at",
                    models.DateTimeField(
                        help_text="When the observation ends; until when the rest is to be done."
                    ),
                ),
                ("raised_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ("done_at", models.DateTimeField(null=True)),
                (
                    "outcome",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("well", "Well: no reaction"),
                            ("local", "Local reaction: pain, redness or swelling"),
                            ("general", "General reaction: rash, dizziness, breathlessness"),
                            ("anaphylaxis", "Anaphylaxis"),
                            ("no_haematoma", "No haematoma"),
                            ("haematoma", "Haematoma"),
                            ("advised", "The advice was given"),
                            ("left", "Not done: the patient has left"),
                            ("not_done", "Not done; a physician is asked"),
                        ],
                        db_default="",
                        default="",
                        max_length=12,
                    ),
                ),
                ("note", models.CharField(blank=True, db_default="", default="", max_length=500)),
            ],
            options={
                "ordering": ["due_at", "id"],
            },
        ),
        migrations.AddField(
            model_name="injection",
            name="authority",
            field=models.CharField(
                choices=[
                    ("plan", "The signed plan"),
                    ("direction", "A patient-specific direction"),
                    ("prescription", "My own prescription"),
                ],
                db_default="plan",
                default="plan",
                max_length=12,
            ),
        ),
        migrations.AddField(
            model_name="injection",
            name="authority_note",
            field=models.CharField(blank=True, db_default="", default="", max_length=200),
        ),
        migrations.AddField(
            model_name="injection",
            name="questions_asked",
            field=models.BooleanField(db_default=False, default=False),
        ),
        migrations.AddField(
            model_name="injection",
            name="room",
            field=models.CharField(blank=True, db_default="", default="", max_length=30),
        ),
        migrations.AddConstraint(
            model_name="injection",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("authority", "direction"), _negated=True),
                    models.Q(("authority_note", ""), _negated=True),
                    _connector="OR",
                ),
                name="a_direction_says_whose_it_is",
            ),
        ),
        migrations.AddField(
            model_name="followup",
            name="clinic",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="+", to="patients.clinic"
            ),
        ),
        migrations.AddField(
            model_name="followup",
            name="done_by",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="followup",
            name="injection",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="follow_ups",
                to="regimens.injection",
            ),
        ),
        migrations.AddField(
            model_name="followup",
            name="patient",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="follow_ups", to="patients.patient"
            ),
        ),
        migrations.AddIndex(
            model_name="followup",
            index=models.Index(
                condition=models.Q(("done_at", None)),
                fields=["clinic", "due_at", "id"],
                name="follow_up_waiting",
            ),
        ),
        migrations.AddIndex(
            model_name="followup",
            index=models.Index(
                condition=models.Q(("done_at", None)), fields=["patient"], name="follow_up_of_patient"
            ),
        ),
        migrations.AddConstraint(
            model_name="followup",
            constraint=models.UniqueConstraint(
                fields=("injection", "kind"), name="one_follow_up_of_a_kind_per_injection"
            ),
        ),
        migrations.AddConstraint(
            model_name="followup",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("done_at", None), ("done_by", None), ("outcome", "")),
                    models.Q(
                        ("done_at__isnull", False),
                        ("done_by__isnull", False),
                        models.Q(("outcome", ""), _negated=True),
                    ),
                    _connector="OR",
                ),
                name="a_follow_up_done_says_by_whom_and_how_it_went",
            ),
        ),
    ]
