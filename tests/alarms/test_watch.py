"""The watch loop: what must happen although nobody sends anything, and although much is broken."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta

import pytest
from django.db import DatabaseError, connection
from pytest_django import Settings
from time_machine import TimeMachineFixture

from alarms import watch
from alarms.models import Alarm, Pulse
from alarms.watch import Sweep
from consents.texts import publishing
from devices.models import Assignment, InboxReading
from safehome import clock
from safehome.audit.models import AccessEntry
from safehome.organisation.models import User
from safehome.outbox import actions as outbox
from safehome.outbox.models import Delivery
from tests.conftest import Post
from tests.factories import reading
from tests.outbox import pigeon

pytestmark = pytest.mark.django_db(transaction=True)


@contextmanager
def watching() -> Iterator[None]:
    """The watch loop runs beside, as in embedded mode."""
    stop = threading.Event()

    def run() -> None:
        try:
            watch.run(stop)
        finally:
            connection.close()

    thread = threading.Thread(target=run)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join(20)
        assert not thread.is_alive()


def eventually(condition: Callable[[], bool]) -> bool:
    """Whether it comes to be; gives up only when nothing can be expected any more."""
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        if condition():
            return True
        time.sleep(0.05)
    return False


def test_it_settles_a_stuck_inbox_without_any_broker(
    help_button: Assignment, post_readings: Post, shift: User, time_machine: TimeMachineFixture
) -> None:
    post_readings(reading(help_button, 1))
    time_machine.move_to(clock.now() + watch.STUCK_AFTER + timedelta(seconds=1), tick=False)
    assert watch.drain_stuck() == 1
    assert Alarm.objects.get().code == "help_button"


def test_it_leaves_fresh_readings_to_the_workers(help_button: Assignment, post_readings: Post) -> None:
    post_readings(reading(help_button, 1))
    assert watch.drain_stuck() == 0
    assert InboxReading.objects.filter(settled_at=None).exists()


def test_a_sweep_that_fails_stops_no_other_and_comes_again(monkeypatch: pytest.MonkeyPatch) -> None:
    tries: list[str] = []

    def failing() -> None:
        tries.append("failing")
        raise DatabaseError("the store is away")

    todo = [Sweep("failing", 0, failing), Sweep("working", 0, lambda: tries.append("working"))]
    monkeypatch.setattr(watch, "sweeps", lambda: todo)
    with watching():
        assert eventually(lambda: tries.count("failing") > 1)
    assert tries[:4] == ["failing", "working", "failing", "working"]


def test_all_its_work_is_done_while_it_runs(
    help_button: Assignment, post_readings: Post, shift: User, settings: Settings
) -> None:
    post_readings(reading(help_button, 1))
    InboxReading.objects.update(received_at=clock.now() - timedelta(minutes=1))
    AccessEntry.objects.create(action="read", resource="alarm", system="web")
    with watching():
        assert eventually(lambda: Alarm.objects.exists())
        assert eventually(lambda: Delivery.objects.filter(state="sent").exists())
        assert eventually(lambda: AccessEntry.objects.filter(link__isnull=False).exists())
        assert eventually(lambda: Pulse.objects.filter(name=watch.PULSE).exists())
    assert Delivery.objects.get().attempts == 1


def test_a_provider_that_never_answers_stops_no_alarm_clock(alarm: Alarm, settings: Settings) -> None:
    answer = threading.Event()
    settings.OUTBOX_CHANNELS = {"email": "tests.outbox.pigeon.send"}
    pigeon.fly_like(lambda delivery: answer.wait(60))
    Alarm.objects.update(next_action_at=clock.now())
    with watching():
        assert eventually(lambda: Alarm.objects.get().step > 0)
        assert not pigeon.arrived
        answer.set()
    pigeon.reset()


def test_the_outbox_is_swept_by_it() -> None:
    assert [sweep.work for sweep in watch.sending()] == [outbox.send_due, publishing.speak_missing]
