"""Embedded mode: web server, Celery workers and watch loop in one process, for trying out and small test beds.

The same pipeline as in server mode (docs/explanation/modes.md). The server has the main thread; everything beside it
runs in threads that this module starts and ends. Nothing is started by importing an app.
"""

import logging
import signal
import socket
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from types import FrameType

import structlog
import uvicorn
from celery.worker import WorkController, state

from alarms import watch
from safehome.celery import app

log = structlog.get_logger(__name__)

HOST = "127.0.0.1"
STARTS_WITHIN_S = 120.0
STOPS_WITHIN_S = 4.0
QUEUES = ("urgent", "readings,default")
"""A worker for each: a call for help never waits behind other readings."""

Work = Callable[[threading.Event], None]
"""What runs in a thread of its own until the event is set."""


class PortTaken(Exception):
    """Another program listens where the server was to listen."""


def listen(port: int) -> socket.socket:
    """Take the port before anything else is done. Raises PortTaken."""
    listener = socket.socket()
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((HOST, port))
        listener.listen()
    except OSError as refusal:
        listener.close()
        raise PortTaken(str(refusal)) from refusal
    return listener


class PartFailed(Exception):
    """A thread has ended by a fault; the others were stopped."""


class _Server(uvicorn.Server):
    """Tells the threads to stop as soon as the server is told."""

    def __init__(self, tell: Callable[[], None]) -> None:
        super().__init__(_config())
        self._tell = tell

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        self._tell()
        super().handle_exit(sig, frame)


class Embedded:
    """One process that is all of Safehome. `run` returns after Ctrl-C or SIGTERM, or raises PartFailed."""

    def __init__(self, listener: socket.socket) -> None:
        self.stop = threading.Event()
        self._listener = listener
        self._threads: list[threading.Thread] = []
        self._failed: str | None = None
        self._server = _Server(self._tell_threads)

    def run(self, guide: Work) -> None:
        """Serve in this thread. `guide` goes on in another and says what is started when: first the workers, and the
        watch loop once the data are ready to be watched."""
        self.beside("guide", guide)
        before = signal.signal(signal.SIGTERM, signal.default_int_handler)
        try:
            with suppress(KeyboardInterrupt):  # uvicorn hands on the signal that it has obeyed
                self._server.run(sockets=[self._listener])
        finally:
            signal.signal(signal.SIGTERM, before)
            self._end()
        if self._failed:
            raise PartFailed(self._failed)

    def beside(self, name: str, work: Work) -> None:
        """Start a thread. What goes wrong in it ends the process: a demo that is half alive would mislead."""
        thread = threading.Thread(target=self._guarded, args=(name, work), name=name, daemon=True)
        self._threads.append(thread)
        thread.start()

    def start_workers(self) -> None:
        """Once the server answers, a worker for each set of queues. One after the other: the choice of queues is the
        application's, and read when a worker begins to listen. Raises TimeoutError."""
        self._wait_for("the web server", lambda: self._server.started)
        for queues in QUEUES:
            ready = threading.Event()
            self.beside(f"worker of {queues}", partial(_work, _worker(queues, ready)))
            self._wait_for(f"the worker of {queues}", ready.is_set)

    def start_watch(self) -> None:
        self.beside("watch loop", watch.run)

    def _wait_for(self, what: str, is_there: Callable[[], bool]) -> None:
        deadline = time.monotonic() + STARTS_WITHIN_S
        while not is_there() and not self.stop.wait(0.05):
            if time.monotonic() > deadline:
                raise TimeoutError(f"{what} did not start")

    def _guarded(self, name: str, work: Work) -> None:
        try:
            work(self.stop)
        except Exception:
            log.exception("a part of the process has failed; stopping", part=name)
            self._failed = name
            self._server.should_exit = True

    def _tell_threads(self) -> None:
        self.stop.set()
        state.should_stop = 0  # type: ignore[assignment]  # an exit code; its types know only None

    def _end(self) -> None:
        """Let the work in hand be finished; what takes longer than a few seconds is begun anew at the next start."""
        self._tell_threads()
        deadline = time.monotonic() + STOPS_WITHIN_S
        for thread in self._threads:
            thread.join(max(0.0, deadline - time.monotonic()))
        state.should_stop = None


def _config() -> uvicorn.Config:
    return uvicorn.Config(
        "safehome.asgi:application",
        ws="websockets-sansio",
        log_config=None,
        log_level=logging.WARNING,
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=2,
    )


def _work(worker: WorkController, stop: threading.Event) -> None:
    """Celery has a flag of its own for all workers of a process (`_tell_threads`), and ends quietly on a fault."""
    worker.start()
    if not stop.is_set():
        raise RuntimeError("a worker ended by itself")


def _worker(queues: str, ready: threading.Event) -> WorkController:
    """A Celery worker that sets no signal handlers and takes one task at a time, in its own thread."""
    return app.WorkController(
        hostname=f"{queues.replace(',', '-')}@embedded",
        queues=queues,
        pool_cls="solo",
        concurrency=1,
        without_mingle=True,
        without_gossip=True,
        without_heartbeat=True,
        ready_callback=lambda consumer: ready.set(),
        quiet=True,
    )
