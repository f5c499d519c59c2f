"""A place in the clinic's day for one dose or blood test."""

from datetime import date, time

from crispy_forms.bootstrap import FormActions, InlineRadios
from crispy_forms.helper import FormHelper
from crispy_forms.layout import HTML, Layout, Submit
from django import forms

from patients.models import Clinic
from regimens.forms.members import WithField
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
            "invalid_choice": "%(value)s is not free any more. Choose another time.",
        },
    )

    subject = forms.ChoiceField(choices=Appointment.Subject, widget=forms.HiddenInput)

    def __init__(
        self,
        *args,
        subject: str,
        day: date,
        times: list[time],
        clinic: Clinic,
        booked: Appointment | None,
        **kwargs,
    ):
        super().__init__(*args, initial={"on": day, "subject": subject}, **kwargs)
        self.day = day
        self.fields["nurse"] = WithField(clinic=clinic, booked=[booked] if booked else [])
        self.offer(times)
        self.helper = FormHelper()
        # The page lists the errors once, above the places it offers instead.
        self.helper.form_show_errors = False
        self.helper.layout = Layout(
            "subject",
            "on",
            InlineRadios("at"),
            "nurse",
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
    """Why a booked place is freed."""

    because = forms.ChoiceField(
        label="Why is it cancelled?",
        choices=[
            (value, Appointment.Because(value).label)
            for value in (
                Appointment.Because.PATIENT,
                Appointment.Because.CLINIC,
                Appointment.Because.MISTAKE,
            )
        ],
        widget=forms.RadioSelect,
        error_messages={"required": "Say why the appointment is cancelled."},
    )

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.helper = _asks("because", Submit("save", "Cancel the appointment", css_class="btn-danger"))


class NoShowForm(forms.Form):
    """Nothing to fill in: the button is the answer."""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.helper = _asks(Submit("save", "Nobody came"))


def _asks(*parts) -> FormHelper:
    *layout, button = parts
    helper = FormHelper()
    back = HTML('<a class="btn btn-secondary" href="{{ patient.get_absolute_url }}">Keep it</a>')
    helper.layout = Layout(*layout, FormActions(button, back))
    return helper
