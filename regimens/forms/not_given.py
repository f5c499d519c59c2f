"""Why a planned dose was not given."""

from datetime import date

from crispy_forms.bootstrap import FormActions
from crispy_forms.helper import FormHelper
from crispy_forms.layout import HTML, Layout, Submit
from django import forms

from patients.date_boxes import DateBoxesField
from regimens.models import NotGiven


class NotGivenForm(forms.Form):
    """A day, a reason, a note."""

    reason = forms.ChoiceField(
        label="Why was the dose not given?",
        choices=NotGiven.Reason,
        widget=forms.RadioSelect,
        error_messages={"required": "Choose the reason."},
    )
    on = DateBoxesField(label="On")
    note = forms.CharField(label="Note", max_length=200, required=False)

    def __init__(self, *args, today: date, **kwargs):
        super().__init__(*args, initial={"on": today}, **kwargs)
        self.helper = FormHelper()
        self.helper.layout = Layout(
            "reason",
            "on",
            "note",
            FormActions(
                Submit("save", "Record"),
                HTML('<a class="btn btn-secondary" href="{{ patient.get_absolute_url }}">Cancel</a>'),
                css_class="sticky",
            ),
        )
