"""Folds names so that case, accents and apostrophes never hide a patient from a search."""

import re
import unicodedata
from functools import lru_cache

# Letters that Unicode does not take apart into a plain letter and an accent.
PLAIN = str.maketrans(
    {"ß": "ss", "ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "æ": "ae", "œ": "oe", "ı": "i"}
)

# As they are typed, copied from word processors, or stand on keyboards of other languages.
APOSTROPHES = re.compile("['’‘‛`´ʼʻʽʹ′＇]")


@lru_cache(maxsize=8192)  # the same names come again and again, where many are compared
def fold(text: str) -> str:
    """Give the text in lower case, without accents and apostrophes: “O’Brien-Müller” -> “obrien-muller”."""
    # Apostrophes go first: Unicode takes some of them apart into a space and an accent.
    plain = APOSTROPHES.sub("", text).casefold().translate(PLAIN)
    return "".join(c for c in unicodedata.normalize("NFKD", plain) if not unicodedata.combining(c))


def name_keys(*names: str) -> set[str]:
    """Give one folded key for each part of the names, and for each hyphenated name as a whole."""
    folded = [fold(name) for name in names]
    parts = {part for name in folded for part in re.split(r"[^\w]+", name)}
    wholes = {word.strip("-.") for name in folded for word in name.split()}
    return {key[:80] for key in parts | wholes if key}
