"""Which messages somebody wants to see, and what was said on the phone."""

from crispy_forms.bootstrap import FormActions
from crispy_forms.helper import FormHelper
from crispy_forms.layout import HTML, Layout, Submit
from django import forms
from django.core.validators import MaxValueValidator, MinValueValidator

from monitoring.leases import Cause
from monitoring.message_list import STATES, Wanted
from patients.paging import FIRST_DAY, LAST_DAY


class MessageFilter(forms.Form):
    """State, day and patient. Whatever cannot be read is as if it had not been asked for."""

    show = forms.ChoiceField(required=False, choices=[("calls", "calls")])
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
            calls=asked.get("show") == "calls",
            state=asked.get("state", ""),
            cause=asked.get("cause", ""),
            day=asked.get("day"),
            patient=asked.get("patient"),
        )


class CallForm(forms.Form):
    """That the patient was phoned, and what came of it."""

    note = forms.CharField(
        label="What came of it",
        max_length=200,
        help_text="For example: will come on Monday; no answer, tried twice.",
        error_messages={"required": "Say what came of the call."},
    )

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.helper = FormHelper()
        self.helper.layout = Layout(
            "note",
            FormActions(
                Submit("save", "The patient was phoned"),
                HTML('<a class="btn btn-secondary" href="{{ back_url }}">Cancel</a>'),
            ),
        )
