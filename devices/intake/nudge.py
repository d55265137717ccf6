"""Telling Celery that the inbox has something, off the request's path.

A nudge is never needed for correctness: the watch loop sweeps the inbox. So a broker that is down or hangs delays a
reading by one sweep, and never an answer to a gateway.
"""

import threading
from collections.abc import Iterable

import structlog
from celery import current_app
from kombu.exceptions import OperationalError

from devices.models import Lane

log = structlog.get_logger(__name__)

DRAIN_TASK = "alarms.drain_inbox"
QUEUES = {Lane.URGENT: "urgent", Lane.READINGS: "readings"}
PAUSE_S = {Lane.URGENT: 0.0, Lane.READINGS: 0.2}
"""Ordinary readings wait for company: a batch of a hundred costs little more than one of ten."""


class Nudger:
    """A thread a lane; nudges that come while one is being sent become one."""

    def __init__(self) -> None:
        self._wanted = {lane: threading.Event() for lane in Lane}
        self._lock = threading.Lock()
        self._running = False

    def nudge(self, lanes: Iterable[Lane]) -> None:
        self._start()
        for lane in lanes:
            self._wanted[lane].set()

    def _start(self) -> None:
        with self._lock:
            if self._running:
                return
            self._running = True
            for lane in Lane:
                threading.Thread(target=self._run, args=(lane,), name=f"nudge-{lane.label}", daemon=True).start()

    def _run(self, lane: Lane) -> None:
        stopped = threading.Event()
        while True:
            self._wanted[lane].wait()
            self._wanted[lane].clear()
            self._send(lane)
            stopped.wait(PAUSE_S[lane])

    def _send(self, lane: Lane) -> None:
        try:
            current_app.send_task(DRAIN_TASK, kwargs={"lane": int(lane)}, queue=QUEUES[lane])
        except (OperationalError, OSError) as fault:
            log.warning("broker not reached; the watch loop will sweep the inbox", error=str(fault))
