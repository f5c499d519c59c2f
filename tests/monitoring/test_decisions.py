"""What needs a decision: each kind appears when it should, leaves only when somebody decided, and is read by index."""

import re
from datetime import date, timedelta
from decimal import Decimal
from html import unescape

import pytest
from django.db import DatabaseError, connection, transaction
from django.db.models import QuerySet
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from monitoring import decisions
from monitoring.decisions import BY_KEY, KINDS, count, listing, overview
from patients.models import Patient, Result, Role
from patients.paging import ROWS
from regimens.models import Course, Decision, Injection, Plan, Request
from regimens.protocol.entries import Loading
from regimens.protocol.intervals import months
from regimens.services import clinical, courses, lab_checks, passed_dates, requests
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
    at,
    now,
)
from tests.monitoring.copies import copied

pytestmark = pytest.mark.django_db

MONDAY = date(2026, 1, 5)
LOADED = [MONDAY + timedelta(days=days) for days in (0, 2, 4, 7, 9, 11)]


def waiting(clinic, today):
    """{kind: [family names]} of everything that waits."""
    return {
        listed.kind.key: [row.family_name for row in listed.rows]
        for listed in overview(clinic, today)
        if listed.rows
    }


@pytest.fixture
def loaded(today_is):
    """A patient who was loaded and gets a dose every two months; the last one on 16 January."""
    today_is(MONDAY)
    course = a_course(starts_on=MONDAY, interval=months(2))
    for number, day in enumerate(LOADED):
        today_is(day)
        an_injection(course, day, site="DELTOID_L" if number % 2 else "DELTOID_R")
    course.refresh_from_db()
    return course


@pytest.fixture
def neuro(today_is):
    """A patient in loading on alternate days, one dose given."""
    today_is(MONDAY)
    course = a_course(starts_on=MONDAY, facts={"neuro": "present"})
    an_injection(course, MONDAY)
    course.refresh_from_db()
    return course


def test_nothing_waits_in_a_clinic_where_everything_is_decided(loaded):
    assert waiting(loaded.clinic, LOADED[-1]) == {}


def test_a_proposal_waits_for_a_signature_and_no_longer_once_signed(today_is):
    today_is(MONDAY)
    patient = a_patient()
    plan = a_proposal(patient, MONDAY)
    assert waiting(patient.clinic, MONDAY) == {"plans": ["Example"]}
    [row] = decisions._first(BY_KEY["plans"], patient.clinic, MONDAY)
    assert (row.what, row.act.name, row.since) == ("Plan to sign", "sign_plan", plan.proposed_at)
    assert [rule.id for rule in row.rules][:1] == ["D-02"]
    a_course(a_patient(patient.clinic), starts_on=MONDAY)
    assert waiting(patient.clinic, MONDAY) == {"plans": ["Example"]}


def test_a_plan_that_cannot_wait_stands_among_todays(today_is):
    today_is(MONDAY)
    patient = a_patient(facts={"neuro": "present"})
    a_proposal(patient, MONDAY)
    assert waiting(patient.clinic, MONDAY) == {"plans-today": ["Example"]}
    [row] = decisions._first(BY_KEY["plans-today"], patient.clinic, MONDAY)
    assert "W-NEURO-SPECIALIST" in row.codes
    assert "R-11" in {rule.id for rule in row.rules}


def test_an_imported_plan_is_adopted_under_its_own_heading(today_is):
    today_is(MONDAY)
    patient = a_patient()
    plan = a_proposal(patient, MONDAY)
    Injection.objects.create(
        patient=patient,
        course=plan.course,
        source=Injection.Source.IMPORTED,
        given_on=date(2025, 12, 1),
        product="HYDROXOCOBALAMIN",
        micrograms=1000,
        route="IM",
    )
    assert waiting(patient.clinic, MONDAY) == {"imports": ["Example"]}


def test_returning_symptoms_stand_among_todays(loaded, today_is):
    clinical.record_symptoms(
        patient=loaded.patient,
        reported_on=LOADED[-1],
        now=now(),
        recorded_by=a_nurse(loaded.clinic),
        gait="worse",
    )
    assert waiting(loaded.clinic, LOADED[-1]) == {"today": ["Example"]}
    [row] = decisions._first(BY_KEY["today"], loaded.clinic, LOADED[-1])
    assert row.codes == ("A-SYMPTOM-RETURN",)
    assert {"R-26", "D-24"} <= {rule.id for rule in row.rules}


@pytest.mark.parametrize(
    ("kind", "key", "act"),
    [
        ("hold", "holds", "authorise_dose"),
        ("interval", "requests", "settle_request"),
        ("patient", "requests", "settle_request"),
        ("death", "requests", "settle_request"),
    ],
)
def test_a_request_waits_under_its_kind(loaded, kind, key, act):
    requests.ask_physician(
        patient=loaded.patient, kind=kind, raised_on=LOADED[-1], raised_by=a_nurse(loaded.clinic), text="Why"
    )
    assert waiting(loaded.clinic, LOADED[-1]) == {key: ["Example"]}
    [row] = decisions._first(BY_KEY[key], loaded.clinic, LOADED[-1])
    assert row.act.name == act
    assert row.what.endswith(": Why")


def test_a_wish_to_stop_waits(loaded):
    courses.ask_to_stop(
        patient=loaded.patient,
        reason="patient_request",
        text="No more",
        on=LOADED[-1],
        raised_by=a_nurse(loaded.clinic),
    )
    [row] = decisions._first(BY_KEY["stops"], loaded.clinic, LOADED[-1])
    assert row.codes == ("H-STOP-REFUSAL",)


def test_a_dose_given_outside_the_rules_waits(loaded, today_is):
    today_is(date(2026, 2, 1))
    dose = an_injection(loaded, date(2026, 2, 1), already_given=True)
    [row] = decisions._first(BY_KEY["incidents"], loaded.clinic, date(2026, 2, 1))
    assert row.act[:3] == ("decide_incident", "Decide whether it counts", (dose.pk,))
    assert row.codes == ("B-EARLY-DOSE",)


def test_a_review_waits_from_its_day(neuro):
    due_on = MONDAY + timedelta(days=21)
    assert neuro.review_due_on == due_on
    assert "reviews" not in waiting(neuro.clinic, due_on - timedelta(days=1))
    assert waiting(neuro.clinic, due_on)["reviews"] == ["Example"]


def test_more_than_four_days_without_a_dose_while_nerves_are_involved_is_for_today(neuro):
    assert "neuro-gap" not in waiting(neuro.clinic, MONDAY + timedelta(days=4))
    assert "neuro-gap" in waiting(neuro.clinic, MONDAY + timedelta(days=5))
    assert BY_KEY["neuro-gap"].same_day


@pytest.mark.parametrize(
    ("loading", "quiet", "gap", "long_gap"), [(None, 7, 8, 15), (Loading.DAILY_X10, 3, 4, 15)]
)
def test_a_gap_in_loading_waits_and_then_a_long_one(today_is, loading, quiet, gap, long_gap):
    today_is(MONDAY)
    course = a_course(starts_on=MONDAY, **({"loading": loading} if loading else {}))
    an_injection(course, MONDAY)
    clinic = course.clinic
    assert waiting(clinic, MONDAY + timedelta(days=quiet)) == {}
    assert waiting(clinic, MONDAY + timedelta(days=gap)) == {"gaps": ["Example"]}
    assert waiting(clinic, MONDAY + timedelta(days=14)) == {"gaps": ["Example"]}
    assert waiting(clinic, MONDAY + timedelta(days=long_gap)) == {"long-gaps": ["Example"]}


def test_lateness_waits_under_the_gravest_of_its_names(loaded):
    due_on, clinic = loaded.next_due_on, loaded.clinic
    assert due_on == date(2026, 3, 16)
    late = {28: None, 29: "overdue", 60: "overdue", 61: "lapsed"}
    for days, key in late.items():
        found = {name for name in waiting(clinic, due_on + timedelta(days=days)) if name != "labs"}
        assert found == ({key} if key else set()), days
    assert "lapsed" in waiting(clinic, date(2027, 1, 15))
    assert "lapsed" not in waiting(clinic, date(2027, 1, 16))
    assert "twelve-months" in waiting(clinic, date(2027, 1, 16))


def test_who_is_paused_is_not_called_late(loaded, today_is):
    today_is(date(2026, 5, 1))
    courses.pause(
        course=loaded,
        on=date(2026, 5, 1),
        until=date(2026, 6, 1),
        reason="Abroad",
        decided_by=a_physician(loaded.clinic),
    )
    assert {"overdue", "lapsed"}.isdisjoint(waiting(loaded.clinic, date(2026, 5, 20)))
    courses.pause(
        course=loaded,
        on=date(2026, 5, 1),
        until=date(2027, 3, 1),
        reason="Abroad for longer",
        decided_by=a_physician(loaded.clinic),
    )
    assert "twelve-months" not in waiting(loaded.clinic, date(2027, 2, 28))
    assert "twelve-months" in waiting(loaded.clinic, date(2027, 3, 1))


def test_a_missed_blood_test_waits_whether_or_not_its_columns_were_rolled_forward(loaded):
    clinic = loaded.clinic
    assert loaded.lab_closes_on == date(2026, 4, 19)
    assert "labs" not in waiting(clinic, date(2026, 4, 19))
    assert "labs" in waiting(clinic, date(2026, 4, 20))
    with transaction.atomic():
        refresh_outlook(lock_patient(loaded.patient), labs_as_of=date(2026, 4, 20))
    loaded.refresh_from_db()
    assert loaded.missed_lab_name == "3m"
    [row] = decisions._first(BY_KEY["labs"], clinic, date(2026, 4, 20))
    assert row.what == "Blood test missed: 3 months"
    assert row.since == date(2026, 4, 5)


def a_result(patient, analyte, value, unit, comparator=""):
    row = {
        "analyte": analyte,
        "value": Decimal(value),
        "unit": unit,
        "confirmed": True,
        "comparator": comparator,
    }
    [result] = clinical.record_results(
        patient=patient,
        collected_on=MONDAY,
        values=[row],
        now=now(),
        recorded_by=a_nurse(patient.clinic),
    )
    return result


@pytest.mark.parametrize(
    ("analyte", "value", "unit", "comparator", "code"),
    [
        ("HCY", "100", "umol/L", "", None),
        ("HCY", "100.1", "umol/L", "", "W-HCY-URGENT"),
        ("HCY", "100", "umol/L", ">", "W-HCY-URGENT"),
        ("HCY", "120", "umol/L", "<", None),
        ("HCY", "13.5", "mg/L", "", None),
        ("HCY", "13.6", "mg/L", "", "W-HCY-URGENT"),
        ("PLT", "25", "10^9/L", "", None),
        ("PLT", "24", "10^9/L", "", "H-PLT-10-24"),
        ("PLT", "9000", "/uL", "", "B-PLT-LT10"),
        ("K", "3.1", "mmol/L", "", None),
        ("B12", "40", "pmol/L", "", None),
    ],
)
def test_only_results_the_rules_name_need_a_look(today_is, analyte, value, unit, comparator, code):
    today_is(MONDAY)
    patient = a_patient()
    result = a_result(patient, analyte, value, unit, comparator)
    rows = decisions._first(BY_KEY["results"], patient.clinic, MONDAY)
    assert [row.codes for row in rows] == ([(code,)] if code else [])
    if code:
        _rows, shown = lab_checks.as_shown(Result.objects.filter(pk=result.pk))
        said = {"outcome": "seen", "on": MONDAY, "decided_by": a_physician(patient.clinic)}
        lab_checks.review_result(result=result, shown=shown, **said)
        assert waiting(patient.clinic, MONDAY) == {}


def test_low_potassium_needs_a_look_in_severe_anaemia_before_the_first_dose(today_is):
    today_is(MONDAY)
    patient = a_patient()
    a_result(patient, "K", "3.4", "mmol/L")
    assert waiting(patient.clinic, MONDAY) == {}
    a_result(patient, "HB", "7.9", "g/dL")
    [row] = decisions._first(BY_KEY["results"], patient.clinic, MONDAY)
    assert row.codes == ("H-K-LOW",)
    Injection.objects.create(
        patient=patient,
        source=Injection.Source.ELSEWHERE,
        given_on=MONDAY,
        product="HYDROXOCOBALAMIN",
        micrograms=1000,
        route="IM",
    )
    assert waiting(patient.clinic, MONDAY) == {}


def decide(course, code, today, **more):
    return passed_dates.decide_passed_date(
        course=course,
        code=code,
        passed_on=getattr(course, passed_dates.DATE_OF[code]),
        outcome="arranged",
        on=today,
        decided_by=a_physician(course.clinic),
        **more,
    )


def test_what_was_decided_leaves_until_the_next_date_passes(loaded):
    today = date(2026, 4, 14)
    assert "overdue" in waiting(loaded.clinic, today)
    decide(loaded, "A-OVERDUE-PHYSICIAN", today)
    assert "overdue" not in waiting(loaded.clinic, today)
    assert "lapsed" in waiting(loaded.clinic, date(2026, 5, 16)), "another date asks again"


def test_what_was_put_off_comes_back_on_its_day(loaded):
    today, back_on = date(2026, 4, 14), date(2026, 4, 21)
    decide(loaded, "A-OVERDUE-PHYSICIAN", today, until_on=back_on)
    assert "overdue" not in waiting(loaded.clinic, back_on - timedelta(days=1))
    assert "overdue" in waiting(loaded.clinic, back_on)


def test_another_clinics_rows_are_not_there(loaded):
    other = a_clinic("Elsewhere")
    assert waiting(other, date(2027, 6, 1)) == {}


def test_the_longest_waiting_comes_first_and_pages_by_key_lose_nobody(today_is):
    clinic = a_clinic()
    today = date(2026, 6, 1)
    in_bulk(clinic, 120, today)
    kind, seen, asked = BY_KEY["overdue"], [], {}
    Course.objects.update(physician_from_on=date(2026, 5, 1), lapses_on=None, twelve_months_on=None)
    while True:
        listed, page = listing(kind, clinic, today, asked)
        assert len(listed.rows) <= ROWS
        seen += [row.record_number for row in listed.rows]
        if not page.later_url:
            break
        asked = {"after": re.search(r"after=([^&]+)", page.later_url).group(1)}
    assert len(seen) == len(set(seen)) == 120
    assert listed.count == 120


# --- The page


@pytest.fixture
def page(client, loaded, today_is):
    """The page of decisions on a day in April, for somebody of the clinic."""
    today_is(date(2026, 4, 14))

    def look(role=Role.PHYSICIAN, **asked):
        client.force_login(a_member(loaded.clinic, role))
        return client.get(reverse("decisions"), asked)

    return look


def test_each_row_says_who_what_since_when_which_rule_and_leads_to_what_settles_it(page, loaded):
    text = unescape(page().text)
    assert "EXAMPLE, " in text
    assert "Dose long overdue (A-OVERDUE-PHYSICIAN)" in re.sub(r"<[^>]+>", "", text)
    assert "14-Apr-2026" in text
    assert ">D-23</abbr>" in text
    assert f"/patients/{loaded.patient_id}/passed/A-OVERDUE-PHYSICIAN/?from=decisions" in text
    assert "As of" in text


def test_what_is_for_today_stands_first(page, loaded):
    requests.ask_physician(
        patient=loaded.patient,
        kind="symptoms",
        raised_on=date(2026, 4, 14),
        raised_by=a_nurse(loaded.clinic),
        same_day=True,
    )
    text = page().text
    assert text.index('id="today"') < text.index('id="overdue"')
    assert [kind.same_day for kind in KINDS] == sorted((kind.same_day for kind in KINDS), reverse=True)


@pytest.mark.parametrize("role", [Role.NURSE, Role.AUDITOR])
def test_nurses_and_auditors_see_it_without_the_acts(page, role):
    text = page(role).text
    assert "A-OVERDUE-PHYSICIAN" in text
    assert "/passed/" not in text


@pytest.mark.parametrize("role", [Role.RECEPTION, Role.MANAGER])
def test_others_do_not_see_it(page, role):
    assert page(role).status_code == 403


def test_a_kind_has_a_page_of_its_own(page):
    assert "EXAMPLE" in page(kind="overdue").text
    assert "Nothing waits here" in page(kind="plans").text
    assert page(kind="nonsense").status_code == 404


@pytest.mark.parametrize("key", ["nonsense", "2026-04-01", "2026-04-01_0", "2026-04-01_x", "_", "9" * 40])
def test_a_spoilt_address_shows_the_first_page(page, key):
    assert "EXAMPLE" in page(kind="overdue", after=key).text


def test_a_kind_that_could_not_be_read_is_never_shown_as_empty(page, monkeypatch):
    def broken(clinic, today):
        raise DatabaseError("canceling statement due to statement timeout")

    monkeypatch.setitem(decisions.__dict__, "KINDS", (_broken("overdue", broken), BY_KEY["plans"]))
    text = page().text
    assert "Long overdue could not be read" in text
    assert "Nothing waits for a decision" not in text
    monkeypatch.setitem(BY_KEY, "overdue", _broken("overdue", broken))
    text = page(kind="overdue").text
    assert "This list could not be read" in text
    assert "Nothing waits here" not in text


def _broken(key, rows):
    kind = BY_KEY[key]
    return decisions.Kind(kind.key, kind.title, rows, kind.since, kind.words)


def test_an_empty_list_says_so_in_words(client, today_is):
    today_is(MONDAY)
    client.force_login(a_physician(a_clinic()))
    assert "Nothing waits for a decision" in client.get(reverse("decisions")).text


# --- At ten thousand


def in_bulk(clinic, number, today):
    """Courses as a clinic has them, made without services: one in fifty is late, fewer wait for something else."""
    start = today - timedelta(days=400)
    user = a_physician(clinic)
    offset = Patient.objects.count()
    patients = Patient.objects.bulk_create(
        Patient(
            clinic=clinic,
            family_name=f"Bulk{n}",
            born_on=date(1950, 1, 1),
            record_number=f"B{offset + n}",
        )
        for n in range(number)
    )
    rows = []
    for n, patient in enumerate(patients):
        due_on = today + timedelta(days=20 + n % 60) if n % 50 else today - timedelta(days=40 + n % 90)
        rows.append(
            Course(
                patient=patient,
                clinic=clinic,
                opened_on=start,
                opened_by=user,
                history_from_on=start,
                phase="loading" if n % 97 == 1 else "maintenance",
                next_due_on=due_on,
                window_opens_on=due_on - timedelta(days=14),
                window_closes_on=due_on + timedelta(days=14),
                physician_from_on=due_on + timedelta(days=29),
                lapses_on=due_on + timedelta(days=90),
                twelve_months_on=due_on + timedelta(days=275),
                last_given_on=due_on - timedelta(days=90),
                review_due_on=today - timedelta(days=2) if n % 97 == 2 else None,
                missed_lab_name="6m" if n % 89 == 3 else "",
                missed_lab_due_on=today - timedelta(days=60) if n % 89 == 3 else None,
                lab_name="12m",
                lab_due_on=today + timedelta(days=90),
                lab_opens_on=today + timedelta(days=62),
                lab_closes_on=today + timedelta(days=118),
                labs_as_of_on=today,
            )
        )
    made = Course.objects.bulk_create(rows)
    signed_at = at(start)
    Plan.objects.bulk_create(
        Plan(
            course=course,
            version=1,
            regimen_key="hydroxocobalamin-standard-1",
            protocol_version="2026.1",
            product="HYDROXOCOBALAMIN",
            route="IM",
            micrograms=1000,
            interval_iso="P3M",
            starts_on=start,
            counts_from_on=start,
            neurological=False,
            facts={},
            recommendation={"status": "PROPOSED", "findings": []},
            proposed_at=signed_at,
            **({} if n % 400 == 4 else {"signed_by": user, "signed_at": signed_at, "signed_on": start}),
        )
        for n, course in enumerate(made)
    )
    Request.objects.bulk_create(
        Request(
            patient=patient,
            clinic=clinic,
            kind="hold" if n % 2 else "stop",
            same_day=n % 3 == 0,
            raised_on=today,
            raised_at=signed_at,
            # Most of what was ever asked has been answered.
            answered_at=None if n % 20 == 5 else signed_at,
        )
        for n, patient in enumerate(patients)
    )
    Decision.objects.bulk_create(
        Decision(
            patient=course.patient,
            course=course,
            passed_on=start,
            code="LAB-WAIVED",
            outcome="3m",
            decided_on=start,
            decided_by=user,
        )
        for course in made
    )
    Injection.objects.bulk_create(
        Injection(
            patient=course.patient,
            course=course,
            given_on=course.last_given_on,
            given_by=user,
            product="HYDROXOCOBALAMIN",
            micrograms=1000,
            route="IM",
        )
        for course in made
    )
    Result.objects.bulk_create(
        Result(
            patient=patient,
            analyte=analyte,
            value=value if n % 500 else extreme,
            unit=unit,
            collected_on=today - timedelta(days=days),
        )
        for n, patient in enumerate(patients)
        for analyte, value, extreme, unit in (
            ("HCY", 9, 130, "umol/L"),
            ("PLT", 220, 18, "10^9/L"),
            ("HB", 130, 70, "g/L"),
            ("K", 4, 3, "mmol/L"),
        )
        for days in (30, 200)
    )


def queries_of(read):
    with CaptureQueriesContext(connection) as captured:
        read()
    return captured.captured_queries


@pytest.mark.slow
def test_at_ten_thousand_courses_the_page_takes_the_same_queries_each_along_an_index(client, today_is):
    today = date(2026, 6, 1)
    today_is(today)
    clinic = a_clinic()
    in_bulk(clinic, 100, today)
    client.force_login(a_physician(clinic))
    few = len(queries_of(lambda: client.get(reverse("decisions"))))
    with copied(8, Patient, Course, Plan, Request, Decision, Injection, Result):
        in_bulk(clinic, 1_100, today)
    with connection.cursor() as cursor:
        for model in (Patient, Result, Course, Plan, Request, Decision, Injection):
            cursor.execute(f"ANALYZE {model._meta.db_table}")
    many = queries_of(lambda: client.get(reverse("decisions")))
    assert len(many) == few == len(queries_of(lambda: client.get(reverse("decisions"))))
    for kind in KINDS:
        for key in (
            "",
            "2026-05-01_5" if kind.reads is date.fromisoformat else "2026-01-01T00:00:00+00:00_5",
        ):
            one = queries_of(lambda: listing(kind, clinic, today, {"after": key}))  # noqa: B023
            assert len(one) == 2, kind.key
    assert count(BY_KEY["overdue"], clinic, today) > ROWS
    for kind in KINDS:
        for rows in (
            kind.order.sorted(kind.values(clinic, today), True)[:51],
            kind.rows(clinic, today).order_by()[:1001],
        ):
            scanned = full_scans(rows)
            assert not scanned, f"{kind.key}: {scanned}"


def full_scans(rows: QuerySet) -> list[str]:
    """The lines of a plan that read a whole table. A partial index holds only what waits, and may be read whole.

    At ten thousand patients PostgreSQL may still hash the few names beside the rows; it must not need to.
    """
    if connection.vendor == "postgresql":
        scans = re.findall(r"Seq Scan on (\w+)", rows.explain())
        with connection.cursor() as cursor:
            cursor.execute("SET enable_seqscan = off")
            forced = re.findall(r"Seq Scan on (\w+)", rows.explain())
            cursor.execute("SET enable_seqscan = on")
        return [name for name in scans if name == rows.model._meta.db_table] + forced
    return [line for line in rows.explain().splitlines() if re.search(r"\bSCAN (?!.*USING)", line)]
