"""Deliveries: leased to one sender at a time, sent only once the provider has answered, at least once."""

from collections.abc import Iterator
from datetime import timedelta
from threading import Barrier
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone
from pytest_django import Settings
from time_machine import TimeMachineFixture

from safehome.outbox import actions
from safehome.outbox.actions import BACKOFF_S, GIVE_UP_AFTER, LEASE, Undeliverable
from safehome.outbox.models import Delivery, DeliveryState
from tests.concurrency import at_once
from tests.outbox import pigeon

pytestmark = pytest.mark.django_db
ALARM = UUID(int=7)


@pytest.fixture(autouse=True)
def pigeons(settings: Settings) -> Iterator[None]:
    settings.OUTBOX_CHANNELS = {"pigeon": "tests.outbox.pigeon.send"}
    pigeon.reset()
    yield
    pigeon.reset()


def queue(key: str = "a", *, subject: UUID = ALARM, **payload: Any) -> Delivery:
    actions.queue(key=key, channel="pigeon", recipient="Norr", subject=subject, payload=payload)
    return Delivery.objects.get(key=key)


def lost(delivery: Delivery) -> None:
    raise ConnectionError("the pigeon got lost")


def refused(delivery: Delivery) -> None:
    raise Undeliverable("no such loft")


def test_it_is_sent_and_then_marked_sent() -> None:
    delivery = queue()
    assert actions.send_due() == 1
    delivery.refresh_from_db()
    assert (delivery.state, delivery.attempts, delivery.leased_until) == (DeliveryState.SENT, 1, None)
    assert delivery.sent_at is not None
    assert pigeon.arrived == ["a"]


def test_it_is_not_sent_twice() -> None:
    queue()
    actions.send_due()
    assert actions.send_due() == 0
    assert pigeon.arrived == ["a"]


def test_the_same_key_twice_is_one_delivery() -> None:
    queue(text="first")
    queue(text="second")
    assert Delivery.objects.get().payload == {"text": "first"}


def test_it_is_gone_when_what_caused_it_is_rolled_back() -> None:
    with transaction.atomic():
        queue()
        transaction.set_rollback(True)
    assert not Delivery.objects.exists()


def test_a_sender_that_dies_between_claim_and_sending_delays_it_by_its_lease(
    time_machine: TimeMachineFixture,
) -> None:
    delivery = queue()
    assert actions._claim() == delivery  # and then the process is killed
    assert actions.send_due() == 0
    time_machine.move_to(timezone.now() + LEASE + timedelta(seconds=1), tick=False)
    assert actions.send_due() == 1
    assert pigeon.arrived == ["a"]


def test_a_provider_that_fails_is_tried_again_after_longer_and_longer_pauses(
    time_machine: TimeMachineFixture,
) -> None:
    delivery = queue()
    pigeon.fly_like(lost)
    time_machine.move_to(timezone.now(), tick=False)
    for attempt, pause in enumerate([*BACKOFF_S, BACKOFF_S[-1]], start=1):
        assert actions.send_due() == 0
        delivery.refresh_from_db()
        assert (delivery.state, delivery.attempts) == (DeliveryState.WAITING, attempt)
        assert delivery.due_at == timezone.now() + timedelta(seconds=pause)
        assert "got lost" in delivery.last_error
        time_machine.move_to(delivery.due_at, tick=False)
    pigeon.fly_like(pigeon.straight)
    assert actions.send_due() == 1


def test_it_is_given_up_in_the_end(time_machine: TimeMachineFixture) -> None:
    delivery = queue()
    pigeon.fly_like(lost)
    for _ in range(GIVE_UP_AFTER):
        time_machine.move_to(timezone.now() + timedelta(hours=1), tick=False)
        actions.send_due()
    delivery.refresh_from_db()
    assert (delivery.state, delivery.sent_at) == (DeliveryState.FAILED, None)
    time_machine.move_to(timezone.now() + timedelta(hours=1), tick=False)
    pigeon.fly_like(pigeon.straight)
    assert actions.send_due() == 0


def test_what_can_never_be_delivered_is_not_tried_again(time_machine: TimeMachineFixture) -> None:
    delivery = queue()
    pigeon.fly_like(refused)
    actions.send_due()
    delivery.refresh_from_db()
    assert (delivery.state, delivery.attempts, delivery.last_error) == (DeliveryState.FAILED, 1, "no such loft")


def test_one_that_fails_holds_up_no_other() -> None:
    queue("a")
    queue("b")
    pigeon.fly_like(lambda delivery: lost(delivery) if delivery.key == "a" else None)
    assert actions.send_due() == 1
    assert pigeon.arrived == ["b"]


def test_a_slow_provider_does_not_use_up_the_lease_of_the_next(time_machine: TimeMachineFixture) -> None:
    """The second is leased when its turn comes, not while the first is on its way."""
    queue("a")
    queue("b")
    states: list[int] = []

    def slow(delivery: Delivery) -> None:
        states.append(Delivery.objects.filter(leased_until__gt=timezone.now()).count())

    pigeon.fly_like(slow)
    actions.send_due()
    assert states == [1, 1]


def test_what_is_cancelled_does_not_leave() -> None:
    queue("a")
    queue("b")
    other = uuid4()
    queue("c", subject=other)
    assert actions.cancel(ALARM) == 2
    assert actions.send_due() == 1
    assert pigeon.arrived == ["c"]


def test_what_has_been_sent_stays_sent_when_cancelled() -> None:
    delivery = queue()
    actions.send_due()
    assert actions.cancel(ALARM) == 0
    delivery.refresh_from_db()
    assert delivery.state == DeliveryState.SENT


def test_an_unknown_channel_waits_for_whoever_configures_it() -> None:
    actions.queue(key="a", channel="smoke signal", recipient="Norr", subject=ALARM, payload={})
    assert actions.send_due() == 0
    assert Delivery.objects.get().state == DeliveryState.WAITING


def test_the_database_forbids_a_sent_delivery_without_a_time() -> None:
    delivery = queue()
    with pytest.raises(IntegrityError), transaction.atomic():
        Delivery.objects.filter(pk=delivery.pk).update(state=DeliveryState.SENT)


@pytest.mark.django_db(transaction=True)
def test_two_senders_at_once_send_each_once() -> None:
    for number in range(10):
        queue(str(number))
    outcomes = at_once(*[actions.send_due] * 3)
    assert [fault for fault in outcomes if isinstance(fault, Exception)] == []
    assert sorted(pigeon.arrived) == [str(number) for number in range(10)]


@pytest.mark.django_db(transaction=True)
def test_while_one_sender_waits_for_the_provider_another_takes_the_next() -> None:
    both_on_their_way = Barrier(2)
    pigeon.fly_like(lambda delivery: both_on_their_way.wait(10))
    queue("a")
    queue("b")
    assert at_once(actions.send_due, actions.send_due) == [1, 1]
