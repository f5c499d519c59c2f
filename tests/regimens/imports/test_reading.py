"""A file is read as it is encoded and separated, line by line, or refused with what to do."""

import pytest

from regimens.imports.reading import LONGEST_LINE, Row, open_sheet
from regimens.imports.remarks import Remark, UnusableFile
from tests.regimens.imports.files import a_file, a_line, raw_file

TITLES = "record_number,family_name,born_on,stage\n"


def rows(path, **options):
    return list(open_sheet(path, **options).rows())


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_a_name_is_read_whole_in_every_encoding_that_says_what_it_is(tmp_path, encoding):
    [row] = rows(a_file(tmp_path, a_line(family_name="Müller-Łukasz"), encoding=encoding))
    assert row.cells["family_name"] == "Müller-Łukasz"
    assert row.line == 2


def test_western_european_is_not_guessed_but_named_with_the_line_and_what_to_do(tmp_path):
    lines = [a_line(given_names="Anne", family_name=name) for name in ("Smith", "Müller")]
    path = a_file(tmp_path, *lines, encoding="cp1252")
    with pytest.raises(UnusableFile, match="line 3 cannot be read.*Müller.*--encoding cp1252"):
        open_sheet(path)
    assert [row.cells["family_name"] for row in rows(path, encoding="cp1252")] == ["Smith", "Müller"]


def test_a_bad_byte_at_the_very_end_of_a_long_file_is_found_before_the_first_line_lands(tmp_path):
    line = b"A-1,Smith,1960-01-01,\n"
    path = raw_file(tmp_path, TITLES.encode() + line * 100_000 + b"A-2,M\xfcller,1960-01-01,\n")
    with pytest.raises(UnusableFile, match="line 100002 "):
        open_sheet(path)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "empty"),
        (b"\n\r\n", "blank lines"),
        (b"PK\x03\x04rest", "spreadsheet"),
        (b"\xd0\xcf\x11\xe0rest", "old spreadsheet"),
        (b"%PDF-1.7", "PDF"),
        (b"\x7fELF\0\0\0\0", "not a text file"),
        (TITLES.encode("utf-16-le"), "not a text file"),
    ],
)
def test_what_is_no_list_is_refused(tmp_path, content, said):
    with pytest.raises(UnusableFile, match=said):
        open_sheet(raw_file(tmp_path, content))


def test_a_folder_and_a_file_that_is_not_there_are_refused(tmp_path):
    with pytest.raises(UnusableFile, match="folder"):
        open_sheet(tmp_path)
    with pytest.raises(UnusableFile, match="no file"):
        open_sheet(tmp_path / "absent.csv")
    with pytest.raises(UnusableFile, match="not an ordinary file"):
        open_sheet(tmp_path.__class__("/dev/zero"))


def test_a_wrong_encoding_is_refused_whatever_it_is(tmp_path):
    path = a_file(tmp_path, a_line(), encoding="utf-8-sig")
    with pytest.raises(UnusableFile, match="not an encoding"):
        open_sheet(path, "klingon")
    with pytest.raises(UnusableFile, match="not an encoding of text"):
        open_sheet(path, "zip")
    with pytest.raises(UnusableFile, match="says of itself"):
        open_sheet(path, "cp1252")
    with pytest.raises(UnusableFile, match="Line 2 cannot be read as ASCII"):
        open_sheet(a_file(tmp_path, a_line()), "ascii")


@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
def test_the_separator_is_found_from_the_titles(tmp_path, separator):
    [row] = rows(a_file(tmp_path, a_line(contact_note="left, then right; twice"), separator=separator))
    assert row.cells["contact_note"] == "left, then right; twice"


def test_the_spreadsheets_own_word_about_the_separator_is_passed_over(tmp_path):
    [row] = rows(
        raw_file(tmp_path, "sep=;\nRecord Number;Family-name;BORN ON;Stage\nA-1;Smith;1960-01-01;\n")
    )
    assert row == Row(
        3, {"record_number": "A-1", "family_name": "Smith", "born_on": "1960-01-01", "stage": ""}
    )


def test_a_missing_column_stops_everything_and_the_known_ones_are_named(tmp_path):
    path = a_file(tmp_path, a_line(), titles=["record_number", "family_name", "dob", "stage"])
    with pytest.raises(UnusableFile) as refusal:
        open_sheet(path)
    assert "The column born_on must be there. Found: “record_number”, “family_name”, “dob”" in str(
        refusal.value
    )
    assert "ileal_resection" in str(refusal.value)


def test_two_columns_of_one_title_stop_everything(tmp_path):
    with pytest.raises(UnusableFile, match="same title: born_on"):
        open_sheet(raw_file(tmp_path, "record_number,family_name,born_on,stage,Born on\n"))


def test_unknown_and_absent_columns_are_named(tmp_path):
    sheet = open_sheet(raw_file(tmp_path, "record_number,family_name,born_on,stage,Shoe size\n"))
    assert sheet.unknown == ("shoe_size",)
    assert "neuro" in sheet.absent
    assert "stage" not in sheet.absent


def test_blank_lines_are_skipped_and_every_line_keeps_its_number(tmp_path):
    path = raw_file(tmp_path, TITLES + "\n,,,\nA-1,Smith,1960-01-01,\r\n\nA-2,Jones,1960-01-01,")
    assert [row.line for row in rows(path)] == [4, 6]


def test_a_line_break_inside_quotation_marks_belongs_to_the_cell(tmp_path):
    path = raw_file(tmp_path, TITLES + 'A-1,"Smith\nJones",1960-01-01,\nA-2,Brown,1960-01-01,\n')
    first, second = rows(path)
    assert first.cells["family_name"] == "Smith\nJones"
    assert (first.line, second.line) == (2, 4)


def test_a_forgotten_quotation_mark_costs_its_own_line_and_no_other(tmp_path):
    lines = [f"A-{n},Smith,1960-01-01,\n" for n in range(60)]
    lines[10] = "A-10,\"O'Brien,1960-01-01,\n"
    lines[15] = 'A-15,"Smith",1960-01-01,\n'
    found = rows(raw_file(tmp_path, TITLES + "".join(lines)))
    assert len(found) == 60
    [refused] = [each for each in found if isinstance(each, Remark)]
    assert refused.line == 12
    assert "quotation mark" in refused.text


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("A-1,Smith,1960-01-01", "the line has 3 cells, the titles are 4"),
        ("A-1,Smith,Anne,1960-01-01,loading", "the line has 5 cells, the titles are 4"),
        ('A-1,"Smith" Anne,1960-01-01,', "quotation marks do not fit"),
        ("A-1," + "x" * LONGEST_LINE + ",1960-01-01,", "longer than 32,768 characters"),
        ('A-1,"Smith,1960-01-01,', "does not close it"),
    ],
)
def test_a_line_that_cannot_be_taken_apart_is_refused_and_the_next_is_read(tmp_path, line, said):
    refused, good = rows(raw_file(tmp_path, f"{TITLES}{line}\nA-2,Jones,1960-01-01,\n"))
    assert said in refused.text
    assert refused.refuses
    assert good.cells["record_number"] == "A-2"
    assert good.line == 3


def test_empty_cells_beyond_the_titles_do_no_harm(tmp_path):
    [row] = rows(raw_file(tmp_path, TITLES + "A-1,Smith,1960-01-01,,,,\n"))
    assert row.cells["family_name"] == "Smith"
