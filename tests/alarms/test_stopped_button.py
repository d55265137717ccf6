"""Whoever presses a stopped help button asks for help, whatever they have said about data."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from alarms.models import Alarm
from alarms.states import Category, Priority
from consents import actions as consents
from consents.kinds import Answer, GivenBy
from consents.models import Consent
from consents.policies import Giver
from devices.actions import stop_collecting
from devices.models import Assignment, InboxReading, Reading, RefusedCount
from safehome import clock
from safehome.residents.models import Resident
from tests.conftest import Post
from tests.factories import reading

Drain = Callable[[], int]


@pytest.fixture
def stopped(help_button: Assignment, resident: Resident) -> Assignment:
    """Astrid has taken her consent back."""
    consent = Consent.objects.get(resident=resident)
    consents.answer(consent.pk, Answer.NO, giver=Giver(GivenBy.SELF, resident, resident.user))
    help_button.refresh_from_db()
    return help_button


def test_it_is_a_help_alarm_to_the_units_that_had_it(stopped: Assignment, post_readings: Post, drain: Drain) -> None:
    post_readings(reading(stopped, 1))
    drain()
    alarm = Alarm.objects.get()
    assert (alarm.code, alarm.category, alarm.priority) == ("stopped_device_called", Category.HELP, Priority.HIGH)
    assert (alarm.unit, alarm.resident, alarm.assignment) == (stopped.unit, stopped.resident, stopped)
    assert alarm.ringing
    assert "button-1" in alarm.sentence


def test_the_press_is_counted_and_not_stored(stopped: Assignment, post_readings: Post, drain: Drain) -> None:
    post_readings(reading(stopped, 1))
    drain()
    assert not Reading.objects.exists()
    assert RefusedCount.objects.get().count == 1
    row = InboxReading.objects.get()
    assert (row.kind, row.value) == ("", None)


def test_a_second_press_calls_again(stopped: Assignment, post_readings: Post, drain: Drain) -> None:
    for second in range(2):
        post_readings(reading(stopped, 1, at=clock.now() - timedelta(seconds=second)))
        drain()
    assert Alarm.objects.get().repeat_count == 2


def test_letting_the_button_go_is_no_call(stopped: Assignment, post_readings: Post, drain: Drain) -> None:
    post_readings(reading(stopped, 0))
    drain()
    assert not Alarm.objects.exists()


def test_its_battery_is_no_call(stopped: Assignment, post_readings: Post, drain: Drain) -> None:
    post_readings(reading(stopped, 3, kind="battery"))
    drain()
    assert not Alarm.objects.exists()


def test_a_button_that_staff_have_stopped_calls_too(help_button: Assignment, post_readings: Post, drain: Drain) -> None:
    stop_collecting(help_button)
    post_readings(reading(help_button, 1))
    drain()
    assert Alarm.objects.get().code == "stopped_device_called"


def test_nobody_who_has_died_calls(
    help_button: Assignment, resident: Resident, post_readings: Post, drain: Drain
) -> None:
    resident.died_on = clock.now().astimezone(clock.local_zone()).date()
    resident.save()
    post_readings(reading(help_button, 1))
    drain()
    alarm = Alarm.objects.get()
    assert (alarm.code, alarm.category) == ("stopped_device_left", Category.TECHNICAL)
    assert not Reading.objects.exists()
