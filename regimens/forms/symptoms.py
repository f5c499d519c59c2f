"""What a patient reports of six symptoms, in one screen."""

from datetime import date

from crispy_forms.bootstrap import FormActions, InlineRadios
from crispy_forms.helper import FormHelper
from crispy_forms.layout import HTML, Layout, Submit
from django import forms

from patients.date_boxes import DateBoxesField
from patients.models import Patient
from patients.models.symptoms import SYMPTOMS, Change
from regimens.dose_screen import ANOTHER_PATIENT, new_token, read_token

NOT_ASKED = "not-asked"
ANSWERS = [(value or NOT_ASKED, label) for value, label in Change.choices]
LABELS = {
    "paraesthesia": "Paraesthesia: tingling, numbness",
    "gait": "Gait: unsteady, falls",
    "cognition": "Cognition: memory, thinking",
    "mood": "Mood",
    "fatigue": "Fatigue",
    "sore_tongue": "Sore tongue",
}


class SymptomsForm(forms.Form):
    """How each stands since the last report; not having asked is an answer too."""

    token = forms.CharField(widget=forms.HiddenInput)
    reported_on = DateBoxesField(label="Reported on", error_messages={"required": "Enter the day."})
    note = forms.CharField(
        label="Note",
        max_length=500,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="In the patient's words.",
    )

    def __init__(self, *args, patient: Patient, today: date, **kwargs):
        super().__init__(*args, **kwargs)
        self.patient = patient
        self.initial |= {"reported_on": today, "token": new_token(patient, today)}
        for name in SYMPTOMS:
            self.fields[name] = forms.ChoiceField(
                label=LABELS[name],
                choices=ANSWERS,
                initial=NOT_ASKED,
                widget=forms.RadioSelect,
                error_messages={"required": "Choose an answer; “not asked” is one."},
            )
        self.helper = FormHelper()
        self.helper.layout = Layout(
            "token",
            "reported_on",
            *(InlineRadios(name) for name in SYMPTOMS),
            "note",
            FormActions(
                Submit("save", "Record"),
                HTML('<a class="btn btn-secondary" href="{{ patient.get_absolute_url }}">Cancel</a>'),
            ),
        )

    def clean_token(self):
        """Refuse a form of another patient, or one that was not made here (H-01)."""
        token = read_token(self.cleaned_data["token"], self.patient)
        if token is None:
            raise forms.ValidationError(ANOTHER_PATIENT)
        return token

    def clean(self):
        """A report says something."""
        data = super().clean()
        answered = any(data.get(name, NOT_ASKED) != NOT_ASKED for name in SYMPTOMS)
        if not (self.errors or answered or data.get("note")):
            self.add_error(None, "Answer at least one of them, or write a note.")
        return data

    def report(self) -> dict[str, str]:
        """Give the answers as they are stored."""
        return {name: self.cleaned_data[name].replace(NOT_ASKED, Change.NOT_ASKED) for name in SYMPTOMS}
