"""Hints to live boards: something has happened to an alarm, look again.

Delivery is at most once by design, and the board does not notice: it compares versions with every beat. A hint
carries ids only. One listener in each server process hears all hints and fans them out to its own sockets.
"""

import asyncio
import threading
from collections.abc import Iterable
from concurrent.futures import Future
from typing import Any
from uuid import UUID

import structlog
from channels.layers import InMemoryChannelLayer, get_channel_layer
from django.db.models import Count, Max, Sum

from alarms.models import AlarmTarget
from alarms.states import Handling
from devices.models import Assignment, CollectingState

log = structlog.get_logger(__name__)

GROUP = "alarms"


class _Loop:
    """The event loop on which hints leave: the server's own where there is one (the in-memory layer reaches no other),
    else one in a thread that stays, so that its connection to Redis stays too."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._loop: asyncio.AbstractEventLoop | None = None

    def adopt(self, loop: asyncio.AbstractEventLoop) -> None:
        with self._lock:
            self._loop = loop

    def get(self) -> asyncio.AbstractEventLoop:
        with self._lock:
            if self._loop is None or self._loop.is_closed():
                self._loop = asyncio.new_event_loop()
                threading.Thread(target=self._loop.run_forever, name="live-hints", daemon=True).start()
            return self._loop


sending = _Loop()


def publish(hint: dict[str, Any]) -> None:
    """Send a hint to every server process. Returns at once; what goes wrong is logged and costs one beat."""
    layer: Any = get_channel_layer()
    if isinstance(layer, InMemoryChannelLayer) and not layer.groups:
        return  # nobody in this process listens, and no other process can
    message = {"type": "live.hint", "hint": hint}
    asyncio.run_coroutine_threadsafe(layer.group_send(GROUP, message), sending.get()).add_done_callback(_report)


def _report(sent: "Future[None]") -> None:
    if fault := sent.exception():
        log.warning("a live hint was not sent; boards catch up at the next beat", error=str(fault))


def versions(units: Iterable[UUID] | None = None) -> dict[UUID, str]:
    """Unit → a text that changes whenever one of its open alarms does, comes or goes, and whenever one of its devices
    stops or starts to collect."""
    targets = AlarmTarget.objects.exclude(alarm__handling=Handling.CLOSED)
    still = Assignment.objects.in_force().exclude(collecting=CollectingState.ACTIVE)
    if units is not None:
        wanted = list(units)
        targets, still = targets.filter(unit__in=wanted), still.filter(unit__in=wanted)
    rows = targets.order_by().values("unit").annotate(n=Count("id"), total=Sum("alarm__version"), last=Max("id"))
    texts = {row["unit"]: f"{row['n']}.{row['total']}.{row['last']}" for row in rows}
    for row in still.order_by().values("unit").annotate(n=Count("id"), last=Max("stopped_at")):
        last = int(row["last"].timestamp() * 1000) if row["last"] else 0
        texts[row["unit"]] = f"{texts.get(row['unit'], '-')}.{row['n']}.{last}"
    return texts


def board_version(units: Iterable[UUID], by_unit: dict[UUID, str]) -> str:
    """What a board over these units should show now; its fragment carries the same text."""
    return ",".join(f"{unit.hex[:8]}:{by_unit.get(unit, '-')}" for unit in sorted(units))
