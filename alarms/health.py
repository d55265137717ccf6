"""For whoever watches the watchers: a load balancer, a monitoring system."""

from collections.abc import Callable
from datetime import timedelta

from django.db import Error
from django.http import HttpRequest, JsonResponse
from django.utils import timezone
from django.views.decorators.cache import never_cache

from alarms import watch
from alarms.models import Pulse
from devices.models import InboxReading
from safehome import clock
from safehome.audit import access

WATCH_WITHIN = timedelta(seconds=30)
INBOX_WITHIN = timedelta(seconds=30)


@never_cache
def alive(request: HttpRequest) -> JsonResponse:
    """The process answers."""
    return JsonResponse({"status": "ok"})


@never_cache
def ready(request: HttpRequest) -> JsonResponse:
    """The chain from reading to alarm works: 200, or 503 with what does not."""
    parts = {name: _holds(check) for name, check in CHECKS.items()}
    whole = all(parts.values())
    return JsonResponse({"status": "ok" if whole else "failing", **parts}, status=200 if whole else 503)


def _holds(check: Callable[[], bool]) -> bool:
    try:
        return check()
    except Error:
        return False


def watch_runs() -> bool:
    return Pulse.objects.filter(name=watch.PULSE, at__gt=timezone.now() - WATCH_WITHIN).exists()


def inbox_moves() -> bool:
    return not InboxReading.objects.filter(settled_at=None, received_at__lt=clock.now() - INBOX_WITHIN).exists()


def access_log_is_written() -> bool:
    return not access.spooled()


CHECKS: dict[str, Callable[[], bool]] = {
    "watch": watch_runs,
    "inbox": inbox_moves,
    "access_log": access_log_is_written,
}
