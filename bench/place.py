"""What is measured, for as long as it is: the processes of `make serve` with a database and Redis of their own, or the
demo."""

import json
import os
import socket
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import django
import psycopg
import redis
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict

from bench.client import HOST
from scripts import serve

WHAT_RUNS = "web × 2, worker urgent, worker readings, watch × 2, PostgreSQL, Redis"
REDIS_NUMBERS = (14, 15)
SERVERS = ("DATABASE_URL", "REDIS_URL", "CHANNELS_REDIS_URL")
STARTS_WITHIN_S = 120
# One gateway sends what a whole municipality would: its limits are not what is measured.
NO_LIMITS = {
    "SAFEHOME_INTAKE_REQUESTS_PER_MINUTE": "100000000",
    "SAFEHOME_INTAKE_READINGS_PER_MINUTE": "100000000",
}


@contextmanager
def prepared(*, pages: bool) -> Iterator[dict[str, str]]:
    """The environment of an installation that is empty and migrated; `pages` also gets its static files ready.

    Django of this process is set up in it, so that it can seed and look.
    """
    with ExitStack() as stack:
        tasks, hints = stack.enter_context(_redis())
        environment = serve.server_environment(
            {
                "LOG_LEVEL": "WARNING",
                **os.environ,
                **NO_LIMITS,
                "PORT": str(free_port()),
                "SAFEHOME_DATA_DIR": stack.enter_context(tempfile.TemporaryDirectory()),
                "DATABASE_URL": stack.enter_context(_database()),
                "REDIS_URL": tasks,
                "CHANNELS_REDIS_URL": hints,
            }
        )
        serve.manage("migrate", "--verbosity", "0", environment=environment)
        if pages:
            serve.manage("collectstatic", "--no-input", "--verbosity", "0", environment=environment)
        os.environ.update(environment)
        django.setup()
        yield environment


@contextmanager
def running(environment: Mapping[str, str]) -> Iterator[None]:
    """Web, workers and watch, ended with the block."""
    with serve.running(environment):
        wait_until_it_answers(int(environment["PORT"]))
        yield


@contextmanager
def demo() -> Iterator[dict[str, Any]]:
    """The demo in its one process, with a folder of its own and no home replayed; yields what its demo.json says."""
    with tempfile.TemporaryDirectory() as folder:
        port = free_port()
        own = {"SAFEHOME_MODE": "embedded", "SAFEHOME_DATA_DIR": folder, "PORT": str(port), "LOG_LEVEL": "WARNING"}
        for name in SERVERS:
            os.environ.pop(name, None)
        os.environ.update(own)
        process = serve.Service("demo", [sys.executable, "manage.py", "demo", "--no-replay"], os.environ)
        try:
            wait_until_it_answers(port)
            django.setup()
            yield json.loads(Path(folder, "demo.json").read_text())
        finally:
            process.ask_to_stop()
            process.wait_until_stopped(time.monotonic() + serve.SECONDS_TO_STOP)


def wait_until_it_answers(port: int) -> None:
    deadline = time.monotonic() + STARTS_WITHIN_S
    while not serve.answers(f"http://{HOST}:{port}"):
        if time.monotonic() > deadline:
            raise serve.CannotServe(f"Nothing answers on port {port}")
        time.sleep(0.2)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        return int(probe.getsockname()[1])


@contextmanager
def _database() -> Iterator[str]:
    """A database that is made here and dropped again, on the server that Safehome would use."""
    url = _make_database(f"safehome_bench_{os.getpid()}")
    try:
        yield url
    finally:
        with psycopg.connect(url, dbname="postgres", autocommit=True) as connection:
            name = sql.Identifier(str(conninfo_to_dict(url)["dbname"]))
            connection.execute(sql.SQL("drop database {} with (force)").format(name))


def _make_database(name: str) -> str:
    given = os.environ.get("DATABASE_URL")
    refusals: list[str] = []
    for url in [given] if given else serve.USUAL_DATABASES:
        try:
            return serve.find_database({"DATABASE_URL": f"{url.rpartition('/')[0]}/{name}"})
        except serve.CannotServe as refusal:
            refusals += refusal.args[1:]
    raise serve.CannotServe("No PostgreSQL answers. Start one, or name it in DATABASE_URL.", *refusals)


@contextmanager
def _redis() -> Iterator[tuple[str, str]]:
    """Two databases of Redis that nobody else uses, emptied again afterwards."""
    base = os.environ.get("REDIS_URL", serve.USUAL_REDIS).rpartition("/")[0]
    tasks, hints = serve.find_redis({name: f"{base}/{n}" for name, n in zip(SERVERS[1:], REDIS_NUMBERS, strict=True)})
    clients = [redis.Redis.from_url(url) for url in (tasks, hints)]
    if any(client.dbsize() for client in clients):
        raise serve.CannotServe(f"Databases {REDIS_NUMBERS} of Redis are in use; bench needs them empty.")
    try:
        yield tasks, hints
    finally:
        for client in clients:
            client.flushdb()
            client.close()
