"""What a row of Today opens in place: why this date, what matters before the needle, the last doses, what is to be done."""

from dataclasses import dataclass, field
from datetime import datetime

from monitoring import badges
from monitoring import patient_page as pages
from monitoring.patient_page import PatientPage
from patients.models import Patient
from patients.templatetags.wording import day, micrograms
from regimens import words
from regimens.course_values import current_plan
from regimens.facts import facts_of
from regimens.models import FollowUp, Injection
from regimens.protocol.codes import Finding

LAST_DOSES = 3


@dataclass(frozen=True)
class Details:
    """One patient, as an opened row shows them; for those who see names and dates only, what is clinical stays empty."""

    page: PatientPage
    why: str
    acts: list[tuple[str, str]]
    allergies_not_known: bool = False
    findings: list[Finding] = field(default_factory=list)
    doses: list[str] = field(default_factory=list)
    to_do: list[FollowUp] = field(default_factory=list)


def read(patient: Patient, viewer, now: datetime, *, clinical: bool) -> Details:
    """Read what one row opens; a fixed number of queries."""
    today = patient.clinic.day_of(now)
    page = pages.read(patient, today, clinical=clinical)
    acts = pages.acts(page, viewer, pages.FIRST_ACTS)
    if not clinical:
        return Details(page, _date_only(page), acts)
    known = facts_of(patient, today)
    return Details(
        page,
        _why(page),
        acts,
        allergies_not_known=known.allergies is None,
        findings=badges.findings(known, today),
        doses=[_dose(row) for row in _last_doses(page)],
        to_do=list(FollowUp.objects.waiting().filter(patient__in=page.keys).order_by("due_at", "pk")),
    )


def _date_only(page: PatientPage) -> str:
    if not page.is_open:
        return "No treatment is under way."
    return f"{_window(page)}."


def _why(page: PatientPage) -> str:
    if not page.is_open:
        return "No treatment is under way."
    plans = [plan for plan in (page.proposed, page.signed) if plan]
    why = words.why_next(page.course, current_plan(plans)) if plans else ""
    return f"{_window(page)}. {why}"


def _window(page: PatientPage) -> str:
    """Say when the next visit is due, and from when to when it is in time."""
    course = page.course
    due = f"Due {day(course.next_due_on)}"
    if course.window_opens_on and course.window_opens_on != course.window_closes_on:
        return f"{due}, in time from {day(course.window_opens_on)} to {day(course.window_closes_on)}"
    return due


def _last_doses(page: PatientPage) -> list[Injection]:
    rows = Injection.objects.standing().filter(patient__in=page.keys).select_related("given_by")
    return list(rows.order_by("-given_on", "-pk")[:LAST_DOSES])


def _dose(row: Injection) -> str:
    """Write one dose: 14-Jul-2026, Left deltoid, 1,000 micrograms hydroxocobalamin, by Ada Nurse."""
    said = [day(row.given_on)]
    if row.site:
        said.append(row.get_site_display())
    said.append(f"{micrograms(row.micrograms)} {words.product(row.product).lower()}")
    if row.source != Injection.Source.CLINIC:
        said.append(f"{row.get_source_display().lower()} {row.source_name}".strip())
    elif by := row.given_by_name or (row.given_by and row.given_by.shown_name()):
        said.append(f"by {by}")
    if row.partial:
        said.append("only a part of it")
    elif not row.counts:
        said.append("did not count")
    return ", ".join(said)
