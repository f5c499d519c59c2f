"""The protocol as a clinician reads it: tables made of the very values that the rules compute with."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from math import isinf

from monitoring.message_rules import ON_REQUEST, MessageRule
from monitoring.message_rules import RULES as LETTER_RULES
from regimens import words
from regimens.protocol import catalogue, panels, units
from regimens.protocol.codes import CODES, OWN_CODES, Code, Kind, Passer
from regimens.protocol.entries import Group, LabTiming, LoadingPhase, Regimen, Window
from regimens.protocol.intervals import Interval, days
from regimens.protocol.sources import CHECKED_ON, REFERENCES, RULES, Rule, RuleKind, Source, cite
from regimens.protocol.units import Analyte, Limits, Measure

GROUPS = {
    Group.NEURO: "Nerves involved",
    Group.BARIATRIC: "After bariatric surgery",
    Group.ILEAL: "Ileum removed, or Crohn's disease of the ileum",
}
KINDS = {
    Kind.BLOCK: ("blocks", "Blocks: the act is refused"),
    Kind.HOLD: ("holds", "Holds: the act waits for a person"),
    Kind.WARNING: ("warnings", "Warnings: shown, and stop nothing"),
    Kind.ALERT: ("alerts", "Alerts: somebody is asked to act"),
}
RULE_KINDS = {
    RuleKind.STATED: ("stated", "Rules that the source page states"),
    RuleKind.CONFLICT: ("conflicts", "Where sources disagree, and what the program does"),
    RuleKind.DEFAULT: ("defaults", "Safe defaults where the sources are silent, and who decides"),
    RuleKind.HAZARD: ("hazards", "What can go wrong, and what the program does about it"),
}
PASSERS = {
    Passer.NOBODY: "Nobody",
    Passer.NURSE: "A nurse or a physician",
    Passer.PHYSICIAN: "A physician",
    Passer.NOT_NEEDED: "",
}


@dataclass(frozen=True)
class Row:
    """One line of a table, with the rules and documents it rests on."""

    cells: tuple[str, ...]
    rules: tuple[Rule, ...] = ()
    sources: tuple[Source, ...] = ()


@dataclass(frozen=True)
class Table:
    """A table of the catalogue. The first heading names what a line is about; the last column cites."""

    anchor: str
    title: str
    headings: tuple[str, ...]
    rows: tuple[Row, ...]

    @property
    def labelled_rows(self) -> Iterator[tuple[Row, tuple[tuple[str, str], ...]]]:
        """Yield each row with its cells beside their headings."""
        for row in self.rows:
            yield row, tuple(zip(self.headings, row.cells, strict=True))


@dataclass(frozen=True)
class CodeShown:
    """A code, and who may let an act go ahead although it stands; empty where it stops nothing."""

    code: Code
    passer: str
    is_own: bool


@dataclass(frozen=True)
class Section:
    """Codes of one kind, or rules of one kind."""

    anchor: str
    title: str
    entries: tuple


@dataclass(frozen=True)
class RuleShown:
    """A rule, and the codes that cite it."""

    rule: Rule
    codes: tuple[str, ...]


@dataclass(frozen=True)
class ProtocolPage:
    """Everything on the page."""

    version: str
    checked_on: date
    tables: tuple[Table, ...]
    codes: tuple[Section, ...]
    rules: tuple[Section, ...]
    references: tuple[Source, ...]


def protocol_page() -> ProtocolPage:
    """Lay out the whole protocol; nothing is asked of the database."""
    return ProtocolPage(
        version=catalogue.PROTOCOL_VERSION,
        checked_on=CHECKED_ON,
        tables=_tables(),
        codes=tuple(
            Section(anchor, title, tuple(_shown(code) for code in CODES.values() if code.kind is kind))
            for kind, (anchor, title) in KINDS.items()
        ),
        rules=_rules(),
        references=tuple(REFERENCES.values()),
    )


def _tables() -> tuple[Table, ...]:
    return (
        _regimens(),
        _loadings(),
        _intervals(),
        _windows(),
        _labs(),
        _presets(),
        _platelets(),
        _figures(),
        _analytes(),
        _ranges(),
        _letters(),
        _signatures(),
    )


def _regimens() -> Table:
    headings = ("Regimen", "Given", "Amount", "Loading", "Maintenance", "Catalogue")
    return Table("regimens", "Regimens", headings, tuple(_regimen(entry) for entry in catalogue.REGIMENS))


def _regimen(entry: Regimen) -> Row:
    amounts = " or ".join(f"{amount:,}" for amount in entry.micrograms)
    retired = f", retired {entry.retired_on:%d %B %Y}" if entry.retired_on else ""
    return Row(
        (
            entry.title,
            f"{words.product(entry.product)}, {words.route(entry.route)}",
            f"{amounts} micrograms",
            _sentence(words.LOADINGS[entry.loading.kind]),
            " or ".join(_every(interval) for interval in entry.interval_choices),
            f"{entry.key}, since {entry.introduced_on:%d %B %Y}{retired}",
        ),
        entry.rules,
    )


def _every(interval: Interval) -> str:
    return f"every {interval}" if interval.count > 1 else f"every {interval.unit[:-1]}"


def _days(number: int) -> str:
    return str(days(number))


def _sentence(text: str) -> str:
    return text[:1].upper() + text[1:]


def _loadings() -> Table:
    headings = ("Loading", "Doses", "Apart", "In a week", "Longest gap")
    rows = tuple(_loading(phase) for phase in catalogue.LOADINGS.values())
    return Table("loading", "Loading", headings, rows)


def _loading(phase: LoadingPhase) -> Row:
    doses = "until a physician ends it" if phase.doses is None else str(phase.doses)
    most = (
        "no limit"
        if phase.most_in_seven_days is None
        else f"at most {phase.most_in_seven_days} in any seven days"
    )
    cells = (
        _sentence(words.LOADINGS[phase.kind]),
        doses,
        f"{_days(phase.days_apart)} or more",
        most,
        f"a physician looks at more than {_days(phase.review_gap_days)}",
    )
    return Row(cells, phase.rules)


def _intervals() -> Table:
    rows = tuple(
        Row((GROUPS[entry.group], _every(entry.interval)), entry.rules) for entry in catalogue.GROUP_INTERVALS
    )
    default = Row(
        ("No group, until a physician has chosen", _every(catalogue.DEFAULT_INTERVAL)), cite("R-17", "D-02")
    )
    return Table(
        "intervals",
        "Maintenance by group; the shortest that applies",
        ("Group", "Interval"),
        (*rows, default),
    )


def _windows() -> Table:
    headings = ("Interval", "Early by", "Late by")
    return Table("windows", "Due windows", headings, tuple(_window(entry) for entry in catalogue.WINDOWS))


def _window(entry: Window) -> Row:
    length = "Longer" if isinf(entry.up_to_days) else f"Up to {_days(entry.up_to_days)}"
    return Row((length, f"up to {_days(entry.early)}", f"up to {_days(entry.late)}"), entry.rules)


def _labs() -> Table:
    others = (entry for entry in vars(catalogue).values() if isinstance(entry, LabTiming))
    timings = (*catalogue.LAB_TIMINGS, *others)
    rows = tuple(
        Row(
            (
                _sentence(timing.name.replace("_", " ")),
                str(timing.after),
                f"{_days(timing.either_way)} either way",
            ),
            timing.rules,
        )
        for timing in timings
    )
    return Table("labs", "Blood tests and reviews", ("Check", "After", "In time"), rows)


def _presets() -> Table:
    rows = tuple(
        Row((_sentence(_every(entry.base)), _every(entry.shorter)), entry.rules)
        for entry in catalogue.PRESETS
    )
    return Table("presets", "When maintenance is not enough", ("By protocol", "Offered"), rows)


def _platelets() -> Table:
    rows = tuple(
        Row(("Any higher" if entry.up_to is None else f"Up to {entry.up_to}", _days(entry.days)), entry.rules)
        for entry in catalogue.PLATELET_VALIDITY
    )
    return Table("platelets", "How long a platelet count holds", ("Count, 10^9/L", "Holds for"), rows)


def _figures() -> Table:
    rows = tuple(
        Row((_sentence(entry.means), f"{entry.value} {entry.unit}"), entry.rules)
        for entry in catalogue.FIGURES.values()
    )
    return Table("figures", "Every other clinical number", ("Meaning", "Number"), rows)


def _analytes() -> Table:
    headings = ("Test", "Kept in", "Accepted", "Refused", "Confirmed")
    rows = tuple(_analyte(measure) for measure in units.ANALYTES.values())
    return Table("units", "Results: units with their factors, and limits", headings, rows)


def _analyte(measure: Measure) -> Row:
    accepted = ", ".join(f"{unit.name} × {unit.factor}" for unit in measure.units)
    cells = (measure.title, measure.canonical, accepted, _outside(measure.hard), _outside(measure.soft))
    return Row(cells, cite("D-18"), measure.sources)


def _outside(limits: Limits) -> str:
    return f"outside {limits.low} to {limits.high}"


def _ranges() -> Table:
    rows = [
        Row(
            (units.ANALYTES[analyte].title, f"{low} to {high} {units.ANALYTES[analyte].canonical}"),
            cite("D-28"),
        )
        for analyte, (low, high) in panels.USUAL_RANGES.items()
    ]
    b12 = units.ANALYTES[Analyte.B12]
    rows.append(Row((b12.title, f"low below {panels.B12_LOW} {b12.canonical}"), cite("D-28")))
    panel = ", ".join(units.ANALYTES[analyte].title for analyte in panels.PANEL)
    rows.append(Row(("A whole panel is", panel), cite("R-24a", "D-28")))
    return Table(
        "panel", "The panel, and ranges where the laboratory gave none", ("Test", "Range"), tuple(rows)
    )


def _letters() -> Table:
    headings = ("Letter", "Counted from", "Phases", "From day", "Until day")
    return Table(
        "letters",
        "Letters to patients",
        headings,
        tuple(_letter(rule) for rule in (*LETTER_RULES, *ON_REQUEST)),
    )


def _letter(rule: MessageRule) -> Row:
    until = "the reason is gone" if rule.closes is None else f"{rule.closes:+}"
    cells = (
        f"{rule.subject.label}: {str(rule.purpose.label).lower()}",
        rule.counted_from.value,
        ", ".join(sorted(rule.phases)),
        "when staff ask for it" if rule in ON_REQUEST else f"{rule.opens:+}",
        until,
    )
    return Row(cells, cite("D-32"))


# Who must sign a default before a clinic relies on it, and the word by which its rule names them.
SIGNERS = (
    ("P", "a physician decides", "physician"),
    ("C", "a setting of the clinic", "clinic"),
    ("S", "the program alone", "program"),
)


def _signatures() -> Table:
    """Share out the safe defaults by who must sign them; one that names two stands with both."""
    defaults = [rule for rule in RULES.values() if rule.kind is RuleKind.DEFAULT]
    rows = []
    for letter, words_of_it, name in SIGNERS:
        theirs = tuple(rule for rule in defaults if name in rule.decided_by)
        rows.append(Row((f"{letter}: {words_of_it}", str(len(theirs))), theirs))
    headings = ("Who signs", "Defaults")
    return Table("signatures", "Defaults, by who must sign them", headings, tuple(rows))


def _shown(code: Code) -> CodeShown:
    return CodeShown(code, PASSERS[code.passable_by], code.code in OWN_CODES)


def _rules() -> tuple[Section, ...]:
    citing = defaultdict(list)
    for code in CODES.values():
        for rule_id in code.rules:
            citing[rule_id].append(code.code)
    return tuple(
        Section(
            anchor,
            title,
            tuple(RuleShown(rule, tuple(citing[rule.id])) for rule in RULES.values() if rule.kind is kind),
        )
        for kind, (anchor, title) in RULE_KINDS.items()
    )
