"""How clinical things are written on every page: dates, doses, names, and what is not known."""

from datetime import date, datetime
from decimal import Decimal

from django import template
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext as _

from patients.calendar_words import MONTHS, WEEKDAYS
from regimens.protocol.codes import Kind

register = template.Library()


@register.filter
def or_not_known(value):
    """Give the value, or “Not known” where there is none; nought and no are answers."""
    return _("Not known") if value is None or value == "" else value


@register.filter
def day(value: date | datetime | None) -> str:
    """Write a date as 14-Jul-2026; an instant as its day in the clinic's time zone."""
    if not value:
        return _("Not known")
    if isinstance(value, datetime):
        value = _local(value)
    return f"{value.day:02}-{MONTHS[value.month - 1][:3]}-{value.year:04}"


@register.filter
def weekday_day(value: date | datetime | None) -> str:
    """Write a date with its weekday: Tue 14-Jul-2026."""
    if not value:
        return _("Not known")
    if isinstance(value, datetime):
        value = _local(value)
    return f"{WEEKDAYS[value.weekday()][:3]} {day(value)}"


@register.filter
def time_tag(value: date | datetime | None) -> str:
    """Write a date or an instant inside a valid time element; an instant with hour and minute."""
    if not value:
        return _("Not known")
    if not isinstance(value, datetime):
        return format_html('<time datetime="{}">{}</time>', value.isoformat(), day(value))
    local = _local(value)
    shown = f"{day(local)} {local:%H:%M}"
    return format_html('<time datetime="{}">{}</time>', local.isoformat(timespec="minutes"), shown)


@register.filter
def micrograms(value: int | Decimal | str | None) -> str:
    """Write a dose with its unit in full: 1,000 micrograms, 0.5 micrograms; never a trailing nought."""
    if value is None or value == "":
        return _("Not known")
    written = f"{Decimal(str(value)):,f}"
    if "." in written:
        written = written.rstrip("0").rstrip(".")
    return f"{written} micrograms"


@register.filter
def family_first(family_name: str, given_names: str = "") -> str:
    """Write a name as FAMILY, Given."""
    return f"{family_name.upper()}, {given_names}" if given_names else family_name.upper()


@register.filter
def tel(phone: str) -> str:
    """Give the address a telephone understands: digits, with a plus before a country's; empty where there are none."""
    abroad = phone.strip().startswith("+")
    written = phone.replace("(0)", "") if abroad else phone  # +44 (0)20: the nought is for callers at home
    digits = "".join(sign for sign in written if sign.isascii() and sign.isdigit())
    return f"tel:{'+' if abroad else ''}{digits}" if digits else ""


@register.filter
def kind_word(code: str) -> str:
    """Give the word for what a code does, from its first letter: block, hold, warning, alert."""
    return Kind(code[0]).name.lower()


@register.filter
def born(born_on: date | None, today: date | None = None) -> str:
    """Write a date of birth with the age in whole years on a day: Born 14-Jul-1945 (81y)."""
    if not born_on:
        return _("Born: not known")
    if not today or today < born_on:
        return f"Born {day(born_on)}"
    years = today.year - born_on.year - ((today.month, today.day) < (born_on.month, born_on.day))
    return f"Born {day(born_on)} ({years}y)"


def _local(moment: datetime) -> datetime:
    """Move an instant into the time zone of the page."""
    return timezone.localtime(moment) if timezone.is_aware(moment) else moment
