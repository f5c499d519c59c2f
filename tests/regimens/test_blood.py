"""Blood is taken and its result awaited: no check is satisfied by a needle, each is by the day of its results."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.urls import reverse

from patients.models import Role
from patients.refusals import NotAllowed
from regimens import lab_checks
from regimens.course_values import values_of
from regimens.models import Appointment, BloodSample, Course
from regimens.models.course import EndReason
from regimens.protocol.intervals import months
from regimens.services import blood_samples, clinical, courses, outlook
from tests.factories import a_clinic, a_course, a_member, a_nurse, a_patient, a_physician, an_injection, now

pytestmark = pytest.mark.django_db

FIRST = date(2026, 1, 5)
THREE_MONTHS = date(2026, 4, 5)  # in time from 22 March to 19 April
IN_TIME = date(2026, 4, 7)
PANEL = {
    "B12": (300, "pmol/L"),
    "HB": (130, "g/L"),
    "MCV": (88, "fL"),
    "PLT": (220, "10^9/L"),
    "HCY": (9, "umol/L"),
}


@pytest.fixture(autouse=True)
def every_outlook_is_what_its_rows_give():
    yield
    assert list(outlook.differences()) == []


@pytest.fixture
def course(today_is):
    """The first dose on 5 January; it is the 7th of April, and the check at three months is open."""
    today_is(FIRST)
    course = a_course(starts_on=FIRST, interval=months(2), loaded_elsewhere=True)
    an_injection(course, FIRST)
    today_is(IN_TIME)
    course.refresh_from_db()
    return course


def take(course, on=IN_TIME, **said):
    return blood_samples.take_blood(
        patient=course.patient, taken_on=on, now=now(), recorded_by=a_nurse(course.clinic), **said
    )


def results(course, on=IN_TIME, names=tuple(PANEL), **changed):
    values = PANEL | changed
    return clinical.record_results(
        patient=course.patient,
        collected_on=on,
        lab="City Lab",
        values=[
            {
                "analyte": name,
                "value": Decimal(str(values[name][0])),
                "unit": values[name][1],
                "confirmed": True,
            }
            for name in names
        ],
        now=now(),
        recorded_by=a_nurse(course.clinic),
    )


def stands(course):
    course.refresh_from_db()
    return course.lab_name, course.blood_taken_on


def test_blood_that_was_taken_is_awaited_and_satisfies_no_check(course):
    sample = take(course)
    assert (sample.check_name, sample.check_due_on) == ("3m", THREE_MONTHS)
    assert sample.tests == ["B12", "HB", "MCV", "PLT", "HCY"]
    assert stands(course) == ("3m", IN_TIME)


def test_its_results_satisfy_the_check_by_the_day_it_was_taken(course, today_is):
    take(course)
    today_is(date(2026, 5, 20))
    outlook.roll_lab_checks(now())
    course.refresh_from_db()
    assert course.missed_lab_name == "3m", "until the result is back the check is open, and then overdue"
    results(course)
    course.refresh_from_db()
    assert (course.missed_lab_name, course.lab_name, course.blood_taken_on) == ("", "6m", None)


def test_a_part_of_the_results_leaves_the_rest_awaited(course):
    take(course)
    results(course, names=("B12", "HB", "MCV", "PLT"))
    assert stands(course) == ("3m", IN_TIME)
    results(course, names=("HCY",))
    assert stands(course) == ("6m", None)


def test_a_result_that_was_a_mistake_is_awaited_again(course):
    take(course)
    rows = results(course)
    clinical.void_result(result=rows[0], voided_by=a_nurse(course.clinic), reason="Another patient's")
    assert stands(course) == ("3m", IN_TIME)


def test_a_b12_that_a_physician_left_out_is_not_awaited(today_is):
    today_is(FIRST)
    course = a_course(starts_on=FIRST, interval=months(2), loaded_elsewhere=True, tests_b12=False)
    an_injection(course, FIRST)
    today_is(IN_TIME)
    assert take(course).tests == ["HB", "MCV", "PLT", "HCY"]
    results(course, names=("HB", "MCV", "PLT", "HCY"))
    assert stands(course) == ("6m", None)


def test_before_its_window_blood_is_for_no_check(course, today_is):
    today_is(early := date(2026, 3, 21))
    assert take(course, early).check_name == ""
    results(course, early)
    assert stands(course) == ("3m", None), "drawn a day too early it satisfies nothing"


def test_a_lost_sample_is_awaited_no_longer_and_another_may_be_drawn(course):
    sample = take(course)
    with pytest.raises(NotAllowed, match="awaited"):
        take(course, IN_TIME - timedelta(days=1))
    with pytest.raises(NotAllowed, match="what became of"):
        blood_samples.lose_sample(sample=sample, reason=" ", recorded_by=a_nurse(course.clinic))
    blood_samples.lose_sample(sample=sample, reason="Clotted", recorded_by=a_nurse(course.clinic))
    assert stands(course) == ("3m", None)
    with pytest.raises(NotAllowed, match="not awaited any more"):
        blood_samples.lose_sample(sample=sample, reason="Again", recorded_by=a_nurse(course.clinic))
    assert take(course).pk != sample.pk
    assert stands(course) == ("3m", IN_TIME)


def test_a_voided_record_of_blood_is_awaited_no_longer(course):
    sample = take(course)
    said = {"now": now(), "voided_by": a_nurse(course.clinic)}
    blood_samples.void_sample(sample=sample, reason="Wrong patient", **said)
    assert stands(course) == ("3m", None)
    with pytest.raises(NotAllowed, match="voided already"):
        blood_samples.void_sample(sample=sample, reason="Again", **said)


@pytest.mark.parametrize(
    ("on", "why"),
    [
        (IN_TIME + timedelta(days=1), "has not come"),
        (date(1969, 1, 1), "before the patient was born"),
    ],
)
def test_blood_is_not_taken_on_impossible_days(course, on, why):
    with pytest.raises(NotAllowed, match=why):
        take(course, on)


def test_nothing_is_awaited_where_the_results_are_there_already(course):
    results(course)
    with pytest.raises(NotAllowed, match="all on record"):
        take(course)


def test_without_a_treatment_nothing_is_awaited(today_is):
    today_is(IN_TIME)
    patient = a_patient()
    with pytest.raises(NotAllowed, match="No treatment"):
        blood_samples.take_blood(
            patient=patient, taken_on=IN_TIME, now=now(), recorded_by=a_nurse(patient.clinic)
        )


def test_after_a_resolved_cause_the_recheck_is_drawn_and_done(course, today_is):
    ended_on = IN_TIME
    courses.stop(
        course=course,
        reason=EndReason.REVERSIBLE_CAUSE_RESOLVED,
        on=ended_on,
        decided_by=a_physician(course.clinic),
    )
    today_is(later := date(2026, 7, 6))
    assert take(course, later).check_name == "extra"
    assert stands(course) == ("extra", later)
    results(course, later)
    assert stands(course) == ("", None)


def test_of_the_dead_nobody_awaits_a_result(course):
    take(course)
    courses.record_death(patient=course.patient, on=IN_TIME, recorded_by=a_nurse(course.clinic))
    assert stands(course)[1] is None


def test_the_place_that_was_booked_for_it_was_kept(course):
    place = Appointment.objects.create(
        clinic=course.clinic,
        patient=course.patient,
        course=course,
        subject="lab",
        due_on=THREE_MONTHS,
        on=IN_TIME,
        at="09:00",
        state="no_show",
        closed_at=now(),
        closed_by=a_nurse(course.clinic),
    )
    sample = take(course)
    place.refresh_from_db()
    assert place.state == "kept", "came after all"
    blood_samples.void_sample(
        sample=sample, now=now(), voided_by=a_nurse(course.clinic), reason="Wrong patient"
    )
    place.refresh_from_db()
    assert place.state == "booked"


def test_an_awaited_sample_of_an_ended_course_is_still_watched(course):
    take(course)
    courses.stop(
        course=course,
        reason=EndReason.DIAGNOSIS_REVISED,
        on=IN_TIME,
        decided_by=a_physician(course.clinic),
    )
    assert stands(course)[1] == IN_TIME


# -- Why the next check comes when it does ------------------------------------------------------------------


def explained(course, today):
    course.refresh_from_db()
    values = values_of([Course.objects.select_related("patient", "clinic").get(pk=course.pk)])[course.pk]
    return lab_checks.next_check(values, today)


def test_after_the_first_year_the_page_says_which_condition_keeps_it_at_three_months(course, today_is):
    ranges = {"HB": (130, "g/L"), "HCY": (9, "umol/L")}
    for on, hcy in ((date(2026, 7, 3), 9), (date(2027, 1, 5), 9.4)):
        today_is(on)
        results(course, on, **ranges | {"HCY": (hcy, "umol/L")})
    next_one = explained(course, date(2027, 1, 5))
    assert next_one.check.name == "15m"
    assert next_one.why == "Every three months and not yearly: homocysteine rose, 9 umol/L then 9.4 umol/L."
    verdicts = {each.what: each.verdict for each in next_one.asked}
    assert verdicts["Homocysteine not rising"] == "not met"
    assert verdicts["MCV in range in both"] == "met"
    assert verdicts["Haemoglobin in range in both"] == "cannot be told"


def test_where_steadiness_cannot_be_told_the_page_says_so(course, today_is):
    for on in (date(2026, 7, 3), date(2027, 1, 5)):
        today_is(on)
        results(course, on)
    next_one = explained(course, date(2027, 1, 5))
    assert next_one.check.name == "24m"
    assert "cannot be told: haemoglobin in range in both: the laboratory gave no range" in next_one.why


def test_in_the_first_year_the_date_depends_on_nothing(course):
    next_one = explained(course, IN_TIME)
    assert (next_one.check.name, next_one.asked) == ("3m", ())


# -- The pages ----------------------------------------------------------------------------------------------


def page(course, name="take_blood", *keys):
    return reverse(name, args=[course.patient_id, *keys])


DAY = {"taken_on_day": "7", "taken_on_month": "4", "taken_on_year": "2026"}


@pytest.fixture
def nurse(client, course):
    client.force_login(a_nurse(course.clinic))
    return client


def test_a_nurse_records_blood_in_two_taps_and_is_told_what_it_is_for(nurse, course):
    shown = nurse.get(page(course)).text
    assert "3 months" in shown
    assert "22-Mar-2026 to 19-Apr-2026" in shown
    answer = nurse.post(f"{page(course)}?from=blood-tests", DAY)
    assert (answer.status_code, answer.url) == (302, "/blood-tests/")
    sample = BloodSample.objects.get()
    assert (sample.taken_on, sample.recorded_by) == (IN_TIME, a_nurse(course.clinic))
    assert "from 14-Apr-2026 on they are listed as overdue" in nurse.get("/blood-tests/").text


def test_the_form_sent_twice_makes_one_sample(nurse, course):
    nurse.post(page(course), DAY)
    again = nurse.post(page(course), DAY)
    assert again.status_code == 422
    assert BloodSample.objects.count() == 1


def test_the_page_warns_before_the_window_and_after_a_dose(nurse, course, today_is):
    today_is(date(2026, 3, 9))
    an_injection(course, date(2026, 3, 5), already_given=True)
    shown = nurse.get(page(course)).text
    assert "No check is open today" in shown
    assert "within 14 days after a dose" in shown


def test_the_sample_shows_what_is_back_and_leads_to_the_results_of_its_day(nurse, course, today_is):
    sample = take(course)
    results(course, names=("HB",))
    today_is(IN_TIME + timedelta(days=8))
    nurse.force_login(a_nurse(course.clinic))
    shown = nurse.get(page(course, "blood_sample", sample.pk)).text
    assert "Results overdue" in shown
    assert shown.count("Not back") == 4
    form = nurse.get(page(course, "record_results") + "?taken=2026-04-07").context["form"]
    assert form["collected_on"].initial == IN_TIME


def test_losing_and_voiding_on_their_pages(nurse, course):
    sample = take(course)
    assert nurse.post(page(course, "lose_blood", sample.pk), {"reason": ""}).status_code == 422
    assert nurse.post(page(course, "lose_blood", sample.pk), {"reason": "Clotted"}).status_code == 302
    assert "Clotted" in nurse.get(page(course, "blood_sample", sample.pk)).text
    other = take(course)
    assert nurse.post(page(course, "void_blood", other.pk), {"reason": "Wrong patient"}).status_code == 302
    assert "Wrong patient" in nurse.get(page(course, "blood_sample", other.pk)).text


def test_who_may_record_blood_and_who_may_only_look(client, course):
    sample = take(course)
    for role in Role:
        client.force_login(a_member(course.clinic, role))
        records = 200 if role in (Role.NURSE, Role.PHYSICIAN) else 403
        looks = 200 if records == 200 or role == Role.AUDITOR else 403
        for name in ("take_blood", "lose_blood", "void_blood"):
            keys = () if name == "take_blood" else (sample.pk,)
            assert client.get(page(course, name, *keys)).status_code == records, (role, name)
        assert client.get(page(course, "blood_sample", sample.pk)).status_code == looks, role
    client.force_login(a_nurse(a_clinic("Elsewhere")))
    assert client.get(page(course)).status_code == 404
