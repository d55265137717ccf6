"""Plays streams through the intake: first all that lies before now, then each reading when its time comes."""

import heapq
import itertools
import threading
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime

from safehome import clock
from safehome.demo.sender import Sender
from safehome.demo.streams import Said, Stream

LOOK_EVERY_S = 0.25
AT_ONCE = 250
"""Readings in one request: the workers hold the database for a moment only, and a call for help meanwhile soon has
its turn."""


class Player:
    """One thread's work. The merged streams are in the order of time, so a stop leaves no holes behind."""

    def __init__(self, streams: Iterable[Stream], sender: Sender) -> None:
        self._said: Iterator[Said] = heapq.merge(*streams, key=lambda said: said.at)
        self._next = next(self._said)
        self._sender = sender

    def join(self, stream: Stream) -> None:
        """From now on this stream is played too."""
        self._said = heapq.merge(itertools.chain([self._next], self._said), stream, key=lambda said: said.at)
        self._next = next(self._said)

    def catch_up(self, until: datetime, after_each: Callable[[int], None]) -> None:
        """Send all before `until`; after each batch `after_each` is called with its size."""
        while batch := self._due(until):
            self._send(batch)
            after_each(len(batch))

    def play(self, stop: threading.Event) -> None:
        """Send each reading when its time has come, until told to stop."""
        while not stop.wait(LOOK_EVERY_S):
            if batch := self._due(clock.now()):
                self._send(batch)

    def _due(self, until: datetime) -> list[Said]:
        due: list[Said] = []
        while self._next.at <= until and len(due) < AT_ONCE:
            due.append(self._next)
            self._next = next(self._said)
        return due

    def _send(self, batch: list[Said]) -> None:
        self._sender.send([said.reading for said in batch])
