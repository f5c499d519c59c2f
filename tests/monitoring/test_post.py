"""What the post makes of a mail server's answer at each step, and of no answer."""

import pytest
from django.core.mail import EmailMessage

from monitoring.messages.post import Post, Unreachable, Verdict
from tests.servers.script import HANG_UP, SAY_NOTHING, scripted_mail_server


@pytest.fixture
def letter():
    return EmailMessage("Hello", "First line\n.\n..dots\nlast", "desk@example.org", ["pat@example.org"])


def handed_over(settings, letter, times=1, **answers):
    """Send a letter to a server with these answers; give the last verdict and what reached its final dot."""
    with scripted_mail_server(**answers) as (port, letters):
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT, settings.EMAIL_TIMEOUT = "127.0.0.1", port, 1
        with Post() as post:
            for _time in range(times):
                post.open()
                answer = post.send(letter)
        return answer.verdict, letters


STEPS = [
    ({}, Verdict.TAKEN),
    ({"MAIL": "451 not now"}, Verdict.LATER),
    ({"MAIL": "550 not from you"}, Verdict.LATER),
    ({"MAIL": HANG_UP}, Verdict.LATER),
    ({"MAIL": "421 closing"}, Verdict.LATER),
    ({"RCPT": "450 not now"}, Verdict.LATER),
    ({"RCPT": "550 5.1.1 no such user"}, Verdict.ADDRESS),
    ({"RCPT": "550 unknown"}, Verdict.ADDRESS),
    ({"RCPT": "554 5.7.1 relay denied"}, Verdict.LATER),
    ({"RCPT": "530 sign in first"}, Verdict.LATER),
    ({"RCPT": SAY_NOTHING}, Verdict.LATER),
    ({"DATA": "451 not now"}, Verdict.LATER),
    ({"DATA": "554 no"}, Verdict.CONTENT),
    ({"DATA": HANG_UP}, Verdict.LATER),
    ({"dot": "451 not now"}, Verdict.LATER),
    ({"dot": "552 too big"}, Verdict.CONTENT),
    ({"dot": HANG_UP}, Verdict.DOUBT),
    ({"dot": SAY_NOTHING}, Verdict.DOUBT),
]


@pytest.mark.parametrize(("answers", "verdict"), STEPS, ids=lambda value: str(value))
def test_each_answer_at_each_step_is_understood(settings, letter, answers, verdict):
    assert handed_over(settings, letter, **answers)[0] is verdict


def test_a_line_that_begins_with_a_dot_arrives_whole(settings, letter):
    _verdict, (received,) = handed_over(settings, letter)
    assert received.replace(b"\r\n..", b"\r\n.").endswith(b"First line\r\n.\r\n..dots\r\nlast\r\n")


def test_a_kept_connection_serves_again_after_the_server_dropped_it(settings, letter):
    verdict, letters = handed_over(settings, letter, times=2, NOOP=HANG_UP)
    assert verdict is Verdict.TAKEN
    assert len(letters) == 2


@pytest.mark.parametrize("answers", [{"greeting": HANG_UP}, {"greeting": "554 go away"}, {"EHLO": HANG_UP}])
def test_a_server_that_does_not_receive_us_is_unreachable(settings, letter, answers):
    with pytest.raises(Unreachable):
        handed_over(settings, letter, **answers)


def test_an_address_that_breaks_out_of_its_line_is_refused_by_us(settings):
    letter = EmailMessage("Hello", "Text", "desk@example.org", ["pat@example.org\nRCPT TO:<spy@example.org>"])
    assert handed_over(settings, letter) == (Verdict.ADDRESS, [])
