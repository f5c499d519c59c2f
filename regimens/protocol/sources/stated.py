"""What the source page states, rule by rule, in our own words."""

# ruff: noqa: E501 - one line each, so that a table stays a table

from .references import named
from .shape import Rule


def _stated(number: str, text: str, *independent: str) -> Rule:
    return Rule(f"R-{number}", text, named("S01", *independent))


# fmt: off
STATED = (
    _stated("01", "Injections are hydroxocobalamin, which the body keeps longer, unless a physician chooses otherwise.", "S20", "S06"),
    _stated("02", "Every injection is 1 mg (1000 micrograms).", "S20"),
    _stated("03", "Injections go into a muscle, or deep under the skin; never into a vein.", "S10"),
    _stated("04", "The upper arm and the outer thigh, left or right, are the sites offered.", "S46"),
    _stated("05", "The buttock is not a routine site, because the sciatic nerve lies there; it needs a written reason.", "S46"),
    _stated("06", "When the buttock is used, only its upper outer quarter, with the needle directed to the front; both are confirmed."),
    _stated("07", "Whether nerves are involved must be answered before any plan, because the regimen depends on it.", "S20"),
    _stated("10", "With nerve involvement: 1 mg on alternate days until a physician records no further improvement.", "S20", "S06", "S07"),
    _stated("11", "With nerve involvement the first dose and every missed dose are urgent: the damage can be for good.", "S47"),
    _stated("12", "Without nerve involvement: 1 mg three times a week for two weeks, six doses.", "S20", "S06"),
    _stated("13", "Without nerve involvement a physician may choose 1 mg daily for ten days instead.", "S44"),
    _stated("14", "When loading is complete the plan moves on to maintenance.", "S20"),
    _stated("15", "Maintenance is 1 mg every two to three months for life.", "S20"),
    _stated("16", "With nerve involvement, now or when first seen, maintenance is every two months.", "S06", "S20"),
    _stated("17", "Without nerve involvement maintenance is every two or every three months.", "S20"),
    _stated("18", "After bariatric surgery: 1 mg every three months, or 1000 to 2000 micrograms by mouth daily, without end.", "S21"),
    _stated("19", "After more than 20 cm of ileum is removed, or with Crohn's disease of the ileum: 1 mg every month for life.", "S22"),
    _stated("20", "When the kidneys work poorly cyanocobalamin is refused by any route; hydroxocobalamin is used.", "S24"),
    _stated("21", "Folic acid waits until B12 treatment is adequate.", "S10", "S42"),
    _stated("22", "A normal level is not a reason to stop.", "S12"),
    _stated("23", "Feeling better is not a reason to stop.", "S12"),
    _stated("24a", "In the first year B12, blood count and homocysteine are checked 3, 6 and 12 months after the start.", "S21", "S17"),
    _stated("24b", "The homocysteine target is below 10 micromol/L; exactly 10 is not at target.", "S15"),
    _stated("25", "Once levels are steady, B12 and homocysteine are checked every year.", "S21", "S18"),
    _stated("26", "If tingling, unsteady walking or trouble thinking return, injections become more frequent; a physician decides.", "S12"),
    _stated("27", "When maintenance is not enough, injections may be up to 50 percent more frequent."),
    _stated("34", "With platelets above 50 an ordinary injection into the muscle is safe."),
    _stated("35", "With platelets from 25 to 50: a 25 to 27 gauge needle, and pressure for five to ten minutes.", "S28"),
    _stated("36", "With platelets under 10, platelet transfusion is considered before any injection into a muscle."),
    _stated("37", "After any injection with a low count the site is looked at for a haematoma, and the look is recorded.", "S28"),
    _stated("40", "For most people, also with malabsorption, cyanocobalamin by mouth does as well.", "S15"),
    _stated("41", "An injection works faster than tablets.", "S15"),
    _stated("42", "Severe deficiency or severe nerve symptoms start with injections; treatment by mouth is refused.", "S15"),
    _stated("44", "By mouth: cyanocobalamin 1000 to 2000 micrograms a day.", "S15"),
    _stated("50", "This supports clinical judgement and does not replace it; check against current references."),
)
# fmt: on
