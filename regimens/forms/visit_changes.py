"""The questions of every visit (D-31): one tap when nothing has changed, and a fold for what has."""

from crispy_forms.bootstrap import InlineRadios
from crispy_forms.helper import FormHelper
from crispy_forms.layout import Layout
from django import forms

from patients.clinical_facts import BY_TOPIC
from patients.models.facts import Topic
from patients.models.symptoms import SYMPTOMS
from regimens.forms.folded import Folded
from regimens.forms.symptoms import ANSWERS, LABELS, NOT_ASKED
from regimens.services.visit import Changes

SAME, YES, NO = "", "yes", "no"
AS_BEFORE = (SAME, "As before")
NOT_ASKED_FIRST = sorted(ANSWERS, key=lambda answer: answer[0] != NOT_ASKED)


class ChangesForm(forms.Form):
    """What is different from the last visit. It stands inside the dose form and is recorded before the dose is."""

    bleeding = forms.CharField(
        label="Bleeding or bruising",
        max_length=450,
        required=False,
        help_text="What, where, since when. A physician is asked today.",
    )
    anticoagulant = forms.ChoiceField(
        label="Blood thinners",
        choices=[AS_BEFORE, (YES, "Takes one now"), (NO, "Takes none now")],
        widget=forms.RadioSelect,
        required=False,
    )
    pregnant = forms.ChoiceField(
        label="Pregnancy",
        choices=[AS_BEFORE, (YES, "Pregnant"), (NO, "Not pregnant")],
        widget=forms.RadioSelect,
        required=False,
    )
    new_allergies = forms.MultipleChoiceField(
        label="New allergy",
        choices=BY_TOPIC[Topic.ALLERGIES].choices,
        widget=forms.CheckboxSelectMultiple,
        required=False,
        help_text="Allergies that matter here. It is added to those on record.",
    )

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        for name in SYMPTOMS:
            self.fields[name] = forms.ChoiceField(
                label=LABELS[name], choices=NOT_ASKED_FIRST, initial=NOT_ASKED, required=False
            )
        self.helper = FormHelper()
        self.helper.form_tag = False
        self.helper.disable_csrf = True
        self.helper.layout = Layout(
            Folded(
                "Something has changed: say what",
                "bleeding",
                InlineRadios("anticoagulant"),
                InlineRadios("pregnant"),
                "new_allergies",
                *SYMPTOMS,
            )
        )

    def changes(self) -> Changes:
        """Give what was said; falsy when nothing was."""
        said = self.cleaned_data
        return Changes(
            anticoagulant={YES: True, NO: False}.get(said["anticoagulant"]),
            pregnant={YES: True, NO: False}.get(said["pregnant"]),
            new_allergies=tuple(said["new_allergies"]),
            bleeding=said["bleeding"],
            symptoms={name: said[name] for name in SYMPTOMS if said[name] not in ("", NOT_ASKED)},
        )
