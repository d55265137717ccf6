"""How much one gateway may send: a token bucket for requests and one for readings, in each web process."""

import time
from collections import OrderedDict
from collections.abc import Callable


class Bucket:
    """Refills evenly up to a minute's worth."""

    def __init__(self, per_minute: int, now: float) -> None:
        self.per_second = per_minute / 60
        self.full = float(per_minute)
        self.level = self.full
        self.at = now

    def take(self, amount: int, now: float) -> float:
        """Take `amount`; returns 0, or the seconds to wait when there is not enough."""
        self.level = min(self.full, self.level + (now - self.at) * self.per_second)
        self.at = now
        if self.level >= amount or self.level >= self.full:
            self.level -= amount
            return 0.0
        return (min(amount, self.full) - self.level) / self.per_second


class Limits:
    """Buckets by key, the least recently used forgotten first so that strangers can't fill the memory."""

    def __init__(self, per_minute: int, *, keys: int = 10_000, clock: Callable[[], float] = time.monotonic) -> None:
        self._per_minute = per_minute
        self._keys = keys
        self._clock = clock
        self._buckets: OrderedDict[str, Bucket] = OrderedDict()

    def wait(self, key: str, amount: int = 1) -> float:
        """Seconds that the sender must wait; 0 when it may go on."""
        now = self._clock()
        bucket = self._buckets.pop(key, None) or Bucket(self._per_minute, now)
        self._buckets[key] = bucket
        if len(self._buckets) > self._keys:
            self._buckets.popitem(last=False)
        return bucket.take(amount, now)
