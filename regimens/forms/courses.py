"""The forms of decisions about a whole course: pause, stop, tablets, transfer, death."""

from datetime import date

from django import forms

from regimens.forms.acts import ActForm, day_field, must_have_come, words_field
from regimens.models.course import EndReason
from regimens.protocol.codes import CODES
from regimens.protocol.stopping import RAISES

# Dying and moving away have pages of their own, since they say more than that the course ends.
STOP_REASONS = [
    (reason.value, reason.label)
    for reason in EndReason
    if reason not in (EndReason.DIED, EndReason.MOVED_AWAY)
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


class StopReasonField(forms.ChoiceField):
    """A reason to stop. Those that never are one are answered with the rule, whoever sends them (R-22, R-23)."""

    def validate(self, value: str) -> None:
        """Answer a refused reason in the protocol's words."""
        code = RAISES.get(value, "")
        if code.startswith("B-"):
            raise forms.ValidationError(f"{CODES[code].message} ({code})")
        super().validate(value)


class StopForm(OnADay):
    """Ends a course, for one of the reasons the protocol knows (D-16)."""

    submit = "End this treatment"
    danger = True

    reason = StopReasonField(
        label="Reason",
        choices=STOP_REASONS,
        widget=forms.RadioSelect,
        error_messages={"required": "Choose the reason."},
    )
    conversation = words_field(
        "What was said",
        "For informed refusal: why the patient refuses, and what they were told of the risk. Kept with the decision.",
        required=False,
    )


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
