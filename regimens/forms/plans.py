"""The forms under a plan: the signature, another interval."""

from crispy_forms.bootstrap import StrictButton
from django import forms
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from regimens.explained import every, sentence_of
from regimens.forms.acts import ActForm, words_field
from regimens.protocol.codes import Code
from regimens.protocol.interval_changes import exceeds_cap, percent_more_often
from regimens.protocol.intervals import Interval

UNCONFIRMED = "Tick each of these, or propose another plan."
AGAIN = "Propose again with today's facts"


def by_choice(before: str, choices: list[tuple[str, str]], unchosen: str) -> SafeString:
    """Give the words of a button that say what was chosen above it: a browser shows those of the checked radio.

    choices: what the form sends, and its words. Before anything is chosen `unchosen` is shown.
    """
    spans = format_html_join("", '<span class="when when-{}">{}</span>', choices)
    return format_html('<span>{}<span class="unless">{}</span>{}</span>', before, unchosen, spans)


class SignatureForm(ActForm):
    """The signature under a proposal: the choice, the confirmations and the reason where the rules ask for them.

    `may_sign` False (a fact has changed, a question is open) leaves the fields as they were typed and offers to propose
    again instead.
    """

    plan = forms.IntegerField(widget=forms.HiddenInput)
    facts_digest = forms.CharField(widget=forms.HiddenInput)
    interval = forms.ChoiceField(
        label="How often maintenance is given",
        help_text="The protocol leaves this to you (D-02).",
        widget=forms.RadioSelect,
        error_messages={"required": "Choose how often maintenance is given."},
    )
    confirmed = forms.MultipleChoiceField(
        label="I confirm",
        help_text="The rules ask a physician to.",
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": UNCONFIRMED},
    )
    note = words_field("Note", required=False)

    def __init__(
        self,
        *args,
        proposal: dict,
        choices: tuple[Interval, ...],
        to_confirm: tuple[Code, ...],
        asks_for_a_reason: bool,
        may_sign: bool,
        **kwargs,
    ):
        super().__init__(*args, **kwargs)
        self.may_sign, self._needed = may_sign, {code.code for code in to_confirm}
        self.fields["interval"].choices = [(each.iso, every(each).capitalize()) for each in choices]
        self.fields["confirmed"].choices = [
            (code.code, f"{code.confirm} ({code.code}, {', '.join(code.rules)})") for code in to_confirm
        ]
        for name, asked in (("interval", choices), ("confirmed", to_confirm)):
            if not asked:
                del self.fields[name]
        if asks_for_a_reason:
            self.fields["note"].required = True
            self.fields["note"].label = "Reason"
            self.fields["note"].help_text = "The protocol asks for one here; it is kept with the signature."
            self.fields["note"].error_messages["required"] = (
                "Write the reason: the protocol asks for one here."
            )
        signed = [(each.iso, sentence_of(proposal, every(each))) for each in choices]
        self.submit = by_choice("Sign: ", signed, sentence_of(proposal))

    def parts(self) -> list:
        """Leave out of the layout what is not asked."""
        names = ("plan", "facts_digest", "shown", "interval", "confirmed", "note")
        return [name for name in names if name in self.fields]

    def buttons(self, back: str) -> list:
        """Sign; where that may not be, propose again without losing what was typed."""
        if self.may_sign:
            return super().buttons(back)
        again = StrictButton(AGAIN, type="submit", name="act", value="again", css_class="btn-primary")
        return [again, *super().buttons(back)[1:]]

    def clean_confirmed(self) -> list[str]:
        """Every confirmation is needed; what a physician does not confirm is proposed otherwise."""
        if set(self.cleaned_data["confirmed"]) != self._needed:
            raise forms.ValidationError(UNCONFIRMED)
        return self.cleaned_data["confirmed"]

    def chosen(self) -> Interval | None:
        """Give the interval chosen; None where there was nothing to choose."""
        interval = self.cleaned_data.get("interval")
        return Interval.from_iso(interval) if interval else None


class IntervalForm(ActForm):
    """Another maintenance interval under the signed plan. `facts` are those the page showed, signed and folded up."""

    facts = forms.CharField(widget=forms.HiddenInput, required=False)
    interval = forms.TypedChoiceField(
        label="From now on",
        coerce=Interval.from_iso,
        widget=forms.RadioSelect,
        error_messages={"required": "Choose the new interval."},
    )
    reason = words_field(
        "Reason", "Needed for more than half as frequent again; kept with the plan.", required=False
    )

    def __init__(self, *args, base: Interval, choices: list[Interval], **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["interval"].choices = [(each.iso, interval_label(base, each)) for each in choices]
        words = [(each.iso, every(each)) for each in choices]
        self.submit = by_choice("Change to ", words, "the interval chosen above")


class IntervalWishForm(ActForm):
    """What a nurse reports: a wish for another interval is put before a physician."""

    submit = "Ask a physician"

    interval = forms.TypedChoiceField(
        label="Wished for",
        coerce=Interval.from_iso,
        empty_value=None,
        required=False,
        widget=forms.RadioSelect,
    )
    symptoms_returned = forms.BooleanField(label="Symptoms have returned", required=False)
    text = words_field("In your words", "What the physician should know.", required=False, longest=400)

    def __init__(self, *args, choices: list[Interval], **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["interval"].choices = [
            ("", "No particular one"),
            *((each.iso, every(each).capitalize()) for each in choices),
        ]

    def clean(self):
        """Something must be said."""
        said = super().clean()
        if not (said.get("interval") or said.get("symptoms_returned") or said.get("text", "").strip()):
            self.add_error("text", "Say what is wished for, or what has returned.")
        return said


def interval_label(base: Interval, new: Interval) -> str:
    """Write one interval with its arithmetic against the protocol's (D-24)."""
    said, more = every(new).capitalize(), percent_more_often(base, new)
    if more > 0:
        said += f": {more} percent more often than {every(base)}"
    if exceeds_cap(base, new):
        said += "; over the cap of 50 percent, needs a reason (W-EXCEEDS-50PCT)"
    return said
