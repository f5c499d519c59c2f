"""One patient's story along one axis, as the page shows it to each role, for a day and for a life."""

import re
from datetime import date, timedelta
from decimal import Decimal
from html.parser import HTMLParser

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from monitoring.axis import kinds
from patients.models import Patient, Result, Role
from regimens.models import Injection
from regimens.protocol.intervals import months
from regimens.services import (
    appointments,
    blood_samples,
    clinical,
    courses,
    injections,
    intervals,
    lab_checks,
    not_given,
)
from regimens.services.locking import lock_patient
from regimens.services.outlook import refresh_outlook
from tests.factories import (
    a_clinic,
    a_course,
    a_member,
    a_nurse,
    a_patient,
    a_physician,
    a_proposal,
    an_injection,
    now,
)
from tests.monitoring.long_life import years_of_treatment

pytestmark = pytest.mark.django_db

LOADED = [date(2026, 1, day) for day in (5, 7, 9, 12, 14, 16)]
DUE = date(2026, 4, 16)


@pytest.fixture
def course(today_is):
    today_is(LOADED[0])
    return a_course(a_patient(phone="020 7946 0000"), starts_on=LOADED[0], interval=months(3))


@pytest.fixture
def loaded(course, today_is):
    for number, day in enumerate(LOADED):
        today_is(day)
        an_injection(course, day, site="DELTOID_L" if number % 2 else "DELTOID_R")
    course.refresh_from_db()
    return course


def opened(client, patient, role=Role.PHYSICIAN, **asked):
    people = {Role.NURSE: a_nurse, Role.PHYSICIAN: a_physician}
    who = people[role](patient.clinic) if role in people else a_member(patient.clinic, role)
    client.force_login(who)
    response = client.get(reverse("patient", args=[patient.pk]), asked)
    assert response.status_code == 200
    return response


def axis(client, patient, role=Role.PHYSICIAN, **asked):
    return opened(client, patient, role, **asked).context["axis"]


def drawn(shown):
    """{lane: {kind: how many}} of everything that is drawn."""
    return {lane.key: {each.kind.key: each.count for each in lane.drawn} for lane in shown.lanes}


def words(shown):
    """Everything that the rows say."""
    return " | ".join(f"{row.title}: {title} {text}" for row in shown.rows for title, text in row.lines)


def results(course, day, *values):
    clinical.record_results(
        patient=course.patient,
        collected_on=day,
        values=[dict(zip(("analyte", "value", "unit"), value, strict=True)) for value in values],
        now=now(),
        recorded_by=a_nurse(course.clinic),
    )


PANEL = (
    ("B12", "410", "ng/L"),
    ("HCY", "9.4", "umol/L"),
    ("HB", "138", "g/L"),
    ("MCV", "91", "fL"),
    ("PLT", "231", "10^9/L"),
)


# -- what is drawn --------------------------------------------------------------------------------------------


def test_injections_are_drawn_in_time_early_late_voided_and_not_counting(loaded, client, today_is):
    nurse = a_nurse(loaded.clinic)
    today_is(date(2026, 5, 3))
    an_injection(loaded, date(2026, 5, 3))
    today_is(date(2026, 8, 1))
    an_injection(loaded, date(2026, 8, 1), partial=True)
    today_is(date(2026, 8, 3))
    wrong = an_injection(loaded, date(2026, 8, 3))
    injections.void_injection(injection=wrong, now=now(), voided_by=nurse, reason="Wrong patient")
    an_injection(loaded, date(2026, 6, 1), already_given=True)
    shown = axis(client, loaded.patient)
    doses = drawn(shown)["doses"]
    assert {key: doses[key] for key in ("in_time", "early", "late", "uncounted", "voided")} == {
        "in_time": 6,
        "early": 1,
        "late": 1,
        "uncounted": 1,
        "voided": 1,
    }
    said = words(shown)
    assert "05-Jan-2026 dose 1, in time" in said
    assert "03-May-2026 dose 7, 3 days after its window" in said
    assert "01-Aug-2026 dose 8, partial, not counting" in said
    assert "03-Aug-2026 dose 8, voided" in said


def test_a_dose_from_elsewhere_says_so_and_has_no_window(loaded, client):
    Injection.objects.create(
        patient=loaded.patient,
        source="imported",
        source_name="Northern Road",
        given_on=date(2025, 12, 1),
        product="HYDROXOCOBALAMIN",
        micrograms=1000,
        route="IM",
    )
    shown = axis(client, loaded.patient)
    assert drawn(shown)["doses"]["windowless"] == 1
    assert "01-Dec-2025 injection, imported history, without a window on record" in words(shown)


def test_the_next_years_doses_and_checks_stand_right_of_today_with_their_windows(loaded, client, today_is):
    today_is(date(2026, 1, 20))
    shown = axis(client, loaded.patient)
    [doses] = [lane for lane in shown.lanes if lane.key == "doses"]
    [to_come] = [each for each in doses.drawn if each.kind is kinds.DUE]
    assert to_come.count == 4
    assert all(float(x) > float(shown.head.today) for x in re.findall(r"M([\d.]+)", to_come.path))
    assert doses.windows.count("M") == 4
    assert drawn(shown)["labs"] == {"check_due": 3}
    assert "dose 7 due, window 02-Apr-2026 to 30-Apr-2026" in words(shown)


def test_what_is_overdue_stays_where_it_was_due(loaded, client, today_is):
    today_is(date(2026, 6, 1))
    shown = axis(client, loaded.patient)
    assert drawn(shown)["doses"]["overdue"] == 1
    assert "16-Apr-2026 dose 7 due" in words(shown)


def test_a_lapsed_patients_axis_reaches_back_to_the_last_dose(loaded, client, today_is):
    today_is(date(2029, 3, 1))
    shown = axis(client, loaded.patient)
    assert shown.span.holds(LOADED[-1])
    assert shown.span.holds(date(2030, 2, 28))
    assert drawn(shown)["doses"]["in_time"] == 6


def test_checks_are_drawn_done_late_missed_and_let_go(loaded, client, today_is):
    today_is(date(2026, 4, 6))
    results(loaded, date(2026, 4, 6), *PANEL)
    today_is(date(2026, 8, 20))
    results(loaded, date(2026, 8, 20), *PANEL)
    today_is(date(2027, 3, 1))
    results(loaded, date(2027, 2, 1), ("HB", "139", "g/L"))
    shown = axis(client, loaded.patient)
    assert drawn(shown)["labs"] == {"done": 1, "done_late": 1, "missed": 1, "sample": 1, "check_due": 1}
    assert "06-Apr-2026 check at 3 months done in time, was due 05-Apr-2026" in words(shown)
    assert "20-Aug-2026 check at 6 months done late, was due 05-Jul-2026" in words(shown)
    with transaction.atomic():
        refresh_outlook(lock_patient(loaded.patient), labs_as_of=date(2027, 3, 1))
    loaded.refresh_from_db()
    lab_checks.waive_lab_check(
        course=loaded,
        name="12m",
        due_on=loaded.missed_lab_due_on,
        on=date(2027, 3, 1),
        reason="Abroad",
        decided_by=a_physician(loaded.clinic),
    )
    assert drawn(axis(client, loaded.patient))["labs"]["let_go"] == 1


@pytest.mark.parametrize(
    ("reason", "owed"), [("reversible_cause_resolved", {"check_due": 1}), ("diagnosis_revised", None)]
)
def test_after_the_end_only_the_recheck_of_a_resolved_cause_is_owed(loaded, client, today_is, reason, owed):
    today_is(date(2026, 3, 2))
    courses.stop(course=loaded, reason=reason, on=date(2026, 3, 2), decided_by=a_physician(loaded.clinic))
    shown = axis(client, loaded.patient)
    assert drawn(shown).get("labs") == owed
    assert [choice.words for choice in shown.stretches][0] == "The last year"
    assert shown.span.holds(date(2026, 6, 2)) == bool(owed)


def test_blood_whose_result_is_not_back_is_drawn_and_told(loaded, client, today_is):
    today_is(date(2026, 4, 2))
    blood_samples.take_blood(
        patient=loaded.patient, taken_on=date(2026, 4, 2), now=now(), recorded_by=a_nurse(loaded.clinic)
    )
    page = opened(client, loaded.patient)
    assert drawn(page.context["axis"])["labs"] == {"taken": 1, "check_due": 3}
    assert "02-Apr-2026 blood taken, result not back" in words(page.context["axis"])
    assert "Blood taken</a> · Check at 3 months" in page.content.decode()


def test_symptoms_are_tagged_with_the_days_since_the_last_injection(loaded, client, today_is):
    day = LOADED[-1] + timedelta(days=84)
    today_is(day)
    clinical.record_symptoms(
        patient=loaded.patient,
        reported_on=day,
        fatigue="worse",
        now=now(),
        recorded_by=a_nurse(loaded.clinic),
    )
    clinical.record_symptoms(
        patient=loaded.patient,
        reported_on=LOADED[-1],
        gait="new",
        now=now(),
        recorded_by=a_nurse(loaded.clinic),
    )
    shown = axis(client, loaded.patient)
    assert drawn(shown)["symptoms"] == {"returned": 1, "worse": 1}
    assert "Fatigue: worse (84 days after an injection)" in words(shown)
    assert "Gait: new (2 days after an injection)" in words(shown)


def test_plans_pauses_and_the_end_have_one_lane(loaded, client, today_is):
    physician = a_physician(loaded.clinic)
    today_is(date(2026, 2, 1))
    intervals.change_interval(
        course=loaded, interval=months(2), reason="Tired again", now=now(), decided_by=physician
    )
    courses.pause(
        course=loaded, on=date(2026, 2, 1), until=date(2026, 3, 1), reason="Abroad", decided_by=physician
    )
    shown = axis(client, loaded.patient)
    [plan] = [lane for lane in shown.lanes if lane.key == "plan"]
    assert [bar.look for bar in plan.bars] == ["plan", "plan", "pause"]
    assert "01-Feb-2026 plan 3 signed: every 2 months" in words(shown)
    assert "paused until 01-Mar-2026: Abroad" in words(shown)
    today_is(date(2026, 3, 1))
    courses.stop(course=loaded, reason="diagnosis_revised", on=date(2026, 3, 1), decided_by=physician)
    shown = axis(client, loaded.patient)
    assert drawn(shown)["plan"]["ended"] == 1
    assert "treatment ended: Diagnosis revised" in words(shown)
    assert "due" not in drawn(shown)["doses"]


def test_not_given_and_appointments_are_drawn(loaded, client, today_is):
    nurse = a_nurse(loaded.clinic)
    today_is(date(2026, 4, 1))
    appointments.book(
        course=loaded, subject="dose", on=DUE, at=loaded.clinic.opens_at, now=now(), booked_by=nurse
    )
    today_is(DUE)
    not_given.record_not_given(
        course=loaded, on=DUE, reason="dna", note="No answer", now=now(), recorded_by=nurse
    )
    shown = axis(client, loaded.patient)
    assert drawn(shown)["missed"] == {"not_given": 1}
    assert sum(drawn(shown)["bookings"].values()) == 1
    assert "16-Apr-2026 not given: did not attend (No answer)" in words(shown)


def test_one_who_was_just_referred_has_an_axis_without_an_empty_year_before(client, today_is):
    today_is(LOADED[0])
    patient = a_proposal(a_patient(), LOADED[0]).course.patient
    shown = axis(client, patient)
    assert shown.span.first == date(2026, 1, 1)
    assert drawn(shown)["plan"] == {"proposed": 1}
    assert "Serum B12" in shown.nothing


def test_one_of_whom_nothing_is_known_has_an_axis_too(client, today_is):
    today_is(LOADED[0])
    shown = axis(client, a_patient())
    assert shown.lanes == ()
    assert shown.rows == ()
    assert shown.head.today


def test_a_merged_records_story_is_drawn_with_the_patients_own(loaded, client):
    other = a_patient(loaded.clinic)
    Result.objects.create(
        patient=other, analyte="HB", value=Decimal(98), unit="g/L", collected_on=date(2025, 12, 20)
    )
    Patient.objects.filter(pk=other.pk).update(merged_into=loaded.patient)
    shown = axis(client, loaded.patient)
    assert [plot.key for plot in shown.plots] == ["hb"]
    assert "20-Dec-2025 98 g/L" in words(shown)


# -- the plots ------------------------------------------------------------------------------------------------


def test_values_are_plotted_under_the_same_axis_with_injection_ticks(loaded, client):
    results(loaded, LOADED[2], *PANEL)
    shown = axis(client, loaded.patient)
    assert [plot.key for plot in shown.plots] == ["b12", "hcy", "hb", "mcv", "plt"]
    assert shown.needles == ["in_time"]
    b12 = shown.plots[0]
    assert [how for how, _path in b12.points] == ["hollow"]
    assert "302.6 pmol/L (reported 410 ng/L), on the day of an injection" in words(shown)
    text = opened(client, loaded.patient).content.decode()
    assert "protocol target under 10" in text
    assert 'href="/protocol/#C-03"' in text
    assert "within 14 days after an injection" in text


def test_no_value_is_called_good_and_nothing_on_the_axis_is_green(loaded, client, today_is):
    today_is(date(2026, 4, 6))
    results(loaded, date(2026, 4, 6), *PANEL)
    text = opened(client, loaded.patient).content.decode()
    along = text[text.index('id="along"') :]
    along = along[: along.index("</section>")]
    assert "tone-good" not in along
    assert not re.search(r"(?i)normal|deficien|satisfactory|good", along)


# -- zoom and filter ------------------------------------------------------------------------------------------


def test_each_earlier_year_and_the_whole_life_can_be_looked_at_by_link(loaded, client, today_is):
    today_is(date(2028, 3, 1))
    shown = axis(client, loaded.patient)
    assert [choice.words for choice in shown.stretches] == [
        "Last and next year",
        "2027",
        "2026",
        "Whole life",
    ]
    year = axis(client, loaded.patient, years="2026")
    assert (year.span.first, year.span.last) == (date(2026, 1, 1), date(2026, 12, 31))
    assert year.head.today == ""
    assert [choice.words for choice in year.stretches if choice.holds] == ["2026"]
    life = axis(client, loaded.patient, years="all")
    assert life.span.holds(LOADED[0])
    assert life.span.holds(date(2029, 2, 28))


@pytest.mark.parametrize(
    "years", ["2025", "2028", "1", "-1", "x", "2026x", "99999999999999999999", "٢٠٢٦", "\x00"]
)
def test_a_year_of_which_there_is_nothing_shows_the_ordinary_stretch(loaded, client, today_is, years):
    today_is(date(2028, 3, 1))
    assert axis(client, loaded.patient, years=years).asked.years == ""


def test_lanes_are_hidden_and_shown_again_by_link_and_the_page_says_what_is_hidden(loaded, client):
    results(loaded, LOADED[2], *PANEL)
    shown = axis(client, loaded.patient)
    [hide] = [choice.address for choice in shown.kinds if choice.key == "doses"]
    assert hide == "?hide=doses#along"
    page = client.get(reverse("patient", args=[loaded.patient_id]) + hide.partition("#")[0])
    hidden = page.context["axis"]
    assert "doses" not in drawn(hidden)
    assert "Not drawn:</strong> Injections." in page.content.decode()
    [both] = [choice.address for choice in hidden.kinds if choice.key == "hb"]
    assert both == "?hide=doses.hb#along"
    [back] = [choice.address for choice in hidden.kinds if choice.key == "doses"]
    assert back == "?#along"
    assert axis(client, loaded.patient, hide="hb.nonsense.").asked.hidden == {"hb"}


def test_zoom_and_filter_stay_while_the_history_is_stepped_through(loaded, client, monkeypatch):
    monkeypatch.setattr("monitoring.timeline.PAGE", 3)
    page = opened(client, loaded.patient, years="all", hide="letters")
    assert page.context["later_url"].startswith("?years=all&hide=letters&before=")
    later = client.get(
        reverse("patient", args=[loaded.patient_id]) + page.context["later_url"].partition("#")[0]
    )
    assert later.context["axis"].asked.years == "all"
    assert later.context["newest_url"] == "?years=all&hide=letters#story"


def test_no_address_says_anything_about_the_patient(loaded, client):
    shown = axis(client, loaded.patient, years="all", hide="hb")
    for choice in (*shown.stretches, *shown.kinds):
        assert re.fullmatch(r"\?(years=(\d{4}|all))?&?(hide=[a-z0-9.]+)?#along", choice.address), (
            choice.address
        )


# -- who sees what --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("role", [Role.RECEPTION, Role.MANAGER])
def test_reception_and_manager_see_dates_only(loaded, client, today_is, role):
    nurse = a_nurse(loaded.clinic)
    clinical.record_symptoms(
        patient=loaded.patient, reported_on=LOADED[5], gait="worse", now=now(), recorded_by=nurse
    )
    results(loaded, LOADED[5], *PANEL)
    not_given.record_not_given(
        course=loaded, on=date(2026, 1, 15), reason="dna", now=now(), recorded_by=nurse
    )
    today_is(date(2026, 5, 2))
    shown = axis(client, loaded.patient, role)
    assert set(drawn(shown)) <= {"doses", "labs", "letters", "bookings"}
    assert set(drawn(shown)["doses"]) == {"due", "overdue"}
    assert set(drawn(shown)["labs"]) == {"missed", "check_due"}
    assert shown.plots == ()
    assert shown.needles == []
    assert shown.head.first_dose == ""
    assert [choice.words for choice in shown.kinds] == [
        "Injections to come",
        "Blood tests to come",
        "Letters and calls",
        "Appointments",
    ]
    assert not re.search("in time|Gait|pmol|g/L|dose 1,|plan|every", words(shown))


@pytest.mark.parametrize("role", [Role.NURSE, Role.PHYSICIAN, Role.AUDITOR])
def test_clinical_roles_see_every_lane(loaded, client, role):
    assert len(axis(client, loaded.patient, role).kinds) == 12


def test_the_physicians_page_goes_from_what_is_wrong_to_the_plan(loaded, client, today_is):
    today_is(date(2026, 6, 1))
    text = opened(client, loaded.patient).content.decode()
    places = [text.index(f'id="{part}"') for part in ("next", "along", "story", "facts", "plan", "contact")]
    assert places == sorted(places)


# -- keyboard and words ---------------------------------------------------------------------------------------


class Links(HTMLParser):
    """Every link of the axis with its title, and every id of the page."""

    def __init__(self, text):
        super().__init__()
        self.ids, self.marks, self.skips, self.open, self.titled = set(), [], [], None, False
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        attrs = dict(attrs)
        self.ids.add(attrs.get("id"))
        if tag == "a" and "class" not in attrs and attrs.get("href", "").startswith("#in"):
            self.open = [attrs["href"][1:], ""]
        if tag == "a" and attrs.get("class") == "skip":
            self.skips.append(attrs["href"][1:])
        self.titled = tag == "title" and self.open is not None

    def handle_data(self, data):
        if self.titled:
            self.open[1] += data

    def handle_endtag(self, tag):
        if tag == "a" and self.open:
            self.marks.append(tuple(self.open))
            self.open = None


@pytest.mark.parametrize("years", ["", "all"])
def test_every_mark_and_value_is_reached_by_keyboard_with_its_words(course, client, today_is, years):
    course.opened_on = date(2006, 1, 5)
    years_of_treatment(course, date(2026, 6, 10))
    today_is(date(2026, 6, 12))
    page = opened(client, course.patient, years=years)
    shown, links = page.context["axis"], Links(page.content.decode())
    assert links.marks
    assert {row for row, _title in links.marks} <= links.ids
    assert all(title for _row, title in links.marks)
    # Whatever is drawn stands in a row that a link leads to.
    assert {row.key for row in shown.rows} == {row for row, _title in links.marks}
    if not years:
        assert ("in202604", "05-Apr-2026 dose 244, in time") in links.marks
        assert any("308.3" in title or "302.9" in title for _row, title in links.marks)


def test_one_who_uses_the_keyboard_can_skip_each_lane(course, client, today_is):
    course.opened_on = date(2020, 1, 5)
    years_of_treatment(course, date(2026, 6, 10))
    today_is(date(2026, 6, 12))
    page = opened(client, course.patient)
    links = Links(page.content.decode())
    assert set(links.skips) <= links.ids
    crowded = [lane.key for lane in page.context["axis"].lanes if len(lane.cells) > 1]
    assert [skip.removeprefix("after-") for skip in links.skips][: len(crowded)] == crowded


# -- limits ---------------------------------------------------------------------------------------------------


def asked(client, patient, **query):
    with CaptureQueriesContext(connection) as captured:
        response = client.get(reverse("patient", args=[patient.pk]), query)
    return len(captured), len(response.content) / 1000


def test_forty_years_of_monthly_injections_cost_no_more_queries_than_a_day_and_fit_the_page(client, today_is):
    today_is(LOADED[0])
    clinic = a_clinic()
    fresh, twenty, forty = (
        a_course(a_patient(clinic), starts_on=LOADED[0], interval=months(3)) for _ in range(3)
    )
    merged = a_patient(clinic)
    Patient.objects.filter(pk=merged.pk).update(merged_into=forty.patient)
    twenty.opened_on, forty.opened_on = date(2006, 1, 5), date(1986, 1, 5)
    today = date(2026, 6, 12)
    for course in (twenty, forty):
        course.opened_on = course.opened_on
        type(course).objects.filter(pk=course.pk).update(
            opened_on=course.opened_on, history_from_on=course.opened_on
        )
        years_of_treatment(course, today - timedelta(days=2))
    today_is(today)
    client.force_login(a_physician(clinic))
    asked(client, fresh.patient)
    costs = {
        (name, years): asked(client, course.patient, years=years)
        for name, course in (("fresh", fresh), ("twenty", twenty), ("forty", forty))
        for years in ("", "2025", "all")
    }
    print({key: (queries, f"{size:.0f} kB") for key, (queries, size) in costs.items()})  # noqa: T201
    assert (
        len({queries for queries, _size in costs.values()}) <= 2
    )  # merged records are looked up with one more
    assert max(size for (name, _years), (_queries, size) in costs.items() if name == "twenty") < 60
    assert max(size for (name, years), (_queries, size) in costs.items() if years != "all") < 60
    assert costs["forty", "all"][1] < 90
