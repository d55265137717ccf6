"""`/ws/alarms/`: hints and beats for one board. Ids and versions only; the page fetches what it may see."""

import asyncio
from typing import Any
from uuid import UUID

from channels.db import database_sync_to_async
from channels.generic.websocket import AsyncWebsocketConsumer

from alarms import policies
from alarms.hub import Socket, hub
from safehome.organisation.models import User

RECHECK_S = 30.0
NOT_ALLOWED = 4403


class AlarmConsumer(AsyncWebsocketConsumer):
    """Joined after the policy has said yes; session, role and units are looked at again every 30 seconds."""

    async def dispatch(self, message: dict[str, Any]) -> None:
        """Channels' own dispatch first hops to the one thread that closes old connections; a slow query there would
        delay every other board."""
        await getattr(self, message["type"].replace(".", "_"))(message)

    async def connect(self) -> None:
        self.socket: Socket | None = None
        standing = await self._standing()
        await self.accept()
        if standing is None:
            await self.close(code=NOT_ALLOWED)
            return
        self.socket = Socket(*standing, send=self._send_text)
        await hub.join(self.socket)
        self.checking = asyncio.create_task(self._keep_checking())

    async def disconnect(self, code: int) -> None:
        if self.socket is not None:
            hub.leave(self.socket)
            self.checking.cancel()

    async def receive(self, text_data: str | None = None, bytes_data: bytes | None = None) -> None:
        """A board has nothing to say here: what people do goes by forms."""

    async def _send_text(self, text: str) -> None:
        await self.send(text_data=text)

    async def _keep_checking(self) -> None:
        while self.socket is not None:
            await asyncio.sleep(RECHECK_S)
            standing = await self._standing()
            if standing is None:
                hub.leave(self.socket)
                await self.close(code=NOT_ALLOWED)
                return
            self.socket.units = standing[1]

    async def _standing(self) -> tuple[User, frozenset[UUID]] | None:
        return await database_sync_to_async(self._look, thread_sensitive=False)()

    def _look(self) -> tuple[User, frozenset[UUID]] | None:
        """The user as they are now, and their board's units; None when the session or the rights are gone."""
        user, session = self.scope["user"], self.scope["session"]
        if user is None or not session.session_key or not session.exists(session.session_key):
            return None
        fresh = User.objects.filter(pk=user.pk, is_active=True).first()
        units = policies.board_unit_ids(fresh) if fresh else set()
        return (fresh, frozenset(units)) if fresh and units else None
