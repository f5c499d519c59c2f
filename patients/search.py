"""Finds patients by what somebody types into one box: parts of a name, a date of birth, a number.

Every question goes through an index. Names alike are pointed out, because two people are easily taken for one (H-01).
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from django.db.models import Count, F, Q, QuerySet
from django.db.models.fields.tuple_lookups import TupleGreaterThan, TupleLessThan
from django.db.models.functions import Coalesce

from patients.date_boxes import NotADate, read_date
from patients.folding import fold
from patients.models import Clinic, NameKey, Patient
from patients.national_ids import tidy

ROWS = 50
# What says who somebody is.
IDENTITY = ("family_name", "given_names", "born_on", "national_id")
# Namesakes share a part of the name; of very common parts only so many are looked at.
NAMESAKES_LOOKED_AT = 500
# Nobody compares more.
MOST_LIKE = 20

# 1945-07-14; 14/7/1945, 14.07.45, 14 Jul 1945, 14th July, 1945, 14Jul1945; July 14, 1945; 14071945; 19450714.
# Each with the places of day, month and year in it. A tablet makes a dash of two hyphens.
DATES = tuple(
    (re.compile(pattern, re.IGNORECASE), places)
    for pattern, places in (
        (r"\b(\d{4})[-–./](\d{1,2})[-–./](\d{1,2})\b", (3, 2, 1)),
        (
            r"\b(\d{1,2})(?:st|nd|rd|th)?[\s./–-]+(?:of\s+)?(\d{1,2}|[a-z]{3,9})\.?,?[\s./–-]+(\d{4}|\d{2})\b",
            (1, 2, 3),
        ),
        (r"\b(\d{1,2})([a-z]{3,9})(\d{4}|\d{2})\b", (1, 2, 3)),
        (r"\b([a-z]{3,9})\.?[\s-]+(\d{1,2})(?:st|nd|rd|th)?,?[\s-]+(\d{4})\b", (2, 1, 3)),
        (r"\b(\d{2})(\d{2})(\d{4})\b", (1, 2, 3)),
        (r"\b(\d{4})(\d{2})(\d{2})\b", (3, 2, 1)),
    )
)


@dataclass(frozen=True)
class Typed:
    """What was typed, as it may be meant: a number as it stands, days of birth, beginnings of names."""

    number: str
    born_on: tuple[date, ...]
    beginnings: tuple[str, ...]


def read(text: str, today: date) -> Typed:
    """Take apart what was typed. A year of two digits is every year it can have been."""
    born_on, rest = _dates(text, today)
    words = (word for word in re.split(r"[\W_]+", fold(rest)) if word)
    return Typed(text.strip(), born_on, tuple(word for word in words if not word.isdigit()))


def find(clinic: Clinic, typed: Typed) -> QuerySet:
    """Give the patients that match; a number that is somebody's is that person, whatever else it may mean."""
    here = Patient.objects.present().filter(clinic=clinic)
    persons = _with_number(clinic, typed.number)
    born = Q(born_on__in=typed.born_on) | Q(pk__in=_also_born(clinic, typed.born_on))
    if persons:
        return here.filter(Q(pk__in=persons) | born)
    if not (typed.born_on or typed.beginnings):
        return here.none()
    if typed.born_on:
        here = here.filter(born)
    return here.named([clinic.pk], *typed.beginnings)


def numbered(clinic: Clinic, number: str) -> QuerySet:
    """Give the patients of a clinic who have this record number or national number, or a record merged with it."""
    return Patient.objects.present().filter(clinic=clinic, pk__in=_with_number(clinic, number))


def _with_number(clinic: Clinic, number: str) -> list[int]:
    """Give the keys of the records that stay for one of a record's numbers; one query, each half along its own index.

    Spaces in the number do not matter, nor do capitals.
    """
    together = re.sub(r"\s", "", number)
    if not together:
        return []
    here = Patient.objects.filter(clinic=clinic).order_by()
    spellings = {spelt for text in (number.strip(), together) for spelt in (text, text.upper(), text.lower())}
    records = here.filter(record_number__in=spellings)
    nationals = here.filter(national_id=tidy(number)).exclude(national_id="")
    stays = Coalesce("merged_into", "pk")
    return [key for (key,) in records.values_list(stays).union(nationals.values_list(stays))]


def _also_born(clinic: Clinic, born_on: tuple[date, ...]) -> list[int]:
    """Give the patients who have a merged record with one of these days of birth; one query, none without a day."""
    merged = Patient.objects.filter(clinic=clinic, born_on__in=born_on, merged_into__isnull=False)
    return list(merged.values_list("merged_into", flat=True)) if born_on else []


def _dates(text: str, today: date) -> tuple[tuple[date, ...], str]:
    """Give the days of birth that may be meant, and the text without them."""
    for pattern, order in DATES:
        match = pattern.search(text)
        if not match:
            continue
        day, month, year = (match[group] for group in order)
        years = [year] if len(year) == 4 else [f"20{year}", f"19{year}"]
        found = tuple(on for year in years if (on := _date(day, month, year)) and on <= today)
        if found:
            return found, text[: match.start()] + " " + text[match.end() :]
    return (), text


def _date(day: str, month: str, year: str) -> date | None:
    try:
        return read_date(day, month, year)
    except NotADate:
        return None


@dataclass(frozen=True)
class Page:
    """One page of what was found. earlier, later: the key of the patient to step from, if there are more."""

    patients: list[Patient]
    alike: frozenset[int]
    earlier: int | None
    later: int | None


BY_NAME = ("family_name", "given_names", "pk")


def page(found: QuerySet, after: int | None = None, before: int | None = None, rows: int = ROWS) -> Page:
    """Read some patients by name; where to go on is named by a patient's key, so that no name stands in an address."""
    at = before or after
    place = Patient.objects.filter(pk=at).values_list(*BY_NAME).first() if at else None
    backwards = bool(before and place)
    if place:
        beside = TupleLessThan if backwards else TupleGreaterThan
        found = found.filter(beside(tuple(F(name) for name in BY_NAME), place))
    read = list(found.order_by(*(f"-{name}" if backwards else name for name in BY_NAME))[: rows + 1])
    more, shown = len(read) > rows, read[:rows]
    if backwards:
        shown.reverse()
    return Page(
        patients=shown,
        alike=_alike(shown),
        earlier=shown[0].pk if shown and (more if backwards else place) else None,
        later=shown[-1].pk if shown and (backwards or more) else None,
    )


def namesakes(patient: Patient) -> list[int]:
    """Give the keys of other patients of the clinic whose names are so like this one's that they may be mistaken.

    One query along the index of name parts: whoever is one slip away shares a part, unless the name has only one.
    """
    parts = NameKey.objects.filter(clinic=patient.clinic_id, key__in=patient.name_keys()).values("patient")
    # Of very common parts those come first who share most of them.
    nearest = parts.annotate(shared=Count("key")).order_by("-shared", "patient").values("patient")
    others = Patient.objects.present().filter(pk__in=nearest[:NAMESAKES_LOOKED_AT]).exclude(pk=patient.pk)
    name = _folded_name(patient.family_name, patient.given_names)
    names = others.order_by("pk").values_list("pk", "family_name", "given_names")
    return [pk for pk, family, given in names if alike(name, _folded_name(family, given))]


def perhaps_the_same_as(patient: Patient) -> list[Patient]:
    """Give the other records of a clinic that may be this person's: the likely ones first, then those with like names."""
    like = perhaps_the_same(patient.clinic, **{name: getattr(patient, name) for name in IDENTITY})
    named = Patient.objects.filter(pk__in=namesakes(patient)[:MOST_LIKE]).order_by("pk")
    both = {other.pk: other for other in (*like, *named) if other.pk != patient.pk}
    return list(both.values())[:MOST_LIKE]


def perhaps_the_same(
    clinic: Clinic, *, family_name: str, given_names: str, born_on: date, national_id: str = ""
) -> list[Patient]:
    """Give the patients of a clinic who may be the one that is being registered: like name and birth, or the number."""
    here = Patient.objects.filter(clinic=clinic).select_related("merged_into")
    typed = _folded(Patient(family_name=family_name, given_names=given_names))
    born = [
        patient for patient in here.filter(born_on=born_on).order_by("pk") if alike(typed, _folded(patient))
    ]
    same_number = here.filter(national_id=national_id) if national_id else ()
    found = (patient.merged_into or patient for patient in (*same_number, *born))
    return list({patient.pk: patient for patient in found}.values())


def alike(one: tuple[str, str], other: tuple[str, str]) -> bool:
    """Tell whether two folded names (family, given) are one slip of the hand apart, or the same parts otherwise put."""
    if one[0] == other[0] and (one[1].startswith(other[1]) or other[1].startswith(one[1])):
        return True
    whole, another = " ".join(one), " ".join(other)
    return is_one_slip(whole, another) or set(whole.split()) == set(another.split())


def is_one_slip(one: str, other: str) -> bool:
    """Tell whether one letter more, less or other, or two letters changed round, makes one text of the other."""
    if one == other or abs(len(one) - len(other)) > 1:
        return one == other
    short, long = sorted((one, other), key=len)
    start = next((i for i, (a, b) in enumerate(zip(short, long, strict=False)) if a != b), len(short))
    if len(short) < len(long):
        return short[start:] == long[start + 1 :]
    swapped = long[start + 1 : start + 2] + long[start : start + 1]
    return short[start + 1 :] == long[start + 1 :] or (
        short[start : start + 2] == swapped and short[start + 2 :] == long[start + 2 :]
    )


def _alike(patients: Iterable[Patient]) -> frozenset[int]:
    """Give the keys of those on a page whose names are like another's there."""
    names = [(patient.pk, _folded(patient)) for patient in patients]
    pairs = ((one, other) for i, one in enumerate(names) for other in names[:i])
    return frozenset(
        pk for (one, name), (other, another) in pairs if alike(name, another) for pk in (one, other)
    )


def _folded(patient: Patient) -> tuple[str, str]:
    """Give the names as they are compared."""
    return _folded_name(patient.family_name, patient.given_names)


def _folded_name(family_name: str, given_names: str) -> tuple[str, str]:
    """Fold a name; a hyphen is as good as a space."""
    return fold(family_name).replace("-", " "), fold(given_names).replace("-", " ")
