"""Runs a file of worked clinical cases through the protocol and says where the answers differ.

Matching: `blocks` is an exact set; `warnings` and `alerts` are required subsets of all that was raised, in either
list; `warnings_forbidden` must be in neither; everything else is exact; what is not expected is not checked.
"""

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import Enum
from pathlib import Path

from regimens.protocol.codes import CODES

from . import lab_values, profiles, schedules

Answer = Callable[[Mapping, Mapping], dict]


@dataclass(frozen=True, slots=True)
class Group:
    """A kind of case: who answers it, which input words it knows, and which of them have file-wide defaults."""

    answer: Answer
    words: frozenset[str]
    defaults: frozenset[str]


# fmt: off
SCHEDULE_WORDS = frozenset((
    "regimen", "interval", "clinic_days", "closures", "start_date", "neuro_history", "horizon", "note",
    "events", "as_of",
))
# fmt: on
GROUPS = {
    "profiles": Group(profiles.answer, profiles.WORDS, profiles.WORDS),
    "schedules": Group(schedules.answer, SCHEDULE_WORDS, frozenset({"clinic_days"})),
    "lab_values": Group(lab_values.answer, lab_values.WORDS, frozenset({"egfr"})),
}
RAISED_LISTS = ("warnings", "alerts")
CODE_LISTS = ("blocks", "warnings", "alerts", "warnings_forbidden", "blocks_for_order_folic_acid")


class BadCaseFile(ValueError):
    """The file is not a case file; the message says why."""


@dataclass(frozen=True, slots=True)
class Difference:
    """One expected word whose answer differs."""

    word: str
    expected: object
    actual: object


@dataclass(frozen=True, slots=True)
class Outcome:
    """How one case went; a case without differences has passed."""

    case_id: str
    title: str
    differences: tuple[Difference, ...]

    @property
    def passed(self) -> bool:
        """Tell whether every expectation was met."""
        return not self.differences


def run(path: Path) -> Iterator[Outcome]:
    """Answer every case of a file; raises BadCaseFile before the first when the file cannot be read as one."""
    content = read(path)
    defaults = content.get("meta", {}).get("input_defaults", {})
    for name, group in GROUPS.items():
        for case in content.get(name, []):
            yield _outcome(case, group, defaults)


def read(path: Path) -> dict:
    """Return the content of a case file with exact numbers; raises BadCaseFile."""
    try:
        content = json.loads(path.read_text(encoding="utf-8"), parse_float=Decimal)
    except OSError as error:
        raise BadCaseFile(f"{path} cannot be read: {error.strerror}.") from error
    except ValueError as error:
        raise BadCaseFile(f"{path} is not JSON: {error}.") from error
    if problem := _problem(content):
        raise BadCaseFile(f"{path} is not a case file: {problem}.")
    return content


def _problem(content: object) -> str | None:
    if not isinstance(content, dict):
        return "it is not an object"
    meta = content.get("meta", {})
    if not isinstance(meta, dict) or not isinstance(meta.get("input_defaults", {}), dict):
        return "meta or its input_defaults is not an object"
    if unknown := sorted(set(content) - set(GROUPS) - {"meta"}):
        return f"it has groups nobody can answer: {', '.join(unknown)}"
    cases = [case for name in GROUPS for case in _as_list(content.get(name, []))]
    if not cases:
        return "it has no cases"
    return next((text for number, case in enumerate(cases, 1) if (text := _case_problem(number, case))), None)


def _as_list(cases: object) -> list:
    return cases if isinstance(cases, list) else [cases]


def _case_problem(number: int, case: object) -> str | None:
    if not isinstance(case, dict):
        return f"case {number} is not an object"
    if "id" not in case:
        return f"case {number} has no id"
    for part in ("input", "expected"):
        if not isinstance(case.get(part), dict):
            return f"case {case['id']} has no {part}"
    return None if case["expected"] else f"case {case['id']} expects nothing"


def _outcome(case: dict, group: Group, defaults: dict) -> Outcome:
    given, expected = case["input"], case["expected"]
    given = {word: value for word, value in defaults.items() if word in group.defaults} | given
    title = str(case.get("title", ""))
    if unknown := sorted(set(given) - group.words):
        differences = [Difference(word, "a word of the format", "not known") for word in unknown]
        return Outcome(str(case["id"]), title, tuple(differences))
    try:
        actual = group.answer(given, expected)
    except Exception as error:  # a case that cannot be answered has failed, and the others still run
        differences = (Difference("input", "an answer", f"{type(error).__name__}: {error}"),)
        return Outcome(str(case["id"]), title, differences)
    return Outcome(str(case["id"]), title, tuple(differences_between(expected, actual)))


def differences_between(expected: Mapping, actual: Mapping) -> Iterator[Difference]:
    """Yield each expected word that the answer does not meet; a word or code nobody knows is a difference."""
    actual = {word: _plain(value) for word, value in actual.items()}
    raised = {code for name in RAISED_LISTS for code in actual.get(name) or ()}
    for word, wanted in expected.items():
        if word in CODE_LISTS and (problem := _unknown_codes(wanted)):
            yield Difference(word, wanted, problem)
        elif word in RAISED_LISTS:
            if not set(wanted) <= raised:
                yield Difference(word, wanted, sorted(raised))
        elif word == "warnings_forbidden":
            if set(wanted) & raised:
                yield Difference(word, wanted, sorted(raised))
        elif word not in actual:
            yield Difference(word, wanted, "not a word this program answers")
        elif word == "blocks":
            if set(wanted) != set(actual[word] or ()):
                yield Difference(word, sorted(wanted), sorted(actual[word] or ()))
        elif not _same(wanted, actual[word]):
            yield Difference(word, wanted, actual[word])


def _unknown_codes(wanted: object) -> str | None:
    if not isinstance(wanted, list):
        return "not a list of codes"
    unknown = [str(code) for code in wanted if code not in CODES]
    return f"codes nobody knows: {', '.join(unknown)}" if unknown else None


def _same(wanted: object, got: object) -> bool:
    """Compare exactly; numbers by value, and true is not 1."""
    if isinstance(wanted, bool) or isinstance(got, bool):
        return wanted is got
    if isinstance(wanted, dict) and isinstance(got, dict):
        return wanted.keys() == got.keys() and all(_same(wanted[key], got[key]) for key in wanted)
    if isinstance(wanted, list) and isinstance(got, list):
        return len(wanted) == len(got) and all(map(_same, wanted, got))
    return wanted == got


def _plain(value: object) -> object:
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Mapping):
        return {_plain(key): _plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(item) for item in value]
    return value
