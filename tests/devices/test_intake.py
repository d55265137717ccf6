"""`POST /api/v1/readings/`, as a gateway meets it."""

import asyncio
import json
import threading
from collections.abc import Callable, Iterator
from contextlib import closing
from typing import Any

import httpx
import pytest
from django.db import connection, connections, transaction
from pytest_django import Settings

from devices.intake import writer
from devices.intake.http import PATH, ReadingsApp
from devices.models import Assignment, GatewayToken, InboxReading
from safehome import clock
from tests.factories import as_body, reading

pytestmark = pytest.mark.django_db(transaction=True)

Send = Callable[..., httpx.Response]


@pytest.fixture
def send(gateway_token: str) -> Send:
    """`send(body)`: posts it to an intake of the test's own; `method`, `token` and `headers` may differ."""
    app: list[ReadingsApp] = []

    def sent(body: Any = b"", *, method: str = "POST", token: str = gateway_token, **more: Any) -> httpx.Response:
        app[:] = app or [ReadingsApp()]
        content = body if isinstance(body, bytes) or not isinstance(body, list | dict) else json.dumps(body).encode()
        headers = {"authorization": f"Bearer {token}"} | more.pop("headers", {})
        return asyncio.run(_request(app[0], method, content, headers))

    return sent


async def _request(app: ReadingsApp, method: str, content: Any, headers: dict[str, str]) -> httpx.Response:
    transport = httpx.ASGITransport(app=app)
    async with httpx.AsyncClient(transport=transport, base_url="http://intake") as client:
        return await client.request(method, PATH, content=content, headers=headers, timeout=60)


def problem(answer: httpx.Response) -> dict[str, Any]:
    assert answer.headers["content-type"] == "application/problem+json"
    body: dict[str, Any] = answer.json()
    assert body["status"] == answer.status_code
    assert body["title"]
    return body


def test_202_once_it_is_stored(motion_sensor: Assignment, send: Send) -> None:
    answer = send(reading(motion_sensor, 1))
    assert answer.status_code == 202
    assert answer.json().items() >= {"accepted": 1, "duplicates": 0, "reused_ids": []}.items()
    assert answer.json()["receipt"]
    assert InboxReading.objects.count() == 1


def test_a_list_and_ndjson_are_taken(motion_sensor: Assignment, send: Send) -> None:
    three = [reading(motion_sensor, 1, id=str(number)) for number in range(3)]
    assert send(three).json()["accepted"] == 3
    lines = "\n".join(json.dumps(one | {"id": f"n{one['id']}"}) for one in three).encode()
    assert send(lines).json()["accepted"] == 3


def test_sent_twice_it_has_one_effect(motion_sensor: Assignment, send: Send) -> None:
    same = reading(motion_sensor, 1)
    send(same)
    answer = send(same)
    assert (answer.status_code, answer.json()["accepted"], answer.json()["duplicates"]) == (202, 0, 1)
    assert InboxReading.objects.count() == 1


def test_400_names_each_bad_reading_and_the_good_ones_are_kept(motion_sensor: Assignment, send: Send) -> None:
    answer = send([reading(motion_sensor, 1), reading(motion_sensor, 7), "nonsense", reading(motion_sensor, 0)])
    body = problem(answer)
    assert answer.status_code == 400
    assert (body["accepted"], body["stored"]) == (2, [0, 3])
    assert [(error["index"], error["field"]) for error in body["errors"]] == [(1, "value"), (2, "")]
    assert all(error["reason"] for error in body["errors"])
    assert InboxReading.objects.filter(problem="").count() == 2


@pytest.mark.parametrize("body", [b"", b"hello", b"[]", b"[" * 100_000])
def test_400_when_there_is_no_reading_in_it(send: Send, body: bytes) -> None:
    answer = send(body)
    assert (answer.status_code, problem(answer)["accepted"]) == (400, 0)


@pytest.mark.parametrize("authorization", ["", "Bearer", "Bearer ", "Basic dGVzdA==", "Bearer nonsense", "Bearer \xe5"])
def test_401_without_a_good_token(motion_sensor: Assignment, send: Send, authorization: str) -> None:
    answer = send(reading(motion_sensor, 1), headers={"authorization": authorization.encode("latin-1")})
    assert (answer.status_code, answer.headers["www-authenticate"]) == (401, "Bearer")
    problem(answer)
    assert not InboxReading.objects.exists()


def test_401_once_the_token_is_revoked(motion_sensor: Assignment, send: Send) -> None:
    assert send(reading(motion_sensor, 1)).status_code == 202
    GatewayToken.objects.update(revoked_at=clock.now())
    assert send(reading(motion_sensor, 1)).status_code == 401


def test_403_for_another_gateways_devices(motion_sensor: Assignment, send: Send, foreign_gateway_token: str) -> None:
    answer = send(reading(motion_sensor, 1), token=foreign_gateway_token)
    assert answer.status_code == 403
    assert problem(answer)["errors"][0]["index"] == 0
    assert not InboxReading.objects.exists()


def test_a_foreign_device_in_a_batch_does_not_take_the_own_ones_with_it(
    motion_sensor: Assignment, send: Send, foreign_gateway_token: str
) -> None:
    answer = send([reading(motion_sensor, 1), reading("their-own", 1)], token=foreign_gateway_token)
    assert (answer.status_code, problem(answer)["stored"]) == (400, [1])


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE", "PATCH"])
def test_405_for_anything_but_post(send: Send, method: str) -> None:
    answer = send(method=method)
    assert (answer.status_code, answer.headers["allow"]) == (405, "POST")


def test_413_over_the_size_limit(motion_sensor: Assignment, send: Send, settings: Settings) -> None:
    settings.INTAKE_MAX_BYTES = 1_000
    answer = send([reading(motion_sensor, 1)] * 20)
    assert (answer.status_code, problem(answer)["limit"]) == (413, 1_000)


def test_413_also_when_the_size_is_not_told_beforehand(send: Send, settings: Settings) -> None:
    settings.INTAKE_MAX_BYTES = 1_000

    async def endless() -> Any:
        for _ in range(20):
            yield b" " * 100

    assert send(endless()).status_code == 413


def test_429_says_when_to_come_back(motion_sensor: Assignment, send: Send, settings: Settings) -> None:
    settings.INTAKE_REQUESTS_PER_MINUTE = 2
    answers = [send(reading(motion_sensor, 1, id=str(number))) for number in range(3)]
    assert [answer.status_code for answer in answers] == [202, 202, 429]
    assert int(answers[2].headers["retry-after"]) in range(1, 31)
    assert InboxReading.objects.count() == 2


def test_429_counts_readings_as_well(motion_sensor: Assignment, send: Send, settings: Settings) -> None:
    settings.INTAKE_READINGS_PER_MINUTE = 5
    batch = [reading(motion_sensor, 1, id=str(number)) for number in range(5)]
    assert send(batch).status_code == 202
    assert send(batch).status_code == 429


def test_more_readings_than_a_request_may_hold_are_refused(
    motion_sensor: Assignment, send: Send, settings: Settings
) -> None:
    settings.INTAKE_MAX_READINGS = 3
    assert send([reading(motion_sensor, 1)] * 4).status_code == 400


@pytest.fixture
def stuck_store() -> Iterator[threading.Event]:
    """Somebody holds the store, and nobody else can write, until the event is set."""
    held, release = threading.Event(), threading.Event()

    def hold() -> None:
        with closing(connections["default"]), transaction.atomic(), connection.cursor() as cursor:
            if connection.vendor == "postgresql":
                cursor.execute("LOCK TABLE devices_inboxreading IN ACCESS EXCLUSIVE MODE")
            held.set()
            release.wait(60)

    holder = threading.Thread(target=hold)
    holder.start()
    assert held.wait(20)
    yield release
    release.set()
    holder.join(20)


def test_503_when_the_store_does_not_answer_and_sent_again_it_is_kept_once(
    motion_sensor: Assignment, send: Send, stuck_store: threading.Event, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(writer, "PATIENCE_S", 0.3)
    same = reading(motion_sensor, 1)
    answer = send(same)
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "5")
    problem(answer)
    monkeypatch.setattr(writer, "PATIENCE_S", 30)
    stuck_store.set()
    assert send(same).status_code == 202
    assert InboxReading.objects.count() == 1


def test_503_when_the_store_is_gone_and_202_when_it_is_back(motion_sensor: Assignment, send: Send) -> None:
    """The table is away under another name: what a store in the middle of a restore looks like."""
    _rename("devices_inboxreading", "away")
    try:
        answer = send(reading(motion_sensor, 1))
    finally:
        _rename("away", "devices_inboxreading")
    assert answer.status_code == 503
    assert send(reading(motion_sensor, 1)).status_code == 202


def _rename(table: str, to: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"ALTER TABLE {table} RENAME TO {to}")


def test_a_connection_that_was_cut_is_made_anew(motion_sensor: Assignment, send: Send) -> None:
    if connection.vendor != "postgresql":
        pytest.skip("SQLite has no connection that could be cut")
    send(reading(motion_sensor, 1, id="a"))
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
            "WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
    assert send(reading(motion_sensor, 1, id="b")).status_code in (202, 503)
    assert send(reading(motion_sensor, 1, id="b")).status_code == 202
    assert InboxReading.objects.count() == 2


def test_requests_that_come_together_have_an_answer_each(
    motion_sensor: Assignment, gateway_token: str, foreign_gateway_token: str
) -> None:
    async def together() -> list[int]:
        app = ReadingsApp()
        wanted = [
            _request(
                app, "POST", as_body(reading(motion_sensor, 1, id=str(number))), {"authorization": f"Bearer {token}"}
            )
            for number in range(10)
            for token in (gateway_token, foreign_gateway_token, "nonsense")
        ]
        return [answer.status_code for answer in await asyncio.gather(*wanted)]

    assert asyncio.run(together()) == [202, 403, 401] * 10
    assert InboxReading.objects.count() == 10
