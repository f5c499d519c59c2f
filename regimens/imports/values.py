"""Reads one cell: text in, value out. Each reader raises ValueError with what is wrong, in words for the clinic."""

import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

from django.core.exceptions import ValidationError
from django.core.validators import validate_email

from patients import clinical_facts
from patients.calendar_words import MONTHS
from patients.clinical_facts import BY_TOPIC, YES_NO
from patients.models.facts import Topic
from patients.national_ids import SYSTEMS, tidy
from regimens.imports.remarks import quoted
from regimens.protocol.intervals import Interval, days, months

NOT_KNOWN = ("not known", "unknown")
YES = ("yes", "y", "true")
NO = ("no", "n", "false")
FORMULA = ("=", "+", "-", "@")
# A cell may have lines; the letters of some names are joined by a sign of their own.
MAY_BE_UNSEEN = "\n\N{ZERO WIDTH JOINER}\N{ZERO WIDTH NON-JOINER}"
SPREADSHEET_ERRORS = ("#N/A", "#REF!", "#VALUE!", "#NAME?", "#DIV/0!", "#NULL!", "#NUM!")

ISO_DAY = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})(?:[ T]00:00(?::00(?:\.0+)?)?)?")
NAMED_DAY = re.compile(r"(\d{1,2})[- ]([A-Za-z]{3,9})\.?,?[- ](\d{4})")
NUMBERED_DAY = re.compile(r"(\d{1,2})([/.])(\d{1,2})\2(\d{4})")
SHORT_YEAR = re.compile(r"\d{1,2}([-/. ])(\d{1,2}|[A-Za-z]{3,9})\1\d{2}")
MONTH_NUMBERS = {
    name[:length].casefold(): n for n, name in enumerate(MONTHS, 1) for length in (3, 4, len(name))
}
HOW_TO_WRITE = "write it as 2026-07-14 or 14-Jul-2026"
INTERVAL = re.compile(r"(\d{1,3}) ?(months?|weeks?|days?)")
LANGUAGE = re.compile(r"[a-z]{2,3}(-[A-Za-z]{2,4})?")
RECORD_NUMBER = re.compile(r"[\w./][\w./-]{0,31}")


@dataclass(frozen=True, slots=True)
class How:
    """What the person who imports said about the file: do days come first in 14/07/2026?"""

    day_first: bool = False


Reader = Callable[[str, How], object]


def tidied(cell: str) -> str:
    """Give the text of a cell without the spaces around it. Raises ValueError for what no person typed."""
    text = unicodedata.normalize("NFC", cell).strip()
    plain_text = text.isascii() and text.isprintable()
    strange = not plain_text and any(_cannot_be_seen(letter) for letter in text)
    if strange:
        raise ValueError(f"{quoted(text)} has a character in it that cannot be seen; type it again")
    if "\N{REPLACEMENT CHARACTER}" in text or _was_misread(text):
        raise ValueError(
            f"{quoted(text)} has lost its letters, the file was saved in another encoding before"
        )
    if text.upper() in SPREADSHEET_ERRORS:
        raise ValueError(f"{quoted(text)} is an error of the spreadsheet")
    return text


def _cannot_be_seen(letter: str) -> bool:
    """Tell whether a person could not have typed a character: control, format and private ones, and none at all."""
    return letter not in MAY_BE_UNSEEN and unicodedata.category(letter) in ("Cc", "Cf", "Cs", "Co", "Cn")


def _was_misread(text: str) -> bool:
    """Tell whether UTF-8 was once read as Western European, as in MÃ¼ller."""
    if text.isascii():
        return False
    for encoding in ("cp1252", "latin-1"):
        try:
            text.encode(encoding).decode("utf-8")
        except UnicodeError:
            continue
        return True
    return False


def is_not_known(text: str) -> bool:
    """Tell whether a cell says that nobody knows."""
    return text.casefold() in NOT_KNOWN


def plain(longest: int, *, may_start_with: str = "") -> Reader:
    """Read words that are kept as they are; what a spreadsheet would take for a formula is refused."""

    def read(text: str, how: How) -> str:
        if text.startswith(FORMULA) and not text.startswith(tuple(may_start_with)):
            raise ValueError(f"{quoted(text)} begins with “{text[0]}” as a formula does; remove it")
        if len(text) > longest:
            raise ValueError(f"{quoted(text)} is longer than {longest} characters")
        return " ".join(text.split())

    return read


def name(text: str, how: How) -> str:
    """Read a part of a name: at least one letter."""
    found = plain(80)(text, how)
    if not any(letter.isalpha() for letter in found):
        raise ValueError(f"{quoted(found)} is no name")
    return found


def record_number(text: str, how: How) -> str:
    """Read the clinic's own number of a patient."""
    if not RECORD_NUMBER.fullmatch(text):
        raise ValueError(f"{quoted(text)}: letters, digits, dots, slashes and hyphens only, 32 at most")
    return text


def phone(text: str, how: How) -> str:
    """Read a telephone number; it may begin with a plus."""
    found = plain(40, may_start_with="+")(text, how)
    if not re.fullmatch(r"\+?[\d ()./-]*\d[\d ()./-]*(?: ?(?:ext|x)\.? ?\d+)?", found, re.IGNORECASE):
        raise ValueError(f"{quoted(found)} is not a telephone number")
    return found


def email(text: str, how: How) -> str:
    """Read an email address."""
    try:
        validate_email(text)
    except ValidationError as error:
        raise ValueError(f"{quoted(text)} is not an email address") from error
    if len(text) > 254 or text.startswith(FORMULA):
        raise ValueError(f"{quoted(text)} is not an email address we can write to")
    return text


def language(text: str, how: How) -> str:
    """Read a language as a code."""
    if not LANGUAGE.fullmatch(text) or len(text) > 8:
        raise ValueError(f"{quoted(text)} is not a code of a language, such as en, cy or pt-BR")
    return text


def national_id(text: str, how: How) -> str:
    """Read a national identifier without the spaces it is printed with; its check digit is asked for later."""
    found = tidy(plain(40)(text, how))
    if not found or len(found) > 32:
        raise ValueError(f"{quoted(text)} is not an identifier")
    return found


def one_of(**words: str) -> Reader:
    """Read one of some words: the word in the file, and what it means."""

    def read(text: str, how: How) -> str:
        wanted = "_".join(text.casefold().split())
        if wanted not in words:
            known = ", ".join(word.replace("_", " ") for word in words if len(word) > 1)
            raise ValueError(f"{quoted(text)} is not one of: {known}")
        return words[wanted]

    return read


national_system = one_of(**{key: key for key in SYSTEMS})


def yes_or_no(text: str, how: How) -> bool:
    """Read yes or no."""
    if text.casefold() in YES:
        return True
    if text.casefold() in NO:
        return False
    raise ValueError(f"{quoted(text)} is neither yes nor no")


def day(text: str, how: How) -> date:
    """Read a day. One that could be read in two ways is refused unless the person said how days are written."""
    if found := ISO_DAY.fullmatch(text):
        return _calendar_day(text, *map(int, found.groups()))
    if (found := NAMED_DAY.fullmatch(text)) and (month := MONTH_NUMBERS.get(found[2].casefold())):
        return _calendar_day(text, int(found[3]), month, int(found[1]))
    if found := NUMBERED_DAY.fullmatch(text):
        return _numbered_day(text, int(found[1]), int(found[3]), int(found[4]), how)
    if re.fullmatch(r"\d{5}(\.0+)?", text):
        raise ValueError(f"{quoted(text)} is a spreadsheet's own number for a day; {HOW_TO_WRITE}")
    if SHORT_YEAR.fullmatch(text):
        raise ValueError(f"{quoted(text)} has no century; {HOW_TO_WRITE}")
    raise ValueError(f"{quoted(text)} is not a day; {HOW_TO_WRITE}")


def _numbered_day(text: str, first: int, second: int, year: int, how: How) -> date:
    if how.day_first:
        return _calendar_day(text, year, second, first)
    if not (_is_day(year, second, first) or _is_day(year, first, second)):
        raise ValueError(f"{quoted(text)} is not in the calendar")
    raise ValueError(
        f"{quoted(text)} could be read in two ways; {HOW_TO_WRITE}, "
        "or run again with --day-first if the day comes before the month in all of the file"
    )


def _is_day(year: int, month: int, day: int) -> bool:
    try:
        return bool(date(year, month, day))
    except ValueError:
        return False


def _calendar_day(text: str, year: int, month: int, day: int) -> date:
    if not _is_day(year, month, day):
        raise ValueError(f"{quoted(text)} is not in the calendar")
    return date(year, month, day)


def list_of_days(text: str, how: How) -> tuple[date, ...]:
    """Read days divided by spaces, semicolons or commas, in any order, oldest first in the answer."""
    pieces = re.split(r"[;,\n]+", text) if re.search(r"[;,\n]|[A-Za-z]", text) else text.split()
    found = [day(piece.strip(), how) for piece in pieces if piece.strip()]
    if twice := sorted({each for each in found if found.count(each) > 1}):
        raise ValueError(f"{', '.join(map(str, twice))} stands there twice; one dose a day")
    return tuple(sorted(found))


def last_day(text: str, how: How) -> date | str:
    """Read the day of the last dose, or that nobody knows it."""
    return NOT_KNOWN[0] if is_not_known(text) else day(text, how)


def interval(text: str, how: How) -> Interval:
    """Read how often maintenance is given; the unit is never guessed."""
    found = INTERVAL.fullmatch(text.casefold())
    if not found or not int(found[1]):
        raise ValueError(
            f"{quoted(text)} is not an interval; write for example 3 months, 12 weeks or 84 days"
        )
    number, unit = int(found[1]), found[2][0]
    return {"m": months(number), "w": days(number * 7), "d": days(number)}[unit]


def answer(topic: Topic) -> Reader:
    """Read the answer to a clinical question: its stored word, or the words a page shows."""
    question = BY_TOPIC[topic]
    words = {_folded(label): value for value, label in question.choices}
    words |= {_folded(value): value for value, _label in question.choices if isinstance(value, str)}
    if question.choices == YES_NO:
        words |= dict.fromkeys(YES, True) | dict.fromkeys(NO, False)
    # “Unknown” in the cell is nobody's answer here, see `unclear`; a bare yes leaves the rest unknown.
    unclear = words.pop("unknown", None) is not None
    if unclear:
        words["yes"] = "unknown"
    if "none" in words.values():
        words |= dict.fromkeys(NO, "none")

    def read(text: str, how: How) -> object:
        if is_not_known(text):
            if unclear and text.casefold() == "unknown":
                raise ValueError(
                    f"{quoted(text)} could mean two things: write yes (no more is known) or not known"
                )
            return None
        if question.kind == "list":
            return _list_of_answers(text, topic, words)
        if _folded(text) in words:
            return words[_folded(text)]
        if question.kind == "centimetres" and (length := re.fullmatch(r"(\d+(?:\.\d+)?)(?: ?cm)?", text)):
            return _checked(topic, length[1])
        raise ValueError(f"{quoted(text)} is not an answer; write {_known_answers(question)}")

    return read


def _folded(text: object) -> str:
    return " ".join(str(text).casefold().replace("_", " ").split())


def _known_answers(question: clinical_facts.Question) -> str:
    """Give the words a report names, one for each answer."""
    if question.choices == YES_NO:
        return "yes, no or not known"
    words = ["yes" if value == "unknown" else value.replace("_", " ") for value, _label in question.choices]
    length = ["a number of centimetres"] if question.kind == "centimetres" else []
    return f"{', '.join([*words, *length])} or not known"


def _list_of_answers(text: str, topic: Topic, words: dict) -> list[str]:
    if _folded(text) in ("none", *NO):
        return []
    pieces = [_folded(piece) for piece in re.split(r"[;,]", text) if piece.strip()]
    if strange := [piece for piece in pieces if piece not in words]:
        known = ", ".join(sorted(words))
        raise ValueError(f"{quoted(', '.join(strange))} is not on the list; write none, or some of: {known}")
    return _checked(topic, [words[piece] for piece in pieces])


def _checked(topic: Topic, value: object) -> object:
    try:
        return clinical_facts.checked(topic, value)
    except ValidationError as error:
        raise ValueError(error.messages[0]) from error
