"""The manager's page: opening days, closures, hours and letters."""

from datetime import date

import pytest
from django.urls import reverse

from patients.models import AuditEntry, Clinic, Closure, Role
from regimens.models import Course
from regimens.protocol.intervals import months
from tests.factories import a_clinic, a_course, a_member, a_patient

pytestmark = pytest.mark.django_db

TODAY = date(2026, 7, 14)  # a Tuesday
URL = "/clinic/settings/"
SETTINGS = {
    "opens_at": "08:00",
    "closes_at": "16:00",
    "slots_per_hour": "4",
    "sends_injection_reminders": "on",
    "letters_from": "09:00",
    "letters_until": "18:00",
    "letter_sender": "The surgery",
    "address": "1 North Road",
    "phone": "020 7946 0000",
    "email": "",
}


@pytest.fixture(autouse=True)
def _today(today_is):
    today_is(TODAY)


@pytest.fixture
def clinic():
    return a_clinic(holidays_country="GB", holidays_region="ENG")


@pytest.fixture
def manager(client, clinic):
    client.force_login(a_member(clinic, Role.MANAGER))
    return client


def settings(**changes):
    sent = {f"settings-{name}": value for name, value in {**SETTINGS, **changes}.items() if value is not None}
    return {**sent, "save_settings": "1"}


def closure(day="15", month="7", year="2026", reason="Training"):
    return {
        "closure-day_day": day,
        "closure-day_month": month,
        "closure-day_year": year,
        "closure-reason": reason,
        "save_closure": "1",
    }


def confirmed(client, sent):
    """Look at what the change would move, and confirm it."""
    shown = client.post(URL, sent).context["preview"].shown
    return client.post(URL, {**sent, "shown": shown})


@pytest.mark.parametrize("role", [role for role in Role if role != Role.MANAGER])
def test_only_a_manager_sets_a_clinic(client, clinic, role):
    client.force_login(a_member(clinic, role))
    day = Closure.objects.create(clinic=clinic, day=TODAY, reason="Training")
    assert client.get(URL).status_code == 403
    assert client.post(URL, settings()).status_code == 403
    assert client.post(reverse("remove_closure", args=[day.pk])).status_code == 403
    assert client.post(reverse("add_holidays", args=[2026])).status_code == 403
    assert Closure.objects.count() == 1


def test_a_closure_moves_a_loading_dose_and_its_removal_moves_it_back(manager, clinic):
    course = a_course(a_patient(clinic), starts_on=date(2026, 7, 15), interval=months(3))
    assert confirmed(manager, closure()).status_code == 302
    assert Course.objects.get(pk=course.pk).next_due_on == date(2026, 7, 16)
    assert "Wed 15-Jul-2026" in manager.get(URL).content.decode()
    [day] = Closure.objects.all()
    assert manager.get(reverse("remove_closure", args=[day.pk])).status_code == 405
    assert manager.post(reverse("remove_closure", args=[day.pk])).status_code == 302
    assert Course.objects.get(pk=course.pk).next_due_on == date(2026, 7, 15)
    assert list(AuditEntry.objects.filter(act__endswith="closure").values_list("act", flat=True)) == [
        "removed closure",
        "added closure",
    ]


@pytest.mark.parametrize(
    ("sent", "complaint"),
    [
        (closure(day="13"), "This day is past"),
        (closure(day="31", month="2"), "does not exist"),
        (closure(reason=""), "Say why"),
        (closure(day=""), "Enter the day"),
    ],
)
def test_a_closure_that_cannot_be_is_refused_and_nothing_typed_is_lost(manager, sent, complaint):
    page = manager.post(URL, sent)
    assert page.status_code == 422
    assert complaint in page.content.decode()
    assert page.context["closure"]["reason"].value() == sent["closure-reason"]
    assert not Closure.objects.exists()


def test_a_day_is_closed_once(manager):
    manager.post(URL, closure())
    page = manager.post(URL, closure(reason="Again"))
    assert page.status_code == 422
    assert "closed on this day already" in page.content.decode()
    assert Closure.objects.count() == 1


def test_opening_days_move_loading_doses(manager, clinic):
    course = a_course(a_patient(clinic), starts_on=date(2026, 7, 15), interval=months(3))
    sent = {"opening-open_weekdays": ["3", "1"], "save_opening": "1"}
    assert confirmed(manager, sent).status_code == 302
    assert Clinic.objects.get(pk=clinic.pk).open_weekdays == "13"
    assert Course.objects.get(pk=course.pk).next_due_on == date(2026, 7, 16)


def test_a_clinic_opens_on_some_day(manager, clinic):
    page = manager.post(URL, {"save_opening": "1"})
    assert page.status_code == 422
    assert "at least one day" in page.content.decode()
    assert Clinic.objects.get(pk=clinic.pk).open_weekdays == "01234"


def test_hours_and_letters_are_saved_and_audited(manager, clinic):
    assert manager.post(URL, settings()).status_code == 302
    saved = Clinic.objects.get(pk=clinic.pk)
    assert (f"{saved.opens_at:%H:%M}", saved.slots_per_hour, saved.sends_lab_reminders) == ("08:00", 4, False)
    assert (saved.sends_injection_reminders, f"{saved.letters_until:%H:%M}") == (True, "18:00")
    line = AuditEntry.objects.get(act="changed clinic settings")
    assert "sends_lab_reminders" in line.detail["fields"]
    assert "1 North Road" not in str(line.detail)
    manager.post(URL, settings())
    assert AuditEntry.objects.filter(act="changed clinic settings").count() == 1


@pytest.mark.parametrize(
    ("changes", "complaint"),
    [
        ({"closes_at": "07:00"}, "closes after it opens"),
        ({"slots_per_hour": "0"}, "greater than or equal to 1"),
        ({"email": "nobody"}, "valid email"),
        ({"letters_from": "x"}, "valid time"),
    ],
)
def test_settings_that_cannot_be_are_refused(manager, clinic, changes, complaint):
    page = manager.post(URL, settings(**changes))
    assert page.status_code == 422
    assert complaint in page.content.decode()
    assert f"{Clinic.objects.get(pk=clinic.pk).opens_at:%H:%M}" == "09:00"


def test_what_is_not_on_the_form_cannot_be_posted(manager, clinic):
    manager.post(
        URL, {**settings(), "settings-name": "Mine", "settings-time_zone": "Asia/Tokyo", "settings-slug": "x"}
    )
    saved = Clinic.objects.get(pk=clinic.pk)
    assert (saved.name, saved.time_zone, saved.slug) == (clinic.name, "UTC", clinic.slug)


def test_public_holidays_are_added_once_and_for_this_year_and_the_next_only(manager):
    assert "public holidays of 2026" in manager.get(URL).content.decode()
    manager.post(reverse("add_holidays", args=[2026]))
    added = Closure.objects.count()
    assert added >= 8
    manager.post(reverse("add_holidays", args=[2026]))
    manager.post(reverse("add_holidays", args=[2031]))
    assert Closure.objects.count() == added


def test_another_clinics_closure_is_not_there(manager):
    theirs = Closure.objects.create(clinic=a_clinic("Elsewhere"), day=TODAY, reason="Training")
    assert manager.post(reverse("remove_closure", args=[theirs.pk])).status_code == 404
    assert Closure.objects.filter(pk=theirs.pk).exists()
    assert "Training" not in manager.get(URL).content.decode()
