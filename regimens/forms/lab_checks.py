"""The forms of a physician's answers to blood tests: a check let go, a result signed off."""

from datetime import date

from django import forms

from regimens.forms.acts import ActForm, words_field
from regimens.forms.decisions import OutcomeForm

RESULT_OUTCOMES = (("seen", "Seen: nothing follows from it"), ("acted", "Acted on, as written below *"))


class SignOffForm(OutcomeForm):
    """Results were seen as they were shown."""

    submit = "Sign off"

    def __init__(self, *args, shown: str, **kwargs):
        super().__init__(*args, outcomes=RESULT_OUTCOMES, initial={"shown": shown}, **kwargs)

    def parts(self) -> list:
        """Carry what the page showed."""
        return ["shown", "outcome", "reason"]


class WaiverForm(ActForm):
    """A lab check is let go."""

    submit = "This check is not needed"

    check = forms.ChoiceField(
        label="Which check", widget=forms.RadioSelect, error_messages={"required": "Choose the check."}
    )
    reason = words_field("Reason", missing="Say why this check is not needed.")

    def __init__(self, *args, checks: list[tuple[str, str]], **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["check"].choices = checks

    def clean(self) -> dict:
        """Take the choice apart into the name of the check and its day."""
        said = super().clean()
        if "check" in said:
            name, _space, due_on = said["check"].partition(" ")
            said |= {"name": name, "due_on": date.fromisoformat(due_on)}
        return said
