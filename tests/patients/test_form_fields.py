"""How a crispy form shows its fields and its errors."""

import pytest
from crispy_forms.bootstrap import FormActions, InlineRadios
from crispy_forms.helper import FormHelper
from crispy_forms.layout import Fieldset, Layout, Submit
from crispy_forms.utils import render_crispy_form
from django import forms

from patients.date_boxes import DateBoxesField


class AskForm(forms.Form):
    name = forms.CharField(help_text="As on the <card>.")
    on = DateBoxesField(label="On")
    sex = forms.ChoiceField(choices=[("f", "Female"), ("m", "Male")], widget=forms.RadioSelect)
    pain = forms.ChoiceField(
        choices=[("y", "Yes"), ("n", "No")], widget=forms.RadioSelect, help_text="Today."
    )
    site = forms.ChoiceField(choices=[("", "Choose"), ("l", "Left")], required=False)
    sure = forms.BooleanField(label="I am sure")
    file = forms.FileField(required=False)

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.helper = FormHelper()
        self.helper.layout = Layout(
            Fieldset("Who", "name", "on", InlineRadios("sex")),
            Fieldset("What", "pain", "site", "sure", "file"),
            FormActions(Submit("save", "Save")),
        )


@pytest.fixture
def unsent() -> str:
    return render_crispy_form(AskForm())


@pytest.fixture
def refused() -> str:
    return render_crispy_form(AskForm({"site": "elsewhere"}))


def test_inline_radios_show_their_error(refused):
    assert '<p id="id_sex_error" class="field-error">' in refused
    assert refused.index('id="id_sex_error"') < refused.index('id="id_sex_0"')


def test_no_legend_carries_a_for(unsent, refused):
    assert "<legend" in unsent
    assert "<legend for" not in unsent + refused


@pytest.mark.parametrize("name", ["id_name", "id_site", "id_file", "id_sure", "id_sex_0", "id_pain_1"])
def test_every_control_has_a_label(unsent, name):
    assert f'for="{name}"' in unsent


def test_a_hint_stands_between_label_and_control_and_is_escaped(unsent):
    hint = unsent.index('<div id="id_name_helptext" class="form-text">As on the &lt;card&gt;.</div>')
    assert unsent.index('for="id_name"') < hint < unsent.index('name="name"')
    assert 'aria-describedby="id_name_helptext"' in unsent


def test_what_may_be_left_empty_says_so(unsent):
    assert unsent.count("(optional)") == 2


def test_the_summary_links_each_error_to_its_first_control(refused):
    summary = refused[refused.index('class="error-summary"') : refused.index("<fieldset")]
    for control in ("id_name", "id_on_day", "id_sex_0", "id_pain_0", "id_site", "id_sure"):
        assert f'<a href="#{control}">' in summary
        assert f'id="{control}"' in refused


def test_an_error_of_the_whole_form_leads_the_summary():
    form = AskForm({})
    form.add_error(None, "Given today already.")
    summary = render_crispy_form(form)
    assert summary.index("Given today already.") < summary.index('<a href="#id_name">')


def test_a_form_that_was_not_sent_shows_no_summary(unsent):
    assert "There is a problem" not in unsent


def test_the_browser_leaves_the_errors_to_the_summary(unsent):
    assert " novalidate" in unsent
