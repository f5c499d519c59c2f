"""Which lines of the audit trail somebody wants to see."""

from django import forms
from django.core.validators import MaxValueValidator, MinValueValidator

from patients.models import Clinic, User
from patients.paging import FIRST_DAY, LAST_DAY


class AuditFilter(forms.Form):
    """A person who acted, a day, a patient. Whatever cannot be read is as if it had not been asked for."""

    actor = forms.ModelChoiceField(
        label="Who", queryset=User.objects.none(), required=False, empty_label="Anybody"
    )
    day = forms.DateField(
        label="Day",
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}),
        validators=[MinValueValidator(FIRST_DAY), MaxValueValidator(LAST_DAY)],
    )
    patient = forms.IntegerField(required=False, min_value=1, max_value=2**63 - 1)

    def __init__(self, *args, clinic: Clinic, **kwargs):
        super().__init__(*args, **kwargs)
        people = User.objects.filter(memberships__clinic=clinic).distinct().order_by("username")
        self.fields["actor"].queryset = people
        self.fields["actor"].label_from_instance = User.shown_name

    def wanted(self) -> dict[str, object]:
        """Give what was asked for: actor, day and patient, each None where it was not."""
        self.is_valid()
        return {name: self.cleaned_data.get(name) for name in ("actor", "day", "patient")}
