"""How often somebody went on although a rule spoke against it, by the rule's code (H-16)."""

import json
import re
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass

from django.db.models import Count, F, Q, QuerySet, TextField
from django.db.models.functions import Cast

from monitoring.cohort.groups import Group, Number
from monitoring.cohort.scope import Scope
from regimens.models import Authorisation, Injection, Plan
from regimens.protocol.codes import CODES


@dataclass(frozen=True)
class Way:
    """One way past a rule: the acts of the period, the column that names the codes, and the reason that was given."""

    word: str
    title: str
    acts: Callable[[Scope], QuerySet]
    codes: str
    dated: str
    order: object
    reason: str
    patient: str = "patient_id"

    def group(self, code: str) -> Group:
        """Give the list of the acts that passed one code."""
        return Group(
            f"{self.word}-{code}",
            f"{self.title}: {code}",
            lambda scope: _naming(self.acts(scope), self.codes, code),
            self.dated,
            self.order,
            self.patient,
            ("Rule", "Reason"),
            {"codes": F(self.codes), "reason": F(self.reason)},
            lambda row, _today: (", ".join(row["codes"]), row["reason"] or "None written"),
        )

    def count(self, scope: Scope) -> tuple[Counter, int]:
        """Give {code: acts that name it}, and how many acts there are; one statement."""
        named = self.acts(scope).annotate(named=Cast(self.codes, TextField())).order_by()
        by_code, acts = Counter(), 0
        for text, number in named.values_list("named").annotate(n=Count("pk")):
            acts += number
            for code in set(json.loads(text)):
                by_code[code] += number
        return by_code, acts


def _naming(rows: QuerySet, column: str, code: str) -> QuerySet:
    return rows.annotate(named=Cast(column, TextField())).filter(named__contains=f'"{code}"')


def _authorised(scope: Scope) -> QuerySet:
    """Leave for one dose, counted by the day on which it was given."""
    courses = Q() if not scope.cause else _of_the_cause(scope)
    here = scope.here("patient__clinic")
    when = scope.moment_during("authorised_at", "patient__clinic")
    return Authorisation.objects.filter(here, courses, when)


def _of_the_cause(scope: Scope) -> Q:
    open_course = Q(patient__courses__ended_on=None)
    return open_course & scope.about("patient__courses__")


def _signed(scope: Scope) -> QuerySet:
    """Plans that were signed although a hold stood, or a warning was acknowledged."""
    signed = Plan.objects.filter(
        scope.here("course__clinic"), scope.about("course__"), scope.during("signed_on")
    )
    return signed.exclude(acknowledged=None).exclude(acknowledged=[])


def _incidents(scope: Scope) -> QuerySet:
    """Standing doses that were recorded as given outside the rules."""
    given = Injection.objects.standing().filter(scope.here("course__clinic"), scope.about("course__"))
    return given.filter(scope.during("given_on")).exclude(incident_codes=[])


# fmt: off
WAYS = (
    Way(
        "passed",
        "One dose let pass",
        _authorised,
        "codes",
        "Let pass",
        lambda scope: scope.day_of("authorised_at"),
        "reason",
    ),
    Way(
        "signed",
        "Plan signed, acknowledged",
        _signed,
        "acknowledged",
        "Signed",
        F("signed_on"),
        "signature_note",
        "course__patient_id",
    ),
    Way("incident", "Given outside the rules", _incidents, "incident_codes", "Given", F("given_on"), "note"),
)
# fmt: on
BY_WORD = {way.word: way for way in WAYS}


@dataclass(frozen=True)
class Overrides:
    """Acts by code: {code: one number a way}, and how many acts of each way there are."""

    rows: tuple[tuple[str, str, tuple[Number, ...]], ...]
    acts: tuple[Number, ...]
    named: tuple[int, ...]


def count(scope: Scope) -> Overrides:
    """Count every way; one statement each."""
    counted = [way.count(scope) for way in WAYS]
    codes = sorted({code for by_code, _acts in counted for code in by_code})
    return Overrides(
        rows=tuple(
            (
                code,
                CODES[code].message if code in CODES else "A code of an earlier protocol",
                tuple(
                    Number(way.title, by_code[code], f"{way.word}-{code}")
                    for way, (by_code, _acts) in zip(WAYS, counted, strict=True)
                ),
            )
            for code in codes
        ),
        acts=tuple(Number(way.title, acts) for way, (_by_code, acts) in zip(WAYS, counted, strict=True)),
        named=tuple(sum(by_code.values()) for by_code, _acts in counted),
    )


def group(word: str) -> Group | None:
    """Give the list behind a number; None for a word that is none."""
    found = re.fullmatch(r"(passed|signed|incident)-([A-Z0-9-]{3,40})", word)
    return BY_WORD[found[1]].group(found[2]) if found else None
