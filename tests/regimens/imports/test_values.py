"""One cell is read as what a person meant, or refused in words."""

from datetime import date

import pytest

from regimens.imports.columns import COLUMNS
from regimens.imports.values import How, tidied
from regimens.protocol.intervals import days, months


def read(column, text, *, day_first=False):
    return COLUMNS[column].reads(tidied(text), How(day_first=day_first))


@pytest.mark.parametrize(
    ("column", "text", "value"),
    [
        ("born_on", "2024-02-29", date(2024, 2, 29)),
        ("born_on", " 2024-2-9 ", date(2024, 2, 9)),
        ("born_on", "1960-07-14 00:00:00", date(1960, 7, 14)),
        ("born_on", "14-Jul-1960", date(1960, 7, 14)),
        ("born_on", "14 July 1960", date(1960, 7, 14)),
        ("born_on", "14 SEPT 1960", date(1960, 9, 14)),
        ("doses", "2026-04-07;2026-01-05", (date(2026, 1, 5), date(2026, 4, 7))),
        ("doses", "2026-01-05  2026-04-07", (date(2026, 1, 5), date(2026, 4, 7))),
        ("doses", "5 Jan 2026, 7 Apr 2026;", (date(2026, 1, 5), date(2026, 4, 7))),
        ("last_dose", "Not known", "not known"),
        ("interval", "3 months", months(3)),
        ("interval", "1 Month", months(1)),
        ("interval", "12 weeks", days(84)),
        ("stage", "Daily  Loading", "daily loading"),
        ("sex", "F", "female"),
        ("national_id", "999 000-0018", "9990000018"),
        ("phone", "+44 7700 900123 ext 4", "+44 7700 900123 ext 4"),
        ("family_name", "O’Brien-Müller", "O’Brien-Müller"),
        ("family_name", "Mu\u0308ller", "Müller"),
        ("given_names", " Anne   Marie ", "Anne Marie"),
        ("contact_note", "Speak slowly\nRing twice", "Speak slowly Ring twice"),
        ("doses", "2026-01-05\n2026-04-07", (date(2026, 1, 5), date(2026, 4, 7))),
        ("severe", "Y", True),
        ("severe", "unknown", None),
        ("neuro", "Not known", None),
        ("neuro", "none", "none"),
        ("deficiency", "Confirmed", "confirmed"),
        ("bariatric", "Gastric bypass", "bypass"),
        ("bariatric", "no", "none"),
        ("bariatric", "yes", "unknown"),
        ("ileal_resection", "35", 35.0),
        ("ileal_resection", "20.5 cm", 20.5),
        ("ileal_resection", "yes", "unknown"),
        ("ileal_resection", "not known", None),
        ("allergies", "none", []),
        ("allergies", "Parabens; cobalt", ["cobalt", "parabens"]),
        ("folic_acid", "not taken", "none"),
        ("cause", "Pernicious anaemia", "pernicious_anaemia"),
    ],
)
def test_a_cell_is_read_as_it_was_meant(column, text, value):
    assert read(column, text) == value


@pytest.mark.parametrize(
    ("column", "text", "said"),
    [
        ("born_on", "31/02/2026", "not in the calendar"),
        ("born_on", "2026-02-30", "not in the calendar"),
        ("born_on", "30-Feb-2026", "not in the calendar"),
        ("born_on", "03/04/1960", "two ways.*--day-first"),
        ("born_on", "25/12/1960", "--day-first"),
        ("born_on", "22110", "spreadsheet's own number"),
        ("born_on", "14/07/60", "no century"),
        ("born_on", "14-Jul-60", "no century"),
        ("born_on", "yesterday", "not a day; write it as 2026-07-14"),
        ("born_on", "14-Brumaire-1799", "not a day"),
        ("doses", "2026-01-05; 2026-01-05", "2026-01-05 stands there twice"),
        ("doses", "2026-01-05 2026-02-31", "“2026-02-31” is not in the calendar"),
        ("interval", "3", "for example 3 months, 12 weeks"),
        ("interval", "0 months", "not an interval"),
        ("stage", "finished", "not one of: not started, loading, daily loading, maintenance, tablets"),
        ("family_name", "=HYPERLINK(1)", "formula"),
        ("family_name", "+Smith", "formula"),
        ("family_name", "-Smith", "formula"),
        ("family_name", "@Smith", "formula"),
        ("contact_note", "=1+1", "formula"),
        ("phone", "=1+1", "formula"),
        ("phone", "-07700 900123", "formula"),
        ("phone", "ask Anne", "not a telephone number"),
        ("email", "=cmd@example.org", "we can write to|not an email"),
        ("email", "anne@", "not an email address"),
        ("family_name", "x" * 81, "longer than 80"),
        ("family_name", "1234", "no name"),
        ("family_name", "Mül\0ler", "cannot be seen"),
        ("family_name", "Smith\u202egnp", "cannot be seen"),
        ("family_name", "MÃ¼ller", "lost its letters"),
        ("family_name", "M\ufffdller", "lost its letters"),
        ("given_names", "#N/A", "error of the spreadsheet"),
        ("record_number", "A 1", "letters, digits"),
        ("record_number", "-1", "letters, digits"),
        ("email", "anne@example.org\nBcc: all@example.org", "not an email address"),
        ("record_number", "1.2E+11", "letters, digits"),
        ("bariatric", "unknown", "could mean two things"),
        ("ileal_resection", "900", "900 cm is not possible"),
        ("ileal_resection", "-5", "not an answer"),
        ("neuro", "a bit", "write none, present, severe or not known"),
        ("allergies", "nuts; cobalt", "“nuts” is not on the list"),
        ("severe", "maybe", "not an answer"),
        ("email_consent", "maybe", "neither yes nor no"),
        ("language", "English", "code of a language"),
    ],
)
def test_a_cell_that_cannot_be_meant_is_refused_in_words(column, text, said):
    with pytest.raises(ValueError, match=said):
        read(column, text)


def test_day_first_is_believed_when_a_person_says_so():
    assert read("born_on", "03/04/1960", day_first=True) == date(1960, 4, 3)
    assert read("born_on", "03.04.1960", day_first=True) == date(1960, 4, 3)
    with pytest.raises(ValueError, match="not in the calendar"):
        read("born_on", "12/25/1960", day_first=True)


def test_a_report_never_repeats_what_a_terminal_would_obey():
    with pytest.raises(ValueError) as refusal:  # noqa: PT011 - the text is what the test is about
        read("family_name", "Smith\x1b[2J")
    assert "\x1b" not in str(refusal.value)
