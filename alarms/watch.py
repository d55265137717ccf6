"""The watch loop: what must happen although nobody sends anything. Any number of them may run; two should.

Each sweep claims what it works on by row locks, so two watchers share the work and never do it twice. A sweep that
fails is logged and comes again; it never stops the others.
"""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

import structlog
from django.db import connection
from django.utils import timezone

from alarms import actions, engine, pipeline
from alarms.models import Pulse
from consents import actions as consents
from consents.texts import publishing
from devices import actions as devices
from devices import consent_effects, retention
from devices.models import InboxReading, Lane
from safehome import clock
from safehome.audit import access, chain
from safehome.outbox import actions as outbox

log = structlog.get_logger(__name__)

TICK_S = 0.5
LAST_SENDING_S = 5.0
STUCK_AFTER = timedelta(seconds=2)
PULSE = "watch"


@dataclass
class Sweep:
    """One kind of work and how often it is looked at, in wall-clock seconds."""

    name: str
    every_s: float
    work: Callable[[], object]
    due: float = 0.0


def sweeps() -> list[Sweep]:
    return [
        Sweep("escalation", 0.5, actions.escalate_due),
        Sweep("rules", 1, engine.wake_due),
        Sweep("inbox", 1, drain_stuck),
        Sweep("pulse", 5, beat),
        Sweep("overdue grounds", 1, consent_effects.settle_overdue),
        Sweep("regained grounds", 300, consent_effects.try_again),
        Sweep("overdue consents", 5, consents.end_overdue),
        Sweep("consent reminders", 3600, consents.remind),
        Sweep("access log chain", 2, chain.link_new),
        Sweep("access log spool", 10, access.replay_spool),
        Sweep("first looks", 10, engine.begin_watching),
        Sweep("old inbox", 3600, devices.empty_old_inbox),
        Sweep("old readings", 600, retention.dispose),
    ]


def sending() -> list[Sweep]:
    """What waits for somebody else's answer has a thread of its own: no provider stands before an alarm's clock."""
    return [Sweep("outbox", 1, outbox.send_due), Sweep("voices", 3, publishing.speak_missing)]


def run(stop: threading.Event) -> None:
    """Sweep until told to stop."""
    beside = threading.Thread(target=_sweep, args=(sending(), stop), name="watch-sending", daemon=True)
    beside.start()
    _sweep(sweeps(), stop)
    beside.join(LAST_SENDING_S)


def _sweep(todo: list[Sweep], stop: threading.Event) -> None:
    while not stop.is_set():
        for sweep in todo:
            _run_if_due(sweep)
        stop.wait(TICK_S)
    connection.close()


def _run_if_due(sweep: Sweep) -> None:
    now = time.monotonic()
    if now < sweep.due:
        return
    sweep.due = now + sweep.every_s
    try:
        sweep.work()
    except Exception as fault:  # the store may be away for a while; every other sweep must still have its turn
        log.error("a sweep failed and comes again", sweep=sweep.name, error=str(fault))
        connection.close()


def drain_stuck() -> int:
    """What Celery has not settled in two seconds is settled here: the broker may be down, nothing waits for it."""
    old = clock.now() - STUCK_AFTER
    stuck = InboxReading.objects.filter(settled_at=None, received_at__lt=old)
    lanes = sorted(set(stuck.values_list("lane", flat=True)))
    return sum(pipeline.drain(Lane(lane), for_s=2.0) for lane in lanes)


def beat() -> None:
    """A sign of life, which the boards' strip of what is not watched looks for."""
    Pulse.beat(PULSE, timezone.now())
