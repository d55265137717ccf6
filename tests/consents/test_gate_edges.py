"""Edges of the gate that the machine (test_gate_machine.py) has found, each told by itself."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from time_machine import TimeMachineFixture

from consents import actions
from consents.gate import Emergency, Facts, Ground, Need, Why, weigh
from consents.kinds import Answer
from consents.models import Consent, Purpose
from consents.policies import Giver
from devices.models import Assignment, CollectingState, Reading
from safehome import clock
from safehome.residents.models import Resident
from tests.conftest import Post
from tests.consents.conftest import Say
from tests.factories import ResidentFactory, reading

NOW = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)
SHE, SENSORS = UUID(int=1), UUID(int=2)


def ground(why: Why, hours_ago: int, *, held: bool = False) -> Ground:
    """An answer some hours ago; held ones stood for half an hour."""
    at = NOW - hours_ago * HOUR
    return Ground(SHE, SENSORS, at if held else None, at + HOUR / 2 if held else None, why, at)


@pytest.mark.parametrize(
    ("said", "allowed"),
    [
        ([], True),
        ([ground(Why.REFUSED, 1)], False),
        ([ground(Why.ENDED, 1, held=True)], False),
        ([ground(Why.EXPIRED, 1, held=True)], True),
        ([ground(Why.REFUSED, 2), ground(Why.ASKED, 1)], False),
        ([ground(Why.REFUSED, 3), ground(Why.EXPIRED, 2, held=True), ground(Why.ASKED, 1)], True),
        ([ground(Why.REFUSED, 2), ground(Why.ANNULLED, 1)], False),
        ([ground(Why.ANNULLED, 1)], True),
    ],
)
def test_an_emergency_stands_against_everything_but_the_last_word_being_no(said: list[Ground], allowed: bool) -> None:
    facts = Facts((Need(SHE, SENSORS),), tuple(said), (Emergency(NOW - HOUR, NOW + HOUR),))
    assert weigh(facts, NOW).allowed is allowed


def test_what_was_measured_between_two_consents_is_not_kept(
    purpose: Purpose,
    motion_sensor: Assignment,
    resident: Resident,
    astrid: Giver,
    say: Say,
    post_readings: Post,
    drain: Callable[[], int],
    time_machine: TimeMachineFixture,
) -> None:
    """The first ended by the clock, and nobody had looked before the second was given."""
    start = clock.now()
    consent = Consent.objects.get(resident=resident)
    Consent.objects.filter(pk=consent.pk).update(valid_until=start + HOUR)
    resident.save()  # weighs anew
    time_machine.move_to(start + 3 * HOUR, tick=False)
    actions.ask(resident, purpose, by=None)
    say(astrid, Answer.YES)
    post_readings(reading(motion_sensor, 1, at=start + 2 * HOUR), reading(motion_sensor, 1, at=start + 3 * HOUR))
    drain()
    assert [row.measured_at for row in Reading.objects.all()] == [start + 3 * HOUR]


def test_who_moves_out_is_waited_for_no_more(motion_sensor: Assignment, resident: Resident) -> None:
    motion_sensor.purposes.update(cohabitants=True)
    other = ResidentFactory.create(home=resident.home)
    motion_sensor.refresh_from_db()
    assert motion_sensor.collecting == CollectingState.STOPPED
    other.home = None
    other.save()
    motion_sensor.refresh_from_db()
    assert motion_sensor.collecting == CollectingState.ACTIVE
