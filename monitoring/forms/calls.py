"""What came of a phone call, and who is to be phoned."""

from datetime import date

from crispy_forms.bootstrap import FormActions, InlineRadios
from crispy_forms.helper import FormHelper
from crispy_forms.layout import HTML, Div, Layout, Submit
from django import forms

from monitoring.calls.record import Subject
from monitoring.models import Outcome
from patients.date_boxes import DateBoxesField
from patients.templatetags.wording import weekday_day

NOT_CLINICAL = "Nothing clinical: everybody at the desk reads this."
CANCEL = '<a class="btn btn-secondary" href="{{ back_url }}">Cancel</a>'


class CallForm(forms.Form):
    """One outcome; a day where it needs one. `after` is the newest call that the page showed."""

    after = forms.IntegerField(widget=forms.HiddenInput, min_value=0, max_value=2**63 - 1)
    outcome = forms.ChoiceField(
        label="What came of it?",
        widget=forms.RadioSelect,
        error_messages={"required": "Choose what came of the call."},
    )
    coming_on = DateBoxesField(label="Coming on", required=False)
    again_on = DateBoxesField(label="Call again on", required=False)
    note = forms.CharField(label="Note", max_length=200, required=False, help_text=NOT_CLINICAL)

    def __init__(self, *args, subject: Subject, message_on: date, coming_on: date, after: int, **kwargs):
        super().__init__(*args, initial={"after": after, "coming_on": coming_on}, **kwargs)
        self.fields["outcome"].choices = [(each.value, each.label) for each in subject.outcomes]
        self.fields[
            "again_on"
        ].help_text = f"After a message: {weekday_day(message_on)}, unless you choose another day."
        self.fields["coming_on"].when = "if coming unbooked"
        self.fields["again_on"].when = "needed to call again"
        self.helper = FormHelper()
        self.helper.layout = Layout(
            "after",
            "outcome",
            Div("coming_on", css_class="with-coming"),
            Div("again_on", css_class="with-again"),
            "note",
            FormActions(Submit("save", "Record the call"), HTML(CANCEL)),
        )

    def clean(self):
        """Ask for the day that an outcome needs; a day that belongs to another outcome is left out."""
        said = super().clean()
        needed = {Outcome.WILL_COME: "coming_on", Outcome.AGAIN: "again_on"}.get(said.get("outcome"))
        if needed and not said.get(needed) and needed not in self.errors:
            self.add_error(needed, "Enter the day: day, month and year.")
        if said.get("outcome") != Outcome.WILL_COME:
            said["coming_on"] = None
            self.errors.pop("coming_on", None)
        if said.get("outcome") not in (Outcome.AGAIN, Outcome.LEFT_MESSAGE):
            said["again_on"] = None
            self.errors.pop("again_on", None)
        return said


class AskedCallForm(forms.Form):
    """Why a patient is to be phoned, from which day on, and whether it was their own wish."""

    reason = forms.CharField(
        label="Why is the patient to be phoned?",
        max_length=200,
        help_text=f"For example: wants another time; ask for the new address. {NOT_CLINICAL}",
        error_messages={"required": "Say why the patient is to be phoned."},
    )
    call_on = DateBoxesField(label="From which day on", error_messages={"required": "Enter the day to call."})
    by_patient = forms.TypedChoiceField(
        label="Who asked for it?",
        choices=[("no", "Somebody here"), ("yes", "The patient")],
        coerce=lambda value: value == "yes",
        widget=forms.RadioSelect,
        initial="no",
        error_messages={"required": "Choose who asked for it."},
    )

    def __init__(self, *args, today: date, **kwargs):
        super().__init__(*args, initial={"call_on": today}, **kwargs)
        self.helper = FormHelper()
        self.helper.layout = Layout(
            "reason",
            "call_on",
            InlineRadios("by_patient"),
            FormActions(Submit("save", "Put on the list"), HTML(CANCEL)),
        )
