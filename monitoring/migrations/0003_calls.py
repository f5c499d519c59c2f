import django.db.models.deletion
import django.db.models.functions.datetime
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("monitoring", "0002_unconfirmed_addresses_need_a_call"),
        ("patients", "0001_initial"),
        ("regimens", "0009_what_follows_a_dose_not_given"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="AskedCall",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("reason", models.CharField(max_length=200)),
                ("call_on", models.DateField(help_text="From this day on the patient is on the list.")),
                ("by_patient", models.BooleanField(default=False, help_text="The patient asked for it.")),
                ("asked_on", models.DateField()),
                ("asked_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ("voided_at", models.DateTimeField(blank=True, editable=False, null=True)),
                ("void_reason", models.CharField(blank=True, default="", editable=False, max_length=200)),
            ],
            options={
                "ordering": ["-id"],
            },
        ),
        migrations.CreateModel(
            name="Call",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "about",
                    models.CharField(
                        blank=True,
                        choices=[("", "Nothing due"), ("dose", "Injection"), ("lab", "Blood test")],
                        default="",
                        max_length=4,
                    ),
                ),
                ("due_on", models.DateField(null=True)),
                (
                    "phone",
                    models.CharField(blank=True, help_text="The number as it was on record.", max_length=40),
                ),
                (
                    "outcome",
                    models.CharField(
                        choices=[
                            ("booked", "Reached: books a place now"),
                            ("will_come", "Reached: will come without a booking"),
                            ("spoken", "Reached: settled, nothing to book"),
                            ("again", "Call again on a day"),
                            ("message", "Left a message"),
                            ("wrong", "Wrong number"),
                            ("moved", "Has moved away"),
                            ("refused", "Wishes to stop treatment"),
                            ("died", "Is reported to have died"),
                        ],
                        max_length=10,
                    ),
                ),
                ("note", models.CharField(blank=True, max_length=200)),
                ("again_on", models.DateField(null=True)),
                ("opened_request", models.BooleanField(default=False)),
                ("called_on", models.DateField()),
                ("called_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ("voided_at", models.DateTimeField(blank=True, editable=False, null=True)),
                ("void_reason", models.CharField(blank=True, default="", editable=False, max_length=200)),
            ],
            options={
                "ordering": ["-id"],
            },
        ),
        migrations.AddField(
            model_name="askedcall",
            name="asked_by",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddField(
            model_name="askedcall",
            name="patient",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="asked_calls", to="patients.patient"
            ),
        ),
        migrations.AddField(
            model_name="askedcall",
            name="voided_by",
            field=models.ForeignKey(
                blank=True,
                editable=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="call",
            name="asked",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="calls",
                to="monitoring.askedcall",
            ),
        ),
        migrations.AddField(
            model_name="call",
            name="called_by",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddField(
            model_name="call",
            name="course",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="calls",
                to="regimens.course",
            ),
        ),
        migrations.AddField(
            model_name="call",
            name="patient",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="calls", to="patients.patient"
            ),
        ),
        migrations.AddField(
            model_name="call",
            name="request",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="regimens.request",
            ),
        ),
        migrations.AddField(
            model_name="call",
            name="voided_by",
            field=models.ForeignKey(
                blank=True,
                editable=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddIndex(
            model_name="askedcall",
            index=models.Index(
                condition=models.Q(("voided_at", None)),
                fields=["patient", "id"],
                name="asked_call_of_patient",
            ),
        ),
        migrations.AddIndex(
            model_name="askedcall",
            index=models.Index(
                condition=models.Q(("voided_at", None)), fields=["call_on"], name="asked_call_by_day"
            ),
        ),
        migrations.AddConstraint(
            model_name="askedcall",
            constraint=models.CheckConstraint(
                condition=models.Q(("reason", ""), _negated=True), name="an_asked_call_says_why"
            ),
        ),
        migrations.AddConstraint(
            model_name="askedcall",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("void_reason", ""), ("voided_at", None), ("voided_by", None)),
                    models.Q(
                        ("voided_at__isnull", False),
                        ("voided_by__isnull", False),
                        models.Q(("void_reason", ""), _negated=True),
                    ),
                    _connector="OR",
                ),
                name="a_voided_asked_call_says_who_and_why",
            ),
        ),
        migrations.AddIndex(
            model_name="call",
            index=models.Index(
                condition=models.Q(("voided_at", None)), fields=["patient", "id"], name="call_of_patient"
            ),
        ),
        migrations.AddIndex(
            model_name="call",
            index=models.Index(
                condition=models.Q(("voided_at", None)), fields=["course", "id"], name="call_of_course"
            ),
        ),
        migrations.AddConstraint(
            model_name="call",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "outcome__in",
                        [
                            "booked",
                            "will_come",
                            "spoken",
                            "again",
                            "message",
                            "wrong",
                            "moved",
                            "refused",
                            "died",
                        ],
                    )
                ),
                name="a_call_has_a_known_outcome",
            ),
        ),
        migrations.AddConstraint(
            model_name="call",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("again_on__gte", models.F("called_on")),
                        ("again_on__isnull", False),
                        ("outcome__in", ("will_come", "again", "message")),
                    ),
                    models.Q(
                        models.Q(("outcome__in", ("will_come", "again", "message")), _negated=True),
                        ("again_on", None),
                    ),
                    _connector="OR",
                ),
                name="an_outcome_that_waits_has_its_day",
            ),
        ),
        migrations.AddConstraint(
            model_name="call",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("outcome__in", ("moved", "refused", "died")), ("request__isnull", False)),
                    models.Q(
                        models.Q(("outcome__in", ("moved", "refused", "died")), _negated=True),
                        ("request", None),
                    ),
                    _connector="OR",
                ),
                name="an_outcome_for_a_physician_has_its_request",
            ),
        ),
        migrations.AddConstraint(
            model_name="call",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("about", ""), ("course", None), ("due_on", None)),
                    models.Q(
                        ("about__in", ["dose", "lab"]), ("course__isnull", False), ("due_on__isnull", False)
                    ),
                    _connector="OR",
                ),
                name="a_call_about_something_says_about_what",
            ),
        ),
        migrations.AddConstraint(
            model_name="call",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("outcome", "spoken"), _negated=True), ("about", ""), _connector="OR"
                ),
                name="nothing_due_is_settled_by_talking",
            ),
        ),
        migrations.AddConstraint(
            model_name="call",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("void_reason", ""), ("voided_at", None), ("voided_by", None)),
                    models.Q(
                        ("voided_at__isnull", False),
                        ("voided_by__isnull", False),
                        models.Q(("void_reason", ""), _negated=True),
                    ),
                    _connector="OR",
                ),
                name="a_voided_call_says_who_and_why",
            ),
        ),
    ]
