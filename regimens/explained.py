"""A recommendation in words: the regimen, what stands against it, every reason with rule and source, what was rejected.

It reads the plain values that a plan keeps, so that a proposal on the screen and a signature of last year look alike.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from patients.templatetags.wording import day
from regimens import words
from regimens.protocol import catalogue
from regimens.protocol.codes import CODES, Kind
from regimens.protocol.entries import Loading
from regimens.protocol.intervals import Interval
from regimens.protocol.recommend import HOLDS_AND_SHOWS
from regimens.protocol.recommendation import Status
from regimens.protocol.sources import RULES, Rule

HEADLINES = {
    Status.PROPOSED: ("good", "The protocol proposes this plan."),
    Status.HOLD: ("hold", "Hold: a physician decides before any dose, or more must be known."),
    Status.BLOCKED: ("block", "Blocked: this must not go ahead in this form."),
}
LAB_NAMES = {"pregnancy_review": "Review in pregnancy", "extra": "Extra check"}


@dataclass(frozen=True, slots=True)
class Said:
    """Something the protocol says, and the rules that make it say so."""

    what: str
    rules: tuple[Rule, ...]
    why: str = ""
    finding: dict | None = None


@dataclass(frozen=True, slots=True)
class Explanation:
    """A recommendation as a page shows it."""

    status: str
    tone: str
    headline: str
    regimen: tuple[tuple[str, str], ...]
    stops: tuple[Said, ...]
    warnings: tuple[Said, ...]
    reasons: tuple[Said, ...]
    rejected: tuple[Said, ...]
    # The regimen in one sentence; empty where nothing is proposed.
    sentence: str = ""
    overridden: tuple[str, ...] = ()

    @property
    def today(self) -> tuple[Said, ...]:
        """The warnings that hold, or that somebody acts on today: they are never folded away."""
        return tuple(each for each in self.warnings if _is_open(each))

    @property
    def folded(self) -> tuple[Said, ...]:
        """The warnings that stop nobody (H-16): their codes are named, their words are folded away."""
        return tuple(each for each in self.warnings if not _is_open(each))

    @property
    def rules(self) -> tuple[Rule, ...]:
        """The rules behind the reasons, each once."""
        return tuple(dict.fromkeys(rule for each in self.reasons for rule in each.rules))

    @property
    def disagreements(self) -> tuple[Rule, ...]:
        """The rules behind the reasons and findings on which the sources disagree, each once."""
        said = (*self.reasons, *self.stops, *self.warnings, *self.rejected)
        rules = (rule for each in said for rule in each.rules if rule.page_says)
        return tuple(dict.fromkeys(rules))


def _is_open(said: Said) -> bool:
    return said.finding["same_day"] or said.finding["code"] in HOLDS_AND_SHOWS


def explained(advice: dict) -> Explanation:
    """Put a recommendation, as `Recommendation.to_json` gives it, into words."""
    tone, headline = HEADLINES[Status(advice["status"])]
    if advice["status"] == Status.PROPOSED and _stops(advice):
        tone, headline = "warning", "Not as asked for: the protocol proposes the safe alternative."
    if advice["status"] == Status.HOLD and advice["proposal"] is None:
        headline = "Hold: nothing is proposed until the questions below are settled."
    return Explanation(
        status=advice["status"],
        tone=tone,
        headline=headline,
        regimen=tuple(regimen_words(advice["proposal"])) if advice["proposal"] else (),
        stops=tuple(_said(found) for found in _stops(advice)),
        warnings=tuple(_said(found) for found in advice["findings"] if found not in _stops(advice)),
        reasons=tuple(_reasons(advice["reasons"])),
        rejected=tuple(
            Said(_readable(each["what"]), cited(each["rules"]), why=each["why"])
            for each in advice["rejected"]
        ),
        sentence=sentence_of(advice["proposal"]) if advice["proposal"] else "",
        overridden=tuple(advice.get("overridden", ())),
    )


def regimen_words(proposal: dict) -> Iterable[tuple[str, str]]:
    """Yield label and text of each part of a proposed regimen."""
    yield "Regimen", catalogue.regimen(proposal["regimen"]).title
    yield "Product", words.product(proposal["product"])
    yield "Dose", f"{proposal['micrograms']:,} micrograms {words.route(proposal['route'])}"
    terms = proposal["maintenance"]
    if terms["daily"]:
        yield "How often", "every day, without end"
    else:
        yield "Loading", words.LOADINGS[proposal["loading"]]
        yield "Maintenance", _maintenance(terms)
    if proposal["labs"]:
        yield "Blood tests", _lab_dates(proposal["labs"])


def sentence_of(proposal: dict, chosen: str = "") -> str:
    """Write a proposed regimen as one sentence; `chosen` says how often, where a choice was open."""
    what = f"{words.product(proposal['product'])}, {proposal['micrograms']:,} micrograms {words.route(proposal['route'])}"
    terms = proposal["maintenance"]
    if terms["daily"]:
        return f"{what} every day, without end."
    if terms["choices"]:
        often = chosen or f"every {_choices(terms)} months"
    else:
        often = every(Interval.from_iso(terms["interval"]))
    if proposal["loading"] == Loading.NONE:
        return f"{what}, {often} for life, without loading."
    return f"{what}: {words.LOADINGS[proposal['loading']]}, then {often} for life."


def _maintenance(terms: dict) -> str:
    if not terms["choices"]:
        return f"{every(Interval.from_iso(terms['interval']))} for life"
    until_then = every(Interval.from_iso(terms["provisional"]))
    return f"every {_choices(terms)} months for life: a physician chooses; {until_then} is used until then"


def _choices(terms: dict) -> str:
    return " or ".join(str(Interval.from_iso(each).count) for each in terms["choices"])


def _lab_dates(labs: dict[str, str]) -> str:
    """Write the checks of the first year in the order of their days; they count from the first dose given (D-26)."""
    dated = sorted(labs.items(), key=lambda each: each[1])
    said = ", ".join(f"{lab_name(name).lower()} {day(date.fromisoformat(on))}" for name, on in dated)
    return f"{said}, if the first dose is given on the first day"


def every(interval: Interval) -> str:
    """Write how often: every month, every 2 months, every 42 days."""
    return f"every {interval if interval.count > 1 else interval.unit[:-1]}"


def cited(ids: Iterable[str]) -> tuple[Rule, ...]:
    """Give the rules of these ids; one that a later protocol no longer has is left out."""
    return tuple(RULES[each] for each in ids if each in RULES)


def lab_name(name: str) -> str:
    """Write the name of a lab check: 3m is “3 months”."""
    if name in LAB_NAMES:
        return LAB_NAMES[name]
    return f"{name[:-1]} months"


def _stops(advice: dict) -> list[dict]:
    return [found for found in advice["findings"] if found["code"][0] in (Kind.BLOCK, Kind.HOLD)]


def _said(found: dict) -> Said:
    known = CODES.get(found["code"])
    return Said(found["message"], cited(known.rules) if known else (), finding=found)


def _reasons(reasons: list[dict]) -> Iterable[Said]:
    """Yield each fact once, with all the rules it fired."""
    rules_of: dict[str, list[str]] = {}
    for reason in reasons:
        rules_of.setdefault(reason["fact"], []).append(reason["rule"])
    for fact, ids in rules_of.items():
        yield Said(fact[:1].upper() + fact[1:], cited(ids))


def _readable(what: str) -> str:
    """Write a loading by its words where the protocol names it by its key."""
    key = what.removeprefix("Loading ")
    return f"Loading {words.LOADINGS[key]}" if key in Loading.__members__ else what
