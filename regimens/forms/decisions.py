"""The forms of a physician's answers: reviews, requests, incidents, passed dates, leave for one dose."""

from datetime import date

from django import forms

from regimens.forms.acts import ActForm, day_field, must_have_come, words_field
from regimens.models import Request
from regimens.protocol.reviews import Outcome

# What each kind of request may be answered with; the second word of a pair is shown. A star asks for the reason.
OUTCOMES = {
    Request.Kind.HOLD: (
        ("wait", "Do not give the dose yet"),
        ("go on", "The reason for the hold is gone: give the dose"),
    ),
    Request.Kind.STOP: (("goes on", "We talked: treatment goes on"),),
    Request.Kind.SYMPTOMS: (
        ("no change", "Seen: no change of treatment *"),
        ("more often", "Injections become more frequent"),
        ("loading again", "Loading again, or another plan"),
        ("referred", "Referred for another cause"),
    ),
    Request.Kind.INTERVAL: (
        ("changed", "The interval has been changed"),
        ("unchanged", "The interval stays *"),
    ),
    Request.Kind.DEATH: (
        ("mistaken", "Mistaken: the patient is alive"),
        ("death recorded", "The death is recorded"),
    ),
    Request.Kind.TRANSFER: (
        ("stays", "The patient stays with us"),
        ("transfer recorded", "The transfer is recorded"),
    ),
    Request.Kind.FOLATE: (
        ("after B12", "Folic acid waits for B12"),
        ("both together", "Emergency: both together *"),
        ("during loading", "Confirmed during loading *"),
    ),
    Request.Kind.ADVERSE: (
        ("goes on", "Treatment goes on *"),
        ("observe", "Treatment goes on, each dose observed"),
        ("allergy", "Allergy: recorded among the facts, treatment ends"),
    ),
    Request.Kind.PATIENT: (("answered", "Answered"),),
    Request.Kind.INCIDENT: (("seen", "Seen"),),
    Request.Kind.MERGE: (
        ("two persons", "Two persons: the records stay apart *"),
        ("not needed", "Settled in another way *"),
    ),
}
PASSED = {
    "A-OVERDUE-PHYSICIAN": (
        ("arranged", "The patient was reached, the dose is arranged"),
        ("not reached", "Not reached: try again (put it off to a day)"),
    ),
    "A-LAPSED": (
        ("dose now", "Dose now, no loading again"),
        ("load again", "Load again: a new plan"),
        ("not reached", "Not reached: try again (put it off to a day)"),
    ),
    "A-LAPSED-12M": (
        ("new episode", "A new episode: a new plan"),
        ("dose now", "Dose now, no loading again"),
        ("not reached", "Not reached: try again (put it off to a day)"),
    ),
    "A-NEURO-GAP": (
        ("dose today", "A dose today"),
        ("not reached", "Not reached: somebody goes on calling today *"),
    ),
    "A-LOAD-GAP-GT7": (("goes on", "Loading goes on"), ("start again", "Loading starts again: a new plan")),
    "A-LOAD-GAP-GT14": (("goes on", "Loading goes on"), ("start again", "Loading starts again: a new plan")),
}
REVIEW_OUTCOMES = (
    (Outcome.STILL_IMPROVING, "Still improving: loading goes on"),
    (Outcome.NO_FURTHER_IMPROVEMENT, "No further improvement: loading ends, maintenance begins"),
    (Outcome.WORSE, "Worse: loading goes on, and a physician acts the same day"),
)


class OutcomeForm(ActForm):
    """An answer out of a few. Those marked with a star need the reason in words."""

    submit = "Settle"

    outcome = forms.ChoiceField(
        label="Decision", widget=forms.RadioSelect, error_messages={"required": "Choose what is decided."}
    )
    reason = words_field("In your words", required=False)

    def __init__(self, *args, outcomes, **kwargs):
        super().__init__(*args, **kwargs)
        self.needs_words = {value for value, label in outcomes if label.endswith("*")}
        self.fields["outcome"].choices = [
            (value, label.replace(" *", ": say why" if label.endswith("*") else ""))
            for value, label in outcomes
        ]

    def clean(self) -> dict:
        """Ask for words where the outcome needs them."""
        said = super().clean()
        if said.get("outcome") in self.needs_words and not said.get("reason"):
            self.add_error("reason", "Write why.")
        return said


class PutOffForm(OutcomeForm):
    """The same, or put off to a day."""

    passed_on = forms.DateField(widget=forms.HiddenInput)
    until_on = day_field(
        "Put off until", "Only where it is not settled: it comes back on this day.", required=False
    )

    def __init__(self, *args, may_wait: bool, **kwargs):
        super().__init__(*args, **kwargs)
        if not may_wait:
            del self.fields["until_on"]

    def clean(self) -> dict:
        """Nobody was reached: say when somebody tries again."""
        said = super().clean()
        waits = "until_on" in self.fields and not self.errors
        if waits and said.get("outcome") == "not reached" and not said.get("until_on"):
            self.add_error("until_on", "Say when somebody tries again.")
        return said


class ReviewForm(OutcomeForm):
    """A neurological review (D-01)."""

    submit = "Record the review"

    on = day_field("Reviewed on")

    def __init__(self, *args, today: date, shown: str, **kwargs):
        self.today = today
        super().__init__(*args, outcomes=REVIEW_OUTCOMES, initial={"on": today, "shown": shown}, **kwargs)

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
