"""Draws the rows of the worklist: their template is drawn once with names in the places of the values, then filled in.

Looking up and escaping a dozen values of every row one by one is what a page of rows costs; filling in is twenty times
as fast, and escapes every value all the same. Nothing of a row is kept.
"""

from collections.abc import Iterable
from functools import cache

from django import template
from django.template.loader import get_template
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe

from monitoring.worklist_rows import Row

register = template.Library()
BADGE = '<span class="badge mb-1 tone-{}">{}</span>'


@register.simple_tag
def drawn_rows(rows: Iterable[Row], clinical: bool) -> SafeString:
    """Give the rows as monitoring/_today_row.html draws them."""
    return format_html_join("\n", "{}", ((_drawn(row, clinical),) for row in rows))


def _drawn(row: Row, clinical: bool) -> SafeString:
    values = row._asdict()
    values["badges"] = format_html_join(" ", BADGE, ((tone, word) for word, tone in row.badges))
    return format_html(_pattern(clinical, bool(row.booked)), **values)


@cache
def _pattern(clinical: bool, booked: bool) -> str:
    """Draw the template of a row with “{name}” for each value; whether there is a booking decides what is drawn."""
    places = {name: mark_safe(f"{{{name}}}") for name in Row._fields}  # noqa: S308 - our own names
    if not booked:
        places["booked"] = ""
    return get_template("monitoring/_today_row.html").render({**places, "clinical": clinical}).strip()
