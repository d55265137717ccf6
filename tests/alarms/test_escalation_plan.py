"""The escalation plan, which is pure: who is told next, and when."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alarms import escalation
from alarms.escalation import Move, Plan, Step
from alarms.states import OPEN, Category, Handling

NOW = datetime(2026, 3, 2, 2, 10, tzinfo=UTC)
HOME, NIGHT, CENTRE = (UUID(int=number) for number in (1, 2, 3))
PLAN = Plan((Step(HOME, 180), Step(NIGHT, 240), Step(CENTRE, 120)), arrive_within_s=2_400)
ALL = {HOME, NIGHT, CENTRE}


def in_s(seconds: int) -> datetime:
    return NOW + timedelta(seconds=seconds)


@pytest.mark.parametrize(
    ("staffed", "expected"),
    [
        pytest.param(ALL, Move(0, (HOME,), in_s(180)), id="its own unit is on duty"),
        pytest.param({NIGHT, CENTRE}, Move(1, (HOME, NIGHT), in_s(240)), id="an empty unit is skipped at once"),
        pytest.param({CENTRE}, Move(2, (HOME, NIGHT, CENTRE), in_s(120)), id="two empty units are skipped"),
        pytest.param(set(), Move(2, (HOME, NIGHT, CENTRE), in_s(120)), id="nobody anywhere: everybody is told"),
    ],
)
def test_when_raised(staffed: set[UUID], expected: Move) -> None:
    assert escalation.first_move(PLAN, staffed, NOW) == expected


@pytest.mark.parametrize(
    ("step", "handling", "staffed", "expected"),
    [
        pytest.param(0, Handling.RAISED, ALL, Move(1, (NIGHT,), in_s(240)), id="goes on to the next"),
        pytest.param(0, Handling.RAISED, {CENTRE}, Move(2, (NIGHT, CENTRE), in_s(120)), id="skips an empty unit"),
        pytest.param(2, Handling.RAISED, ALL, Move(2, (), in_s(120)), id="the last step repeats"),
        pytest.param(0, Handling.ACCEPTED, ALL, Move(1, (NIGHT,), in_s(240)), id="nobody came: goes on too"),
        pytest.param(0, Handling.ON_SITE, ALL, Move(0, (), in_s(180)), id="on site only a reminder"),
    ],
)
def test_when_a_clock_lapses(step: int, handling: Handling, staffed: set[UUID], expected: Move) -> None:
    assert escalation.next_move(PLAN, step, handling, staffed, NOW) == expected


def test_accepting_gives_until_arrival_and_arriving_until_closing() -> None:
    assert escalation.arrival_due(PLAN, NOW) == in_s(2_400)
    assert escalation.closing_due(PLAN, NOW) == in_s(escalation.CLOSE_WITHIN_S)


@pytest.mark.parametrize("category", [Category.TECHNICAL, Category.INFORMATION])
def test_only_help_goes_from_unit_to_unit(category: Category) -> None:
    plan = escalation.make_plan([(HOME, 180), (NIGHT, 240)], category, arrive_within_s=2_400)
    assert plan.steps == (Step(HOME, escalation.TECHNICAL_REMINDER_S),)


plans = st.lists(st.tuples(st.uuids(), st.integers(10, 3_600)), min_size=1, max_size=6, unique_by=lambda s: s[0]).map(
    lambda chain: escalation.make_plan(chain, Category.HELP, arrive_within_s=2_400)
)


@given(plan=plans, handlings=st.lists(st.sampled_from(OPEN), max_size=12), data=st.data())
def test_every_open_alarm_has_a_next_action_within_the_longest_wait(
    plan: Plan, handlings: list[Handling], data: st.DataObject
) -> None:
    units = [step.unit for step in plan.steps]
    longest = timedelta(seconds=max(step.wait_s for step in plan.steps))
    on_duty = st.sets(st.sampled_from(units))
    now, move = NOW, escalation.first_move(plan, data.draw(on_duty), NOW)
    for handling in handlings:
        assert now < move.next_action_at <= now + longest
        now = move.next_action_at
        move = escalation.next_move(plan, move.step, handling, data.draw(on_duty), now)
    assert now < move.next_action_at <= now + longest


@given(plan=plans, data=st.data())
def test_each_unit_is_told_once_in_order_until_all_are(plan: Plan, data: st.DataObject) -> None:
    units = [step.unit for step in plan.steps]
    on_duty = st.sets(st.sampled_from(units))
    move = escalation.first_move(plan, data.draw(on_duty), NOW)
    told = [*move.new_units]
    for _ in plan.steps:
        move = escalation.next_move(plan, move.step, Handling.RAISED, data.draw(on_duty), NOW)
        told += move.new_units
    assert told == units


@given(plan=plans, data=st.data())
def test_it_never_waits_for_an_empty_unit_but_the_last(plan: Plan, data: st.DataObject) -> None:
    units = [step.unit for step in plan.steps]
    staffed = data.draw(st.sets(st.sampled_from(units)))
    step = data.draw(st.integers(0, len(units) - 1))
    for move in (
        escalation.first_move(plan, staffed, NOW),
        escalation.next_move(plan, step, Handling.RAISED, staffed, NOW),
    ):
        assert plan.steps[move.step].unit in staffed or move.step == len(units) - 1 or move.step == step
