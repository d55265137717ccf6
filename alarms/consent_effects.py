"""What a decision about consents does to alarms, in the decision's own transaction (settings.CONSENT_EFFECTS).

A help alarm that is open stays open, whatever anybody has taken back: somebody may be lying on the floor.
"""

from functools import partial
from typing import Any

from django.db import transaction
from django.db.models import Q, QuerySet

from alarms import events, live, notices
from alarms.models import Alarm, EventKind, RuleState
from alarms.outcomes import Outcome
from alarms.states import Category, Condition, Handling
from consents.effects import Change
from devices.models import Assignment, CollectingState, StoppedFor
from safehome.residents.models import CareRelation


def apply(change: Change) -> None:
    stopped = Assignment.objects.filter(
        resident__in=change.residents, collecting=CollectingState.STOPPED, stopped_for=StoppedFor.CONSENT
    )
    _forget(stopped)
    notices.take_back(stopped)
    if change.by is not None:
        _close_notices(stopped, change)
    transaction.on_commit(partial(live.publish, _hint(change)))


def _forget(stopped: QuerySet[Assignment]) -> None:
    """What rules remember was read from data that may not be used any more."""
    RuleState.objects.filter(Q(assignment__in=stopped) | Q(resident__in=stopped.values("resident"))).delete()


def _close_notices(stopped: QuerySet[Assignment], change: Change) -> None:
    """Notices that rest on it are ended by the person who ended the consent; alarms for help are not."""
    resting = Alarm.objects.open().filter(category=Category.INFORMATION, assignment__in=stopped)
    for alarm in resting.select_for_update(of=("self",)):
        alarm.condition, alarm.handling = Condition.CLEARED, Handling.CLOSED
        alarm.closed_by, alarm.closed_at, alarm.outcome = change.by, change.at, Outcome.CONSENT_ENDED
        alarm.ringing, alarm.next_action_at = False, None
        events.record(alarm, EventKind.CLOSED, by=change.by, data={"outcome": Outcome.CONSENT_ENDED})


def _hint(change: Change) -> dict[str, Any]:
    """A hint without an alarm: boards of the units that take part in the care, or get the devices' alarms, look again.
    It rings nowhere and says nothing of whom it is about."""
    care = CareRelation.objects.in_force().filter(resident__in=change.residents).values_list("unit", flat=True)
    answer = Assignment.objects.in_force().filter(resident__in=change.residents).values_list("unit", flat=True)
    units = sorted({str(unit) for unit in (*care, *answer)})
    return {"units": units, "alarm": "", "event": 0, "kind": "consent.changed"}
