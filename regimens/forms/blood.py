"""Blood was taken; a sample was lost."""

from datetime import date

from django import forms

from regimens.forms.acts import ActForm, day_field, must_have_come


class BloodForm(ActForm):
    """A panel was drawn: when, by whom, where it was sent."""

    submit = "Blood was taken"

    taken_on = day_field("Taken on", error_messages={"required": "Enter the day the blood was taken."})
    taken_by_name = forms.CharField(
        label="Taken by", max_length=120, required=False, help_text="Only if it was not you: a name, a ward."
    )
    lab = forms.CharField(label="Sent to", max_length=80, required=False, help_text="The laboratory.")
    note = forms.CharField(label="Note", max_length=200, required=False)

    def __init__(self, *args, today: date, **kwargs):
        self.today = today
        super().__init__(*args, initial={"taken_on": today}, **kwargs)

    def clean_taken_on(self) -> date:
        """Refuse a day to come."""
        return must_have_come(self.cleaned_data["taken_on"], self.today)


class VoidSampleForm(ActForm):
    """A record of blood taken was a mistake."""

    submit = "Void this record"
    danger = True

    reason = forms.CharField(
        label="Why is this record wrong?",
        max_length=200,
        help_text="It stays visible, struck through, with this reason.",
        error_messages={"required": "Say why this record is wrong."},
    )


class LostForm(ActForm):
    """A sample will have no results."""

    submit = "It is lost: draw again"
    danger = True

    reason = forms.CharField(
        label="What became of it?",
        max_length=200,
        help_text="For example: clotted, never arrived, too little blood.",
        error_messages={"required": "Say what became of the sample."},
    )
