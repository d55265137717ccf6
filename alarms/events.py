"""One way to say that something has happened to an alarm: an event row, deliveries, and a hint to live boards."""

from functools import partial
from typing import Any
from uuid import UUID

from django.db import transaction

from alarms import live
from alarms.models import Alarm, AlarmEvent, EventKind
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
) -> AlarmEvent:
    """Save the alarm with its next version, add the event, and tell live boards once all is committed."""
    alarm.version += 1
    alarm.save()
    event = AlarmEvent.objects.create(alarm=alarm, kind=kind, by=by, unit_id=unit, note=note, data=data or {})
    hint = {
        "alarm": str(alarm.pk),
        "event": event.pk,
        "kind": event.kind,
        "units": [str(pk) for pk in alarm.targets.values_list("unit", flat=True)],
    }
    transaction.on_commit(partial(live.publish, hint))
    return event


def notify(event: AlarmEvent, units: tuple[UUID, ...]) -> None:
    """Write the deliveries that tell units off the board. They carry no personal data, only the alarm's id."""
    for unit in Unit.objects.filter(pk__in=units).exclude(notice_email=""):
        outbox.queue(
            key=f"{event.alarm_id}:{event.pk}:{unit.pk}:email",
            channel="email",
            recipient=unit.notice_email,
            subject=event.alarm_id,
            payload={"unit": unit.name, "category": event.alarm.category},
        )
