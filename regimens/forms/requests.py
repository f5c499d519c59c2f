"""Asking a physician about a patient."""

from crispy_forms.bootstrap import FormActions
from crispy_forms.helper import FormHelper
from crispy_forms.layout import HTML, Layout, Submit
from django import forms

from regimens.models import Request

KINDS = (
    (Request.Kind.HOLD, "The next dose: should it be given?"),
    (Request.Kind.INTERVAL, "The patient needs injections more or less often"),
    (Request.Kind.STOP, "The patient wishes to stop"),
    (Request.Kind.PATIENT, "Something else the patient reports"),
    (Request.Kind.TRANSFER, "The patient has moved away"),
    (Request.Kind.DEATH, "The patient is reported to have died"),
)


class AskForm(forms.Form):
    """What it is about, and the words."""

    kind = forms.ChoiceField(
        label="What is it about?",
        choices=KINDS,
        widget=forms.RadioSelect,
        error_messages={"required": "Choose what it is about."},
    )
    text = forms.CharField(
        label="What should the physician know?",
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"required": "Say what the physician should know."},
    )
    same_day = forms.BooleanField(label="It needs an answer today", required=False)

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.helper = FormHelper()
        self.helper.layout = Layout(
            "kind",
            "text",
            "same_day",
            FormActions(
                Submit("save", "Ask a physician"),
                HTML('<a class="btn btn-secondary" href="{{ patient.get_absolute_url }}">Cancel</a>'),
            ),
        )
