"""Every number of the dashboard equals a recount of the rows that shares no line with the program's own arithmetic."""

import ast
from collections import Counter
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from config.demo.population import populate
from monitoring import dashboard
from monitoring.cohort.scope import Scope, period_of
from monitoring.models import Message
from patients.models import Clinic, Patient, Role, User
from regimens.models import Course, CourseSummary, LabCheck
from regimens.services import blood_samples, decisions, lab_checks, outlook
from tests.monitoring import recount

pytestmark = [pytest.mark.django_db, pytest.mark.slow]

TODAY = date(2026, 7, 14)
NOW = datetime(2026, 7, 14, 10, tzinfo=UTC)
LETTERS = (
    ("sent", ""),
    ("suppressed", "given"),
    ("suppressed", "no_consent"),
    ("suppressed", "too_late"),
    ("failed", "gave_up"),
    ("in_doubt", "lost_answer"),
)


@pytest.fixture
def clinics(today_is):
    """Two demo clinics with lives of every kind; then blood is taken, checks are let go, letters and leave are written."""
    today_is(TODAY)
    opened = populate(patients=180, clinics=2, seed=11, now=NOW)
    for clinic in opened:
        physician, nurse = (
            User.objects.filter(memberships__clinic=clinic, memberships__role=role).first()
            for role in (Role.PHYSICIAN, Role.NURSE)
        )
        owing = Course.objects.filter(clinic=clinic, ended_on=None).select_related(
            "patient__clinic", "clinic"
        )
        for number, course in enumerate(owing.filter(missed_lab_due_on__isnull=False).order_by("pk")[:6]):
            if number % 2:
                lab_checks.waive_lab_check(
                    course=course,
                    name=course.missed_lab_name,
                    due_on=course.missed_lab_due_on,
                    on=TODAY,
                    reason="Tested elsewhere",
                    decided_by=physician,
                )
            else:
                take(course, nurse)
        for course in owing.filter(lab_opens_on__lte=TODAY, missed_lab_due_on=None).order_by("pk")[:4]:
            take(course, nurse)
        for number, course in enumerate(owing.order_by("pk")[:30]):
            write_a_letter(course, number)
        for number, patient in enumerate(Patient.objects.filter(clinic=clinic, courses__ended_on=None)[:5]):
            decisions.authorise_dose(
                patient=Patient.objects.get(pk=patient.pk),
                codes=("B-EARLY-DOSE", "H-PLT-10-24")[: 1 + number % 2],
                reason="Travels",
                on=TODAY,
                decided_by=physician,
            ) if patient.is_active else None
    assert list(outlook.differences()) == []
    return opened


def take(course, nurse):
    blood_samples.take_blood(patient=course.patient, taken_on=TODAY, now=NOW, recorded_by=nurse)


def write_a_letter(course, number):
    state, cause = LETTERS[number % len(LETTERS)]
    ended_at = NOW - timedelta(days=number * 29)
    Message.objects.create(
        clinic=course.clinic,
        patient=course.patient,
        course=course,
        key=f"recounted-{course.pk}",
        subject="dose",
        purpose="coming",
        due_on=course.next_due_on,
        opens_on=TODAY,
        state=state,
        cause=cause,
        reason="Because" if cause else "",
        sent_to="a@example.org" if state == "sent" else "",
        queued_at=ended_at,
        ready_at=ended_at,
        ended_at=ended_at,
    )


def shown(scope) -> dict[str, Counter]:
    """The figures as the page has them, by the names of the recount."""
    found = dashboard.dashboard(scope)
    assert found.courses.adds_up
    cells = {(row.title, cell.title): cell.count for row in found.courses.phases for cell in row.cells}
    by_code = {
        name: Counter({code: numbers[at].count for code, _said, numbers in found.overrides.rows})
        for at, name in enumerate(("passed", "signed", "incident"))
    }
    return {
        "standing": +Counter(cells | {("Paused", ""): found.courses.paused.count}),
        "ended": +Counter(
            {
                number.word.removeprefix("ended-").replace("-", "_"): number.count
                for number in found.courses.ended
            }
        ),
        "late": of(found.late),
        "intervals": +Counter(
            {
                number.word.removeprefix("interval-").upper().replace("NONE", ""): number.count
                for number in found.intervals.parts
            }
        ),
        "homocysteine": of(found.homocysteine),
        "loading": of(found.loading),
        "checks": +Counter(
            {
                (whole.word.removeprefix("checks-"), number.word.removeprefix(f"{whole.word}-")): number.count
                for whole in found.checks
                for number in whole.parts
            }
        ),
        "to review": of(found.reviews_to_do),
        "reviews": of(found.reviews),
        "doses": +Counter(
            {
                (month.begins_on, timing): getattr(month, timing)
                for month in found.doses
                for timing in ("inside", "early", "late", "unplanned")
            }
        ),
        **{name: +counted for name, counted in by_code.items()},
        "letters": of(found.ended_letters),
    }


def of(whole) -> Counter:
    assert whole.unplaced == 0
    return +Counter({number.word.removeprefix(f"{whole.word}-"): number.count for number in whole.parts})


def recounted(scope) -> dict[str, Counter]:
    found: dict[str, Counter] = {}
    for clinic in scope.clinics:
        for name, counted in recount.figures(
            clinic, NOW, scope.begins_on, scope.ends_on, scope.cause.replace("-", "_")
        ).items():
            found[name] = found.get(name, Counter()) + counted
    found["letters"] = Counter(
        {
            {"given": "not-needed", "gave_up": "failed"}.get(word, word.replace("_", "-")): number
            for word, number in found["letters"].items()
        }
    )
    return found


def scopes(clinics):
    for name, word, cause, which in (
        ("a year", "12", "", clinics[:1]),
        ("all clinics, two years", "24", "", clinics),
        ("a year that is over", "2025", "", clinics[1:]),
        ("one cause", "12", "pernicious-anaemia", clinics),
    ):
        yield name, Scope(tuple(which), NOW, *period_of(word, TODAY), cause)


def differences(expected) -> dict[tuple[str, str], tuple]:
    """What the page counts more, and less, than the recount of each scope."""
    return {
        (name, figure): (dict(counted - again[figure]), dict(again[figure] - counted))
        for name, (scope, again) in expected.items()
        for figure, counted in shown(scope).items()
        if counted != again[figure]
    }


def test_every_number_equals_the_recount_and_one_that_is_wrong_is_noticed(clinics):
    assert Clinic.objects.count() == 2
    expected = {name: (scope, recounted(scope)) for name, scope in scopes(clinics)}
    assert differences(expected) == {}
    # The population holds enough for the comparison to mean something.
    everything = shown(Scope(tuple(clinics), NOW, *period_of("24", TODAY)))
    assert all(everything.values()), [name for name, counted in everything.items() if not counted]
    assert len(everything["standing"]) >= 10
    assert {fate for _kind, fate in everything["checks"]} >= {
        "in-window", "late", "waived", "taken", "missed", "open", "coming",
    }  # fmt: skip

    for figure, spoil in {
        "standing": lambda: Course.objects.filter(pk=a_course("Maintenance", "Not due")).update(
            window_opens_on=TODAY - timedelta(days=1)
        ),
        "homocysteine": lambda: (
            CourseSummary.objects.filter(hcy_at_target=True, course__ended_on=None)
            .filter(pk=CourseSummary.objects.filter(hcy_at_target=True, course__ended_on=None).first().pk)
            .update(hcy_at_target=False)
        ),
        "checks": lambda: LabCheck.objects.filter(
            pk=LabCheck.objects.filter(drawn_on__isnull=False, due_on__gte=date(2025, 9, 1)).first().pk
        ).update(drawn_on=None),
    }.items():
        spoil()
        assert figure in {name for _scope, name in differences(expected)}, figure


def a_course(phase, lateness):
    """The key of a course that the recount places there."""
    for clinic in Clinic.objects.all():
        for person in recount.people(clinic, TODAY):
            if person.course.ended_on is None and person.standing()[:2] == (phase, lateness):
                return person.course.id
    raise AssertionError(phase)


def test_the_recount_shares_nothing_with_what_it_recounts():
    tree = ast.parse(Path(recount.__file__).read_text())
    imported = {node.module for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    assert imported == {
        "collections",
        "datetime",
        "types",
        "monitoring.models",
        "patients.models",
        "regimens.models",
    }
    assert not [node for node in ast.walk(tree) if isinstance(node, ast.Import)]
