"""A browser's end of `/ws/alarms/`, without a network between."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from asgiref.testing import ApplicationCommunicator
from django.test import Client

from safehome.asgi import sockets

WITHIN_S = 20.0


class Socket:
    """One open page's socket."""

    def __init__(self, client: Client, origin: str) -> None:
        cookies = "; ".join(f"{name}={morsel.value}" for name, morsel in client.cookies.items())
        headers = [(b"origin", origin.encode()), (b"host", b"localhost"), (b"cookie", cookies.encode())]
        scope = {
            "type": "websocket",
            "path": "/ws/alarms/",
            "query_string": b"",
            "headers": headers,
            "subprotocols": [],
        }
        self._end = ApplicationCommunicator(sockets, scope)

    async def connect(self) -> bool:
        """Whether the server has answered the call."""
        await self._end.send_input({"type": "websocket.connect"})
        return bool((await self._end.receive_output(WITHIN_S))["type"] == "websocket.accept")

    async def hear(self, kind: str) -> dict[str, Any]:
        """The next message of that type."""
        while True:
            output = await self._end.receive_output(WITHIN_S)
            message: dict[str, Any] = json.loads(output["text"])
            if message["type"] == kind:
                return message

    async def silent_but_for(self, kind: str, *, for_s: float) -> bool:
        """Whether nothing of any other type comes in that time."""
        while not await self._end.receive_nothing(for_s):
            if json.loads((await self._end.receive_output(WITHIN_S))["text"])["type"] != kind:
                return False
        return True

    async def close_code(self) -> int:
        """The code with which the server hangs up."""
        while True:
            output = await self._end.receive_output(WITHIN_S)
            if output["type"] == "websocket.close":
                return int(output["code"])

    async def say(self, text: str) -> None:
        await self._end.send_input({"type": "websocket.receive", "text": text})

    async def hang_up(self) -> None:
        await self._end.send_input({"type": "websocket.disconnect", "code": 1000})
        await self._end.wait(WITHIN_S)


@asynccontextmanager
async def board(client: Client, *, origin: str = "http://localhost") -> AsyncIterator[Socket]:
    """The socket of a page that is open in the browser where the client has signed in."""
    socket = Socket(client, origin)
    yield socket
    await socket.hang_up()
