"""Server mode on one machine, to try it: `make serve`. `deploy/` runs the same processes for real.

PostgreSQL and Redis are those that `DATABASE_URL` and `REDIS_URL` name, or those that answer where they
usually do on this machine. Keys, accounts and static files of the trial lie in `SAFEHOME_DATA_DIR`, else in
`var/server`.
"""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Never
from urllib.parse import urlsplit

import environ
import httpx
import psycopg
import redis
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict

from safehome import secrets_store

ROOT = Path(__file__).resolve().parent.parent
USUAL_DATABASES = ["postgres:///safehome", "postgres://postgres@127.0.0.1:5432/safehome"]
USUAL_REDIS = "redis://127.0.0.1:6379/0"
SECONDS_TO_STOP = 25  # longer than Celery's soft shutdown
FIRST_PAUSE, LONGEST_PAUSE = 1.0, 10.0  # seconds before a dead process is started again


class CannotServe(Exception):
    """Something outside Safehome is missing: what to do, and what was tried."""


def find_database(environment: Mapping[str, str]) -> str:
    """The database to use, made if it was not there."""
    given = environment.get("DATABASE_URL")
    refusals = []
    for url in [given] if given else USUAL_DATABASES:
        try:
            make_database_if_absent(url)
        except psycopg.Error as refusal:
            refusals.append(str(refusal))
        else:
            return url
    raise CannotServe("No PostgreSQL answers. Start one, or name it in DATABASE_URL.", *refusals)


def make_database_if_absent(url: str) -> None:
    name = str(conninfo_to_dict(url)["dbname"])
    with psycopg.connect(url, dbname="postgres", autocommit=True, connect_timeout=3) as connection:
        if not connection.execute("select 1 from pg_database where datname = %s", [name]).fetchone():
            connection.execute(sql.SQL("create database {}").format(sql.Identifier(name)))


def find_redis(environment: Mapping[str, str]) -> tuple[str, str]:
    """Redis for the tasks and, in another of its databases, for the hints to browsers."""
    tasks = environment.get("REDIS_URL", USUAL_REDIS)
    hints = environment.get("CHANNELS_REDIS_URL") or urlsplit(tasks)._replace(path="/1").geturl()
    try:
        for url in (tasks, hints):
            redis.Redis.from_url(url, socket_connect_timeout=3).ping()
    except redis.RedisError as refusal:
        raise CannotServe("No Redis answers. Start one, or name it in REDIS_URL.", str(refusal)) from refusal
    return tasks, hints


def require_free_port(port: int) -> None:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError as refusal:
            raise CannotServe(f"Port {port} is taken. Choose another: make serve PORT=…") from refusal


def server_environment(environment: Mapping[str, str]) -> dict[str, str]:
    """What every process of the trial is told; whatever the caller's environment says goes first."""
    tasks, hints = find_redis(environment)
    folder = Path(environment.get("SAFEHOME_DATA_DIR", ROOT / "var" / "server")).resolve()
    keys = secrets_store.load(environ.Env(), folder, make=True)
    return {
        "PORT": "8000",
        "SAFEHOME_REQUIRE_MFA": "off",  # the demo's people have a password only
        "SILENCED_SYSTEM_CHECKS": "safehome.W012",  # ... which each process would warn of
        **environment,
        "SAFEHOME_MODE": "server",
        "SAFEHOME_DATA_DIR": str(folder),
        "SECRET_KEY": keys.secret_key,
        "SAFEHOME_FIELD_KEYS": ",".join(keys.field_keys),
        "SAFEHOME_INDEX_KEY": keys.index_key,
        "DATABASE_URL": find_database(environment),
        "REDIS_URL": tasks,
        "CHANNELS_REDIS_URL": hints,
    }


def manage(*arguments: str, environment: Mapping[str, str]) -> None:
    subprocess.run([sys.executable, "manage.py", *arguments], cwd=ROOT, env=environment, check=True)


def prepare(environment: Mapping[str, str]) -> None:
    """Bring the database, the static files and the demo municipality up to this version."""
    steps = {
        "Database": ["migrate", "--verbosity", "0"],
        "Static files": ["collectstatic", "--no-input", "--verbosity", "0"],
        "Demo municipality": ["demo", "--seed-only"],
    }
    for number, (title, command) in enumerate(steps.items(), start=1):
        say(f"[{number}/{len(steps)}] {title} …")
        manage(*command, environment=environment)


def commands(port: str) -> dict[str, list[str]]:
    """The processes of server mode, by name; `deploy/` has the same ones."""
    run = [sys.executable, "-m"]
    web = [*run, "uvicorn", "safehome.asgi:application", "--port", port, "--workers", "2"]
    # Hints are of a hundred bytes: packing them costs more than sending them.
    sockets = ["--ws", "websockets-sansio", "--ws-per-message-deflate", "false"]
    worker = [*run, "celery", "--quiet", "--app", "safehome.celery:app", "worker", "--concurrency", "1"]
    watch = [sys.executable, "manage.py", "watch"]
    return {
        "web": [*web, *sockets, "--log-level", "warning", "--timeout-graceful-shutdown", "5"],
        "worker-urgent": [*worker, "--queues", "urgent", "--hostname", "urgent@%h"],
        "worker-readings": [*worker, "--queues", "readings,default", "--hostname", "readings@%h"],
        "watch-1": watch,
        "watch-2": watch,
    }


class Service:
    """One process that is to be there: when it dies it is started again, after longer and longer pauses."""

    def __init__(self, name: str, command: list[str], environment: Mapping[str, str]) -> None:
        self.name = name
        self._command = command
        self._environment = environment
        self._pause = FIRST_PAUSE
        self._start_at: float | None = None
        self._start()

    def _start(self) -> None:
        """In a process group of its own, so that Ctrl-C reaches it through us, once and in order."""
        self._started = time.monotonic()
        self._start_at = None
        self._process = subprocess.Popen(
            self._command, cwd=ROOT, env=self._environment, stdin=subprocess.DEVNULL, process_group=0
        )

    def keep(self) -> None:
        """Look after it: called again and again."""
        now = time.monotonic()
        if self._start_at is None and self._process.poll() is not None:
            lived_long = now - self._started > LONGEST_PAUSE
            self._pause = FIRST_PAUSE if lived_long else min(self._pause * 2, LONGEST_PAUSE)
            self._start_at = now + self._pause
            say(f"{self.name} ended ({self._process.returncode}); starting it again in {self._pause:.0f} s")
        elif self._start_at is not None and now >= self._start_at:
            self._start()

    def ask_to_stop(self) -> None:
        if self._process.poll() is None:
            self._process.terminate()

    def wait_until_stopped(self, deadline: float) -> None:
        """Wait for the work in hand; past the deadline what is left goes, with the processes it started."""
        try:
            self._process.wait(max(0.0, deadline - time.monotonic()))
        except subprocess.TimeoutExpired:
            say(f"{self.name} did not stop in time: ended")
            os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()


@contextmanager
def running(environment: Mapping[str, str]) -> Iterator[list[Service]]:
    """Every process of server mode, for as long as the block lasts."""
    services = [Service(name, line, environment) for name, line in commands(environment["PORT"]).items()]
    try:
        yield services
    finally:
        say("Stopping …")
        deadline = time.monotonic() + SECONDS_TO_STOP
        for service in services:
            service.ask_to_stop()
        for service in services:
            service.wait_until_stopped(deadline)


def keep_running(services: list[Service], url: str) -> Never:
    """Look after the processes, and say once when the site answers."""
    answered = False
    while True:
        for service in services:
            service.keep()
        if not answered and (answered := answers(url)):
            say(f"Safehome runs in server mode at {url} (Ctrl-C stops it)")
        time.sleep(0.5)


def answers(url: str) -> bool:
    try:
        return httpx.get(f"{url}/healthz/", timeout=2).is_success
    except httpx.TransportError:
        return False


def say(text: str) -> None:
    print(text, flush=True)


def main() -> int:
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        environment = server_environment(os.environ)
        port = environment["PORT"]
        require_free_port(int(port))
        prepare(environment)
        with running(environment) as services:
            keep_running(services, f"http://127.0.0.1:{port}")
    except KeyboardInterrupt:
        return 0
    except subprocess.CalledProcessError as failure:
        say(f"Stopped: {failure}")
        return 1
    except CannotServe as reason:
        say("\n  ".join(reason.args))
        return 2


if __name__ == "__main__":
    sys.exit(main())
