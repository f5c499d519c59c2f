"""The rows of the worklist in words, ready to be shown: from plain values, with as few queries as there are tables."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, time
from functools import lru_cache
from typing import NamedTuple

from monitoring import badges, due_words, sections, worklist_columns
from monitoring.badges import Badge
from monitoring.sections import Section
from monitoring.worklist_columns import Found
from patients import links
from patients.models import Clinic
from patients.templatetags.wording import born, day, family_first
from regimens import at_a_glance
from regimens.at_a_glance import Glance
from regimens.models import Appointment, Course
from regimens.models.injection import Site

REMEMBERED = 4_096
SITES = {value: str(label) for value, label in Site.choices}


class Row(NamedTuple):
    """One row. For those who see names and dates only, what is clinical stays empty."""

    patient_id: int
    name: str
    who: str
    url: str
    why: str
    booked: str
    act: str
    act_url: str
    regimen: str = ""
    dose: str = ""
    last: str = ""
    badges: tuple[Badge, ...] = ()
    details_url: str = ""


@dataclass(frozen=True)
class Viewer:
    """What the one who looks may see and do: clinical matters, or names and dates only; signing plans."""

    clinical: bool
    signs: bool = False


class Addresses:
    """The addresses of the acts on a patient: each kind is asked for once, then filled in."""

    def __init__(self):
        self._patterns: dict[str, tuple[str, str]] = {}

    def to(self, name: str, patient: int) -> str:
        """Give the address, or nothing while no page has this name."""
        if name not in self._patterns:
            before, _key, after = links.to(name, worklist_columns.NOBODY).rpartition(
                f"/{worklist_columns.NOBODY}/"
            )
            self._patterns[name] = (f"{before}/", f"/{after}") if _key else ("", "")
        before, after = self._patterns[name]
        return f"{before}{patient}{after}" if before else ""


def rows(clinic: Clinic, today: date, places: list[tuple[Section, Found]], viewer: Viewer) -> list[Row]:
    """Give the rows of courses, each as its section sees it, in the order asked for; three queries.

    A few more where what is kept of a course cannot be relied on for this day (regimens.at_a_glance).
    """
    found = [row for _section, row in places]
    booked = _booked(places, today)
    addresses = Addresses()
    if not viewer.clinical:
        return [
            _plain_row(row, section, today, hours, addresses)
            for (section, row), hours in zip(places, booked, strict=True)
        ]
    asked = worklist_columns.asked_physician(row.patient_id for row in found)
    glances = _glances(found, today)
    open_on = worklist_columns.next_open(clinic, today)
    return [
        _row(
            row,
            section,
            today,
            hours,
            glances[row.pk],
            asked.get(row.patient_id, ()),
            open_on,
            viewer,
            addresses,
        )
        for (section, row), hours in zip(places, booked, strict=True)
    ]


def _plain_row(row: Found, section: Section, today: date, booked: str, addresses: Addresses) -> Row:
    why = due_words.test_date_only if section in sections.LABS else due_words.date_only
    return Row(
        *_who(row, today, addresses),
        why=why(row, today),
        booked=booked,
        act="Book",
        act_url=addresses.to("book_appointment", row.patient_id),
        details_url=addresses.to("today_row", row.patient_id),
    )


def _row(
    row: Found,
    section: Section,
    today: date,
    booked: str,
    glance: Glance,
    asked: Iterable[str],
    open_on: date,
    viewer: Viewer,
    addresses: Addresses,
) -> Row:
    act, page = _next_act(row, section, glance, viewer)
    return Row(
        *_who(row, today, addresses),
        why=_why(row, section, glance, open_on, today),
        booked=booked,
        act=act,
        act_url=addresses.to(page, row.patient_id),
        regimen=_regimen(row.phase, glance.regimen_key, glance.route, glance.interval_iso),
        dose=_dose(glance.micrograms, glance.product, glance.route),
        last=_last(row.last_given_on, glance.site, glance.needle_on),
        badges=(
            *badges.of_course(row, glance, asked, today),
            *badges_of(glance, row.born_on, today, first_dose=row.last_given_on is None),
        ),
        details_url=addresses.to("today_row", row.patient_id),
    )


def _who(row: Found, today: date, addresses: Addresses) -> tuple[int, str, str, str]:
    name = family_first(row.family_name, row.given_names)
    who = f"{born(row.born_on, today)}, {row.record_number}"
    return row.patient_id, name, who, addresses.to("patient", row.patient_id)


def _why(row: Found, section: Section, glance: Glance, open_on: date, today: date) -> str:
    if section in sections.LABS or not row.is_open:
        return due_words.why_a_test(row, today)
    if row.phase == Course.Phase.ORAL:
        return due_words.why_oral(row)
    why = due_words.why_a_dose(row, glance, open_on, today)
    if row.paused_until and row.paused_until > today:
        return f"Paused until {day(row.paused_until)}: {row.pause_reason}"
    return why


def _next_act(row: Found, section: Section, glance: Glance, viewer: Viewer) -> tuple[str, str]:
    """Give the one act that comes next, and the name of its page."""
    if section in sections.LABS or row.phase == Course.Phase.ORAL or row.subject == Appointment.Subject.LAB:
        return "Enter results", "record_results"
    if not glance.is_signed:
        return ("Sign the plan", "sign_plan") if viewer.signs else ("See the plan", "patient")
    if section in (sections.PAUSED, sections.LATER):
        return "Open", "patient"
    return "Give injection", "record_injection"


# -- Words, once for each distinct value ---------------------------------------------------------------------


@lru_cache(REMEMBERED)
def _regimen(phase: str, key: str, route: str, interval: str) -> str:
    return due_words.regimen(phase, key, route, interval)


@lru_cache(REMEMBERED)
def _dose(micrograms: int, product: str, route: str) -> str:
    return due_words.dose(micrograms, product, route)


@lru_cache(REMEMBERED)
def _last(counted_on: date | None, site: str, needle_on: date | None) -> str:
    """Say where and when the last needle went; where that dose did not count, also when the last one that did."""
    if needle_on is None:
        return "None yet" if counted_on is None else day(counted_on)
    said = ", ".join(filter(None, (SITES.get(site), day(needle_on))))
    if needle_on == counted_on:
        return said
    return f"{said} (did not count)" + (f", before it {day(counted_on)}" if counted_on else "")


@lru_cache(REMEMBERED)
def badges_of(glance: Glance, born_on: date, today: date, *, first_dose: bool) -> tuple[Badge, ...]:
    """Give the badges of the facts."""
    return tuple(badges.of_facts(glance.facts(born_on), today, first_dose=first_dose))


# -- What stands beside the rows -----------------------------------------------------------------------------


def _glances(found: list[Found], today: date) -> dict[int, Glance]:
    """Give {course: what is kept of it}; read from its rows where it is not written, or of a day that has not come."""
    kept = {row.pk: at_a_glance.read(row.at_a_glance) for row in found if row.at_a_glance}
    ahead = {key for key, glance in kept.items() if glance.newest_on and glance.newest_on > today}
    if again := ahead | {row.pk for row in found if row.pk not in kept}:
        kept |= at_a_glance.afresh(Course.objects.filter(pk__in=again), today)
    return kept


def _booked(places: list[tuple[Section, Found]], today: date) -> list[str]:
    """Say of each row what is booked on the day: of a booking its own hour, of others all they have; one query."""
    elsewhere = [row.pk for section, row in places if section is not sections.BOOKED]
    hours = worklist_columns.hours(elsewhere, today)
    return [
        _hour(row.order, row.subject, row.nurse)
        if section is sections.BOOKED
        else ", ".join(_hour(at, subject) for at, subject in hours.get(row.pk, ()))
        for section, row in places
    ]


def _hour(at: time, subject: str, nurse: str = "") -> str:
    """Write 10:20, with what it is for where that is no injection, and with whom."""
    what = " for a blood test" if subject == Appointment.Subject.LAB else ""
    return f"{at:%H:%M}{what}" + (f" with {nurse}" if nurse else "")
