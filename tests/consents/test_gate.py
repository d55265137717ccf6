"""The gate: what may be kept follows from the assignment's collecting state and the reading's own time."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alarms.models import Alarm
from consents.gate import Collecting, Grounds, Refusal, may_collect
from devices.actions import start_collecting, stop_collecting
from devices.models import Assignment, CollectingState, InboxOutcome, InboxReading, Reading, RefusedCount
from safehome import clock
from tests.conftest import Place, Post
from tests.factories import reading

START = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
SECOND = timedelta(seconds=1)
Drain = Callable[[], int]


@pytest.mark.parametrize(
    ("state", "since", "measured_at", "refusal"),
    [
        (Collecting.ACTIVE, START, START, None),
        (Collecting.ACTIVE, START, START + SECOND, None),
        (Collecting.ACTIVE, START, START - SECOND, Refusal.BEFORE_START),
        (Collecting.PLANNED, START, START + SECOND, Refusal.NOT_STARTED),
        (Collecting.PLANNED, None, START, Refusal.NOT_STARTED),
        (Collecting.ACTIVE, None, START, Refusal.NOT_STARTED),
        (Collecting.STOPPED, START, START + SECOND, Refusal.STOPPED),
        (Collecting.STOPPED, START, START - SECOND, Refusal.STOPPED),
    ],
)
def test_the_gate(state: Collecting, since: datetime | None, measured_at: datetime, refusal: Refusal | None) -> None:
    decision = may_collect(Grounds(state, since), measured_at, START + 2 * SECOND)
    assert (decision.refusal, decision.allowed) == (refusal, refusal is None)


@pytest.mark.parametrize(
    ("measured_at", "now", "refusal"),
    [
        (START, START, None),
        (START, START + SECOND, Refusal.GROUND_ENDED),
        (START + SECOND, START, Refusal.GROUND_ENDED),
    ],
)
def test_once_the_ground_has_ended_nothing_is_kept_whenever_it_was_measured(
    measured_at: datetime, now: datetime, refusal: Refusal | None
) -> None:
    grounds = Grounds(Collecting.ACTIVE, START - SECOND, START + SECOND)
    assert may_collect(grounds, measured_at, now).refusal == refusal


MOMENTS = st.datetimes(timezones=st.just(UTC))


@given(
    state=st.sampled_from(Collecting),
    since=st.none() | MOMENTS,
    until=st.none() | MOMENTS,
    measured_at=MOMENTS,
    now=MOMENTS,
)
def test_nothing_passes_but_what_was_measured_while_it_collects(
    state: Collecting, since: datetime | None, until: datetime | None, measured_at: datetime, now: datetime
) -> None:
    allowed = may_collect(Grounds(state, since, until), measured_at, now).allowed
    lawful_then = since is not None and since <= measured_at and (until is None or measured_at < until)
    lawful_now = until is None or now < until
    assert allowed is (state is Collecting.ACTIVE and lawful_then and lawful_now)


def test_the_stored_states_are_the_gates_own() -> None:
    assert {state.value for state in Collecting} == set(CollectingState.values)


def test_a_new_assignment_collects_nothing_until_it_is_started(
    motion_sensor: Assignment, post_readings: Post, drain: Drain
) -> None:
    Assignment.objects.filter(pk=motion_sensor.pk).update(
        collecting=Assignment._meta.get_field("collecting").get_default(), collecting_since=None
    )
    post_readings(reading(motion_sensor, 1))
    drain()
    assert not Reading.objects.exists()
    motion_sensor.refresh_from_db()
    start_collecting(motion_sensor)
    post_readings(reading(motion_sensor, 1))
    drain()
    assert Reading.objects.count() == 1


def test_what_is_refused_is_counted_and_not_stored(
    motion_sensor: Assignment, post_readings: Post, drain: Drain
) -> None:
    stop_collecting(motion_sensor)
    post_readings(*(reading(motion_sensor, 1, at=clock.now() - minute * 60 * SECOND) for minute in range(3)))
    drain()
    assert not Reading.objects.exists()
    count = RefusedCount.objects.get()
    assert (count.assignment, count.reason, count.count) == (motion_sensor, "stopped", 3)
    rows = InboxReading.objects.all()
    assert {(row.outcome, row.value) for row in rows} == {(InboxOutcome.REFUSED, None)}


def test_counts_add_up_from_one_batch_to_the_next(motion_sensor: Assignment, post_readings: Post, drain: Drain) -> None:
    stop_collecting(motion_sensor)
    for minute in range(3):
        post_readings(reading(motion_sensor, 1, at=clock.now() - minute * 60 * SECOND))
        drain()
    assert RefusedCount.objects.get().count == 3


def test_a_late_reading_from_before_the_stop_is_refused_as_well(
    motion_sensor: Assignment, post_readings: Post, drain: Drain
) -> None:
    stop_collecting(motion_sensor)
    post_readings(reading(motion_sensor, 1, at=clock.now() - timedelta(days=3)))
    drain()
    assert not Reading.objects.exists()


def test_what_was_measured_before_the_start_is_refused(
    motion_sensor: Assignment, post_readings: Post, drain: Drain
) -> None:
    start_collecting(motion_sensor, since=clock.now() - timedelta(hours=1))
    post_readings(reading(motion_sensor, 1, at=clock.now() - timedelta(hours=2)))
    drain()
    assert RefusedCount.objects.get().reason == Refusal.BEFORE_START.value
    assert not Reading.objects.exists()


def test_no_alarm_comes_of_what_a_refused_sensor_believes(
    place_device: Place, post_readings: Post, drain: Drain
) -> None:
    for kind in ("fall", "smoke", "water", "motion", "bed"):
        sensor = place_device(f"{kind}-9", [kind])
        stop_collecting(sensor)
        post_readings(reading(sensor, 1))
    drain()
    assert not Alarm.objects.exists()


def test_a_refused_device_is_still_known_to_be_alive(
    thermometer: Assignment, post_readings: Post, drain: Drain
) -> None:
    stop_collecting(thermometer)
    post_readings(reading(thermometer, 80, kind="battery"))
    drain()
    thermometer.device.refresh_from_db()
    assert thermometer.device.last_seen_at is not None
    assert thermometer.device.battery == 80
