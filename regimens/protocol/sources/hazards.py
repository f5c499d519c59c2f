"""What can go wrong in use, and the controls the program must have; first draft for the safety officer."""

# ruff: noqa: E501 - one line each, so that a table stays a table

from .references import named
from .shape import Rule


def _hazard(number: str, risk: str, text: str, *sources: str) -> Rule:
    return Rule(f"H-{number}", text, named("S41", "K03", *sources), risk=risk)


# fmt: off
HAZARDS = (
    _hazard("01", "major, 3 before and 3 after", "A dose is given to, or recorded for, the wrong person. Two identifiers at the dose screen, birth date and allergies on every page, the server checks the person again, void with a reason."),
    _hazard("02", "significant, 3 before and 2 after", "One dose is given or recorded twice. One counting dose a day in the database, a replay answers as the first, close doses are flagged."),
    _hazard("03", "major, 4 before and 3 after", "A person on lifelong treatment is lost. No plan expires, everybody has a next date or stands on a worklist, and lateness escalates."),
    _hazard("04", "major, 3 before and 3 after", "Loading with nerve involvement stops or thins out too early. Reviews are dated, gaps alert the same day, and nothing moves on by itself."),
    _hazard("05", "major, 3 before and 2 after", "Treatment stops or stretches because levels or symptoms look normal. Such stops are refused, and no value changes a schedule."),
    _hazard("06", "major, 3 before and 3 after", "Folic acid comes before B12. The order is refused, and a low folate result says B12 first."),
    _hazard("07", "major, 3 before and 3 after", "An injection is given on a dangerous or outdated platelet count. Bands with validity and hard limits, asked again at the dose screen."),
    _hazard("08", "considerable, 3 before and 2 after", "A wrong unit makes a value look safe or deficient. No default unit, no rounding at a limit, implausible values are refused."),
    _hazard("09", "catastrophic, 4 before and 3 after", "A known allergy is missed. The allergy question is mandatory, not knowing blocks the first dose, and the emergency kit is confirmed."),
    _hazard("10", "major, 3 before and 2 after", "The wrong product, dose or route is given. A closed list, one strength, no vein, and lot and expiry are recorded."),
    _hazard("11", "considerable, 3 before and 2 after", "A reminder reaches the wrong person or tells of the illness. One recipient, confirmed address, neutral words, every sending recorded.", "S40"),
    _hazard("12", "significant, 3 before and 2 after", "A reminder reaches a family after a death, or none is sent at all. State is asked when sending, and a silent scheduler raises an alarm."),
    _hazard("13", "considerable, 3 before and 2 after", "Wrong date arithmetic makes many people late. Dates without times, one anchor, counted from doses given."),
    _hazard("14", "catastrophic, 4 before and 3 after", "Potassium falls in the first days of treating severe anaemia. It is measured before and after, and a low value holds the first dose."),
    _hazard("15", "considerable, 3 before and 2 after", "A special group is missed or two rules clash. Mandatory answers with unknown, the shortest interval, kidneys before tablets, all findings shown together."),
    _hazard("16", "considerable, 3 before and 2 after", "So many warnings that a real stop is passed over. Only holds interrupt, passing one needs a reason, and passes are counted."),
    _hazard("17", "considerable, 3 before and 2 after", "A record or a rule changes without trace. Append-only records, void and not delete, the version of the rules stays on each plan."),
    _hazard("18", "considerable, 3 before and 2 after", "An empty or wrong list reassures. The time is shown, parts add up to the whole, and failures are visible."),
)
# fmt: on
