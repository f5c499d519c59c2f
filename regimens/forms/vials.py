"""Choosing a vial from the stock on the dose screen; where the clinic keeps none, the vial is typed."""

from crispy_forms.layout import HTML, Fieldset
from django import forms

from patients.templatetags.wording import day
from regimens.forms.folded import Folded
from regimens.vials import VialOnOffer

ANOTHER = "another"
READ_FROM_THE_VIAL = ("lot", "expires_on", "brand")
NOTHING_TYPED = ("", None, ["", "", ""], [None, None, None])
NOT_IN_STOCK = "This vial is not in the stock of this clinic and product. Choose another."
TYPED_AS_WELL = "You typed a vial as well. Choose “Another vial”, or empty those boxes."


class VialField(forms.ChoiceField):
    """The vial somebody holds. One that has expired or was recalled is refused with its reason, however it was sent."""

    def __init__(self):
        super().__init__(
            label="The vial you hold",
            widget=forms.RadioSelect,
            error_messages={"required": "Choose the vial you hold."},
        )
        self.vials: dict[str, VialOnOffer] = {}

    def valid_value(self, value) -> bool:
        """A lot that is used up by the books may still be in somebody's hand."""
        return value == ANOTHER or value in self.vials

    def validate(self, value) -> None:
        """Say why a vial is refused."""
        vial = self.vials.get(value)
        if vial is not None and vial.refused:
            raise forms.ValidationError(f"{vial.refused}: do not use it. Take another vial.")
        if value and not self.valid_value(value):
            raise forms.ValidationError(NOT_IN_STOCK)
        super().validate(value)


def choose_from_stock(form: forms.Form, vials: tuple[VialOnOffer, ...]) -> None:
    """Let the form choose among the vials of the stock; without any, the vial is typed as before."""
    form.vials = vials
    if not vials:
        form.fields.pop("vial", None)
        return
    field = form.fields["vial"]
    field.vials = {each.key: each for each in vials}
    todays = next((each for each in vials if each.is_todays and not each.refused), None)
    form.initial["vial"] = todays.key if todays else ""
    sent = form.data.get("vial") if form.is_bound else None
    field.choices = [
        *(
            (each.key, _words(each))
            for each in vials
            if not each.refused and (each.is_there or each.key == sent)
        ),
        (ANOTHER, "Another vial"),
    ]
    for name in READ_FROM_THE_VIAL:
        form.fields[name].required = False
        form.fields[name].when = "if another vial"
        form.initial.pop(name)


def as_proposed(form: forms.Form) -> dict:
    """Give what is read from today's vial, while nobody has chosen another."""
    chosen = _chosen(form, form.initial.get("vial"))
    return _read(chosen) if chosen else {}


def take_chosen(form: forms.Form) -> None:
    """Read lot, expiry and brand from the vial that was chosen; another vial must be typed."""
    said = form.cleaned_data.get("vial")
    typed = [name for name in READ_FROM_THE_VIAL if form.cleaned_data.get(name)]
    if said == ANOTHER:
        for name in ("lot", "expires_on"):
            if name not in typed and name not in form.errors:
                form.add_error(name, form.fields[name].error_messages["required"])
    elif chosen := _chosen(form, said):
        if typed or any(name in form.errors for name in READ_FROM_THE_VIAL):
            form.add_error("vial", TYPED_AS_WELL)
        else:
            form.cleaned_data.update(_read(chosen))


def vial_from_stock(form: forms.Form) -> Folded | Fieldset:
    """The vials as radios, those that are refused beneath; folded away once today's is known."""
    typed = form.is_bound and any(form[name].value() not in NOTHING_TYPED for name in READ_FROM_THE_VIAL)
    parts = (
        "vial",
        HTML('{% include "regimens/_vials_refused.html" %}'),
        Folded("Another vial: read it from the glass", *READ_FROM_THE_VIAL, opened=typed),
        "room",
    )
    todays = _chosen(form, form.initial.get("vial"))
    if todays is None:
        return Fieldset("The vial", *parts)
    room = f", room {todays.vial.room}" if todays.vial.room else ""
    return Folded(
        f"The vial of today: lot {todays.vial.lot}, expires {day(todays.vial.expires_on)}{room}", *parts
    )


def _chosen(form: forms.Form, key: str | None) -> VialOnOffer | None:
    return next((each for each in form.vials if each.key == key), None)


def _read(chosen: VialOnOffer) -> dict:
    return {name: getattr(chosen.vial, name) for name in READ_FROM_THE_VIAL}


def _words(each: VialOnOffer) -> str:
    parts = [f"Lot {each.vial.lot}", f"expires {day(each.vial.expires_on)}"]
    if each.vial.brand:
        parts.append(each.vial.brand)
    if each.left is not None:
        parts.append(f"{each.left} left" if each.left > 0 else "none left by the books")
    said = ", ".join(parts)
    return f"{said} (the vial of today)" if each.is_todays else said
