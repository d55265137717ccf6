"""The way of a reading, from the inbox to an alarm, in one straight line and one transaction a batch."""

import time

import structlog
from django.db import transaction
from django.db.models import prefetch_related_objects

from alarms import actions, engine, rules
from consents.grounds import day_starts
from devices import actions as devices
from devices.actions import Sorted
from devices.kinds import KINDS
from devices.models import Assignment, InboxOutcome, InboxReading, Lane
from safehome import clock

log = structlog.get_logger(__name__)

BATCH = {Lane.URGENT: 50, Lane.READINGS: 500}
TRIES = 3


def drain(lane: Lane, *, for_s: float = 5.0) -> int:
    """Settle waiting rows of a lane until it is empty or time is up; returns how many.

    Any number of workers may drain at once; a row is claimed by one.
    """
    until = time.monotonic() + for_s
    settled = batch = _drain_batch(lane)
    # A batch that was not full has emptied the lane: what has come since then brings a nudge of its own.
    while batch == BATCH[lane] and time.monotonic() < until:
        batch = _drain_batch(lane)
        settled += batch
    return settled


def _drain_batch(lane: Lane) -> int:
    try:
        with transaction.atomic():
            return _settle(devices.claim(lane, BATCH[lane]))
    except Exception as fault:  # one row must not hold up the rest: find it by going one at a time
        log.error("a batch could not be judged; going one by one", lane=lane.label, error=str(fault))
        return _one_by_one(lane)


def _settle(rows: list[InboxReading]) -> int:
    items = devices.store(rows)
    engine.judge(items)
    _tell_of_strangers(items)
    devices.settle(items)
    return len(items)


def _one_by_one(lane: Lane) -> int:
    ids = InboxReading.objects.filter(lane=lane, settled_at=None).order_by("id").values_list("id", flat=True)
    return sum(_settle_alone(row_id) for row_id in list(ids[: BATCH[lane]]))


def _settle_alone(row_id: int) -> int:
    try:
        with transaction.atomic():
            waiting = InboxReading.objects.select_for_update(skip_locked=True)
            return _settle(list(waiting.filter(pk=row_id, settled_at=None)))
    except Exception as fault:  # kept and tried again; after three tries a person is told
        log.error("a reading could not be judged", row=row_id, error=str(fault))
        return _give_up(row_id) if devices.note_failure(row_id) >= TRIES else 0


@transaction.atomic
def _give_up(row_id: int) -> int:
    """A reading that no rule could judge becomes an alarm of its own, never a silence."""
    row = InboxReading.objects.select_related("gateway__unit").get(pk=row_id)
    _raise_about(row, "unreadable_reading")
    devices.settle([Sorted(row, InboxOutcome.FAILED)])
    return 1


def _tell_of_strangers(items: list[Sorted]) -> None:
    strangers = [(item, code) for item in items if (code := _strange(item))]
    prefetch_related_objects([item.row for item, _ in strangers], "gateway__unit")
    for item, code in strangers:
        _raise_about(item.row, code, item.assignment)


def _strange(item: Sorted) -> str:
    """A message not understood, an unknown device, an urgent reading from a device that is with nobody, a press on a
    button that has been stopped."""
    if item.outcome == InboxOutcome.UNREADABLE:
        return "unreadable_reading"
    if item.outcome == InboxOutcome.REFUSED:
        return _refused_call(item)
    calls = item.outcome == InboxOutcome.UNASSIGNED and KINDS[item.row.kind].urgent
    return "unknown_device" if calls or item.outcome == InboxOutcome.UNKNOWN_DEVICE else ""


CALLS = frozenset({"button"})
"""What a person does on purpose. What a sensor believes (a fall, smoke) is data, and was refused with the rest."""


def _refused_call(item: Sorted) -> str:
    """Whoever presses asks for help, whatever they have said about data (GDPR 6.1 d, 9.2 c). The reading is counted and
    not kept; that somebody called is an alarm. Nobody who has died calls: then a device has been left behind."""
    assert item.assignment is not None
    if item.row.kind not in CALLS or item.row.value == 0:
        return ""
    resident = item.assignment.resident
    died = resident is not None and resident.died_on and day_starts(resident.died_on) <= clock.now()
    return "stopped_device_left" if died else "stopped_device_called"


def _facts(row: InboxReading, code: str) -> dict[str, str | float]:
    facts: dict[str, str | float] = {"device": row.device_id_sent, "kind": row.kind}
    return facts | {"pressed_at": row.measured_at.isoformat()} if code.startswith("stopped_") else facts


def _raise_about(row: InboxReading, code: str, assignment: Assignment | None = None) -> None:
    """Tells the unit of the assignment, or, where there is none, the one that is responsible for the gateway."""
    unit = assignment.unit if assignment else row.gateway.unit
    calls = row.kind in KINDS and KINDS[row.kind].urgent
    alert = rules.Alert(
        at=row.measured_at,
        detail=_facts(row, code),
        priority=rules.Priority.HIGH if calls else None,
        again=calls,
    )
    key = f"{row.gateway_id}:{row.device_id_sent}"
    actions.raise_alarm(actions.Cause(rules.KINDS[code], key, unit, assignment), alert)
