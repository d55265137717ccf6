"""How much one gateway may send."""

from hypothesis import given
from hypothesis import strategies as st

from devices.intake.limits import Limits


class Clock:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def test_a_minutes_worth_goes_at_once_and_then_it_must_wait() -> None:
    limits = Limits(60, clock=Clock())
    assert [limits.wait("a") for _ in range(60)] == [0] * 60
    assert limits.wait("a") == 1


def test_it_refills_evenly() -> None:
    clock = Clock()
    limits = Limits(60, clock=clock)
    limits.wait("a", 60)
    clock.now = 10
    assert limits.wait("a", 10) == 0
    assert limits.wait("a", 5) == 5


def test_what_was_refused_costs_nothing() -> None:
    clock = Clock()
    limits = Limits(60, clock=clock)
    limits.wait("a", 60)
    for _ in range(10):
        limits.wait("a", 30)
    clock.now = 30
    assert limits.wait("a", 30) == 0


def test_more_than_a_minutes_worth_in_one_goes_when_nothing_else_has() -> None:
    """Else a batch that is allowed by size could never be sent."""
    limits = Limits(60, clock=Clock())
    assert limits.wait("a", 100) == 0
    assert limits.wait("a", 1) > 0


def test_one_gateway_does_not_use_up_anothers() -> None:
    limits = Limits(60, clock=Clock())
    limits.wait("a", 60)
    assert limits.wait("b", 60) == 0


def test_strangers_cannot_fill_the_memory() -> None:
    limits = Limits(60, keys=100, clock=Clock())
    for number in range(1_000):
        limits.wait(str(number))
    assert len(limits._buckets) == 100


@given(st.lists(st.tuples(st.floats(0, 30), st.integers(1, 40)), max_size=60))
def test_never_more_than_the_rate_and_one_minutes_worth(steps: list[tuple[float, int]]) -> None:
    clock = Clock()
    limits = Limits(60, clock=clock)
    taken = 0
    for pause, amount in steps:
        clock.now += pause
        taken += amount if limits.wait("a", amount) == 0 else 0
    assert taken <= 60 + clock.now + 40
