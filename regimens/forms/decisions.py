"""The forms of a physician's answers: reviews, requests, incidents, passed dates, leave for one dose, putting off."""

from datetime import date

from django import forms

from regimens.forms.acts import ActForm, day_field, must_have_come, words_field
from regimens.outcomes import LET_PASS, NOT_REACHED, REVIEWS, Outcome


class OutcomeForm(ActForm):
    """An answer out of those allowed. Some need the reason in words."""

    submit = "Settle"

    outcome = forms.ChoiceField(
        label="Decision", widget=forms.RadioSelect, error_messages={"required": "Choose what is decided."}
    )
    reason = words_field("In your words", required=False)

    def __init__(self, *args, outcomes, **kwargs):
        super().__init__(*args, **kwargs)
        allowed = [Outcome(*each) for each in outcomes]
        self.needs_words = {each.value for each in allowed if each.words or each.label.endswith("*")}
        self.fields["outcome"].choices = [
            (
                each.value,
                each.label.removesuffix(" *") + (": say why" if each.value in self.needs_words else ""),
            )
            for each in allowed
        ]

    def clean(self) -> dict:
        """Ask for words where the outcome needs them."""
        said = super().clean()
        if said.get("outcome") in self.needs_words and not said.get("reason"):
            self.add_error("reason", "Write why.")
        return said


class HoldForm(OutcomeForm):
    """A dose that was held: it waits, goes on, or may pass named codes once."""

    codes = forms.MultipleChoiceField(
        label="What the dose may pass",
        help_text="Only with “One dose may pass”; for two weeks, while no fact changes.",
        widget=forms.CheckboxSelectMultiple,
        required=False,
    )

    def __init__(self, *args, codes: list[tuple[str, str]], **kwargs):
        super().__init__(*args, **kwargs)
        if codes:
            self.fields["codes"].choices = codes
        else:
            del self.fields["codes"]

    def parts(self) -> list:
        """Ask for the codes before the words."""
        return [name for name in ("shown", "outcome", "codes", "reason") if name in self.fields]

    def clean(self) -> dict:
        """Ask what the dose may pass."""
        said = super().clean()
        if said.get("outcome") == LET_PASS and not said.get("codes"):
            self.add_error("codes", "Name what the dose may pass.")
        return said


class WishForm(OutcomeForm):
    """A wish to stop: the conversation is recorded; where treatment ends, booked places may be kept."""

    keep = forms.MultipleChoiceField(
        label="If treatment ends, keep these booked places",
        help_text="All others are cancelled.",
        widget=forms.CheckboxSelectMultiple,
        required=False,
    )

    def __init__(self, *args, booked: list[tuple[int, str]], **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["reason"].label = "What was said"
        if booked:
            self.fields["keep"].choices = booked
        else:
            del self.fields["keep"]

    def clean_keep(self) -> list[int]:
        """Give the keys of the places."""
        return [int(key) for key in self.cleaned_data["keep"]]


class PassedForm(OutcomeForm):
    """The same about a date; whoever was not reached is tried again on a day."""

    passed_on = forms.DateField(widget=forms.HiddenInput)
    until_on = day_field(
        "Try again on", "Only with “not reached”: it stands in the queue again on this day.", required=False
    )

    def __init__(self, *args, may_wait: bool, **kwargs):
        super().__init__(*args, **kwargs)
        if not may_wait:
            del self.fields["until_on"]

    def clean(self) -> dict:
        """Nobody was reached: say when somebody tries again."""
        said = super().clean()
        waits = "until_on" in self.fields and not self.errors
        if waits and said.get("outcome") == NOT_REACHED and not said.get("until_on"):
            self.add_error("until_on", "Say when somebody tries again.")
        return said


class LaterForm(ActForm):
    """Puts one thing off to a day."""

    submit = "Put it off"

    until_on = day_field("Until", "On this day it stands in the queue again.")
    reason = words_field("In your words", "Kept with it.", required=False)


class ReviewForm(OutcomeForm):
    """A neurological review (D-01)."""

    submit = "Record the review"

    on = day_field("Reviewed on")

    def __init__(self, *args, today: date, shown: str, **kwargs):
        self.today = today
        super().__init__(*args, outcomes=REVIEWS, initial={"on": today, "shown": shown}, **kwargs)

    def parts(self) -> list:
        """Ask for the day before the words."""
        return ["shown", "outcome", "on", "reason"]

    def clean_on(self) -> date:
        """Refuse a day to come."""
        return must_have_come(self.cleaned_data["on"], self.today)


class LeaveForm(ActForm):
    """One dose may pass the codes that are named."""

    submit = "Let one dose pass"

    codes = forms.MultipleChoiceField(
        label="What the dose may pass",
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": "Name what the dose may pass."},
    )
    reason = words_field("Reason", missing="Say why the dose may be given.")

    def __init__(self, *args, codes: list[tuple[str, str]], **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["codes"].choices = codes


class IncidentForm(ActForm):
    """Whether a dose given outside the rules counts (D-25)."""

    submit = "Settle"

    counts = forms.TypedChoiceField(
        label="Does this dose count for the schedule?",
        coerce=lambda typed: typed == "yes",
        widget=forms.RadioSelect,
        error_messages={"required": "Say whether it counts."},
    )
    reason = words_field("In your words", "Kept with the decision.", required=False)

    def __init__(self, *args, may_count: bool, **kwargs):
        super().__init__(*args, **kwargs)
        yes = [("yes", "It counts: the next date follows from it")] if may_count else []
        self.fields["counts"].choices = [*yes, ("no", "It does not count: the next date stays without it")]
