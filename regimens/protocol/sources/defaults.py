"""The safe defaults chosen where the source page is silent, unclear or contradicts itself, and who may decide otherwise."""

# ruff: noqa: E501 - one line each, so that a table stays a table

from .references import named
from .shape import Rule

PHYSICIAN = "physician"
CLINIC = "clinic setting"
PROGRAM = "the program"


def _default(number: str, decided_by: str, text: str, *sources: str) -> Rule:
    return Rule(f"D-{number}", text, named("POLICY", *sources), decided_by=decided_by)


# fmt: off
DEFAULTS = (
    _default("01", PHYSICIAN, "Loading with nerve involvement is reviewed 21 days after the first dose, then every 14 days; doses go on until no further improvement is recorded.", "K01", "S43"),
    _default("02", PHYSICIAN, "Two or three months has no silent default: the physician chooses when signing, and the draft uses two until then. No dose is recorded on an unsigned plan."),
    _default("03", f"{PHYSICIAN} for holds, {CLINIC} for validity", "Platelets over 50: ordinary injection. 25 to 50: fine needle and pressure. 10 to under 25: hold. Under 10: stop. A count is valid 7 days up to 50, 90 days up to 149, 365 days from 150; a stale low count stops. An anticoagulant with 50 or less is a hold.", "S02", "S03"),
    _default("04", PHYSICIAN, "When several groups apply, nerve status alone decides the loading, the shortest interval wins, kidneys decide only the product. Exactly 20 cm is not over 20; an unknown length counts as one month until known."),
    _default("05", PHYSICIAN, "Special groups with a shown deficiency load like everybody; prevention without deficiency starts with maintenance."),
    _default("06", PHYSICIAN, "Poor kidneys means an eGFR under 60, dialysis or a clinician's flag. From 50 to under 60 a physician may pass the refusal of cyanocobalamin with a reason; under 50 nobody may. An unknown eGFR warns.", "S24"),
    _default("07", PHYSICIAN, "With haemoglobin under 80 g/L potassium is measured before the first dose and within 48 hours; under 3.5 mmol/L the first dose waits for a physician the same day.", "S09", "S10", "S11", "K09"),
    _default("08", PROGRAM, "Months are calendar months, clipped to the last day of the month, each counted from one anchor and never chained; dates are the clinic's own dates.", "S39"),
    _default("09", PHYSICIAN, "In pregnancy only a shown deficiency is treated, with specialist advice and a review at one month; routine folic acid is allowed after the first B12 dose.", "S06", "S07", "S25", "S12"),
    _default("10", "physician elsewhere", "Under 16 on the day of starting: no automatic plan.", "S12"),
    _default("11", PHYSICIAN, "Past hypersensitivity to any cobalamin blocks and is referred, without switching forms. Cobalt allergy needs a physician and advice for 72 hours. Vial excipients are checked. A first dose is observed.", "S27", "S26", "S10", "K07"),
    _default("12", PHYSICIAN, "In Leber's optic neuropathy cyanocobalamin is blocked, and a physician writes the regimen of hydroxocobalamin.", "S11", "S06", "S07"),
    _default("13", PHYSICIAN, "Folic acid: blocked before the first B12 dose, a physician confirms during loading, free afterwards. Somebody already taking it does not stop, starts B12 and is reviewed urgently."),
    _default("14", f"{CLINIC} for days, {PHYSICIAN} for weekend cover", "Loading is placed on open days: three a week at least two days apart and at most three in seven days; alternate days move to the open day before, else after; daily on consecutive open days. Ten daily doses are refused with nerve involvement."),
    _default("15", PHYSICIAN, "Into the muscle by default; deep under the skin only by a prescriber; into a vein never."),
    _default("16", PHYSICIAN, "A physician stops for a resolved cause, a switch to tablets, allergy, a revised diagnosis, informed refusal, moving away or death. A patient's wish is a hold; the plan stays active until the conversation is recorded.", "S12"),
    _default("17", f"{PHYSICIAN}, {CLINIC} for the limit", "Severe means B12 under 100 pg/mL (74 pmol/L), haemoglobin under 80 g/L, pancytopenia, a severe nerve symptom or a physician's word. Any nerve symptom keeps a person on injections."),
    _default("18", PROGRAM, "A value needs its unit; it is converted from what was reported, compared unrounded, and refused outside its hard limits.", "S33", "K04", "K05", "S34"),
    _default("19", CLINIC, "One millilitre a dose; sites rotate, with a warning when the same site returns in less than seven days; site, side, needle, lot and expiry are kept.", "S46"),
    _default("20", f"{PROGRAM} and {PHYSICIAN}", "Death cancels everything the same day. A transfer silences reminders when the handover is confirmed. Whoever arrives goes on from the last dose. A pause has an end."),
    _default("21", PHYSICIAN, "A missed loading dose is neither dropped nor doubled. Long gaps are reviewed, and past 14 days a physician decides on starting again. A dose due in the past is due today."),
    _default("22", PHYSICIAN, "A second dose on one day is blocked. Loading doses less than two days apart warn. Maintenance before its window needs a physician."),
    _default("23", PHYSICIAN, "A late maintenance dose is given now and the next counts from it, without loading again. A whole missed interval, or a year, is a physician's decision.", "S35", "S36"),
    _default("24", PHYSICIAN, "Half as frequent again means two thirds of the interval: three months become two, two become 42 days, one becomes 21 days. Shorter than that needs a reason. A nurse reports, a physician changes."),
    _default("25", PROGRAM, "The next date counts from the latest full dose really given and not voided, in whatever order doses were entered. Refused, held and partial doses do not count; a future date is refused."),
    _default("26", f"{PROGRAM}, {CLINIC} for windows", "Lab checks count from the first dose, within 14 days at 3 and 6 months and 28 days later; blood is drawn before that day's injection, and B12 within 14 days after one is flagged.", "S05", "S30", "S31"),
    _default("27", PHYSICIAN, "To tablets only without nerve involvement, severity or poor kidneys, by the day the injection is due; to injections with loading when deficient again. Either way a recheck after three months."),
    _default("28", PHYSICIAN, "Steady means two panels in a row in range, B12 not low, homocysteine not rising and no nerve symptoms; otherwise checks repeat every three months.", "S05"),
    _default("29", PROGRAM, "Maintenance counts from the last loading dose given, and then from each dose given, never from the planned date.", "S37"),
    _default("30", PHYSICIAN, "No laboratory value changes a schedule; it makes a task for a person."),
    _default("31", PROGRAM, "At every visit: a change of anticoagulant, bleeding, a new allergy, pregnancy, new nerve symptoms. Known interactions are shown.", "S09", "S15", "S18", "S32"),
    _default("32", CLINIC, "Reminders go to one verified address with consent, say nothing of the illness, are sent once per step; email is never the only recall."),
)
# fmt: on
