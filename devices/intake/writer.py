"""One thread that writes what concurrent requests bring, all that has come meanwhile in one commit."""

import asyncio
import queue
import threading
from concurrent.futures import Future

import structlog
from django.db import DatabaseError, OperationalError, connection

from devices.intake.inbox import Receipt, Request, keep
from devices.intake.nudge import Nudger

log = structlog.get_logger(__name__)

MOST_AT_ONCE = 256
PATIENCE_S = 10.0


class StoreDown(Exception):
    """The readings could not be kept; the sender must send them again."""


class Writer:
    """Group commit. `submit` returns only after the readings are durably stored, or raises StoreDown."""

    def __init__(self, nudger: Nudger) -> None:
        self._nudger = nudger
        self._waiting: queue.SimpleQueue[tuple[Request, Future[Receipt]]] = queue.SimpleQueue()
        self._started = threading.Lock()
        self._thread: threading.Thread | None = None

    async def submit(self, request: Request) -> Receipt:
        self._start()
        done: Future[Receipt] = Future()
        self._waiting.put((request, done))
        try:
            return await asyncio.wait_for(asyncio.wrap_future(done), PATIENCE_S)
        except (TimeoutError, DatabaseError) as fault:
            raise StoreDown from fault

    def _start(self) -> None:
        with self._started:
            if self._thread is None or not self._thread.is_alive():
                self._thread = threading.Thread(target=self._run, name="intake-writer", daemon=True)
                self._thread.start()

    def _run(self) -> None:
        while True:
            self._write(self._take())

    def _take(self) -> list[tuple[Request, Future[Receipt]]]:
        taken = [self._waiting.get()]
        while len(taken) < MOST_AT_ONCE and not self._waiting.empty():
            taken.append(self._waiting.get())
        return [(request, done) for request, done in taken if done.set_running_or_notify_cancel()]

    def _write(self, taken: list[tuple[Request, Future[Receipt]]]) -> None:
        try:
            receipts = keep([request for request, _ in taken])
        except Exception as fault:  # whatever it is, nobody is told that their readings are stored
            self._fall_back(taken, fault)
            return
        for (_, done), receipt in zip(taken, receipts, strict=True):
            done.set_result(receipt)
        self._nudger.nudge({lane for receipt in receipts for lane in receipt.lanes})

    def _fall_back(self, taken: list[tuple[Request, Future[Receipt]]], fault: Exception) -> None:
        """One request that the store refuses must not take the others with it: each is tried alone."""
        if len(taken) == 1 or isinstance(fault, OperationalError):
            self._refuse(taken, fault)
        else:
            for one in taken:
                self._write([one])

    def _refuse(self, taken: list[tuple[Request, Future[Receipt]]], fault: Exception) -> None:
        log.error("intake could not store", requests=len(taken), error=str(fault))
        for _, done in taken:
            done.set_exception(fault if isinstance(fault, DatabaseError) else DatabaseError(str(fault)))
        connection.close()  # the next request finds out afresh whether the store is up
