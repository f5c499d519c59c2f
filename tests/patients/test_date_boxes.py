"""A date in three boxes: read without guessing, refused in plain words, kept as typed."""

from datetime import date

import pytest
from django import forms
from django.core.exceptions import ValidationError
from hypothesis import given
from hypothesis import strategies as st

from patients.date_boxes import DateBoxesField, NotADate, read_date
from patients.templatetags.fields import first_control


class BirthForm(forms.Form):
    born_on = DateBoxesField(label="Date of birth")
    died_on = DateBoxesField(label="Date of death", required=False)

    def clean_died_on(self):
        if self.cleaned_data["died_on"] == date(2030, 1, 1):
            raise ValidationError("This day is yet to come.")
        return self.cleaned_data["died_on"]


def filled(born_on=("14", "7", "1945"), died_on=("", "", "")) -> BirthForm:
    boxes = zip(("born_on", "died_on"), (born_on, died_on), strict=True)
    return BirthForm(
        {
            f"{name}_{part}": text
            for name, texts in boxes
            for part, text in zip(("day", "month", "year"), texts, strict=True)
        }
    )


def wrong_boxes(form: BirthForm, name: str) -> list[str]:
    """Give the ids of the boxes that are marked as wrong on the page."""
    found = []
    for tag in str(form[name]).split("<input ")[1:]:
        if 'aria-invalid="true"' in tag.split(">")[0]:
            found.append(tag.split('id="')[1].split('"')[0])
    return found


def test_three_numbers_are_a_date():
    form = filled()
    assert form.is_valid()
    assert form.cleaned_data["born_on"] == date(1945, 7, 14)


@pytest.mark.parametrize("month", ["7", "07", "Jul", "july", " JULY "])
def test_a_month_may_be_a_number_or_a_name(month):
    assert read_date("14", month, "1945") == date(1945, 7, 14)


@given(st.dates(min_value=date(1900, 1, 1), max_value=date(2199, 12, 31)))
def test_every_date_can_be_typed(day):
    assert read_date(str(day.day), str(day.month), str(day.year)) == day


@given(st.text(max_size=6), st.text(max_size=6), st.text(max_size=6))
def test_whatever_is_typed_is_a_date_or_a_refusal(day, month, year):
    try:
        said = read_date(day, month, year)
    except NotADate as refusal:
        said = refusal.parts
    assert said


@pytest.mark.parametrize(
    ("typed", "complaint", "boxes"),
    [
        (("31", "2", "2026"), "31 February 2026 does not exist.", ["day"]),
        (("29", "2", "1900"), "29 February 1900 does not exist.", ["day"]),
        (("31", "April", "2026"), "31 April 2026 does not exist.", ["day"]),
        (("32", "1", "2026"), "The day is a number from 1 to 31.", ["day"]),
        (("0", "1", "2026"), "The day is a number from 1 to 31.", ["day"]),
        (("1", "13", "2026"), "The month is a number from 1 to 12, or its name.", ["month"]),
        (("1", "Ju", "2026"), "The month is a number from 1 to 12, or its name.", ["month"]),
        (("1", "1", "45"), "Write the year with four digits, like 1945.", ["year"]),
        (("1", "1", "1066"), "The year is a number from 1900 to 2199.", ["year"]),
        (("1", "1", "٢٠٢٦"), "The year is a number from 1900 to 2199.", ["year"]),
        (("14", "", "1945"), "Enter the month.", ["month"]),
        (("", "7", ""), "Enter the day and the year.", ["day", "year"]),
    ],
)
def test_what_is_no_date_is_refused_at_the_box_that_is_wrong(typed, complaint, boxes):
    form = filled(born_on=typed)
    assert form.errors == {"born_on": [complaint]}
    assert wrong_boxes(form, "born_on") == [f"id_born_on_{box}" for box in boxes]
    assert first_control(form["born_on"]) == f"id_born_on_{boxes[0]}"


@pytest.mark.parametrize("typed", [("", "", ""), (" ", " ", " ")])
def test_an_empty_date_is_asked_for_where_it_is_needed_and_only_there(typed):
    form = filled(born_on=typed, died_on=typed)
    assert form.errors == {"born_on": ["Enter a date: day, month and year."]}
    assert len(wrong_boxes(form, "born_on")) == 3


def test_half_a_date_is_refused_even_where_none_is_needed():
    assert filled(died_on=("1", "", "")).errors == {"died_on": ["Enter the month and the year."]}


def test_what_was_typed_stays_in_the_boxes():
    page = str(filled(born_on=("31", "Febr", "20<6"))["born_on"])
    assert 'value="31"' in page
    assert 'value="Febr"' in page
    assert 'value="20&lt;6"' in page


def test_a_date_that_can_be_read_answers_with_its_weekday():
    assert '<p class="echo" aria-live="polite">Saturday</p>' in str(filled()["born_on"])
    assert '<p class="echo" aria-live="polite"></p>' in str(filled(born_on=("31", "2", "2026"))["born_on"])


def test_a_rule_of_the_form_marks_all_three_boxes():
    form = filled(died_on=("1", "1", "2030"))
    assert form.errors == {"died_on": ["This day is yet to come."]}
    assert len(wrong_boxes(form, "died_on")) == 3


def test_nothing_is_marked_before_the_form_was_sent():
    form = BirthForm(initial={"born_on": date(1945, 7, 4)})
    assert wrong_boxes(form, "born_on") == wrong_boxes(form, "died_on") == []
    assert 'value="4"' in str(form["born_on"])


def test_a_date_left_as_it_was_has_not_changed():
    form = BirthForm(
        {"born_on_day": "14", "born_on_month": "7", "born_on_year": "1945"},
        initial={"born_on": date(1945, 7, 14)},
    )
    assert form.changed_data == []


def test_each_box_has_a_label_of_its_own():
    page = str(BirthForm()["born_on"])
    for part in ("day", "month", "year"):
        assert f'<label for="id_born_on_{part}">' in page
        assert f'name="born_on_{part}" id="id_born_on_{part}"' in page
