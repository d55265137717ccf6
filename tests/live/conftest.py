"""Real processes on PostgreSQL and Redis."""

import os
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import redis
from django.db import connection

from tests import processes
from tests.services import require_postgresql, require_redis


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    here = Path(__file__).parent
    for item in items:
        if here in item.path.parents:
            item.add_marker(pytest.mark.live)
            item.add_marker(pytest.mark.django_db(transaction=True))


@pytest.fixture(scope="session")
def data_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """With the static files that server mode wants to have been collected."""
    folder = tmp_path_factory.mktemp("server")
    env = os.environ | {"SAFEHOME_MODE": "server", "SAFEHOME_DATA_DIR": str(folder), "SECRET_KEY": "to collect"}
    processes.manage("collectstatic", "--no-input", "--verbosity", "0", env=env)
    return folder


@pytest.fixture
def server_environment(transactional_db: None, data_folder: Path) -> dict[str, str]:
    """Server mode on the test's database, and on Redis databases that are emptied first."""
    require_postgresql()
    tasks = require_redis()
    assert connection.vendor == "postgresql"
    number = int(urlsplit(tasks).path.strip("/") or 0)
    hints = urlsplit(tasks)._replace(path=f"/{number + 1}").geturl()
    for url in (tasks, hints):
        redis.Redis.from_url(url).flushdb()
    return processes.environment(
        SAFEHOME_MODE="server", REDIS_URL=tasks, CHANNELS_REDIS_URL=hints, SAFEHOME_DATA_DIR=str(data_folder)
    )


@pytest.fixture
def served(server_environment: dict[str, str]) -> Iterator[int]:
    """Web server, urgent worker, ordinary worker and watch loop; the port where the server answers."""
    port = processes.free_port()
    run = processes.running
    with (
        run(processes.worker("urgent"), server_environment),
        run(processes.worker("readings", "default"), server_environment),
        run(processes.watch(), server_environment),
        run(processes.server(port), server_environment, port=port),
    ):
        yield port
