"""What the cells of one line say together: all that is wrong at once, and nothing that is right."""

from datetime import date

import pytest

from regimens.imports.checking import Stage, checked
from regimens.imports.reading import Row
from regimens.imports.values import How
from regimens.protocol.intervals import months
from tests.regimens.imports.files import a_line

TODAY = date(2026, 6, 1)


def said(**cells):
    new, remarks = checked(Row(7, a_line(**cells)), TODAY, How())
    assert (new is None) == bool(remarks)
    return [(remark.column, remark.text) for remark in remarks]


def test_a_good_line_is_a_patient():
    new, remarks = checked(Row(7, a_line()), TODAY, How())
    assert remarks == []
    assert (new.line, new.record_number, new.stage) == (7, "A-1", Stage.MAINTENANCE)
    assert new.doses == (date(2026, 1, 5), date(2026, 4, 7))
    assert new.interval == months(3)
    assert new.answers == {"neuro": "none", "deficiency": "confirmed", "allergies": []}
    assert new.facts_on == TODAY


def test_every_wrong_cell_of_a_line_is_told_at_once():
    wrong = said(born_on="31/02/1960", family_name="=1", neuro="a bit", doses="2027-01-01")
    assert {column for column, _text in wrong} == {"family_name", "born_on", "doses", "neuro"}
    assert len(wrong) == 4


@pytest.mark.parametrize("column", ["record_number", "family_name", "born_on"])
def test_what_names_a_patient_must_be_filled_in(column):
    assert said(**{column: "  "}) == [(column, "must be filled in")]


def test_a_column_that_says_not_known_of_anything_but_a_question_is_empty():
    new, _remarks = checked(Row(7, a_line(phone="not known", sex="unknown", neuro="not known")), TODAY, How())
    assert "phone" not in new.contact
    assert new.answers["neuro"] is None


@pytest.mark.parametrize(
    ("cells", "column", "text"),
    [
        ({"born_on": "2026-06-02", "doses": "", "interval": "", "stage": ""}, "born_on", "has not come yet"),
        ({"born_on": "1890-01-01"}, "born_on", "more than 120 years ago"),
        ({"doses": "2026-06-02"}, "doses", "2026-06-02 has not come yet"),
        ({"doses": "1959-01-01"}, "doses", "before the birth"),
        ({"facts_on": "2026-06-02"}, "facts_on", "has not come yet"),
        ({"last_dose": "2026-02-01"}, "last_dose", "before a dose that is listed, 2026-04-07"),
        ({"treated_since": "2026-02-01"}, "treated_since", "after a dose that was given, 2026-01-05"),
        ({"national_id": "9990000018"}, "national_id_system", "must say which"),
        ({"national_id_system": "nhs"}, "national_id", "is empty"),
        ({"national_id_system": "nhs", "national_id": "9990000019"}, "national_id", "not a valid NHS number"),
        ({"email_confirmed_on": "2026-01-01"}, "email_confirmed_on", "no address"),
        ({"status": "deceased"}, "status_on", "must say when"),
        ({"status_on": "2026-05-01"}, "status_on", "who left or died"),
        ({"status": "deceased", "status_on": "2026-02-01"}, "doses", "2026-04-07 is after the patient left"),
        ({"stage": ""}, "stage", "treatment has not started, but"),
        ({"doses": "", "interval": ""}, "last_dose", "must say when the last dose was"),
        ({"stage": "loading", "doses": ""}, "doses", "every loading dose"),
        ({"stage": "loading", "neuro": "not known"}, "neuro", "must be none, present or severe"),
        ({"stage": "loading", "last_dose": "not known"}, "last_dose", "must be known"),
        ({"stage": "daily loading", "neuro": "present"}, "stage", "ten daily doses are not given"),
        (
            {"stage": "loading", "doses": " ".join(f"2026-05-{day:02}" for day in range(1, 7))},
            "stage",
            "6 doses are listed, loading has 6",
        ),
    ],
)
def test_what_cells_say_against_each_other_is_told_once(cells, column, text):
    [(where, what)] = said(**cells)
    assert where == column
    assert text in what


def test_a_cell_that_could_not_be_read_starts_no_second_complaint():
    assert [column for column, _text in said(status="dead", status_on="2026-05-01")] == ["status"]
    assert [column for column, _text in said(stage="loading", neuro="a bit", doses="2026-05-01")] == ["neuro"]
    assert [column for column, _text in said(stage="finished", doses="")] == ["stage"]


def test_five_loading_doses_are_still_loading_and_nerves_make_it_open_ended():
    five, six = (
        " ".join(f"2026-05-0{day}" for day in range(1, 6)),
        " ".join(f"2026-05-0{day}" for day in range(1, 7)),
    )
    assert said(stage="loading", doses=five, interval="") == []
    assert said(stage="loading", doses=six, interval="", neuro="present") == []


def test_the_last_dose_alone_is_history_enough_and_may_be_not_known():
    new, _ = checked(Row(7, a_line(doses="", last_dose="2026-03-01")), TODAY, How())
    assert (new.doses, new.last_dose_unknown) == ((date(2026, 3, 1),), False)
    new, _ = checked(Row(7, a_line(doses="", last_dose="not known")), TODAY, How())
    assert (new.doses, new.last_dose_unknown) == ((), True)
