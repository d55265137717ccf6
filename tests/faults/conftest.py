"""Readings stream in, and something is killed in the middle."""

import shutil
import subprocess
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests import processes
from tests.faults.scene import Scene
from tests.services import missing

WITHIN_S = 120


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    here = Path(__file__).parent
    for item in items:
        if here in item.path.parents:
            item.add_marker(pytest.mark.faults)
            item.add_marker(pytest.mark.timeout(WITHIN_S, func_only=True))
            item.add_marker(pytest.mark.django_db(transaction=True))


StartRedis = Callable[[], "subprocess.Popen[bytes]"]


@pytest.fixture
def redis_port() -> int:
    return processes.free_port()


@pytest.fixture
def start_redis(redis_port: int, tmp_path: Path) -> StartRedis:
    """Starts a Redis of the test's own; one that was killed comes back empty."""
    binary = shutil.which("redis-server") or missing("redis-server", "install it")
    command = [binary, "--port", str(redis_port), "--bind", "127.0.0.1", "--save", "", "--dir", str(tmp_path)]

    def start() -> "subprocess.Popen[bytes]":
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
        assert processes.eventually(lambda: processes.answers(redis_port))
        return process

    return start


@pytest.fixture
def scene(transactional_db: None, start_redis: StartRedis, redis_port: int, tmp_path: Path) -> Iterator[Scene]:
    """Safehome's processes on the test's database and on a Redis of their own; any of them can be killed."""
    env = processes.environment(
        REDIS_URL=f"redis://127.0.0.1:{redis_port}/0",
        CHANNELS_REDIS_URL=f"redis://127.0.0.1:{redis_port}/1",
        SAFEHOME_DATA_DIR=str(tmp_path),
    )
    port = processes.free_port()
    with ExitStack() as stack:
        scene = Scene(port)
        stack.callback(scene.end)
        scene.add("redis", start_redis)
        scene.add("worker", lambda: processes.start(processes.worker("urgent", "readings", "default"), env))
        scene.add("watch", lambda: processes.start(processes.watch(), env))
        scene.add("web", lambda: processes.start(processes.server(port), env))
        assert processes.eventually(lambda: processes.answers(port))
        yield scene
