"""Hands one letter at a time to the mail server over a kept connection, and understands its answer."""

import re
import smtplib
from dataclasses import dataclass
from email.utils import parseaddr
from enum import StrEnum

from django.core.mail import EmailMessage, get_connection
from django.core.mail.backends.smtp import EmailBackend
from django.core.mail.message import sanitize_address


class Verdict(StrEnum):
    """What the mail server's answer means for the letter."""

    TAKEN = "taken"
    LATER = "later"
    ADDRESS = "address refused"
    CONTENT = "content refused"
    DOUBT = "answer lost after the content was handed over"


@dataclass(frozen=True)
class Answer:
    """A verdict, and the mail server's words for staff; they may quote an address and are never logged."""

    verdict: Verdict
    text: str = ""


class Unreachable(Exception):
    """No mail server can be spoken to; no letter was handed over."""


class Post:
    """A mail connection for a batch. Use it as a context manager: it is closed at the end, whatever happened."""

    def __init__(self):
        self.connection = get_connection()
        self.speaks_smtp = isinstance(self.connection, EmailBackend)

    def __enter__(self) -> "Post":
        return self

    def __exit__(self, *error) -> None:
        self.close()

    def open(self) -> None:
        """Be ready for a letter. Raises Unreachable."""
        if not self.speaks_smtp:
            return
        try:
            if self.connection.connection is not None and not self._is_alive():
                self.close()
            if self.connection.connection is None:
                self.connection.open()
                self.connection.connection.ehlo_or_helo_if_needed()
        except (smtplib.SMTPException, OSError) as error:
            self.close()
            raise Unreachable(type(error).__name__) from error

    def close(self) -> None:
        """Say goodbye; a connection that is gone already is no trouble."""
        try:
            self.connection.close()
        except (smtplib.SMTPException, OSError):
            self.connection.connection = None

    def send(self, email: EmailMessage) -> Answer:
        """Hand over one letter to its one recipient. Call open() before."""
        try:
            content = email.message().as_bytes(linesep="\r\n")
            sender, recipient = (_bare(address, email) for address in (email.from_email, *email.to))
        except ValueError as error:
            return Answer(Verdict.ADDRESS, f"The address cannot be written: {type(error).__name__}")
        if not self.speaks_smtp:
            return _to_backend(email)
        answer = _converse(self.connection.connection, sender, recipient, content)
        if answer.verdict is not Verdict.TAKEN:
            self.close()
        return answer

    def _is_alive(self) -> bool:
        try:
            return self.connection.connection.noop()[0] == 250
        except (smtplib.SMTPException, OSError):
            return False


def _bare(address: str, email: EmailMessage) -> str:
    return parseaddr(sanitize_address(address, email.encoding or "utf-8"))[1]


def _to_backend(email: EmailMessage) -> Answer:
    """Any other backend of Django's; a file backend gets a file for each letter."""
    try:
        taken = get_connection().send_messages([email])
    except OSError as error:
        return Answer(Verdict.LATER, f"The letter could not be written: {type(error).__name__}")
    return Answer(Verdict.TAKEN if taken else Verdict.LATER)


def _converse(wire: smtplib.SMTP, sender: str, recipient: str, content: bytes) -> Answer:
    """Speak SMTP step by step, so that it is known at which step an answer went missing (RFC 5321, 4.1.4)."""
    options = ["BODY=8BITMIME"] if wire.has_extn("8bitmime") else []
    try:
        code, words = wire.mail(sender, options)
        if code != 250:
            return _refused(code, words, Verdict.LATER)
        code, words = wire.rcpt(recipient)
        if code not in (250, 251):
            return _refused(code, words, Verdict.ADDRESS)
        code, words = wire.docmd("DATA")
        if code != 354:
            return _refused(code, words, Verdict.CONTENT)
        # A line that begins with a dot gets a second one.
        wire.send(re.sub(rb"(?m)^\.", b"..", content.rstrip(b"\r\n")) + b"\r\n")
    except (smtplib.SMTPException, OSError) as error:
        return Answer(Verdict.LATER, f"The mail server hung up or was too slow: {type(error).__name__}")
    try:
        wire.send(b".\r\n")  # a dot alone is the end; from here on the server may have the letter
        code, words = wire.getreply()
    except (smtplib.SMTPException, OSError) as error:
        return Answer(Verdict.DOUBT, f"The mail server's last answer was lost: {type(error).__name__}")
    return (
        Answer(Verdict.TAKEN, _text(code, words)) if code == 250 else _refused(code, words, Verdict.CONTENT)
    )


def _refused(code: int, words: bytes, permanent: Verdict) -> Answer:
    """Sort a refusal: 4xx is for now. A 5xx about us (5.7, access, sign-in) says nothing about the address."""
    about_us = code in (530, 535, 538) or words.startswith(b"5.7.")
    if code < 500 or (about_us and permanent is Verdict.ADDRESS):
        return Answer(Verdict.LATER, _text(code, words))
    return Answer(permanent, _text(code, words))


def _text(code: int, words: bytes) -> str:
    return f"{code} {words.decode('ascii', 'replace')}"[:250]
