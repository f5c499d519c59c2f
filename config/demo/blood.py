"""Invented laboratory results: a panel before treatment, and panels that follow it over the years."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from random import Random

from patients.models import Analyte, Result
from regimens.facts import MEASUREMENTS
from regimens.protocol.facts import Measured
from regimens.protocol.units import convert
from regimens.services.in_bulk import Row


@dataclass(frozen=True)
class Lab:
    """A laboratory: its name, and for each analyte its unit, its range, and how many canonical units one unit is."""

    name: str
    units: dict[Analyte, tuple[str, str, str, str]]


# fmt: off
LABS = (
    Lab("County Pathology", {
        #               unit      low     high   canonical units in one
        Analyte.B12:  ("ng/L",   "197",  "771", "0.738"),
        Analyte.HCY:  ("umol/L", "5",    "15",  "1"),
        Analyte.HB:   ("g/L",    "115",  "165", "1"),
        Analyte.MCV:  ("fL",     "80",   "99",  "1"),
        Analyte.PLT:  ("10^9/L", "150",  "400", "1"),
    }),
    Lab("Harbour Laboratories", {
        Analyte.B12:  ("pmol/L", "145",  "569", "1"),
        Analyte.HCY:  ("umol/L", "5",    "13.9", "1"),
        Analyte.HB:   ("g/dL",   "11.5", "16.5", "10"),
        Analyte.MCV:  ("fL",     "80",   "99",  "1"),
        Analyte.PLT:  ("K/uL",   "150",  "400", "1"),
    }),
)
# fmt: on
OTHERS = {Analyte.EGFR: "mL/min/1.73 m2", Analyte.K: "mmol/L", Analyte.FOLATE: "nmol/L"}


@dataclass
class Levels:
    """Where a person's levels stand, in canonical units; treatment moves them a little with every panel."""

    b12: float
    hcy: float
    hb: float
    mcv: float
    plt: float
    egfr: float
    hcy_falls: bool = True

    @classmethod
    def before_treatment(cls, rng: Random) -> "Levels":
        """Deficient, mostly without severe anaemia, with ordinary platelets and kidneys."""
        return cls(
            b12=rng.uniform(80, 130),
            hcy=rng.uniform(14, 42),
            hb=rng.uniform(102, 142),
            mcv=rng.uniform(88, 112),
            plt=rng.uniform(165, 380),
            egfr=rng.uniform(62, 108),
        )

    def treated(self, rng: Random) -> None:
        """Move towards health; homocysteine falls, or rises where the story wants it to (D-28)."""
        self.b12 = rng.uniform(290, 560)
        self.hcy = (
            max(6.5, self.hcy * rng.uniform(0.62, 0.92)) if self.hcy_falls else min(45, self.hcy * 1.15)
        )
        self.hb += (138 - self.hb) * rng.uniform(0.3, 0.7)
        self.mcv += (90 - self.mcv) * rng.uniform(0.4, 0.8)
        self.plt = max(160, self.plt * rng.uniform(0.95, 1.05)) if self.plt > 150 else self.plt
        self.egfr *= rng.uniform(0.97, 1.01)

    def panel(self) -> dict[Analyte, float]:
        """Give what a lab check measures."""
        return {
            Analyte.B12: self.b12,
            Analyte.HCY: self.hcy,
            Analyte.HB: self.hb,
            Analyte.MCV: self.mcv,
            Analyte.PLT: self.plt,
        }


def results(
    patient, lab: Lab, levels: dict[Analyte, float], on: date, when, by
) -> tuple[list[Row], dict[str, Measured]]:
    """Give the rows of one sample, and what the rules will read of it."""
    rows, measured = [], {}
    for analyte, level in levels.items():
        unit, low, high, canonical = lab.units.get(analyte) or (OTHERS[analyte], None, None, "1")
        value = (Decimal(f"{level:.1f}") / Decimal(canonical)).quantize(Decimal("0.1"))
        if analyte in (Analyte.PLT, Analyte.EGFR, Analyte.MCV) or unit in ("ng/L", "g/L"):
            value = value.quantize(Decimal(1))
        rows.append(
            Row(
                Result,
                patient=patient,
                analyte=analyte,
                value=value,
                unit=unit,
                collected_on=on,
                lab=lab.name,
                range_low=Decimal(low) if low else None,
                range_high=Decimal(high) if high else None,
                confirmed=convert(analyte, value, unit).needs_confirming,
                recorded_at=when,
                recorded_by=by,
            )
        )
        if analyte in MEASUREMENTS:
            measured[MEASUREMENTS[analyte]] = Measured(value.normalize() + 0, unit, on)
    return rows, measured
