"""Which patients follow which entry of the catalogue, signed under which version of the protocol."""

import re
from collections import Counter
from dataclasses import dataclass

from django.db.models import Count, Exists, OuterRef, Q, QuerySet

from monitoring.cohort.groups import Group
from monitoring.cohort.scope import Scope
from monitoring.cohort.standing import open_courses
from regimens.models import Plan
from regimens.protocol import catalogue


@dataclass(frozen=True)
class Follows:
    """One entry under one version: how many treatments follow it signed, and how many wait for the signature."""

    key: str
    title: str
    version: str
    is_retired: bool
    signed: int
    proposed: int

    @property
    def signed_word(self) -> str:
        """The word of the list of those who follow it."""
        return f"follows-{self.key}-v{self.version.replace('.', '-')}"

    @property
    def proposed_word(self) -> str:
        """The word of the list of those for whom it is proposed."""
        return self.signed_word.replace("follows-", "proposed-", 1)


@dataclass(frozen=True)
class Following:
    """All open treatments, each under the plan in force or, without one, under its proposal."""

    rows: tuple[Follows, ...]
    open: int

    @property
    def signed(self) -> int:
        """Treatments under a signed plan."""
        return sum(row.signed for row in self.rows)

    @property
    def proposed(self) -> int:
        """Treatments whose only plan waits for its signature."""
        return sum(row.proposed for row in self.rows)

    @property
    def adds_up(self) -> bool:
        """Tell whether every open treatment follows exactly one entry."""
        return self.signed + self.proposed == self.open


def _plans(scope: Scope) -> QuerySet:
    """Give the plan each open course follows: the signed one, else the proposal."""
    signed = Plan.objects.signed().filter(course=OuterRef("course"))
    in_force = Q(signed_at__isnull=False) | ~Exists(signed)
    return Plan.objects.current().filter(in_force, scope.here("course__clinic"), course__ended_on=None)


def count(scope: Scope) -> Following:
    """Count every entry, retired ones and those that nobody follows included; two statements."""
    counted = Counter()
    grouped = _plans(scope).order_by().values_list("regimen_key", "protocol_version")
    numbers = {
        name: Count("pk", filter=Q(signed_at__isnull=name == "proposed")) for name in ("signed", "proposed")
    }
    for key, version, signed, proposed in grouped.annotate(**numbers):
        counted[key, version, False], counted[key, version, True] = signed, proposed
    return Following(
        rows=tuple(_row(key, version, counted) for key, version in _pairs(counted)),
        open=open_courses(scope).count(),
    )


def _pairs(counted: Counter) -> list[tuple[str, str]]:
    """Give every entry with each version it is followed under; under the present one where nobody follows it."""
    followed = {(key, version) for key, version, _unsigned in counted}
    known = [entry.key for entry in catalogue.REGIMENS]
    idle = {(key, catalogue.PROTOCOL_VERSION) for key in known if key not in {pair[0] for pair in followed}}
    place = {key: number for number, key in enumerate(known)}
    return sorted(followed | idle, key=lambda pair: (place.get(pair[0], len(known)), pair))


def _row(key: str, version: str, counted: Counter) -> Follows:
    entry = next((each for each in catalogue.REGIMENS if each.key == key), None)
    return Follows(
        key=key,
        title=entry.title if entry else "Not in the catalogue",
        version=version,
        is_retired=entry is None or entry.retired_on is not None,
        signed=counted[key, version, False],
        proposed=counted[key, version, True],
    )


def group(word: str) -> Group | None:
    """Give the list behind a number; None for a word that is none."""
    found = re.fullmatch(r"(follows|proposed)-([a-z0-9-]{1,60})-v([0-9-]{1,20})", word)
    if not found:
        return None
    key, version = found[2], found[3].replace("-", ".")

    def rows(scope: Scope) -> QuerySet:
        plans = _plans(scope).filter(
            regimen_key=key, protocol_version=version, signed_at__isnull=found[1] == "proposed"
        )
        return open_courses(scope).filter(pk__in=plans.values("course"))

    said = "Proposed" if found[1] == "proposed" else "Following"
    return Group(word, f"{said}: {key}, protocol {version}", rows)
