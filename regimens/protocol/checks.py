"""A proposed injection against the facts, the signed plan and what was given before: findings, and who may pass them.

About to give, every finding that stops must be passed by somebody who may. Already given, the same findings make
the record an incident, and `counts` says whether it is a dose all the same.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from . import catalogue, patient_rules
from .codes import NOBODY, PHYSICIAN, Finding, Passer, finding
from .entries import Loading, Product, Route
from .facts import Facts
from .form_rules import INJECTION_MICROGRAMS, form_findings
from .requests import METHYLCOBALAMIN, AskedRoute, Form, Role, Site
from .situation import Situation, situation

REPEAT_AFTER_PARTIAL = "a physician authorises one repeat after the partial dose"


@dataclass(frozen=True, slots=True, kw_only=True)
class ProposedInjection:
    """A dose somebody is about to give or has given; `partial` is one that did not go in whole."""

    given_on: date
    product: str = Product.HYDROXOCOBALAMIN.value
    micrograms: Decimal | int = INJECTION_MICROGRAMS[0]
    route: AskedRoute = AskedRoute.IM
    site: Site | None = None
    site_reason: str = ""
    site_confirmed: bool = False
    expires_on: date | None = None
    recalled: bool = False
    needle_gauge: int | None = None
    needle_mm: int | None = None
    partial: bool = False

    @property
    def form(self) -> Form:
        """Return product, route and strength."""
        return Form(self.product, self.route, self.micrograms)


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedDose:
    """The dose that the plan has next, signed or still a draft. In loading a dose has no window: `opens_on` is None."""

    due_on: date
    signed: bool = True
    loading: Loading = Loading.NONE
    opens_on: date | None = None
    route: Route = Route.IM


@dataclass(frozen=True, slots=True, kw_only=True)
class DosesSoFar:
    """Every standing row of this patient, summed up for one day; `last` is the latest whole or partial dose."""

    last_full_on: date | None = None
    last_on: date | None = None
    last_site: Site | None = None
    full_that_day: int = 0
    partial_that_day: int = 0


@dataclass(frozen=True, slots=True)
class DoseScreen:
    """All that a check of one dose looks at."""

    proposed: ProposedInjection
    patient: Situation
    planned: PlannedDose | None
    so_far: DosesSoFar
    role: Role
    today: date


def check(
    proposed: ProposedInjection,
    facts: Facts,
    planned: PlannedDose | None,
    so_far: DosesSoFar,
    role: Role,
    today: date,
) -> tuple[Finding, ...]:
    """Return every finding about a dose, in the order of the dose screen (section 4 of the rules, D-22, D-25).

    `planned` None means that there is no plan at all, which is as good as unsigned.
    """
    screen = DoseScreen(proposed, situation(facts, proposed.given_on), planned, so_far, role, today)
    return tuple(found for rule in RULES for found in rule(screen))


def may_pass(found: Finding, role: Role) -> bool:
    """Tell whether this role may let the dose go ahead although the finding stands."""
    if not found.stops or found.passable_by is Passer.NURSE:
        return True
    return found.passable_by is Passer.PHYSICIAN and role is Role.PHYSICIAN


def counts(proposed: ProposedInjection, findings: tuple[Finding, ...]) -> bool:
    """Tell whether a recorded dose counts: a full protocol dose does, even early or as another incident.

    A partial dose, another product, strength or a vein, an expired vial, and a day's second dose do not; the one
    repeat that a physician authorises after a partial dose does.
    """
    return not proposed.partial and _is_the_protocols(proposed) and not any(map(_undoes, findings))


def _is_the_protocols(proposed: ProposedInjection) -> bool:
    return (
        proposed.product == Product.HYDROXOCOBALAMIN
        and proposed.micrograms in INJECTION_MICROGRAMS
        and proposed.route in (AskedRoute.IM, AskedRoute.SC_DEEP)
    )


def _undoes(found: Finding) -> bool:
    if found.code == "B-SAME-DAY-DOSE":
        return not found.may_be_passed
    return found.code == "B-VIAL-EXPIRED"


def in_the_future(screen: DoseScreen) -> Iterator[Finding]:
    """A dose is recorded once it is given (D-25)."""
    if screen.proposed.given_on > screen.today:
        yield finding("B-FUTURE-DATE")


def plan_is_signed(screen: DoseScreen) -> Iterator[Finding]:
    """No dose on an unsigned plan (D-02)."""
    if screen.planned is None or not screen.planned.signed:
        yield finding("B-PLAN-UNSIGNED")


def loading_fits_nerves(screen: DoseScreen) -> Iterator[Finding]:
    """Ten daily doses end too early when nerves are involved (R-13, D-14)."""
    planned = screen.planned
    if planned is not None and planned.loading is Loading.DAILY_X10 and screen.patient.nerves_involved:
        yield finding("B-DAILY10-NEURO")


def about_the_patient(screen: DoseScreen) -> Iterator[Finding]:
    """State, age, allergy and impossible results (D-10, D-11, D-18, D-20)."""
    yield from patient_rules.raised(patient_rules.ALWAYS, screen.patient)


def before_the_first_dose(screen: DoseScreen) -> Iterator[Finding]:
    """What must be known before the first dose ever: allergies, potassium, no folic acid (D-07, D-11, D-13)."""
    if screen.so_far.last_full_on is not None:
        return
    if screen.patient.facts.allergies is None:
        yield finding("B-ALLERGY-UNKNOWN")
    yield from patient_rules.raised((patient_rules.potassium, patient_rules.folic_acid), screen.patient)


def same_day(screen: DoseScreen) -> Iterator[Finding]:
    """One dose a day; after a single partial dose a physician may authorise its repeat (D-22, D-25)."""
    so_far = screen.so_far
    if so_far.full_that_day or so_far.partial_that_day > 1:
        yield finding("B-SAME-DAY-DOSE", passable_by=NOBODY)
    elif so_far.partial_that_day:
        yield finding("B-SAME-DAY-DOSE", passable_by=PHYSICIAN, pass_with=REPEAT_AFTER_PARTIAL)


def early(screen: DoseScreen) -> Iterator[Finding]:
    """Maintenance waits for its window; loading under its spacing warns, off the plan (D-22).

    A second dose on one day is answered as such, not as an early one.
    """
    planned, given_on = screen.planned, screen.proposed.given_on
    if planned is None or screen.so_far.full_that_day or screen.so_far.partial_that_day:
        return
    if planned.opens_on is not None and given_on < planned.opens_on:
        yield finding("B-EARLY-DOSE", f"due on {planned.due_on:%d %B %Y}")
    last, apart = screen.so_far.last_full_on, catalogue.LOADINGS[planned.loading].days_apart
    if last is not None and given_on != planned.due_on and 0 < (given_on - last).days < apart:
        yield finding("W-EARLY-LOAD")


def bleeding(screen: DoseScreen) -> Iterator[Finding]:
    """Platelets and anticoagulants, unless there is no needle (D-03)."""
    if not screen.proposed.form.is_oral:
        yield from patient_rules.bleeding(screen.patient)


def site(screen: DoseScreen) -> Iterator[Finding]:
    """The buttock needs a reason and confirmation; sites rotate (R-05, R-06, D-19)."""
    proposed, so_far = screen.proposed, screen.so_far
    justified = proposed.site_reason.strip() and proposed.site_confirmed
    if proposed.site is Site.GLUTEAL and not justified:
        yield finding("B-SITE-GLUTEAL")
    if proposed.site is None or proposed.site is not so_far.last_site or so_far.last_on is None:
        return
    if abs((proposed.given_on - so_far.last_on).days) < catalogue.SITE_ROTATION.value:
        yield finding("W-SITE-ROTATE")


def form(screen: DoseScreen) -> Iterator[Finding]:
    """The right product, route and strength; methylcobalamin is on nobody's list to inject (R-01 to R-03)."""
    proposed = screen.proposed
    yield from form_findings(proposed.form, screen.patient)
    if proposed.product == METHYLCOBALAMIN:
        yield finding("B-PRODUCT-UNKNOWN")


def prescriber_authorises_deep(screen: DoseScreen) -> Iterator[Finding]:
    """Deep under the skin only when the signed plan says so, or by a prescriber's own hand (D-15, C-05)."""
    planned_deep = (
        screen.planned is not None and screen.planned.signed and screen.planned.route is Route.SC_DEEP
    )
    asked_deep = screen.proposed.route is AskedRoute.SC_DEEP
    if asked_deep and not planned_deep and screen.role is not Role.PHYSICIAN:
        yield finding("B-ROLE")


def vial(screen: DoseScreen) -> Iterator[Finding]:
    """A vial may be used up to and on its expiry date, and never once its lot was recalled (H-10)."""
    expires_on = screen.proposed.expires_on
    if expires_on is not None and expires_on < screen.proposed.given_on:
        yield finding("B-VIAL-EXPIRED", f"expired on {expires_on:%d %B %Y}")
    if screen.proposed.recalled:
        yield finding("B-VIAL-RECALLED")


RULES = (
    in_the_future,
    plan_is_signed,
    loading_fits_nerves,
    about_the_patient,
    before_the_first_dose,
    same_day,
    early,
    bleeding,
    site,
    form,
    prescriber_authorises_deep,
    vial,
)
