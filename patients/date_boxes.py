"""A date typed into three boxes, day, month and year: read without guessing, refused in plain words."""

import calendar
from datetime import date

from django import forms
from django.core.exceptions import ValidationError
from django.template.loader import render_to_string
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from patients.calendar_words import MONTHS, WEEKDAYS

PARTS = ("day", "month", "year")
WORDS = {"day": gettext_lazy("Day"), "month": gettext_lazy("Month"), "year": gettext_lazy("Year")}
# Nobody treated here was born before, and nothing is planned after.
YEARS = (1900, 2199)


class NotADate(ValidationError):
    """What was typed is no date; `parts` names the boxes to look at."""

    def __init__(self, message: str, *parts: str):
        super().__init__(message, code="invalid")
        self.parts = parts


def read_date(day: str, month: str, year: str) -> date:
    """Read three typed texts as one date; a month may be its English name. Raises NotADate."""
    typed = {"day": day.strip(), "month": month.strip(), "year": year.strip()}
    missing = [part for part in PARTS if not typed[part]]
    if missing:
        raise NotADate(_("Enter the %(parts)s.") % {"parts": _(" and the ").join(missing)}, *missing)
    day_number = _number(typed["day"], "day", 1, 31, _("The day is a number from 1 to 31."))
    month_number = _month(typed["month"])
    if len(typed["year"]) != 4:
        raise NotADate(_("Write the year with four digits, like 1945."), "year")
    year_number = _number(typed["year"], "year", *YEARS, _("The year is a number from %d to %d.") % YEARS)
    if day_number > calendar.monthrange(year_number, month_number)[1]:
        raise NotADate(
            _("%(day)d %(month)s %(year)d does not exist.")
            % {"day": day_number, "month": MONTHS[month_number - 1], "year": year_number},
            "day",
        )
    return date(year_number, month_number, day_number)


def _number(text: str, part: str, low: int, high: int, complaint: str) -> int:
    """Read a short text of plain digits within bounds."""
    if not (text.isascii() and text.isdigit() and len(text) <= 4 and low <= int(text) <= high):
        raise NotADate(complaint, part)
    return int(text)


def _month(text: str) -> int:
    """Read a month: 7, 07, Jul, sept, July."""
    for number, name in enumerate(MONTHS, start=1):
        if len(text) >= 3 and name.lower().startswith(text.lower()):
            return number
    return _number(text, "month", 1, 12, _("The month is a number from 1 to 12, or its name."))


class DateBoxes(forms.MultiWidget):
    """Three boxes. What was typed stays in them; a readable date answers with its weekday."""

    def __init__(self, attrs=None):
        super().__init__({part: forms.TextInput() for part in PARTS}, attrs)

    def decompress(self, value: date | None) -> list[str]:
        """Give the texts of the three boxes for a date."""
        return [str(value.day), str(value.month), f"{value.year:04}"] if value else ["", "", ""]

    def get_context(self, name, value, attrs):
        """Name each box, mark those that are wrong, add the weekday."""
        typed = value if isinstance(value, list) else self.decompress(value)
        context = super().get_context(name, typed, attrs)
        widget = context["widget"]
        read, doubtful = _look_at(typed)
        if widget["attrs"].get("aria-invalid"):
            doubtful = doubtful or PARTS  # a rule of the form refused a date that can be read
        else:
            doubtful = ()
        for part, box in zip(PARTS, widget["subwidgets"], strict=True):
            box.update(part=part, word=WORDS[part], wrong=part in doubtful)
            box["attrs"]["id"] = f"{widget['attrs'].get('id', name)}_{part}"
        widget["weekday"] = WEEKDAYS[read.weekday()] if read else ""
        return context

    def render(self, name, value, attrs=None, renderer=None):
        """Draw the boxes from the project's own templates, where the form renderer does not look."""
        return render_to_string("_date_boxes.html", self.get_context(name, value, attrs))

    def id_of_first_wrong(self, auto_id: str, value) -> str:
        """Give the id of the box an error should lead to."""
        _read, doubtful = _look_at(value if isinstance(value, list) else self.decompress(value))
        return f"{auto_id}_{(doubtful or PARTS)[0]}"


def _look_at(typed: list) -> tuple[date | None, tuple[str, ...]]:
    """Give the date that was typed, or the parts that are wrong; nothing typed is all of them."""
    try:
        return read_date(*(text or "" for text in typed)), ()
    except NotADate as refusal:
        return None, refusal.parts


class DateBoxesField(forms.MultiValueField):
    """A date in three boxes. Its value is a date, or None where an optional one was left empty."""

    widget = DateBoxes
    default_error_messages = {"required": gettext_lazy("Enter a date: day, month and year.")}

    def __init__(self, **kwargs):
        boxes = [forms.CharField(required=False) for _part in PARTS]
        super().__init__(boxes, require_all_fields=False, **kwargs)

    def compress(self, data_list: list[str]) -> date | None:
        """Read the boxes; all empty, or only blanks, is no date."""
        if any(data_list):
            return read_date(*data_list)
        if self.required:
            raise ValidationError(self.error_messages["required"], code="required")
        return None
