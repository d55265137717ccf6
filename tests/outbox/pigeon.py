"""A provider of our own to send by: a pigeon, which may get lost, be refused, or take its time."""

from collections.abc import Callable

from safehome.outbox.models import Delivery

arrived: list[str] = []


def straight(delivery: Delivery) -> None:
    """The pigeon finds its way."""


flight: Callable[[Delivery], object] = straight


def fly_like(manner: Callable[[Delivery], object]) -> None:
    global flight
    flight = manner


def reset() -> None:
    arrived.clear()
    fly_like(straight)


def send(delivery: Delivery) -> None:
    flight(delivery)
    arrived.append(delivery.key)
