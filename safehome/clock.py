"""The domain clock: the only place where alarms, rules and readings learn what time it is.

In the embedded demo time may run faster (`SAFEHOME_CLOCK_SPEED`), so that a day in a home passes in minutes.
Leases, tokens and sessions are infrastructure and keep to `django.utils.timezone.now`.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from django.conf import settings
from django.utils import timezone

_started = datetime.now(UTC)
_ahead = timedelta(0)
_then: ContextVar[datetime | None] = ContextVar("then", default=None)


def now() -> datetime:
    """The present moment, aware, in UTC; ahead of the wall clock when the demo's time is sped up."""
    if (then := _then.get()) is not None:
        return then
    real = timezone.now()
    speed: float = settings.SAFEHOME_CLOCK_SPEED
    return _ahead + (real if speed == 1 else _started + (real - _started) * speed)


@contextmanager
def standing_at(moment: datetime) -> Iterator[None]:
    """Inside, it is that moment: for laying out what happened before an installation began, as the demo's past."""
    token = _then.set(moment)
    try:
        yield
    finally:
        _then.reset(token)


def resume(at: datetime) -> None:
    """Go on from where the demo's time had come to, if it had run ahead when it was stopped."""
    global _ahead
    _ahead += max(timedelta(0), at - now())


def real_seconds(domain: timedelta) -> float:
    """How many wall-clock seconds a stretch of domain time takes."""
    speed: float = settings.SAFEHOME_CLOCK_SPEED
    return domain.total_seconds() / speed


def local_zone() -> ZoneInfo:
    """The municipality's time zone; nights and waking hours are local."""
    return ZoneInfo(settings.TIME_ZONE)
