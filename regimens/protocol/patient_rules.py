"""What speaks about the patient: state, age, allergy, results, bleeding, potassium, folic acid."""

from collections.abc import Iterator

from . import catalogue
from .codes import Finding, finding
from .facts import Allergy, Answer, Deficiency, FolicAcid, Neuro, PatientState, age_on
from .levels import Platelets
from .results import PLATELET_WARNINGS
from .situation import Situation

COBALAMINS = frozenset({Allergy.HYDROXOCOBALAMIN, Allergy.CYANOCOBALAMIN, Allergy.METHYLCOBALAMIN})
EXCIPIENTS = frozenset({Allergy.BENZYL_ALCOHOL, Allergy.PARABENS})
LOW = (Platelets.FROM_10, Platelets.FROM_25)


def state(patient: Situation) -> Iterator[Finding]:
    """The dead and the departed get no plan, dose or reminder (D-20)."""
    if patient.facts.patient_state is not PatientState.ACTIVE:
        yield finding("B-INACTIVE", patient.facts.patient_state.value)


def age(patient: Situation) -> Iterator[Finding]:
    """Nobody under 16 on the day (D-10)."""
    years = age_on(patient.facts.born_on, patient.on)
    if years < catalogue.AGE_FROM.value:
        yield finding("B-AGE-U16", f"{years} years old")


def allergy(patient: Situation) -> Iterator[Finding]:
    """Any cobalamin blocks; cobalt and the excipients of vials warn (D-11, C-15)."""
    allergies = patient.facts.allergies or frozenset()
    if found := allergies & COBALAMINS:
        yield finding("B-ALLERGY-COBALAMIN", ", ".join(sorted(found)))
    if Allergy.COBALT in allergies:
        yield finding("W-COBALT")
    if found := allergies & EXCIPIENTS:
        yield finding("W-EXCIPIENT", ", ".join(sorted(found)))


def implausible(patient: Situation) -> Iterator[Finding]:
    """A value outside its hard limits is never read as a value (D-18)."""
    if patient.refused:
        yield finding("B-LAB-IMPLAUSIBLE", " ".join(patient.refused))


def pregnancy(patient: Situation) -> Iterator[Finding]:
    """Pregnancy asks for advice and an earlier review (D-09)."""
    if patient.facts.pregnant is Answer.YES:
        yield finding("W-PREGNANCY")


def kidneys(patient: Situation) -> Iterator[Finding]:
    """Poor kidneys raise homocysteine (C-03)."""
    if patient.kidneys_work_poorly:
        yield finding("W-RENAL-HCY")


def folic_acid(patient: Situation) -> Iterator[Finding]:
    """Folic acid waits for B12; somebody already on it is seen urgently (R-21, D-13)."""
    if patient.facts.folic_acid is FolicAcid.REQUESTED:
        yield finding("B-FOLATE-BEFORE-B12")
    if patient.facts.folic_acid is FolicAcid.CURRENT:
        yield finding("W-FOLATE-CURRENT")


def deficiency(patient: Situation) -> Iterator[Finding]:
    """Only a shown deficiency is treated, or prevented in a special group outside pregnancy (D-05, D-09)."""
    if patient.facts.deficiency is not Deficiency.CONFIRMED and not patient.is_for_prevention:
        yield finding("H-DEFICIENCY-UNCONFIRMED", same_day=patient.nerves_involved)


def nerves(patient: Situation) -> Iterator[Finding]:
    """Nerve status is a mandatory answer; involvement is urgent (R-07, R-11)."""
    if patient.facts.neuro is Neuro.UNKNOWN:
        yield finding("H-NEURO-UNKNOWN")
    if patient.nerves_involved:
        yield finding("W-NEURO-SPECIALIST")


def leber(patient: Situation) -> Iterator[Finding]:
    """Leber's disease has its own regimen (D-12)."""
    if patient.facts.leber is Answer.YES:
        yield finding("W-LEBER-REGIMEN")


def potassium(patient: Situation) -> Iterator[Finding]:
    """Severe anaemia: potassium before the first dose, and a low one holds it (D-07)."""
    if not patient.has_severe_anaemia:
        return
    yield finding("W-K-MONITOR")
    if patient.has_low_potassium:
        yield finding("H-K-LOW")


def bleeding(patient: Situation) -> Iterator[Finding]:
    """What a needle needs to know of platelets and anticoagulants (R-34 to R-37, D-03)."""
    anticoagulated = patient.facts.anticoagulant is Answer.YES
    if anticoagulated:
        yield finding("W-ANTICOAG")
    if patient.facts.platelets is None:
        yield finding("W-PLT-UNKNOWN")
    count, urgent = patient.platelets, patient.nerves_involved
    if count is None:
        return
    if warning := PLATELET_WARNINGS.get(count):
        yield finding(warning)
    if count in (Platelets.UNDER_10, Platelets.FROM_10):
        yield finding("B-PLT-LT10" if count is Platelets.UNDER_10 else "H-PLT-10-24", same_day=urgent)
        if urgent:
            yield finding("W-PLT-NEURO-URGENT")
    if count in LOW and anticoagulated:
        yield finding("H-BLEED-COMBINED", same_day=urgent)
    if patient.platelets_are_stale and count is not Platelets.UNDER_10:
        yield finding("B-PLT-STALE", same_day=urgent) if count in LOW else finding("W-PLT-STALE")


ALWAYS = (state, age, allergy, implausible, pregnancy, kidneys)


def raised(rules: tuple, patient: Situation) -> list[Finding]:
    """Ask every rule, in order, without stopping at the first that speaks."""
    return [found for rule in rules for found in rule(patient)]
