"""A patient, the keys a patient is found by, and what a patient allowed us to send."""

from django.conf import settings
from django.core.validators import RegexValidator
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

from patients.append_only import AppendOnly
from patients.folding import fold, name_keys
from patients.models.clinic import Clinic
from patients.national_ids import SYSTEMS


def national_systems():
    """Give the choices of national identifiers; a new one needs no migration."""
    return [(key, label) for key, (label, _holds) in SYSTEMS.items()]


class PatientQuerySet(models.QuerySet):
    """Patients, as staff may see and find them."""

    def visible_to(self, user):
        """Only patients of the clinics where this person works now."""
        return self.filter(clinic__in=Clinic.objects.visible_to(user))

    def present(self):
        """Leave out records that were merged into another."""
        return self.filter(merged_into=None)

    def active(self):
        """Only patients under treatment here; one who moves stays until the handover is confirmed (D-20)."""
        moving = Q(status=Patient.Status.TRANSFERRED, handover_confirmed_on=None)
        return self.present().filter(Q(status=Patient.Status.ACTIVE) | moving)

    def named(self, clinics, *beginnings: str):
        """Each given beginning must begin some part of the name; an indexed range, never LIKE."""
        found = self
        for beginning in beginnings:
            key = fold(beginning)
            keys = NameKey.objects.filter(clinic__in=clinics, key__gte=key, key__lt=key + "\U0010ffff")
            found = found.filter(pk__in=keys.values("patient"))
        return found


class Patient(models.Model):
    """A person treated by one clinic at a time."""

    class Status(models.TextChoices):
        ACTIVE = "active", _("Active")
        TRANSFERRED = "transferred", _("Transferred out")
        DECEASED = "deceased", _("Deceased")

    class Sex(models.TextChoices):
        # FHIR administrative-gender
        FEMALE = "female", _("Female")
        MALE = "male", _("Male")
        OTHER = "other", _("Other")
        UNKNOWN = "unknown", _("Not known")

    clinic = models.ForeignKey(Clinic, models.PROTECT, related_name="patients")
    family_name = models.CharField(max_length=80)
    given_names = models.CharField(max_length=80, blank=True)
    born_on = models.DateField()
    sex = models.CharField(max_length=8, choices=Sex, default=Sex.UNKNOWN)
    record_number = models.CharField(
        max_length=32,
        validators=[RegexValidator(r"^[\w./-]+$", _("Letters, digits, dots, slashes and hyphens only."))],
    )
    national_id_system = models.CharField(max_length=12, choices=national_systems, blank=True)
    national_id = models.CharField(max_length=32, blank=True)
    phone = models.CharField(max_length=40, blank=True)
    email = models.EmailField(blank=True)
    email_confirmed_at = models.DateTimeField(null=True, blank=True, editable=False)
    # Set when a mail server said that the address does not exist; cleared when the address is changed.
    email_refused_at = models.DateTimeField(null=True, blank=True, editable=False)
    # The newest answer in EmailConsent, kept here so that queueing reads it by index.
    email_consented = models.BooleanField(default=False, editable=False)
    language = models.CharField(max_length=8, default="en")
    # What the person may need to be called at the desk, or how to be phoned; never clinical.
    contact_note = models.CharField(max_length=200, blank=True)
    status = models.CharField(max_length=12, choices=Status, default=Status.ACTIVE, editable=False)
    status_on = models.DateField(null=True, blank=True, editable=False)
    handover_confirmed_on = models.DateField(null=True, blank=True, editable=False)
    merged_into = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, editable=False, related_name="+"
    )
    registered_at = models.DateTimeField(db_default=Now(), editable=False)
    registered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, editable=False, related_name="+"
    )
    # Counts up with every change of contact data, so that a stale form is refused.
    version = models.PositiveIntegerField(default=1, editable=False)

    objects = PatientQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["clinic", "record_number"],
                name="one_patient_per_clinic_and_record_number",
                violation_error_message=_("Another patient of this clinic has this record number."),
            ),
            models.UniqueConstraint(
                fields=["clinic", "national_id_system", "national_id"],
                condition=~Q(national_id="") & ~Q(national_id_system="other") & Q(merged_into=None),
                name="one_patient_per_clinic_and_national_id",
                violation_error_message=_("Another patient of this clinic has this national identifier."),
            ),
            models.CheckConstraint(
                condition=Q(national_id="", national_id_system="")
                | ~Q(national_id="") & ~Q(national_id_system=""),
                name="a_national_id_says_of_which_system",
            ),
            models.CheckConstraint(
                condition=Q(status="active", status_on=None)
                | ~Q(status="active") & Q(status_on__isnull=False),
                name="a_patient_who_left_has_the_day",
            ),
            models.CheckConstraint(
                condition=Q(handover_confirmed_on=None) | Q(status="transferred"),
                name="a_handover_belongs_to_a_transfer",
            ),
            models.CheckConstraint(condition=~Q(family_name=""), name="a_patient_has_a_family_name"),
            models.CheckConstraint(
                condition=Q(merged_into=None) | ~Q(merged_into=models.F("id")),
                name="a_record_is_not_merged_into_itself",
            ),
        ]
        indexes = [
            models.Index(fields=["clinic", "born_on"], name="patient_by_birth"),
            models.Index(
                fields=["clinic", "national_id"], condition=~Q(national_id=""), name="patient_by_national_id"
            ),
            models.Index(fields=["clinic", "family_name", "given_names", "id"], name="patient_by_name"),
        ]

    def get_absolute_url(self) -> str:
        """Give the address of the patient's page: a number, nothing else."""
        return f"/patients/{self.pk}/"

    @property
    def name(self) -> str:
        """Give the name as staff read it: FAMILY, Given."""
        return (
            f"{self.family_name.upper()}, {self.given_names}"
            if self.given_names
            else self.family_name.upper()
        )

    @property
    def is_active(self) -> bool:
        """Treated here, and no other record's double; one who moves stays until the handover is confirmed (D-20)."""
        moving = self.status == self.Status.TRANSFERRED and self.handover_confirmed_on is None
        return (self.status == self.Status.ACTIVE or moving) and self.merged_into_id is None

    @cached_property
    def record_keys(self) -> tuple[int, ...]:
        """Give the keys of all records of this person, the one that stays first: what is read of one is read of all."""
        stays = self.merged_into_id or self.pk
        return (stays, *Patient.objects.filter(merged_into=stays).order_by("pk").values_list("pk", flat=True))

    def name_keys(self) -> set[str]:
        """Give the folded keys this patient is found by."""
        return name_keys(self.family_name, self.given_names)


class FoldedKeyField(models.CharField):
    """A text compared byte by byte on both engines, so that a range over it uses its index."""

    def db_parameters(self, connection):
        """Ask PostgreSQL for collation C; SQLite compares by byte already."""
        parameters = super().db_parameters(connection)
        parameters["collation"] = "C" if connection.vendor == "postgresql" else None
        return parameters


class NameKey(models.Model):
    """One folded part of one patient's name."""

    patient = models.ForeignKey(Patient, models.PROTECT, related_name="keys", db_index=False)
    clinic = models.ForeignKey(Clinic, models.PROTECT, related_name="+", db_index=False)
    key = FoldedKeyField(max_length=80)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["patient", "key"], name="one_key_per_patient_and_part")
        ]
        indexes = [models.Index(fields=["clinic", "key", "patient"], name="name_key_by_beginning")]


class EmailConsent(models.Model):
    """One answer of a patient about being emailed. The newest one holds."""

    append_only = AppendOnly()

    patient = models.ForeignKey(Patient, models.PROTECT, related_name="email_consents")
    given = models.BooleanField()
    how = models.CharField(max_length=80, help_text=_("At the desk, by phone, from a letter."))
    recorded_at = models.DateTimeField(db_default=Now())
    recorded_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")

    class Meta:
        ordering = ["-recorded_at", "-id"]
