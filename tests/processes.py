"""Real processes of Safehome on the test's own database, started on free ports and ended by their own ids."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from django.conf import settings
from django.db import connection

ROOT = Path(__file__).resolve().parents[1]
PATIENCE_S = 60.0
"""A process that has not started, or a thing that has not happened, by then never will."""


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def eventually(condition: Callable[[], bool], *, within_s: float = PATIENCE_S) -> bool:
    """Whether it comes to be."""
    deadline = time.monotonic() + within_s
    while time.monotonic() < deadline:
        if condition():
            return True
        time.sleep(0.05)
    return False


def answers(port: int) -> bool:
    """Whether somebody listens there."""
    with socket.socket() as probe:
        probe.settimeout(1)
        return probe.connect_ex(("127.0.0.1", port)) == 0


def environment(**changes: str) -> dict[str, str]:
    """The settings of a process that shares the test's database and keys."""
    return {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "safehome.settings",
        "DATABASE_URL": _database_url(),
        "SECRET_KEY": settings.SECRET_KEY,
        "SAFEHOME_FIELD_KEYS": ",".join(settings.SAFEHOME_FIELD_KEYS),
        "SAFEHOME_INDEX_KEY": settings.SAFEHOME_INDEX_KEY,
        **changes,
    }


def _database_url() -> str:
    now = connection.settings_dict
    if connection.vendor == "sqlite":
        return f"sqlite:///{now['NAME']}"
    return f"postgres://{now['USER']}:{now['PASSWORD']}@{now['HOST']}:{now['PORT'] or 5432}/{now['NAME']}"


def manage(*arguments: str, env: Mapping[str, str]) -> None:
    """Run a management command to its end."""
    command = [sys.executable, "manage.py", *arguments]
    settled = {**env, "DJANGO_SETTINGS_MODULE": "safehome.settings"}
    subprocess.run(command, cwd=ROOT, env=settled, check=True, stdout=subprocess.DEVNULL)


def server(port: int) -> list[str]:
    return [sys.executable, "-m", "uvicorn", "safehome.asgi:application", "--port", str(port), "--log-level", "error"]


def worker(*queues: str) -> list[str]:
    pool = ["--pool", "solo", "--without-gossip", "--without-mingle", "--without-heartbeat"]
    return [
        *[sys.executable, "-m", "celery", "--app", "safehome.celery:app", "worker", "--queues", ",".join(queues)],
        *["--hostname", f"{queues[0]}-{os.getpid()}@%h", *pool],
    ]


def watch() -> list[str]:
    return [sys.executable, "manage.py", "watch"]


def start(command: list[str], env: Mapping[str, str]) -> "subprocess.Popen[bytes]":
    return subprocess.Popen(command, cwd=ROOT, env=env, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)


@contextmanager
def running(
    command: list[str], env: Mapping[str, str], *, port: int | None = None
) -> Iterator["subprocess.Popen[bytes]"]:
    """The process, for as long as the block lasts; with a port, once it answers there."""
    process = start(command, env)
    try:
        if port is not None:
            assert eventually(lambda: answers(port) or process.poll() is not None), "it does not answer"
            assert process.poll() is None, "it ended while starting"
        yield process
    finally:
        process.kill()
        process.wait()
