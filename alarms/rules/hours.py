"""Hours of the day on the home's own clock: night, waking hours. Right over both changes of the clock."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from typing import NamedTuple
from zoneinfo import ZoneInfo

LOCAL = ZoneInfo("Europe/Stockholm")
ONE_DAY = timedelta(days=1)


class Hours(NamedTuple):
    """From `start` to `end` each day; over midnight when `end` is the smaller, the whole day when they are
    equal.
    """

    start: time
    end: time

    def contain(self, at: datetime) -> bool:
        clock = at.astimezone(LOCAL).time()
        if self.start < self.end:
            return self.start <= clock < self.end
        return clock >= self.start or clock < self.end

    def after(self, at: datetime, duration: timedelta) -> datetime:
        """The instant at which `duration` of these hours has passed since `at`."""
        left = duration
        for opens, closes in self._windows(at):
            begins = max(opens, at)
            if closes - begins >= left:
                return begins + left
            left -= max(closes - begins, timedelta(0))
        raise AssertionError("there is always another day")

    def within(self, since: datetime, until: datetime) -> timedelta:
        """How much of the time from `since` to `until` falls in these hours."""
        total = timedelta(0)
        for opens, closes in self._windows(since):
            if opens >= until:
                return total
            total += max(min(closes, until) - max(opens, since), timedelta(0))
        raise AssertionError("there is always another day")

    def _windows(self, at: datetime) -> Iterator[tuple[datetime, datetime]]:
        """The spells of these hours in UTC, from the day before `at` and on."""
        day = at.astimezone(LOCAL).date() - ONE_DAY
        while True:
            last_day = day if self.start < self.end else day + ONE_DAY
            yield _instant(day, self.start), _instant(last_day, self.end)
            day += ONE_DAY


@lru_cache(maxsize=1024)
def _instant(day: date, clock: time) -> datetime:
    return datetime.combine(day, clock, LOCAL).astimezone(UTC)


def local_text(fact: str, today: date | None = None) -> str:
    """An ISO 8601 instant as `2026-03-29 14:05` on the home's clock, `14:05` of today; any other text as it is."""
    try:
        instant = datetime.fromisoformat(fact)
    except ValueError:
        return fact
    if instant.tzinfo is None:
        return fact
    local = instant.astimezone(LOCAL)
    return f"{local:%H:%M}" if local.date() == today else f"{local:%Y-%m-%d %H:%M}"
