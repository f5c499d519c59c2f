"""Which blood tests somebody wants to see."""

from django import forms

from monitoring.blood_tests import CHOICES, LISTS, PERIODS, Wanted


class BloodTestsFilter(forms.Form):
    """List, check, marked values, period. Whatever cannot be read is as if it had not been asked for."""

    list = forms.ChoiceField(label="Show", required=False, choices=[*LISTS.items()])
    check = forms.ChoiceField(label="Check", required=False, choices=[("", "Any"), *CHOICES])
    marked = forms.BooleanField(label="Only with a value outside its range", required=False)
    days = forms.ChoiceField(
        label="Signed off, let go in the last", required=False, choices=[*PERIODS.items()]
    )

    def wanted(self) -> Wanted:
        """Give what was asked for."""
        self.is_valid()
        asked = {name: value for name, value in self.cleaned_data.items() if value}
        return Wanted(**asked)
