"""Every code the protocol may raise: what kind it is, what a nurse is told, which rules speak, who may pass it.

Codes that begin with B block, H hold, W warn and A alert. The last table holds the product's own codes, which
the research draft describes without naming.
"""

# ruff: noqa: E501 - one line each, so that a table stays a table

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum


class Kind(StrEnum):
    """What a code does to the act it is raised against."""

    BLOCK = "B"
    HOLD = "H"
    WARNING = "W"
    ALERT = "A"


class Passer(StrEnum):
    """Who may let an act go ahead although the code stands."""

    NOBODY = "nobody"
    NURSE = "nurse"  # a nurse, and of course a physician
    PHYSICIAN = "physician"
    NOT_NEEDED = "not needed"  # warnings and alerts stop nothing


@dataclass(frozen=True, slots=True)
class Code:
    """What is known of a code before it is raised against anybody."""

    code: str
    message: str
    rules: tuple[str, ...]
    passable_by: Passer = Passer.NOT_NEEDED
    pass_with: str = ""
    same_day: bool = False
    # What a physician confirms when signing, where a rule asks for that; else the warning is only read.
    confirm: str = ""

    @property
    def kind(self) -> Kind:
        """Return the kind, which the first letter of the code says."""
        return Kind(self.code[0])


@dataclass(frozen=True, slots=True)
class Finding:
    """A code raised against one patient or act, with who may pass it here."""

    code: str
    message: str
    detail: str = ""
    passable_by: Passer = Passer.NOT_NEEDED
    pass_with: str = ""
    same_day: bool = False

    @property
    def kind(self) -> Kind:
        """Return what the finding does."""
        return Kind(self.code[0])

    @property
    def stops(self) -> bool:
        """Tell whether the act may not go ahead unless somebody passes the finding."""
        return self.kind in (Kind.BLOCK, Kind.HOLD)

    @property
    def may_be_passed(self) -> bool:
        """Tell whether anybody may let the act go ahead all the same."""
        return self.passable_by is not Passer.NOBODY

    def to_json(self) -> dict:
        """Return the finding as plain values, as a signed plan keeps it."""
        return {
            "code": self.code,
            "message": self.message,
            "detail": self.detail,
            "passable_by": self.passable_by.value,
            "pass_with": self.pass_with,
            "same_day": self.same_day,
        }


NOBODY, NURSE, PHYSICIAN = Passer.NOBODY, Passer.NURSE, Passer.PHYSICIAN
ONE_DOSE = "a physician authorises one dose, with a reason"

# fmt: off
_STOPS = (
    Code("B-AGE-U16", "Under 16: this clinic makes no plan for children; refer on.", ("D-10",), NOBODY),
    Code("B-ALLERGY-COBALAMIN", "This person has reacted to a form of B12 before: give nothing and refer for allergy advice.", ("D-11", "C-15"), NOBODY),
    Code("B-CYANO-RENAL", "Cyanocobalamin is not given when the kidneys work poorly; use hydroxocobalamin.", ("R-20", "D-06"), NOBODY),
    Code("B-CYANO-LEBER", "Cyanocobalamin is never given in Leber's disease: it can take the sight.", ("D-12",), NOBODY),
    Code("B-ROUTE-IV", "B12 is not given into a vein.", ("R-03", "D-15", "C-12"), NOBODY),
    Code("B-DOSE-NOT-1MG", "The dose must be 1 mg (1000 micrograms); check the ampoule.", ("R-02", "R-44"), NOBODY),
    Code("B-PRODUCT-UNKNOWN", "This product is not on the clinic's list.", ("R-01", "H-10"), NOBODY),
    Code("B-PLT-LT10", "Platelets are under 10: no injection until a physician has decided and considered a transfusion.", ("R-36", "D-03"), PHYSICIAN, ONE_DOSE),
    Code("H-PLT-10-24", "Platelets are from 10 to under 25: wait for a physician's decision.", ("D-03",), PHYSICIAN, ONE_DOSE),
    Code("B-PLT-STALE", "The last platelet count was 50 or less and is more than 7 days old: count again before the needle.", ("D-03",), PHYSICIAN, ONE_DOSE),
    Code("H-BLEED-COMBINED", "An anticoagulant together with platelets of 50 or less: wait for a physician's decision.", ("D-03",), PHYSICIAN, ONE_DOSE),
    Code("B-ORAL-NEURO", "Nerves are involved, so tablets are refused: inject.", ("R-42", "D-17"), NOBODY),
    Code("B-ORAL-SEVERE", "The deficiency is severe, so tablets are refused: inject.", ("R-42", "D-17"), NOBODY),
    Code("B-FOLATE-BEFORE-B12", "No folic acid before the first B12 dose: folic acid alone can harm the spinal cord.", ("R-21", "D-13", "C-11"), PHYSICIAN, "a physician orders both together in an emergency"),
    Code("B-STOP-LEVELS", "A normal level is no reason to stop: the injections are what keep it normal.", ("R-22", "C-10"), NOBODY),
    Code("B-STOP-SYMPTOMS", "Feeling better is no reason to stop: nerves can be damaged for good.", ("R-23", "C-10"), NOBODY),
    Code("H-STOP-REFUSAL", "The patient wishes to stop: a physician talks with them and records it; the plan stays active until then.", ("D-16",), PHYSICIAN, "a physician records the conversation"),
    Code("B-SAME-DAY-DOSE", "A dose was already given on this day.", ("D-22", "D-25", "H-02"), NOBODY),
    Code("B-EARLY-DOSE", "This dose is not due yet: check that this is the right patient and not given elsewhere.", ("D-22",), PHYSICIAN, "a physician authorises the dose, with a reason"),
    Code("B-INACTIVE", "This patient has died or moved to another clinic: no plan, dose or reminder.", ("D-20",), NOBODY),
    Code("B-FUTURE-DATE", "The date is in the future: a dose can only be recorded once it is given.", ("D-25",), NOBODY),
    Code("B-ROLE", "Only a physician may do this.", ("D-24", "D-15", "D-16"), NOBODY),
    Code("B-PLAN-UNSIGNED", "No physician has signed this plan yet.", ("D-02",), PHYSICIAN, "a physician signs the plan"),
    Code("B-LAB-IMPLAUSIBLE", "A result is not possible as entered: check the number and its unit.", ("D-18", "H-08"), NOBODY, "correct the value"),
    Code("B-DAILY10-NEURO", "Ten daily doses are not enough when nerves are involved: alternate days until a physician ends it.", ("R-13", "D-14"), NOBODY),
    Code("B-SITE-GLUTEAL", "The buttock needs a reason, and confirmation of the upper outer quarter and the needle directed to the front.", ("R-05", "R-06"), NURSE, "a reason and both confirmations of technique"),
    Code("H-K-LOW", "Severe anaemia and potassium under 3.5: a physician decides today, before the first dose.", ("D-07", "H-14"), PHYSICIAN, ONE_DOSE, same_day=True),
    Code("H-DEFICIENCY-UNCONFIRMED", "The deficiency is not confirmed and there is no reason for prevention: a physician decides.", ("D-05", "D-09"), PHYSICIAN, "a physician confirms the deficiency or names the reason for prevention"),
)

_WARNINGS = (
    Code("W-MAINT-CHOOSE", "A physician must choose every 2 or every 3 months; 2 is used until then.", ("R-17", "D-02")),
    Code("W-NEURO-REVIEW", "A physician reviews progress 21 days after the first dose, then every 14 days.", ("R-10", "D-01")),
    Code("W-NEURO-SPECIALIST", "Ask a specialist urgently, and do not delay the first dose.", ("R-11",), same_day=True),
    Code("W-MULTI-POP", "Several special groups apply: the shortest interval is used.", ("D-04",), confirm="The shortest interval of the groups that apply is right for this patient."),
    Code("W-BARIATRIC-ORAL-OPTION", "After bariatric surgery, 1000 to 2000 micrograms by mouth daily is the alternative.", ("R-18", "C-06")),
    Code("W-ILEAL-BOUNDARY", "The length of ileum removed is exactly 20 cm or not known: a physician confirms.", ("R-19", "D-04"), confirm="The length of ileum removed has been looked at, and the interval is right for it."),
    Code("W-CROHN-EVIDENCE", "For Crohn's disease without over 20 cm removed the evidence for monthly doses is weak: a physician confirms.", ("C-04",), confirm="Monthly doses are right for this patient although the evidence is weak."),
    Code("W-RENAL-HCY", "Poor kidneys raise homocysteine: do not read the target of 10 by itself.", ("C-03",)),
    Code("W-RENAL-UNKNOWN", "Kidney function is not known: it must be answered before cyanocobalamin is signed.", ("D-06", "C-07")),
    Code("W-PLT-51-149", "Platelets are somewhat low: inject as usual, then look for a haematoma.", ("R-34", "R-37", "D-03")),
    Code("W-PLT-25-50", "Platelets are low: 25 to 27 gauge needle, press for 5 to 10 minutes, look for a haematoma.", ("R-35", "R-37", "D-03")),
    Code("W-PLT-UNKNOWN", "There is no platelet count on file.", ("D-03",)),
    Code("W-PLT-STALE", "The platelet count is old: ask for a new one.", ("D-03",)),
    Code("W-PLT-NEURO-URGENT", "Nerves are involved and platelets are under 25: a physician decides today; treatment must not lapse.", ("D-03",), same_day=True),
    Code("W-ANTICOAG", "On an anticoagulant: fine needle, firm pressure, tell about haematoma.", ("D-03", "C-09")),
    Code("W-COBALT", "Cobalt allergy: a physician signs, and the patient is told what to watch for 72 hours.", ("D-11", "C-15"), confirm="Hydroxocobalamin is given although there is a cobalt allergy, and the patient is told what to watch for 72 hours."),
    Code("W-EXCIPIENT", "Allergy to a preservative: read the vial for benzyl alcohol and parabens.", ("D-11",)),
    Code("W-LEBER-REGIMEN", "Leber's disease: hydroxocobalamin only, and a physician writes the regimen.", ("D-12",)),
    Code("W-PREGNANCY", "Pregnant: seek haematology or obstetric advice; total B12 falls in pregnancy; review at one month.", ("D-09",)),
    Code("W-FOLATE-CURRENT", "Already on folic acid with B12 untreated: urgent physician review, and start B12 first.", ("D-13",), same_day=True),
    Code("W-STOP-REVERSIBLE", "Stopping because the cause is resolved: check again in three months.", ("D-16", "C-10")),
    Code("W-SC-OFFLABEL", "Deep under the skin is outside the labels of hydroxocobalamin: a prescriber authorises it.", ("C-05", "D-15"), confirm="I authorise deep under the skin, outside the labels."),
    Code("W-K-MONITOR", "Severe anaemia: measure potassium before the first dose and within 48 hours after.", ("D-07", "H-14")),
    Code("W-SITE-ROTATE", "The same site was used less than 7 days ago: choose another.", ("D-19",)),
    Code("W-METHYL-NO-REGIMEN", "There is no regimen for methylcobalamin: a physician would have to write it.", ("R-20", "D-06")),
    Code("W-DAILY10-WEEKEND", "Ten daily doses cross days on which the clinic is closed.", ("D-14",)),
    Code("W-ALT-DAYS-WEEKEND", "An alternate-day dose falls on a closed day: arrange cover or accept the moved date.", ("D-14",)),
    Code("W-EARLY-LOAD", "Less than 2 days since the last loading dose.", ("D-22",)),
    Code("W-EXCEEDS-50PCT", "This is more than 50 percent more frequent than the protocol: a physician gives a reason.", ("R-27", "C-01", "D-24")),
    Code("W-B12-POSTDOSE", "Drawn within 14 days of an injection: the B12 level says nothing.", ("D-26",)),
    Code("W-B12-HIGH-EXPECTED", "A high B12 is expected on injections: no reason to stop or stretch.", ("R-22", "D-26")),
    Code("W-HCY-ABOVE-TARGET", "Homocysteine is 10 or more, above the protocol's target.", ("R-24b", "C-03")),
    Code("W-HCY-URGENT", "Homocysteine is over 100: a physician looks at it urgently.", ("D-18",), same_day=True),
)

_ALERTS = (
    Code("A-LOAD-GAP-GT7", "More than 7 days between loading doses: a physician looks at it.", ("D-21",)),
    Code("A-LOAD-GAP-GT14", "More than 14 days between loading doses: a physician decides whether to start again.", ("D-21",)),
    Code("A-LOAD-STRETCHED", "Loading will end later than day 13.", ("D-14",)),
    Code("A-NEURO-GAP", "More than 4 days since the last dose while nerves are involved: call a physician today.", ("D-21", "R-11"), same_day=True),
    Code("A-NEURO-REVIEW-OVERDUE", "The physician's review is overdue: keep giving doses and remind them.", ("D-01",)),
    Code("A-OVERDUE", "The dose is past its window: give it now.", ("D-23",)),
    Code("A-OVERDUE-PHYSICIAN", "The dose is long overdue: a physician has been asked.", ("D-23",)),
    Code("A-LAPSED", "A whole interval has been missed: give a dose now; a physician decides on loading again.", ("D-23",)),
    Code("A-LAPSED-12M", "A year or more since the last dose: a physician may begin a new episode.", ("D-23",)),
    Code("A-CLOSE-DOSES", "Two recorded doses are closer than the regimen allows: one may be a duplicate.", ("D-25",)),
    Code("A-SYMPTOM-RETURN", "Symptoms are back: a physician has been asked.", ("R-26", "D-24")),
    Code("A-REMINDERS-CANCELLED", "All waiting reminders were cancelled.", ("D-20",)),
)

_OWN = (
    Code("H-NEURO-UNKNOWN", "Nobody has answered whether nerves are involved: no plan without that answer.", ("R-07",), NOBODY, "answer the question"),
    Code("B-ALLERGY-UNKNOWN", "Nobody has asked about allergies: ask before the first dose.", ("D-11", "H-09"), NOBODY, "answer the question"),
    Code("B-VIAL-EXPIRED", "This vial had expired: take another.", ("H-10",), NOBODY),
    Code("B-VIAL-RECALLED", "This lot was recalled: take a vial of another lot.", ("H-10",), NOBODY),
    Code("A-NO-ANSWER", "Neither letters nor calls were answered: a physician decides how the patient is reached.", ("H-03", "D-32")),
    Code("H-FOLATE-IN-LOADING", "B12 loading is not finished: a physician confirms folic acid.", ("D-13",), PHYSICIAN, "a physician confirms the order"),
)
# fmt: on

CODES: dict[str, Code] = {code.code: code for code in (*_STOPS, *_WARNINGS, *_ALERTS, *_OWN)}
OWN_CODES: frozenset[str] = frozenset(code.code for code in _OWN)


def finding(
    code: str,
    detail: str = "",
    *,
    passable_by: Passer | None = None,
    pass_with: str | None = None,
    same_day: bool | None = None,
) -> Finding:
    """Raise a code, with the table's answers unless this case has its own; unknown codes raise KeyError."""
    known = CODES[code]
    return Finding(
        code=code,
        message=known.message,
        detail=detail,
        passable_by=known.passable_by if passable_by is None else passable_by,
        pass_with=known.pass_with if pass_with is None else pass_with,
        same_day=known.same_day if same_day is None else same_day,
    )


def to_confirm(codes: Iterable[str]) -> tuple[Code, ...]:
    """Return those of the codes that a physician confirms when signing (D-04, D-11, C-04, C-05), each once."""
    return tuple(CODES[code] for code in dict.fromkeys(codes) if code in CODES and CODES[code].confirm)
