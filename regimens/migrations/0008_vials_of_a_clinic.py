import django.db.models.deletion
import django.db.models.functions.datetime
import django.db.models.functions.text
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("patients", "0002_at_most_sixty_places_an_hour"),
        ("regimens", "0007_records_are_merged"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Lot",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("product", models.CharField(max_length=24)),
                ("lot", models.CharField(help_text="As it stands on the vial.", max_length=40)),
                ("brand", models.CharField(blank=True, max_length=60)),
                ("expires_on", models.DateField()),
                ("added_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ("recalled_at", models.DateTimeField(editable=False, null=True)),
                ("recall_reason", models.CharField(blank=True, db_default="", default="", max_length=200)),
            ],
            options={
                "ordering": ["expires_on", "id"],
            },
        ),
        migrations.CreateModel(
            name="StockMovement",
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
                            ("received", "Received"),
                            ("discarded", "Discarded or returned"),
                            ("counted", "Counted: the difference"),
                        ],
                        max_length=10,
                    ),
                ),
                ("vials", models.IntegerField(help_text="More, or with a minus fewer.")),
                ("on", models.DateField()),
                ("note", models.CharField(blank=True, max_length=200)),
                ("recorded_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ("voided_at", models.DateTimeField(blank=True, editable=False, null=True)),
                ("void_reason", models.CharField(blank=True, default="", editable=False, max_length=200)),
            ],
            options={
                "ordering": ["-on", "-id"],
            },
        ),
        migrations.AddIndex(
            model_name="injection",
            index=models.Index(
                django.db.models.functions.text.Upper("lot"),
                models.F("product"),
                condition=models.Q(("source", "clinic"), ("voided_at", None)),
                name="injection_from_lot",
            ),
        ),
        migrations.AddField(
            model_name="lot",
            name="added_by",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="lot",
            name="clinic",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="lots", to="patients.clinic"
            ),
        ),
        migrations.AddField(
            model_name="lot",
            name="recalled_by",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="stockmovement",
            name="lot",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="movements", to="regimens.lot"
            ),
        ),
        migrations.AddField(
            model_name="stockmovement",
            name="recorded_by",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="stockmovement",
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
            model_name="lot",
            index=models.Index(fields=["clinic", "expires_on", "id"], name="lot_of_clinic_by_expiry"),
        ),
        migrations.AddConstraint(
            model_name="lot",
            constraint=models.UniqueConstraint(
                models.F("clinic"),
                models.F("product"),
                django.db.models.functions.text.Upper("lot"),
                name="a_lot_stands_once_in_a_clinic",
            ),
        ),
        migrations.AddConstraint(
            model_name="lot",
            constraint=models.CheckConstraint(
                condition=models.Q(("lot", ""), _negated=True), name="a_lot_has_a_number"
            ),
        ),
        migrations.AddConstraint(
            model_name="lot",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("recall_reason", ""), ("recalled_at", None), ("recalled_by", None)),
                    models.Q(
                        ("recalled_at__isnull", False),
                        ("recalled_by__isnull", False),
                        models.Q(("recall_reason", ""), _negated=True),
                    ),
                    _connector="OR",
                ),
                name="a_recall_says_who_when_and_why",
            ),
        ),
        migrations.AddConstraint(
            model_name="stockmovement",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("kind", "received"), ("vials__gt", 0)),
                    models.Q(("kind", "discarded"), ("vials__lt", 0)),
                    models.Q(("kind", "counted"), models.Q(("vials", 0), _negated=True)),
                    _connector="OR",
                ),
                name="a_movement_of_stock_moves_something_the_right_way",
            ),
        ),
        migrations.AddConstraint(
            model_name="stockmovement",
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
                name="a_voided_stock_movement_says_who_and_why",
            ),
        ),
    ]
