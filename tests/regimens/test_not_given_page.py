"""A dose that was not given, through its page."""

from datetime import date, time

import pytest
from django.urls import reverse

from patients.models import Role
from regimens.models import Appointment, Course, Decision, Injection, NotGiven, Request
from regimens.protocol.intervals import months
from regimens.services import appointments, not_given
from regimens.services.not_given import NEXT_STEP
from tests.browsing import sent_by
from tests.factories import a_clinic, a_course, a_member, a_nurse, a_patient, an_injection, at
from tests.monitoring.conftest import with_doses

pytestmark = pytest.mark.django_db

TODAY = date(2026, 1, 9)  # a Friday


@pytest.fixture
def course(today_is):
    today_is(TODAY)
    return a_course(starts_on=TODAY, interval=months(3))


@pytest.fixture
def nurse(course, client):
    client.force_login(a_nurse(course.clinic))
    return client


def address(course, name="record_not_given", *keys):
    return reverse(name, args=[course.patient_id, *keys])


def miss(client, course, reason="dna", **changes):
    sent = sent_by(client.get(address(course)))
    return client.post(address(course), {**sent, "reason": reason, **changes})


@pytest.mark.parametrize("reason", NotGiven.Reason.values)
def test_every_reason_gives_a_next_step_and_a_day(nurse, course, today_is, reason):
    saved = nurse.get(miss(nurse, course, reason, note="A word.").url)
    shown = saved.content.decode()
    row = NotGiven.objects.get()
    assert (row.note, row.call_on) == ("A word.", date(2026, 1, 12))
    assert "Call again on Mon 12-Jan-2026" in shown
    assert ("A physician has been asked." in shown) == (reason == "held")
    assert saved.context["next_step"] == NEXT_STEP[reason]
    assert "<strong>Fri 09-Jan-2026</strong>" in shown
    assert address(course, "book_appointment") in shown
    assert Request.objects.filter(kind="hold").exists() == (reason == "held")


def test_the_suggested_day_is_an_open_one_and_the_due_date_stands(nurse, course, today_is):
    row_page = miss(nurse, course).url
    today_is(date(2026, 1, 10))
    nurse.force_login(a_nurse(course.clinic))
    shown = nurse.get(row_page).content.decode()
    assert "<strong>Mon 12-Jan-2026</strong>" in shown
    assert "It was due Fri 09-Jan-2026" in shown


def test_one_who_declined_is_offered_to_record_the_wish_to_stop(nurse, course):
    shown = nurse.get(miss(nurse, course, "refused").url).content.decode()
    assert f"{address(course, 'ask_physician')}?kind=stop" in shown


def test_who_declines_and_wishes_to_stop_is_heard_by_a_physician(nurse, course):
    shown = nurse.get(miss(nurse, course, "stop", note="Fed up").url).content.decode()
    row = NotGiven.objects.get()
    assert (row.reason, row.request.kind, row.request.codes) == ("refused", "stop", ["H-STOP-REFUSAL"])
    assert "A physician has been asked." in shown
    assert "the plan stands until then" in shown
    assert "?kind=stop" not in shown


def test_the_wish_to_stop_is_put_to_a_physician_once(nurse, course, today_is):
    miss(nurse, course, "stop")
    today_is(date(2026, 1, 10))
    nurse.force_login(a_nurse(course.clinic))
    miss(nurse, course, "stop")
    assert (NotGiven.objects.count(), Request.objects.count()) == (2, 1)


def test_the_day_to_phone_can_be_chosen_but_not_past_or_far(nurse, course):
    def on(day, month="1"):
        return {"call_on_day": day, "call_on_month": month, "call_on_year": "2026"}

    for refused in (on("8"), on("30", "6"), on("32")):
        assert "call_on" in miss(nurse, course, **refused).context["form"].errors
    shown = nurse.get(miss(nurse, course, **on("20")).url).content.decode()
    assert "Call again on Tue 20-Jan-2026" in shown


def test_nobody_is_phoned_long_before_a_dose_is_due(nurse, course):
    Course.objects.filter(pk=course.pk).update(next_due_on=date(2026, 3, 1))
    day = {"call_on_day": "20", "call_on_month": "1", "call_on_year": "2026"}
    assert "call_on" in miss(nurse, course, **day).context["form"].errors
    row = not_given.record_not_given(
        course=course, on=TODAY, reason="dna", now=at(TODAY), recorded_by=a_nurse(course.clinic)
    )
    assert row.call_on is None
    assert (
        "Nobody is phoned before the window"
        in nurse.get(address(course, "not_given", row.pk)).content.decode()
    )


def had(day="7", month="1", place="Ward 3"):
    return {"had_on_day": day, "had_on_month": month, "had_on_year": "2026", "place": place}


def booked(course, on):
    nurse = a_nurse(course.clinic)
    return appointments.book(course=course, subject="dose", on=on, at=time(11), now=at(on), booked_by=nurse)


def test_a_dose_had_elsewhere_is_recorded_as_that_dose_with_its_date_and_place(nurse, course, today_is):
    with_doses(course, [date(2026, 1, day) for day in (9, 12, 14, 16, 19, 21)])
    today_is(date(2026, 4, 20))
    nurse.force_login(a_nurse(course.clinic))
    visit, later = booked(course, date(2026, 4, 21)), date(2026, 7, 17)
    saved = miss(nurse, course, "elsewhere", **had("17", "4"))
    dose = Injection.objects.get(source="elsewhere")
    assert saved.url == address(course, "injection", dose.pk)
    assert (dose.source_name, dose.given_on, dose.already_given) == ("Ward 3", date(2026, 4, 17), True)
    assert (dose.product, dose.micrograms, dose.route) == ("HYDROXOCOBALAMIN", 1000, "IM")
    assert not NotGiven.objects.exists()
    visit.refresh_from_db()
    course.refresh_from_db()
    assert (visit.state, course.next_due_on) == ("cancelled", later)


def test_a_place_booked_here_on_the_day_it_was_had_elsewhere_was_not_kept(nurse, course):
    booked(course, TODAY)
    miss(nurse, course, "elsewhere", **had(day="9"))
    assert Appointment.objects.get().state == "cancelled"


@pytest.mark.parametrize(
    ("typed", "field"),
    [(had(day=""), "had_on"), (had(day="10"), "had_on"), (had(place=" "), "place"), ({}, "had_on")],
)
def test_a_dose_had_elsewhere_needs_its_date_and_place(nurse, course, typed, field):
    refused = miss(nurse, course, "elsewhere", **typed)
    assert refused.status_code == 422
    assert field in refused.context["form"].errors
    assert not Injection.objects.exists()


def test_the_same_form_sent_twice_is_one_dose(nurse, course):
    sent = {**sent_by(nurse.get(address(course))), "reason": "elsewhere", **had()}
    first, second = nurse.post(address(course), sent), nurse.post(address(course), sent)
    assert first.url == second.url
    assert Injection.objects.count() == 1


def test_a_form_opened_for_another_patient_saves_nothing(nurse, course):
    other = a_course(a_patient(course.clinic), starts_on=TODAY, interval=months(3))
    sent = {**sent_by(nurse.get(address(other))), "reason": "elsewhere", **had()}
    refused = nurse.post(address(course), sent)
    assert refused.status_code == 422
    assert "not opened for this patient" in refused.content.decode()
    assert not Injection.objects.exists()


def test_voiding_takes_back_what_a_physician_was_asked(nurse, course):
    miss(nurse, course, "held")
    row = NotGiven.objects.get()
    nurse.post(address(course, "void_not_given", row.pk), {"reason": "Wrong patient"})
    assert not Request.objects.unanswered().exists()
    assert Decision.objects.get(request=row.request).outcome == "withdrawn"


def test_a_reason_is_needed(nurse, course):
    assert miss(nurse, course, "").status_code == 422
    assert miss(nurse, course, "bored").status_code == 422
    assert not NotGiven.objects.exists()


@pytest.mark.parametrize(
    "day", [{"on_day": "10"}, {"on_day": "31", "on_month": "2"}, {"on_day": ""}], ids=str
)
def test_a_day_to_come_or_no_day_is_refused(nurse, course, day):
    refused = miss(nurse, course, **day)
    assert refused.status_code == 422
    assert "on" in refused.context["form"].errors


def test_the_same_day_is_recorded_once(nurse, course):
    miss(nurse, course)
    assert miss(nurse, course).status_code == 422
    assert NotGiven.objects.count() == 1


def test_a_day_with_a_dose_was_not_missed(nurse, course):
    an_injection(course, TODAY)
    assert miss(nurse, course).status_code == 422


def test_without_a_plan_there_is_nothing_to_miss(nurse, course):
    patient = a_patient(course.clinic)
    empty = nurse.get(reverse("record_not_given", args=[patient.pk]))
    assert "No dose is planned" in empty.content.decode()
    assert nurse.post(reverse("record_not_given", args=[patient.pk]), {"reason": "dna"}).status_code in (
        200,
        422,
    )
    assert not NotGiven.objects.exists()


def test_a_wrong_record_is_voided_with_a_reason_and_stays(nurse, course):
    miss(nurse, course)
    row = NotGiven.objects.get()
    void = address(course, "void_not_given", row.pk)
    assert nurse.post(void, {"reason": ""}).status_code == 422
    assert nurse.post(void, {"reason": "Came late"}).status_code == 302
    assert nurse.post(void, {"reason": "Again"}).status_code == 422
    assert "Came late" in nurse.get(address(course, "not_given", row.pk)).content.decode()
    assert miss(nurse, course).status_code == 302


@pytest.mark.parametrize("role", [Role.RECEPTION, Role.MANAGER, Role.AUDITOR])
def test_only_nurses_and_physicians_record_it(course, client, role):
    client.force_login(a_member(course.clinic, role))
    assert client.get(address(course)).status_code == 403
    assert client.post(address(course), {"reason": "dna"}).status_code == 403


def test_another_clinics_patient_is_not_there(nurse, course):
    miss(nurse, course)
    row = NotGiven.objects.get()
    nurse.force_login(a_nurse(a_clinic()))
    for name, keys in (("record_not_given", ()), ("not_given", (row.pk,)), ("void_not_given", (row.pk,))):
        assert nurse.get(address(course, name, *keys)).status_code == 404
    assert nurse.post(address(course, "void_not_given", row.pk), {"reason": "x"}).status_code == 404
