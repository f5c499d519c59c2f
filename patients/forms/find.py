"""The one box in which a patient is looked for."""

from django import forms


class FindForm(forms.Form):
    """Any part of a name, a date of birth, a number."""

    q = forms.CharField(max_length=100, required=False)
