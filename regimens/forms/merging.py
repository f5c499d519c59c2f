"""Two records of one person: finding the other one, proposing, deciding, taking apart."""

from django import forms

from regimens.forms.acts import ActForm, words_field

MERGE = "merge"


class OtherRecordForm(ActForm):
    """The number of the other record."""

    submit = "Compare"

    number = forms.CharField(
        label="Record number of the other one",
        help_text="Or its national number. Spaces do not matter.",
        max_length=40,
        error_messages={"required": "Enter the number of the other record."},
    )


class ProposeMergeForm(ActForm):
    """Which record stays, and why these are one person's."""

    submit = "Ask a physician to merge them"

    stays = forms.TypedChoiceField(
        label="Which record stays?",
        help_text="The other one is read with it from then on, and its number finds this one. No row is lost.",
        coerce=int,
        widget=forms.RadioSelect,
        error_messages={"required": "Choose the record that stays."},
    )
    reason = words_field(
        "How do you know that this is one person?", missing="Say how you know that this is one person."
    )

    def __init__(self, *args, records, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["stays"].choices = [
            (record.pk, f"{record.name}, record {record.record_number}") for record in records
        ]


class DecideMergeForm(ActForm):
    """A physician's answer: one person, or two."""

    submit = "Decide"

    outcome = forms.ChoiceField(
        label="Decision",
        widget=forms.RadioSelect,
        choices=(
            (MERGE, "One person: read both records as one"),
            ("two persons", "Two persons: the records stay apart; say why"),
            ("not needed", "Settled in another way; say how"),
        ),
        error_messages={"required": "Choose what is decided."},
    )
    reason = words_field("In your words", required=False)

    def clean(self) -> dict:
        """Ask for words where the records stay apart."""
        said = super().clean()
        if said.get("outcome") not in (None, MERGE) and not said.get("reason"):
            self.add_error("reason", "Write why.")
        return said


class UnmergeForm(ActForm):
    """Why a merge was wrong."""

    submit = "Take the records apart"
    danger = True

    reason = words_field("Why are these two persons?", missing="Say why these are two persons.")
