"""A whole panel of results on one screen; there is no default unit, and what looks wrong is looked at again."""

from typing import NamedTuple

from django import forms
from django.http import QueryDict

from patients.date_boxes import DateBoxesField
from regimens.protocol import units
from regimens.protocol.units import ANALYTES, Analyte

COMPARATORS = [("", "="), ("<", "<"), (">", ">")]
IMPLAUSIBLE = "(B-LAB-IMPLAUSIBLE)"
SIGNS = tuple(sign for sign, _label in COMPARATORS if sign)
BESIDE = ("comparator", "unit", "low", "high")


class Echo(NamedTuple):
    """What a typed value comes to, and the tone it is said in; never green, whatever the value (D-30)."""

    tone: str
    text: str


class ResultsForm(forms.Form):
    """One row an analyte: value, comparator, unit, the laboratory's own range. Empty rows are left out."""

    collected_on = DateBoxesField(
        label="Blood taken on",
        help_text="The day of the sample, not of the report.",
        error_messages={"required": "Enter the day the blood was taken."},
    )
    lab = forms.CharField(
        label="Laboratory",
        max_length=80,
        error_messages={"required": "Enter the laboratory's name."},
    )

    def __init__(self, data: QueryDict | None = None, **kwargs):
        super().__init__(data and _signs_apart(data), **kwargs)
        for analyte in Analyte:
            self._add(analyte, ANALYTES[analyte].title)

    def rows(self) -> list[dict]:
        """Give the fields by analyte, for the template."""
        return [self.row(analyte) for analyte in Analyte]

    def row(self, analyte: Analyte, *, live: bool = False) -> dict:
        """Give the fields of one analyte and its echo; `live` while somebody types, when nothing is an error yet."""
        confirmed, ends = self[f"{analyte}_confirmed"], (f"{analyte}_low", f"{analyte}_high")
        return {
            "analyte": analyte.value,
            "title": ANALYTES[analyte].title,
            "confirmed": confirmed,
            "entry": [
                ("Comparator", self[f"{analyte}_comparator"], "col-4 col-md-2"),
                ("Value", self[analyte], "col-8 col-md-3"),
                ("Unit", self[f"{analyte}_unit"], "col-12 col-md-3"),
            ],
            "range": [("From", self[ends[0]], "col-6"), ("To", self[ends[1]], "col-6")],
            "asks_to_confirm": bool(confirmed.errors or confirmed.value()),
            "range_is_open": any(name in self.errors or self[name].value() for name in ends),
            "echo": self.echo(analyte, live=live) if self.is_bound else None,
        }

    def echo(self, analyte: Analyte, *, live: bool = False) -> Echo | None:
        """Give what was typed as the protocol reads it. What is wrong with it is said here only while somebody types."""
        wrong = [*self.errors.get(analyte, ()), *self.errors.get(f"{analyte}_unit", ())]
        if not self[analyte].value() or (wrong and not live):
            return None
        if wrong:
            return Echo("hold", " ".join(wrong))
        said = self._value(analyte)
        return Echo(
            "plain",
            _in_both_units(units.convert(analyte, said["value"], said["unit"], said["comparator"] or None)),
        )

    def values(self) -> list[dict]:
        """Give the panel as the service takes it."""
        return [self._value(analyte) for analyte in Analyte if self.cleaned_data.get(analyte) is not None]

    def clean(self):
        """Read every value as the protocol does, so that all that is wrong is said at once, each at its place."""
        data = super().clean()
        typed = [analyte for analyte in Analyte if data.get(analyte) is not None]
        if not typed and not self.errors:
            self.add_error(None, "Enter at least one value.")
        for analyte in Analyte:
            if analyte in typed:
                self._read(analyte)
            elif analyte not in self.errors and any(data.get(f"{analyte}_{part}") for part in BESIDE):
                self.add_error(analyte, "Enter the value, or clear the rest of this row.")
        return data

    def _add(self, analyte: Analyte, title: str) -> None:
        number = {"required": False, "max_digits": 12, "decimal_places": 4}
        unit_names = [(name, name) for name in units.accepted(analyte)]
        fields = {
            "": forms.DecimalField(
                label=title,
                widget=_number_box(),
                error_messages={"invalid": "Write the number as printed, with a point: 12.5."},
                **number,
            ),
            "_comparator": forms.ChoiceField(label=f"{title} is", choices=COMPARATORS, required=False),
            "_unit": forms.ChoiceField(
                label=f"{title}: unit", choices=[("", "Choose"), *unit_names], required=False
            ),
            "_low": forms.DecimalField(label=f"{title}: range from", widget=_number_box(), **number),
            "_high": forms.DecimalField(label=f"{title}: range to", widget=_number_box(), **number),
            "_confirmed": forms.BooleanField(
                label=f"{title}: compared with the report, and right as typed", required=False
            ),
        }
        self.fields |= {f"{analyte}{part}": field for part, field in fields.items()}

    def _read(self, analyte: Analyte) -> None:
        value = self._value(analyte)
        try:
            read = units.convert(analyte, value["value"], value["unit"] or None, value["comparator"] or None)
        except units.UnitMissing as refusal:
            self.add_error(
                f"{analyte}_unit",
                f"Choose the unit printed on the report.{_looks_like(refusal)} {IMPLAUSIBLE}",
            )
        except units.Implausible as refusal:
            self.add_error(
                analyte, f"{refusal}{_looks_like(refusal)} Check the number and its unit. {IMPLAUSIBLE}"
            )
        else:
            if read.needs_confirming and not value["confirmed"]:
                self.add_error(
                    f"{analyte}_confirmed",
                    f"{value['value']:f} {value['unit']} is unusual. Compare it with the report; tick here if it is right.",
                )
        low, high = value["range_low"], value["range_high"]
        if low is not None and high is not None and low >= high:
            self.add_error(f"{analyte}_high", "The range ends above where it begins.")

    def _value(self, analyte: Analyte) -> dict:
        data = self.cleaned_data
        return {
            "analyte": analyte.value,
            "value": data[analyte],
            "unit": data.get(f"{analyte}_unit", ""),
            "comparator": data.get(f"{analyte}_comparator", ""),
            "range_low": data.get(f"{analyte}_low"),
            "range_high": data.get(f"{analyte}_high"),
            "confirmed": data.get(f"{analyte}_confirmed", False),
        }


def _signs_apart(data: QueryDict) -> QueryDict:
    """Take “<150”, typed as it is printed, as the sign and the number."""
    data = data.copy()
    for analyte in Analyte:
        typed = data.get(analyte, "").strip()
        if typed.startswith(SIGNS) and not data.get(f"{analyte}_comparator"):
            data[f"{analyte}_comparator"], data[analyte] = typed[0], typed[1:].strip()
    return data


def _in_both_units(read: units.Converted) -> str:
    """Write a value as reported, and converted: into the protocol's unit, or from it into the next that is not the same."""
    sign = read.comparator or ""
    reported = f"{sign}{read.reported:f} {read.reported_unit.name}"
    if read.reported_unit.factor != 1:
        return f"{reported} = {sign}{read.shown} {read.unit}"
    others = (unit.name for unit in ANALYTES[read.analyte].units if unit.factor != 1)
    other = next(others, None)
    return (
        f"{reported} = {sign}{units.shown(read.within(other))} {other}"
        if other
        else f"{reported}, as it stands"
    )


def _number_box() -> forms.TextInput:
    return forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off"})


def _looks_like(refusal: units.Refused) -> str:
    return f" The number would fit {refusal.suggest_unit}." if refusal.suggest_unit else ""
