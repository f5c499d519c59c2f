"""Who is to be phoned, what an outcome leads to, and that a wrong one can be taken back."""

from datetime import date, timedelta

import pytest
from django.db import DatabaseError, transaction

from monitoring.calls import listing, reasons
from monitoring.calls.record import ask_for_call, record_call, void_asked_call, void_call
from monitoring.messages.queue import queue
from monitoring.models import AskedCall, Call, Message, Outcome
from patients.models import AuditEntry, Patient, Role
from patients.refusals import NotAllowed, Stale
from regimens.models import Appointment, Course, Decision, NotGiven, Request
from regimens.services import appointments, courses, decisions, injections
from regimens.services.not_given import record_not_given
from regimens.slots import free_times
from tests.factories import a_clinic, a_member, a_nurse, a_patient, a_physician, an_injection, at
from tests.monitoring.conftest import CHECK_DUE, DUE

pytestmark = pytest.mark.django_db

DAY = DUE - timedelta(days=10)  # Monday, 6 April 2026
TOMORROW = DAY + timedelta(days=1)
NEXT_WEEK = DAY + timedelta(days=7)


@pytest.fixture
def silent(course, today_is):
    """A patient who cannot be written to, due in ten days, and whose letter fell silent."""
    today_is(DAY)
    # The blood test of these days is drawn, so that the dose alone is due.
    Course.objects.filter(pk=course.pk).update(
        lab_due_on=DUE + timedelta(days=90), lab_opens_on=DUE, lab_closes_on=DUE + timedelta(days=120)
    )
    Patient.objects.filter(pk=course.patient_id).update(email_consented=False, phone="+44 (0)20 7946 0001")
    queue(now=at(DAY))
    course.refresh_from_db()
    course.patient.refresh_from_db()
    return course


def on_the_list(clinic, day=DAY):
    """The keys of the patients on the list, in its order."""
    return [patient for _since, patient in reasons.page(clinic, day, None, True, 100)]


def phoned(course, outcome, day=DAY, **details):
    """What came of a call, recorded by the nurse."""
    details.setdefault("called_by", a_nurse(course.clinic))
    patient = Patient.objects.get(pk=course.patient_id)
    return record_call(patient=patient, outcome=outcome, now=at(day), **details)


def the_row(course, day=DAY, clinical=True):
    page = listing.page_of_calls(course.clinic, day, {}, clinical=clinical)
    return next(row for row in page.rows if row.patient_id == course.patient_id)


# -- Why -----------------------------------------------------------------------------------------------------


def test_who_cannot_be_written_to_is_on_the_list_with_everything_the_caller_needs(silent):
    row = the_row(silent)
    assert row.why == ("No consent to email",)
    assert row.tel == "tel:+442079460001"
    assert row.due == "Injection due 16-Apr-2026, from 02-Apr-2026 to 30-Apr-2026"
    assert row.last_call == ""
    assert (row.act, row.act_url) == ("Phone", f"/patients/{silent.patient_id}/calls/new/")


def test_those_who_see_dates_only_read_nothing_clinical(silent):
    record_not_given(course=silent, on=DAY, reason="unwell", now=at(DAY), recorded_by=a_nurse(silent.clinic))
    row = the_row(silent, TOMORROW, clinical=False)
    assert row.due.startswith("Visit due 16-Apr-2026")
    assert "The visit of 06-Apr-2026 did not take place" in row.why
    assert "Not given 06-Apr-2026: unwell" in the_row(silent, TOMORROW).why


@pytest.mark.parametrize(
    ("state", "cause", "said"),
    [
        ("suppressed", "no_address", "No email address"),
        ("suppressed", "unconfirmed", "Email address not confirmed"),
        ("suppressed", "address_refused", "Email address refused"),
        ("suppressed", "too_late", "A letter was not sent in time"),
        ("failed", "gave_up", "Email failed"),
        ("failed", "refused_content", "Email failed"),
        ("in_doubt", "lost_answer", "Email in doubt: nobody knows whether it arrived"),
    ],
)
def test_each_way_a_letter_fails_has_its_words(silent, state, cause, said):
    Message.objects.filter(course=silent, subject="dose").update(state=state, cause=cause)
    assert the_row(silent).why == (said,)


@pytest.mark.parametrize("cause", ["given", "changed", "paused", "unsigned"])
def test_a_letter_that_needed_not_be_sent_is_no_reason(silent, cause):
    Message.objects.filter(course=silent, subject="dose").update(cause=cause)
    assert on_the_list(silent.clinic) == []


def test_who_let_both_missed_letters_pass_is_phoned(course, today_is):
    last = DUE + timedelta(days=14 + 10)
    today_is(last)
    queue(now=at(last))
    letter = Message.objects.get(subject="dose", purpose="still_missed")
    assert on_the_list(course.clinic, last) == []
    Message.objects.filter(pk=letter.pk).update(state="sent", sent_to="a@example.org", ended_at=at(last))
    assert the_row(course, last).why == ("Letters unanswered: the last one has gone out",)
    an_injection(course, last)
    assert on_the_list(course.clinic, last) == []


def test_a_missed_blood_test_is_phoned_about_too(course, today_is):
    day = CHECK_DUE + timedelta(days=14)
    today_is(day)
    queue(now=at(day))
    Message.objects.filter(subject="dose").delete()
    Message.objects.filter(subject="lab", purpose="missed").update(
        state="sent", sent_to="a@example.org", ended_at=at(day)
    )
    assert the_row(course, day).due == "Blood test was due 05-Apr-2026, from 22-Mar-2026 to 19-Apr-2026"
    call = phoned(course, Outcome.WILL_COME, day, coming_on=date(2026, 4, 20))
    assert (call.about, call.due_on, call.again_on) == ("lab", CHECK_DUE, date(2026, 4, 21))
    assert on_the_list(course.clinic, day) == []
    assert on_the_list(course.clinic, date(2026, 4, 21)) == [course.patient_id]


def test_anybody_can_be_put_on_the_list_with_a_reason_and_a_day(today_is):
    today_is(DAY)
    patient = a_patient()
    who = {"patient": patient, "now": at(DAY), "asked_by": a_nurse(patient.clinic)}
    asked = ask_for_call(reason="Wants another time", call_on=TOMORROW, by_patient=True, **who)
    assert on_the_list(patient.clinic, DAY) == []
    assert on_the_list(patient.clinic, TOMORROW) == [patient.pk]
    row = listing.page_of_calls(patient.clinic, TOMORROW, {}, clinical=True).rows[0]
    assert row.why == ("The patient asked for a call: Wants another time",)
    assert row.due == "Nothing is planned"
    with pytest.raises(NotAllowed, match="asked for already"):
        ask_for_call(reason="And again", call_on=DAY, **who)
    void_asked_call(asked=asked, reason="Wrong patient", voided_by=a_nurse(patient.clinic))
    assert on_the_list(patient.clinic, TOMORROW) == []


def test_one_patient_is_one_row_where_the_longest_waiting_reason_puts_them(silent, treated):
    other = treated(a_patient(silent.clinic))
    Patient.objects.filter(pk=other.patient_id).update(email="")
    queue(now=at(DAY))
    Message.objects.filter(course=other).update(ended_at=at(DAY - timedelta(days=5)))
    ask = {"now": at(DAY), "asked_by": a_nurse(silent.clinic), "reason": "New address"}
    ask_for_call(patient=silent.patient, call_on=DAY, **ask)
    assert on_the_list(silent.clinic) == [other.patient_id, silent.patient_id]
    assert len(the_row(silent).why) == 2
    assert listing.count(silent.clinic, DAY) == 2


@pytest.mark.parametrize(
    "columns",
    [
        {"status": "deceased", "status_on": DAY},
        {"status": "transferred", "status_on": DAY, "handover_confirmed_on": DAY},
    ],
)
def test_who_died_or_was_handed_over_is_not_phoned(silent, columns):
    ask = {"now": at(DAY), "asked_by": a_nurse(silent.clinic), "reason": "New address"}
    ask_for_call(patient=silent.patient, call_on=DAY, **ask)
    Patient.objects.filter(pk=silent.patient_id).update(**columns)
    assert on_the_list(silent.clinic) == []
    with pytest.raises(NotAllowed):
        phoned(silent, Outcome.LEFT_MESSAGE)


def test_during_a_pause_nobody_is_phoned_about_the_dose(silent):
    courses.pause(
        course=silent, on=DAY, until=TOMORROW, reason="In hospital", decided_by=a_physician(silent.clinic)
    )
    assert on_the_list(silent.clinic, DAY) == []
    assert on_the_list(silent.clinic, TOMORROW) == [silent.patient_id]


def test_the_list_of_another_clinic_is_not_shown(silent):
    assert on_the_list(a_clinic("Elsewhere")) == []


# -- What came of it -----------------------------------------------------------------------------------------


def test_a_message_gives_the_next_day_by_itself(silent):
    call = phoned(silent, Outcome.LEFT_MESSAGE)
    assert call.again_on == DAY + timedelta(days=2)
    assert on_the_list(silent.clinic, TOMORROW) == []
    assert on_the_list(silent.clinic, call.again_on) == [silent.patient_id]
    assert "A message was left: no answer yet" in the_row(silent, call.again_on).why


def test_a_message_on_a_thursday_is_followed_up_on_monday_and_the_day_can_be_chosen(silent):
    thursday = date(2026, 4, 9)
    assert phoned(silent, Outcome.LEFT_MESSAGE, thursday).again_on == date(2026, 4, 13)
    assert phoned(silent, Outcome.LEFT_MESSAGE, thursday, again_on=TOMORROW + timedelta(3)).again_on == date(
        2026, 4, 10
    )


def test_with_nerves_involved_a_message_is_followed_up_the_next_open_day(silent):
    Course.objects.filter(pk=silent.pk).update(neurological=True)
    assert phoned(silent, Outcome.LEFT_MESSAGE).again_on == TOMORROW


def test_who_comes_unbooked_is_back_on_the_list_the_day_after_if_nothing_was_given(silent, today_is):
    call = phoned(silent, Outcome.WILL_COME, coming_on=DUE)  # a Thursday
    assert call.again_on == DUE + timedelta(days=1)
    assert on_the_list(silent.clinic, DUE) == []
    assert "Was going to come, and has not" in the_row(silent, call.again_on).why
    today_is(DUE)
    an_injection(silent, DUE)
    assert on_the_list(silent.clinic, call.again_on) == []


def test_the_day_of_coming_is_an_open_day_ahead(silent):
    for day, said in ((None, "Enter"), (DAY - timedelta(1), "passed"), (date(2026, 4, 11), "closed")):
        with pytest.raises(NotAllowed, match=said) as refused:
            phoned(silent, Outcome.WILL_COME, coming_on=day)
        assert refused.value.field == "coming_on"


def test_call_again_needs_a_day_and_not_one_in_a_year(silent):
    for day in (None, DAY - timedelta(days=1), DAY + timedelta(days=200)):
        with pytest.raises(NotAllowed) as refused:
            phoned(silent, Outcome.AGAIN, again_on=day)
        assert refused.value.field == "again_on"
    phoned(silent, Outcome.AGAIN, again_on=NEXT_WEEK)
    assert on_the_list(silent.clinic, NEXT_WEEK - timedelta(days=1)) == []
    assert on_the_list(silent.clinic, NEXT_WEEK) == [silent.patient_id]


def test_who_said_yes_to_a_booking_stays_until_it_is_made(silent):
    phoned(silent, Outcome.BOOKED)
    row = the_row(silent)
    assert "Wanted to book: no place is booked yet" in row.why
    assert (row.act, row.act_url) == (
        "Book the place",
        f"/patients/{silent.patient_id}/appointments/new/?subject=dose",
    )
    booking = book(silent)
    assert on_the_list(silent.clinic) == []
    appointments.cancel(appointment=booking, because="patient", cancelled_by=a_nurse(silent.clinic))
    assert on_the_list(silent.clinic) == [silent.patient_id]


def book(course, on=DUE):
    return appointments.book(
        course=course,
        subject="dose",
        on=on,
        at=free_times(course.clinic, on, at(DAY))[0],
        now=at(DAY),
        booked_by=a_nurse(course.clinic),
    )


def test_a_booked_day_that_passed_holds_nobody(silent):
    phoned(silent, Outcome.BOOKED)
    book(silent)
    assert on_the_list(silent.clinic, DUE) == []
    assert on_the_list(silent.clinic, DUE + timedelta(days=1)) == [silent.patient_id]


def test_a_wrong_number_stays_until_somebody_is_reached(silent):
    phoned(silent, Outcome.WRONG_NUMBER)
    row = the_row(silent)
    assert (row.act, row.act_url) == ("Mend the number", f"/patients/{silent.patient_id}/contact/")
    Patient.objects.filter(pk=silent.patient_id).update(phone="020 7946 0002")
    row = the_row(silent)
    assert "The number was mended: try again" in row.why
    assert (row.act, row.tel) == ("Phone", "tel:02079460002")


@pytest.mark.parametrize(
    ("outcome", "kind"),
    [(Outcome.MOVED, "transfer"), (Outcome.REFUSED, "stop"), (Outcome.DIED, "death")],
)
@pytest.mark.parametrize("role", [Role.RECEPTION, Role.MANAGER, Role.NURSE, Role.PHYSICIAN])
def test_an_outcome_for_a_physician_opens_the_request_and_comes_back_when_it_is_answered(
    silent, outcome, kind, role
):
    call = phoned(silent, outcome, called_by=a_member(silent.clinic, role))
    assert (call.request.kind, call.request.same_day) == (kind, kind == "death")
    assert call.request in Request.objects.unanswered()
    assert on_the_list(silent.clinic) == []
    answer = {"transfer": "stays", "stop": "goes on", "death": "mistaken"}[kind]
    decisions.settle_request(
        request=call.request, outcome=answer, on=DAY, decided_by=a_physician(silent.clinic)
    )
    assert any("physician has answered" in why for why in the_row(silent).why)


def test_the_same_wish_is_put_to_a_physician_once(silent):
    earlier = courses.ask_to_stop(
        patient=silent.patient, reason="", text="At the desk", on=DAY, raised_by=a_nurse(silent.clinic)
    )
    assert on_the_list(silent.clinic) == []
    call = phoned(silent, Outcome.REFUSED)
    assert call.request == earlier
    void_call(call=call, reason="Wrong patient", now=at(DAY), voided_by=a_nurse(silent.clinic))
    assert earlier in Request.objects.unanswered()


def test_a_transfer_answers_the_report_that_the_patient_moved(silent, client):
    call = phoned(silent, Outcome.MOVED)
    client.force_login(a_physician(silent.clinic))
    address = f"/patients/{silent.patient_id}/transfer/"
    sent = {"on_day": "6", "on_month": "4", "on_year": "2026", "act": "yes"}
    assert client.post(address, sent).status_code == 302
    assert Decision.objects.get(request=call.request).outcome == "transfer recorded"
    # The handover is not confirmed: the patient is still reminded, and phoned (D-20).
    assert on_the_list(silent.clinic) == [silent.patient_id]


def test_a_talk_settles_a_wish_for_a_call_only_where_nothing_is_due(silent, today_is):
    patient = a_patient(silent.clinic)
    ask = {"now": at(DAY), "asked_by": a_nurse(silent.clinic), "reason": "New address", "call_on": DAY}
    ask_for_call(patient=patient, **ask)
    record_call(patient=patient, outcome="spoken", now=at(DAY), called_by=a_nurse(silent.clinic))
    assert on_the_list(silent.clinic) == [silent.patient_id]
    with pytest.raises(NotAllowed, match="Something is due"):
        phoned(silent, Outcome.SPOKEN)


def test_a_wish_for_a_call_outlives_a_message_and_a_booking(silent):
    ask = {"now": at(DAY), "asked_by": a_nurse(silent.clinic), "reason": "New address", "call_on": DAY}
    ask_for_call(patient=silent.patient, **ask)
    call = phoned(silent, Outcome.LEFT_MESSAGE)
    book(silent)
    assert on_the_list(silent.clinic) == []
    assert on_the_list(silent.clinic, call.again_on) == [silent.patient_id]


def test_a_day_in_an_old_call_does_not_hide_a_new_wish(silent):
    phoned(silent, Outcome.AGAIN, again_on=NEXT_WEEK)
    ask = {"now": at(DAY), "asked_by": a_nurse(silent.clinic), "reason": "Is asking for you", "call_on": DAY}
    ask_for_call(patient=silent.patient, by_patient=True, **ask)
    assert on_the_list(silent.clinic) == [silent.patient_id]


def test_who_is_not_on_the_list_and_owes_nothing_is_put_on_it_first(today_is):
    today_is(DAY)
    patient = a_patient()
    with pytest.raises(NotAllowed, match="Put the patient on the list first"):
        record_call(
            patient=patient, outcome="again", again_on=DAY, now=at(DAY), called_by=a_nurse(patient.clinic)
        )


def test_a_voided_call_brings_the_patient_back_and_withdraws_the_request(silent):
    nurse = a_nurse(silent.clinic)
    call = phoned(silent, Outcome.DIED, called_by=nurse)
    void_call(call=call, reason="It was the neighbour", now=at(DAY), voided_by=nurse)
    assert on_the_list(silent.clinic) == [silent.patient_id]
    assert not Request.objects.unanswered().exists()
    assert Decision.objects.get(request=call.request).outcome == "withdrawn"
    call.refresh_from_db()
    assert (call.voided_by, call.void_reason) == (nurse, "It was the neighbour")
    with pytest.raises(NotAllowed):
        void_call(call=call, reason="Again", now=at(DAY), voided_by=nurse)


def test_what_a_physician_has_answered_is_not_withdrawn(silent):
    call = phoned(silent, Outcome.REFUSED)
    decisions.settle_request(
        request=call.request, outcome="goes on", on=DAY, decided_by=a_physician(silent.clinic)
    )
    void_call(call=call, reason="Mistake", now=at(DAY), voided_by=a_nurse(silent.clinic))
    assert Decision.objects.get(request=call.request).outcome == "goes on"


def test_after_a_voided_call_the_one_before_it_holds_again(silent):
    phoned(silent, Outcome.AGAIN, again_on=NEXT_WEEK)
    call = phoned(silent, Outcome.BOOKED)
    assert on_the_list(silent.clinic) == [silent.patient_id]
    void_call(call=call, reason="Mistake", now=at(DAY), voided_by=a_nurse(silent.clinic))
    assert on_the_list(silent.clinic) == []


def test_a_voided_dose_brings_the_patient_back(silent):
    phoned(silent, Outcome.WILL_COME, coming_on=DAY)
    dose = an_injection(silent, DAY)
    assert on_the_list(silent.clinic, TOMORROW) == []
    injections.void_injection(
        injection=dose, now=at(DAY), voided_by=a_physician(silent.clinic), reason="Wrong patient"
    )
    assert on_the_list(silent.clinic, TOMORROW) == [silent.patient_id]


def test_two_people_do_not_answer_the_same_row(silent):
    phoned(silent, Outcome.LEFT_MESSAGE, after=0)
    with pytest.raises(Stale):
        phoned(silent, Outcome.BOOKED, after=0)
    with pytest.raises(Stale):
        phoned(silent, Outcome.LEFT_MESSAGE, after=0, called_by=a_member(silent.clinic, Role.RECEPTION))
    assert Call.objects.count() == 1


def test_the_same_answer_sent_twice_is_one_call(silent):
    first = phoned(silent, Outcome.LEFT_MESSAGE, after=0)
    assert phoned(silent, Outcome.LEFT_MESSAGE, after=0) == first
    assert Call.objects.count() == AuditEntry.objects.filter(act="phoned").count() == 1


@pytest.mark.parametrize("role", [Role.RECEPTION, Role.NURSE, Role.PHYSICIAN, Role.MANAGER])
def test_everybody_at_the_desk_may_phone(silent, role):
    phoned(silent, Outcome.LEFT_MESSAGE, called_by=a_member(silent.clinic, role))
    assert AuditEntry.objects.filter(act="phoned", patient=silent.patient_id).exists()


def test_an_auditor_phones_nobody_and_neither_does_a_stranger(silent):
    for person in (a_member(silent.clinic, Role.AUDITOR), a_nurse(a_clinic())):
        ask = {"patient": silent.patient, "now": at(DAY), "asked_by": person}
        with pytest.raises(NotAllowed):
            phoned(silent, Outcome.LEFT_MESSAGE, called_by=person)
        with pytest.raises(NotAllowed):
            ask_for_call(reason="x", call_on=DAY, **ask)
    call = phoned(silent, Outcome.LEFT_MESSAGE)
    with pytest.raises(NotAllowed):
        void_call(call=call, reason="x", now=at(DAY), voided_by=a_member(silent.clinic, Role.AUDITOR))


# -- Not given -----------------------------------------------------------------------------------------------


def not_given(course, reason, day=DAY, **details):
    return record_not_given(
        course=course, on=day, reason=reason, now=at(day), recorded_by=a_nurse(course.clinic), **details
    )


@pytest.fixture
def written_to(silent):
    """The same patient, reached by every letter."""
    Message.objects.filter(course=silent).update(state="sent", cause="", reason="", sent_to="a@example.org")
    return silent


@pytest.mark.parametrize("reason", [each for each in NotGiven.Reason if each != NotGiven.Reason.HELD])
def test_a_dose_not_given_is_phoned_about_from_its_day_until_a_place_is_booked(written_to, reason):
    row = not_given(written_to, reason)
    assert row.call_on == TOMORROW
    assert on_the_list(written_to.clinic, DAY) == []
    assert on_the_list(written_to.clinic, TOMORROW) == [written_to.patient_id]
    book(written_to)
    assert on_the_list(written_to.clinic, TOMORROW) == []


def test_a_held_dose_is_phoned_about_once_a_physician_has_answered(written_to):
    row = not_given(written_to, "held")
    assert on_the_list(written_to.clinic, TOMORROW) == []
    decisions.settle_request(
        request=row.request, outcome="go on", on=TOMORROW, decided_by=a_physician(written_to.clinic)
    )
    assert on_the_list(written_to.clinic, TOMORROW) == [written_to.patient_id]


def test_a_call_before_the_missed_visit_says_nothing_about_it(written_to):
    phoned(written_to, Outcome.AGAIN, again_on=NEXT_WEEK)
    not_given(written_to, "dna", TOMORROW)
    assert on_the_list(written_to.clinic, TOMORROW + timedelta(days=1)) == [written_to.patient_id]
    phoned(written_to, Outcome.AGAIN, TOMORROW, again_on=NEXT_WEEK)
    assert on_the_list(written_to.clinic, TOMORROW + timedelta(days=1)) == []


def test_a_dose_given_after_all_needs_no_call(written_to, today_is):
    not_given(written_to, "dna")
    today_is(TOMORROW)
    an_injection(written_to, TOMORROW)
    assert on_the_list(written_to.clinic, TOMORROW) == []


# -- What the database holds ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("columns", "name"),
    [
        ({"outcome": "again"}, "an_outcome_that_waits_has_its_day"),
        ({"outcome": "again", "again_on": DAY - timedelta(days=1)}, "an_outcome_that_waits_has_its_day"),
        ({"outcome": "died"}, "an_outcome_for_a_physician_has_its_request"),
        ({"outcome": "spoken"}, "nothing_due_is_settled_by_talking"),
        ({"outcome": "shouted"}, "a_call_has_a_known_outcome"),
        ({"outcome": "booked", "due_on": None}, "a_call_about_something_says_about_what"),
    ],
)
def test_the_database_refuses_a_call_that_leads_nowhere(silent, columns, name):
    whole = {"about": "dose", "course": silent, "due_on": DUE, "called_on": DAY, **columns}
    with pytest.raises(DatabaseError, match=name), transaction.atomic():
        Call.objects.create(patient=silent.patient, called_by=a_nurse(silent.clinic), **whole)


def test_a_call_is_never_edited(silent):
    phoned(silent, Outcome.LEFT_MESSAGE)
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        Call.objects.update(again_on=NEXT_WEEK)
    with pytest.raises(DatabaseError, match="an_asked_call_says_why"), transaction.atomic():
        AskedCall.objects.create(
            patient=silent.patient, reason="", call_on=DAY, asked_on=DAY, asked_by=a_nurse(silent.clinic)
        )


def test_nobody_is_booked_by_an_outcome_alone(silent):
    phoned(silent, Outcome.BOOKED)
    assert not Appointment.objects.exists()


def test_a_wish_on_a_record_that_was_merged_is_the_wish_of_the_one_that_stays(silent, today_is):
    double = a_patient(silent.clinic)
    ask = {"now": at(DAY), "asked_by": a_nurse(silent.clinic), "reason": "New address", "call_on": DAY}
    asked = ask_for_call(patient=double, **ask)
    Patient.objects.filter(pk=double.pk).update(merged_into=silent.patient)
    assert on_the_list(silent.clinic) == [silent.patient_id]
    assert "Asked for: New address" in the_row(silent).why
    call = phoned(silent, Outcome.LEFT_MESSAGE)
    assert call.asked == asked
    assert on_the_list(silent.clinic) == []
    phoned(silent, Outcome.WILL_COME, call.again_on, coming_on=DUE)
    assert not reasons.unanswered().exists()


def test_a_day_that_was_promised_is_kept_though_the_letter_has_arrived_meanwhile(written_to, today_is):
    assert on_the_list(written_to.clinic) == []
    phoned(written_to, Outcome.AGAIN, again_on=NEXT_WEEK)
    assert on_the_list(written_to.clinic, NEXT_WEEK) == [written_to.patient_id]
    assert the_row(written_to, NEXT_WEEK).why == ("To be called again",)
    today_is(NEXT_WEEK)
    an_injection(written_to, NEXT_WEEK)
    assert on_the_list(written_to.clinic, NEXT_WEEK) == []
