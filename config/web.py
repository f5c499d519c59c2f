"""How gunicorn serves the pages; read by gunicorn itself."""

from pathlib import Path

from config.supervisor import die_with_parent

worker_class = "gthread"  # keeps connections alive, and a slow page holds one thread
workers = 2
threads = 4
preload_app = True  # the app is loaded once and shared; config/wsgi.py leaves no connection open
timeout = 60
graceful_timeout = 10
keepalive = 5
control_socket_disable = True
# Each worker's heartbeat file: in memory where that can be, for a busy disk must not look like a dead worker.
worker_tmp_dir = "/dev/shm" if Path("/dev/shm").is_dir() else None  # noqa: S108


def post_fork(server, worker) -> None:
    """Let no worker outlive its master and hold the port."""
    die_with_parent(server.pid)
