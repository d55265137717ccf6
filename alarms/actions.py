"""The verbs of alarms: lock, guard, change, record the event, tell after commit. Everybody calls these."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

import msgspec
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from alarms import escalation, events, outcomes, policies, rules
from alarms.models import Alarm, EventKind
from alarms.states import Category, Condition, Handling, Priority, TransitionRefused, Verb, after
from devices.models import Assignment
from safehome import clock
from safehome.audit import access
from safehome.audit.models import Action
from safehome.organisation.models import Duty, Unit, User

LATE = timedelta(minutes=5)
"""An alarm that we learn of later than this after it happened is marked late. It rings all the same."""

SAME_SPELL = timedelta(minutes=1)
"""A sensor that says the same again within this time is counted, without a line in the timeline and without a hint to
every board: one that chatters each second must not drown the rest. A person who calls again is always told of."""


# --- People ------------------------------------------------------------------------------------------------


@transaction.atomic
def accept(alarm_id: UUID, *, by: User, note: str = "") -> Alarm:
    """Somebody has taken charge: others stop ringing, the arrival clock starts.

    Raises TransitionRefused when somebody else has taken it, and names them.
    """
    alarm = policies.get_alarm(by, alarm_id, for_=Verb.ACCEPT, lock=True)
    if alarm.is_open and alarm.accepted_by_id == by.pk and not alarm.ringing:
        return alarm  # the same person has pressed twice
    handling = _next(Verb.ACCEPT, alarm)
    if alarm.accepted_by_id and not alarm.ringing:
        raise TransitionRefused(Verb.ACCEPT, alarm.handling_now, _taken_by(alarm))
    now = clock.now()
    alarm.handling, alarm.accepted_by, alarm.accepted_at, alarm.ringing = handling, by, now, False
    due = escalation.closing_due if handling is Handling.ON_SITE else escalation.arrival_due
    alarm.next_action_at = due(_plan(alarm), now)
    return _done(alarm, EventKind.ACCEPTED, by, note)


@transaction.atomic
def arrive(alarm_id: UUID, *, by: User, note: str = "") -> Alarm:
    """Somebody is with the person. Who arrives without having accepted has taken charge by that."""
    alarm = policies.get_alarm(by, alarm_id, for_=Verb.ARRIVE, lock=True)
    if alarm.handling == Handling.ON_SITE and alarm.arrived_by_id == by.pk:
        return alarm
    if alarm.handling == Handling.ON_SITE:
        raise TransitionRefused(Verb.ARRIVE, alarm.handling_now, _taken_by(alarm))
    now = clock.now()
    alarm.handling = _next(Verb.ARRIVE, alarm)
    alarm.arrived_by, alarm.arrived_at, alarm.ringing = by, now, False
    if alarm.accepted_by_id is None:
        alarm.accepted_by, alarm.accepted_at = by, now
    alarm.next_action_at = escalation.closing_due(_plan(alarm), now)
    return _done(alarm, EventKind.ARRIVED, by, note)


@transaction.atomic
def close(alarm_id: UUID, *, by: User, outcome: str, note: str = "", version: int | None = None) -> Alarm:
    """The human task is done. Raises OutcomeRefused, or TransitionRefused when the alarm is closed already or when
    something has happened since the `version` that the person saw: nobody closes away a call they have not seen."""
    alarm = policies.get_alarm(by, alarm_id, for_=Verb.CLOSE, lock=True)
    if not alarm.is_open and alarm.closed_by_id == by.pk and alarm.outcome == outcome:
        return alarm
    handling = _next(Verb.CLOSE, alarm)
    if version is not None and version != alarm.version:
        raise TransitionRefused(
            Verb.CLOSE, alarm.handling_now, _("Something new has happened. Look again, then close.")
        )
    outcomes.check(alarm.category, outcome, note)
    alarm.handling, alarm.outcome = handling, outcome
    alarm.closed_by, alarm.closed_at = by, clock.now()
    alarm.ringing, alarm.next_action_at = False, None
    return _done(alarm, EventKind.CLOSED, by, note, {"outcome": outcome})


def _next(verb: Verb, alarm: Alarm) -> Handling:
    """Where the verb leads. Whoever comes after the closing is told who closed."""
    if not alarm.is_open:
        raise TransitionRefused(verb, alarm.handling_now, _taken_by(alarm))
    return after(verb, alarm.handling_now)


def _done(alarm: Alarm, kind: EventKind, by: User, note: str, data: dict[str, str] | None = None) -> Alarm:
    events.record(alarm, kind, by=by, note=note, data=data)
    access.record(Action.WRITE, "alarm", by=by, of=alarm, detail=kind.value)
    return alarm


def _taken_by(alarm: Alarm) -> str:
    """Who was first, in words for who was second."""
    if alarm.closed_by and alarm.closed_at:
        who, when, text = alarm.closed_by, alarm.closed_at, _("%(who)s closed the alarm at %(when)s.")
    elif alarm.arrived_by and alarm.arrived_at:
        who, when, text = alarm.arrived_by, alarm.arrived_at, _("%(who)s is already there, since %(when)s.")
    else:
        assert alarm.accepted_by
        assert alarm.accepted_at
        who, when, text = alarm.accepted_by, alarm.accepted_at, _("%(who)s took the alarm at %(when)s.")
    return text % {"who": who.name, "when": when.astimezone(clock.local_zone()).strftime("%H:%M")}


# --- Rules and intake ----------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Cause:
    """What an alarm is about. `key` tells open alarms apart: the same key twice is one alarm with a count."""

    kind: rules.AlarmKind
    key: str
    unit: Unit
    assignment: Assignment | None = None

    @property
    def open_key(self) -> str:
        return f"{self.kind.code}:{self.key}"


@transaction.atomic(savepoint=False)
def raise_alarm(cause: Cause, alert: rules.Alert) -> Alarm:
    """A new alarm, or the open one of the same cause once more."""
    if already := _repeat_open(cause, alert):
        return already
    try:
        with transaction.atomic():
            return _raise_new(cause, alert)
    except IntegrityError:  # somebody else raised it between our look and our write
        alarm = _repeat_open(cause, alert)
        if alarm is None:
            raise
        return alarm


def _raise_new(cause: Cause, alert: rules.Alert) -> Alarm:
    now = clock.now()
    category = cause.kind.category
    chain = cause.unit.chain()
    plan = escalation.make_plan(
        [(unit.pk, unit.accept_within_s) for unit in chain],
        category,
        arrive_within_s=cause.unit.arrive_within_min * 60,
    )
    move = escalation.first_move(plan, staffed(), now)
    alarm = Alarm(
        code=cause.kind.code,
        category=category,
        priority=alert.priority or cause.kind.priority,
        administration_id=cause.unit.administration_id,
        unit=cause.unit,
        resident_id=cause.assignment.resident_id if cause.assignment else None,
        place_id=cause.assignment.place_id if cause.assignment else None,
        assignment=cause.assignment,
        open_key=cause.open_key,
        detail=alert.detail,
        occurred_at=alert.at,
        raised_at=now,
        late=now - alert.at > LATE,
        ringing=_rings(category, alert.priority or cause.kind.priority),
        last_repeat_at=alert.at,
        plan=msgspec.to_builtins(plan),
        step=move.step,
        next_action_at=move.next_action_at,
    )
    events.record(alarm, EventKind.RAISED, new_units=[unit for unit in chain if unit.pk in move.new_units])
    return alarm


def _repeat_open(cause: Cause, alert: rules.Alert) -> Alarm | None:
    """The same again gives a count. A person who calls again raises the priority, and it rings anew."""
    alarm = Alarm.objects.open().select_for_update(of=("self",)).filter(open_key=cause.open_key).first()
    if alarm is None:
        return None
    news = alert.again or alarm.condition == Condition.CLEARED or alert.at - alarm.last_repeat_at >= SAME_SPELL
    alarm.repeat_count += 1
    alarm.last_repeat_at = max(alarm.last_repeat_at, alert.at)
    alarm.condition = Condition.ACTIVE
    if alert.again:
        alarm.priority, alarm.ringing = Priority.HIGH, True
        alarm.next_action_at = min(filter(None, (alarm.next_action_at, _accept_due(alarm))))
    if news:
        kind = EventKind.PRESSED_AGAIN if alert.again else EventKind.REPEATED
        events.record(alarm, kind, data={"occurred_at": alert.at.isoformat()})
    else:
        alarm.save(update_fields=["repeat_count", "last_repeat_at"])
    return alarm


def _accept_due(alarm: Alarm) -> datetime:
    return clock.now() + timedelta(seconds=_plan(alarm).steps[alarm.step].wait_s)


@transaction.atomic
def clear(open_keys: list[str]) -> None:
    """The condition is gone; the human task stays until a person closes it."""
    gone = Alarm.objects.open().filter(open_key__in=open_keys, condition=Condition.ACTIVE)
    for alarm in gone.select_for_update(of=("self",)):
        alarm.condition = Condition.CLEARED
        events.record(alarm, EventKind.CLEARED)


# --- The watch loop ------------------------------------------------------------------------------------------


@transaction.atomic
def escalate_due(limit: int = 100) -> int:
    """Act on alarms whose clock has lapsed. Safe to run in two processes: each alarm is locked by one."""
    now = clock.now()
    due = Alarm.objects.open().filter(next_action_at__lte=now).order_by("next_action_at")
    alarms = list(due.select_for_update(skip_locked=True, of=("self",))[:limit])
    on_duty = staffed()
    for alarm in alarms:
        _escalate(alarm, on_duty, now)
    return len(alarms)


def _escalate(alarm: Alarm, on_duty: set[UUID], now: datetime) -> None:
    move = escalation.next_move(_plan(alarm), alarm.step, alarm.handling_now, on_duty, now)
    alarm.step, alarm.next_action_at = move.step, move.next_action_at
    alarm.ringing = _rings(Category(alarm.category), alarm.priority)
    last = move.new_units[-1] if move.new_units else None
    units = Unit.objects.in_bulk(move.new_units)
    events.record(alarm, _lapse(alarm, move), unit=last, new_units=[units[pk] for pk in move.new_units])


def _rings(category: Category, priority: str) -> bool:
    """Help always rings. Of the rest only what may be somebody calling, such as a press from an unknown device."""
    return category is Category.HELP or priority == Priority.HIGH


def _lapse(alarm: Alarm, move: escalation.Move) -> EventKind:
    """Which clock it was, in the timeline's words."""
    if alarm.handling == Handling.ON_SITE:
        return EventKind.STILL_OPEN
    if alarm.handling == Handling.ACCEPTED:
        return EventKind.NOT_ARRIVED
    return EventKind.ESCALATED if move.new_units else EventKind.RANG_AGAIN


def _plan(alarm: Alarm) -> escalation.Plan:
    return msgspec.convert(alarm.plan, escalation.Plan)


def staffed() -> set[UUID]:
    """Units where somebody is on duty now."""
    return set(Duty.objects.open().order_by().values_list("unit", flat=True).distinct())
