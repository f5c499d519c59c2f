"""National patient identifiers whose check digit we know."""

import re
from collections.abc import Callable


def nhs_number_holds(digits: str) -> bool:
    """Tell whether ten digits are an NHS number: weighted sum modulo 11 (NHS Data Dictionary, NHS NUMBER)."""
    if not re.fullmatch(r"\d{10}", digits):
        return False
    check = 11 - sum(int(d) * w for d, w in zip(digits, range(10, 1, -1), strict=False)) % 11
    return check != 10 and check % 11 == int(digits[9])


def chi_number_holds(digits: str) -> bool:
    """Tell whether ten digits are a Scottish CHI number: the NHS check digit behind a birth date DDMMYY."""
    return nhs_number_holds(digits) and 1 <= int(digits[:2]) <= 31 and 1 <= int(digits[2:4]) <= 12


SYSTEMS: dict[str, tuple[str, Callable[[str], bool]]] = {
    "nhs": ("NHS number", nhs_number_holds),
    "chi": ("CHI number", chi_number_holds),
    "other": ("Other identifier", lambda digits: bool(digits)),
}


def tidy(value: str) -> str:
    """Give an identifier without the spaces and hyphens it is printed with."""
    return re.sub(r"[\s-]", "", value).upper()
