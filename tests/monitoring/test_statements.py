"""A statement that is written once gives what its queryset gives, whatever the values."""

from datetime import UTC, date, datetime, time, timedelta
from itertools import product

import pytest
from django.db.models import F, Q
from django.db.models.fields.tuple_lookups import TupleGreaterThan

from monitoring import sections
from monitoring.statements import written_once
from monitoring.worklist_columns import COURSE, Stretch
from patients.models import AuditEntry
from regimens.models import Appointment, Course
from tests.factories import a_clinic
from tests.monitoring.waiting_room import a_full_waiting_room

pytestmark = pytest.mark.django_db

TODAY = date(2026, 7, 14)


@pytest.fixture
def clinics(today_is):
    today_is(TODAY)
    found = [a_clinic(), a_clinic()]
    for clinic in found:
        a_full_waiting_room(clinic, 60, TODAY)
    return found


def late(days: int, *, clinic: int, today: date):
    """Overdue by more than some days, and not yet by a year."""
    since = Q(next_due_on__range=(today - timedelta(days=365), today - timedelta(days=days)))
    return Course.objects.filter(since, clinic=clinic).order_by("pk").values_list("pk", "next_due_on")


def after(*, clinic: int, on: date, at: time, key: int):
    """The bookings of a day that follow one."""
    beyond = TupleGreaterThan((F("at"), F("pk")), (at, key))
    return (
        Appointment.objects.filter(beyond, clinic=clinic, on=on).order_by("at", "pk").values_list("at", "pk")
    )


def test_it_gives_what_the_queryset_gives_on_any_day_in_any_clinic(clinics):
    once = written_once(late)
    found = 0
    for days, back, clinic in product((0, 20), (-30, 0, 29), clinics):
        values = {"clinic": clinic.pk, "today": TODAY + timedelta(days=back)}
        rows = once(days, **values)
        assert rows == list(late(days, **values))
        found += len(rows)
    assert found


def test_times_and_keys_are_values_too(clinics):
    once = written_once(after)
    for clinic in clinics:
        every = list(Appointment.objects.filter(clinic=clinic).order_by("at", "pk").values_list("at", "pk"))
        for place, (at, key) in enumerate(every):
            assert once(clinic=clinic.pk, on=TODAY, at=at, key=key) == every[place + 1 :]


def test_every_stretch_of_the_worklist_is_read_as_its_section_says(clinics):
    for section, nerves, phase in product(
        {s for each in sections.LISTS.values() for s in each}, (None, True), ("", "maintenance")
    ):
        course = "course__" if section is sections.BOOKED else ""
        for clinic, back in product(clinics, (0, 45)):
            today = TODAY + timedelta(days=back)
            rows = section.rows(clinic, today)
            if nerves is not None:
                rows = rows.filter(**{f"{course}neurological": nerves})
            if phase:
                rows = rows.filter(**{f"{course}phase": phase})
            columns = [f"{course}{name}" for name in COURSE if name != "at_a_glance"]
            expected = list(
                rows.order_by(section.order, "pk").values_list(section.order, "pk", *columns)[:31]
            )
            read = Stretch(section, phase, nerves).read(clinic.pk, today, 31)
            assert [row[: len(columns) + 2] for row in read] == expected


def test_instants_come_in_utc(clinics):
    moment = datetime(2026, 7, 14, 9, 30, tzinfo=UTC)
    AuditEntry.objects.create(clinic=clinics[0], act="opened", at=moment)
    once = written_once(
        lambda *, clinic: AuditEntry.objects.filter(clinic=clinic).values_list("act", "at", "patient")
    )
    assert ("opened", moment, None) in once(clinic=clinics[0].pk)


@pytest.mark.parametrize("value", [True, "text", datetime(2026, 1, 1, tzinfo=UTC), 1.5])
def test_what_cannot_stand_in_is_refused(value):
    once = written_once(lambda *, value: Course.objects.filter(pk=value).values_list("pk"))
    with pytest.raises(TypeError):
        once(value=value)
