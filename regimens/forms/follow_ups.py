"""How a follow-up after an injection went."""

from crispy_forms.bootstrap import FormActions
from crispy_forms.helper import FormHelper
from crispy_forms.layout import HTML, Layout, Submit
from django import forms

from regimens.models import FollowUp
from regimens.services.follow_ups import OUTCOMES


class FollowUpForm(forms.Form):
    """One tap for how it went, and a word where something is left open."""

    outcome = forms.ChoiceField(
        label="How did it go?",
        widget=forms.RadioSelect,
        error_messages={"required": "Choose how it went."},
    )
    note = forms.CharField(
        label="Note", max_length=500, required=False, help_text="Needed where it could not be done."
    )

    def __init__(self, *args, follow_up: FollowUp, **kwargs):
        super().__init__(*args, **kwargs)
        outcomes = [FollowUp.Outcome(each) for each in OUTCOMES[follow_up.kind]]
        self.fields["outcome"].choices = [(each.value, each.label) for each in outcomes]
        self.helper = FormHelper()
        self.helper.layout = Layout(
            "outcome",
            "note",
            FormActions(
                Submit("save", "Record"),
                HTML('<a class="btn btn-secondary" href="{% url \'today\' %}">Not yet</a>'),
            ),
        )
