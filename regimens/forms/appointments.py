"""A place in the clinic's day for one dose or blood test."""

from datetime import date, time

from crispy_forms.bootstrap import FormActions, InlineRadios
from crispy_forms.helper import FormHelper
from crispy_forms.layout import HTML, Layout, Submit
from django import forms

from regimens.models import Appointment


class AppointmentForm(forms.Form):
    """One of the free times of the day that is shown. The service has the last word."""

    on = forms.DateField(
        widget=forms.HiddenInput,
        error_messages={"required": "Choose a day.", "invalid": "This is not a day. Choose one."},
    )
    at = forms.TypedChoiceField(
        label="Time",
        widget=forms.RadioSelect,
        coerce=time.fromisoformat,
        error_messages={
            "required": "Choose a time.",
            "invalid_choice": "This time is not free any more. Choose another.",
        },
    )

    subject = forms.ChoiceField(choices=Appointment.Subject, widget=forms.HiddenInput)

    def __init__(self, *args, subject: str, day: date, times: list[time], **kwargs):
        super().__init__(*args, initial={"on": day, "subject": subject}, **kwargs)
        self.day = day
        self.offer(times)
        self.helper = FormHelper()
        self.helper.layout = Layout(
            "subject",
            "on",
            InlineRadios("at"),
            FormActions(
                Submit("save", "Book this time"),
                HTML('<a class="btn btn-secondary" href="{{ patient.get_absolute_url }}">Cancel</a>'),
            ),
        )

    def clean_on(self):
        """Only the day whose times were shown: not a past one, nor one years away."""
        if self.cleaned_data["on"] != self.day:
            raise forms.ValidationError("Nothing can be booked on this day. Choose another.")
        return self.day

    def offer(self, times: list[time]) -> None:
        """Set the times there are to choose from."""
        self.fields["at"].choices = [(f"{at:%H:%M}", f"{at:%H:%M}") for at in times]


class CancelForm(forms.Form):
    """Nothing to fill in: the button is the answer."""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.helper = FormHelper()
        self.helper.layout = Layout(
            FormActions(
                Submit("save", "Cancel the appointment", css_class="btn-danger"),
                HTML('<a class="btn btn-secondary" href="{{ patient.get_absolute_url }}">Keep it</a>'),
            )
        )
