"""The two ends of the way: a gateway that posts and boards that listen. Lean, or the client would be measured."""

import asyncio
import json
import re
import time
from collections.abc import Iterable
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Self

from websockets.asyncio.client import ClientConnection, connect

HOST = "127.0.0.1"
LATEST_S = 15.0
_LENGTH = re.compile(rb"content-length: (\d+)", re.IGNORECASE)


def reading(device: str, kind: str, value: float) -> dict[str, Any]:
    return {"device": device, "kind": kind, "value": value, "at": datetime.now(UTC).isoformat()}


class Gateway:
    """One kept-alive connection to the public intake."""

    def __init__(self, port: int, token: str) -> None:
        self._port = port
        self._head = (
            f"POST /api/v1/readings/ HTTP/1.1\r\nHost: {HOST}:{port}\r\nAuthorization: Bearer {token}\r\n"
            "Content-Type: application/json\r\nContent-Length: "
        )

    async def __aenter__(self) -> Self:
        self._reader, self._writer = await asyncio.open_connection(HOST, self._port)
        return self

    async def __aexit__(self, *_: object) -> None:
        self._writer.close()

    async def post(self, *readings: dict[str, Any]) -> float:
        """Send readings as one request; returns the seconds until they were accepted."""
        body = json.dumps(readings if len(readings) > 1 else readings[0])
        started = time.monotonic()
        self._writer.write(f"{self._head}{len(body)}\r\n\r\n{body}".encode())
        head = await self._reader.readuntil(b"\r\n\r\n")
        length = _LENGTH.search(head)
        answer = await self._reader.readexactly(int(length[1]) if length else 0)
        took = time.monotonic() - started
        if b" 202 " not in head[:20]:
            raise RuntimeError(f"not accepted: {head[:20].decode()} {answer[:200].decode()}")
        return took


@dataclass
class Hint:
    """A hint on its way: when each socket had it."""

    alarm: str
    heard: list[float] = field(default_factory=list)


def boards(port: int, sessions: Iterable[str]) -> "Audience":
    """A board's socket for each session, waiting for new alarms."""
    cookies = [f"sessionid={session}" for session in sessions]
    url, origin = f"ws://{HOST}:{port}/ws/alarms/", f"http://{HOST}:{port}"
    return Audience(url, cookies, kind="alarm.raised", origin=origin)


class Audience:
    """Sockets that wait for hints of one kind; `hint()` is answered when every one of them has heard it."""

    def __init__(self, url: str, cookies: Iterable[str], *, kind: str, origin: str | None = None) -> None:
        self._url = url
        self._cookies = list(cookies)
        self._kind = kind
        self._origin: Any = origin
        self._hints: dict[str, Hint] = {}
        self._complete: asyncio.Queue[Hint] = asyncio.Queue()

    async def __aenter__(self) -> Self:
        self._stack = AsyncExitStack()
        for cookie in self._cookies:
            socket = await self._stack.enter_async_context(
                connect(self._url, origin=self._origin, additional_headers={"Cookie": cookie})
            )
            listening = asyncio.create_task(self._listen(socket))
            self._stack.callback(listening.cancel)
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._stack.aclose()

    async def _listen(self, socket: ClientConnection) -> None:
        async for text in socket:
            now = time.monotonic()
            message = json.loads(text)
            if message.get("kind") == self._kind:
                self._hear(message["alarm"], now)

    def _hear(self, alarm: str, now: float) -> None:
        hint = self._hints.setdefault(alarm, Hint(alarm))
        hint.heard.append(now)
        if len(hint.heard) == len(self._cookies):
            self._complete.put_nowait(self._hints.pop(alarm))

    async def hint(self) -> Hint:
        """The next hint that all have heard."""
        return await asyncio.wait_for(self._complete.get(), LATEST_S)
