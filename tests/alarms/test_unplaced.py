"""What fits nowhere is never dropped: unknown devices, devices with nobody, messages not understood."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from alarms.models import Alarm
from alarms.states import Category, Priority
from devices.models import Assignment, Gateway, InboxOutcome, InboxReading, Reading
from safehome import clock
from safehome.residents.models import Resident
from tests.conftest import Place, Post
from tests.factories import AssignmentFactory, DeviceFactory, DeviceModelFactory, reading

Drain = Callable[[], int]


def outcomes() -> list[str]:
    return list(InboxReading.objects.values_list("outcome", flat=True))


def test_an_unknown_device_alarms_the_gateways_unit(gateway: Gateway, post_readings: Post, drain: Drain) -> None:
    post_readings(reading("nobody-knows", 1))
    drain()
    alarm = Alarm.objects.get()
    assert (alarm.code, alarm.category, alarm.unit) == ("unknown_device", Category.TECHNICAL, gateway.unit)
    assert alarm.detail == {"device": "nobody-knows", "kind": "motion"}
    assert outcomes() == [InboxOutcome.UNKNOWN_DEVICE]
    assert not Reading.objects.exists()


@pytest.mark.parametrize("kind", ["button", "fall", "smoke", "water"])
def test_a_call_from_an_unknown_device_rings_with_high_priority(post_readings: Post, drain: Drain, kind: str) -> None:
    post_readings(reading("nobody-knows", 1, kind=kind))
    drain()
    alarm = Alarm.objects.get()
    assert (alarm.priority, alarm.ringing) == (Priority.HIGH, True)


def test_the_same_unknown_device_is_one_alarm_with_a_count(post_readings: Post, drain: Drain) -> None:
    for minute in range(3):
        post_readings(reading("nobody-knows", 1, at=clock.now() - timedelta(minutes=minute)))
    drain()
    assert Alarm.objects.get().repeat_count == 3


def test_a_press_from_a_button_that_is_with_nobody_alarms(gateway: Gateway, post_readings: Post, drain: Drain) -> None:
    button = DeviceFactory.create(gateway=gateway, model=DeviceModelFactory.create(kinds=["button"]))
    post_readings(reading(button, 1))
    drain()
    alarm = Alarm.objects.get()
    assert (alarm.code, alarm.unit, alarm.priority) == ("unknown_device", gateway.unit, Priority.HIGH)
    assert outcomes() == [InboxOutcome.UNASSIGNED]


def test_movement_from_a_device_in_store_alarms_nobody(gateway: Gateway, post_readings: Post, drain: Drain) -> None:
    post_readings(reading(DeviceFactory.create(gateway=gateway), 1))
    drain()
    assert not Alarm.objects.exists()
    assert outcomes() == [InboxOutcome.UNASSIGNED]


def test_a_message_from_a_known_device_that_is_not_understood_alarms_its_unit(
    help_button: Assignment, post_readings: Post, drain: Drain
) -> None:
    receipt = post_readings(reading(help_button, "hjälp"))
    drain()
    alarm = Alarm.objects.get()
    assert (alarm.code, alarm.unit, alarm.priority) == ("unreadable_reading", help_button.unit, Priority.HIGH)
    assert receipt.accepted == 0
    assert outcomes() == [InboxOutcome.UNREADABLE]


def test_a_message_that_is_not_understood_alarms_once_an_hour_at_most(
    help_button: Assignment, post_readings: Post, drain: Drain
) -> None:
    for _ in range(3):
        post_readings(reading(help_button, "hjälp"))
    drain()
    assert Alarm.objects.get().repeat_count == 1


def test_text_that_a_database_cannot_hold_alarms_all_the_same(
    help_button: Assignment, post_readings: Post, drain: Drain
) -> None:
    post_readings(reading(help_button, 1, kind="but\x00ton"), reading("a\x00b", 1))
    drain()
    assert Alarm.objects.get().code == "unreadable_reading"


def test_nonsense_from_a_stranger_alarms_nobody(post_readings: Post, drain: Drain) -> None:
    """Its sender has the reason in the answer; there is no person behind it whom we know."""
    post_readings(reading("nobody-knows", "hjälp"))
    drain()
    assert not Alarm.objects.exists()


def test_a_device_of_another_gateway_is_not_believed(
    help_button: Assignment, post_readings: Post, foreign_gateway_token: str, drain: Drain
) -> None:
    receipt = post_readings(reading(help_button, 1), token=foreign_gateway_token)
    drain()
    assert (receipt.accepted, receipt.foreign) == (0, 1)
    assert not Alarm.objects.exists()


def test_the_assignment_is_the_one_in_force_at_the_readings_own_time(
    place_device: Place, post_readings: Post, drain: Drain, protected_resident: Resident
) -> None:
    moved_at = clock.now() - timedelta(days=2)
    before = place_device("button-9", ["button"])
    before.valid_to = moved_at
    before.save()
    AssignmentFactory.create(
        device=before.device,
        resident=protected_resident,
        unit=before.unit,
        label="armband",
        valid_from=moved_at,
        collecting_since=moved_at,
    )
    post_readings(reading(before, 1, at=moved_at - timedelta(seconds=1)), reading(before, 1, at=moved_at))
    drain()
    holders = Reading.objects.order_by("measured_at").values_list("assignment__resident__given_name", flat=True)
    assert list(holders) == ["Astrid", "Petra"]
    assert Alarm.objects.count() == 2
