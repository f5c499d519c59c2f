"""Patients to phone, through the pages: the list, the outcome, putting somebody on it, and taking back."""

import html
import re
from datetime import date, timedelta

import pytest
from django.db import DatabaseError, connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from monitoring.calls import reasons
from monitoring.calls.record import ask_for_call
from monitoring.models import AskedCall, Call
from patients.models import AuditEntry, Clinic, Patient, Role
from regimens.models import Request
from regimens.protocol.intervals import months
from tests.browsing import sent_by
from tests.factories import a_clinic, a_course, a_member, a_nurse, a_patient, a_proposal, at
from tests.monitoring.test_messages_page import a_message

pytestmark = pytest.mark.django_db

TODAY = date(2026, 7, 14)  # a Tuesday
LIST = "/calls/"
DESK = [Role.RECEPTION, Role.NURSE, Role.PHYSICIAN, Role.MANAGER]


@pytest.fixture
def course(today_is):
    today_is(TODAY)
    course = a_course(
        a_patient(family_name="Silent", phone="07700 900123"), starts_on=TODAY, interval=months(3)
    )
    a_message(course, "suppressed", "no_consent")
    return course


@pytest.fixture
def nurse(course, client):
    client.force_login(a_nurse(course.clinic))
    return client


def address(course, name="record_call", *keys):
    return reverse(name, args=[course.patient_id, *keys])


def phone(client, course, outcome, **changes):
    """Open the form, choose an outcome, send it."""
    sent = sent_by(client.get(address(course)))
    return client.post(address(course), {**sent, "outcome": outcome, **changes})


def words(response) -> str:
    main = response.content.decode().split("<main")[1]
    return re.sub(r"\s+", " ", html.unescape(re.sub(r"<[^>]+>", " ", main)))


def counted(client) -> str:
    """What Today asks for by itself, once it stands on the screen."""
    return re.sub(
        r"<[^>]+>", "", client.get("/today/calls/", headers={"HX-Request": "true"}).content.decode()
    )


@pytest.mark.parametrize("role", DESK)
def test_everybody_at_the_desk_finds_the_list_and_phones(client, course, role):
    client.force_login(a_member(course.clinic, role))
    today = client.get("/today/").content.decode()
    assert 'data-hx-get="/today/calls/"' in today
    assert today.count(f'href="{LIST}"') == 3  # in the navigation, beside the counts, under its own heading
    assert "1 patient, as of" in counted(client)
    page = client.get(LIST)
    assert 'href="tel:07700900123"' in page.content.decode()
    assert "SILENT, " in words(page)
    assert address(course) in page.content.decode()
    recorded = phone(client, course, "message")
    assert "Call again on Thu 16-Jul-2026" in words(client.get(recorded.url))
    assert "Nobody has to be phoned." in words(client.get(LIST))
    assert "Nobody, as of" in counted(client)


def test_an_auditor_does_not_phone(client, course):
    client.force_login(a_member(course.clinic, Role.AUDITOR))
    for path in (LIST, "/today/calls/", address(course), address(course, "ask_call")):
        assert client.get(path).status_code == 403
    assert client.post(address(course), {"outcome": "message"}).status_code == 403


def test_the_filter_of_today_leads_to_the_list(nurse, course):
    assert nurse.get("/today/?list=calls").url == LIST
    assert '<option value="calls">To call</option>' in nurse.get("/today/").content.decode()


def test_a_patient_of_another_clinic_is_not_there(nurse, course):
    phone(nurse, course, "message")
    call = Call.objects.get()
    asked = AskedCall.objects.create(
        patient=course.patient, reason="x", call_on=TODAY, asked_on=TODAY, asked_by=a_nurse(course.clinic)
    )
    nurse.force_login(a_nurse(a_clinic()))
    assert "SILENT" not in words(nurse.get(LIST))
    pages = [("record_call", ()), ("ask_call", ()), ("call", (call.pk,)), ("void_call", (call.pk,))]
    for name, keys in [*pages, ("void_asked_call", (asked.pk,))]:
        assert nurse.get(address(course, name, *keys)).status_code == 404
        assert nurse.post(address(course, name, *keys), {"reason": "x"}).status_code == 404
    other = a_patient(a_clinic())
    assert nurse.get(reverse("call", args=[other.pk, call.pk])).status_code == 404


@pytest.mark.parametrize(
    ("outcome", "role", "leads_to"),
    [
        ("booked", Role.RECEPTION, "book_appointment"),
        ("wrong", Role.RECEPTION, "edit_patient"),
        ("moved", Role.PHYSICIAN, "transfer_out"),
        ("died", Role.NURSE, "record_death"),
        ("died", Role.PHYSICIAN, "record_death"),
        ("moved", Role.NURSE, "call"),
        ("died", Role.RECEPTION, "call"),
        ("died", Role.MANAGER, "call"),
        ("refused", Role.RECEPTION, "call"),
    ],
)
def test_each_outcome_leads_on_for_those_who_may(client, course, outcome, role, leads_to):
    client.force_login(a_member(course.clinic, role))
    url = phone(client, course, outcome).url
    keys = (Call.objects.get().pk,) if leads_to == "call" else ()
    assert url.split("?")[0] == address(course, leads_to, *keys)
    assert client.get(url).status_code == 200
    assert "A physician has been asked" in words(
        client.get(address(course, "call", Call.objects.get().pk))
    ) or (outcome in ("booked", "wrong"))


def test_a_death_reported_at_the_desk_is_asked_the_same_day(client, course):
    client.force_login(a_member(course.clinic, Role.RECEPTION))
    phone(client, course, "died", note="His wife said so")
    request = Request.objects.get()
    assert (request.kind, request.same_day, request.text) == ("death", True, "His wife said so")
    client.force_login(a_member(course.clinic, Role.PHYSICIAN))
    assert "His wife said so" in words(client.get("/decisions/"))


def test_a_report_that_the_patient_moved_is_settled_like_any_other(client, course):
    client.force_login(a_member(course.clinic, Role.RECEPTION))
    phone(client, course, "moved")
    client.force_login(a_member(course.clinic, Role.PHYSICIAN))
    assert "Has moved away" in words(client.get("/decisions/"))
    settle = client.get(address(course, "settle_request", Request.objects.get().pk))
    assert address(course, "transfer_out") in settle.content.decode()


def test_an_outcome_is_needed_and_the_day_it_asks_for(nurse, course):
    assert "Choose what came of the call." in words(phone(nurse, course, ""))
    refused = phone(nurse, course, "again", note="In the garden")
    assert refused.status_code == 422
    assert "again_on" in refused.context["form"].errors
    assert "In the garden" in refused.content.decode()
    far = {"again_on_day": "1", "again_on_month": "1", "again_on_year": "2030"}
    assert "again_on" in phone(nurse, course, "again", **far).context["form"].errors
    sunday = {"coming_on_day": "19", "coming_on_month": "7", "coming_on_year": "2026"}
    assert "coming_on" in phone(nurse, course, "will_come", **sunday).context["form"].errors
    assert "outcome" in phone(nurse, course, "spoken").context["form"].errors
    assert not Call.objects.exists()


def test_half_a_day_typed_for_another_outcome_is_left_out(nurse, course):
    assert phone(nurse, course, "booked", again_on_day="3", coming_on_month="x").status_code == 302
    assert Call.objects.get().again_on is None


def test_a_double_tap_is_one_call_and_a_colleague_is_told(nurse, course):
    sent = {**sent_by(nurse.get(address(course))), "outcome": "message"}
    first, second = nurse.post(address(course), sent), nurse.post(address(course), sent)
    assert first.url == second.url
    nurse.force_login(a_member(course.clinic, Role.RECEPTION))
    told = nurse.post(address(course), sent)
    assert told.status_code == 422
    assert "Somebody has phoned this patient since" in words(told)
    assert Call.objects.count() == 1


def test_a_wrong_outcome_is_undone_with_a_reason_and_stays_visible(nurse, course):
    phone(nurse, course, "refused")
    call = Call.objects.get()
    void = address(course, "void_call", call.pk)
    assert void in nurse.get(address(course, "call", call.pk)).content.decode()
    assert nurse.post(void, {"reason": ""}).status_code == 422
    assert nurse.post(void, {"reason": "It was her sister"}).status_code == 302
    assert "SILENT, " in words(nurse.get(LIST))
    story = words(nurse.get(f"/patients/{course.patient_id}/"))
    assert "Phoned: wishes to stop treatment" in story
    assert "It was her sister" in story
    assert "Undo" not in words(nurse.get(address(course, "call", call.pk)))
    assert AuditEntry.objects.filter(act="voided call").exists()


def test_somebody_is_put_on_the_list_and_the_patients_page_says_so(nurse, course):
    patient = a_patient(course.clinic, family_name="Asker")
    ask = reverse("ask_call", args=[patient.pk])
    assert ask in nurse.get(f"/patients/{patient.pk}/").content.decode()
    sent = sent_by(nurse.get(ask))
    assert nurse.post(ask, {**sent, "reason": ""}).status_code == 422
    assert nurse.post(ask, {**sent, "reason": "Wants another time", "by_patient": "yes"}).status_code == 302
    assert "The patient asked for a call: Wants another time" in words(nurse.get(LIST))
    assert "The patient asked to be phoned from 14-Jul-2026 on" in words(
        nurse.get(f"/patients/{patient.pk}/")
    )
    again = words(nurse.post(ask, {**sent, "reason": "Twice", "by_patient": "no"}))
    assert "A call is asked for already" in again
    void = reverse("void_asked_call", args=[patient.pk, AskedCall.objects.get().pk])
    assert nurse.post(void, {"reason": "Has called back"}).status_code == 302
    assert "ASKER" not in words(nurse.get(LIST))


def test_calls_are_part_of_the_story_for_reception_too(client, course):
    client.force_login(a_member(course.clinic, Role.RECEPTION))
    phone(client, course, "message", note="With the daughter")
    assert "Phoned: left a message" in words(client.get(f"/patients/{course.patient_id}/"))


def test_a_list_that_cannot_be_read_never_looks_empty(nurse, course, monkeypatch):
    def broken(*_args):
        raise DatabaseError("statement timeout")

    monkeypatch.setattr(reasons, "page", broken)
    monkeypatch.setattr(reasons, "count", broken)
    shown = words(nurse.get(LIST))
    assert "The list could not be read." in shown
    assert "Nobody has to be phoned" not in shown
    assert "They could not be counted" in counted(nurse)
    assert "Patients to phone: not counted" in words(nurse.get("/messages/"))


def many(clinic: Clinic, number: int) -> None:
    nurse = a_nurse(clinic)
    first = Patient.objects.count()
    patients = Patient.objects.bulk_create(
        Patient(
            clinic=clinic,
            family_name=f"Waiting{first + n}",
            born_on=date(1950, 1, 1),
            record_number=f"W{first + n}",
            phone="07700 900000",
        )
        for n in range(number)
    )
    AskedCall.objects.bulk_create(
        AskedCall(
            patient=patient,
            reason="Wants another time",
            call_on=TODAY - timedelta(days=n % 30),
            asked_on=TODAY - timedelta(days=30),
            asked_by=nurse,
        )
        for n, patient in enumerate(patients)
    )


def test_the_list_is_stepped_through_by_its_key_without_a_gap_or_a_double(nurse, course):
    many(course.clinic, 119)
    seen, url, steps = [], LIST, 0
    while url:
        page = nurse.get(url).context["page"]
        seen += [row.patient_id for row in page.rows]
        url, earlier = LIST + page.later_url if page.later_url else "", page.earlier_url
        steps += 1
    assert (len(seen), len(set(seen)), steps) == (120, 120, 3)
    assert seen == [who for _since, who in reasons.page(course.clinic, TODAY, None, True, 200)]
    back = nurse.get(LIST + earlier).context["page"]
    assert [row.patient_id for row in back.rows] == seen[50:100]
    assert not re.search("waiting|silent", f"{earlier}{page.later_url}", re.IGNORECASE)


@pytest.mark.parametrize(
    "query", ["?after=x", "?before=2026-01-01", "?after=2026-13-01_1", "?after=2026-01-01_0"]
)
def test_an_address_that_means_nothing_shows_the_list_from_its_start(nurse, course, query):
    assert "SILENT, " in words(nurse.get(LIST + query))


def test_a_page_costs_the_same_for_one_patient_and_for_fifty(nurse, course):
    costs = []
    for number in (0, 60):
        many(course.clinic, number)
        with CaptureQueriesContext(connection) as asked:
            page = nurse.get(LIST)
        costs.append(len(asked))
    assert len(page.context["page"].rows) == 50
    assert len(page.content) < 60_000
    print(f"the list of patients to phone: {costs[0]} queries for one patient, {costs[1]} for fifty")
    # What each reason needs is asked once, also where nobody has that reason.
    assert costs[0] <= costs[1] <= costs[0] + 1


@pytest.mark.parametrize("zone", ["UTC", "Pacific/Auckland"])
def test_the_statement_that_is_kept_says_what_one_written_afresh_says(course, zone):
    for clinic, day in ((course.clinic, TODAY), (a_clinic(), TODAY + timedelta(days=400))):
        clinic.time_zone = zone
        kept, afresh = reasons._sql(clinic, day), reasons._union(clinic, day).query.sql_with_params()
        assert kept[0] == afresh[0]
        assert [str(each) for each in kept[1]] == [str(each) for each in afresh[1]]


def test_the_number_on_today_costs_one_query(nurse, course):
    with CaptureQueriesContext(connection) as asked:
        assert reasons.count(course.clinic, TODAY) == 1
    assert len(asked) == 1


def test_no_name_stands_in_a_title_or_an_address(nurse, course):
    for path in (LIST, address(course), address(course, "ask_call")):
        page = nurse.get(path).content.decode()
        found = " ".join(re.findall(r"<title>.*?</title>|href=\"[^\"]*\"", page)).lower()
        assert "silent" not in found


def test_an_unsigned_plan_is_no_hindrance_to_a_wish_for_a_call(nurse, course):
    patient = a_patient(course.clinic, family_name="Referred")
    a_proposal(patient, TODAY)
    ask_for_call(patient=patient, reason="New", call_on=TODAY, now=at(TODAY), asked_by=a_nurse(course.clinic))
    assert "REFERRED, " in words(nurse.get(LIST))
    assert nurse.get(reverse("record_call", args=[patient.pk])).status_code == 200
