"""The forms of decisions about a whole course: pause, stop, tablets, transfer, death."""

from datetime import date

from django import forms

from regimens.forms.acts import ActForm, day_field, must_have_come, words_field
from regimens.models.course import EndReason
from regimens.protocol.requests import StopReason

# Dying and moving away have pages of their own, since they say more than that the course ends.
WITH_A_PAGE = {StopReason.DIED: "record_death", StopReason.MOVED_AWAY: "transfer_out"}
STOP_REASONS = [
    *(
        (reason.value, reason.label)
        for reason in EndReason
        if reason not in (EndReason.DIED, EndReason.MOVED_AWAY)
    ),
    (
        StopReason.PATIENT_REQUEST.value,
        "The patient wishes to stop, and no physician has talked with them yet",
    ),
    (StopReason.DIED.value, "The patient has died (a page of its own follows)"),
    (StopReason.MOVED_AWAY.value, "The patient moves to another clinic (a page of its own follows)"),
    (StopReason.LEVELS_NORMAL.value, "The levels are normal (is answered, and ends nothing)"),
    (StopReason.SYMPTOMS_IMPROVED.value, "The patient feels better (is answered, and ends nothing)"),
]


class OnADay(ActForm):
    """An act on a day that has come; today unless said otherwise."""

    on = day_field("On")

    def __init__(self, *args, today: date, **kwargs):
        self.today = today
        super().__init__(*args, initial={**kwargs.pop("initial", {}), "on": today}, **kwargs)

    def clean_on(self) -> date:
        """Refuse a day to come."""
        return must_have_come(self.cleaned_data["on"], self.today)


class PauseForm(ActForm):
    """Injections pause until a day."""

    submit = "Pause injections"

    until = day_field("Until", "The first day on which injections go on. A pause always has an end (D-20).")
    reason = words_field("Reason", missing="Say why the injections are paused.", longest=200)

    def __init__(self, *args, today: date, **kwargs):
        super().__init__(*args, **kwargs)
        self.today = today

    def clean_until(self) -> date:
        """A pause ends on a later day."""
        if self.cleaned_data["until"] <= self.today:
            raise forms.ValidationError("A pause ends on a later day than today.")
        return self.cleaned_data["until"]


class ResumeForm(ActForm):
    """Injections go on from today."""

    submit = "Go on with injections"


class StopForm(OnADay):
    """Asks for the end of a course. Every reason somebody may give can be chosen; the protocol answers it (D-16)."""

    submit = "Go on with this reason"
    danger = True

    reason = forms.ChoiceField(
        label="Why should it end?",
        choices=STOP_REASONS,
        widget=forms.RadioSelect,
        error_messages={"required": "Choose the reason."},
    )
    keep = forms.MultipleChoiceField(
        label="Booked places to keep",
        help_text="All others are cancelled with the treatment.",
        widget=forms.CheckboxSelectMultiple,
        required=False,
    )
    conversation = words_field(
        "What was said",
        "Kept in the record. For informed refusal: why the patient refuses, and what they were told of the risk.",
        required=False,
    )

    def __init__(self, *args, booked: list[tuple[int, str]], **kwargs):
        super().__init__(*args, **kwargs)
        if booked:
            self.fields["keep"].choices = booked
        else:
            del self.fields["keep"]

    def parts(self) -> list:
        """Ask why before when."""
        return [name for name in ("shown", "reason", "on", "keep", "conversation") if name in self.fields]

    def clean_keep(self) -> list[int]:
        """Give the keys of the places."""
        return [int(key) for key in self.cleaned_data["keep"]]


class OralForm(OnADay):
    """The first tablet was taken."""

    submit = "The first tablet was taken"

    on = day_field("Taken on")


class TransferForm(OnADay):
    """The patient moves to another clinic."""

    submit = "Record the transfer"


class HandoverForm(OnADay):
    """The other clinic has taken over."""

    submit = "The other clinic has taken over"
    danger = True

    on = day_field("Confirmed on")


class DeathForm(OnADay):
    """The patient died."""

    submit = "Record the death"
    danger = True

    on = day_field("Died on")

    def __init__(self, *args, born_on: date, **kwargs):
        self.born_on = born_on
        super().__init__(*args, **kwargs)

    def clean_on(self) -> date:
        """Nobody dies before being born, or in the future."""
        if self.cleaned_data["on"] < self.born_on:
            raise forms.ValidationError("This day is before the patient was born.")
        return super().clean_on()


class ReverseDeathForm(ActForm):
    """The death was recorded by mistake."""

    submit = "This patient is alive"
