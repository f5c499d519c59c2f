"""Whose figures somebody wants to see, and of which time."""

from datetime import date

from django import forms

from monitoring.cohort.scope import ALL, CAUSES, periods
from patients.models import Clinic


class ScopeForm(forms.Form):
    """Clinic, period and cause. Whatever cannot be read is as if it had not been asked for."""

    DEFAULT_PERIOD = "12"

    clinic = forms.ChoiceField(label="Clinic", required=False)
    period = forms.ChoiceField(label="Period", required=False)
    cause = forms.ChoiceField(
        label="Cause and circumstances",
        required=False,
        choices=[("", "Any"), *((word, title) for word, (title, _holds) in CAUSES.items())],
    )

    def __init__(self, *args, clinics: list[Clinic], here: Clinic, today: date, **kwargs):
        super().__init__(*args, **kwargs)
        several = [(ALL, f"All {len(clinics)} of my clinics")] if len(clinics) > 1 else []
        self.fields["clinic"].choices = [(str(each.pk), each.name) for each in clinics] + several
        self.fields["period"].choices = list(periods(today).items())
        self.here = str(here.pk)

    def wanted(self) -> tuple[str, str, str]:
        """Give the words of clinic, period and cause."""
        self.is_valid()
        asked = self.cleaned_data
        return (
            asked.get("clinic") or self.here,
            asked.get("period") or self.DEFAULT_PERIOD,
            asked.get("cause") or "",
        )
