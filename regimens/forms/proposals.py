"""The form of a proposal: what to ask the protocol for, and taking a proposal back."""

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
from regimens.forms.folded import Folded
from regimens.models import Plan
from regimens.protocol import catalogue
from regimens.protocol.clinic_days import ClinicDays
from regimens.protocol.codes import CODES, Finding, Passer
from regimens.protocol.entries import Loading, Product
from regimens.protocol.intervals import Interval
from regimens.protocol.requests import CYANOCOBALAMIN_IM, METHYLCOBALAMIN, AskedRoute, Form, Role
from regimens.protocol.requests import Request as Asked
from regimens.services.plans import asked_to_json

AS_THE_PROTOCOL_SAYS = ("", "As the protocol says")
SHORTENED = tuple(preset.shorter for preset in catalogue.PRESETS)
INTERVALS = sorted({*catalogue.ONE_TO_THREE, *SHORTENED}, key=lambda interval: -interval.nominal_days)
ASKS_FOR_MORE = ("route", "product", "other_product", "micrograms", "loading", "interval", "overrides")
# The one thing that stands against a form and that the rules let a physician pass: kidneys of 50 to 59 (D-06).
MAY_BE_PASSED = frozenset({"B-CYANO-RENAL"})
ROUTES = (
    AS_THE_PROTOCOL_SAYS,
    (AskedRoute.IM.value, "Into a muscle"),
    (AskedRoute.SC_DEEP.value, "Deep under the skin"),
    (AskedRoute.ORAL.value, "By mouth"),
)


class RouteField(forms.ChoiceField):
    """A route. A vein is not among the choices (C-12); whoever sends it all the same is answered by the rules."""

    def valid_value(self, value: str) -> bool:
        """Take every route that the protocol has an answer to."""
        return value in set(AskedRoute) or super().valid_value(value)


class ProposalForm(ActForm):
    """What to ask the protocol for. A nurse asks for what the protocol says; a physician may ask for more."""

    starts_on = day_field("First day of treatment", "Dates are counted from it until a dose is given.")
    loaded_elsewhere = forms.BooleanField(
        label="Loading is over, here or elsewhere, and is not given again", required=False
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
    route = RouteField(
        label="Route",
        help_text="Into a vein cannot be chosen (C-12).",
        choices=ROUTES,
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
    other_product = forms.CharField(
        label="Another product, by its name", max_length=60, required=False, widget=forms.TextInput()
    )
    micrograms = forms.DecimalField(
        label="Dose in micrograms",
        help_text="Empty: as the protocol says. An injection is 1,000 (R-02), tablets are 1,000 or 2,000 a day (R-44).",
        min_value=1,
        max_digits=9,
        decimal_places=1,
        required=False,
        widget=forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off", "class": "short"}),
    )
    loading = forms.ChoiceField(
        label="Loading",
        choices=[
            AS_THE_PROTOCOL_SAYS,
            (Loading.STD_3X_WEEK_2W, "Three a week for two weeks"),
            (Loading.DAILY_X10, "Daily for ten days"),
            (Loading.NEURO_ALT_DAYS, "Alternate days, as with nerves involved"),
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
    overrides = forms.MultipleChoiceField(
        label="Go on all the same",
        help_text="Only where the rules let a physician; it needs the reason below.",
        choices=[(code, code) for code in CODES],
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    reason = words_field("Why, in your words", "Where it differs from the recommendation.", required=False)

    _passable: tuple | list = ()

    def __init__(self, *args, patient: Patient, role: Role, today: date, clinic_days: ClinicDays, **kwargs):
        self.patient, self.role, self.today, self.clinic_days = patient, role, today, clinic_days
        super().__init__(*args, **kwargs)
        if role is not Role.PHYSICIAN:
            del self.fields["tests_b12"]

    def parts(self) -> list:
        """Put what belongs together under one heading; what is seldom asked for is folded away.

        A nurse is not offered what only a physician may ask for; sent all the same, the rules answer it (B-ROLE).
        """
        groups = [
            Fieldset("When", "starts_on"),
            Folded(
                "Arrives on treatment, or loading is over",
                "loaded_elsewhere",
                "last_dose",
                "treated_since_on",
                opened=self._asks("loaded_elsewhere"),
            ),
        ]
        if self.role is Role.PHYSICIAN:
            groups.append(
                Folded(
                    "Ask for another product, route, loading, interval or tests",
                    InlineRadios("route"),
                    "product",
                    "other_product",
                    "micrograms",
                    InlineRadios("loading"),
                    "interval",
                    "tests_b12",
                    opened=self._asks(*ASKS_FOR_MORE) or not self["tests_b12"].value(),
                )
            )
            if self._passable:
                groups.append(Fieldset("Pass what stands against it", "overrides"))
        return [*groups, "reason"]

    def offer_to_pass(self, findings: tuple[Finding, ...]) -> None:
        """Offer a physician to pass what the rules let a physician pass here (D-06); called once the answer is known."""
        self._passable = [
            (found.code, f"{found.message} ({found.code})")
            for found in findings
            if found.code in MAY_BE_PASSED and found.passable_by is Passer.PHYSICIAN
        ]
        self.fields["overrides"].widget.choices = self._passable

    def _asks(self, *names: str) -> bool:
        return any(self[name].value() for name in names)

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
        return self.is_valid() or not set(self.errors) - {NON_FIELD_ERRORS, "reason"}

    def clean(self):
        """What is passed needs a reason."""
        said = super().clean()
        if said.get("overrides") and self.role is Role.PHYSICIAN and not said.get("reason", "").strip():
            self.add_error("reason", "Write the reason for going on all the same.")
        return said

    def asked(self) -> Asked:
        """Give what is asked of the protocol."""
        said = self.cleaned_data
        interval, micrograms = said.get("interval"), said.get("micrograms")
        return Asked(
            role=self.role,
            form=Form(
                product=said.get("other_product", "").strip() or said.get("product") or None,
                route=AskedRoute(said["route"]) if said.get("route") else None,
                micrograms=micrograms,
            ),
            overrides=frozenset(said.get("overrides", ())) & MAY_BE_PASSED,
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


def nothing_asked(today: date, *, loaded: bool = False, tests_b12: bool = True) -> dict:
    """Give what ProposalForm is sent with to ask for nothing but the protocol's own answer, from today.

    `loaded`: loading is over under the plan in force, so that nobody is loaded again unasked (D-20, D-23).
    """
    asked = {**_boxes("starts_on", today), "last_dose": "known"}
    return asked | ({"loaded_elsewhere": "on"} if loaded else {}) | ({"tests_b12": "on"} if tests_b12 else {})


def again(plan: Plan) -> dict:
    """Give what ProposalForm is sent with to ask the protocol the same again."""
    asked, course = plan.asked_for, plan.course
    fields = {
        name: asked.get(name) or "" for name in ("route", "product", "micrograms", "loading", "interval")
    }
    fields |= _boxes("starts_on", plan.starts_on) | _boxes("treated_since_on", course.treated_since_on)
    fields |= {"last_dose": "unknown" if course.last_dose_unknown else "known", "reason": plan.reason}
    if fields["product"] not in words.PRODUCTS:
        fields |= {"product": "", "other_product": fields["product"]}
    if asked.get("overrides"):
        fields["overrides"] = asked["overrides"][0]
    if asked.get("loaded_elsewhere"):
        fields["loaded_elsewhere"] = "on"
    return fields | ({"tests_b12": "on"} if plan.tests_b12 else {})


def _boxes(name: str, day: date | None) -> dict[str, str]:
    """Give a day as its three boxes send it."""
    typed = (str(day.day), str(day.month), f"{day.year:04}") if day else ("", "", "")
    return {f"{name}_{part}": text for part, text in zip(PARTS, typed, strict=True)}


class WithdrawForm(ActForm):
    """A proposal beside a signed plan is taken back."""

    submit = "Take the proposal back"
    danger = True

    plan = forms.IntegerField(widget=forms.HiddenInput)
