"""Why a planned dose was not given, and what comes next."""

from datetime import date

from crispy_forms.bootstrap import FormActions
from crispy_forms.helper import FormHelper
from crispy_forms.layout import HTML, Div, Layout, Submit
from django import forms

from patients.date_boxes import DateBoxesField
from patients.models import Patient
from patients.templatetags.wording import weekday_day
from regimens.dose_screen import ANOTHER_PATIENT, new_token, read_token
from regimens.models import NotGiven

# Two answers that are more than a reason: a wish that a physician must hear, and a dose that was had after all.
STOP, ELSEWHERE = "stop", "elsewhere"
WHY = NotGiven.Reason
REASONS = (
    *((each.value, each.label) for each in (WHY.DID_NOT_ATTEND, WHY.DECLINED)),
    (STOP, "Declined, and wishes to stop treatment"),
    *((each.value, each.label) for each in WHY if each not in (WHY.DID_NOT_ATTEND, WHY.DECLINED)),
    (ELSEWHERE, "Already had it elsewhere"),
)


class NotGivenForm(forms.Form):
    """A reason, a day, the day to phone; for a dose had elsewhere, when and where."""

    token = forms.CharField(widget=forms.HiddenInput)
    reason = forms.ChoiceField(
        label="Why was the dose not given?",
        choices=REASONS,
        widget=forms.RadioSelect,
        error_messages={"required": "Choose the reason."},
    )
    had_on = DateBoxesField(label="Had it on", required=False)
    place = forms.CharField(
        label="Where", max_length=120, required=False, help_text="For example: Ward 3, the general practice."
    )
    on = DateBoxesField(label="On", help_text="The day on which it was not given.")
    call_on = DateBoxesField(label="Phone the patient from", required=False)
    note = forms.CharField(label="Note", max_length=200, required=False)

    def __init__(self, *args, patient: Patient, today: date, next_open_on: date, **kwargs):
        super().__init__(*args, initial={"on": today, "token": new_token(patient, today)}, **kwargs)
        self.patient, self.today = patient, today
        self.fields["had_on"].when = self.fields["place"].when = "if had elsewhere"
        chosen_for_you = f"If you choose none: {weekday_day(next_open_on)}."
        self.fields[
            "call_on"
        ].help_text = f"{chosen_for_you} A booked place takes the patient off the phone list."
        self.helper = FormHelper()
        self.helper.layout = Layout(
            "token",
            "reason",
            Div("had_on", "place", css_class="if-elsewhere"),
            Div("on", "call_on", css_class="unless-elsewhere"),
            "note",
            FormActions(
                Submit("save", "Record"),
                HTML('<a class="btn btn-secondary" href="{{ patient.get_absolute_url }}">Cancel</a>'),
                css_class="sticky",
            ),
        )

    @property
    def was_had(self) -> bool:
        """The dose was given after all, elsewhere."""
        return self.cleaned_data["reason"] == ELSEWHERE

    def clean_token(self):
        """Refuse a form of another patient, or one that was not made here (H-01)."""
        token = read_token(self.cleaned_data["token"], self.patient)
        if token is None:
            raise forms.ValidationError(ANOTHER_PATIENT)
        return token

    def clean_had_on(self) -> date | None:
        """Nobody had a dose on a day to come, or before being born."""
        had_on = self.cleaned_data["had_on"]
        if had_on and had_on > self.today:
            raise forms.ValidationError("This day has not come yet.")
        if had_on and had_on < self.patient.born_on:
            raise forms.ValidationError("This day is before the patient was born.")
        return had_on

    def clean(self):
        """Ask for date and place of a dose had elsewhere; what belongs to the other answer is left out."""
        said = super().clean()
        elsewhere = said.get("reason") == ELSEWHERE
        for name in ("on", "call_on") if elsewhere else ("had_on", "place"):
            self.errors.pop(name, None)
        if elsewhere and not said.get("had_on") and "had_on" not in self.errors:
            self.add_error("had_on", "Enter the day on which the patient had it.")
        if elsewhere and not (said.get("place") or "").strip() and "place" not in self.errors:
            self.add_error("place", "Say where the patient had it.")
        return said

    def why(self) -> dict[str, object]:
        """Give what regimens.services.not_given.record_not_given asks."""
        said = self.cleaned_data
        wishes_to_stop = said["reason"] == STOP
        return {
            "reason": NotGiven.Reason.DECLINED if wishes_to_stop else said["reason"],
            "wishes_to_stop": wishes_to_stop,
            **{name: said[name] for name in ("on", "call_on", "note")},
        }

    def had(self) -> dict[str, object]:
        """Give what regimens.services.not_given.record_had_elsewhere asks."""
        said = self.cleaned_data
        return {"on": said["had_on"], "place": said["place"], "token": said["token"], "note": said["note"]}
