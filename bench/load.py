"""Other homes' readings, sent all the while from a process of their own."""

import asyncio
import multiprocessing
import random
import time
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import cycle, islice
from typing import Any

import uvloop

from bench.client import Gateway, reading

POSTS_PER_S = 10
WARM_UP_S = 2.0
QUIET = {"motion": (0, 1), "humidity": (38, 40, 42), "temperature": (20.5, 21, 21.5)}


@contextmanager
def behind(port: int, token: str, sensors: list[tuple[str, str]], rate: int) -> Iterator[None]:
    """So many readings a second for as long as the block lasts, ten requests a second."""
    if not rate:
        yield
        return
    context = multiprocessing.get_context("spawn")
    process = context.Process(target=_run, args=(port, token, sensors, rate), daemon=True)
    process.start()
    time.sleep(WARM_UP_S)
    try:
        yield
        if not process.is_alive():
            raise RuntimeError("the readings behind have ended: some were not accepted")
    finally:
        process.terminate()
        process.join()


def _run(port: int, token: str, sensors: list[tuple[str, str]], rate: int) -> None:
    uvloop.run(_send(port, token, sensors, rate))


async def _send(port: int, token: str, sensors: list[tuple[str, str]], rate: int) -> None:
    """Keeps to its timetable: a slow answer does not make the next requests later."""
    turn = cycle(sensors)
    async with Gateway(port, token) as gateway:
        due = time.monotonic()
        while True:
            await gateway.post(*(quiet(*sensor) for sensor in islice(turn, rate // POSTS_PER_S)))
            due += 1 / POSTS_PER_S
            await asyncio.sleep(max(0.0, due - time.monotonic()))


def quiet(device: str, kind: str) -> dict[str, Any]:
    """A reading of a day when nothing is the matter."""
    return reading(device, kind, random.choice(QUIET[kind]))
