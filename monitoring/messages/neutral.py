"""The words that would tell a stranger what a patient is treated for. No letter contains one of them."""

import re

# Beginnings of words; whoever reads over a shoulder, or shares the mailbox, learns of an appointment and no more.
TELLING = re.compile(
    r"b[\s_-]?12|vitamin|cobalamin|\b(?:inject|needle|syringe|jab|vial|ampoule|dose|dosage|dosing|medic(?:ine|ation)"
    r"|an?aemi|anemi|deficien|pernicious|h?a?ematolog|neuro|nerve|intrinsic factor|gastr|bariatric|crohn|ile(?:um|al)"
    r"|bowel|platelet|homocystein|fol(?:ic|ate)|microgram|mcg|blood|result|laborator|diagnos|disease|treatment)",
    re.IGNORECASE,
)


def is_neutral(text: str) -> bool:
    """Tell whether a text gives nothing away."""
    return TELLING.search(text) is None


def neutral_or(text: str, otherwise: str) -> str:
    """Give the text, or another in its place where it would give something away."""
    return text if text and is_neutral(text) else otherwise
