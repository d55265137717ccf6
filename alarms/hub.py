"""One group listener in each server process, which fans hints out to its own sockets.

Ten times quicker than a group membership for each socket (docs/explanation/live-board.md), and nothing here waits for
the database: versions are read once a beat for all sockets, and the log of pushes is written behind them.
"""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import msgspec
import structlog
from channels.db import database_sync_to_async
from channels.layers import get_channel_layer
from django.db import Error

from alarms import live
from safehome import clock
from safehome.audit import access
from safehome.organisation.models import User

log = structlog.get_logger(__name__)

BEAT_S = 5.0
RETRY_S = 1.0


@dataclass(eq=False)
class Socket:
    """One open board: whose it is, which units it shows, and how to send to it."""

    user: User
    units: frozenset[UUID]
    send: Callable[[str], Awaitable[None]]


@dataclass
class Hub:
    """The sockets of this process. Lives on the server's event loop."""

    sockets: set[Socket] = field(default_factory=set)
    _tasks: set["asyncio.Task[None]"] = field(default_factory=set)
    _loop: asyncio.AbstractEventLoop | None = None

    async def join(self, socket: Socket) -> None:
        """Add a socket and tell it at once which version it should show; the first one starts the listener and the
        beat."""
        self.sockets.add(socket)
        loop = asyncio.get_running_loop()
        if self._loop is not loop:
            self._loop = loop
            live.sending.adopt(loop)
            self._spawn(self._listen())
            self._spawn(self._beat())
        self._spawn(self._tell_versions({socket}))

    def leave(self, socket: Socket) -> None:
        self.sockets.discard(socket)

    def _spawn(self, work: Any) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _listen(self) -> None:
        while True:
            try:
                await self._hear()
            except Exception as fault:  # Redis may go away at any time; boards live on by the beat until it is back
                log.warning("live hints are not heard; trying again", error=str(fault))
                await asyncio.sleep(RETRY_S)

    async def _hear(self) -> None:
        layer: Any = get_channel_layer()
        channel = await layer.new_channel("hub")
        await layer.group_add(live.GROUP, channel)
        while True:
            message = await layer.receive(channel)
            await self._fan_out(message["hint"])

    async def _fan_out(self, hint: dict[str, Any]) -> None:
        units = {UUID(unit) for unit in hint["units"]}
        told = [socket for socket in self.sockets if socket.units & units]
        text = msgspec.json.encode({"type": "hint", **{k: hint[k] for k in ("alarm", "event", "kind")}}).decode()
        await asyncio.gather(*(socket.send(text) for socket in told), return_exceptions=True)
        if hint["alarm"]:
            self._spawn(_log_pushes(told, hint))

    async def _beat(self) -> None:
        while True:
            await asyncio.sleep(BEAT_S)
            await self._tell_versions(self.sockets)

    async def _tell_versions(self, sockets: set[Socket]) -> None:
        """Tell boards which version they should show. When the store can't be read no beat is sent, and boards say
        that they are cut off, which is true."""
        try:
            by_unit = await database_sync_to_async(live.versions, thread_sensitive=False)()
        except Error as fault:
            log.warning("no beat: the store can't be read", error=str(fault))
            return
        await asyncio.gather(*(self._beat_one(socket, by_unit) for socket in sockets), return_exceptions=True)

    async def _beat_one(self, socket: Socket, by_unit: dict[UUID, str]) -> None:
        version = live.board_version(socket.units, by_unit)
        beat = {"type": "beat", "version": version, "at": clock.now()}
        await socket.send(msgspec.json.encode(beat).decode())


async def _log_pushes(told: list[Socket], hint: dict[str, Any]) -> None:
    """Every live push is in the access log: what went to whom."""
    users = {socket.user.pk: socket.user for socket in told}
    await database_sync_to_async(_record_pushes, thread_sensitive=False)(list(users.values()), hint)


def _record_pushes(users: list[User], hint: dict[str, Any]) -> None:
    system = access.current_system.set("socket")
    try:
        access.record_pushes(users, "alarm", hint["alarm"], detail=hint["kind"])
    finally:
        access.current_system.reset(system)


hub = Hub()
