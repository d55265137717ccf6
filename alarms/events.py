"""One way to say that something has happened to an alarm: an event row, deliveries, and a hint to live boards."""

from collections.abc import Sequence
from functools import partial
from operator import attrgetter
from typing import Any
from uuid import UUID

from django.db import transaction

from alarms import live, notices
from alarms.models import Alarm, AlarmEvent, AlarmTarget, EventKind
from safehome import clock
from safehome.organisation.models import Unit, User
from safehome.outbox import actions as outbox


def record(
    alarm: Alarm,
    kind: EventKind,
    *,
    by: User | None = None,
    unit: UUID | None = None,
    note: str = "",
    data: dict[str, Any] | None = None,
    new_units: Sequence[Unit] = (),
) -> AlarmEvent:
    """Save the alarm, old or new, with its next version; send it to the units that are told for the first time; add
    the event; and tell live boards once all is committed."""
    alarm.version += 1
    alarm.save()
    units = _send_to(alarm, new_units)
    event = AlarmEvent.objects.create(alarm=alarm, kind=kind, by=by, unit_id=unit, note=note, data=data or {})
    _notify(event, new_units)
    if kind == EventKind.RAISED:
        notices.tell_relatives(alarm)
    hint = {"alarm": str(alarm.pk), "event": event.pk, "kind": event.kind, "units": [str(unit) for unit in units]}
    transaction.on_commit(partial(live.publish, hint))
    return event


def _send_to(alarm: Alarm, new_units: Sequence[Unit]) -> set[UUID]:
    """Returns all units that have the alarm now. A new one has been sent to nobody: that need not be asked."""
    had = set() if alarm.version == 1 else set(alarm.targets.values_list("unit", flat=True))
    now = clock.now()
    AlarmTarget.objects.bulk_create(
        [AlarmTarget(alarm=alarm, unit=unit, since=now) for unit in new_units], ignore_conflicts=True
    )
    return had | {unit.pk for unit in new_units}


def _notify(event: AlarmEvent, units: Sequence[Unit]) -> None:
    """Write the deliveries that tell units off the board. They carry no personal data, only the alarm's id."""
    for unit in filter(attrgetter("notice_email"), units):
        outbox.queue(
            key=f"{event.alarm_id}:{event.pk}:{unit.pk}:email",
            channel="email",
            recipient=unit.notice_email,
            subject=event.alarm_id,
            payload={"unit": unit.name, "category": event.alarm.category},
        )
