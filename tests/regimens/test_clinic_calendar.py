"""Opening days, closures and holidays: loading dates move with them, maintenance dates stand."""

from datetime import date

import pytest

from patients.refusals import NotAllowed
from regimens.models import Course
from regimens.protocol.intervals import months
from regimens.services import clinic_calendar, outlook
from tests.factories import a_clinic, a_course, a_member, a_patient, an_injection, at

pytestmark = pytest.mark.django_db


@pytest.fixture
def manager(clinic):
    return a_member(clinic, "manager")


@pytest.fixture
def clinic():
    return a_clinic()


def test_a_closure_moves_the_loading_date_and_opening_again_moves_it_back(clinic, manager, today_is):
    today_is(date(2026, 1, 5))
    course = a_course(a_patient(clinic), starts_on=date(2026, 1, 5), interval=months(3))
    an_injection(course, date(2026, 1, 5))
    closure = clinic_calendar.add_closure(
        clinic=clinic, day=date(2026, 1, 7), reason="Training", changed_by=manager
    )
    assert Course.objects.get().next_due_on == date(2026, 1, 8)
    clinic_calendar.remove_closure(closure=closure, changed_by=manager)
    assert Course.objects.get().next_due_on == date(2026, 1, 7)
    assert list(outlook.differences()) == []


def test_a_closed_day_never_moves_a_maintenance_date(clinic, manager, today_is):
    today_is(date(2026, 1, 5))
    course = a_course(
        a_patient(clinic), starts_on=date(2026, 1, 5), interval=months(3), loaded_elsewhere=True
    )
    an_injection(course, date(2026, 1, 5))
    clinic_calendar.add_closure(clinic=clinic, day=date(2026, 4, 5), reason="Easter", changed_by=manager)
    assert Course.objects.get().next_due_on == date(2026, 4, 5)


def test_new_opening_days_move_loading_dates(clinic, manager, today_is):
    today_is(date(2026, 1, 5))
    course = a_course(a_patient(clinic), starts_on=date(2026, 1, 5), interval=months(3))
    an_injection(course, date(2026, 1, 5))
    clinic_calendar.change_opening_days(clinic=clinic, open_weekdays="04", changed_by=manager)
    assert Course.objects.get().next_due_on == date(2026, 1, 9)


@pytest.mark.parametrize("days", ["", "7", "10", "Monday"])
def test_opening_days_that_are_none_are_refused_at_their_field(clinic, manager, days):
    with pytest.raises(NotAllowed) as refusal:
        clinic_calendar.change_opening_days(clinic=clinic, open_weekdays=days, changed_by=manager)
    assert refusal.value.field == "open_weekdays"


def test_only_a_manager_changes_the_calendar(clinic):
    nurse = a_member(clinic)
    with pytest.raises(NotAllowed, match="role"):
        clinic_calendar.add_closure(clinic=clinic, day=date(2026, 1, 7), reason="Tired", changed_by=nurse)


def test_public_holidays_come_by_themselves_and_a_removed_one_stays_away(manager):
    clinic = a_clinic(holidays_country="GB", holidays_region="ENG")
    now = at(date(2026, 2, 1))
    assert clinic_calendar.keep_public_holidays(now) > 10
    christmas = clinic.closures.get(day=date(2026, 12, 25))
    christmas.delete()
    assert clinic_calendar.keep_public_holidays(now) == 0
    assert not clinic.closures.filter(day=date(2026, 12, 25)).exists()
    assert clinic.closures.filter(day=date(2027, 1, 1)).exists()
