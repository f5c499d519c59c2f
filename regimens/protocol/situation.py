"""One patient on one day, with every measured value converted once, as the rules look at them."""

from dataclasses import dataclass
from datetime import date

from . import catalogue, levels
from .entries import Group
from .facts import MEASURED, Answer, Deficiency, Facts, Measured, Neuro
from .levels import Kidneys
from .units import Converted, Refused

INVOLVED = (Neuro.PRESENT, Neuro.SEVERE)


@dataclass(frozen=True, slots=True)
class Situation:
    """The facts on a day. A value that was refused is absent from its place and named in `refused`."""

    facts: Facts
    on: date
    levels: dict[str, Converted]
    refused: tuple[str, ...]

    @property
    def nerves_involved(self) -> bool:
        """Tell whether nerves are involved today: this decides the loading."""
        return self.facts.neuro in INVOLVED

    @property
    def nerves_ever_involved(self) -> bool:
        """Tell whether nerves are or were involved: this decides the interval, and refuses tablets."""
        return self.nerves_involved or self.facts.neuro_at_presentation is Answer.YES

    @property
    def kidneys(self) -> Kidneys:
        """Return kidney function by number, dialysis or flag."""
        if self.facts.dialysis is Answer.YES:
            return Kidneys.POOR
        return levels.kidneys(self.levels.get("egfr"), flagged=self.facts.renal_flag is Answer.YES)

    @property
    def kidneys_work_poorly(self) -> bool:
        """Tell whether cyanocobalamin is refused for the kidneys."""
        return self.kidneys in (Kidneys.BORDERLINE, Kidneys.POOR)

    @property
    def has_severe_anaemia(self) -> bool:
        """Tell whether haemoglobin is under 80 g/L, or a physician calls it severe (D-07)."""
        hb = self.levels.get("hb")
        return self.facts.severe_flag is Answer.YES or (hb is not None and levels.is_severe_anaemia(hb))

    @property
    def deficiency_is_severe(self) -> bool:
        """Tell whether anything but the nerves says that the deficiency is severe (D-17)."""
        b12 = self.levels.get("b12")
        return (
            self.has_severe_anaemia
            or self.facts.pancytopenia is Answer.YES
            or (b12 is not None and levels.is_severe_b12(b12))
        )

    @property
    def has_low_potassium(self) -> bool:
        """Tell whether potassium is known to be under 3.5 mmol/L."""
        potassium = self.levels.get("potassium")
        return potassium is not None and levels.is_low_potassium(potassium)

    @property
    def platelets(self) -> levels.Platelets | None:
        """Return the band of the platelet count; None when there is none that can be read."""
        count = self.levels.get("platelets")
        return levels.platelets(count) if count else None

    @property
    def platelets_are_stale(self) -> bool:
        """Tell whether the count is older than its validity, or of an unknown day."""
        count = self.platelets
        if count is None:
            return False
        collected_on = self.facts.platelets.collected_on
        return collected_on is None or (self.on - collected_on).days > levels.valid_for_days(count)

    @property
    def resected_over_limit(self) -> bool:
        """Tell whether more than 20 cm of ileum are known to be removed."""
        length = self.facts.ileal_resection_cm
        return length is not None and length > catalogue.ILEUM_OVER.value

    @property
    def resected_exactly_limit(self) -> bool:
        """Tell whether exactly 20 cm were removed, which is not over 20."""
        return self.facts.ileal_resection_cm == catalogue.ILEUM_OVER.value

    @property
    def resected_unknown_length(self) -> bool:
        """Tell whether ileum was removed and nobody knows how much."""
        return self.facts.ileal_resection is Answer.YES and self.facts.ileal_resection_cm is None

    @property
    def groups(self) -> frozenset[Group]:
        """Return the groups that set an interval; ileal Crohn's and a long resection are one."""
        found = set()
        if self.nerves_ever_involved:
            found.add(Group.NEURO)
        if self.facts.bariatric is Answer.YES:
            found.add(Group.BARIATRIC)
        if self.resected_over_limit or self.facts.crohns_ileal is Answer.YES:
            found.add(Group.ILEAL)
        return frozenset(found)

    @property
    def is_for_prevention(self) -> bool:
        """Tell whether treatment is prevention: a special group without deficiency, not in pregnancy."""
        special = self.groups - {Group.NEURO} or self.resected_unknown_length
        return (
            self.facts.deficiency is Deficiency.NONE
            and bool(special)
            and self.facts.pregnant is not Answer.YES
        )


def situation(facts: Facts, on: date) -> Situation:
    """Look at the facts on a day, converting each measured value once and noting those that are refused."""
    converted, refused = {}, []
    for name, analyte in MEASURED.items():
        measured: Measured | None = getattr(facts, name)
        if measured is None:
            continue
        try:
            converted[name] = measured.converted(analyte)
        except Refused as refusal:
            refused.append(str(refusal))
    return Situation(facts, on, converted, tuple(refused))
