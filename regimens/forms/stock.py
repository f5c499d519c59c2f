"""What is entered about vials: a delivery, vials thrown away, a count, a recall."""

from uuid import uuid4

from crispy_forms.bootstrap import FormActions
from crispy_forms.helper import FormHelper
from crispy_forms.layout import Field, Layout, Submit
from django import forms

from patients.date_boxes import DateBoxesField
from regimens.forms.dose_groups import NO_INJECTION
from regimens.forms.voiding import VoidForm
from regimens.protocol.entries import Product
from regimens.words import PRODUCTS

NOT_MADE_HERE = dict.fromkeys(("required", "invalid"), "This form was not made here. Open the page again.")
INJECTED = [(key, name) for key, name in PRODUCTS.items() if key not in NO_INJECTION]


def _laid_out(*fields, name: str, words: str, danger: bool = False) -> FormHelper:
    helper = FormHelper()
    style = "btn-danger" if danger else "btn-primary"
    helper.layout = Layout(*fields, FormActions(Submit(name, words, css_class=style)))
    return helper


class DeliveryForm(forms.Form):
    """Vials that came: once a lot, read from the box."""

    product = forms.ChoiceField(label="Product", choices=INJECTED, initial=Product.HYDROXOCOBALAMIN.value)
    lot = forms.CharField(label="Lot", max_length=40, error_messages={"required": "Enter the lot number."})
    expires_on = DateBoxesField(
        label="Expiry date",
        help_text="Where only a month is printed, its last day.",
        error_messages={"required": "Enter the expiry date."},
    )
    brand = forms.CharField(label="Brand", max_length=60, required=False)
    vials = forms.IntegerField(
        label="Vials", min_value=1, error_messages={"required": "Enter how many vials came."}
    )
    note = forms.CharField(label="Note", max_length=200, required=False)
    token = forms.UUIDField(widget=forms.HiddenInput, error_messages=NOT_MADE_HERE)

    def __init__(self, *args, **kwargs):
        super().__init__(*args, initial={"token": uuid4()}, **kwargs)
        short = Field("vials", css_class="short")
        self.helper = _laid_out(
            "token",
            "product",
            "lot",
            "expires_on",
            "brand",
            short,
            "note",
            name="receive",
            words="Enter the delivery",
        )


class VoidMovementForm(VoidForm):
    """Why an entry of the stock is wrong."""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.helper = _laid_out("reason", name="save", words="Void this entry", danger=True)


class CountForm(forms.Form):
    """What stands in the cupboard."""

    vials = forms.IntegerField(
        label="Vials in the cupboard",
        min_value=0,
        error_messages={"required": "Count, then enter the number."},
    )
    note = forms.CharField(label="Note", max_length=200, required=False)

    def __init__(self, *args, **kwargs):
        super().__init__(*args, prefix="count", **kwargs)
        self.helper = _laid_out(
            Field("vials", css_class="short"), "note", name="count", words="Enter the count"
        )


class DiscardForm(forms.Form):
    """What was thrown away."""

    vials = forms.IntegerField(
        label="Vials", min_value=1, error_messages={"required": "Enter how many vials."}
    )
    note = forms.CharField(
        label="Why",
        max_length=200,
        help_text="Expired, broken, sent back.",
        error_messages={"required": "Say why."},
    )
    token = forms.UUIDField(widget=forms.HiddenInput, error_messages=NOT_MADE_HERE)

    def __init__(self, *args, **kwargs):
        super().__init__(*args, prefix="discard", initial={"token": uuid4()}, **kwargs)
        self.helper = _laid_out(
            "token", Field("vials", css_class="short"), "note", name="discard", words="Enter as discarded"
        )


class RecallForm(forms.Form):
    """Why a lot may not be used any more."""

    reason = forms.CharField(
        label="Who recalled it, and why",
        max_length=200,
        help_text="From then on no vial of this lot can be recorded as given. It cannot be taken back.",
        error_messages={"required": "Say who recalled it and why."},
    )

    def __init__(self, *args, **kwargs):
        super().__init__(*args, prefix="recall", **kwargs)
        self.helper = _laid_out("reason", name="recall", words="Recall this lot", danger=True)
