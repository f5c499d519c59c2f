"""Whether the product, route and strength asked for may be given to this patient, and what else may."""

from collections.abc import Iterator

from .codes import NOBODY, PHYSICIAN, Finding, finding
from .entries import Product, Route
from .facts import Answer
from .levels import Kidneys
from .requests import CYANOCOBALAMIN_IM, METHYLCOBALAMIN, AskedRoute, Form
from .situation import Situation

INJECTION_MICROGRAMS = (1000,)
TABLET_MICROGRAMS = (1000, 2000)
WITH_A_REASON = "a physician gives a reason"
ON_THE_LIST = tuple(product.value for product in Product)


def form_findings(form: Form, patient: Situation) -> list[Finding]:
    """Return all that stands against the form asked for, and what goes with it."""
    return [found for rule in RULES for found in rule(form, patient)]


def route_findings(form: Form, patient: Situation) -> Iterator[Finding]:
    """A vein is refused; deep under the skin is off label (R-03, C-05, C-12)."""
    if form.route is AskedRoute.IV:
        yield finding("B-ROUTE-IV")
    if form.route is AskedRoute.SC_DEEP:
        yield finding("W-SC-OFFLABEL")


def oral_findings(form: Form, patient: Situation) -> Iterator[Finding]:
    """Tablets are refused with nerves involved, and when severe for another reason (R-42, D-17)."""
    if not form.is_oral:
        return
    if patient.nerves_ever_involved:
        yield finding("B-ORAL-NEURO")
    if patient.deficiency_is_severe:
        yield finding("B-ORAL-SEVERE")


def cyanocobalamin_findings(form: Form, patient: Situation) -> Iterator[Finding]:
    """Cyanocobalamin is refused with poor kidneys and in Leber's; unknown kidneys warn (D-06, D-12)."""
    if not form.is_cyanocobalamin:
        return
    if patient.kidneys is Kidneys.BORDERLINE:
        yield finding("B-CYANO-RENAL", passable_by=PHYSICIAN, pass_with=WITH_A_REASON)
    if patient.kidneys is Kidneys.POOR:
        yield finding("B-CYANO-RENAL", passable_by=NOBODY)
    if patient.kidneys is Kidneys.UNKNOWN:
        yield finding("W-RENAL-UNKNOWN")
    if patient.facts.leber is Answer.YES:
        yield finding("B-CYANO-LEBER")


def product_findings(form: Form, patient: Situation) -> Iterator[Finding]:
    """Only products on the clinic's list; methylcobalamin is named without a regimen (D-06)."""
    if form.product == METHYLCOBALAMIN:
        yield finding("W-METHYL-NO-REGIMEN")
    elif form.product == CYANOCOBALAMIN_IM:
        if not patient.kidneys_work_poorly and patient.facts.leber is not Answer.YES:
            yield finding("B-PRODUCT-UNKNOWN")
    elif form.product is not None and form.product not in ON_THE_LIST:
        yield finding("B-PRODUCT-UNKNOWN")


def strength_findings(form: Form, patient: Situation) -> Iterator[Finding]:
    """1 mg for an injection, one or two tablets of 1 mg by mouth (R-02, R-44)."""
    allowed = TABLET_MICROGRAMS if form.is_oral else INJECTION_MICROGRAMS
    if form.micrograms is not None and form.micrograms not in allowed:
        yield finding("B-DOSE-NOT-1MG", f"{form.micrograms} micrograms")


RULES = (route_findings, oral_findings, cyanocobalamin_findings, product_findings, strength_findings)
ONLY_THE_STRENGTH = ("B-DOSE-NOT-1MG",)


def allowed_form(form: Form, findings: list[Finding]) -> tuple[Product, Route, int]:
    """Return the product, route and micrograms to propose: what was asked for, else the safe alternative."""
    refused = any(found.stops and found.code not in ONLY_THE_STRENGTH for found in findings)
    if form.is_oral and form.product != METHYLCOBALAMIN and not refused:
        strength = form.micrograms if form.micrograms in TABLET_MICROGRAMS else TABLET_MICROGRAMS[0]
        return Product.CYANOCOBALAMIN_ORAL, Route.ORAL, int(strength)
    route = Route.SC_DEEP if form.route is AskedRoute.SC_DEEP else Route.IM
    return Product.HYDROXOCOBALAMIN, route, INJECTION_MICROGRAMS[0]
