"""The forms of a plan: what to ask the protocol for, the signature, another interval."""

import hashlib
import json
from datetime import date

from crispy_forms.bootstrap import InlineRadios, StrictButton
from crispy_forms.helper import FormHelper
from crispy_forms.layout import Fieldset
from django import forms
from django.core.exceptions import NON_FIELD_ERRORS
from django.utils.functional import cached_property

from patients.date_boxes import PARTS
from patients.models import Patient
from regimens import words
from regimens.explained import every
from regimens.forms.acts import ActForm, day_field, must_have_come, words_field
from regimens.models import Plan
from regimens.protocol import catalogue
from regimens.protocol.clinic_days import ClinicDays
from regimens.protocol.entries import Loading, Product
from regimens.protocol.interval_changes import exceeds_cap
from regimens.protocol.intervals import Interval
from regimens.protocol.requests import CYANOCOBALAMIN_IM, METHYLCOBALAMIN, AskedRoute, Form, Role
from regimens.protocol.requests import Request as Asked
from regimens.services.plans import asked_to_json

AS_THE_PROTOCOL_SAYS = ("", "As the protocol says")
SHORTENED = tuple(preset.shorter for preset in catalogue.PRESETS)
INTERVALS = sorted({*catalogue.ONE_TO_THREE, *SHORTENED}, key=lambda interval: -interval.nominal_days)
ONLY_A_PHYSICIAN = ("route", "product", "micrograms", "loading", "interval", "tests_b12")


class ProposalForm(ActForm):
    """What to ask the protocol for. A nurse asks for what the protocol says; a physician may ask for more."""

    starts_on = day_field("First day of treatment", "Dates are counted from it until a dose is given.")
    loaded_elsewhere = forms.BooleanField(
        label="Arrives on treatment: loading is over, and is not given again", required=False
    )
    last_dose = forms.ChoiceField(
        label="If so, the last dose elsewhere",
        help_text="A dose that is known is recorded as given elsewhere; the next one counts from it.",
        choices=[("known", "Is on record"), ("unknown", "Nobody knows when: a dose is due at once")],
        initial="known",
        required=False,
        widget=forms.RadioSelect,
    )
    treated_since_on = day_field(
        "If so, treated since", "Lab checks count from it. Empty where nobody knows.", required=False
    )
    route = forms.ChoiceField(
        label="Route",
        help_text="Into a vein cannot be chosen (C-12).",
        choices=[
            AS_THE_PROTOCOL_SAYS,
            (AskedRoute.IM, "Into a muscle"),
            (AskedRoute.SC_DEEP, "Deep under the skin"),
            (AskedRoute.ORAL, "By mouth"),
        ],
        required=False,
        widget=forms.RadioSelect,
    )
    product = forms.ChoiceField(
        label="Product",
        help_text="What is not on the clinic's list is answered with the reason.",
        choices=[
            AS_THE_PROTOCOL_SAYS,
            *(
                (name, words.product(name))
                for name in (
                    Product.HYDROXOCOBALAMIN,
                    Product.CYANOCOBALAMIN_ORAL,
                    METHYLCOBALAMIN,
                    CYANOCOBALAMIN_IM,
                )
            ),
        ],
        required=False,
    )
    micrograms = forms.ChoiceField(
        label="Tablets of",
        help_text="Only by mouth. An injection is always 1,000 micrograms (R-02).",
        choices=[
            AS_THE_PROTOCOL_SAYS,
            ("1000", "1,000 micrograms a day"),
            ("2000", "2,000 micrograms a day"),
        ],
        required=False,
    )
    loading = forms.ChoiceField(
        label="Loading",
        choices=[
            AS_THE_PROTOCOL_SAYS,
            (Loading.STD_3X_WEEK_2W, "Three a week for two weeks"),
            (Loading.DAILY_X10, "Daily for ten days"),
        ],
        required=False,
        widget=forms.RadioSelect,
    )
    interval = forms.ChoiceField(
        label="Maintenance",
        help_text="More than half as frequent again needs a reason when it is signed (D-24).",
        choices=[AS_THE_PROTOCOL_SAYS, *((each.iso, every(each).capitalize()) for each in INTERVALS)],
        required=False,
    )
    tests_b12 = forms.BooleanField(
        label="B12 is among the tests of each check (C-02)", required=False, initial=True
    )
    reason = words_field("Why, in your words", "Where it differs from the recommendation.", required=False)

    def __init__(self, *args, patient: Patient, role: Role, today: date, clinic_days: ClinicDays, **kwargs):
        self.patient, self.role, self.today, self.clinic_days = patient, role, today, clinic_days
        super().__init__(*args, **kwargs)
        if role is not Role.PHYSICIAN:
            for name in ONLY_A_PHYSICIAN:
                del self.fields[name]

    def parts(self) -> list:
        """Put what belongs together under one heading."""
        groups = [
            Fieldset("When", "starts_on"),
            Fieldset("Arrives on treatment", "loaded_elsewhere", "last_dose", "treated_since_on"),
        ]
        if self.role is Role.PHYSICIAN:
            groups.append(
                Fieldset(
                    "Ask for something else",
                    InlineRadios("route"),
                    "product",
                    "micrograms",
                    InlineRadios("loading"),
                    "interval",
                    "tests_b12",
                )
            )
        return [*groups, "reason"]

    @cached_property
    def helper(self) -> FormHelper:
        """The button that proposes stands below the answer, outside the form: it names the form by this id."""
        helper = super().helper
        helper.form_id = "proposal"
        return helper

    def buttons(self, back: str) -> list:
        """Show what the protocol says."""
        show = StrictButton(
            "Show what the protocol says", type="submit", name="act", value="show", css_class="btn-primary"
        )
        return [show, *super().buttons(back)[1:]]

    def clean_starts_on(self) -> date:
        """Nobody starts before being born."""
        if self.cleaned_data["starts_on"] < self.patient.born_on:
            raise forms.ValidationError("This day is before the patient was born.")
        return self.cleaned_data["starts_on"]

    def clean_treated_since_on(self) -> date | None:
        """Treatment elsewhere began before today."""
        return must_have_come(self.cleaned_data["treated_since_on"], self.today)

    @property
    def can_be_read(self) -> bool:
        """Every field could be read, whatever the protocol or a service then said."""
        return self.is_valid() or not set(self.errors) - {NON_FIELD_ERRORS}

    def asked(self) -> Asked:
        """Give what is asked of the protocol."""
        said = self.cleaned_data
        interval, micrograms = said.get("interval"), said.get("micrograms")
        return Asked(
            role=self.role,
            form=Form(
                product=said.get("product") or None,
                route=AskedRoute(said["route"]) if said.get("route") else None,
                micrograms=int(micrograms) if micrograms else None,
            ),
            loading=Loading(said["loading"]) if said.get("loading") else None,
            loaded_elsewhere=said["loaded_elsewhere"],
            interval=Interval.from_iso(interval) if interval else None,
            clinic_days=self.clinic_days,
        )

    def on_course(self) -> dict:
        """Give what is said of the time before: nothing unless the patient arrives on treatment."""
        said, arrives = self.cleaned_data, self.cleaned_data["loaded_elsewhere"]
        return {
            "treated_since_on": said["treated_since_on"] if arrives else None,
            "last_dose_unknown": arrives and said["last_dose"] == "unknown",
        }

    def fingerprint(self, facts_digest: str) -> str:
        """Give the fingerprint of the request and the facts: what is proposed must be what was shown."""
        said = [asked_to_json(self.asked()), self.on_course(), self.cleaned_data["starts_on"], facts_digest]
        return hashlib.sha256(json.dumps(said, default=str, sort_keys=True).encode()).hexdigest()


def nothing_asked(today: date) -> dict:
    """Give what ProposalForm is sent with to ask for nothing but the protocol's own answer, from today."""
    return {**_boxes("starts_on", today), "last_dose": "known", "tests_b12": "on"}


def again(plan: Plan) -> dict:
    """Give what ProposalForm is sent with to ask the protocol the same again."""
    asked, course = plan.asked_for, plan.course
    fields = {
        name: asked.get(name) or "" for name in ("route", "product", "micrograms", "loading", "interval")
    }
    fields |= _boxes("starts_on", plan.starts_on) | _boxes("treated_since_on", course.treated_since_on)
    fields |= {"last_dose": "unknown" if course.last_dose_unknown else "known", "reason": plan.reason}
    if asked.get("loaded_elsewhere"):
        fields["loaded_elsewhere"] = "on"
    return fields | ({"tests_b12": "on"} if plan.tests_b12 else {})


def _boxes(name: str, day: date | None) -> dict[str, str]:
    """Give a day as its three boxes send it."""
    typed = (str(day.day), str(day.month), f"{day.year:04}") if day else ("", "", "")
    return {f"{name}_{part}": text for part, text in zip(PARTS, typed, strict=True)}


class SignatureForm(ActForm):
    """The signature under a proposal: the choice where one is open, the reason where one is asked for."""

    submit = "Sign this plan"

    plan = forms.IntegerField(widget=forms.HiddenInput)
    facts_digest = forms.CharField(widget=forms.HiddenInput)
    interval = forms.ChoiceField(
        label="How often maintenance is given",
        help_text="The protocol leaves this to you (D-02).",
        widget=forms.RadioSelect,
        error_messages={"required": "Choose how often maintenance is given."},
    )
    note = words_field("Note", required=False)

    def __init__(self, *args, choices: tuple[Interval, ...], asks_for_a_reason: bool, **kwargs):
        super().__init__(*args, **kwargs)
        if choices:
            self.fields["interval"].choices = [(each.iso, every(each).capitalize()) for each in choices]
        else:
            del self.fields["interval"]
        if asks_for_a_reason:
            self.fields["note"].required = True
            self.fields["note"].label = "Reason"
            self.fields["note"].help_text = "The protocol asks for one here; it is kept with the signature."
            self.fields["note"].error_messages["required"] = (
                "Write the reason: the protocol asks for one here."
            )

    def parts(self) -> list:
        """Leave the choice out of the layout where there is none."""
        return [name for name in ("plan", "facts_digest", "interval", "note") if name in self.fields]

    def chosen(self) -> Interval | None:
        """Give the interval chosen; None where there was nothing to choose."""
        interval = self.cleaned_data.get("interval")
        return Interval.from_iso(interval) if interval else None


class IntervalForm(ActForm):
    """Another maintenance interval under the signed plan."""

    submit = "Change the interval"

    interval = forms.TypedChoiceField(
        label="From now on",
        coerce=Interval.from_iso,
        widget=forms.RadioSelect,
        error_messages={"required": "Choose the new interval."},
    )
    reason = words_field(
        "Reason", "Needed for more than half as frequent again; kept with the plan.", required=False
    )

    def __init__(self, *args, choices: list[tuple[str, str]], **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["interval"].choices = choices


def interval_label(base: Interval, new: Interval) -> str:
    """Write one interval with its arithmetic against the protocol's (D-24)."""
    said = every(new).capitalize()
    more = round((base.nominal_days / new.nominal_days - 1) * 100)
    if more > 0:
        said += f": {more} percent more often than {every(base)}"
    if exceeds_cap(base, new):
        said += "; over the cap of 50 percent, needs a reason"
    return said


class WithdrawForm(ActForm):
    """A proposal beside a signed plan is taken back."""

    submit = "Take the proposal back"
    danger = True

    plan = forms.IntegerField(widget=forms.HiddenInput)
