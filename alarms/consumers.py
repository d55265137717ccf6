"""`/ws/alarms/`: hints and beats for one board. Ids and versions only; the page fetches what it may see."""

import asyncio
from importlib import import_module
from typing import Any
from uuid import UUID

import structlog
from channels.db import database_sync_to_async
from channels.generic.websocket import AsyncWebsocketConsumer
from django.conf import settings
from django.contrib.auth import HASH_SESSION_KEY, SESSION_KEY
from django.db import Error
from django.utils.crypto import constant_time_compare

from alarms import policies
from alarms.hub import Socket, hub
from safehome.organisation.models import User

log = structlog.get_logger(__name__)

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
            try:
                standing = await self._standing()
            except Error as fault:  # the store is away; the board gets no beat either, and is looked at again
                log.warning("who has a board open can't be read", error=str(fault))
                continue
            if standing is None:
                hub.leave(self.socket)
                await self.close(code=NOT_ALLOWED)
                return
            self.socket.units = standing[1]

    async def _standing(self) -> tuple[User, frozenset[UUID]] | None:
        return await database_sync_to_async(self._look, thread_sensitive=False)()

    def _look(self) -> tuple[User, frozenset[UUID]] | None:
        """The user as they are now, and their board's units; None when the session or the rights are gone."""
        user = _signed_in(self.scope["session"].session_key)
        units = policies.board_unit_ids(user) if user else set()
        return (user, frozenset(units)) if user and units else None


def _signed_in(session_key: str | None) -> User | None:
    """Whose session it is, read anew: nobody's once it has run out or ended, or the password has been changed."""
    if session_key is None:
        return None
    kept = import_module(settings.SESSION_ENGINE).SessionStore(session_key).load()
    user = User.objects.filter(pk=kept.get(SESSION_KEY), is_active=True).first()
    if user and constant_time_compare(kept.get(HASH_SESSION_KEY, ""), user.get_session_auth_hash()):
        return user
    return None
