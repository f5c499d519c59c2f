"""What the rules need to know of a patient: every answer may be *unknown*, and changes can be seen."""

from dataclasses import dataclass, fields
from datetime import date
from decimal import Decimal
from enum import StrEnum

from .units import Analyte, Comparator, Converted, convert


class Answer(StrEnum):
    """An answer to a question with two answers; nobody having asked is UNKNOWN."""

    YES = "yes"
    NO = "no"
    UNKNOWN = "unknown"


class PatientState(StrEnum):
    """Whether the clinic treats this person."""

    ACTIVE = "active"
    DECEASED = "deceased"
    TRANSFERRED_OUT = "transferred_out"


class Deficiency(StrEnum):
    """Whether a deficiency has been shown."""

    CONFIRMED = "confirmed"
    INDETERMINATE = "indeterminate"
    NONE = "none"
    UNKNOWN = "unknown"


class Neuro(StrEnum):
    """Involvement of nerves today."""

    NONE = "none"
    PRESENT = "present"
    SEVERE = "severe"
    UNKNOWN = "unknown"


class BariatricProcedure(StrEnum):
    """The kind of bariatric operation, which decides who should look after the patient (C-06)."""

    OTHER = "other"
    MALABSORPTIVE = "malabsorptive"
    UNKNOWN = "unknown"


class Allergy(StrEnum):
    """What a person may have reacted to, as far as it matters here (D-11)."""

    HYDROXOCOBALAMIN = "hydroxocobalamin"
    CYANOCOBALAMIN = "cyanocobalamin"
    METHYLCOBALAMIN = "methylcobalamin"
    COBALT = "cobalt"
    BENZYL_ALCOHOL = "benzyl alcohol"
    PARABENS = "parabens"


class FolicAcid(StrEnum):
    """Folic acid before B12: ordered now, or already taken while the deficiency is untreated (D-13)."""

    NONE = "none"
    REQUESTED = "requested"
    CURRENT = "current"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Measured:
    """A result as the laboratory reported it. `collected_on` None means that nobody knows when."""

    value: Decimal
    unit: str | None
    collected_on: date | None = None
    comparator: Comparator | None = None

    def converted(self, analyte: Analyte) -> Converted:
        """Return the value in its canonical unit; raises units.Refused when it cannot be taken."""
        return convert(analyte, self.value, self.unit, self.comparator)

    def to_json(self) -> dict:
        """Return plain values; the number stays the text that was reported."""
        return {
            "value": str(self.value),
            "unit": self.unit,
            "collected_on": self.collected_on.isoformat() if self.collected_on else None,
            "comparator": self.comparator.value if self.comparator else None,
        }

    @classmethod
    def from_json(cls, plain: dict) -> "Measured":
        """Read what `to_json` wrote."""
        collected_on, comparator = plain["collected_on"], plain["comparator"]
        return cls(
            value=Decimal(plain["value"]),
            unit=plain["unit"],
            collected_on=date.fromisoformat(collected_on) if collected_on else None,
            comparator=Comparator(comparator) if comparator else None,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """One patient as the rules see them.

    Unknown is `UNKNOWN` for a question, None for a measured value or for `allergies` (nobody asked; an empty
    set is the answer *none known*). `ileal_resection` YES with `ileal_resection_cm` None is a resection of
    unknown length.
    """

    born_on: date
    patient_state: PatientState = PatientState.ACTIVE
    pregnant: Answer = Answer.UNKNOWN
    deficiency: Deficiency = Deficiency.UNKNOWN
    neuro: Neuro = Neuro.UNKNOWN
    neuro_at_presentation: Answer = Answer.UNKNOWN
    b12: Measured | None = None
    hb: Measured | None = None
    potassium: Measured | None = None
    egfr: Measured | None = None
    platelets: Measured | None = None
    pancytopenia: Answer = Answer.UNKNOWN
    severe_flag: Answer = Answer.UNKNOWN
    bariatric: Answer = Answer.UNKNOWN
    bariatric_procedure: BariatricProcedure = BariatricProcedure.UNKNOWN
    ileal_resection: Answer = Answer.UNKNOWN
    ileal_resection_cm: Decimal | None = None
    crohns_ileal: Answer = Answer.UNKNOWN
    renal_flag: Answer = Answer.UNKNOWN
    dialysis: Answer = Answer.UNKNOWN
    anticoagulant: Answer = Answer.UNKNOWN
    allergies: frozenset[Allergy] | None = None
    leber: Answer = Answer.UNKNOWN
    folic_acid: FolicAcid = FolicAcid.UNKNOWN

    def to_json(self) -> dict:
        """Return plain values, the same for equal facts, as a signed plan keeps them."""
        return {field.name: _plain(getattr(self, field.name)) for field in fields(self)}

    @classmethod
    def from_json(cls, plain: dict) -> "Facts":
        """Read what `to_json` wrote; an absent fact raises KeyError, one that is not ours TypeError."""
        unknown = set(plain) - {field.name for field in fields(cls)}
        if unknown:
            raise TypeError(f"Not facts: {', '.join(sorted(unknown))}.")
        return cls(**{field.name: _READERS[field.name](plain[field.name]) for field in fields(cls)})

    def changed_since(self, earlier: "Facts") -> tuple[str, ...]:
        """Name the facts that differ from an earlier view of the same patient."""
        return tuple(
            field.name for field in fields(self) if getattr(self, field.name) != getattr(earlier, field.name)
        )


MEASURED: dict[str, Analyte] = {
    "b12": Analyte.B12,
    "hb": Analyte.HB,
    "potassium": Analyte.K,
    "egfr": Analyte.EGFR,
    "platelets": Analyte.PLT,
}


def age_on(born_on: date, day: date) -> int:
    """Return whole years of age on a day; born on 29 February, one is older on 1 March in other years."""
    return day.year - born_on.year - ((day.month, day.day) < (born_on.month, born_on.day))


def _plain(value: object) -> object:
    if isinstance(value, Measured):
        return value.to_json()
    if isinstance(value, frozenset):
        return sorted(item.value for item in value)
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Decimal):
        return str(value)
    return value.value if isinstance(value, StrEnum) else value


def _or_none(read):
    return lambda value: None if value is None else read(value)


_READERS = (
    {field.name: Answer for field in fields(Facts)}
    | {name: _or_none(Measured.from_json) for name in MEASURED}
    | {
        "born_on": date.fromisoformat,
        "patient_state": PatientState,
        "deficiency": Deficiency,
        "neuro": Neuro,
        "bariatric_procedure": BariatricProcedure,
        "ileal_resection_cm": _or_none(Decimal),
        "allergies": _or_none(lambda names: frozenset(Allergy(name) for name in names)),
        "folic_acid": FolicAcid,
    }
)
