"""Who is told next, and when. Pure: a plan, where the alarm stands, who is on duty and the time.

The plan is taken when the alarm is raised and kept with it, so that a change of settings never loses a step.
"""

from collections.abc import Collection
from datetime import datetime, timedelta
from uuid import UUID

import msgspec

from alarms.states import Category, Handling

TECHNICAL_REMINDER_S = 8 * 60 * 60
CLOSE_WITHIN_S = 2 * 60 * 60


class Step(msgspec.Struct, frozen=True):
    """A unit, and how long it has before the alarm goes on to the next step too."""

    unit: UUID
    wait_s: int


class Plan(msgspec.Struct, frozen=True):
    """Steps in order; the last one repeats until a person acts."""

    steps: tuple[Step, ...]
    arrive_within_s: int
    close_within_s: int = CLOSE_WITHIN_S


class Move(msgspec.Struct, frozen=True):
    """What happens now: the step reached, the units told for the first time, and when to look again."""

    step: int
    new_units: tuple[UUID, ...]
    next_action_at: datetime


def make_plan(chain: list[tuple[UUID, int]], category: Category, *, arrive_within_s: int) -> Plan:
    """A plan from a chain of (unit, seconds to accept). Only help goes from unit to unit."""
    if category is not Category.HELP:
        return Plan((Step(chain[0][0], TECHNICAL_REMINDER_S),), TECHNICAL_REMINDER_S, TECHNICAL_REMINDER_S)
    return Plan(tuple(Step(unit, wait_s) for unit, wait_s in chain), arrive_within_s)


def first_move(plan: Plan, staffed: Collection[UUID], now: datetime) -> Move:
    """An alarm is raised: its own unit is told, and as long as nobody is on duty there, the next at once."""
    return _reach(plan, 0, (plan.steps[0].unit,), staffed, now)


def next_move(plan: Plan, step: int, handling: Handling, staffed: Collection[UUID], now: datetime) -> Move:
    """A clock has lapsed. On site only a reminder is due; else the next unit is told too, or the last one again."""
    if handling is Handling.ON_SITE or step + 1 >= len(plan.steps):
        return Move(step, (), now + timedelta(seconds=plan.steps[step].wait_s))
    return _reach(plan, step + 1, (plan.steps[step + 1].unit,), staffed, now)


def _reach(plan: Plan, step: int, told: tuple[UUID, ...], staffed: Collection[UUID], now: datetime) -> Move:
    """An empty step is skipped at once; its unit is told all the same."""
    while plan.steps[step].unit not in staffed and step + 1 < len(plan.steps):
        step += 1
        told = (*told, plan.steps[step].unit)
    return Move(step, told, now + timedelta(seconds=plan.steps[step].wait_s))


def arrival_due(plan: Plan, accepted_at: datetime) -> datetime:
    """Accepting does not stop the clock: by then somebody must be there."""
    return accepted_at + timedelta(seconds=plan.arrive_within_s)


def closing_due(plan: Plan, arrived_at: datetime) -> datetime:
    return arrived_at + timedelta(seconds=plan.close_within_s)
