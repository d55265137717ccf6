"""What came of a replay: settled, stored, and which alarms it raised."""

import time
from collections import Counter
from collections.abc import Callable, Iterable
from datetime import datetime

from alarms.models import Alarm
from devices.models import Gateway, InboxReading, Reading
from safehome.demo.replay.devices import Hung
from safehome.residents.models import Resident


def wait_until_settled(gateway: Gateway, pause: Callable[[float], bool], patience_s: float = 60) -> int:
    """Wait for the workers; gives up when nothing has moved for a while. Returns how many readings still wait."""
    waiting, moved_at = -1, time.monotonic()
    while left := InboxReading.objects.filter(gateway=gateway, settled_at=None).count():
        if left != waiting:
            waiting, moved_at = left, time.monotonic()
        if time.monotonic() - moved_at > patience_s or pause(0.2):
            return left
    return 0


def stored(hung: Iterable[Hung]) -> int:
    """Readings that are kept now for these assignments, from this replay and from others."""
    return Reading.objects.filter(assignment__in=[row.assignment for row in hung]).count()


def alarms_since(began: datetime, resident: Resident) -> dict[str, int]:
    """Alarms raised for the resident since then, by code."""
    codes = Alarm.objects.filter(resident=resident, raised_at__gte=began).values_list("code", flat=True)
    return dict(sorted(Counter(codes).items()))
