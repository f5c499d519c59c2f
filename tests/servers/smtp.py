"""A mail server that takes letters over a real connection and keeps them for the test to read."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage

from aiosmtpd.controller import Controller

from tests.servers import free_port


@dataclass
class MailServer:
    """What arrived, and what the server answers at each step of a letter (None: yes)."""

    port: int
    letters: list[EmailMessage] = field(default_factory=list)
    answer_to_recipient: str | None = None
    answer_to_letter: str | None = None

    @property
    def url(self) -> str:
        """Give the EMAIL_URL of this server."""
        return f"smtp://127.0.0.1:{self.port}"

    async def handle_RCPT(self, server, session, envelope, address, options) -> str:  # noqa: N802
        """Take a recipient, or answer as the test wishes."""
        if self.answer_to_recipient:
            return self.answer_to_recipient
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope) -> str:  # noqa: N802
        """Keep the letter, or answer as the test wishes."""
        if self.answer_to_letter:
            return self.answer_to_letter
        self.letters.append(message_from_bytes(envelope.original_content, policy=policy.default))
        return "250 OK"


@contextmanager
def running_mail_server() -> Iterator[MailServer]:
    """Run a mail server for the length of a block."""
    server = MailServer(port=free_port())
    controller = Controller(server, hostname="127.0.0.1", port=server.port)
    controller.start()
    try:
        yield server
    finally:
        controller.stop()
