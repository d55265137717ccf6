"""The rules, driven: with their states, their settings, and the passing of time."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.test.utils import CaptureQueriesContext
from pytest_django import DjangoAssertNumQueries
from time_machine import TimeMachineFixture

from alarms import engine
from alarms.models import Alarm, RuleSetting, RuleState
from alarms.states import Category, Condition
from devices.actions import start_collecting, stop_collecting
from devices.models import Assignment
from safehome import clock
from tests.concurrency import at_once
from tests.conftest import Place, Post
from tests.factories import reading

Drain = Callable[[], int]
Later = Callable[..., int]


@pytest.fixture
def later(time_machine: TimeMachineFixture) -> Later:
    """`later(hours=24)`: so much later the watch loop asks the rules; returns how many states it looked at."""

    def passed(**time: float) -> int:
        time_machine.move_to(clock.now() + timedelta(**time), tick=False)
        return engine.wake_due()

    return passed


def codes() -> set[str]:
    return set(Alarm.objects.open().values_list("code", flat=True))


def test_a_device_that_has_never_been_heard_gets_a_first_look_and_is_told_silent(
    thermometer: Assignment, later: Later
) -> None:
    assert engine.begin_watching() > 0
    later(seconds=0)
    later(hours=25)
    alarm = Alarm.objects.get(code="device_silent")
    assert (alarm.category, alarm.assignment, alarm.ringing) == (Category.TECHNICAL, thermometer, False)


def test_nobody_gets_a_first_look_twice(thermometer: Assignment, motion_sensor: Assignment) -> None:
    engine.begin_watching()
    assert engine.begin_watching() == 0


def test_a_device_that_is_heard_again_clears_its_silence(
    thermometer: Assignment, post_readings: Post, drain: Drain, later: Later
) -> None:
    engine.begin_watching()
    later(seconds=0)
    later(hours=25)
    post_readings(reading(thermometer, 20))
    drain()
    assert Alarm.objects.get(code="device_silent").condition == Condition.CLEARED


def test_an_assignment_that_collects_nothing_is_not_asked_about(thermometer: Assignment, later: Later) -> None:
    engine.begin_watching()
    stop_collecting(thermometer)
    later(hours=25)
    later(hours=25)
    assert codes() == set()


def test_an_assignment_that_collects_again_is_watched_again(thermometer: Assignment, later: Later) -> None:
    engine.begin_watching()
    later(seconds=0)
    stop_collecting(thermometer)
    later(hours=25)
    start_collecting(thermometer)
    engine.begin_watching()
    later(seconds=0)
    assert codes() == set()
    later(hours=25)
    assert codes() == {"device_silent"}


def test_a_rule_that_is_switched_off_says_nothing_until_it_is_on_again(thermometer: Assignment, later: Later) -> None:
    setting = RuleSetting.objects.create(code="device_silent", assignment=thermometer, enabled=False)
    engine.begin_watching()
    later(hours=25)
    assert codes() == set()
    setting.enabled = True
    setting.save()
    later(seconds=0)
    later(hours=25)
    assert codes() == {"device_silent"}


def test_rules_that_are_switched_off_do_not_stand_before_others(
    thermometer: Assignment, place_device: Place, time_machine: TimeMachineFixture
) -> None:
    other = place_device("thermometer-2", ["temperature", "heartbeat"])
    engine.begin_watching()
    RuleState.objects.exclude(code="device_silent").delete()
    RuleSetting.objects.create(code="device_silent", assignment=thermometer, enabled=False)
    RuleState.objects.filter(assignment=other).update(wake_at=clock.now() + timedelta(minutes=1))
    time_machine.move_to(clock.now() + timedelta(minutes=2), tick=False)
    engine.wake_due(limit=1)
    assert RuleState.objects.get(assignment=other).state != {}


def test_a_rule_that_is_gone_from_the_code_stops_no_other(thermometer: Assignment, later: Later) -> None:
    RuleState.objects.create(code="retired_rule", assignment=thermometer, wake_at=clock.now() - timedelta(days=9))
    engine.begin_watching()
    later(seconds=0)
    later(hours=25)
    assert codes() == {"device_silent"}


def test_the_settings_of_the_assignment_count(thermometer: Assignment, post_readings: Post, drain: Drain) -> None:
    cool = [reading(thermometer, 18.5, at=clock.now() - timedelta(minutes=minutes)) for minutes in (80, 40, 0)]
    RuleSetting.objects.create(code="temperature", assignment=thermometer, settings={"low": 19.0, "minutes": 60})
    post_readings(*cool)
    drain()
    assert codes() == {"temperature"}


def test_the_defaults_stand_without_settings(thermometer: Assignment, post_readings: Post, drain: Drain) -> None:
    post_readings(*(reading(thermometer, 18.5, at=clock.now() - timedelta(minutes=m)) for m in (80, 40, 0)))
    drain()
    assert codes() == set()


def test_a_batch_is_judged_in_the_order_of_measuring(
    thermometer: Assignment, post_readings: Post, drain: Drain
) -> None:
    post_readings(*(reading(thermometer, 8, at=clock.now() - timedelta(minutes=m)) for m in (0, 80, 40)))
    drain()
    assert codes() == {"temperature"}


def test_all_of_a_home_share_one_state_of_a_rule_about_the_resident(
    motion_sensor: Assignment, door_sensor: Assignment, post_readings: Post, drain: Drain
) -> None:
    post_readings(reading(motion_sensor, 1), reading(door_sensor, 1))
    drain()
    state = RuleState.objects.get(code="inactivity")
    assert (state.resident, state.assignment) == (motion_sensor.resident, None)


def test_a_batch_costs_the_same_whatever_its_size(
    motion_sensor: Assignment,
    post_readings: Post,
    drain: Drain,
    django_assert_max_num_queries: DjangoAssertNumQueries,
) -> None:
    def cost(of: int) -> int:
        post_readings(*(reading(motion_sensor, 1, at=clock.now() - timedelta(seconds=n)) for n in range(of)))
        with django_assert_max_num_queries(200) as queries:
            drain()
        assert isinstance(queries, CaptureQueriesContext)
        return len(queries)

    cost(1)
    assert cost(100) == cost(10)


@pytest.mark.django_db(transaction=True)
def test_two_watchers_at_once_ask_a_rule_once(
    thermometer: Assignment, later: Later, time_machine: TimeMachineFixture
) -> None:
    engine.begin_watching()
    later(seconds=0)
    time_machine.move_to(clock.now() + timedelta(hours=25), tick=False)
    outcomes = at_once(engine.wake_due, engine.wake_due)
    assert [fault for fault in outcomes if isinstance(fault, Exception)] == []
    assert Alarm.objects.get(code="device_silent").repeat_count == 1
