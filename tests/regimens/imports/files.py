"""Writes the files that the tests of the import read."""

import csv
from pathlib import Path

GOOD = {
    "record_number": "A-1",
    "family_name": "Müller",
    "given_names": "Zoë",
    "born_on": "1960-02-29",
    "stage": "maintenance",
    "doses": "2026-01-05; 2026-04-07",
    "interval": "3 months",
    "neuro": "none",
    "deficiency": "confirmed",
    "allergies": "none",
}


def a_line(**cells: str) -> dict[str, str]:
    """A good line, with other cells where the test needs them."""
    return GOOD | cells


def a_file(folder: Path, *lines: dict[str, str], titles=None, separator=",", encoding="utf-8") -> Path:
    """A file of lines; the titles are those of all the lines unless given."""
    path = folder / "patients.csv"
    titles = titles or list(dict.fromkeys(title for line in (GOOD, *lines) for title in line))
    with path.open("w", encoding=encoding, newline="") as stream:
        writer = csv.DictWriter(stream, titles, restval="", delimiter=separator, extrasaction="ignore")
        writer.writeheader()
        writer.writerows(lines)
    return path


def raw_file(folder: Path, content: str | bytes) -> Path:
    """A file with exactly this content."""
    path = folder / "raw.csv"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path
