"""How clinical things are written: dates, doses, names, and what is not known."""

from datetime import UTC, date, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from django.template.loader import render_to_string
from django.utils import timezone, translation

from patients.templatetags.wording import (
    born,
    day,
    family_first,
    kind_word,
    micrograms,
    or_not_known,
    time_tag,
    weekday_day,
)
from regimens.protocol.codes import Finding, Passer

BASTILLE = date(2026, 7, 14)


def test_a_date_names_its_month_so_that_nobody_swaps_day_and_month():
    assert day(BASTILLE) == "14-Jul-2026"
    assert day(date(1945, 3, 4)) == "04-Mar-1945"


def test_a_date_is_written_the_same_in_every_language():
    with translation.override("de"):
        assert weekday_day(date(2026, 12, 1)) == "Tue 01-Dec-2026"


def test_a_date_can_say_its_weekday():
    assert weekday_day(BASTILLE) == "Tue 14-Jul-2026"


def test_an_instant_is_written_as_the_day_in_the_clinic():
    late = datetime(2026, 7, 14, 23, 30, tzinfo=UTC)
    with timezone.override(ZoneInfo("Europe/Prague")):
        assert day(late) == "15-Jul-2026"
        assert weekday_day(late) == "Wed 15-Jul-2026"


@pytest.mark.parametrize("write", [day, weekday_day, time_tag, micrograms, or_not_known])
def test_what_is_not_known_is_said_and_never_blank(write):
    assert write(None) == "Not known"
    assert write("") == "Not known"


@pytest.mark.parametrize("answer", [0, False, "No"])
def test_nought_and_no_are_answers(answer):
    assert or_not_known(answer) is answer


def test_a_date_stands_in_a_valid_time_element():
    assert time_tag(BASTILLE) == '<time datetime="2026-07-14">14-Jul-2026</time>'


def test_an_instant_stands_in_a_time_element_with_its_offset():
    with timezone.override(ZoneInfo("Europe/London")):
        assert time_tag(datetime(2026, 7, 14, 9, 42, 7, tzinfo=UTC)) == (
            '<time datetime="2026-07-14T10:42+01:00">14-Jul-2026 10:42</time>'
        )


@pytest.mark.parametrize(
    ("dose", "written"),
    [
        (1000, "1,000 micrograms"),
        (Decimal("1000.00"), "1,000 micrograms"),
        ("50", "50 micrograms"),
        (Decimal("0.50"), "0.5 micrograms"),
        (Decimal("1E+3"), "1,000 micrograms"),
        (100, "100 micrograms"),
    ],
)
def test_a_dose_has_its_unit_in_full_and_no_trailing_nought(dose, written):
    assert micrograms(dose) == written


def test_the_family_name_comes_first_and_in_capitals():
    assert family_first("O'Brien-Nováková", "Margaret Anne") == "O'BRIEN-NOVÁKOVÁ, Margaret Anne"
    assert family_first("Suharto") == "SUHARTO"


@pytest.mark.parametrize(
    ("today", "years"),
    [(date(2026, 7, 13), 80), (date(2026, 7, 14), 81), (date(2027, 1, 1), 81)],
)
def test_the_age_counts_whole_years(today, years):
    assert born(date(1945, 7, 14), today) == f"Born 14-Jul-1945 ({years}y)"


def test_who_was_born_on_a_leap_day_is_a_year_older_on_the_first_of_march():
    assert born(date(2004, 2, 29), date(2026, 2, 28)) == "Born 29-Feb-2004 (21y)"
    assert born(date(2004, 2, 29), date(2026, 3, 1)) == "Born 29-Feb-2004 (22y)"


def test_no_age_is_invented():
    assert born(None, BASTILLE) == "Born: not known"
    assert born(date(2027, 1, 1), BASTILLE) == "Born 01-Jan-2027"


@pytest.mark.parametrize(
    ("code", "word"),
    [("B-EARLY-DOSE", "block"), ("H-PLT-10-24", "hold"), ("W-LATE", "warning"), ("A-REVIEW", "alert")],
)
def test_a_code_says_in_a_word_what_it_does(code, word):
    assert kind_word(code) == word


@pytest.mark.parametrize("kept", [False, True])
def test_a_finding_is_shown_with_its_word_its_code_and_who_may_pass_it(kept):
    finding = Finding("H-PLT-10-24", "Platelets are low.", "18", Passer.PHYSICIAN, "a reason")
    shown = render_to_string("_findings.html", {"findings": [finding.to_json() if kept else finding]})
    assert 'class="finding tone-hold"' in shown
    for words in ("<strong>Hold.</strong>", "Platelets are low.", "18", "H-PLT-10-24", "a reason"):
        assert words in shown


def test_a_finding_that_nobody_may_pass_says_so():
    shown = render_to_string(
        "_findings.html", {"findings": [Finding("B-ROUTE-IV", "No.", "", Passer.NOBODY)]}
    )
    assert "Nobody may pass this." in shown
