"""The way from the inbox: one row that cannot be judged holds up nobody and is never a silence."""

from collections.abc import Callable
from functools import partial

import pytest

from alarms import pipeline
from alarms.models import Alarm, RuleSetting, RuleState
from alarms.states import Priority
from devices.models import Assignment, InboxOutcome, InboxReading, Lane, Reading
from tests.concurrency import at_once
from tests.conftest import Place, Post
from tests.factories import reading

Drain = Callable[[], int]


@pytest.fixture
def broken(place_device: Place) -> Assignment:
    """A button whose rule cannot be asked: its state in the store is nonsense."""
    button = place_device("button-broken", ["button"])
    RuleState.objects.create(code="help_button", assignment=button, state={"pressed_at": "nonsense"})
    return button


def test_the_lanes_are_apart(help_button: Assignment, motion_sensor: Assignment, post_readings: Post) -> None:
    receipt = post_readings(reading(help_button, 1), reading(motion_sensor, 1))
    assert receipt.lanes == {Lane.URGENT, Lane.READINGS}
    assert pipeline.drain(Lane.URGENT) == 1
    assert Reading.objects.get().kind == "button"
    assert Alarm.objects.count() == 1


def test_what_cannot_be_judged_holds_up_nobody(
    broken: Assignment, help_button: Assignment, post_readings: Post, drain: Drain
) -> None:
    post_readings(reading(broken, 1), reading(help_button, 1))
    drain()
    assert Alarm.objects.get().assignment == help_button
    assert InboxReading.objects.filter(settled_at=None).count() == 1


def test_after_three_tries_a_person_is_told(broken: Assignment, post_readings: Post) -> None:
    post_readings(reading(broken, 1))
    for _ in range(pipeline.TRIES):
        assert not Alarm.objects.exists()
        pipeline.drain(Lane.URGENT)
    alarm = Alarm.objects.get()
    assert (alarm.code, alarm.priority, alarm.ringing) == ("unreadable_reading", Priority.HIGH, True)
    assert InboxReading.objects.get().outcome == InboxOutcome.FAILED


def test_what_was_mended_in_time_is_judged_as_if_nothing_had_been(broken: Assignment, post_readings: Post) -> None:
    post_readings(reading(broken, 1))
    pipeline.drain(Lane.URGENT)
    RuleState.objects.update(state={})
    pipeline.drain(Lane.URGENT)
    assert Alarm.objects.get().code == "help_button"
    assert Reading.objects.count() == 1


def test_settings_out_of_bounds_become_an_alarm_and_not_a_silence(thermometer: Assignment, post_readings: Post) -> None:
    RuleSetting.objects.create(code="temperature", assignment=thermometer, settings={"low": 900})
    post_readings(reading(thermometer, 8))
    for _ in range(pipeline.TRIES):
        pipeline.drain(Lane.READINGS)
    assert Alarm.objects.get().code == "unreadable_reading"


def test_a_settled_row_keeps_no_value(motion_sensor: Assignment, post_readings: Post, drain: Drain) -> None:
    post_readings(reading(motion_sensor, 1))
    drain()
    row = InboxReading.objects.get()
    assert (row.outcome, row.value) == (InboxOutcome.STORED, None)
    assert row.settled_at is not None
    assert Reading.objects.get().value == 1


@pytest.mark.django_db(transaction=True)
def test_workers_that_drain_at_once_settle_each_row_once(
    help_button: Assignment, motion_sensor: Assignment, post_readings: Post
) -> None:
    post_readings(*(reading(motion_sensor, n % 2, id=f"m{n}") for n in range(40)))
    post_readings(*(reading(help_button, 1, id=f"b{n}") for n in range(10)))
    outcomes = at_once(*(partial(pipeline.drain, lane) for lane in Lane for _ in range(2)))
    assert [fault for fault in outcomes if isinstance(fault, Exception)] == []
    for lane in Lane:
        pipeline.drain(lane)
    assert Reading.objects.count() == 50
    assert not InboxReading.objects.exclude(outcome=InboxOutcome.STORED).exists()
    assert Alarm.objects.get().repeat_count == 10
