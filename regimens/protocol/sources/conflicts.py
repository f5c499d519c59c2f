"""Where the source page and better sources disagree, both voices, and what the program does about it."""

# ruff: noqa: E501 - one line each, so that a table stays a table

from .references import named
from .shape import Rule


def _conflict(number: str, page_says: str, others_say: str, text: str, *sources: str) -> Rule:
    return Rule(f"C-{number}", text, named("S01", *sources), page_says=page_says, others_say=others_say)


# fmt: off
CONFLICTS = (
    _conflict("01", "Some people need injections up to 50 percent more often.",
        "Two pages of the same publisher say that up to half of all people need them more often, judged by symptoms.",
        "50 percent is a soft cap that a physician may pass with a reason; nothing is ever applied automatically.", "S04", "K02"),
    _conflict("02", "B12, blood count and homocysteine at 3, 6 and 12 months, then yearly, for everybody.",
        "That timetable is the one for bariatric surgery; others find levels no help on treatment and advise a clinical review.",
        "The dates stay as prompts with a symptom review beside each; no result changes the interval or stops treatment.",
        "S21", "S17", "S18", "S19", "S12"),
    _conflict("03", "Homocysteine below 10 for the best outcome.",
        "Laboratory ranges reach 14 or 15; kidneys, thyroid, drugs and handling raise it; lowering it did not prevent disease.",
        "Below 10 is shown as the protocol's target beside the laboratory's own range, and flagged, never treated.", "S32", "S15"),
    _conflict("04", "Crohn's disease of the ileum means monthly injections for life.",
        "A systematic review found no higher risk without a resection; over 30 cm removed did raise it.",
        "Monthly, with a warning that the evidence is weak; a physician confirms. Over 20 cm removed needs no warning.", "S22", "S43"),
    _conflict("05", "Into the muscle or deep under the skin.",
        "The labels of hydroxocobalamin name the muscle only; deep under the skin is on the label of cyanocobalamin.",
        "Into the muscle unless a prescriber authorises deep under the skin, which is shown as off label.", "S10", "S06", "S07", "S11"),
    _conflict("06", "After bariatric surgery every three months, or tablets.",
        "Others use monthly injections first after a bypass, and leave malabsorptive operations to the specialist team.",
        "Three months; the kind of operation is asked, and a malabsorptive or unknown one gets a note to the physician.",
        "S15", "S23", "S21"),
    _conflict("07", "Tablets do as well, also with malabsorption.",
        "Labels and a Scottish board do not trust tablets in malabsorption; a British product is licensed for it.",
        "Tablets only when a physician chooses, without nerve involvement, not severe and with known kidneys; recheck at three months.",
        "S10", "S11", "S35", "S48"),
    _conflict("08", "Six doses of 1 mg.",
        "The product summaries give 250 to 1000 micrograms on alternate days, then weekly; the American label far less.",
        "The regimen of the formulary is used and named, with the note that it differs from the product summary.", "S20", "S06", "S07", "S10"),
    _conflict("09", "Bands of platelets with needle sizes and minutes of pressure.",
        "Nothing independent was found; vaccine advice is a 23 to 25 gauge needle and two minutes; a 27 gauge needle is often too short.",
        "The bands are kept as careful prompts; gauge and length of the needle are both recorded.", "S28", "S29", "K06", "K10"),
    _conflict("10", "Never stop.",
        "Where the cause is resolved, others let a prescriber reduce or stop; for life only in lasting malabsorption.",
        "Only a physician stops, for one of the listed reasons, with a recheck three months later when a cause was resolved.", "S12", "S36"),
    _conflict("11", "Never folic acid first.",
        "In the seriously ill both may be given together while results are awaited; folic acid alone never.",
        "Folic acid alone is refused; a physician may order both together in an emergency.", "S10", "S42"),
    _conflict("12", "The title asks about a vein, the text never uses one.",
        "Labels advise against the vein; 5 g into a vein is the antidote to cyanide, a different product.",
        "The vein cannot be chosen.", "S11", "S41b"),
    _conflict("13", "Presents itself as current.",
        "The British guideline of 2014 was replaced by NG239.",
        "NG239 and the formulary are cited, with the day they were checked.", "S13"),
    _conflict("14", "Assumes adults.",
        "NG239 is for people over 16; one page now says over 12; the product summaries include children.",
        "Nobody under 16 is given an automatic plan.", "S12", "S25", "S06"),
    _conflict("15", "Silent on allergy.",
        "Labels forbid use after sensitivity to cobalt or B12; the regulator asks for vigilance; forms do not always cross-react.",
        "Allergy is always asked; past hypersensitivity to any cobalamin blocks treatment.", "S11", "S26", "S27"),
    _conflict("16", "Counts in months.",
        "Clinics often count 8 or 12 weeks.",
        "Calendar months; a clinic may choose 8 or 12 weeks, which lie inside the ranges.", "S38"),
)
# fmt: on
