"""Verbs of devices: tokens for gateways, and moving readings from the inbox to where they belong."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from consents import worklist
from consents.gate import Decision, Refusal, Verdict, may_collect
from consents.grounds import may_collect_for
from consents.kinds import Category
from consents.models import Purpose, TaskKind
from devices.kinds import category_of
from devices.models import (
    Assignment,
    CollectingState,
    Device,
    Gateway,
    GatewayToken,
    InboxOutcome,
    InboxReading,
    Lane,
    Reading,
    RefusedCount,
    StoppedFor,
)
from safehome import clock
from safehome.organisation.actions import new_token, token_digest

INBOX_KEPT = timedelta(days=14)


def issue_gateway_token(gateway: Gateway) -> str:
    """Make a token and return its plain text, which is shown once and never kept."""
    plain = new_token()
    GatewayToken.objects.create(gateway=gateway, digest=token_digest(plain))
    return plain


class NotLawful(Exception):
    """Collecting can't start; `verdict` says who has not agreed to what."""

    def __init__(self, verdict: Verdict) -> None:
        super().__init__(", ".join(lack.why.value for lack in verdict.lacks))
        self.verdict = verdict


def verdict_on(assignment: Assignment) -> Verdict:
    """What the gate says about the assignment now."""
    return may_collect_for(assignment.resident, list(assignment.purposes.all()))


@transaction.atomic
def start_collecting(assignment: Assignment, *, since: datetime | None = None) -> None:
    """From now on (or since a stated time, but never from before all had agreed) the gate lets this assignment's
    readings in. Raises NotLawful."""
    lock_devices([assignment.device_id])
    if not assignment.purposes.exists():
        rest_on_purposes(assignment)  # it was made before there were any
    verdict = verdict_on(assignment)
    if not verdict.allowed:
        raise NotLawful(verdict)
    assignment.collecting = CollectingState.ACTIVE
    assignment.collecting_since = max(filter(None, (since or clock.now(), verdict.since)))
    assignment.collecting_until, assignment.stopped_for, assignment.stopped_at = verdict.until, "", None
    _save_collecting(assignment)
    worklist.take_back(TaskKind.START_DEVICE, about=assignment.pk)


@transaction.atomic
def stop_collecting(assignment: Assignment, *, because: StoppedFor = StoppedFor.STAFF) -> None:
    """From this moment nothing more is kept, however late it arrives: what is being stored now is waited for."""
    lock_devices([assignment.device_id])
    assignment.collecting = CollectingState.STOPPED
    assignment.collecting_until, assignment.stopped_for, assignment.stopped_at = None, because, clock.now()
    _save_collecting(assignment)


class NotHere(Exception):
    """The assignment has ended, or has not begun: there is nothing to start."""


def start_if_here(assignment: Assignment) -> None:
    """A person starts a device that is in place now; twice is harmless. Raises NotLawful or NotHere."""
    now = clock.now()
    if assignment.valid_from > now or (assignment.valid_to and assignment.valid_to <= now):
        raise NotHere
    if assignment.collecting != CollectingState.ACTIVE:
        start_collecting(assignment)


def stop_if_active(assignment: Assignment) -> None:
    """A person stops it. A new yes alone does not start it then, though the gate had stopped it before."""
    if (assignment.collecting, assignment.stopped_for) != (CollectingState.STOPPED, StoppedFor.STAFF):
        stop_collecting(assignment, because=StoppedFor.STAFF)


def _save_collecting(assignment: Assignment) -> None:
    names = ["collecting", "collecting_since", "collecting_until", "stopped_for", "stopped_at"]
    assignment.save(update_fields=names)


def lock_devices(ids: Iterable[UUID]) -> None:
    """A batch of readings locks its devices before it looks at their assignments. Whoever has locked them therefore
    knows: what was let in by the old word is committed, and the next batch reads the new one."""
    rows = Device.objects.filter(pk__in=set(ids)).order_by("pk").select_for_update(no_key=True, of=("self",))
    list(rows.values_list("pk"))


def purposes_covering(kinds: Iterable[str], administration: UUID, *, personal: bool) -> list[Purpose]:
    """The administration's purposes in force for these kinds of readings. Signs of a device need none."""
    telling = {code for code in kinds if category_of(code) is not Category.DEVICES}
    purposes = Purpose.objects.in_force().filter(administration=administration)
    return [row for row in purposes if telling & set(row.reading_kinds) and (personal or not row.consent_required)]


def rest_on_purposes(assignment: Assignment) -> None:
    """Tie a new assignment to the purposes of its administration that cover what the device says."""
    kinds, administration = assignment.device.model.kinds, assignment.unit.administration_id
    assignment.purposes.set(purposes_covering(kinds, administration, personal=assignment.resident_id is not None))


# --- From the inbox --------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Sorted:
    """An inbox row and where it belongs: its device and assignment, if it has any, and the outcome."""

    row: InboxReading
    outcome: InboxOutcome
    device: Device | None = None
    assignment: Assignment | None = None
    refusal: Refusal | None = None

    @property
    def reading(self) -> Reading:
        assert self.assignment is not None
        return Reading(
            key=self.row.key,
            assignment=self.assignment,
            kind=self.row.kind,
            value=self.row.value,
            measured_at=self.row.measured_at,
            received_at=self.row.received_at,
            clock_skewed=self.row.clock_skewed,
        )


def claim(lane: Lane, limit: int) -> list[InboxReading]:
    """Lock the oldest waiting rows of a lane; rows that another worker holds are passed over. In a transaction."""
    waiting = InboxReading.objects.filter(lane=lane, settled_at=None).order_by("id")
    return list(waiting.select_for_update(skip_locked=True)[:limit])


def store(rows: list[InboxReading]) -> list[Sorted]:
    """Sort the rows to their assignments, let each through the gate, and store what it allows, once."""
    sorted_rows = _without_copies(_sort(rows))
    Reading.objects.bulk_create([item.reading for item in sorted_rows if item.outcome == InboxOutcome.STORED])
    _count_refused(item for item in sorted_rows if item.outcome == InboxOutcome.REFUSED)
    _note_signs_of_life(sorted_rows)
    return sorted_rows


def _sort(rows: list[InboxReading]) -> list[Sorted]:
    devices = _locked_devices({row.device_id_sent for row in rows})
    assignments = _assignments_of(devices.values())
    now = clock.now()
    return [_sort_one(row, devices.get(row.device_id_sent), assignments, now) for row in rows]


def _locked_devices(names: set[str]) -> dict[str, Device]:
    """Locked in one order, so that two lanes that meet on the same devices wait and never deadlock."""
    named = Device.objects.filter(external_id__in=names).select_related("model").order_by("pk")
    return {device.external_id: device for device in named.select_for_update(no_key=True, of=("self",))}


def _assignments_of(devices: Iterable[Device]) -> dict[UUID, list[Assignment]]:
    """Device id → its assignments, past ones too. The units that an alarm would go to come with them."""
    by_id = {device.pk: device for device in devices}
    found: dict[UUID, list[Assignment]] = {}
    assignments = Assignment.objects.filter(device__in=by_id).select_related("unit__passes_on_to__passes_on_to")
    for assignment in assignments.order_by():
        assignment.device = by_id[assignment.device_id]
        found.setdefault(assignment.device_id, []).append(assignment)
    return found


def _sort_one(
    row: InboxReading, device: Device | None, assignments: dict[UUID, list[Assignment]], now: datetime
) -> Sorted:
    if device is None:
        return Sorted(row, InboxOutcome.UNKNOWN_DEVICE)
    assignment = _in_force(assignments.get(device.pk, []), row.measured_at)
    if row.problem:
        return Sorted(row, InboxOutcome.UNREADABLE, device, assignment)
    if assignment is None:
        return Sorted(row, InboxOutcome.UNASSIGNED, device)
    decision: Decision = may_collect(assignment.grounds, row.measured_at, now)
    if decision.refusal:
        return Sorted(row, InboxOutcome.REFUSED, device, assignment, decision.refusal)
    return Sorted(row, InboxOutcome.STORED, device, assignment)


def _in_force(assignments: list[Assignment], at: datetime) -> Assignment | None:
    """The assignment in force at the reading's own time."""
    for assignment in assignments:
        if assignment.valid_from <= at and (assignment.valid_to is None or at < assignment.valid_to):
            return assignment
    return None


def _without_copies(rows: list[Sorted]) -> list[Sorted]:
    """Rows already stored in an earlier life of the inbox become duplicates."""
    keys = [item.row.key for item in rows if item.outcome == InboxOutcome.STORED]
    there = set(Reading.objects.filter(key__in=keys).order_by().values_list("key", "measured_at"))
    return [
        Sorted(item.row, InboxOutcome.DUPLICATE, item.device, item.assignment)
        if item.outcome == InboxOutcome.STORED and (item.row.key, item.row.measured_at) in there
        else item
        for item in rows
    ]


def _count_refused(items: Iterable[Sorted]) -> None:
    """A number a day is all that is kept of what the gate turned away; the resident can see it."""
    today = timezone.localdate()
    counts = Counter((item.assignment, item.refusal) for item in items)
    for (assignment, refusal), number in counts.items():
        assert assignment is not None
        assert refusal is not None
        row, _ = RefusedCount.objects.get_or_create(assignment=assignment, day=today, reason=refusal.value)
        RefusedCount.objects.filter(pk=row.pk).update(count=F("count") + number)


def _note_signs_of_life(items: list[Sorted]) -> None:
    """The device has been heard. When a refused motion was measured would tell what the gate has refused, so of what it
    turned away only the device's own signs (battery, heartbeat) count: they say nothing about a person."""
    touched: dict[object, Device] = {}
    for item in items:
        if item.device is None or (item.refusal and category_of(item.row.kind) is not Category.DEVICES):
            continue
        device = touched.setdefault(item.device.pk, item.device)
        if device.last_seen_at is None or item.row.measured_at >= device.last_seen_at:
            device.last_seen_at = item.row.measured_at
            if item.row.kind == "battery":
                device.battery = item.row.value
    # An upsert of rows that are locked here; bulk_update's CASE of as many branches takes five times as long.
    Device.objects.bulk_create(
        touched.values(), update_conflicts=True, unique_fields=["id"], update_fields=["last_seen_at", "battery"]
    )


def settle(items: list[Sorted]) -> None:
    """The rows are done with. Their values are emptied: what may be kept is in the readings. Of what the gate refused
    not even what it was and when is left, only that day's count."""
    now = timezone.now()
    rows: dict[InboxOutcome, list[int]] = {}
    for item in items:
        rows.setdefault(item.outcome, []).append(item.row.pk)
    for outcome, ids in rows.items():
        left: dict[str, object] = {"settled_at": now, "outcome": outcome, "value": None}
        if outcome == InboxOutcome.REFUSED:
            day = clock.now().replace(hour=0, minute=0, second=0, microsecond=0)
            left |= {"settled_at": day, "kind": "", "measured_at": day, "received_at": day}
        InboxReading.objects.filter(pk__in=ids).update(**left)


@transaction.atomic
def note_failure(row_id: int) -> int:
    """Count a try that failed; returns the number of tries so far."""
    row = InboxReading.objects.select_for_update().get(pk=row_id)
    row.attempts += 1
    row.save(update_fields=["attempts"])
    return row.attempts


def empty_old_inbox() -> int:
    """Remove rows settled long ago; copies that come still later meet the readings' own key."""
    removed, _ = InboxReading.objects.filter(settled_at__lt=timezone.now() - INBOX_KEPT).delete()
    return removed
