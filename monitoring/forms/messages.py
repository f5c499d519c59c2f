"""Which messages somebody wants to see."""

from django import forms
from django.core.validators import MaxValueValidator, MinValueValidator

from monitoring.leases import Cause
from monitoring.message_list import STATES, Wanted
from patients.paging import FIRST_DAY, LAST_DAY


class MessageFilter(forms.Form):
    """State, day and patient. Whatever cannot be read is as if it had not been asked for."""

    state = forms.ChoiceField(
        label="State",
        required=False,
        choices=[("", "Any"), *((word, title) for word, (title, _) in STATES.items())],
    )
    cause = forms.ChoiceField(label="Reason", required=False, choices=[("", "Any"), *Cause.choices])
    day = forms.DateField(
        label="Sent, or given up, on",
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}),
        validators=[MinValueValidator(FIRST_DAY), MaxValueValidator(LAST_DAY)],
    )
    patient = forms.IntegerField(required=False, min_value=1, max_value=2**63 - 1)

    def wanted(self) -> Wanted:
        """Give what was asked for."""
        self.is_valid()
        asked = self.cleaned_data
        return Wanted(
            state=asked.get("state", ""),
            cause=asked.get("cause", ""),
            day=asked.get("day"),
            patient=asked.get("patient"),
        )
