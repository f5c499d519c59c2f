"""What the forms of a physician's acts have in common: fields one under the other, the act, a way back."""

from datetime import date

from crispy_forms.bootstrap import FormActions, StrictButton
from crispy_forms.helper import FormHelper
from crispy_forms.layout import HTML, Layout
from django import forms
from django.utils.functional import cached_property
from django.utils.html import format_html

from patients.date_boxes import DateBoxesField


class ActForm(forms.Form):
    """One act. `submit` is what its button says; `danger` where it cannot be undone from here.

    `shown` is the fingerprint of what the page showed: the act is refused where that has changed.
    """

    submit = "Save"
    danger = False

    shown = forms.CharField(widget=forms.HiddenInput, required=False)

    def __init__(self, *args, back: str, **kwargs):
        super().__init__(*args, **kwargs)
        self.back = back

    @cached_property
    def helper(self) -> FormHelper:
        """The layout; made when it is first asked for, since a form may drop fields before."""
        helper = FormHelper()
        helper.layout = Layout(*self.parts(), FormActions(*self.buttons(self.back)))
        return helper

    def renew(self) -> None:
        """Put into the hidden fields what the page shows now, whatever was sent; what was typed stays."""
        data = self.data.copy()
        for field in self.hidden_fields():
            if field.initial is not None:
                data[field.html_name] = field.initial
        self.data = data

    def parts(self) -> list:
        """Give the parts of the layout above the buttons."""
        return list(self.fields)

    def buttons(self, back: str) -> list:
        """Give the act and the way back."""
        tone = "btn-danger" if self.danger else "btn-primary"
        return [
            StrictButton(self.submit, type="submit", name="act", value="yes", css_class=tone),
            HTML(format_html('<a class="btn btn-secondary" href="{}">Cancel</a>', back)),
        ]


def day_field(label: str, help_text: str = "", **more) -> DateBoxesField:
    """Give the field of a day."""
    return DateBoxesField(label=label, help_text=help_text, **more)


def words_field(
    label: str, help_text: str = "", *, required: bool = True, missing: str = "", longest: int = 500
) -> forms.CharField:
    """Give a field for a sentence or two, no longer than the column that keeps it."""
    return forms.CharField(
        label=label,
        help_text=help_text,
        required=required,
        max_length=longest,
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"required": missing or "Write the reason."},
    )


def must_have_come(day: date | None, today: date) -> date | None:
    """Refuse a day that has not come yet in the clinic."""
    if day and day > today:
        raise forms.ValidationError("This day has not come yet.")
    return day
