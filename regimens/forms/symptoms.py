"""What a patient reports of six symptoms: in one screen, and in one line on another screen.

`SymptomsForm` is the page. `SymptomLine` stands inside the form of another page (the dose screen):

    line = SymptomLine(request.POST or None)           # no form tag, no button; its fields are named symptoms-...
    {% include "regimens/_symptom_line.html" with line=line %}
    if form.is_valid() and line.is_valid() and line.report():
        clinical.record_symptoms(patient=..., reported_on=today, now=now, recorded_by=..., **line.report())

`line.report()` is empty where nothing was asked, so that nothing is written; else the six answers and the note as the
service takes them. One tick says “asked, all as before”; the rest is folded away and opens by itself where it was used.
"""

from datetime import date

from crispy_forms.bootstrap import FormActions, InlineRadios
from crispy_forms.helper import FormHelper
from crispy_forms.layout import HTML, Layout, Submit
from django import forms

from patients.date_boxes import DateBoxesField
from patients.models.symptoms import SYMPTOMS, Change

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

    reported_on = DateBoxesField(label="Reported on", error_messages={"required": "Enter the day."})
    note = forms.CharField(
        label="Note",
        max_length=500,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="In the patient's words.",
    )

    def __init__(self, *args, today: date, **kwargs):
        super().__init__(*args, **kwargs)
        self.initial["reported_on"] = today
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
            "reported_on",
            *(InlineRadios(name) for name in SYMPTOMS),
            "note",
            FormActions(
                Submit("save", "Record"),
                HTML('<a class="btn btn-secondary" href="{{ patient.get_absolute_url }}">Cancel</a>'),
            ),
        )

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


class SymptomLine(forms.Form):
    """Six symptoms in one line: asked and as before, or what has changed. Nothing at all is an answer too."""

    prefix = "symptoms"

    as_before = forms.BooleanField(label="Symptoms: asked, all as before", required=False)
    note = forms.CharField(label="In the patient's words", max_length=500, required=False)

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        for name in SYMPTOMS:
            self.fields[name] = forms.ChoiceField(label=LABELS[name], choices=ANSWERS, initial=NOT_ASKED)
            # A form opened before the line stood on the page, or sent without it, says nothing.
            self.fields[name].required = False

    def answers(self) -> list[forms.BoundField]:
        """Give the six fields, for the partial."""
        return [self[name] for name in SYMPTOMS]

    def is_open(self) -> bool:
        """Tell whether more than the tick was used, or is wrong."""
        used = any(self[name].value() not in (None, "", NOT_ASKED) for name in SYMPTOMS)
        return used or bool(self["note"].value()) or bool(self.errors)

    def report(self) -> dict[str, str]:
        """Give what the service takes: the six answers and the note; empty where nothing was asked or said."""
        said = {name: self._said(name) for name in SYMPTOMS}
        note = self.cleaned_data["note"]
        return {**said, "note": note} if note or any(said.values()) else {}

    def _said(self, name: str) -> str:
        answer = (self.cleaned_data[name] or NOT_ASKED).replace(NOT_ASKED, Change.NOT_ASKED)
        return answer or (Change.SAME if self.cleaned_data["as_before"] else Change.NOT_ASKED)
