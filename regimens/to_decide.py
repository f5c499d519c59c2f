"""How each thing that waits for a physician is named, and which rules speak of it: for its row and for its page."""

from collections.abc import Iterable
from typing import NamedTuple

from regimens.explained import lab_name
from regimens.models import Request
from regimens.protocol.codes import CODES

# The dates of a course that ask once they have passed. Codes of the protocol speak for themselves.
TITLES = {
    "A-OVERDUE-PHYSICIAN": "Dose long overdue",
    "A-LAPSED": "A whole interval missed",
    "A-LAPSED-12M": "A year since the last dose",
    "A-NEURO-GAP": "Last loading dose",
    "A-LOAD-GAP-GT7": "Last loading dose",
    "A-LOAD-GAP-GT14": "Last loading dose",
    "A-NO-ANSWER": "Silent: the last letter has gone, and no call reached the patient",
    "W-K-MONITOR": "Severe anaemia: no potassium measured before the first dose",
}
POTASSIUM_AFTER = "Severe anaemia: no potassium measured within 48 hours of the first dose"
ON_FOLIC_ACID = "Takes folic acid, and B12 is not treated yet"
# Rules that speak of a request that names no code of its own.
RULES_OF_REQUESTS = {
    Request.Kind.ADVERSE: ("D-11",),
    Request.Kind.INCIDENT: ("D-25",),
    Request.Kind.DEATH: ("D-20",),
    Request.Kind.TRANSFER: ("D-20",),
    Request.Kind.INTERVAL: ("D-24",),
    Request.Kind.SYMPTOMS: ("R-26", "D-24"),
    Request.Kind.HOLD: ("D-03",),
    Request.Kind.STOP: ("D-16",),
    Request.Kind.FOLATE: ("R-21", "D-13"),
    Request.Kind.PATIENT: ("D-31",),
    Request.Kind.MERGE: ("H-01",),
}


class Named(NamedTuple):
    """What is to be decided, the codes that ask for it, and the rules; a code brings its own rules."""

    what: str
    codes: tuple[str, ...] = ()
    rules: tuple[str, ...] = ()

    @property
    def all_rules(self) -> tuple[str, ...]:
        """The rules, and those of the codes; each once."""
        of_codes = (rule for code in self.codes for rule in CODES[code].rules)
        return tuple(dict.fromkeys((*self.rules, *of_codes)))


def request(kind: str, text: str, codes: Iterable[str]) -> Named:
    """Name a request in the words of whoever asked."""
    kind = Request.Kind(kind)
    known = tuple(code for code in codes if code in CODES)
    what = f"{kind.label}: {text}" if text else str(kind.label)
    return Named(what, known, () if known else RULES_OF_REQUESTS.get(kind, ()))


def plan(status: str, findings: Iterable[dict]) -> Named:
    """Name a plan that waits for a signature, with what stands against it or is for today."""
    named = (found["code"] for found in findings if found["same_day"] or found["code"][0] in "BH")
    what = "Plan to sign, held for a decision" if status == "HOLD" else "Plan to sign"
    return Named(what, tuple(code for code in named if code in CODES), ("D-02",))


def passed(code: str) -> Named:
    """Name a date of a course that passed."""
    return Named(TITLES[code], (code,))


def review(*, is_overdue: bool) -> Named:
    """Name a neurological review; doses go on while it is late (D-01)."""
    codes = ("A-NEURO-REVIEW-OVERDUE",) if is_overdue else ()
    return Named("Neurological review", codes, ("R-10", "D-01"))


def missed_lab(name: str, *, recheck: bool = False) -> Named:
    """Name a blood test whose window closed; after a resolved cause it is the recheck (D-16)."""
    if recheck:
        return Named("Recheck missed: the cause was resolved, is it still?", ("W-STOP-REVERSIBLE",))
    return Named(f"Blood test missed: {lab_name(name)}", (), ("R-24a", "R-25", "D-26"))


def tablets() -> Named:
    """Name a switch to tablets that nobody has confirmed; the injection stays due until then."""
    return Named("Tablets were decided: has the first one been taken?", (), ("D-27",))


def symptoms() -> Named:
    """Name a report of symptoms that came back, of which nobody asked a physician."""
    return Named("Reported: symptoms new or worse", ("A-SYMPTOM-RETURN",))


def potassium_after() -> Named:
    """Name potassium that is still to be measured after the first dose (D-07)."""
    return Named(POTASSIUM_AFTER, ("W-K-MONITOR",))


def on_folic_acid() -> Named:
    """Name somebody who takes folic acid before any B12 (D-13)."""
    return Named(ON_FOLIC_ACID, ("W-FOLATE-CURRENT",))
