"""The limit: a process that hands what Redis publishes to its sockets, and does nothing else."""

import asyncio
import json
import multiprocessing
import time
from collections.abc import Iterator
from contextlib import contextmanager
from multiprocessing.connection import Connection

import uvloop
from redis.asyncio import Redis
from websockets.asyncio.server import ServerConnection, broadcast, serve

from bench.client import HOST, Audience

CHANNEL = "bench"
KIND = "bench.bare"
WARM_UP = 20
PAUSE_S = 0.02


async def measure(redis_url: str, sockets: int, times: int) -> list[float]:
    """Seconds from a publish until the last socket has it."""
    with _process(redis_url) as port:
        redis: Redis = Redis.from_url(redis_url)
        async with Audience(f"ws://{HOST}:{port}", [""] * sockets, kind=KIND) as audience:
            took = [await _publish(redis, audience, number) for number in range(WARM_UP + times)]
        await redis.aclose()
    return took[WARM_UP:]


async def _publish(redis: Redis, audience: Audience, number: int) -> float:
    await asyncio.sleep(PAUSE_S)
    started = time.monotonic()
    await redis.publish(CHANNEL, json.dumps({"type": "hint", "alarm": str(number), "event": 0, "kind": KIND}))
    hint = await audience.hint()
    return max(hint.heard) - started


@contextmanager
def _process(redis_url: str) -> Iterator[int]:
    context = multiprocessing.get_context("spawn")
    here, there = context.Pipe()
    process = context.Process(target=_run, args=(redis_url, there), daemon=True)
    process.start()
    try:
        yield here.recv()
    finally:
        process.terminate()
        process.join()


def _run(redis_url: str, ready: "Connection[int, None]") -> None:
    uvloop.run(_serve(redis_url, ready))


async def _serve(redis_url: str, ready: "Connection[int, None]") -> None:
    pubsub = Redis.from_url(redis_url).pubsub()
    await pubsub.subscribe(CHANNEL)
    async with serve(_stay, HOST, 0, compression=None) as server:
        ready.send(next(iter(server.sockets)).getsockname()[1])
        async for message in pubsub.listen():
            if message["type"] == "message":
                broadcast(server.connections, message["data"].decode())


async def _stay(socket: ServerConnection) -> None:
    await socket.wait_closed()
