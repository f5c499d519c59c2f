"""The first steps of an installation: a clinic is opened, and its staff get their accounts."""

import re
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from patients.models import AuditEntry, Clinic, Closure, Membership, User

pytestmark = pytest.mark.django_db


def printed_by(*arguments: str, **options) -> str:
    """Run a command; give what it printed."""
    out = StringIO()
    call_command(*arguments, stdout=out, **options)
    return out.getvalue()


@pytest.fixture
def old_mill():
    """A clinic, opened as people open one."""
    printed_by("open_clinic", "Old Mill Surgery")
    return Clinic.objects.get(slug="old-mill-surgery")


def test_a_clinic_is_opened_with_its_public_holidays():
    printed = printed_by("open_clinic", "Old Mill Surgery", time_zone="Europe/London", holidays="GB-ENG")
    clinic = Clinic.objects.get()
    assert clinic.slug in printed
    assert (
        Closure.objects.filter(clinic=clinic, day__month=12, day__day=25).count() == 2
    )  # this year and the next
    assert AuditEntry.objects.get(clinic=clinic, act="opened a clinic")


@pytest.mark.parametrize(
    ("option", "value", "told"),
    [
        ("time_zone", "Mars/Olympus", "is not a time zone"),
        ("weekdays", "", "cannot be blank"),
        ("weekdays", "8", "Monday = 0"),
        ("holidays", "XX", "No public holidays are known for XX"),
        ("email", "nowhere", "valid email"),
    ],
)
def test_a_clinic_that_cannot_be_is_refused_in_words(option, value, told):
    with pytest.raises(CommandError, match=told):
        printed_by("open_clinic", "Old Mill Surgery", **{option: value})


def test_a_second_clinic_of_the_same_name_is_refused(old_mill):
    with pytest.raises(CommandError, match="already exists"):
        printed_by("open_clinic", old_mill.name)


def test_a_new_person_signs_in_with_the_printed_password(old_mill, client):
    printed = printed_by(
        "add_staff", "ada", "nurse", clinic=old_mill.slug, first_name="Ada", last_name="Byron", number="12A34"
    )
    password = re.search(r"First password: (\S+)", printed)[1]
    assert client.login(username="ada", password=password)
    membership = Membership.objects.get(user__username="ada", clinic=old_mill)
    assert (membership.role, membership.registration_number) == ("nurse", "12A34")
    assert membership.user.get_full_name() == "Ada Byron"
    assert AuditEntry.objects.get(act="added to the staff").detail == {
        "user": membership.user.pk,
        "role": "nurse",
    }


def test_who_has_an_account_keeps_their_password_and_works_in_a_second_clinic(old_mill):
    printed_by("add_staff", "ada", "nurse", clinic=old_mill.slug)
    before = User.objects.get(username="ada").password
    printed_by("open_clinic", "Riverside")
    printed = printed_by("add_staff", "ada", "manager", clinic="riverside")
    assert "password" not in printed
    assert User.objects.get(username="ada").password == before
    assert set(Membership.objects.values_list("clinic__slug", "role")) == {
        (old_mill.slug, "nurse"), ("riverside", "manager")
    }  # fmt: skip


def test_nobody_has_two_roles_in_one_clinic(old_mill):
    printed_by("add_staff", "ada", "nurse", clinic=old_mill.slug)
    with pytest.raises(CommandError):
        printed_by("add_staff", "ada", "manager", clinic=old_mill.slug)
    assert Membership.objects.get().role == "nurse"


def test_an_unknown_clinic_is_told_with_those_there_are(old_mill):
    with pytest.raises(CommandError, match="There are: old-mill-surgery"):
        printed_by("add_staff", "ada", "nurse", clinic="riverside")


def test_a_refused_membership_leaves_no_account_behind(old_mill):
    with pytest.raises(CommandError):
        printed_by("add_staff", "not a user name", "nurse", clinic=old_mill.slug)
    assert not User.objects.exists()
