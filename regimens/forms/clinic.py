"""What a manager sets of a clinic: the days and hours it is open, its closures, and its letters."""

from datetime import date

from crispy_forms.bootstrap import FormActions
from crispy_forms.helper import FormHelper
from crispy_forms.layout import Fieldset, Layout, Submit
from django import forms

from patients.calendar_words import WEEKDAYS
from patients.date_boxes import DateBoxesField
from patients.models import Clinic

TIME = {"type": "time"}


class OpeningForm(forms.Form):
    """The days of the week on which the clinic is open."""

    open_weekdays = forms.MultipleChoiceField(
        label="Open on",
        choices=[(str(number), name) for number, name in enumerate(WEEKDAYS)],
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": "Name at least one day on which the clinic is open."},
        help_text="Loading doses move to open days. The date of a maintenance dose never moves.",
    )

    def __init__(self, *args, clinic: Clinic, **kwargs):
        super().__init__(
            *args, initial={"open_weekdays": list(clinic.open_weekdays)}, prefix="opening", **kwargs
        )
        self.helper = _helper("open_weekdays", Submit("save_opening", "Save the days"))

    def clean_open_weekdays(self) -> str:
        """Give the days as the clinic keeps them: their numbers in order."""
        return "".join(sorted(self.cleaned_data["open_weekdays"]))


class ClosureForm(forms.Form):
    """A day on which the clinic is closed though its weekday is open."""

    day = DateBoxesField(label="Closed on", error_messages={"required": "Enter the day."})
    reason = forms.CharField(
        label="Why", max_length=120, error_messages={"required": "Say why, for example: staff training."}
    )

    def __init__(self, *args, today: date, **kwargs):
        self.today = today
        super().__init__(*args, prefix="closure", **kwargs)
        self.helper = _helper("day", "reason", Submit("save_closure", "Add the closure"))

    def clean_day(self) -> date:
        """A closure in the past would rewrite what was planned."""
        if self.cleaned_data["day"] < self.today:
            raise forms.ValidationError("This day is past. Enter today or a later day.")
        return self.cleaned_data["day"]


class SettingsForm(forms.ModelForm):
    """Hours, places, the lines in letters, and whether and when letters are sent."""

    class Meta:
        model = Clinic
        fields = (
            "opens_at",
            "closes_at",
            "slots_per_hour",
            "sends_injection_reminders",
            "sends_lab_reminders",
            "letters_from",
            "letters_until",
            "letter_sender",
            "address",
            "phone",
            "email",
        )
        labels = {
            "opens_at": "Opens at",
            "closes_at": "Closes at",
            "slots_per_hour": "Places in an hour",
            "sends_injection_reminders": "Send letters about visits",
            "sends_lab_reminders": "Send letters about checks",
            "letters_from": "Letters go out from",
            "letters_until": "Letters go out until",
            "letter_sender": "Sender of the letters",
            "email": "Where answers to letters go",
        }
        help_texts = {
            "sends_injection_reminders": "Switched off, nobody is written to; the worklist still shows everybody.",
            "sends_lab_reminders": "",
            "letters_from": "In the clinic's own time. The same hour twice means the whole day.",
            "letter_sender": "Never the speciality: words that give the treatment away are left out of letters.",
            "slots_per_hour": "",
            "email": "",
        }
        widgets = {
            name: forms.TimeInput(attrs=TIME, format="%H:%M")
            for name in ("opens_at", "closes_at", "letters_from", "letters_until")
        }

    def __init__(self, *args, **kwargs):
        super().__init__(*args, prefix="settings", **kwargs)
        self.helper = _helper(
            Fieldset("Hours and places", "opens_at", "closes_at", "slots_per_hour"),
            Fieldset(
                "Letters to patients",
                "sends_injection_reminders",
                "sends_lab_reminders",
                "letters_from",
                "letters_until",
            ),
            Fieldset("Lines in letters", "letter_sender", "address", "phone", "email"),
            Submit("save_settings", "Save hours and letters"),
        )

    def clean(self):
        """A clinic opens before it closes."""
        data = super().clean()
        if data.get("opens_at") and data.get("closes_at") and data["opens_at"] >= data["closes_at"]:
            self.add_error("closes_at", "The clinic closes after it opens.")
        return data

    def validate_constraints(self):
        """The service asks the database's constraints; here they would speak without a field."""


def _helper(*parts) -> FormHelper:
    *layout, button = parts
    helper = FormHelper()
    helper.layout = Layout(*layout, FormActions(button))
    return helper
