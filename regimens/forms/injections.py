"""The dose screen: who, the vial, the site, what happened after the needle; about to give, or given already."""

from datetime import date

from crispy_forms.bootstrap import FormActions, InlineRadios
from crispy_forms.helper import FormHelper
from crispy_forms.layout import HTML, Fieldset, Layout, Submit
from django import forms

from patients.date_boxes import DateBoxesField
from patients.models import Patient, User
from regimens.dose_screen import ANOTHER_PATIENT, Prefill, new_token, read_token
from regimens.forms.dose_groups import (
    CANCEL,
    after_the_needle,
    identifiers,
    number_of_identifiers,
    on_whose_word,
    products,
    sites,
    the_site,
    the_vial,
)
from regimens.forms.folded import Folded
from regimens.forms.members import MemberChoice
from regimens.forms.vials import VialField, as_proposed, choose_from_stock, take_chosen, vial_from_stock
from regimens.givers import givers
from regimens.models import Injection
from regimens.protocol.codes import CODES, Finding, Passer
from regimens.protocol.requests import AskedRoute
from regimens.services.decisions import may_be_authorised
from regimens.services.injections import Given
from regimens.vials import Vial, VialOnOffer
from regimens.words import ROUTES

IDENTIFIERS_NEEDED = 2
YES, NO = "yes", "no"
NOTHING, CHANGED, RECORDED = "nothing", "changed", "recorded"
UNKNOWN_AFTERWARDS = ("lot", "expires_on", "brand", "site")
ANOTHER_DAY = "This form was opened on another day. Open it again, and ask the patient again."


class InjectionForm(forms.Form):
    """A dose somebody is about to give. The rules are not here: the service asks the protocol."""

    token = forms.CharField(widget=forms.HiddenInput)
    identity = forms.MultipleChoiceField(
        label="I compared with the patient",
        help_text="Two identifiers at least, as the patient says them.",
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": "Compare two identifiers with the patient, then tick them."},
    )
    asked = forms.ChoiceField(
        label="I asked about bleeding, blood thinners, new allergies, pregnancy and symptoms",
        choices=[(NOTHING, "Nothing has changed"), (CHANGED, "Something has changed")],
        widget=forms.RadioSelect,
        error_messages={"required": "Ask the patient what has changed, then choose."},
    )
    kit = forms.BooleanField(
        label="The anaphylaxis kit is here, complete and in date",
        error_messages={
            "required": "Look at the anaphylaxis kit before the first injection of your session."
        },
    )
    lot = forms.CharField(
        label="Lot", max_length=40, error_messages={"required": "Enter the lot number from the vial."}
    )
    expires_on = DateBoxesField(
        label="Expiry date",
        help_text="Where only a month is printed, its last day.",
        error_messages={"required": "Enter the expiry date from the vial."},
    )
    brand = forms.CharField(label="Brand", max_length=60, required=False)
    room = forms.CharField(label="Room", max_length=30, required=False)
    vial = VialField()
    site = forms.ChoiceField(
        label="Site", widget=forms.RadioSelect, error_messages={"required": "Choose the site."}
    )
    site_reason = forms.CharField(label="Reason for this site", max_length=200, required=False)
    upper_outer = forms.BooleanField(label="Upper outer quarter of the buttock", required=False)
    anterior = forms.BooleanField(label="Needle directed to the front (anteriorly)", required=False)
    needle_gauge = forms.IntegerField(
        label="Needle gauge", help_text="18 to 30.", min_value=18, max_value=30, required=False
    )
    needle_length_mm = forms.IntegerField(
        label="Needle length in mm", min_value=8, max_value=60, required=False
    )
    partial = forms.BooleanField(label="Only part of the dose went in", required=False)
    reaction = forms.ChoiceField(
        label="Reaction", choices=Injection.Reaction, initial=Injection.Reaction.NONE, required=False
    )
    haematoma = forms.ChoiceField(
        label="Haematoma at the site",
        choices=[("", "Not looked at"), (NO, "None seen"), (YES, "Haematoma")],
        required=False,
    )
    observed_minutes = forms.IntegerField(
        label="Observed for how many minutes", min_value=0, max_value=600, required=False
    )
    note = forms.CharField(
        label="Note", max_length=500, required=False, widget=forms.Textarea(attrs={"rows": 2})
    )
    product = forms.CharField(label="Product on the vial", max_length=24)
    micrograms = forms.IntegerField(label="Dose in micrograms", min_value=1, max_value=1_000_000)
    route = forms.ChoiceField(label="Route", choices=[(each.value, each.value) for each in AskedRoute])
    given_by = MemberChoice(label="Given by", queryset=User.objects.none(), required=False, empty_label="Me")
    authority = forms.ChoiceField(
        label="Given on", choices=Injection.Authority, initial=Injection.Authority.PLAN, required=False
    )
    authority_note = forms.CharField(
        label="Whose direction, and of which day",
        max_length=200,
        required=False,
        help_text="For a patient-specific direction.",
    )
    authorise = forms.MultipleChoiceField(
        label="I let this one dose pass",
        widget=forms.CheckboxSelectMultiple,
        choices=[(code, code) for code in CODES if may_be_authorised(code)],
        required=False,
    )
    authorise_reason = forms.CharField(
        label="Reason", max_length=500, required=False, help_text="Needed with every tick above."
    )

    # A vein is on nobody's list before the needle (C-12); a form edited to ask for it is answered by the rules.
    routes_offered = (AskedRoute.IM, AskedRoute.SC_DEEP)
    # Who was compared and what was asked holds for the day on which the form was opened.
    asks_today = True

    def __init__(
        self,
        *args,
        patient: Patient,
        prefill: Prefill,
        today: date,
        vials: tuple[VialOnOffer, ...] = (),
        kit_seen: bool = False,
        told: bool = False,
        **kwargs,
    ):
        """vials: those of the clinic's stock. kit_seen: this person has looked at the kit today.

        told: what has changed was recorded a moment ago.
        """
        super().__init__(*args, initial=_initial(patient, prefill, today), **kwargs)
        self.patient, self.today = patient, today
        choose_from_stock(self, vials)
        self.fields["given_by"].queryset = givers(patient.clinic_id)
        if kit_seen:
            self.fields.pop("kit", None)
        if told:
            self.fields["asked"].choices = [(RECORDED, "What has changed is recorded")]
        self.fields["site"].choices = sites(prefill)
        self.fields["product"].widget = forms.Select(choices=products(self.initial["product"]))
        self.fields["route"].widget.choices = [(each.value, ROUTES[each]) for each in self.routes_offered]
        if "identity" in self.fields:
            self.fields["identity"].choices = identifiers(patient, today)

    def lay_out(self, findings: tuple[Finding, ...], *, may_authorise: bool) -> None:
        """Lay the form out for what was found: what a physician may let pass, what to watch after the needle."""
        passable = [found for found in findings if _may_be_let_pass(found)] if may_authorise else []
        self.fields["authorise"].widget.choices = [
            (found.code, f"{found.message} ({found.code})") for found in passable
        ]
        leave = Fieldset("Authorise as a physician", "authorise", "authorise_reason")
        self._lay_out(
            Fieldset("Who", "identity"),
            Fieldset("Asked today", "asked", HTML("{% load crispy_forms_tags %}{% crispy changes %}")),
            *(["kit"] if "kit" in self.fields else []),
            vial_from_stock(self) if self.vials else the_vial(self.initial),
            *the_site(),
            after_the_needle(findings),
            on_whose_word(),
            Folded("The product, dose or route is another one", "product", "micrograms", "route"),
            *([leave] if passable else []),
            submit="Record the injection",
        )

    def _lay_out(self, *groups, submit: str) -> None:
        self.helper = FormHelper()
        self.helper.form_tag = False
        self.helper.layout = Layout("token", *groups, FormActions(Submit("save", submit), CANCEL))

    def clean_token(self):
        """Refuse a form of another patient, one that was not made here (H-01), or one left open since another day."""
        signed = self.cleaned_data["token"]
        token = read_token(signed, self.patient)
        if token is None:
            raise forms.ValidationError(ANOTHER_PATIENT)
        if self.asks_today and read_token(signed, self.patient, self.today) is None:
            raise forms.ValidationError(ANOTHER_DAY)
        return token

    def clean_identity(self):
        """Ask for two identifiers (H-01)."""
        if number_of_identifiers(self.cleaned_data["identity"]) < IDENTIFIERS_NEEDED:
            raise forms.ValidationError(self.fields["identity"].error_messages["required"])
        return self.cleaned_data["identity"]

    def clean_route(self):
        """Tablets are no injection; everything else is answered by the rules."""
        if self.cleaned_data["route"] == AskedRoute.ORAL:
            raise forms.ValidationError("Tablets are not recorded here.")
        return self.cleaned_data["route"]

    def clean(self):
        """Read the chosen vial; ask for a reason beside what a physician lets pass."""
        take_chosen(self)
        if self.cleaned_data.get("authorise") and not self.cleaned_data.get("authorise_reason"):
            self.add_error("authorise_reason", "Say why this dose may be given.")

    def given(self) -> Given:
        """Give what was typed as the service takes it; what could not be read is as the form proposed it."""
        typed = self.cleaned_data if self.is_bound else as_proposed(self)
        return Given(**self._said({**dict.fromkeys(self.fields), **self.initial, **typed}))

    def _said(self, said: dict) -> dict:
        texts = ("site", "lot", "brand", "note", "room")
        numbers = ("micrograms", "needle_gauge", "needle_length_mm", "observed_minutes")
        return {
            **{name: said[name] or "" for name in texts},
            **{name: said[name] for name in (*numbers, "product", "route", "expires_on")},
            "given_on": self.today,
            "site_reason": (said["site_reason"] or "").strip(),
            "site_confirmed": bool(said["upper_outer"] and said["anterior"]),
            "partial": bool(said["partial"]),
            "reaction": said["reaction"] or Injection.Reaction.NONE,
            "haematoma": {YES: True, NO: False}.get(said["haematoma"]),
            "identity_confirmed": number_of_identifiers(said.get("identity")) >= IDENTIFIERS_NEEDED,
            "questions_asked": said.get("asked") in (NOTHING, RECORDED),
            "authority": said["authority"] or Injection.Authority.PLAN,
            "authority_note": (said["authority_note"] or "").strip(),
        }

    def vial_used(self) -> Vial:
        """Give the vial that was used, for the next patient."""
        return Vial(*(self.cleaned_data[name] for name in ("lot", "expires_on", "brand", "room")))


class AlreadyGivenForm(InjectionForm):
    """A dose that was given before it is typed in: a late entry, or one from elsewhere. It is recorded as it happened."""

    routes_offered = (AskedRoute.IM, AskedRoute.SC_DEEP, AskedRoute.IV)
    asks_today = False

    identity = None
    asked = None
    kit = None
    vial = None
    authorise = None
    authorise_reason = None
    given_on = DateBoxesField(label="Given on")
    given_at = forms.TimeField(
        label="Time, if known", required=False, widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M")
    )
    source = forms.ChoiceField(
        label="Where",
        choices=[(Injection.Source.CLINIC, "Here"), (Injection.Source.ELSEWHERE, "Somewhere else")],
        widget=forms.RadioSelect,
    )
    source_name = forms.CharField(
        label="Place", max_length=120, required=False, help_text="If somewhere else."
    )
    given_by_name = forms.CharField(
        label="Name of who gave it", max_length=120, required=False, help_text="If somewhere else."
    )

    def __init__(self, *args, patient: Patient, **kwargs):
        super().__init__(*args, patient=patient, **kwargs)
        self.fields["given_by"].help_text = "If here."
        for name in UNKNOWN_AFTERWARDS:
            self.fields[name].required = False
            self.initial.pop(name)  # what is proposed for the next dose was not what this one was

    def lay_out(self, findings: tuple[Finding, ...], *, may_authorise: bool) -> None:
        """Lay the form out; nothing is let pass afterwards: a physician decides whether the dose counts."""
        self._lay_out(
            Fieldset(
                "When and where",
                "given_on",
                "given_at",
                InlineRadios("source"),
                "given_by",
                "source_name",
                "given_by_name",
            ),
            Fieldset("What was given", "product", "micrograms", "route"),
            the_vial(self.initial),
            *the_site(),
            after_the_needle(findings),
            submit="Record what was given",
        )

    def clean_given_on(self):
        """A day before the birth is a typing error; a day to come is answered by the rules."""
        if self.cleaned_data["given_on"] < self.patient.born_on:
            raise forms.ValidationError("This day is before the patient was born.")
        return self.cleaned_data["given_on"]

    def _said(self, said: dict) -> dict:
        return {
            **super()._said(said),
            "already_given": True,
            "given_on": said["given_on"],
            "given_at": said["given_at"],
            "source": said["source"],
            "source_name": (said["source_name"] or "").strip(),
            "given_by_name": (said["given_by_name"] or "").strip(),
        }


def _initial(patient: Patient, prefill: Prefill, today: date) -> dict:
    product, route, micrograms = prefill.form
    return {
        "token": new_token(patient, today),
        "site": prefill.site,
        "product": product,
        "route": route,
        "micrograms": micrograms,
        "lot": prefill.vial.lot,
        "expires_on": prefill.vial.expires_on,
        "brand": prefill.vial.brand,
        "room": prefill.vial.room,
        "authority": Injection.Authority.PLAN,
        "reaction": Injection.Reaction.NONE,
        "given_on": today,
        "source": Injection.Source.CLINIC,
    }


def _may_be_let_pass(found: Finding) -> bool:
    return found.stops and found.passable_by is Passer.PHYSICIAN and may_be_authorised(found.code)
