"""Real servers for tests, each on its own free port or socket, gone when the test ends."""

import socket


def free_port() -> int:
    """Give a TCP port of this machine that nobody listens on."""
    with socket.socket() as trial:
        trial.bind(("127.0.0.1", 0))
        return trial.getsockname()[1]
