"""The inbox: kept before anybody is told, and kept once however often it is sent."""

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from time_machine import TimeMachineFixture

from alarms import pipeline
from alarms.models import Alarm
from devices import actions
from devices.intake import inbox
from devices.intake.inbox import SAME_MESSAGE, Request, keep
from devices.intake.messages import parse
from devices.models import Assignment, Gateway, GatewayToken, InboxOutcome, InboxReading, Lane, Reading
from safehome import clock
from safehome.organisation.actions import token_digest
from tests.concurrency import at_once
from tests.conftest import Place, Post
from tests.factories import as_body, reading

Drain = Callable[[], int]


def test_the_receipt_counts_what_is_kept(motion_sensor: Assignment, post_readings: Post, gateway: Gateway) -> None:
    receipt = post_readings(reading(motion_sensor, 1), reading(motion_sensor, 7))
    assert (receipt.gateway, receipt.accepted, receipt.duplicates) == (gateway.pk, 1, 0)
    assert [bad.index for bad in receipt.bad] == [1]


def test_the_gateway_has_been_seen(motion_sensor: Assignment, post_readings: Post, gateway: Gateway) -> None:
    post_readings(reading(motion_sensor, 1))
    gateway.refresh_from_db()
    assert gateway.last_seen_at is not None


def test_the_same_reading_without_an_id_is_kept_once(motion_sensor: Assignment, post_readings: Post) -> None:
    same = reading(motion_sensor, 1)
    assert post_readings(same).accepted == 1
    again = post_readings(same, same)
    assert (again.accepted, again.duplicates) == (0, 2)
    assert InboxReading.objects.count() == 1


def test_twice_in_one_request_is_kept_once(motion_sensor: Assignment, post_readings: Post) -> None:
    same = reading(motion_sensor, 1, id="m1")
    receipt = post_readings(same, same)
    assert (receipt.accepted, receipt.duplicates) == (1, 1)


def test_another_value_at_the_same_moment_is_news(motion_sensor: Assignment, post_readings: Post) -> None:
    at = clock.now()
    assert post_readings(reading(motion_sensor, 1, at=at), reading(motion_sensor, 0, at=at)).accepted == 2


def test_an_id_counts_for_its_device_and_kind_only(
    motion_sensor: Assignment, door_sensor: Assignment, thermometer: Assignment, post_readings: Post
) -> None:
    receipt = post_readings(
        reading(motion_sensor, 1, id="1"),
        reading(door_sensor, 1, id="1"),
        reading(thermometer, 20, id="1"),
        reading(thermometer, 90, id="1", kind="battery"),
    )
    assert (receipt.accepted, receipt.duplicates) == (4, 0)


def test_ids_of_two_gateways_do_not_meet(
    motion_sensor: Assignment, post_readings: Post, foreign_gateway_token: str
) -> None:
    post_readings(reading(motion_sensor, 1, id="1"))
    assert post_readings(reading("their-sensor", 1, id="1"), token=foreign_gateway_token).accepted == 1


@pytest.mark.parametrize("apart", [timedelta(0), timedelta(minutes=3), SAME_MESSAGE])
def test_an_id_that_comes_back_at_nearly_the_same_time_is_the_same_message(
    help_button: Assignment, post_readings: Post, apart: timedelta
) -> None:
    at = clock.now()
    post_readings(reading(help_button, 1, id="7", at=at))
    again = post_readings(reading(help_button, 1, id="7", at=at - apart))
    assert (again.accepted, again.duplicates, again.reused_ids) == (0, 1, [])


def test_an_id_that_comes_back_much_later_is_a_press_of_its_own(
    help_button: Assignment, post_readings: Post, drain: Drain
) -> None:
    """A gateway that counts from 1 again after a new battery must not swallow a call for help."""
    at = clock.now()
    post_readings(reading(help_button, 1, id="1", at=at - SAME_MESSAGE - timedelta(seconds=1)))
    receipt = post_readings(reading(help_button, 1, id="1", at=at))
    assert (receipt.accepted, receipt.reused_ids) == (1, ["1"])
    drain()
    assert Alarm.objects.get().repeat_count == 2


def test_a_reused_id_sent_again_is_still_one_press(help_button: Assignment, post_readings: Post) -> None:
    at = clock.now()
    first, second = (reading(help_button, 1, id="1", at=at - ago) for ago in (timedelta(hours=5), timedelta(0)))
    post_readings(first)
    post_readings(second)
    receipt = post_readings(second, first)
    assert (receipt.accepted, receipt.duplicates) == (0, 2)
    assert InboxReading.objects.count() == 2


def test_a_copy_that_comes_after_the_inbox_was_emptied_has_no_effect(
    help_button: Assignment, post_readings: Post, drain: Drain, time_machine: TimeMachineFixture
) -> None:
    same = reading(help_button, 1, id="7")
    post_readings(same)
    drain()
    time_machine.move_to(clock.now() + actions.INBOX_KEPT + timedelta(days=1), tick=False)
    assert actions.empty_old_inbox() == 1
    post_readings(same)
    drain()
    assert InboxReading.objects.get().outcome == InboxOutcome.DUPLICATE
    assert Reading.objects.count() == 1
    assert Alarm.objects.get().repeat_count == 1


def test_what_is_not_settled_stays_in_the_inbox(
    motion_sensor: Assignment, post_readings: Post, time_machine: TimeMachineFixture
) -> None:
    post_readings(reading(motion_sensor, 1))
    time_machine.move_to(clock.now() + timedelta(days=400), tick=False)
    assert actions.empty_old_inbox() == 0


@pytest.mark.parametrize(
    "spoil",
    [
        pytest.param(lambda: GatewayToken.objects.update(revoked_at=clock.now()), id="revoked"),
        pytest.param(lambda: Gateway.objects.update(is_active=False), id="gateway not active"),
    ],
)
def test_a_token_that_is_no_good_keeps_nothing(
    motion_sensor: Assignment, post_readings: Post, spoil: Callable[[], object]
) -> None:
    spoil()
    assert post_readings(reading(motion_sensor, 1)).gateway is None
    assert not InboxReading.objects.exists()


def test_while_one_token_replaces_another_both_are_good(
    motion_sensor: Assignment, post_readings: Post, gateway: Gateway
) -> None:
    fresh = actions.issue_gateway_token(gateway)
    assert post_readings(reading(motion_sensor, 1, id="a")).accepted == 1
    assert post_readings(reading(motion_sensor, 1, id="b"), token=fresh).accepted == 1


def test_only_the_hash_of_a_token_is_kept(gateway: Gateway) -> None:
    plain = actions.issue_gateway_token(gateway)
    assert plain not in str(GatewayToken.objects.values())


def test_requests_of_several_gateways_share_a_commit_and_have_a_receipt_each(
    motion_sensor: Assignment, gateway_token: str, foreign_gateway_token: str
) -> None:
    def request(token: str, *readings: dict[str, Any]) -> Request:
        return Request(token_digest(token), parse(as_body(*readings), clock.now(), at_most=10))

    own = reading(motion_sensor, 1)
    receipts = keep(
        [
            request(gateway_token, own),
            request("nonsense", own),
            request(foreign_gateway_token, own),
            request(gateway_token, own),
        ]
    )
    assert [(receipt.gateway is not None, receipt.accepted) for receipt in receipts] == [
        (True, 1),
        (False, 0),
        (True, 0),
        (True, 0),
    ]
    assert (receipts[2].foreign, receipts[3].duplicates) == (1, 1)


def test_the_latest_is_the_last_measured_and_not_the_last_received(
    thermometer: Assignment, post_readings: Post, drain: Drain
) -> None:
    now = clock.now()
    post_readings(reading(thermometer, 22, at=now))
    drain()
    post_readings(reading(thermometer, 4, at=now - timedelta(hours=6)))
    drain()
    assert Reading.objects.latest_times() == {thermometer.pk: now}
    assert Reading.objects.first().value == 22  # type: ignore[union-attr]
    thermometer.device.refresh_from_db()
    assert thermometer.device.last_seen_at == now


def test_a_wrong_clock_is_kept_with_the_time_of_arrival_and_flagged(
    motion_sensor: Assignment, post_readings: Post, drain: Drain, time_machine: TimeMachineFixture
) -> None:
    time_machine.move_to(clock.now(), tick=False)
    post_readings(reading(motion_sensor, 1, at="1970-01-01T00:00:07Z"))
    drain()
    kept = Reading.objects.get()
    assert (kept.clock_skewed, kept.measured_at) == (True, kept.received_at)


@pytest.mark.django_db(transaction=True)
def test_copies_that_come_at_once_are_kept_once(motion_sensor: Assignment, post_readings: Post) -> None:
    same = reading(motion_sensor, 1, id="m1")
    outcomes = at_once(*[lambda: post_readings(same)] * 4)
    assert [fault for fault in outcomes if isinstance(fault, Exception)] == []
    assert InboxReading.objects.count() == 1


messages = st.lists(st.integers(0, 5), min_size=1, max_size=25)


@settings(max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(sent=messages, drained=st.lists(st.booleans(), min_size=25, max_size=25))
def test_any_interleaving_of_resends_has_one_effect(
    sent: list[int],
    drained: list[bool],
    place_device: Place,
    gateway_token: str,
) -> None:
    """Six presses of one button, some with an id and some without, sent and sent again in any order, settled or not
    in between: each is one reading and one press."""
    button = _fresh_button(place_device)
    start = clock.now() - timedelta(hours=2)
    presses = [
        reading(button, 1, at=start + timedelta(minutes=number)) | ({"id": str(number)} if number % 2 else {})
        for number in range(6)
    ]
    digest = token_digest(gateway_token)
    for number, settle in zip(sent, drained, strict=False):
        body = json.dumps(presses[number]).encode()
        inbox.keep([Request(digest, parse(body, clock.now(), at_most=1))])
        if settle:
            pipeline.drain(Lane.URGENT)
    pipeline.drain(Lane.URGENT)
    assert Reading.objects.filter(assignment=button).count() == len(set(sent))
    assert Alarm.objects.get(assignment=button).repeat_count == len(set(sent))


def _fresh_button(place_device: Place) -> Assignment:
    return place_device(f"button-{Assignment.objects.count()}", ["button"])
