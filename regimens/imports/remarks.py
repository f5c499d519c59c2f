"""What an import says about a line of the file, and about a file it cannot use at all."""

from dataclasses import dataclass


class UnusableFile(Exception):
    """The file as a whole cannot be read; nothing was written. The message says what to do."""


@dataclass(frozen=True, slots=True)
class Remark:
    """One thing to say about one cell. `refuses` means that the patient of this line does not land."""

    line: int
    column: str
    text: str
    refuses: bool = True

    def __str__(self) -> str:
        place = f"line {self.line}, {self.column}" if self.column else f"line {self.line}"
        return f"{place}: {self.text}" if self.refuses else f"note: {place}: {self.text}"


def quoted(text: str) -> str:
    """Give a cell's text as a report may show it: short, and without anything a terminal would obey."""
    shown = "".join(letter if letter.isprintable() else "\N{REPLACEMENT CHARACTER}" for letter in text[:40])
    return f"“{shown}…”" if len(text) > 40 else f"“{shown}”"
