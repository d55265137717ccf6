"""The request never talks to the broker: one that accepts and never answers does not keep a gateway waiting."""

import socket
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from devices.intake.http import PATH
from devices.models import Assignment, InboxReading
from tests import processes
from tests.factories import reading

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def deaf_broker() -> Iterator[str]:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        yield f"redis://127.0.0.1:{listener.getsockname()[1]}/0"


@pytest.mark.parametrize("broker", ["deaf", "absent"])
def test_it_answers_all_the_same(
    broker: str, deaf_broker: str, help_button: Assignment, gateway_token: str, tmp_path: Path
) -> None:
    url = deaf_broker if broker == "deaf" else "redis://127.0.0.1:1/0"
    port = processes.free_port()
    env = processes.environment(REDIS_URL=url, SAFEHOME_DATA_DIR=str(tmp_path))
    with processes.running(processes.server(port), env, port=port):
        headers = {"authorization": f"Bearer {gateway_token}"}
        for number in range(20):
            answer = httpx.post(
                f"http://127.0.0.1:{port}{PATH}",
                json=reading(help_button, 1, id=str(number)),
                headers=headers,
                timeout=4,  # less than what a client of Redis waits for an answer
            )
            assert answer.status_code == 202
    assert InboxReading.objects.count() == 20
