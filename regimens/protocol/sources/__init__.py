"""What is cited: the documents, and every numbered rule in our own words, with the day each was checked.

`RULES` maps an id such as "R-12" or "D-03" to its `Rule`; `REFERENCES` maps "S20" or "K05" to its `Source`.
"""

from .conflicts import CONFLICTS
from .defaults import DEFAULTS
from .hazards import HAZARDS
from .references import ALL_REFERENCES
from .shape import CHECKED_ON, Rule, RuleKind, Source
from .stated import STATED

__all__ = (
    "BNF",
    "CHECKED_ON",
    "NG239",
    "POLICY",
    "REFERENCES",
    "RULES",
    "SMPC",
    "SOURCE_PAGE",
    "Rule",
    "RuleKind",
    "Source",
    "cite",
)

REFERENCES: dict[str, Source] = {source.code: source for source in ALL_REFERENCES}
POLICY, SOURCE_PAGE = REFERENCES["POLICY"], REFERENCES["S01"]
BNF, SMPC, NG239 = REFERENCES["S20"], REFERENCES["S06"], REFERENCES["S12"]

RULES: dict[str, Rule] = {rule.id: rule for rule in (*STATED, *CONFLICTS, *DEFAULTS, *HAZARDS)}


def cite(*ids: str) -> tuple[Rule, ...]:
    """Return the rules of these ids; an id that no rule carries raises KeyError."""
    return tuple(RULES[rule_id] for rule_id in ids)
