"""Lists behind the figures: of one clinic or several, of a period and a cause; as files that cannot act in a spreadsheet."""

import csv
import io
from datetime import date, timedelta

import pytest

from monitoring import cohort, dashboard, list_files
from monitoring.cohort.scope import CAUSES, Scope, period_of
from patients.models import AuditEntry, Membership, Patient, Role
from regimens.models import Authorisation, Course, CourseSummary
from regimens.protocol.intervals import months
from tests.factories import a_clinic, a_course, a_member, a_patient, a_physician, at
from tests.monitoring.waiting_room import a_full_waiting_room

pytestmark = pytest.mark.django_db

TODAY = date(2026, 7, 14)


@pytest.fixture
def clinic(today_is):
    today_is(TODAY)
    return a_clinic()


@pytest.fixture
def sign_in(client):
    """Sign in, as somebody who has just given their password again."""

    def enter(clinic, role, username="somebody"):
        user = a_member(clinic, role, username)
        client.force_login(user)
        client.post("/accounts/reauthenticate/", {"password": "a-good-long-password"})
        return user

    return enter


def lines(answer):
    return list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig"))))


# -- Files --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("begins", ["=", "+", "-", "@", "\t", "\r"])
def test_a_cell_that_a_spreadsheet_would_run_is_text(client, clinic, sign_in, begins):
    patient = a_patient(clinic, family_name="Plain", given_names=f"{begins}HYPERLINK(1)")
    Patient.objects.filter(pk=patient.pk).update(given_names=f"{begins}HYPERLINK(1)")
    a_course(Patient.objects.get(pk=patient.pk), starts_on=TODAY, interval=months(3))
    sign_in(clinic, Role.AUDITOR)
    answer = client.get("/dashboard/open/?format=csv")
    assert answer["Content-Type"] == "text/csv; charset=utf-8"
    assert lines(answer)[1][1] == f"'{begins}HYPERLINK(1)"


def test_a_manager_takes_names_and_dates_an_auditor_the_whole_list(client, clinic, sign_in):
    course = a_course(a_patient(clinic), starts_on=TODAY, interval=months(3))
    sign_in(clinic, Role.MANAGER, "manager")
    page = client.get("/dashboard/open/")
    assert course.patient.name not in page.text
    first, row = lines(client.get("/dashboard/open/?format=csv"))
    assert first == ["Family name", "Given names", "Born", "Record number", "Next due"]
    assert row == [
        "Example",
        course.patient.given_names,
        "1970-05-04",
        course.patient.record_number,
        "2026-07-14",
    ]
    sign_in(clinic, Role.AUDITOR, "auditor")
    first, row = lines(client.get("/dashboard/open/?format=csv"))
    assert first[5:] == ["Phase", "Late by", "Last injection"]
    assert row[5:] == ["Loading, next due 14-Jul-2026", "Not late", "None yet"]


def test_a_file_is_in_the_audit_trail_with_its_rows(client, clinic, sign_in):
    a_full_waiting_room(clinic, 7, TODAY)
    user = sign_in(clinic, Role.MANAGER)
    client.get("/dashboard/open/?format=csv&period=24")
    entry = AuditEntry.objects.get(act="exported list")
    assert (entry.actor, entry.clinic) == (user, clinic)
    assert entry.detail == {"list": "open", "rows": 7, "period": "24"}


def test_whoever_has_not_just_given_the_password_is_asked_for_it(client, clinic):
    client.force_login(a_member(clinic, Role.MANAGER))
    answer = client.get("/dashboard/open/?format=csv")
    assert answer.status_code == 302
    assert "/reauthenticate/" in answer.url
    assert not AuditEntry.objects.filter(act="exported list").exists()


def test_those_who_treat_see_lists_and_take_no_files(client, clinic, sign_in):
    for role in (Role.NURSE, Role.PHYSICIAN):
        sign_in(clinic, role, str(role))
        assert client.get("/dashboard/open/").status_code == 200
        assert "format=csv" not in client.get("/dashboard/open/").text
        assert client.get("/dashboard/open/?format=csv").status_code == 403


def test_a_file_is_read_in_one_statement(clinic, django_assert_num_queries):
    a_full_waiting_room(clinic, 120, TODAY)
    begins_on, _ends_on = period_of("12", TODAY)
    scope = Scope((clinic,), at(TODAY), begins_on)
    with django_assert_num_queries(1):
        rows = list_files.rows_of(cohort.group("homocysteine"), scope, clinical=True)
    assert len(rows) == 120


# -- Whose figures ------------------------------------------------------------------------------------------


def test_figures_of_all_ones_clinics_are_the_sum_of_each(client, clinic):
    other, third = a_clinic("Other"), a_clinic("Not mine")
    for each, number in ((clinic, 30), (other, 20), (third, 10)):
        a_full_waiting_room(each, number, TODAY)
    user = a_member(clinic, Role.PHYSICIAN)
    Membership.objects.create(user=user, clinic=other, role=Role.PHYSICIAN)
    client.force_login(user)
    shown = {
        word: client.get("/dashboard/", {"clinic": word}).context["counted"]
        for word in ("", str(other.pk), "all", str(third.pk))
    }
    assert shown[""].courses.open == 30
    assert shown[str(other.pk)].courses.open == 20
    assert shown["all"].courses.open == 50
    assert shown["all"].courses.adds_up
    assert shown["all"].homocysteine.total == 50
    assert shown[str(third.pk)].courses.open == 30, "a clinic one does not work at is as if not asked for"


def test_each_clinic_is_counted_by_its_own_day(client, today_is):
    early, late = a_clinic("Auckland", time_zone="Pacific/Auckland"), a_clinic("London")
    today_is(TODAY)
    for each in (early, late):
        course = a_course(a_patient(each), starts_on=TODAY, interval=months(3))
        Course.objects.filter(pk=course.pk).update(
            window_opens_on=TODAY, window_closes_on=TODAY, next_due_on=TODAY
        )
    scope = Scope((early, late), at(TODAY, 14), date(2026, 1, 1))
    found = dashboard.count_courses(scope)
    assert {part.title: part.count for part in found.lateness if part.count} == {"Due": 1, "Overdue": 1}


def test_names_of_several_clinics_are_for_those_who_treat_in_each(client, clinic):
    other = a_clinic("Other")
    user = a_member(clinic, Role.NURSE)
    Membership.objects.create(user=user, clinic=other, role=Role.MANAGER)
    client.force_login(user)
    assert client.get("/dashboard/open/").status_code == 200
    assert client.get("/dashboard/open/?clinic=all").status_code == 403


def test_causes_share_out_all_treatments(client, clinic):
    a_full_waiting_room(clinic, 60, TODAY)
    client.force_login(a_physician(clinic))
    by_cause = {
        word: client.get("/dashboard/", {"cause": word}).context["counted"].courses.open
        for word, (title, _holds) in CAUSES.items()
        if title.startswith("Cause")
    }
    assert sum(by_cause.values()) == 60
    assert by_cause["diet"] == CourseSummary.objects.filter(cause="diet").count() == 15


def test_a_filter_stays_in_the_links_and_in_the_steps_of_a_list(client, clinic):
    a_full_waiting_room(clinic, 230, TODAY)
    client.force_login(a_physician(clinic))
    page = client.get("/dashboard/?cause=diet&period=24")
    assert 'href="/dashboard/homocysteine/?period=24&amp;cause=diet"' in page.text
    listed = client.get("/dashboard/homocysteine/?period=24&cause=diet")
    assert "cause=diet" in listed.context["page"].later_url
    assert listed.context["count"] == 58


def test_what_cannot_be_read_is_as_if_it_had_not_been_asked(client, clinic):
    client.force_login(a_physician(clinic))
    page = client.get("/dashboard/?clinic=x&period=1066&cause=luck")
    assert page.status_code == 200
    assert page.context["scope_query"] == ""


# -- Overrides ----------------------------------------------------------------------------------------------


def test_leave_for_a_dose_is_counted_by_every_code_it_names(client, clinic):
    course = a_course(a_patient(clinic), starts_on=TODAY, interval=months(3))
    common = {"patient": course.patient, "reason": "Travels", "facts_digest": "x"}
    by = {"authorised_by": a_physician(clinic), "expires_on": TODAY + timedelta(days=14)}
    Authorisation.objects.create(codes=["B-EARLY-DOSE", "H-PLT-10-24"], **common, **by)
    Authorisation.objects.create(codes=["B-EARLY-DOSE"], **common, **by)
    old = at(TODAY - timedelta(days=800))
    Authorisation.objects.create(codes=["B-EARLY-DOSE"], authorised_at=old, **common, **by)
    client.force_login(a_physician(clinic))
    found = client.get("/dashboard/").context["counted"].overrides
    assert {code: numbers[0].count for code, _message, numbers in found.rows if numbers[0].count} == {
        "B-EARLY-DOSE": 2,
        "H-PLT-10-24": 1,
    }
    assert (found.acts[0].count, found.named[0]) == (2, 3)
    listed = client.get("/dashboard/passed-B-EARLY-DOSE/")
    assert len(listed.context["rows"]) == 2
    assert dict(listed.context["rows"][0]["cells"])["Reason"] == "Travels"
