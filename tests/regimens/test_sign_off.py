"""Results are signed off as they were seen: one by one or a whole day's blood, and never when they changed meanwhile."""

from datetime import date
from decimal import Decimal

import pytest
from django.urls import reverse

from patients.models import Result, Role
from patients.refusals import NotAllowed, Stale
from regimens.models import Decision
from regimens.protocol.intervals import months
from regimens.services import clinical, lab_checks
from tests.factories import a_course, a_member, a_nurse, a_patient, a_physician, an_injection, now

pytestmark = pytest.mark.django_db

FIRST, TAKEN, TODAY = date(2026, 1, 5), date(2026, 4, 7), date(2026, 4, 9)


@pytest.fixture
def course(today_is, client):
    """A course on maintenance, blood of 7 April on record; a physician is signed in two days later."""
    today_is(FIRST)
    course = a_course(starts_on=FIRST, interval=months(2), loaded_elsewhere=True)
    an_injection(course, FIRST)
    today_is(TODAY)
    enter(course.patient, ("B12", "180", "ng/L"), ("HCY", "12", "umol/L"))
    client.force_login(a_physician(course.clinic))
    return course


def enter(patient, *values, on=TAKEN, **more):
    rows = [
        {"analyte": name, "value": Decimal(value), "unit": unit, "confirmed": True, **more}
        for name, value, unit in values
    ]
    return clinical.record_results(
        patient=patient,
        collected_on=on,
        lab="City Lab",
        values=rows,
        now=now(),
        recorded_by=a_nurse(patient.clinic),
    )


def fingerprint(patient):
    return lab_checks.as_shown(lab_checks.waiting_of(patient, TAKEN))[1]


def sign(patient, shown, **said):
    said = {"outcome": "seen", "on": TODAY, "decided_by": a_physician(patient.clinic), **said}
    return lab_checks.review_panel(patient=patient, taken_on=TAKEN, shown=shown, **said)


def panel(patient):
    return reverse("review_panel", args=[patient.pk, TAKEN.year, TAKEN.month, TAKEN.day])


def test_a_whole_panel_is_signed_off_at_once_each_value_with_what_was_seen(course):
    rows = sign(course.patient, fingerprint(course.patient), outcome="acted", reason="Phoned")
    seen = {row.seen["analyte"]: row.seen for row in rows}
    assert set(seen) == {"B12", "HCY"}
    assert (seen["B12"]["reported"], seen["B12"]["converted"]) == ("180 ng/L", "132.8 pmol/L")
    assert (seen["HCY"]["target"], seen["HCY"]["codes"]) == ("under 10 umol/L", ["W-HCY-ABOVE-TARGET"])
    assert {row.reason for row in rows} == {"Phoned"}
    assert not Result.objects.unreviewed().exists()


def test_a_value_that_changed_since_refuses_the_signature(course):
    shown = fingerprint(course.patient)
    wrong = Result.objects.get(analyte="HCY")
    clinical.void_result(result=wrong, voided_by=a_nurse(course.clinic), reason="Typed wrongly")
    enter(course.patient, ("HCY", "21", "umol/L"))
    with pytest.raises(Stale, match="has changed"):
        sign(course.patient, shown)
    assert not Decision.objects.exists()


def test_a_kidney_result_that_changes_what_homocysteine_means_refuses_it_too(course):
    shown = fingerprint(course.patient)
    enter(course.patient, ("EGFR", "41", "mL/min/1.73 m2"), on=date(2026, 3, 1))
    with pytest.raises(Stale):
        sign(course.patient, shown)
    assert sign(course.patient, fingerprint(course.patient))[1].seen["codes"] == [
        "W-HCY-ABOVE-TARGET",
        "W-RENAL-HCY",
    ]


def test_a_result_that_came_meanwhile_is_not_signed_off_unseen(course):
    shown = fingerprint(course.patient)
    enter(course.patient, ("PLT", "90", "10^9/L"))
    with pytest.raises(Stale):
        sign(course.patient, shown)


def test_who_comes_second_is_told_and_writes_nothing(course):
    shown = fingerprint(course.patient)
    sign(course.patient, shown)
    with pytest.raises(Stale, match="settled"):
        sign(course.patient, shown)
    assert Decision.objects.count() == 2


def test_only_a_physician_signs_off(course):
    with pytest.raises(NotAllowed):
        sign(course.patient, fingerprint(course.patient), decided_by=a_nurse(course.clinic))


def test_signing_off_moves_no_date(course):
    course.refresh_from_db()
    before = (course.next_due_on, course.lab_due_on, course.version)
    sign(course.patient, fingerprint(course.patient))
    course.refresh_from_db()
    assert (course.next_due_on, course.lab_due_on, course.version) == before


# -- The page -----------------------------------------------------------------------------------------------


def test_the_page_lays_value_conversion_range_and_target_side_by_side(client, course):
    enter(course.patient, ("MCV", "99", "fL"), range_low=Decimal(80), range_high=Decimal(96))
    shown = client.get(panel(course.patient)).text
    assert "<strong>180 ng/L</strong> = 132.8 pmol/L" in shown
    assert "under 10 umol/L" in shown
    assert '80 to 96 <span class="badge tone-warning">Outside</span>' in shown
    assert "Not on record: Haemoglobin, Platelets" in shown
    assert "tone-good" not in shown


def test_a_comparator_is_kept_and_leaves_the_target_open(client, course):
    enter(course.patient, ("HCY", "15", "umol/L"), on=date(2026, 4, 8), comparator="<")
    shown = client.get(reverse("review_panel", args=[course.patient_id, 2026, 4, 8])).text
    assert "<strong>&lt;15 umol/L</strong>" in shown
    assert "W-HCY-ABOVE-TARGET" not in shown


def test_a_physician_signs_off_the_page_and_comes_back_to_the_list(client, course):
    where = f"{panel(course.patient)}?from=blood-tests"
    form = client.get(where).context["form"]
    said = {"shown": form["shown"].initial}
    assert client.post(where, said).status_code == 422
    assert client.post(where, said | {"outcome": "acted"}).status_code == 422, "say what was done"
    answer = client.post(where, said | {"outcome": "seen"})
    assert (answer.status_code, answer.url) == (302, "/blood-tests/")
    shown = client.get(panel(course.patient)).text
    assert "Waits for a physician" not in shown
    assert 'name="outcome"' not in shown
    late = client.post(where, said | {"outcome": "seen"})
    assert late.status_code == 422
    assert "settled this already" in late.text


def test_a_refused_page_shows_how_it_stands_now_and_may_then_be_signed(client, course):
    where = panel(course.patient)
    old = client.get(where).context["form"]["shown"].initial
    enter(course.patient, ("PLT", "90", "10^9/L"))
    refused = client.post(where, {"shown": old, "outcome": "seen"})
    assert refused.status_code == 422
    assert "has changed" in refused.text
    assert "90 10^9/L" in refused.text
    new = refused.context["form"]["shown"].value()
    assert client.post(where, {"shown": new, "outcome": "seen"}).status_code == 302


def test_nurses_and_auditors_look_and_do_not_sign(client, course):
    for role in Role:
        client.force_login(a_member(course.clinic, role))
        looks = role in (Role.NURSE, Role.PHYSICIAN, Role.AUDITOR)
        assert client.get(panel(course.patient)).status_code == (200 if looks else 403), role
        if role in (Role.NURSE, Role.AUDITOR):
            assert 'name="outcome"' not in client.get(panel(course.patient)).text
            assert client.post(panel(course.patient), {"outcome": "seen"}).status_code == 403


def test_a_day_without_results_and_no_day_at_all_are_not_found(client, course):
    assert client.get(reverse("review_panel", args=[course.patient_id, 2026, 4, 1])).status_code == 404
    assert client.get(reverse("review_panel", args=[course.patient_id, 2026, 4, 31])).status_code == 404
    assert (
        client.get(reverse("review_panel", args=[a_patient(course.clinic).pk, 2026, 4, 7])).status_code == 404
    )


def test_one_result_is_signed_off_only_as_it_was_shown(client, course):
    result = Result.objects.get(analyte="HCY")
    where = reverse("review_result", args=[course.patient_id, result.pk])
    shown = client.get(where).context["form"]["shown"].initial
    enter(course.patient, ("EGFR", "41", "mL/min/1.73 m2"), on=date(2026, 3, 1))
    assert client.post(where, {"shown": shown, "outcome": "seen"}).status_code == 422
    again = client.get(where).context["form"]["shown"].initial
    assert client.post(where, {"shown": again, "outcome": "seen"}).status_code == 302
    assert Result.objects.unreviewed().filter(analyte="HCY").count() == 0
