"""`make serve` keeps its processes alive, stops them all, and says in words what is missing."""

import os
import signal
import socket
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from scripts import serve


@pytest.fixture(autouse=True)
def short_pause(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(serve, "FIRST_PAUSE", 0.01)


@pytest.fixture
def log(tmp_path: Path) -> Path:
    """Where the process that is looked after writes its number, once for each of its lives."""
    return tmp_path / "lives"


@pytest.fixture
def service(log: Path) -> Iterator[serve.Service]:
    script = f"import os, time; print(os.getpid(), file=open({str(log)!r}, 'a'), flush=True); time.sleep(60)"
    kept = serve.Service("sleeper", [sys.executable, "-c", script], os.environ)
    yield kept
    kept.ask_to_stop()
    kept.wait_until_stopped(time.monotonic() + 5)


def lives(log: Path) -> list[int]:
    return [int(line) for line in log.read_text().split()] if log.exists() else []


def eventually(condition: Callable[[], bool], service: serve.Service) -> bool:
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        service.keep()
        if condition():
            return True
        time.sleep(0.02)
    return False


def is_alive(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    return True


def test_a_process_that_dies_is_started_again(
    service: serve.Service, log: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert eventually(lambda: len(lives(log)) == 1, service)
    os.kill(lives(log)[0], signal.SIGKILL)
    assert eventually(lambda: len(lives(log)) == 2, service)
    assert "sleeper ended (-9); starting it again" in capsys.readouterr().out


def test_a_process_that_will_not_stop_is_ended(log: Path, capsys: pytest.CaptureFixture[str]) -> None:
    script = (
        "import os, signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN);"
        f"print(os.getpid(), file=open({str(log)!r}, 'a'), flush=True); time.sleep(60)"
    )
    stubborn = serve.Service("stubborn", [sys.executable, "-c", script], os.environ)
    assert eventually(lambda: len(lives(log)) == 1, stubborn)
    stubborn.ask_to_stop()
    stubborn.wait_until_stopped(time.monotonic() + 0.2)
    assert not is_alive(lives(log)[0])
    assert "stubborn did not stop in time" in capsys.readouterr().out


def test_a_taken_port_is_said_in_words() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        with pytest.raises(serve.CannotServe, match="is taken"):
            serve.require_free_port(taken.getsockname()[1])


def test_a_missing_database_is_said_in_words() -> None:
    with pytest.raises(serve.CannotServe, match="No PostgreSQL answers"):
        serve.find_database({"DATABASE_URL": "postgres://127.0.0.1:1/safehome"})


def test_a_missing_redis_is_said_in_words() -> None:
    with pytest.raises(serve.CannotServe, match="No Redis answers"):
        serve.find_redis({"REDIS_URL": "redis://127.0.0.1:1/0"})
