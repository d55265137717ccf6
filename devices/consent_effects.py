"""What a decision about consents does to devices, in the decision's own transaction (settings.CONSENT_EFFECTS)."""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.db.models import Q

from consents import effects, worklist
from consents.effects import Change
from consents.gate import Verdict, Why
from consents.grounds import may_collect_for
from consents.models import Purpose, TaskKind
from devices import actions
from devices.models import Assignment, CollectingState, StoppedFor
from safehome import clock


def apply(change: Change) -> None:
    """Ask the gate anew about every assignment of these residents: stop what has lost its ground, start again what the
    gate itself had stopped, and make the tasks that follow."""
    weigh_anew(Assignment.objects.filter(resident__in=change.residents), change.at)


def weigh_anew(assignments: Iterable[Assignment], at: datetime) -> None:
    still_there = Q(valid_to__isnull=True) | Q(valid_to__gt=at)
    ids = [row.pk for row in assignments]
    here = Assignment.objects.filter(still_there, pk__in=ids)
    actions.lock_devices(here.values_list("device", flat=True))
    rows = here.select_related("resident__home", "unit", "device__gateway__unit").prefetch_related("purposes")
    verdicts: dict[tuple[UUID | None, frozenset[UUID]], Verdict] = {}
    for row in rows.order_by("pk"):
        purposes = list(row.purposes.all())
        key = (row.resident_id, frozenset(purpose.pk for purpose in purposes))
        if key not in verdicts:
            verdicts[key] = may_collect_for(row.resident, purposes, at)
        _settle(row, verdicts[key], purposes, at)


def _settle(row: Assignment, verdict: Verdict, purposes: list[Purpose], at: datetime) -> None:
    if verdict.allowed:
        _allow(row, verdict, at)
    elif row.collecting == CollectingState.ACTIVE:
        actions.stop_collecting(row, because=StoppedFor.CONSENT)
        _tasks_after_stop(row)
    elif row.collecting == CollectingState.PLANNED:
        _ask_for(row, verdict, purposes)


def _allow(row: Assignment, verdict: Verdict, at: datetime) -> None:
    if row.collecting == CollectingState.ACTIVE and row.collecting_until != verdict.until:
        if row.collecting_until and row.collecting_until <= at:  # what was measured while it had ended stays out
            row.collecting_since = at
        row.collecting_until = verdict.until
        row.save(update_fields=["collecting_until", "collecting_since"])
    elif row.collecting == CollectingState.STOPPED and row.stopped_for == StoppedFor.CONSENT:
        actions.start_collecting(row, since=at)
        _tasks_after_restart(row)
    elif row.collecting == CollectingState.PLANNED and row.resident:
        worklist.make(TaskKind.START_DEVICE, row.resident, row.unit, about=row.pk, text=row.label)


def _tasks_after_stop(row: Assignment) -> None:
    """Safe cover at once, and somebody to fetch the device."""
    if row.resident is None:
        return
    worklist.make(TaskKind.SAFE_COVER, row.resident, row.unit)
    worklist.make(TaskKind.FETCH_DEVICE, row.resident, row.device.gateway.unit, about=row.pk, text=row.label)


def _tasks_after_restart(row: Assignment) -> None:
    worklist.take_back(TaskKind.FETCH_DEVICE, about=row.pk)
    left = Assignment.objects.in_force().filter(resident=row.resident, stopped_for=StoppedFor.CONSENT)
    if not left.exists():
        worklist.take_back(TaskKind.SAFE_COVER, resident=row.resident)


def _ask_for(row: Assignment, verdict: Verdict, purposes: list[Purpose]) -> None:
    """Whoever has never been asked is to be asked; nobody is pressed who has said no."""
    names = {purpose.pk: purpose for purpose in purposes}
    for lack in verdict.lacks:
        if lack.why is Why.MISSING and row.resident and lack.purpose:
            purpose = names[lack.purpose]
            unit = worklist.unit_for(row.resident, purpose.administration_id)
            worklist.make(TaskKind.ASK, row.resident, unit, about=purpose.pk, text=purpose.name)
    worklist.take_back(TaskKind.START_DEVICE, about=row.pk)


def assigned(assignment: Assignment) -> None:
    """A new assignment: what it rests on, and who is to be asked. Raises NotLawful when it is to collect at once and
    has no ground for it."""
    actions.rest_on_purposes(assignment)
    purposes = list(assignment.purposes.all())
    verdict = may_collect_for(assignment.resident, purposes)
    if assignment.collecting == CollectingState.ACTIVE:
        if not verdict.allowed:
            raise actions.NotLawful(verdict)
        assignment.collecting_since = max(filter(None, (assignment.collecting_since, verdict.since)))
        assignment.collecting_until = verdict.until
        assignment.save(update_fields=["collecting_since", "collecting_until"])
    elif assignment.collecting == CollectingState.PLANNED:
        _ask_for(assignment, verdict, purposes)


@transaction.atomic
def try_again(limit: int = 500) -> int:
    """What the gate has stopped may have regained its ground by the clock alone: somebody's last day in the home has
    passed, a purpose has begun. What rests on no purpose yet is tied to those that there are by now. Returns how many
    were looked at."""
    here = Assignment.objects.in_force()
    untied = list(here.filter(purposes__isnull=True).select_related("device__model", "unit")[:limit])
    for row in untied:
        actions.rest_on_purposes(row)
    stopped = here.filter(stopped_for=StoppedFor.CONSENT, resident__isnull=False)
    rows = [*untied, *stopped.order_by("stopped_at")[:limit]]
    weigh_anew(rows, clock.now())
    return len(rows)


def settle_overdue(limit: int = 200) -> int:
    """Grounds that have ended by the clock. The gate has let nothing through since; this stops the assignments."""
    now = clock.now()
    overdue = Assignment.objects.filter(collecting=CollectingState.ACTIVE, collecting_until__lte=now)
    rows = list(overdue.order_by("collecting_until")[:limit])
    for row in rows:
        with transaction.atomic():
            if row.resident_id is None:
                weigh_anew([row], now)
            else:
                effects.apply([row.resident_id], at=now)
    return len(rows)
