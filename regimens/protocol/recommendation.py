"""What the protocol answers: a proposal or none, every finding, the reasons, and what was rejected and why."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from .codes import Finding, Kind
from .entries import Loading, Product, Regimen, Route
from .maintenance import Maintenance
from .sources import RULES
from .units import Converted


class Status(StrEnum):
    """Whether the request may go on: to a signature, to a physician's decision, or not in this form."""

    PROPOSED = "PROPOSED"
    HOLD = "HOLD"
    BLOCKED = "BLOCKED"


@dataclass(frozen=True, slots=True)
class Reason:
    """A fact that fired a rule. Where the sources disagree, both voices are carried."""

    fact: str
    rule: str

    @property
    def sentence(self) -> str:
        """Return the rule in words."""
        return RULES[self.rule].text

    @property
    def voices(self) -> tuple[str, str] | None:
        """Return what the source page says and what others say, where they disagree."""
        rule = RULES[self.rule]
        return (rule.page_says, rule.others_say) if rule.page_says else None

    def to_json(self) -> dict:
        """Return plain values, words included: a signature keeps what was read."""
        return {
            "fact": self.fact,
            "rule": self.rule,
            "sentence": self.sentence,
            "voices": list(self.voices) if self.voices else None,
        }


@dataclass(frozen=True, slots=True)
class Rejected:
    """An alternative that was not proposed, and why."""

    what: str
    why: str
    rules: tuple[str, ...]

    def to_json(self) -> dict:
        """Return plain values."""
        return {"what": self.what, "why": self.why, "rules": list(self.rules)}


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposal:
    """A plan that could be signed. `labs` holds (name, date) pairs counted from the day the plan would start."""

    regimen: Regimen
    product: Product
    micrograms: int
    route: Route
    loading: Loading
    maintenance: Maintenance
    labs: tuple[tuple[str, date], ...] | None

    def to_json(self) -> dict:
        """Return plain values."""
        return {
            "regimen": self.regimen.key,
            "product": self.product.value,
            "micrograms": self.micrograms,
            "route": self.route.value,
            "loading": self.loading.value,
            "maintenance": self.maintenance.to_json(),
            "labs": {name: day.isoformat() for name, day in self.labs} if self.labs is not None else None,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Recommendation:
    """The whole answer, as shown, signed and stored. `proposal` is None where there is nothing to sign."""

    status: Status
    proposal: Proposal | None = None
    findings: tuple[Finding, ...] = ()
    reasons: tuple[Reason, ...] = ()
    rejected: tuple[Rejected, ...] = ()
    unanswered: tuple[str, ...] = ()
    answer_before_signing: tuple[str, ...] = ()
    plan_continues: bool | None = None
    creates_task: str | None = None
    platelets: Converted | None = None
    # The codes that a physician let this plan pass; each asks for a reason.
    overridden: tuple[str, ...] = ()

    @property
    def blocks(self) -> tuple[Finding, ...]:
        """Return every finding that stops something, blocks and holds together."""
        return tuple(found for found in self.findings if found.stops)

    @property
    def holds(self) -> tuple[Finding, ...]:
        """Return the findings that wait for a physician."""
        return tuple(found for found in self.findings if found.kind is Kind.HOLD)

    @property
    def warnings(self) -> tuple[Finding, ...]:
        """Return the findings that must be read and stop nothing."""
        return tuple(found for found in self.findings if found.kind is Kind.WARNING)

    @property
    def alerts(self) -> tuple[Finding, ...]:
        """Return the findings that ask somebody to act."""
        return tuple(found for found in self.findings if found.kind is Kind.ALERT)

    @property
    def override_allowed(self) -> bool | None:
        """Tell whether a person may pass everything that stops; None when nothing does."""
        return all(found.may_be_passed for found in self.blocks) if self.blocks else None

    @property
    def needs_a_reason(self) -> bool:
        """Tell whether signing asks for a typed reason: the interval exceeds the cap (D-24), or a code was passed."""
        return bool(self.overridden) or any(found.code == "W-EXCEEDS-50PCT" for found in self.findings)

    def to_json(self) -> dict:
        """Return plain values, as a signed plan keeps them."""
        return {
            "status": self.status.value,
            "proposal": self.proposal.to_json() if self.proposal else None,
            "findings": [found.to_json() for found in self.findings],
            "reasons": [reason.to_json() for reason in self.reasons],
            "rejected": [alternative.to_json() for alternative in self.rejected],
            "unanswered": list(self.unanswered),
            "answer_before_signing": list(self.answer_before_signing),
            "override_allowed": self.override_allowed,
            "needs_a_reason": self.needs_a_reason,
            "plan_continues": self.plan_continues,
            "creates_task": self.creates_task,
            "overridden": list(self.overridden),
        }
