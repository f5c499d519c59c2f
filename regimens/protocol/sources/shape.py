"""The shape of a citation: a document that was read or recalled, and a rule that leans on documents."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

CHECKED_ON = date(2026, 11, 22)


class RuleKind(StrEnum):
    """Where a rule comes from, by the letter that begins its id."""

    STATED = "R"
    CONFLICT = "C"
    DEFAULT = "D"
    HAZARD = "H"


@dataclass(frozen=True, slots=True)
class Source:
    """A document; `checked_on` is the day it was read, None when it is only recalled."""

    code: str
    title: str
    where: str
    checked_on: date | None = CHECKED_ON

    @property
    def seen(self) -> bool:
        """Tell whether somebody read the document, rather than remembered it."""
        return self.checked_on is not None

    @property
    def standing(self) -> str:
        """Say in words how far this source may be leant on."""
        return f"checked {self.checked_on:%d %B %Y}" if self.checked_on else "recalled, not seen"


@dataclass(frozen=True, slots=True)
class Rule:
    """A numbered rule in our own words.

    A conflict (C) carries both voices in `page_says` and `others_say`, and in `text` what the program does. A
    default (D) names in `decided_by` who may decide otherwise. A hazard (H) carries its first-draft `risk`.
    """

    id: str
    text: str
    sources: tuple[Source, ...]
    page_says: str = ""
    others_say: str = ""
    decided_by: str = ""
    risk: str = ""
    checked_on: date = CHECKED_ON

    @property
    def kind(self) -> RuleKind:
        """Return what kind of rule this is."""
        return RuleKind(self.id[0])
