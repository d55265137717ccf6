"""From stored readings, and from the passing of time, through the rules to alarms.

The rules are pure; here their states are locked, handed to them, and kept. All inside the transaction that stored the
readings: a reading, the state it changed and the alarm it raised are committed together or not at all.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Exists, OuterRef, Q

from alarms import actions, rules
from alarms.models import RuleSetting, RuleState
from devices.actions import Sorted
from devices.models import Assignment, CollectingState, InboxOutcome
from safehome import clock

Key = tuple[str, UUID]
"""A rule's code and what it is about: an assignment's or a resident's id."""


def _key(row: RuleState | RuleSetting) -> Key:
    subject = row.assignment_id or row.resident_id
    assert subject is not None  # the database has seen to it
    return row.code, subject


@dataclass(frozen=True)
class Task:
    """One rule to ask about one reading, or, with no reading, about the time that has passed."""

    rule: rules.Rule[Any, Any]
    assignment: Assignment
    observation: rules.Observation | None = None

    @property
    def resident(self) -> UUID | None:
        """Whom it is about, when it is about a resident and not about one assignment."""
        return self.assignment.resident_id if self.rule.scope == rules.Scope.RESIDENT else None

    @property
    def subject(self) -> UUID:
        return self.resident or self.assignment.pk

    @property
    def key(self) -> Key:
        return self.rule.code, self.subject


def judge(items: Iterable[Sorted]) -> None:
    """Ask every rule that listens about each newly stored reading, in the order they were measured."""
    stored = [item for item in items if item.outcome == InboxOutcome.STORED]
    tasks = [task for item in sorted(stored, key=lambda item: item.row.measured_at) for task in _tasks(item)]
    if tasks:
        _ask(tasks, _locked_states(tasks))


def _tasks(item: Sorted) -> Iterator[Task]:
    assignment, row = item.assignment, item.row
    assert assignment is not None
    observation = rules.Observation(
        kind=row.kind,
        value=row.value,
        at=row.measured_at,
        received_at=row.received_at,
        sensor=str(assignment.pk),
        placement=assignment.placement,
    )
    for rule in _rules_of(assignment):
        if rule.listens_to(row.kind):
            yield Task(rule, assignment, observation)


def _rules_of(assignment: Assignment) -> Iterator[rules.Rule[Any, Any]]:
    for rule in rules.RULES.values():
        shared = rule.scope == rules.Scope.RESIDENT
        if rule.applies_to(assignment.device.model.kinds, assignment.placement) and not (
            shared and assignment.resident_id is None
        ):
            yield rule


def _locked_states(tasks: list[Task]) -> dict[Key, RuleState]:
    """The states of all tasks, made where missing, locked in one order so that two workers never deadlock."""
    wanted = {task.key: task for task in tasks}
    found = _lock(wanted)
    missing = [_new_state(task) for key, task in wanted.items() if key not in found]
    if missing:
        RuleState.objects.bulk_create(missing, ignore_conflicts=True)
        found = _lock(wanted)
    return found


def _lock(wanted: Iterable[Key]) -> dict[Key, RuleState]:
    codes, subjects = {code for code, _ in wanted}, {subject for _, subject in wanted}
    about = Q(assignment__in=subjects) | Q(resident__in=subjects)
    states = RuleState.objects.filter(about, code__in=codes).order_by("pk").select_for_update(of=("self",))
    return {_key(state): state for state in states}


def _new_state(task: Task) -> RuleState:
    if task.resident:
        return RuleState(code=task.rule.code, resident_id=task.resident)
    return RuleState(code=task.rule.code, assignment_id=task.assignment.pk)


def _ask(tasks: list[Task], states: dict[Key, RuleState]) -> None:
    settings = _settings(states)
    changed: dict[int, RuleState] = {}
    for task in tasks:
        setting = settings.get(task.key)
        if setting is not None and not setting.enabled:
            continue
        state = states[task.key]
        if _evaluate(task, state, setting.settings if setting else {}):
            changed[state.pk] = state
    # An upsert of rows that are locked here, as in devices/actions.py: much quicker than bulk_update.
    RuleState.objects.bulk_create(
        changed.values(), update_conflicts=True, unique_fields=["id"], update_fields=["state", "wake_at"]
    )


def _settings(keys: Iterable[Key]) -> dict[Key, RuleSetting]:
    subjects = {subject for _, subject in keys}
    rows = RuleSetting.objects.filter(Q(assignment__in=subjects) | Q(resident__in=subjects))
    return {_key(row): row for row in rows}


def _evaluate(task: Task, row: RuleState, settings: dict[str, Any]) -> bool:
    """Ask one rule and do what it decides; returns whether its state has changed."""
    rule = task.rule
    decision = rule.evaluate(rule.state(row.state), task.observation, clock.now(), rule.settings(settings))
    for alert in decision.alerts:
        actions.raise_alarm(_cause(task, alert), alert)
    if decision.cleared:
        actions.clear([_cause(task, code=code).open_key for code in rule.codes])
    state, wake_at = rules.stored(decision.state), decision.wake_at
    if (state, wake_at) == (row.state, row.wake_at):
        return False
    row.state, row.wake_at = state, wake_at
    return True


def _cause(task: Task, alert: rules.Alert | None = None, *, code: str = "") -> actions.Cause:
    kind = rules.KINDS[code or (alert.code if alert else "") or task.rule.code]
    return actions.Cause(kind, str(task.subject), task.assignment.unit, task.assignment)


# --- The watch loop ------------------------------------------------------------------------------------------


@transaction.atomic
def wake_due(limit: int = 200) -> int:
    """Ask the rules whose time has come. Safe to run twice: each state is locked by one watcher."""
    due = RuleState.objects.filter(~_switched_off(), wake_at__lte=clock.now(), code__in=rules.RULES)
    states = list(due.order_by("wake_at").select_for_update(skip_locked=True, of=("self",))[:limit])
    watched = _assignments_of(states)
    tasks = [Task(rules.RULES[state.code], watched[state.pk]) for state in states if state.pk in watched]
    # What is not watched any more is forgotten: if it is taken up again, it gets a first look like any other.
    RuleState.objects.filter(pk__in=[state.pk for state in states if state.pk not in watched]).delete()
    _ask(tasks, {_key(state): state for state in states})
    return len(states)


def _switched_off() -> Exists:
    """Such a state keeps its time and is asked as soon as its rule is on again; it never stands before others."""
    same = Q(assignment=OuterRef("assignment")) | Q(resident=OuterRef("resident"))
    return Exists(RuleSetting.objects.filter(same, code=OuterRef("code"), enabled=False))


def _assignments_of(states: list[RuleState]) -> dict[int, Assignment]:
    """For each state an assignment that still collects; a state with none is not watched."""
    live = watched_assignments()
    by_id = {row.pk: row for row in live.filter(pk__in=[state.assignment_id for state in states])}
    of_resident: dict[UUID | None, list[Assignment]] = {}
    for row in live.filter(resident__in=[state.resident_id for state in states if state.resident_id]):
        of_resident.setdefault(row.resident_id, []).append(row)
    found = {}
    for state in states:
        candidates = [by_id[state.assignment_id]] if state.assignment_id in by_id else []
        candidates = candidates or of_resident.get(state.resident_id, [])
        fitting = [row for row in candidates if rules.RULES[state.code] in set(_rules_of(row))]
        if fitting:
            found[state.pk] = fitting[0]
    return found


def watched_assignments() -> Any:
    """Assignments whose readings the rules may expect now."""
    return (
        Assignment.objects.in_force().filter(collecting=CollectingState.ACTIVE).select_related("device__model", "unit")
    )


@transaction.atomic
def begin_watching() -> int:
    """Give every rule that waits for time to pass a first look at assignments that it has never been asked about."""
    have = {_key(state) for state in RuleState.objects.all()}
    fresh: dict[Key, RuleState] = {}
    for assignment in watched_assignments():
        for rule in _rules_of(assignment):
            task = Task(rule, assignment)
            if task.key not in have:
                fresh[task.key] = _new_state(task)
                fresh[task.key].wake_at = clock.now()
    RuleState.objects.bulk_create(fresh.values(), ignore_conflicts=True)
    return len(fresh)
