"""Why the protocol proposes what it does: the facts that fired each rule, and the alternatives it rejected."""

from collections.abc import Iterator
from dataclasses import fields

from . import catalogue
from .entries import Group, Loading, Route
from .facts import Answer, BariatricProcedure
from .form_rules import form_findings
from .recommendation import Proposal, Reason, Rejected
from .situation import Situation
from .stopping import TABLETS

NO_RESULTS_CHANGE_IT = Reason("every plan", "C-02")
SUPPORTS_JUDGEMENT = Reason("every plan", "R-50")

LOADING_REASONS = {
    Loading.NEURO_ALT_DAYS: (Reason("nerves are involved", "R-10"), Reason("nerves are involved", "D-01")),
    Loading.STD_3X_WEEK_2W: (
        Reason("nerves are not involved", "R-12"),
        Reason("nerves are not involved", "C-08"),
    ),
    Loading.DAILY_X10: (Reason("a physician asks for ten daily doses", "R-13"),),
    Loading.NONE: (),
}
GROUP_REASONS = {
    Group.NEURO: (Reason("nerves are or were involved", "R-16"),),
    Group.BARIATRIC: (Reason("bariatric surgery", "R-18"),),
    Group.ILEAL: (Reason("a long resection or Crohn's disease of the ileum", "R-19"),),
}
WHY_NOT_THIS_LOADING = {
    Loading.STD_3X_WEEK_2W: {
        Loading.NEURO_ALT_DAYS: ("Six doses are too few when nerves are involved.", ("R-10", "D-04")),
        Loading.DAILY_X10: ("A physician chose ten daily doses.", ("R-13",)),
    },
    Loading.DAILY_X10: {
        Loading.NEURO_ALT_DAYS: ("It stops after ten doses, whatever the nerves say.", ("R-13", "D-14")),
        Loading.STD_3X_WEEK_2W: ("Only when a physician chooses it.", ("R-13",)),
    },
    Loading.NEURO_ALT_DAYS: {
        Loading.STD_3X_WEEK_2W: ("Only when nerves are involved.", ("R-10", "D-04")),
        Loading.DAILY_X10: ("Only when nerves are involved.", ("R-10", "D-04")),
    },
}
WHY_NEVER = (
    Rejected("Into a vein", "Most of it is lost in the urine, and the labels advise against it.", ("C-12",)),
    Rejected("Cyanocobalamin by injection", "The body keeps hydroxocobalamin longer.", ("R-01",)),
)
WHY_NOT_DEEP = Rejected(
    "Deep under the skin", "Outside the labels; a prescriber may authorise it.", ("C-05", "D-15")
)


def reasons(patient: Situation, proposal: Proposal) -> tuple[Reason, ...]:
    """Return the facts that fired rules for this proposal, in the order they were asked."""
    if proposal.route is Route.ORAL:
        chosen = [Reason("a physician asks for tablets", rule) for rule in ("R-40", "R-44", "C-07")]
    else:
        chosen = [Reason("an injection", rule) for rule in ("R-01", "R-02", "R-03")]
        chosen.extend(LOADING_REASONS[proposal.loading])
        chosen.extend(_interval_reasons(patient))
    if proposal.route is Route.SC_DEEP:
        chosen.append(Reason("deep under the skin is asked for", "C-05"))
    if patient.is_for_prevention:
        chosen.append(Reason("no deficiency, but a special group", "D-05"))
    if patient.kidneys_work_poorly:
        chosen.append(Reason(f"kidneys: {patient.kidneys.value}", "R-20"))
        chosen.append(Reason(f"kidneys: {patient.kidneys.value}", "C-03"))
    if patient.facts.pregnant is Answer.YES:
        chosen.append(Reason("pregnant", "D-09"))
    return (*chosen, Reason("every plan", "R-24a"), NO_RESULTS_CHANGE_IT, SUPPORTS_JUDGEMENT)


def rejected(patient: Situation, proposal: Proposal) -> tuple[Rejected, ...]:
    """Return what was not proposed, and why."""
    return (*_other_routes(patient, proposal), *_other_loadings(proposal), *_other_intervals(proposal))


def unanswered(patient: Situation) -> tuple[str, ...]:
    """Name the facts nobody has answered or measured; a length that is not there is not a question."""
    facts = patient.facts
    return tuple(
        field.name
        for field in fields(facts)
        if field.name != "ileal_resection_cm" and getattr(facts, field.name) in (None, "unknown")
    )


def _interval_reasons(patient: Situation) -> Iterator[Reason]:
    yield Reason("maintenance is for life", "R-15")
    for group in Group:
        if group in patient.groups:
            yield from GROUP_REASONS[group]
    if not patient.groups:
        yield Reason("no special group", "R-17")
    if patient.resected_exactly_limit or patient.resected_unknown_length:
        yield Reason("the length removed is exactly 20 cm or not known", "D-04")
    if patient.facts.crohns_ileal is Answer.YES:
        yield Reason("Crohn's disease of the ileum", "C-04")
    procedure = patient.facts.bariatric_procedure
    if patient.facts.bariatric is Answer.YES and procedure is not BariatricProcedure.OTHER:
        yield Reason(f"bariatric operation: {procedure.value}", "C-06")


def _other_routes(patient: Situation, proposal: Proposal) -> Iterator[Rejected]:
    if proposal.route is Route.ORAL:
        yield Rejected("An injection", "A physician asks for tablets; an injection works faster.", ("R-41",))
        return
    against = [found for found in form_findings(TABLETS, patient) if found.stops]
    why = " ".join(found.message for found in against) or "An injection works faster; a physician may choose."
    yield Rejected("Tablets", why, ("R-41", "C-07"))
    yield from WHY_NEVER
    if proposal.route is Route.IM:
        yield WHY_NOT_DEEP


def _other_loadings(proposal: Proposal) -> Iterator[Rejected]:
    for loading, answers in WHY_NOT_THIS_LOADING.items():
        if proposal.loading in answers:
            why, rules = answers[proposal.loading]
            yield Rejected(f"Loading {loading.value}", why, rules)


def _other_intervals(proposal: Proposal) -> Iterator[Rejected]:
    used = proposal.maintenance.in_use
    if used is None:
        return
    for interval in catalogue.ONE_TO_THREE:
        if interval.nominal_days > used.nominal_days and interval not in proposal.maintenance.choices:
            yield Rejected(f"Every {interval}", "Longer than the interval for this patient.", ("D-04",))
        elif interval.nominal_days < used.nominal_days:
            yield Rejected(
                f"Every {interval}", "More often than the protocol; a physician may shorten.", ("D-24",)
            )
