"""A demo whose time ran ahead goes on from there, at whatever speed."""

from datetime import timedelta

import pytest
from django.conf import LazySettings

from safehome import clock


@pytest.fixture(autouse=True)
def time_as_it_was(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock, "_ahead", timedelta(0))


@pytest.mark.parametrize("speed", [1, 60])
def test_time_goes_on_from_where_it_had_come_to(speed: float, settings: LazySettings) -> None:
    settings.SAFEHOME_CLOCK_SPEED = speed
    reached = clock.now() + timedelta(days=2)
    clock.resume(reached)
    assert timedelta(0) <= clock.now() - reached < timedelta(minutes=1)


def test_time_is_never_put_back() -> None:
    before = clock.now()
    clock.resume(before - timedelta(days=2))
    assert clock.now() >= before
