"""Who a patient is and how they are reached: registering, changing, consent to email."""

from datetime import date

from crispy_forms.bootstrap import FormActions, InlineRadios, StrictButton
from crispy_forms.helper import FormHelper
from crispy_forms.layout import HTML, Fieldset, Layout, Submit
from django import forms

from patients import national_ids
from patients.date_boxes import DateBoxesField
from patients.models import Patient
from patients.models.patient import national_systems

# Letters are written in these.
LANGUAGES = [("en", "English")]
CANCEL = '<a class="btn btn-secondary" href="{{ cancel_url }}">Cancel</a>'


class ContactForm(forms.ModelForm):
    """Names, birth, numbers, contact. It writes nothing: the services do."""

    born_on = DateBoxesField(label="Date of birth", error_messages={"required": "Enter the date of birth."})
    sex = forms.ChoiceField(
        choices=Patient.Sex,
        widget=forms.RadioSelect,
        error_messages={"required": "Choose; “Not known” is a choice."},
    )
    national_id_system = forms.ChoiceField(label="Which national number", required=False)
    language = forms.ChoiceField(label="Letters in", choices=LANGUAGES)

    class Meta:
        model = Patient
        fields = (
            "family_name",
            "given_names",
            "born_on",
            "sex",
            "record_number",
            "national_id_system",
            "national_id",
            "phone",
            "email",
            "language",
            "contact_note",
        )
        labels = {"national_id": "National number", "contact_note": "Note for the desk"}
        help_texts = {
            "national_id": "As printed; spaces are ignored and the check digit is checked.",
            "email": "Letters go there only after the patient has agreed and the address is confirmed.",
            "contact_note": "How to call or phone the person. Nothing clinical: reception reads this.",
        }
        error_messages = {
            "family_name": {"required": "Enter the family name."},
            "record_number": {"required": "Enter the record number."},
        }

    def __init__(self, *args, today: date, **kwargs):
        super().__init__(*args, **kwargs)
        self.today = today
        self.fields["national_id_system"].choices = [("", "None known"), *national_systems()]
        if self.instance.pk is None:
            self.initial["sex"] = ""
        elif self.instance.language not in dict(LANGUAGES):
            self.fields["language"].choices = [*LANGUAGES, (self.instance.language, self.instance.language)]
        self.helper = FormHelper()
        self.helper.layout = self.layout()

    def layout(self) -> Layout:
        """Give the whole form."""
        return Layout(*self.extra(), *self.groups(), FormActions(*self.buttons()))

    def extra(self) -> list:
        """Give what stands above the groups."""
        return []

    def groups(self) -> list:
        """Give the fields in groups."""
        return [
            Fieldset("Who", "family_name", "given_names", "born_on", InlineRadios("sex")),
            Fieldset("Numbers", "record_number", "national_id_system", "national_id"),
            Fieldset("Contact", "phone", "email", "language", "contact_note"),
        ]

    def buttons(self) -> list:
        """Give the buttons."""
        return [Submit("save", "Save"), HTML(CANCEL)]

    def clean_born_on(self) -> date:
        """Nobody is born after today."""
        born_on = self.cleaned_data["born_on"]
        if born_on > self.today:
            raise forms.ValidationError("This day has not come yet.")
        return born_on

    def clean(self):
        """A national number says of which system it is, and its check digit holds."""
        data = super().clean()
        system, number = data.get("national_id_system"), national_ids.tidy(data.get("national_id") or "")
        data["national_id"] = number
        if number and not system:
            self.add_error("national_id_system", "Choose which national number this is.")
        elif system and not number and "national_id" not in self.errors:
            self.add_error("national_id", "Enter the number, or choose “None known”.")
        elif number:
            label, holds = national_ids.SYSTEMS[system]
            if not holds(number):
                self.add_error("national_id", f"This is not a valid {label}: compare it digit by digit.")
        return data


class RegisterForm(ContactForm):
    """A new patient; when somebody like this is here already, that must be looked at first."""

    # The keys of those who were shown; pressing “another person” speaks of them and of nobody else.
    shown = forms.CharField(required=False, widget=forms.HiddenInput)
    anyway = forms.BooleanField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args, **kwargs):
        self.like: list[Patient] = []
        super().__init__(*args, **kwargs)

    def buttons(self) -> list:
        """Give the buttons; the one that registers another person comes after a look at the others."""
        if not self.like:
            return [Submit("save", "Register"), HTML(CANCEL)]
        another = StrictButton(
            "Register as another person", type="submit", name="anyway", value="on", css_class="btn-secondary"
        )
        return [Submit("save", "Look again"), another, HTML(CANCEL)]

    def extra(self) -> list:
        """Give the hidden list of those who were shown."""
        return ["shown"]

    def looked_at(self) -> frozenset[int]:
        """Give the keys of those of whom it was said that they are other persons."""
        keys = self.cleaned_data["shown"].split(",") if self.cleaned_data["anyway"] else ()
        return frozenset(int(key) for key in keys if key.isascii() and key.isdigit() and len(key) < 19)

    def ask_whether_the_same(self, like: list[Patient]) -> None:
        """Show those who may be this person, and offer to register another one; what was typed stays."""
        self.like = like
        self.data = self.data.copy()
        self.data["shown"] = ",".join(str(patient.pk) for patient in like)
        self.helper.layout = self.layout()


class EditForm(ContactForm):
    """Changed names and contact, and the version they were read at."""

    version = forms.IntegerField(widget=forms.HiddenInput, min_value=1)

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.initial["version"] = self.instance.version
        self.on_record: list[tuple[str, object]] = []

    def extra(self) -> list:
        """Give the hidden version."""
        return ["version"]

    def show_what_is_on_record(self, patient: Patient) -> None:
        """After a refusal as stale: keep what was typed, name what is on record otherwise, and let it be saved over."""
        now = EditForm(instance=patient, today=self.today)
        self.on_record = [
            (self.fields[name].label, getattr(patient, name))
            for name in self.Meta.fields
            if now.initial.get(name) != self.cleaned_data.get(name)
        ]
        self.data = self.data.copy()
        self.data["version"] = patient.version


class ConsentForm(forms.Form):
    """Whether the patient agrees to be emailed, and how they said so."""

    given = forms.TypedChoiceField(
        label="May we send email?",
        choices=[("yes", "Yes, the patient agrees"), ("no", "No, the patient does not")],
        coerce=lambda value: value == "yes",
        widget=forms.RadioSelect,
        error_messages={"required": "Choose yes or no."},
    )
    how = forms.CharField(
        label="How did they say so?",
        max_length=80,
        help_text="For example: at the desk, by phone.",
        error_messages={"required": "Say how."},
    )

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.helper = FormHelper()
        self.helper.form_tag = False
        self.helper.disable_csrf = True
        self.helper.layout = Layout("given", "how")


class ConfirmForm(forms.Form):
    """The address that was shown, so that only that one can be confirmed."""

    email = forms.CharField(widget=forms.HiddenInput)

    def __init__(self, *args, **kwargs):
        super().__init__(*args, auto_id="confirm_%s", **kwargs)  # the page has another field of this name

    def is_of(self, patient: Patient) -> bool:
        """Tell whether the patient still has this address; refuse otherwise."""
        if self.cleaned_data["email"] == patient.email:
            return True
        self.add_error(None, "The address was changed meanwhile. Look at it again.")
        return False
