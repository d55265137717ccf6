"""How many readings a second the intake accepts, and how many the pipeline stores and judges."""

import asyncio
import time
from contextlib import AsyncExitStack
from itertools import cycle

from asgiref.sync import sync_to_async

from bench.client import Gateway
from bench.load import quiet
from devices.models import InboxReading

WARM_UP_S = 1.0
LASTS_S = 5.0
DRAINS_S = 8.0


async def accepted(
    port: int, token: str, sensors: list[tuple[str, str]], *, clients: int, batch: int
) -> tuple[float, list[float]]:
    """Readings a second, and the seconds that each request took; each client sends as soon as it is answered."""
    async with AsyncExitStack() as stack:
        gateways = [await stack.enter_async_context(Gateway(port, token)) for _ in range(clients)]
        turn = cycle(sensors)
        begin = time.monotonic() + WARM_UP_S
        took = await asyncio.gather(*(_keep_sending(gateway, turn, batch, begin) for gateway in gateways))
    times = [seconds for own in took for seconds in own]
    return len(times) * batch / LASTS_S, times


async def _keep_sending(gateway: Gateway, turn: "cycle[tuple[str, str]]", batch: int, begin: float) -> list[float]:
    took = []
    while (now := time.monotonic()) < begin + LASTS_S:
        seconds = await gateway.post(*(quiet(*next(turn)) for _ in range(batch)))
        if now >= begin:
            took.append(seconds)
    return took


async def drained() -> float:
    """Readings a second that leave the inbox, stored and judged, while nothing comes in."""
    started, before = time.monotonic(), await _waiting()
    while (left := await _waiting()) and time.monotonic() - started < DRAINS_S:
        await asyncio.sleep(0.1)
    return (before - left) / (time.monotonic() - started)


@sync_to_async
def _waiting() -> int:
    return InboxReading.objects.filter(settled_at=None).count()
