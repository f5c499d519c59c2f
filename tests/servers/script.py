"""A mail server that follows a script: what it answers at each step, where it goes silent, where it hangs up."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from enum import Enum


class Silence(Enum):
    """What a server does in the place of an answer."""

    HANG_UP = "hangs up"
    SAY_NOTHING = "says nothing"


HANG_UP, SAY_NOTHING = Silence
FRIENDLY = {
    "greeting": "220 ready",
    "EHLO": "250 here",
    "NOOP": "250 yes",
    "MAIL": "250 yes",
    "RCPT": "250 yes",
    "DATA": "354 go on",
    "dot": "250 taken",
    "QUIT": "221 bye",
}


@contextmanager
def scripted_mail_server(**answers) -> Iterator[tuple[int, list[bytes]]]:
    """Run it for the length of a block; give its port and the letters that reached their final dot.

    Name a step (greeting, EHLO, MAIL, RCPT, DATA, dot) to change its answer, or to HANG_UP or SAY_NOTHING there.
    """
    script, letters, done = FRIENDLY | answers, [], threading.Event()
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(0.1)

        def serve() -> None:
            while not done.is_set():
                try:
                    client, _address = server.accept()
                except TimeoutError:
                    continue
                with client, client.makefile("rwb") as wire:
                    _converse(wire, script, letters, done)

        thread = threading.Thread(target=serve)
        thread.start()
        try:
            yield server.getsockname()[1], letters
        finally:
            done.set()
            thread.join()


def _converse(wire, script: dict, letters: list[bytes], done: threading.Event) -> None:
    """Answer one client until one of the two hangs up."""
    step = "greeting"
    while True:
        answer = script[step]
        if answer is SAY_NOTHING:
            done.wait(5)
        if answer in (HANG_UP, SAY_NOTHING):
            return
        wire.write(f"{answer}\r\n".encode())
        wire.flush()
        if step == "DATA" and answer.startswith("354"):
            letters.append(b"".join(iter(wire.readline, b".\r\n")))
            step = "dot"
            continue
        line = wire.readline()
        if not line:
            return
        step = line[:4].decode().strip().upper()
