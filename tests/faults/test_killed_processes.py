"""kill -9 while readings stream in: what was accepted is not lost, and nothing is doubled."""

from collections import Counter
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

from alarms.models import Alarm
from devices.models import Assignment, InboxOutcome, InboxReading, Reading
from safehome import clock
from tests.conftest import Place
from tests.factories import reading
from tests.faults.scene import Gateway, Scene
from tests.processes import eventually

READINGS = 200
EVERY_TENTH = 10
TOGETHER = 5
REQUESTS = READINGS // TOGETHER


@pytest.fixture
def buttons(place_device: Place) -> list[Assignment]:
    return [place_device(f"button-{number}", ["button"]) for number in range(4)]


def stream(motion_sensor: Assignment, buttons: list[Assignment]) -> Iterator[list[dict[str, Any]]]:
    """Movement, and every tenth time somebody presses one of four buttons; a few readings in each request."""
    start = clock.now() - timedelta(seconds=READINGS)
    readings = []
    for number in range(READINGS):
        presses = number % EVERY_TENTH == 0
        device = buttons[number // EVERY_TENTH % len(buttons)] if presses else motion_sensor
        value = 1 if presses else number % 2
        readings.append(reading(device, value, id=str(number), at=start + timedelta(seconds=number)))
    return (readings[first : first + TOGETHER] for first in range(0, READINGS, TOGETHER))


def settled() -> bool:
    return InboxReading.objects.count() == READINGS and not InboxReading.objects.filter(settled_at=None).exists()


def presses_by_button() -> Counter[str]:
    return Counter(Reading.objects.filter(kind="button").values_list("assignment__device__external_id", flat=True))


KILLED_AT = REQUESTS // 3
BACK_AT = {"worker": 2 * KILLED_AT, "watch": 2 * KILLED_AT, "redis": 2 * KILLED_AT, "web": KILLED_AT}
"""Without the web server nothing is accepted, so it is started again at once; until it answers the gateway repeats."""


@pytest.mark.parametrize("victim", BACK_AT)
def test_nothing_accepted_is_lost_and_nothing_is_doubled(
    victim: str, scene: Scene, gateway_token: str, motion_sensor: Assignment, buttons: list[Assignment]
) -> None:
    gateway = Gateway(scene.port, gateway_token)
    for number, sent in enumerate(stream(motion_sensor, buttons)):
        if number == KILLED_AT:
            scene.kill(victim)
        if number == BACK_AT[victim]:
            scene.restart(victim)
        gateway.send(sent)
    assert eventually(settled)
    assert Reading.objects.count() == READINGS
    assert set(InboxReading.objects.values_list("outcome", flat=True)) == {InboxOutcome.STORED}
    assert presses_by_button() == {f"button-{number}": READINGS // EVERY_TENTH // 4 for number in range(4)}
    alarms = Alarm.objects.filter(code="help_button")
    assert dict(alarms.values_list("assignment__device__external_id", "repeat_count")) == presses_by_button()


def test_with_the_worker_and_redis_gone_for_good_the_watch_loop_raises_the_alarm(
    scene: Scene, gateway_token: str, buttons: list[Assignment]
) -> None:
    scene.kill("worker")
    scene.kill("redis")
    Gateway(scene.port, gateway_token).send([reading(buttons[0], 1)])
    assert eventually(lambda: Alarm.objects.filter(code="help_button").exists())
