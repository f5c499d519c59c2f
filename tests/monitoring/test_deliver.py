"""What leaves, when, in how many letters; and what becomes of a letter when mail server, worker or disk fail."""

import socket
from datetime import time, timedelta

import pytest
from django.conf import settings as live
from django.core import mail
from django.core.mail.backends.smtp import EmailBackend
from django.db.models.functions import Now

from monitoring import leases
from monitoring.messages import deliver as delivering
from monitoring.messages.deliver import deliver
from monitoring.messages.journal import Journal
from monitoring.messages.post import Post, Verdict
from monitoring.messages.queue import queue
from monitoring.models import Heartbeat, Message
from patients.models import Clinic, Patient
from tests.factories import a_clinic, a_patient, at
from tests.monitoring.conftest import DUE

pytestmark = pytest.mark.django_db
DAY = DUE - timedelta(10)
BOTH = DUE - timedelta(14)  # both the dose and the check are announced on this day
MORNING = at(DAY)


def states():
    return list(Message.objects.order_by("pk").values_list("state", flat=True))


def only_the_dose():
    """Keep one message, so that a test is about one letter."""
    Message.objects.exclude(subject="dose").delete()
    return Message.objects.get()


@pytest.fixture
def letter(course):
    """One letter, queued."""
    Clinic.objects.update(sends_lab_reminders=False)
    queue(now=MORNING)
    return only_the_dose()


def test_a_letter_reaches_exactly_one_recipient(letter, mail_server):
    assert deliver(now=MORNING) == 1
    (received,) = mail_server.letters
    assert received["To"] == letter.patient.email
    assert received["Cc"] is received["Bcc"] is None
    letter.refresh_from_db()
    assert (letter.state, letter.sent_to, letter.attempts) == ("sent", letter.patient.email, 1)
    assert letter.ended_at == MORNING


def test_several_things_for_one_patient_are_one_letter(course, mail_server):
    queue(now=at(BOTH))
    assert deliver(now=at(BOTH)) == 1
    (received,) = mail_server.letters
    text = received.get_body(("plain",)).get_content()
    assert "16 April" in text
    assert "5 April" in text
    carrier, rider = Message.objects.order_by("pk")
    assert (carrier.state, rider.state, rider.carrier, carrier.carrier) == ("sent", "sent", carrier, None)


def test_when_the_carrier_falls_silent_another_is_promoted(course, mail_server):
    queue(now=at(BOTH))
    Clinic.objects.update(sends_injection_reminders=False)
    deliver(now=at(BOTH))
    assert len(mail_server.letters) == 1
    silent, promoted = Message.objects.order_by("pk")
    assert (silent.subject, silent.state) == ("dose", "suppressed")
    assert (promoted.state, promoted.carrier) == ("sent", None)


def test_one_mail_connection_carries_a_batch(treated, mail_server, monkeypatch):
    opened, really_open = [], EmailBackend.open
    monkeypatch.setattr(EmailBackend, "open", lambda self: (opened.append(self), really_open(self))[1])
    clinic = a_clinic()
    for _number in range(3):
        treated(a_patient(clinic))
    queue(now=at(BOTH))
    assert deliver(now=at(BOTH)) == 3
    assert len(mail_server.letters) == 3
    assert len({letter["To"] for letter in mail_server.letters}) == 3
    assert len(opened) == 1


def test_at_night_nobody_is_written_to(letter):
    Clinic.objects.update(letters_from=time(8), letters_until=time(20))
    deliver(now=at(DAY, hour=20))
    deliver(now=at(DAY + timedelta(1), hour=7))
    assert mail.outbox == []
    deliver(now=at(DAY + timedelta(1), hour=8))
    assert len(mail.outbox) == 1


def test_night_is_night_in_the_clinics_own_zone(letter):
    Clinic.objects.update(letters_from=time(8), letters_until=time(20), time_zone="Pacific/Auckland")
    deliver(now=at(DAY, hour=10))  # ten in the evening there
    assert mail.outbox == []
    deliver(now=at(DAY, hour=21))  # nine in the morning there
    assert len(mail.outbox) == 1


def test_a_mail_server_that_is_down_loses_nothing_and_is_named(letter, settings):
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))
        settings.EMAIL_HOST, settings.EMAIL_PORT = nobody.getsockname()
        assert deliver(now=MORNING) == 0
    letter.refresh_from_db()
    assert (letter.state, letter.attempts, letter.lease_token) == ("queued", 0, None)
    assert "cannot be reached" in Heartbeat.objects.get(name="deliver").trouble
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    assert deliver(now=MORNING + timedelta(minutes=1)) == 1
    assert Heartbeat.objects.get(name="deliver").trouble == ""


def test_a_refusal_for_now_is_tried_again_later_and_not_at_once(letter, mail_server):
    mail_server.answer_to_recipient = "451 4.7.1 Try again later"
    deliver(now=MORNING)
    letter.refresh_from_db()
    assert (letter.state, letter.attempts) == ("queued", 1)
    assert "451" in letter.reason
    assert timedelta(minutes=3) < letter.ready_at - MORNING < timedelta(minutes=7)
    mail_server.answer_to_recipient = None
    assert deliver(now=MORNING + timedelta(minutes=1)) == 0
    assert deliver(now=MORNING + timedelta(minutes=10)) == 1


def test_an_address_that_does_not_exist_is_marked_and_the_patient_is_phoned(letter, mail_server):
    mail_server.answer_to_recipient = "550 5.1.1 No such user"
    deliver(now=MORNING)
    letter.refresh_from_db()
    patient = Patient.objects.get(pk=letter.patient_id)
    assert (letter.state, letter.cause) == ("suppressed", "address_refused")
    assert patient.email_refused_at == MORNING
    assert list(Message.objects.needing_a_call()) == [letter]
    queue(now=MORNING + timedelta(hours=1))
    assert deliver(now=MORNING + timedelta(hours=1)) == 0


def test_a_refusal_that_is_about_us_marks_nobodys_address(letter, mail_server):
    mail_server.answer_to_recipient = "554 5.7.1 Relay access denied"
    deliver(now=MORNING)
    letter.refresh_from_db()
    assert letter.state == "queued"
    assert Patient.objects.get(pk=letter.patient_id).email_refused_at is None


def test_a_letter_whose_content_is_refused_has_failed(letter, mail_server):
    mail_server.answer_to_letter = "554 5.6.0 Message refused"
    deliver(now=MORNING)
    letter.refresh_from_db()
    assert (letter.state, letter.cause) == ("failed", "refused_content")
    assert Patient.objects.get(pk=letter.patient_id).email_refused_at is None
    assert list(Message.objects.needing_a_call()) == [letter]


def test_after_the_last_attempt_the_letter_has_failed(letter, mail_server):
    Message.objects.update(attempts=delivering.ATTEMPTS - 1)
    mail_server.answer_to_recipient = "451 Not now"
    deliver(now=MORNING)
    letter.refresh_from_db()
    assert (letter.state, letter.cause, letter.attempts) == ("failed", "gave_up", delivering.ATTEMPTS)


def test_what_was_tried_in_vain_until_it_was_of_no_use_has_failed(letter, mail_server):
    mail_server.answer_to_recipient = "451 Not now"
    deliver(now=MORNING)
    queue(now=at(DUE - timedelta(2)))
    letter.refresh_from_db()
    assert (letter.state, letter.cause) == ("failed", "too_late")


def test_waits_double_and_are_never_the_same_twice():
    waits = [delivering.wait(Verdict.LATER, attempts) for attempts in range(1, 16)]
    assert waits[0] < timedelta(minutes=7)
    assert timedelta(minutes=15) <= waits[2] <= timedelta(minutes=25)
    assert max(waits) <= timedelta(hours=10)
    assert timedelta(days=1.5) < sum(waits, timedelta()) < timedelta(days=4)
    assert len({delivering.wait(Verdict.LATER, 1) for _time in range(20)}) > 1


def test_a_worker_that_died_before_the_fence_costs_nothing(letter, mail_server):
    Message.objects.claim(MORNING, [letter.clinic_id], leases.new_token())
    assert deliver(now=MORNING) == 0
    _let_the_lease_run_out()
    assert deliver(now=MORNING) == 1
    letter.refresh_from_db()
    assert (letter.state, letter.attempts, letter.doubts) == ("sent", 1, 0)
    assert len(mail_server.letters) == 1


def test_a_worker_that_died_after_the_fence_leaves_a_doubt_and_one_more_copy_with_the_same_name(
    letter, mail_server
):
    _die_after_the_fence(letter)
    _let_the_lease_run_out()
    assert deliver(now=MORNING) == 1
    letter.refresh_from_db()
    assert (letter.state, letter.doubts, letter.attempts) == ("sent", 1, 2)


def test_after_two_doubts_a_person_decides(letter, mail_server):
    for _death in range(2):
        _die_after_the_fence(letter)
        _let_the_lease_run_out()
        Message.objects.take_up_abandoned(MORNING)
    letter.refresh_from_db()
    assert (letter.state, letter.cause) == ("in_doubt", "lost_answer")
    assert deliver(now=MORNING) == 0
    assert list(Message.objects.needing_a_call()) == [letter]


def test_a_letter_in_doubt_takes_no_new_passenger(course, mail_server):
    Clinic.objects.update(sends_injection_reminders=False)
    queue(now=at(BOTH))
    doubtful = Message.objects.get(subject="lab")
    _die_after_the_fence(doubtful)
    _let_the_lease_run_out()
    Clinic.objects.update(sends_injection_reminders=True)
    queue(now=at(BOTH))
    assert deliver(now=at(BOTH)) == 2
    assert {message.carrier for message in Message.objects.all()} == {None}
    assert len({letter["Message-ID"] for letter in mail_server.letters}) == 2


def test_a_worker_whose_lease_ran_out_does_not_pass_the_fence(letter):
    token = leases.new_token()
    ((mine,),) = Message.objects.claim(MORNING, [letter.clinic_id], token)
    _let_the_lease_run_out()
    assert not Message.objects.fence([mine], token)
    assert states() == ["claimed"]


def test_only_the_holder_of_the_lease_passes_the_fence(letter):
    ((mine,),) = Message.objects.claim(MORNING, [letter.clinic_id], leases.new_token())
    assert not Message.objects.fence([mine], leases.new_token())


def test_a_lease_from_the_future_is_no_lease(letter):
    """A clock that was set back must not lock a letter up."""
    Message.objects.claim(MORNING, [letter.clinic_id], leases.new_token())
    Message.objects.update(lease_until=Now() + 3 * leases.LEASE)
    assert deliver(now=MORNING) == 1


def test_a_patient_with_a_letter_in_somebodys_hands_waits(course):
    queue(now=at(BOTH))
    first = Message.objects.order_by("pk").first()
    Message.objects.filter(pk=first.pk).update(ready_at=at(BOTH) - timedelta(minutes=1))
    Message.objects.exclude(pk=first.pk).update(ready_at=at(BOTH) + timedelta(minutes=1))
    assert len(Message.objects.claim(at(BOTH), [course.clinic_id], leases.new_token())) == 1
    assert Message.objects.claim(at(BOTH, hour=11), [course.clinic_id], leases.new_token()) == []


def test_the_message_id_is_the_same_on_every_attempt_and_differs_between_letters(letter, mail_server):
    mail_server.answer_to_letter = "451 Not now"
    seen = []
    real = Post.send
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Post, "send", lambda self, email: (seen.append(email), real(self, email))[1])
        deliver(now=MORNING)
        mail_server.answer_to_letter = None
        deliver(now=MORNING + timedelta(minutes=30))
    first, second = (email.message()["Message-ID"] for email in seen)
    assert first == second
    assert letter.patient.email not in first


def test_the_journal_remembers_what_was_sent_and_names_nobody(letter, mail_server):
    before = _journal()
    deliver(now=MORNING)
    (line,) = _journal()[len(before) :]
    assert mail_server.letters[0]["Message-ID"] in line
    assert letter.patient.email not in line
    assert letter.key not in line


def test_nothing_leaves_when_the_journal_cannot_be_written(letter, monkeypatch, tmp_path):
    monkeypatch.setattr(live, "VAR_DIR", tmp_path)
    (tmp_path / "sent.journal").mkdir()
    assert deliver(now=MORNING) == 0
    assert mail.outbox == []
    assert states() == ["queued"]
    assert "journal" in Heartbeat.objects.get(name="deliver").trouble


def test_a_letter_that_left_is_not_sent_again_because_the_journal_failed(letter, monkeypatch):
    def full(*_args):
        raise OSError("disk full")

    monkeypatch.setattr(Journal, "note", full)
    assert deliver(now=MORNING) == 1
    assert states() == ["sent"]


def test_one_letter_that_cannot_be_written_does_not_keep_the_others(treated, monkeypatch):
    clinic = a_clinic()
    first, _second = (treated(a_patient(clinic)) for _number in range(2))
    queue(now=MORNING)
    only_doses = Message.objects.exclude(subject="dose").delete()
    assert only_doses
    real = delivering.letters.write

    def write(messages, truths):
        if messages[0].course_id == first.pk:
            raise RuntimeError("a template is broken")
        return real(messages, truths)

    monkeypatch.setattr(delivering.letters, "write", write)
    assert deliver(now=MORNING) == 1
    broken = Message.objects.get(course=first)
    assert (broken.state, broken.attempts) == ("queued", 1)
    assert broken.ready_at > MORNING


def test_an_answer_about_a_patient_that_has_grown_old_is_asked_again(treated, monkeypatch):
    clinic = a_clinic()
    for _number in range(2):
        treated(a_patient(clinic))
    queue(now=MORNING)
    Message.objects.exclude(subject="dose").delete()
    really_send = Post.send

    def send(self, email):
        Patient.objects.exclude(email=email.to[0]).update(email_consented=False)
        return really_send(self, email)

    monkeypatch.setattr(Post, "send", send)
    monkeypatch.setattr(delivering, "TRUTH_KEEPS", timedelta())
    assert deliver(now=MORNING) == 1
    assert sorted(Message.objects.values_list("cause", flat=True)) == ["", "no_consent"]


def test_no_letter_is_begun_when_the_time_of_a_run_is_used(letter):
    assert deliver(now=MORNING, budget=timedelta()) == 0
    assert states() == ["queued"]


def test_django_file_backend_gets_a_file_for_each_letter(treated, settings, tmp_path):
    settings.EMAIL_BACKEND = "django.core.mail.backends.filebased.EmailBackend"
    settings.EMAIL_FILE_PATH = tmp_path / "mail"
    clinic = a_clinic()
    for _number in range(2):
        treated(a_patient(clinic))
    queue(now=MORNING)
    assert deliver(now=MORNING) == 2
    assert len(list((tmp_path / "mail").iterdir())) == 2


def _die_after_the_fence(letter):
    token = leases.new_token()
    letters = Message.objects.claim(MORNING + timedelta(days=30), [letter.clinic_id], token)
    (mine,) = (each for each in letters if each[0].pk == letter.pk)
    assert Message.objects.fence(mine, token)


def _let_the_lease_run_out():
    Message.objects.exclude(lease_until=None).update(lease_until=Now() - timedelta(seconds=1))


def _journal():
    path = live.VAR_DIR / "sent.journal"
    return path.read_text().splitlines() if path.exists() else []
