"""The main job in server mode: a press is posted, the board hears of it, and somebody goes there."""

import asyncio
import json
from collections.abc import Callable
from typing import Any

import httpx
import pytest
from django.test import Client
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed
from websockets.typing import Origin

from alarms.consumers import NOT_ALLOWED
from alarms.models import Alarm
from devices.intake.http import PATH
from devices.models import Assignment
from safehome.audit.models import AccessEntry, Action
from safehome.organisation.models import User
from tests.factories import reading
from tests.processes import PATIENCE_S, eventually

SignIn = Callable[[User], Client]


def cookies_of(client: Client) -> str:
    return "; ".join(f"{name}={morsel.value}" for name, morsel in client.cookies.items())


def socket_of(port: int, client: Client) -> connect:
    return connect(
        f"ws://127.0.0.1:{port}/ws/alarms/",
        origin=Origin(f"http://127.0.0.1:{port}"),
        additional_headers={"Cookie": cookies_of(client)},
        open_timeout=PATIENCE_S,
    )


async def hear(socket: ClientConnection, kind: str) -> dict[str, Any]:
    async with asyncio.timeout(PATIENCE_S):
        async for text in socket:
            message: dict[str, Any] = json.loads(text)
            if message["type"] == kind:
                return message
    raise AssertionError(f"the socket closed before any {kind} came")


async def press_and_listen(port: int, token: str, button: dict[str, Any], client: Client) -> dict[str, Any]:
    async with socket_of(port, client) as socket, httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}") as gateway:
        await hear(socket, "beat")
        answer = await gateway.post(PATH, json=button, headers={"authorization": f"Bearer {token}"}, timeout=PATIENCE_S)
        assert answer.status_code == 202
        return await hear(socket, "hint")


def test_from_the_button_to_the_closed_alarm(
    served: int, help_button: Assignment, gateway_token: str, shift: User, client_of: SignIn
) -> None:
    browser = client_of(shift)
    hint = asyncio.run(press_and_listen(served, gateway_token, reading(help_button, 1), browser))
    alarm = Alarm.objects.get(pk=hint["alarm"])
    assert (hint["kind"], alarm.resident) == ("alarm.raised", help_button.resident)

    with httpx.Client(base_url=f"http://127.0.0.1:{served}", timeout=PATIENCE_S) as http:
        http.headers["cookie"] = cookies_of(browser)
        page = http.get(f"/alarms/{alarm.pk}/")
        assert page.status_code == 200
        csrf = page.cookies["csrftoken"]
        http.headers["cookie"] += f"; csrftoken={csrf}"
        for verb, fields in (("accept", {}), ("arrive", {}), ("close", {"outcome": "talked"})):
            alarm.refresh_from_db()
            form = {"csrfmiddlewaretoken": csrf, "version": alarm.version, **fields}
            answer = http.post(f"/alarms/{alarm.pk}/{verb}/", data=form)
            assert answer.status_code == 302, answer.text
    alarm.refresh_from_db()
    assert (alarm.handling, alarm.accepted_by, alarm.closed_by) == ("closed", shift, shift)
    assert [event.kind for event in alarm.events.all()] == [
        "alarm.raised",
        "alarm.accepted",
        "alarm.arrived",
        "alarm.closed",
    ]
    logged = AccessEntry.objects.filter(user=shift.pk, resource="alarm")
    assert {Action.PUSH, Action.READ, Action.WRITE} <= set(logged.values_list("action", flat=True))


def test_a_stranger_gets_no_socket(served: int, stranger: User, client_of: SignIn) -> None:
    async def listen() -> int | None:
        async with socket_of(served, client_of_stranger) as socket:
            with pytest.raises(ConnectionClosed):
                await socket.recv()
            return socket.close_code

    client_of_stranger = client_of(stranger)
    assert asyncio.run(listen()) == NOT_ALLOWED


def test_the_processes_say_that_they_are_well(served: int) -> None:
    def ready() -> bool:
        return httpx.get(f"http://127.0.0.1:{served}/healthz/ready/", timeout=PATIENCE_S).status_code == 200

    assert eventually(ready)


@pytest.mark.parametrize("presses", [20])
def test_each_of_many_presses_reaches_the_board(
    served: int, help_button: Assignment, gateway_token: str, shift: User, client_of: SignIn, presses: int
) -> None:
    async def many() -> list[dict[str, Any]]:
        async with socket_of(served, browser) as socket, httpx.AsyncClient(timeout=PATIENCE_S) as gateway:
            await hear(socket, "beat")
            heard = []
            for number in range(presses):
                await gateway.post(
                    f"http://127.0.0.1:{served}{PATH}",
                    json=reading(help_button, 1, id=str(number)),
                    headers={"authorization": f"Bearer {gateway_token}"},
                )
                heard.append(await hear(socket, "hint"))
            return heard

    browser = client_of(shift)
    heard = asyncio.run(many())
    assert len({hint["event"] for hint in heard}) == presses
    assert Alarm.objects.get().repeat_count == presses
