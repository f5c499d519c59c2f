"""Finds out how a file is encoded, and refuses to guess: a wrong guess lands patients under broken names."""

import codecs
from collections.abc import Iterator
from pathlib import Path

from regimens.imports.remarks import UnusableFile, quoted

CHUNK = 1 << 20
MARKS = (  # the longer mark first: UTF-32 begins as UTF-16 does
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
NOT_TEXT = (
    (b"PK\x03\x04", "a spreadsheet or another packed file"),
    (b"\xd0\xcf\x11\xe0", "an old spreadsheet"),
    (b"%PDF", "a PDF"),
    (b"\x1f\x8b", "a packed file"),
)
SAVE_AS = "Save it in the spreadsheet program as “CSV UTF-8”."


def encoding_of(path: Path, asked: str | None = None) -> str:
    """Give the encoding in which the whole file can be read: by its mark, as asked, or UTF-8.

    Raises UnusableFile, naming the first line that cannot be read and what it would be in Western Europe.
    """
    with path.open("rb") as stream:
        head = stream.read(4096)
    if not head:
        raise UnusableFile("The file is empty.")
    for beginning, what in NOT_TEXT:
        if head.startswith(beginning):
            raise UnusableFile(f"The file is {what}, not a list. {SAVE_AS}")
    marked = next((name for mark, name in MARKS if head.startswith(mark)), None)
    encoding = _agreed(marked, asked)
    if b"\0" in head and not encoding.startswith(("utf-16", "utf-32")):
        raise UnusableFile(f"The file is not a text file. {SAVE_AS}")
    _read_through(path, encoding, asked or marked)
    return encoding


def _agreed(marked: str | None, asked: str | None) -> str:
    """Give the encoding by the file's mark and by what the person said, who must not contradict each other."""
    if asked is None:
        return marked or "utf-8"
    try:
        found = codecs.lookup(asked)
    except LookupError as error:
        raise UnusableFile(f"{quoted(asked)} is not an encoding. Examples: utf-8, cp1252.") from error
    if not found._is_text_encoding:
        raise UnusableFile(f"{quoted(asked)} is not an encoding of text. Examples: utf-8, cp1252.")
    if marked and not found.name.startswith(marked.removesuffix("-sig")):
        raise UnusableFile(
            f"The file says of itself that it is {marked.removesuffix('-sig').upper()}. Leave --encoding out."
        )
    return marked or found.name


def _read_through(path: Path, encoding: str, known: str | None) -> None:
    """Decode the whole file before anything is written, or name the first line that cannot be decoded."""
    decoder = codecs.getincrementaldecoder(encoding)()
    lines = 1
    for chunk in _chunks(path):
        try:
            lines += decoder.decode(chunk, final=not chunk).count("\n")
        except UnicodeDecodeError as error:
            read = error.object[: error.start].decode(encoding, "ignore")
            raise UnusableFile(_cannot_be_read(error, lines + read.count("\n"), encoding, known)) from error


def _chunks(path: Path) -> Iterator[bytes]:
    """Give the file a piece at a time, and an empty piece at its end."""
    with path.open("rb") as stream:
        while chunk := stream.read(CHUNK):
            yield chunk
    yield b""


def _cannot_be_read(error: UnicodeDecodeError, line: int, encoding: str, known: str | None) -> str:
    name = encoding.removesuffix("-sig").upper()
    if known:
        return f"Line {line} cannot be read as {name}, though the file was said to be. {SAVE_AS}"
    around = error.object[max(0, error.start - 12) : error.start + 12].decode("cp1252", "replace")
    return (
        f"The file is not UTF-8: line {line} cannot be read. {SAVE_AS} If that line should have "
        f"{quoted(around)} in it, the file is in Windows Western European: then add --encoding cp1252."
    )
