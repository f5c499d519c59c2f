"""Voiding a wrong record: why."""

from crispy_forms.bootstrap import FormActions
from crispy_forms.helper import FormHelper
from crispy_forms.layout import Layout, Submit
from django import forms

from regimens.forms.dose_groups import CANCEL


class VoidForm(forms.Form):
    """Why a record is wrong."""

    reason = forms.CharField(
        label="Why is this record wrong?",
        max_length=200,
        help_text="It stays visible, struck through, with this reason.",
        error_messages={"required": "Say why this record is wrong."},
    )

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.helper = FormHelper()
        self.helper.layout = Layout(
            "reason", FormActions(Submit("save", "Void this record", css_class="btn-danger"), CANCEL)
        )
