"""Reads a file of patients line by line: its separator, its columns, and every line as cells. Nothing is judged here.

A line is read by itself, so that one wrong quotation mark cannot swallow the lines after it; memory does not grow
with the file.
"""

import csv
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TextIO

from regimens.imports.columns import COLUMNS, REQUIRED
from regimens.imports.encodings import encoding_of
from regimens.imports.remarks import Remark, UnusableFile, quoted

SEPARATORS = (",", ";", "\t", "|")
LONGEST_LINE = 32_768
MOST_LINES_IN_A_CELL = 20  # an address in one cell may have line breaks; a forgotten quotation mark has more
KNOWN = "Known columns: " + ", ".join(COLUMNS) + "."

Line = tuple[int, str]


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the file: its number, and the text of each cell of a known column."""

    line: int
    cells: dict[str, str]


@dataclass(frozen=True, slots=True)
class Sheet:
    """A file that can be read: how, and which of its columns are known."""

    path: Path
    encoding: str
    separator: str
    header: tuple[str, ...]
    header_line: int

    @property
    def unknown(self) -> tuple[str, ...]:
        """The columns that mean nothing to us; they are not read."""
        return tuple(name for name in self.header if name and name not in COLUMNS)

    @property
    def absent(self) -> tuple[str, ...]:
        """The columns we know that the file does not have: not known of anybody."""
        return tuple(name for name in COLUMNS if name not in self.header)

    def rows(self) -> Iterator[Row | Remark]:
        """Yield every line that is not blank as cells, or as a remark why it cannot be taken apart."""
        with self.path.open(encoding=self.encoding) as stream:
            lines = (line for line in _physical_lines(stream) if line[0] > self.header_line)
            for number, cells in _records(lines, self.separator, len(self.header)):
                if isinstance(cells, str):
                    yield Remark(number, "", cells)
                elif any(cell.strip() for cell in cells):
                    yield Row(
                        number, {n: c for n, c in zip(self.header, cells, strict=False) if n in COLUMNS}
                    )


def open_sheet(path: Path, encoding: str | None = None) -> Sheet:
    """Look at a file and its header. Raises UnusableFile with what is wrong and what to do."""
    if path.is_dir():
        raise UnusableFile(f"{path} is a folder, not a file.")
    if not path.exists():
        raise UnusableFile(f"There is no file {path}.")
    if not path.is_file():
        raise UnusableFile(f"{path} is not an ordinary file; save the list to one first.")
    try:
        encoding = encoding_of(path, encoding)
        with path.open(encoding=encoding) as stream:
            number, separator, header = _header(_physical_lines(stream))
    except OSError as error:
        raise UnusableFile(f"{path} cannot be read: {error.strerror}.") from error
    _check(header)
    return Sheet(path, encoding, separator, header, number)


def _header(lines: Iterator[Line]) -> tuple[int, str, tuple[str, ...]]:
    """Find the line of titles and the separator under which most titles are known."""
    for number, text in lines:
        if not text.strip() or text.casefold().startswith("sep="):  # Excel's own word about the separator
            continue
        tried = {separator: _titles(text, separator) for separator in SEPARATORS}
        best = max(SEPARATORS, key=lambda each: sum(title in COLUMNS for title in tried[each]))
        return number, best, tried[best]
    raise UnusableFile("The file holds nothing but blank lines.")


def _titles(text: str, separator: str) -> tuple[str, ...]:
    cells = _split(text, separator)
    titles = cells if isinstance(cells, list) else []
    return tuple("_".join(title.casefold().replace("-", " ").replace("_", " ").split()) for title in titles)


def _check(header: tuple[str, ...]) -> None:
    if missing := [name for name in REQUIRED if name not in header]:
        found = ", ".join(quoted(name) for name in header[:12] if name) or "nothing that could be a title"
        word = "column" if len(missing) == 1 else "columns"
        raise UnusableFile(f"The {word} {', '.join(missing)} must be there. Found: {found}. {KNOWN}")
    if twice := sorted({name for name in header if name in COLUMNS and header.count(name) > 1}):
        raise UnusableFile(f"Two columns have the same title: {', '.join(twice)}. Leave one of each.")


def _physical_lines(stream: TextIO) -> Iterator[Line]:
    """Yield each line with its number; of a line that is too long only the beginning, one character too many."""
    number = 0
    while text := stream.readline(LONGEST_LINE + 1):
        number += 1
        rest = text
        while len(rest) > LONGEST_LINE and not rest.endswith("\n"):
            rest = stream.readline(LONGEST_LINE + 1)
        yield number, text.rstrip("\n")


def _records(lines: Iterator[Line], separator: str, width: int) -> Iterator[tuple[int, list[str] | str]]:
    """Yield (line number, cells), or (line number, why the line cannot be taken apart)."""
    waiting: deque[Line] = deque()

    def following() -> Line | None:
        return waiting.popleft() if waiting else next(lines, None)

    while first := following():
        number, text = first
        cells, more = _split(text, separator), []
        while cells is None and len(more) < MOST_LINES_IN_A_CELL and (further := following()):
            more.append(further)
            text = f"{text}\n{further[1]}"
            cells = _split(text, separator)
        if more and not (isinstance(cells, list) and len(cells) == width):
            waiting.extendleft(reversed(more))  # they were lines of their own
            cells = "a quotation mark opens a cell and does not close it"
        yield number, _fitting(cells, width)


def _split(text: str, separator: str) -> list[str] | str | None:
    """Give the cells, None where a quoted cell goes on after the end, or why it cannot be taken apart."""
    if len(text) > LONGEST_LINE:
        return f"the line is longer than {LONGEST_LINE:,} characters"
    try:
        return next(csv.reader([text], delimiter=separator, strict=True), [])
    except csv.Error as error:
        open_ended = "unexpected end of data" in str(error)
        return (
            None
            if open_ended
            else "the quotation marks do not fit: one inside a quoted cell is written twice"
        )


def _fitting(cells: list[str] | str | None, width: int) -> list[str] | str:
    if cells is None:
        return "a quotation mark opens a cell and does not close it"
    if isinstance(cells, str) or not any(cell.strip() for cell in cells):
        return cells
    if len(cells) < width or any(cell.strip() for cell in cells[width:]):
        return (
            f"the line has {len(cells)} cells, the titles are {width}; "
            "a cell with a separator in it needs quotation marks around it"
        )
    return cells
